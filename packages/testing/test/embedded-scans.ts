/** Iterators of the fuzz: opened, advanced a little at a time between other operations, and held to what they promise. */
import type { KeyText, ModelEntry } from './embedded-model.ts';
import { show, type Value, type World } from './embedded-world.ts';
import type { Word } from './embedded-words.ts';

interface Bounds {
  gt?: Value;
  gte?: Value;
  lt?: Value;
  lte?: Value;
  reverse?: boolean;
  limit?: number;
}

function latin1(key: Value): KeyText {
  return Buffer.from(key as string).toString('latin1');
}

function isInside(key: KeyText, { gt, gte, lt, lte }: Bounds): boolean {
  return (
    (gt === undefined || key > latin1(gt)) &&
    (gte === undefined || key >= latin1(gte)) &&
    (lt === undefined || key < latin1(lt)) &&
    (lte === undefined || key <= latin1(lte))
  );
}

/**
 * An iterator under way. It must give keys in order, each live with the value it has at that moment, and by its end every
 * key that was there all the time.
 */
class Scan {
  private readonly world: World;
  private readonly iterator: Iterator<string | [string, Value], undefined>;
  private readonly isReverse: boolean;
  private readonly covers: (key: KeyText) => boolean;
  private left: number;
  private last: KeyText | undefined;
  private owed: Set<KeyText> | null = null;

  constructor(
    world: World,
    iterator: Iterator<string | [string, Value], undefined>,
    covers: (key: KeyText) => boolean,
    bounds: Bounds,
  ) {
    this.world = world;
    this.iterator = iterator;
    this.isReverse = bounds.reverse === true;
    this.covers = covers;
    this.left = bounds.limit ?? Number.POSITIVE_INFINITY;
  }

  lost(key: KeyText): void {
    this.owed?.delete(key);
  }

  /** Takes up to `count` entries; false at the end. */
  advance(count: number): boolean {
    const { world } = this;
    // An iterator begins with its first `next`.
    this.owed ??= new Set(world.model.keys(world.nowMs).filter(this.covers));
    for (let i = 0; i < count; i++) {
      const { value, done } = this.iterator.next();
      if (done === true) {
        this.end();
        return false;
      }
      this.take(value);
    }
    return true;
  }

  private end(): void {
    const { world } = this;
    if (this.left === 0) return;
    const missed = [...(this.owed as Set<KeyText>)].filter((key) => world.model.get(key, world.nowMs) !== undefined);
    world.check(
      missed.length === 0,
      () => `a scan missed ${missed.length} keys such as ${JSON.stringify(missed[0].slice(0, 60))}`,
    );
  }

  private take(given: string | [string, Value]): void {
    const { world } = this;
    const text = typeof given === 'string' ? given : given[0];
    const word = world.byText.get(text) as Word;
    world.check(word !== undefined, () => `a scan gave ${JSON.stringify(text.slice(0, 60))}, which is no key`);
    const key = word.bytes.toString('latin1');
    const { last } = this;
    const isOrdered = last === undefined || (this.isReverse ? key < last : key > last);
    world.check(
      isOrdered,
      () => `a scan gave ${JSON.stringify(key.slice(0, 60))} after ${JSON.stringify(last?.slice(0, 60))}`,
    );
    world.check(this.covers(key), () => `a scan gave ${JSON.stringify(key.slice(0, 60))} outside of its range`);
    const entry = world.get(word) as ModelEntry;
    world.check(entry !== undefined, () => `a scan gave ${JSON.stringify(key.slice(0, 60))}, which is gone`);
    if (typeof given !== 'string') {
      const value = given[1];
      const same = typeof value === 'string' ? value === entry.value.toString('utf8') : entry.value.equals(value);
      world.check(same, () => `a scan gave another value of ${JSON.stringify(key.slice(0, 60))} than ${show(entry)}`);
    }
    world.check(this.left > 0, () => 'a scan gave more than its limit');
    this.left--;
    this.last = key;
    this.owed?.delete(key);
  }
}

const OPEN_MAX = 3;

export class Scans {
  private readonly world: World;
  private open: Scan[] = [];
  private generation = 0;

  constructor(world: World) {
    this.world = world;
    world.model.onGone = (key) => {
      for (const scan of this.open) scan.lost(key);
    };
  }

  /** Opens an iterator, or goes on with one; now and then to its end. */
  advance(): string {
    const { world } = this;
    if (this.generation !== world.generation) this.open = [];
    this.generation = world.generation;
    if (this.open.length < OPEN_MAX && (this.open.length === 0 || world.below(3) === 0)) this.open.push(this.begin());
    const index = world.below(this.open.length);
    const count = world.below(3) === 0 ? Number.POSITIVE_INFINITY : 1 + world.below(100);
    if (!this.open[index].advance(count)) this.open.splice(index, 1);
    return `${count} entries of scan ${index}`;
  }

  private begin(): Scan {
    const { world } = this;
    const { db } = world.driven;
    const bounds: Bounds = {};
    if (world.below(2) === 0) bounds.reverse = world.below(2) === 0;
    if (world.below(4) === 0) bounds.limit = world.below(20);
    if (world.below(3) === 0) return this.beginPrefix(bounds);
    if (world.below(3) > 0) bounds[world.below(2) === 0 ? 'gt' : 'gte'] = world.pick(world.keys).given;
    if (world.below(3) > 0) bounds[world.below(2) === 0 ? 'lt' : 'lte'] = world.pick(world.keys).given;
    const covers = (key: KeyText) => isInside(key, bounds);
    const kind = world.below(4);
    if (kind === 0) return new Scan(world, db.keys(bounds), covers, bounds);
    if (kind === 1) return new Scan(world, db.entries(), () => true, {});
    return new Scan(world, db.range(bounds), covers, bounds);
  }

  private beginPrefix(bounds: Bounds): Scan {
    const { world } = this;
    const { given, bytes } = world.pick(world.keys);
    const isText = typeof given === 'string' && world.below(2) === 0;
    const prefix = isText
      ? given.slice(0, world.below(given.length + 1))
      : bytes.subarray(0, world.below(bytes.length + 1));
    const start = latin1(prefix);
    const iterator = world.driven.db.scanPrefix(prefix, bounds);
    return new Scan(world, iterator, (key) => key.startsWith(start), bounds);
  }
}
