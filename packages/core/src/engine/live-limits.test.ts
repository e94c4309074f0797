/** Limits that change while the store is open, and eviction over several databases. */
import { describe, expect, it } from 'vitest';
import { SimDevice } from '@ferrite/testing';
import { makeTestInstance, type TestInstance } from '../../test/test-client.ts';
import { setEvictionPolicy, setMaxMemory } from './live-limits.ts';
import type { EvictionPolicy } from './store.ts';

const MB = 1024 * 1024;
const VALUE = 'x'.repeat(400);
const POLICIES: EvictionPolicy[] = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
];

function fill(test: TestInstance, database: number, count: number, ...more: (string | number)[]): unknown {
  const client = test.connect();
  client.send('SELECT', database);
  let last: unknown;
  for (let i = 0; i < count; i++) {
    last = client.send('SET', `${database}:${i}`, VALUE);
    if (more.length > 0) client.send('EXPIRE', `${database}:${i}`, ...more);
  }
  return last;
}

describe('limits of an open store', () => {
  it('a limit that is set later refuses writes, and one that is lifted takes them again', () => {
    const test = makeTestInstance();
    fill(test, 0, 5000);
    setMaxMemory(test.driven.store, 2 * MB);
    expect(fill(test, 0, 6000)).toMatchObject({ message: expect.stringMatching(/^OOM /) });
    setMaxMemory(test.driven.store, 0);
    expect(fill(test, 0, 6000)).toBe('OK');
  });

  it('a lower limit on disk lets keys go at once, for good, and the files follow', async () => {
    const device = new SimDevice();
    const test = makeTestInstance({}, { device });
    fill(test, 0, 20_000);
    await test.connect().settled();
    const { store, db, step, tick } = test.driven;
    const client = test.connect();
    client.send('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const before = store.counters.evicted;
    client.send('CONFIG', 'SET', 'maxmemory', 6 * MB);
    for (let i = 0; i < 200 && store.counters.evicted < 10_000; i++) await client.settled();
    expect(before).toBe(0);
    const kept = Number(client.send('DBSIZE'));
    expect(kept).toBeLessThan(12_000);
    expect(kept).toBeGreaterThan(100);
    for (let i = 0; i < 3000 && device.usedBytes > 7 * MB; i++) {
      if (!step()) tick();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(device.usedBytes).toBeLessThan(7 * MB);
    db.commitSync();
    const again = makeTestInstance({}, { device: device.crash('nothing') }).driven.store;
    expect(again.countKeys()).toBe(kept);
  });

  it('a limit on disk that is set later is met by the next write, in a transaction, too', async () => {
    const test = makeTestInstance({}, { device: new SimDevice() });
    const client = test.connect();
    client.send('SET', 'a', VALUE);
    expect(await client.settled()).toEqual(['OK']);
    const { store } = test.driven;
    const oom = { message: expect.stringMatching(/^OOM /) };
    for (const bytes of [1, 2]) {
      setMaxMemory(store, bytes);
      expect(client.send('SET', 'b', VALUE)).toMatchObject(oom);
      client.send('MULTI');
      expect(client.send('SET', 'b', VALUE)).toMatchObject(oom);
      expect(client.send('DISCARD')).toBe('OK');
    }
    expect(client.send('GET', 'a')).toBe(VALUE);
    setMaxMemory(store, 0);
    client.send('SET', 'b', VALUE);
    expect(await client.settled()).toEqual(['OK']);
  });

  it('a policy that is set later lets keys go', () => {
    const test = makeTestInstance();
    setMaxMemory(test.driven.store, 2 * MB);
    expect(fill(test, 0, 10_000)).toMatchObject({ message: expect.stringMatching(/^OOM /) });
    setEvictionPolicy(test.driven.store, 'allkeys-lru');
    expect(fill(test, 0, 10_000)).toBe('OK');
    expect(test.driven.store.counters.evicted).toBeGreaterThan(0);
  });

  it.each(POLICIES)('with %s, keys of several databases go, and what is held stays in bounds', (policy) => {
    const test = makeTestInstance();
    const { store } = test.driven;
    setMaxMemory(store, 4 * MB);
    setEvictionPolicy(store, policy);
    for (const database of [0, 3, 15]) expect(fill(test, database, 8000, 10_000 + database)).toBe('OK');
    const counts = [0, 3, 15].map((database) => store.table(database).count);
    expect(store.counters.evicted).toBeGreaterThan(10_000);
    for (const count of counts) expect(count).toBeLessThan(8000);
    expect((store.pages?.usedBytes ?? 0) + store.tableBytes).toBeLessThan(4 * MB);
  });

  it('finds the few keys with an expiry among many without', () => {
    const test = makeTestInstance();
    const { store } = test.driven;
    fill(test, 1, 4000);
    fill(test, 2, 20, 1000);
    setEvictionPolicy(store, 'volatile-lru');
    setMaxMemory(store, 3 * MB);
    fill(test, 1, 4010);
    for (let i = 0; i < 3000 && store.table(2).count > 0; i++) fill(test, 4, i + 1);
    expect(store.table(2).count).toBe(0);
    expect(store.table(1).count).toBe(4010);
  });

  it('lets no key of other databases go for what a flush has left', () => {
    const test = makeTestInstance();
    const { store } = test.driven;
    setMaxMemory(store, 8 * MB);
    setEvictionPolicy(store, 'allkeys-lru');
    fill(test, 0, 2000);
    fill(test, 1, 8000);
    const client = test.connect();
    client.send('SELECT', 1);
    expect(client.send('FLUSHDB')).toBe('OK');
    fill(test, 2, 8000);
    expect(store.counters.evicted).toBe(0);
    expect(store.table(0).count).toBe(2000);
  });
});
