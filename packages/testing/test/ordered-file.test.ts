/** The order of keys that a clean close leaves behind: used when it is right, passed over when it is not. */
import { openDriven, Prng } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const KEYS = 12_000;
const clock = new SimClock();

function openOn(device: SimDevice) {
  return openDriven(
    { pageSize: '128kb', mutableRegionSize: '1mb', readOnlyRegionSize: '4mb' },
    { device, clock, prng: new Prng(7) },
  );
}

/** A closed store of many keys whose order was built. */
function closedStore(): SimDevice {
  const device = new SimDevice({ clock });
  const { db } = openOn(device);
  for (let from = 0; from < KEYS; from += 1000) {
    const batch = db.batch();
    for (let i = from; i < from + 1000; i++) batch.set(`key:${i}`, `value ${i}`);
    batch.commit();
  }
  expect([...db.keys()]).toHaveLength(KEYS);
  db.close();
  return device;
}

const sorted = (names: Iterable<string>) => [...names].sort((a, b) => (a < b ? -1 : 1));
const allKeys = Array.from({ length: KEYS }, (_, i) => `key:${i}`);

test('a clean close leaves the order, and the next open takes it without building', () => {
  const device = closedStore();
  expect(device.listSync()).toContain('ordered-keys');
  const { db, store } = openOn(device);
  store.ordered?.begin();
  expect(store.ordered?.isReady).toBe(true);
  expect([...db.keys()]).toEqual(sorted(allKeys));
  db.close();
});

test('keys that come and go after the open are in the order that was loaded', () => {
  const { db } = openOn(closedStore());
  db.set('key:0', 'overwritten');
  db.del('key:17');
  db.set('key:new', 'x');
  expect([...db.keys()]).toEqual(sorted([...allKeys.filter((key) => key !== 'key:17'), 'key:new']));
  db.close();
});

test('an order that is older than the store is passed over', () => {
  const device = closedStore();
  const { db } = openOn(device);
  db.del('key:5');
  db.set('zzz', '1');
  const killed = device.crash('everything');
  const again = openOn(killed);
  again.store.ordered?.begin();
  expect(again.store.ordered?.isReady).toBe(false);
  expect([...again.db.keys()]).toEqual(sorted([...allKeys.filter((key) => key !== 'key:5'), 'zzz']));
  again.db.close();
});

test('a flipped bit anywhere in the file means building the order anew', () => {
  const device = closedStore();
  const size = device.openSync('ordered-keys', 'read').sizeSync();
  const prng = new Prng(11);
  for (let round = 0; round < 12; round++) {
    const copy = device.crash('everything');
    copy.flipBit('ordered-keys', round < 6 ? round * 8 : prng.nextBelow(size), prng.nextBelow(8));
    const { db } = openOn(copy);
    expect([...db.keys({ limit: 50 })]).toEqual(sorted(allKeys).slice(0, 50));
    expect(db.stats().keys).toBe(KEYS);
    db.close();
  }
});
