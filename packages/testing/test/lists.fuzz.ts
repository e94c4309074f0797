/**
 * The model-based fuzz of lists against arrays, with power cuts at any write, checkpoints and compaction in small segments.
 *
 * `always`: after a cut the store must hold the model, or the model without the operation that was cut. `interval`: chunks
 * stay unsealed for many operations and are changed in place; after a cut the store must be as it was after one of the
 * operations since the last commit. Now and then what was done since then is refused, and must be undone.
 */
import { CutFuzz } from './cut-fuzz.ts';

const KEYS = 5;
const WORDS = 12;
const UNCOMMITTED_MAX = 40;
/** More than what makes chunks that were sealed small become one. */
const BURST_PUSHES = 45;

type Model = Map<string, string[]>;

export interface ListSetup {
  seed: number;
  operations: number;
  durability: 'always' | 'interval';
  cutOneIn: number;
}

export class ListFuzz extends CutFuzz {
  private readonly setup: ListSetup;
  private model: Model = new Map();
  /** What the store may be after a cut: as it was after each operation since what is known to be durable. */
  private history: Model[] = [new Map()];
  override readonly tally = { cuts: 0, checkpoints: 0, compactedSegments: 0, elements: 0 };

  constructor(setup: ListSetup) {
    super(setup.seed, 32, { durability: setup.durability, mutableRegionSize: '256kb' });
    this.setup = setup;
  }

  async run(): Promise<void> {
    const { setup, tally } = this;
    for (let i = 0; i < setup.operations; i++) {
      try {
        await this.step();
        if (i % 25 === 0) this.compare();
      } catch (cause) {
        throw new Error(`seed ${setup.seed}, operation ${i}: ${(cause as Error).message}`, { cause });
      }
    }
    this.reopenAtEnd();
    this.compare();
    for (const list of this.model.values()) tally.elements += list.length;
  }

  private async step(): Promise<void> {
    const { device, setup } = this;
    this.cutSoon(setup.cutOneIn);
    try {
      if (this.below(40) === 0) this.burst();
      this.operate();
      this.history.push(copyOf(this.model));
      if (setup.durability === 'always' || this.history.length > this.below(UNCOMMITTED_MAX)) this.commit();
      this.work();
      await this.settle();
    } catch (error) {
      if (!device.isCut) throw error;
      this.history.push(copyOf(this.model));
    }
    if (device.isCut) this.compareAfterCut();
  }

  /** Pushes that are committed one by one: a chunk each, until these become one. */
  private burst(): void {
    const key = `list${this.below(KEYS)}`;
    const atHead = this.below(2) === 0;
    for (let i = 0; i < BURST_PUSHES; i++) {
      const list = this.model.get(key) ?? [];
      const word = `w${this.below(WORDS)}`;
      this.keep(key, atHead ? [word, ...list] : [...list, word]);
      this.history.push(copyOf(this.model));
      if (atHead) this.driven.db.lpush(key, word);
      else this.driven.db.rpush(key, word);
      this.commit();
    }
  }

  private commit(): void {
    if (this.setup.durability === 'interval') this.driven.db.commitSync();
    this.history = [copyOf(this.model)];
  }

  protected override onReopened(): void {
    this.history = [copyOf(this.model)];
  }

  private compareAfterCut(): void {
    const crash = this.reopenAfterCut();
    const found = this.read();
    const before = this.history.findLast((each) => isSame(found, each));
    if (before === undefined) {
      throw new Error(`after a power cut (${crash}) the store holds ${describe(found, this.model)}`);
    }
    this.model = copyOf(before);
    this.history = [copyOf(before)];
    // What was written and not synced may not be there after the next cut.
    this.driven.db.commitSync();
  }

  private word(): string {
    const dice = this.below(60);
    const length = dice === 0 ? this.below(30_000) : dice < 12 ? this.below(6000) : dice < 20 ? this.below(150) : 0;
    return `word${this.below(WORDS)}`.padEnd(length, 'x');
  }

  private words(): string[] {
    const many = this.below(12) === 0 ? 300 : 6;
    return Array.from({ length: 1 + this.below(many) }, () => (many > 6 ? `w${this.below(WORDS)}` : this.word()));
  }

  /** Changes the store and the model: the model first, for the call may not return. */
  private operate(): void {
    const { model, driven } = this;
    const { db } = driven;
    const key = `list${this.below(KEYS)}`;
    const list = model.get(key) ?? [];
    const dice = this.below(100);
    if (dice < 2) {
      model.delete(key);
      db.del(key);
    } else if (dice < 20) {
      const words = this.words();
      this.keep(key, [...words.toReversed(), ...list]);
      expectSame(db.lpush(key, ...words), list.length + words.length);
    } else if (dice < 40) {
      const words = this.words();
      this.keep(key, [...list, ...words]);
      expectSame(db.rpush(key, ...words), list.length + words.length);
    } else if (dice < 60) this.pop(key, list, dice % 2 === 0);
    else if (dice < 68 && list.length > 0) {
      const index = this.below(list.length);
      const word = this.word();
      this.keep(key, list.with(index, word));
      expectSame(db.lset(key, index, word), true);
    } else if (dice < 78 && list.length > 0) this.insert(key, list);
    else if (dice < 84) this.remove(key, list);
    else if (dice < 88) {
      const start = this.below(8);
      const stop = list.length - 1 - this.below(8);
      this.keep(key, list.slice(start, Math.max(start, stop + 1)));
      // A negative index would be one from the end.
      db.ltrim(key, start, stop < 0 ? -1 - list.length : stop);
    } else this.move(key, list);
  }

  private keep(key: string, list: string[]): void {
    if (list.length === 0) this.model.delete(key);
    else this.model.set(key, list);
  }

  private pop(key: string, list: string[], atHead: boolean): void {
    const count = this.below(10) === 0 ? this.below(400) : this.below(4);
    const taken = atHead ? list.slice(0, count) : list.slice(Math.max(0, list.length - count)).toReversed();
    this.keep(key, atHead ? list.slice(count) : list.slice(0, Math.max(0, list.length - count)));
    const { db } = this.driven;
    const popped = atHead ? db.lpop(key, count) : db.rpop(key, count);
    if (popped.join() !== taken.join()) throw new Error(`${key} popped ${popped.length} others than ${taken.length}`);
  }

  private insert(key: string, list: string[]): void {
    const pivot = list[this.below(list.length)];
    const word = this.word();
    const isAfter = this.below(2) === 0;
    const at = list.indexOf(pivot) + (isAfter ? 1 : 0);
    this.keep(key, list.toSpliced(at, 0, word));
    expectSame(this.driven.db.linsert(key, isAfter ? 'after' : 'before', pivot, word), list.length + 1);
  }

  private remove(key: string, list: string[]): void {
    const word = list.length > 0 && this.below(5) > 0 ? list[this.below(list.length)] : this.word();
    const count = this.below(5) - 2;
    let left = count === 0 ? list.length : Math.abs(count);
    const isKept = (each: string): boolean => each !== word || left-- <= 0;
    const kept = count < 0 ? list.toReversed().filter(isKept).toReversed() : list.filter(isKept);
    this.keep(key, kept);
    expectSame(this.driven.db.lrem(key, count, word), list.length - kept.length);
  }

  private move(key: string, list: string[]): void {
    const to = `list${this.below(KEYS)}`;
    const ends = ['left', 'right'] as const;
    const [fromEnd, toEnd] = [ends[this.below(2)], ends[this.below(2)]];
    const moved = fromEnd === 'left' ? list[0] : list[list.length - 1];
    if (moved !== undefined) {
      this.keep(key, fromEnd === 'left' ? list.slice(1) : list.slice(0, -1));
      const target = this.model.get(to) ?? [];
      this.keep(to, toEnd === 'left' ? [moved, ...target] : [...target, moved]);
    }
    expectSame(this.driven.db.lmove(key, to, fromEnd, toEnd), moved);
  }

  private read(): Model {
    const { db } = this.driven;
    const found: Model = new Map();
    for (let i = 0; i < KEYS; i++) if (db.has(`list${i}`)) found.set(`list${i}`, db.lrange(`list${i}`));
    return found;
  }

  private compare(): void {
    const { db } = this.driven;
    const found = this.read();
    if (!isSame(found, this.model)) throw new Error(`the store holds ${describe(found, this.model)}`);
    for (const [key, list] of this.model) {
      expectSame(db.llen(key), list.length);
      for (let i = 0; i < 5; i++) {
        const index = this.below(list.length);
        expectSame(db.lindex(key, index), list[index]);
        expectSame(db.lpos(key, list[index], { rank: -1 }), list.lastIndexOf(list[index]));
      }
    }
  }
}

function expectSame(result: unknown, expected: unknown): void {
  if (result !== expected) throw new Error(`returned ${String(result)}, not ${String(expected)}`);
}

function copyOf(model: Model): Model {
  return new Map([...model].map(([key, list]) => [key, [...list]]));
}

function isSame(one: Model, other: Model): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([key, list]) => {
    const same = other.get(key);
    return same !== undefined && same.length === list.length && list.every((word, i) => word === same[i]);
  });
}

function describe(found: Model, model: Model): string {
  const keys = [...new Set([...found.keys(), ...model.keys()])];
  const show = (list: string[] | undefined): string => (list === undefined ? 'nothing' : `${list.length} elements`);
  const differ = keys.filter((key) => (found.get(key) ?? []).join() !== (model.get(key) ?? []).join());
  return differ.map((key) => `${key}: ${show(found.get(key))} instead of ${show(model.get(key))}`).join('; ');
}
