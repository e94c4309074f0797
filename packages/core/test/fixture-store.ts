/**
 * The stores whose files are kept as fixtures of the format: how they are made, and what must be read from them for ever.
 *
 * `make-fixture.mjs` runs `makeFixture` once per format version; `fixture.test.ts` opens what it made. What is written
 * covers every kind of record and file: strings of one and of many bytes per character, bytes, empty and longest
 * keys, values in chunks, overwritten, removed and expiring keys, batches of one frame and of several, two checkpoints,
 * a cold log, retired segments; since format 2, databases that were swapped and flushed; since format 3, data of a feature; since format 4, collections,
 * small ones and others.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { Prng } from '../src/base/prng.ts';
import { FileDevice } from '../src/device/file-device.ts';
import { type Driven, openDriven } from '../src/embedded/driven.ts';
import type { Database } from '../src/index.ts';
import { flushNamespaces, swapDatabases } from '../src/engine/flush.ts';
import { setPlain } from '../src/keyspace/strings.ts';
import { defineFeature } from '../src/registry/feature.ts';
import type { FeatureStore } from '../src/registry/feature-store.ts';

const FLUSHED = 5;
const MANY = 2500;
/** Members that no small collection has. */
const SOME = 300;
const PAGE_BYTES = 128 * 1024;
const MADE_MS = 1_750_000_000_000;
/** Far enough for a fixture. */
const EXPIRES_MS = Date.UTC(2400, 0, 1);
const LONG_KEY = 'k'.repeat(65_536);
const LARGE_VALUE = 'large value, '.repeat(9000);
const FILLER = 'filler '.repeat(4000);

/** What the fixture's stores hold, as text; a missing key is undefined. */
export function fixtureContents(): Map<string, string | undefined> {
  const contents = new Map<string, string | undefined>([
    ['', 'the empty key'],
    ['ascii', 'plain'],
    ['ключ', 'значение 🦊'],
    ['empty', ''],
    [LONG_KEY, 'the longest key'],
    ['large', LARGE_VALUE],
    ['large:replaced', 'small now'],
    ['overwritten', 'third'],
    ['removed', undefined],
    ['removed and back', 'back'],
    ['expires', 'in the year 2400'],
    ['counter', '42'],
    ['late', 'after the last checkpoint'],
    ['late:removed', undefined],
  ]);
  for (let i = 0; i < 40; i++) contents.set(`batch:${i}`, `${i}`);
  for (let i = 0; i < 12; i++) contents.set(`filler:${i}`, `${i} ${FILLER}`);
  return contents;
}

/** What the fixture's collections hold: each as lines, in order. A missing key is undefined. */
export function fixtureCollections(): Map<string, string[] | undefined> {
  const many = Array.from({ length: MANY }, (_, i) => `f${i}=${i}`).filter((_, i) => i % 10 !== 0);
  return new Map<string, string[] | undefined>([
    ['hash:small', ['=empty field', 'a=1', 'empty=', 'поле=значение 🦊']],
    // More than a slice of a checkpoint has.
    ['hash:many', [...many, 'late=after the last checkpoint'].sort()],
    ['hash:long', [`${'f'.repeat(65_536)}=x`, `value=${'v'.repeat(30_000)}`]],
    ['hash:removed', undefined],
    ['hash:emptied', undefined],
    ['list', ['first', ...Array.from({ length: 990 }, (_, i) => `e${i + 5}`), '', '🦊', 'late']],
    ['set', ['1', 'late', 'red', '🦊']],
    ['set:many', Array.from({ length: SOME }, (_, i) => `${i}`).sort()],
    ['zset', ['big 281474976710656', 'late 3', 'less -300', 'low -Infinity', 'mid 0.5', 'top 1e+300']],
    ['zset:many', [...Array.from({ length: SOME }, (_, i) => `m${i} ${i / 2}`), 'late 3'].sort()],
    ['stream', ['1-1 a=1 b=2', '1-2 поле=значение 🦊', '7-0 late=']],
  ]);
}

/** The same of an open store. */
export function linesOf(db: Database, key: string): string[] | undefined {
  const type = db.type(key);
  if (type === 'hash') return [...db.hgetall(key)].map(([field, value]) => `${field}=${value}`).sort();
  if (type === 'list') return db.lrange(key);
  if (type === 'set') return [...db.smembers(key)].sort();
  if (type === 'zset')
    return db
      .zrangeWithScores(key)
      .map((entry) => entry.join(' '))
      .sort();
  if (type === 'stream')
    return db
      .xrange(key)
      .map(({ id, fields }) => [id, ...[...fields].map(([name, value]) => `${name}=${value}`)].join(' '));
  return undefined;
}

/** What the feature of the fixture keeps for itself. */
export function fixtureNotes(): Map<string, string | undefined> {
  const notes = new Map<string, string | undefined>([
    ['ascii', 'of the feature'],
    ['removed', undefined],
    ['overwritten', 'second'],
    ['late', 'after the last checkpoint'],
  ]);
  for (let i = 0; i < 20; i++) notes.set(`note:${i}`, `${i} ${'note '.repeat(500)}`);
  return notes;
}

export const fixtureFeature = defineFeature({
  name: 'fixture',
  version: '1.0.0',
  setup: (context): FeatureStore => context.store('notes'),
});

export const FIXTURE_BYTES = Uint8Array.of(0, 255, 128, 10, 13, 0);
export const FIXTURE_EXPIRES_MS = EXPIRES_MS;

/** Makes both stores below `directory`: `closed` properly, and `killed`, its files as they were before it was closed. */
export function makeFixture(directory: string): void {
  const closed = `${directory}/closed`;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  let nowMs = MADE_MS;
  const clock = { nowMs: () => nowMs++, monotonicMs: () => nowMs - MADE_MS };
  const driven = openDriven(
    {
      preset: 'tiny',
      durability: 'always',
      mutableRegionSize: PAGE_BYTES,
      readOnlyRegionSize: PAGE_BYTES,
      features: [fixtureFeature()],
    },
    {
      device: FileDevice.open(closed, { create: true, readOnly: false }),
      clock,
      prng: new Prng(1),
      segmentMinBytes: PAGE_BYTES,
      segmentMaxBytes: PAGE_BYTES,
    },
  );
  swapDatabases(driven.store, 0, 3);
  writeFlushed(driven);
  writeEarly(driven);
  writeNotes(driven.db.features.fixture);
  writeCollections(driven.db);
  while (driven.store.counters.compactedSegments < 3) {
    for (let i = 0; i < 12; i++) driven.db.set(`filler:${i}`, `${i} ${FILLER}`);
    checkpoint(driven);
    // So small a store would be left alone.
    void driven.store.compactor?.whenDone();
    for (let i = 0; i < 2000; i++) driven.stepSync();
  }
  nowMs += 5000;
  writeLate(driven);
  driven.db.features.fixture.set('late', 'after the last checkpoint');
  writeFlushed(driven);
  driven.db.commitSync();
  cpSync(closed, `${directory}/killed`, { recursive: true });
  driven.db.close();
}

function writeEarly({ db }: Driven<string>): void {
  for (const [key, value] of fixtureContents()) {
    if (value !== undefined && !key.startsWith('late') && !key.startsWith('batch:')) db.set(key, value);
  }
  db.set('bytes', FIXTURE_BYTES);
  db.set('large:replaced', LARGE_VALUE);
  db.set('large:replaced', 'small now');
  for (const value of ['first', 'second', 'third']) db.set('overwritten', value);
  db.set('removed', 'x');
  db.del('removed');
  db.set('removed and back', 'x');
  db.del('removed and back');
  db.set('removed and back', 'back');
  db.set('expires', 'in the year 2400', { expiresAt: EXPIRES_MS });
  db.set('counter', '40');
  db.incrBy('counter', 2);
}

function writeCollections(db: Driven<string>['db']): void {
  db.hset('hash:small', { a: '0', empty: '', gone: 'x', '': 'empty field', поле: 'значение 🦊' });
  db.hset('hash:small', { a: '1' });
  db.hdel('hash:small', 'gone');
  for (let from = 0; from < MANY; from += 100) {
    db.hset(
      'hash:many',
      Array.from({ length: 100 }, (_, i) => [`f${from + i}`, String(from + i)] as const),
    );
  }
  db.hset('hash:long', { ['f'.repeat(65_536)]: 'x', value: 'v'.repeat(30_000) });
  for (const key of ['hash:removed', 'hash:emptied']) db.hset(key, { a: '1' });
  db.del('hash:removed');
  db.hdel('hash:emptied', 'a');
  db.rpush('list', ...Array.from({ length: 1000 }, (_, i) => `e${i}`));
  db.lpop('list', 5);
  db.rpop('list', 5);
  db.rpush('list', '', '🦊');
  db.lpush('list', 'first');
  db.sadd('set', 'red', 'green', '1', '🦊');
  db.srem('set', 'green');
  db.sadd('set:many', ...Array.from({ length: SOME }, (_, i) => `${i}`));
  db.zadd('zset', { mid: 0, low: -Infinity, top: 1e300, gone: 1, less: -300, big: 2 ** 48 });
  db.zadd('zset', { mid: 0.5 });
  db.zrem('zset', 'gone');
  db.zadd(
    'zset:many',
    Array.from({ length: SOME }, (_, i) => [`m${i}`, i / 2] as [string, number]),
  );
  db.xadd(
    'stream',
    [
      ['a', '1'],
      ['b', '2'],
    ],
    { id: '1-1' },
  );
  db.xadd('stream', { поле: 'значение 🦊' }, { id: '1-2' });
  db.xadd('stream', { gone: 'x' }, { id: '2-1' });
  db.xdel('stream', '2-1');
}

function writeNotes(notes: FeatureStore): void {
  for (const [key, value] of fixtureNotes()) if (value !== undefined && key !== 'late') notes.set(key, value);
  notes.set('overwritten', 'first');
  notes.set('overwritten', 'second');
  notes.set('removed', 'x');
  notes.delete('removed');
}

function writeLate({ db }: Driven<string>): void {
  const batch = db.batch();
  for (let i = 0; i < 40; i++) batch.set(`batch:${i}`, `${i}`);
  batch.commit();
  db.hdel('hash:many', ...Array.from({ length: MANY / 10 }, (_, i) => `f${i * 10}`));
  db.hset('hash:many', { late: 'after the last checkpoint' });
  db.rpush('list', 'late');
  db.sadd('set', 'late');
  for (const key of ['zset', 'zset:many']) db.zadd(key, { late: 3 });
  db.xadd('stream', { late: '' }, { id: '7-0' });
  db.set('late', 'after the last checkpoint');
  db.set('late:removed', 'x');
  db.del('late:removed');
}

/** The same keys in another database, which loses them all. */
function writeFlushed({ store }: Driven<string>): void {
  for (const key of fixtureContents().keys()) setPlain(store, FLUSHED, key, key === 'large' ? LARGE_VALUE : 'flushed');
  flushNamespaces(store, 1 << FLUSHED);
  store.committer.afterWrite();
}

function checkpoint(driven: Driven<string>): void {
  const { counters, checkpointer } = driven.store;
  const before = counters.checkpoints;
  checkpointer?.request();
  while (counters.checkpoints === before) driven.stepSync();
}
