/** Compaction moves records to files of their own; what could be read without the device before still can be. A small store can be left alone. */
import { openDriven, Prng } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const PAGE_BYTES = 128 * 1024;

test('keys that compaction has moved are read from memory, with the values that they had', async () => {
  const clock = new SimClock();
  const device = new SimDevice({ clock });
  const options = { pageSize: PAGE_BYTES, mutableRegionSize: '256kb', readOnlyRegionSize: '8mb', readCacheSize: '4mb' };
  const { db, store, tick, step } = openDriven<string>(options, {
    device,
    clock,
    prng: new Prng(1),
    segmentMinBytes: PAGE_BYTES,
    segmentMaxBytes: PAGE_BYTES,
  });
  expect(store.log.tryLengthenMemory(Number.POSITIVE_INFINITY)).toBe(true);
  for (let i = 0; i < 4000; i++) {
    db.set(`still:${i}`, `${i}`.repeat(20));
    db.set(`busy:${i % 1000}`, 'x'.repeat(200));
  }
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < 1000; i++) db.set(`busy:${i}`, 'x'.repeat(200));
    for (let turn = 0; turn < 50; turn++) {
      clock.advance(100);
      tick();
      for (let i = 0; i < 20; i++) step();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  expect(db.stats().compaction.relocatedBytes).toBeGreaterThan(100_000);
  const before = db.stats().hits;
  for (let i = 0; i < 4000; i++) expect(db.get(`still:${i}`)).toBe(`${i}`.repeat(20));
  const after = db.stats().hits;
  expect(after.readCache - before.readCache).toBeGreaterThan(500);
  // What did not fit into the frame of its step is read from disk again.
  expect(after.disk - before.disk).toBeLessThan(400);
  db.close();
});

test('garbage is left alone while all segments take less than the store allows', async () => {
  const clock = new SimClock();
  const device = new SimDevice({ clock });
  const options = { pageSize: PAGE_BYTES, mutableRegionSize: '256kb', readOnlyRegionSize: '8mb' };
  const { db, store, tick, step } = openDriven<string>(options, {
    device,
    clock,
    prng: new Prng(1),
    segmentMinBytes: PAGE_BYTES,
    segmentMaxBytes: PAGE_BYTES,
  });
  const overwrite = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < 1000; i++) db.set(`busy:${i}`, 'x'.repeat(1000));
      for (let turn = 0; turn < 20; turn++) {
        clock.advance(100);
        tick();
        for (let i = 0; i < 20; i++) step();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  store.compactionMinBytes = 16 * 1024 * 1024;
  await overwrite(14);
  expect(db.stats().compaction.segments).toBe(0);
  expect(store.compactor?.pressure).toBe(0);
  await overwrite(20);
  const { segments } = db.stats().compaction;
  expect(segments).toBeGreaterThan(0);
  store.compactionMinBytes = 0;
  await overwrite(1);
  expect(db.stats().compaction.segments - segments).toBeGreaterThan(20);
  db.close();
});
