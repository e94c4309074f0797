/** A store that is damaged in the middle, opened to save what is whole: a batch that was hit is not there in part. */
import { type OpenOptions, openDriven, Prng } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const OPTIONS: OpenOptions = { pageSize: '128kb', mutableRegionSize: '128kb', readOnlyRegionSize: '1mb' };
const BATCH_KEYS = 4000;
const valueOf = (i: number) => `value of ${i} `.padEnd(100, '.');

/** A batch of several frames, then other writes, all durable, and marks that say so. The process is killed at the end. */
function killedStore(clock: SimClock): SimDevice {
  const device = new SimDevice({ clock });
  const { db } = openDriven(OPTIONS, { device, clock, prng: new Prng(1) });
  db.set('before', 'here');
  const batch = db.batch();
  for (let i = 0; i < BATCH_KEYS; i++) batch.set(`batch:${i}`, valueOf(i));
  batch.commit();
  for (let i = 0; i < 5; i++) {
    db.commitSync();
    clock.advance(1500);
    db.set(`after:${i}`, 'here');
  }
  db.commitSync();
  return device.crash('everything');
}

/** Where a text lies on the disk: its file, and the place in it. */
function placeOf(device: SimDevice, text: string): { name: string; at: number } {
  for (const name of device.listSync()) {
    const file = device.openSync(name, 'read');
    const bytes = Buffer.alloc(file.sizeSync());
    file.readSync(bytes, 0, bytes.length, 0);
    const at = bytes.indexOf(text);
    if (at >= 0) return { name, at };
  }
  throw new Error(`${text} is nowhere`);
}

test.each([{ recovery: 'salvage' }, { readOnly: true }] as const)(
  'a batch whose last part is damaged is not there at all, and what came later is: %j',
  (how) => {
    const clock = new SimClock();
    const device = killedStore(clock);
    const { name, at } = placeOf(device, valueOf(BATCH_KEYS - 1));
    device.flipBit(name, at, 0);
    const { db } = openDriven({ ...OPTIONS, ...how }, { device, clock, prng: new Prng(2) });
    expect(db.stats().recovery.damage).not.toEqual([]);
    expect(db.get('before')).toBe('here');
    expect(db.get('after:4')).toBe('here');
    for (let i = 0; i < BATCH_KEYS; i++) expect(db.get(`batch:${i}`)).toBeUndefined();
    db.close();
  },
);
