/** Two stores, one written to by methods, the other by commands, from the same seed: they answer alike and hold the same. */
import { SimClock } from '@ferrite/testing';
import { expect, it } from 'vitest';
import { TestClient } from '../../test/test-client.ts';
import { Instance } from '../instance/instance.ts';
import { openDriven, Prng } from '../module.ts';
import type { StreamEntry } from './stream-options.ts';

const STEPS = 1500;
/** All of it has an effect now and then. */
const DONE = 'ack add autoclaim claim create del destroy history leave pending range read reverse trim'.split(' ');
const START_MS = 1_700_000_000_000;

function open() {
  const clock = new SimClock();
  const driven = openDriven<string>({}, { device: null, clock, prng: new Prng(1) });
  return { ...driven, clock, client: new TestClient(new Instance(driven.store)) };
}

/** Replies as clients get them. */
function asReply(entries: readonly StreamEntry<string>[] | undefined): unknown {
  return (entries ?? []).map(({ id, fields }) => [id, fields.size === 0 ? null : [...fields].flat()]);
}

/** Of one stream, or nothing at all. */
function asRead(read: Map<string, StreamEntry<string>[]>): unknown {
  return read.size === 0 ? null : [...read].map(([key, entries]) => [key, asReply(entries)]);
}

/** The two stores, and what is drawn for both. */
class Twins {
  readonly prng: Prng;
  readonly own = open();
  readonly other = open();
  readonly db = this.own.db;
  /** What was done with effect, how often. */
  readonly done = new Map<string, number>();
  /** IDs that entries got. */
  readonly added = [`${START_MS}-0`];
  /** The methods acknowledge one entry less. */
  readonly spoils: boolean;

  constructor(seed: number, spoils: boolean) {
    this.prng = new Prng(seed);
    this.spoils = spoils;
    this.advance(START_MS - this.own.clock.nowMs());
  }

  advance(ms: number): void {
    this.own.clock.advance(ms);
    this.other.clock.advance(ms);
  }

  below(count: number): number {
    return this.prng.nextBelow(count);
  }

  name(letter: string, count: number): string {
    return `${letter}${this.below(count)}`;
  }

  /** Of one of the entries added last. */
  id(): string {
    return this.added[Math.max(0, this.added.length - 1 - this.below(30))];
  }

  /** The method answers, or throws, as the command does. */
  same(what: string, method: () => unknown, ...words: (string | number)[]): void {
    let answer: unknown;
    try {
      answer = method();
    } catch (error) {
      answer = (error as { code: string }).code;
    }
    const reply = this.other.client.send(...words) as unknown;
    const shown = `${what} ${words.join(' ')}`;
    if (reply instanceof Error) expect(answer, `${shown}: ${reply.message}`).toMatch(/^FERRITE_/);
    else expect(answer, shown).toEqual(reply);
    if (what === 'add' && typeof reply === 'string') this.added.push(reply);
    const isEmpty =
      reply instanceof Error || reply === null || reply === 0 || (Array.isArray(reply) && reply.length === 0);
    if (!isEmpty) this.done.set(what, (this.done.get(what) ?? 0) + 1);
  }
}

function add(twins: Twins): void {
  const { db, own } = twins;
  const [k, n] = [twins.name('s', 2), twins.below(100)];
  const most = twins.below(4) === 0 ? 1 + twins.below(40) : undefined;
  const id = `${own.clock.nowMs()}-*`;
  const trim = most === undefined ? [] : ['MAXLEN', most];
  twins.same(
    'add',
    () => db.xadd(k, { n: `${n}`, text: 'v' }, { maxLength: most, id }),
    'XADD',
    k,
    ...trim,
    id,
    'n',
    n,
    'text',
    'v',
  );
}

function changeEntries(twins: Twins): void {
  const { db } = twins;
  const [k, one, other] = [twins.name('s', 2), twins.id(), twins.id()];
  twins.same('del', () => db.xdel(k, one, other), 'XDEL', k, one, other);
  if (twins.below(3) === 0) twins.same('trim', () => db.xtrim(k, { minId: one }), 'XTRIM', k, 'MINID', one);
}

function readEntries(twins: Twins): void {
  const { db } = twins;
  const [k, count] = [twins.name('s', 2), 1 + twins.below(20)];
  const start = twins.below(2) === 0 ? '-' : twins.id();
  const end = twins.below(2) === 0 ? '+' : `(${twins.id()}`;
  twins.same('range', () => asReply(db.xrange(k, start, end, count)), 'XRANGE', k, start, end, 'COUNT', count);
  twins.same('reverse', () => asReply(db.xrevrange(k, end, start, count)), 'XREVRANGE', k, end, start, 'COUNT', count);
}

function changeGroups(twins: Twins): void {
  const { db } = twins;
  const [k, g, c] = [twins.name('s', 2), twins.name('g', 2), twins.name('c', 3)];
  const from = twins.below(2) === 0 ? '0' : '$';
  twins.same('create', () => (db.xgroupCreate(k, g, from) ? 'OK' : fail()), 'XGROUP', 'CREATE', k, g, from);
  if (twins.below(4) === 0) {
    twins.same('leave', () => db.xgroupDelConsumer(k, g, c), 'XGROUP', 'DELCONSUMER', k, g, c);
  }
  if (twins.below(9) === 0) twins.same('destroy', () => Number(db.xgroupDestroy(k, g)), 'XGROUP', 'DESTROY', k, g);
}

function readAsGroup(twins: Twins): void {
  const { db } = twins;
  const [k, g, c] = [twins.name('s', 2), twins.name('g', 2), twins.name('c', 3)];
  const count = 1 + twins.below(5);
  const words = ['XREADGROUP', 'GROUP', g, c, 'COUNT', count, 'STREAMS', k];
  twins.same('read', () => asRead(db.xreadgroup(g, c, { [k]: '>' }, { count })), ...words, '>');
  if (twins.below(2) > 0) return;
  const history = (): unknown => [[k, asReply(db.xreadgroup(g, c, { [k]: '0' }, { count }).get(k))]];
  twins.same('history', history, ...words, '0');
}

function acknowledge(twins: Twins): void {
  const { db, own, spoils } = twins;
  const [k, g] = [twins.name('s', 2), twins.name('g', 2)];
  const entries = own.client.send('XRANGE', k, '-', '+', 'COUNT', 5) as unknown as [string, unknown][];
  const ids = entries.map(([id]) => id);
  if (ids.length > 0) twins.same('ack', () => db.xack(k, g, ...ids.slice(spoils ? 1 : 0)), 'XACK', k, g, ...ids);
}

function claim(twins: Twins): void {
  const { db } = twins;
  const [k, g, c, idle] = [twins.name('s', 2), twins.name('g', 2), twins.name('c', 3), twins.below(200)];
  const [one, other, count] = [twins.id(), twins.id(), 1 + twins.below(4)];
  twins.same(
    'claim',
    () => asReply(db.xclaim(k, g, c, idle, [one, other], { force: true })),
    'XCLAIM',
    k,
    g,
    c,
    idle,
    one,
    other,
    'FORCE',
  );
  const claimed = (): unknown => {
    const { next, entries, deleted } = db.xautoclaim(k, g, c, idle, { count });
    return [next, asReply(entries), deleted];
  };
  if (twins.below(3) === 0) twins.same('autoclaim', claimed, 'XAUTOCLAIM', k, g, c, idle, '-', 'COUNT', count);
  const pending = (): unknown =>
    db.xpending(k, g, { count: 9 }).map((each) => [each.id, each.consumer, each.idleMs, each.deliveries]);
  twins.same('pending', pending, 'XPENDING', k, g, '-', '+', 9);
}

const STEPS_BUT_ADDING = [changeEntries, readEntries, changeGroups, readAsGroup, readAsGroup, acknowledge, claim];

/** Returns what was done with effect, how often. */
function compare(seed: number, spoils = false): Map<string, number> {
  const twins = new Twins(seed, spoils);
  for (let step = 0; step < STEPS; step++) {
    twins.advance(twins.below(3));
    if (twins.below(2) === 0) add(twins);
    else STEPS_BUT_ADDING[twins.below(STEPS_BUT_ADDING.length)](twins);
  }
  for (const k of ['s0', 's1']) {
    expect(twins.own.client.send('DUMP', k)).toEqual(twins.other.client.send('DUMP', k));
  }
  return twins.done;
}

it.each([1, 2, 3, 4])('methods do to a stream and its groups what commands do (seed %i)', (seed) => {
  const done = compare(seed);
  expect([...done.keys()].sort()).toEqual(DONE);
});

it('would show that something is not done (canary)', () => {
  expect(() => compare(1, true)).toThrow(/ack/);
});

function fail(): never {
  throw Object.assign(new Error('there is one'), { code: 'FERRITE_BUSY' });
}
