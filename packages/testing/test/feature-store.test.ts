/**
 * What a feature keeps for itself: apart from users' keys, and there after everything that a store goes through. The fuzz
 * compares it, and a few users' keys, with maps, over checkpoints, compaction, flushes, power cuts and opens without the
 * feature. Seeds are in the names.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { open } from '@ferrite/core';
import { defineFeature, type Driven, type Feature, type FeatureStore, openDriven, Prng } from '@ferrite/core/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const PAGE_BYTES = 128 * 1024;
const OPTIONS = { pageSize: PAGE_BYTES, mutableRegionSize: '256kb', readOnlyRegionSize: '256kb' } as const;

interface KeeperApi {
  notes: FeatureStore;
  marks: FeatureStore;
}

/** A feature that only keeps something. */
const keeper = defineFeature({
  name: 'keeper',
  version: '1.0.0',
  setup: (context): KeeperApi => ({ notes: context.store('notes'), marks: context.store('marks') }),
});

let home = '';
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'ferrite-own-'));
});
afterEach(() => fs.rmSync(home, { recursive: true }));

test('it is apart from the keys of users, and of other stores', () => {
  const db = open({ path: path.join(home, 'store'), features: [keeper()] });
  const { notes, marks } = db.features.keeper;
  db.set('a', 'of the user');
  notes.set('a', 'of the notes');
  marks.set('a', Uint8Array.of(0, 255));
  expect([db.get('a'), notes.get('a')?.toString(), marks.get('a')]).toEqual([
    'of the user',
    'of the notes',
    Buffer.from([0, 255]),
  ]);
  expect([...db.entries()]).toEqual([['a', 'of the user']]);
  expect(db.stats().keys).toBe(1);
  expect(marks.delete('a')).toBe(true);
  expect(marks.delete('a')).toBe(false);
  expect([marks.get('a'), marks.has('a'), notes.has('a'), db.has('a')]).toEqual([undefined, false, true, true]);
  expect(notes.entries()).toEqual([[Buffer.from('a'), Buffer.from('of the notes')]]);
  expect(marks.entries()).toEqual([]);
  db.close();
});

test('a store that was opened without the feature says so, and keeps its data through compaction and backup', async () => {
  const at = path.join(home, 'store');
  const db = open({ path: at, preset: 'tiny', features: [keeper()] });
  for (let i = 0; i < 500; i++) db.features.keeper.notes.set(`note ${i}`, `${i}`.repeat(100));
  db.close();
  const said: string[] = [];
  const without = open({ path: at, preset: 'tiny', log: (level, text) => said.push(`${level} ${text}`) });
  expect(said).toEqual([`warning ${at} has data of the feature 'keeper', which is not loaded: they are kept for it`]);
  expect(without.stats()).toMatchObject({ missingFeatures: ['keeper'], keys: 0 });
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 200; i++) without.set(`k${i}`, 'x'.repeat(1000));
    without.commitSync();
  }
  await without.compact();
  expect(without.stats().compaction.segments).toBeGreaterThan(0);
  await without.backup(path.join(home, 'copy'));
  without.close();
  for (const name of ['store', 'copy']) {
    const again = open({ path: path.join(home, name), features: [keeper()] });
    expect(again.stats().missingFeatures).toEqual([]);
    const kept = again.features.keeper.notes;
    for (let i = 0; i < 500; i++) expect(kept.get(`note ${i}`)?.toString()).toBe(`${i}`.repeat(100));
    again.close();
  }
});

test('a store in which no feature keeps data has the format of versions that know none', () => {
  const formatAt = (at: string): number => fs.readFileSync(path.join(at, 'ferrite.store')).readInt32LE(8);
  const at = path.join(home, 'store');
  open(at).close();
  expect(formatAt(at)).toBe(2);
  open({ path: at, features: [keeper()] }).close();
  expect(formatAt(at)).toBe(3);
});

test('a value ends at its time, a large one and a bad prefix are refused, and so is a write to a read-only store', () => {
  const clock = new SimClock();
  const { db } = openDriven({ features: [keeper()] }, { device: null, clock, prng: new Prng(1) });
  const { notes } = db.features.keeper;
  notes.set('brief', 'x', { ttlMs: 1000 });
  clock.advance(999);
  expect(notes.has('brief')).toBe(true);
  clock.advance(1);
  expect([notes.has('brief'), notes.entries()]).toEqual([false, []]);
  expect(() => notes.set('k', 'x'.repeat(70_000))).toThrow('a value of a feature has at most');
  db.close();
  const bad = defineFeature({ name: 'bad', version: '1.0.0', setup: (context) => void context.store('A B') });
  expect(() => open({ features: [bad()] })).toThrow(/feature 'bad': a prefix is at most/);
  const at = path.join(home, 'store');
  open(at).close();
  const reader = open({ path: at, readOnly: true, features: [keeper()] });
  expect(reader.features.keeper.notes.get('k')).toBeUndefined();
  expect(() => reader.features.keeper.notes.set('k', 'v')).toThrow(/read-only/);
  reader.close();
});

/** The feature's store and the users' keys beside what they must be. */
class World {
  readonly prng: Prng;
  readonly clock = new SimClock();
  readonly own = new Map<string, string>();
  readonly users = new Map<string, string>();
  device: SimDevice;
  driven!: Driven<string>;

  constructor(seed: number) {
    this.prng = new Prng(seed);
    this.device = new SimDevice({ clock: this.clock, seed });
  }

  open(features: readonly Feature[]): FeatureStore | undefined {
    const driven = openDriven<string>(
      { ...OPTIONS, durability: 'always', features },
      { device: this.device, clock: this.clock, prng: new Prng(7), hashBits: 10, segmentMaxBytes: PAGE_BYTES },
    );
    this.driven = driven;
    return (driven.db.features as { keeper?: KeeperApi }).keeper?.notes;
  }

  write(notes: FeatureStore): void {
    const { prng, own, users, driven } = this;
    const key = `k${prng.nextBelow(60)}`;
    const value = `${prng.nextUint32()}`.repeat(1 + prng.nextBelow(200));
    const what = prng.nextBelow(100);
    if (what < 40) {
      notes.set(key, value);
      own.set(key, value);
    } else if (what < 55) expect(notes.delete(key)).toBe(own.delete(key));
    else if (what < 85) {
      driven.db.set(key, value);
      users.set(key, value);
    } else if (what < 95) expect(driven.db.del(key)).toBe(users.delete(key));
    else this.clock.advance(150);
  }

  work(): void {
    this.driven.tick();
    for (let i = this.prng.nextBelow(12); i > 0; i--) this.driven.stepSync();
    if (this.prng.nextBelow(8) === 0) this.driven.store.checkpointer?.request();
  }

  compare(notes: FeatureStore): void {
    const { own, users, driven } = this;
    for (let i = 0; i < 60; i++) {
      expect(notes.get(`k${i}`)?.toString()).toBe(own.get(`k${i}`));
      expect(driven.db.get(`k${i}`)).toBe(users.get(`k${i}`));
    }
    const found = notes.entries().map(([key, value]) => [key.toString(), value.toString()]);
    expect(new Map(found as [string, string][])).toEqual(own);
    expect([...driven.db.keys()]).toEqual([...users.keys()].sort());
  }
}

test.each([1, 2, 3, 4])('it is what a map says after everything, seed %d', (seed) => {
  const world = new World(seed);
  for (let life = 0; life < 8; life++) {
    const notes = world.open([keeper()]) as FeatureStore;
    world.compare(notes);
    for (let i = 0; i < 150; i++) {
      world.write(notes);
      if (i % 10 === 0) world.work();
    }
    world.compare(notes);
    const end = world.prng.nextBelow(3);
    if (end === 0) world.driven.db.close();
    else world.device = world.device.crash(end === 1 ? 'nothing' : 'subset', seed * 100 + life);
    if (world.prng.nextBelow(2) === 0) continue;
    world.open([]);
    for (let i = 0; i < 40; i++) {
      world.driven.db.set(`k${i}`, `without ${life}`);
      world.users.set(`k${i}`, `without ${life}`);
      world.work();
    }
    world.driven.db.close();
  }
});
