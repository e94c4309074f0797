/** Memory that fills again after a reopen: what is read moves back into it, and nothing damaged is ever trusted. */
import { type FerriteError, openDriven, Prng } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const KEYS = 6000;
const clock = new SimClock();
const valueOf = (i: number) => `${i}`.padEnd(100, '.');

function openOn(device: SimDevice, readOnlyRegionSize: string) {
  const options = { pageSize: '128kb', mutableRegionSize: '128kb', readOnlyRegionSize, readCacheSize: 0 };
  return openDriven(options, { device, clock, prng: new Prng(3) });
}

/** With a checkpoint at its end, so that an open replays, and so checks, nothing of it. */
function filledDevice(): SimDevice {
  const device = new SimDevice({ clock });
  const { db, store, stepSync } = openOn(device, '4mb');
  for (let i = 0; i < KEYS; i++) db.set(`key:${i}`, valueOf(i));
  store.checkpointer?.request();
  while (store.counters.checkpoints === 0) stepSync();
  db.close();
  return device;
}

function readAll(db: ReturnType<typeof openOn>['db']): void {
  for (let i = 0; i < KEYS; i++) expect(db.get(`key:${i}`)).toBe(valueOf(i));
}

/** Lets background work and its device calls run until nothing changes any more. */
async function settle(driven: ReturnType<typeof openOn>): Promise<void> {
  for (let i = 0; i < 50; i++) {
    driven.step();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('after a reopen records come back into memory once they are read', async () => {
  const driven = openOn(filledDevice(), '4mb');
  await settle(driven);
  expect(driven.db.stats().bytes.readOnly).toBe(0);
  readAll(driven.db);
  await settle(driven);
  expect(driven.db.stats().bytes.disk).toBe(0);
  const { disk } = driven.db.stats().hits;
  readAll(driven.db);
  expect(driven.db.stats().hits.disk).toBe(disk);
  driven.db.close();
});

test('a store that is only written to keeps a few pages in memory; once it is read it keeps what its region holds', async () => {
  const device = new SimDevice({ clock });
  const driven = openOn(device, '4mb');
  const { db } = driven;
  const fill = (round: number) => {
    for (let i = 0; i < 2 * KEYS; i++) db.set(`key:${i}`, valueOf(i + round));
  };
  fill(0);
  await settle(driven);
  expect(db.stats().bytes.disk).toBeGreaterThan(500 * 1024);
  for (let round = 0; round < 4; round++) {
    // From another place of the lap each time, and with the ring written over in between.
    for (let i = 0; i < 2 * KEYS; i++) expect(db.get(`key:${i}`)).toBe(valueOf(i + round));
    await settle(driven);
    const { disk } = db.stats().hits;
    for (let i = 0; i < 2 * KEYS; i++) expect(db.get(`key:${i}`)).toBe(valueOf(i + round));
    expect(db.stats().hits.disk).toBe(disk);
    fill(round + 1);
    db.set(`more:${round}`, valueOf(round).repeat(100 * round));
  }
  db.close();
  const again = openOn(device, '4mb');
  for (let i = 0; i < 2 * KEYS; i++) expect(again.db.get(`key:${i}`)).toBe(valueOf(i + 4));
  again.db.close();
});

test('a small store that is written over and over takes memory for twice its log, not for all of the region', async () => {
  const driven = openOn(new SimDevice({ clock }), '256mb');
  const { db, store } = driven;
  const start = store.log.memory.ringUnits;
  const count = 3 * KEYS;
  for (let round = 0; round < 16; round++) {
    for (let i = 0; i < count; i++) db.set(`key:${i}`, valueOf(i + round));
    for (let i = 0; i < count; i++) expect(db.get(`key:${i}`)).toBe(valueOf(i + round));
    clock.advance(100);
    driven.tick();
    await settle(driven);
  }
  expect(store.log.memory.ringUnits).toBeGreaterThan(start);
  expect(store.log.memory.bytesHeld).toBeLessThan(24 << 20);
  const { disk } = db.stats().hits;
  for (let i = 0; i < count; i++) expect(db.get(`key:${i}`)).toBe(valueOf(i + 15));
  expect(db.stats().hits.disk).toBe(disk);
  db.close();
});

test('warming stops where the region is full, and writes go on over it', async () => {
  const driven = openOn(filledDevice(), '256kb');
  readAll(driven.db);
  await settle(driven);
  const { bytes } = driven.db.stats();
  expect(bytes.readOnly).toBeGreaterThan(128 * 1024);
  expect(bytes.disk).toBeGreaterThan(128 * 1024);
  readAll(driven.db);
  for (let i = 0; i < KEYS; i += 2) driven.db.set(`key:${i}`, valueOf(i));
  readAll(driven.db);
  driven.db.close();
});

test('a page with a flipped bit anywhere is not taken into memory', async () => {
  const sample = filledDevice();
  const name = sample.listSync().find((file) => file.startsWith('main-')) as string;
  const prng = new Prng(5);
  for (let round = 0; round < 40; round++) {
    const device = sample.crash('everything');
    device.flipBit(name, 64 + prng.nextBelow(120_000), prng.nextBelow(8));
    const driven = openOn(device, '4mb');
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < KEYS; i += 7) {
        try {
          expect(driven.db.get(`key:${i}`)).toBe(valueOf(i));
        } catch (error) {
          expect((error as FerriteError).code).toBe('FERRITE_CORRUPT');
        }
      }
      await settle(driven);
    }
    driven.db.close();
  }
});
