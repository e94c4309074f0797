/** `maxMemory` of a memory-only store under every policy: the limit holds, and the right keys go. */
import { SimClock } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { type Driven, openDriven } from './driven.ts';
import type { OpenOptions } from './options.ts';

const MB = 1024 * 1024;
const POLICIES = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
] as const;

function openWith(options: OpenOptions, clock = new SimClock(), seed = 1): Driven<string> {
  return openDriven({ pageSize: '128kb', ...options }, { device: null, clock, prng: new Prng(seed) });
}

/** Everything that `maxMemory` counts. */
function bytesHeld({ db }: Driven<string>): number {
  const { bytes } = db.stats();
  return bytes.mutable + bytes.index + bytes.orderedIndex + bytes.expiry;
}

const VALUE = 'v'.repeat(500);

describe('maxMemory', () => {
  it.each(POLICIES)('holds with %s, while ten times as much is written and overwritten', (evictionPolicy) => {
    const prng = new Prng(5);
    const driven = openWith({ maxMemory: 4 * MB, evictionPolicy });
    const { db } = driven;
    let most = 0;
    for (let i = 0; i < 60_000; i++) {
      const isNew = prng.nextBelow(3) > 0;
      const key = `key ${isNew ? i : prng.nextBelow(i + 1)}`;
      db.set(key, VALUE.slice(0, 200 + prng.nextBelow(300)), { ttlMs: 1_000_000 + prng.nextBelow(1000) });
      if (i % 100 === 0) most = Math.max(most, bytesHeld(driven));
    }
    expect(most).toBeLessThanOrEqual(4 * MB);
    expect(most).toBeGreaterThan(2.5 * MB);
    expect(db.stats().evicted).toBeGreaterThan(10_000);
    const keys = [...db.keys()];
    expect(keys.length).toBe(db.stats().keys);
    for (const key of keys) expect(db.get(key)).toBeDefined();
  });

  it('refuses writes with noeviction, and takes them again after keys were deleted', () => {
    const { db } = openWith({ maxMemory: MB });
    let code = '';
    let count = 0;
    for (; code === '' && count < 10_000; count++) {
      try {
        db.set(`key ${count}`, VALUE);
      } catch (error) {
        code = (error as { code: string }).code;
      }
    }
    expect(code).toBe('FERRITE_MEMORY_FULL');
    expect(db.stats().keys).toBe(count - 1);
    expect(db.get(`key ${count - 1}`)).toBeUndefined();
    expect(db.stats().evicted).toBe(0);
    for (let i = 0; i < count / 2; i++) expect(db.del(`key ${i}`)).toBe(true);
    expect(db.set('key 0', VALUE)).toBe(true);
  });

  it.each(POLICIES.filter((policy) => policy.startsWith('volatile-')))(
    '%s takes only keys with an expiry',
    (evictionPolicy) => {
      const { db } = openWith({ maxMemory: 2 * MB, evictionPolicy });
      for (let i = 0; i < 1000; i++) db.set(`kept ${i}`, VALUE);
      for (let i = 0; i < 20_000; i++) db.set(`volatile ${i}`, VALUE, { ttlMs: 1_000_000 });
      expect(db.stats().evicted).toBeGreaterThan(15_000);
      for (let i = 0; i < 1000; i++) expect(db.has(`kept ${i}`)).toBe(true);
    },
  );

  it('refuses a write when volatile-lru finds nothing to take', () => {
    const { db } = openWith({ maxMemory: MB, evictionPolicy: 'volatile-lru' });
    expect(() => {
      for (let i = 0; i < 10_000; i++) db.set(`key ${i}`, VALUE);
    }).toThrow(expect.objectContaining({ code: 'FERRITE_MEMORY_FULL' }));
  });

  it('keeps with allkeys-lru what is read all the time', () => {
    const clock = new SimClock();
    const { db } = openWith({ maxMemory: 2 * MB, evictionPolicy: 'allkeys-lru' }, clock);
    for (let i = 0; i < 200; i++) db.set(`hot ${i}`, VALUE);
    for (let i = 0; i < 20_000; i++) {
      db.set(`cold ${i}`, VALUE);
      db.get(`hot ${i % 200}`);
      clock.advance(50);
    }
    const kept = Array.from({ length: 200 }, (_, i) => db.has(`hot ${i}`)).filter(Boolean).length;
    expect(db.stats().evicted).toBeGreaterThan(15_000);
    expect(kept).toBeGreaterThan(180);
  });

  it('keeps with allkeys-lfu what is read often, though others were written later', () => {
    const clock = new SimClock();
    const { db } = openWith({ maxMemory: 2 * MB, evictionPolicy: 'allkeys-lfu' }, clock);
    for (let i = 0; i < 200; i++) db.set(`hot ${i}`, VALUE);
    for (let round = 0; round < 50; round++) for (let i = 0; i < 200; i++) db.get(`hot ${i}`);
    for (let i = 0; i < 10_000; i++) db.set(`cold ${i}`, VALUE);
    const kept = Array.from({ length: 200 }, (_, i) => db.has(`hot ${i}`)).filter(Boolean).length;
    expect(kept).toBeGreaterThan(180);
  });

  it('takes with volatile-ttl the keys that end soonest', () => {
    const { db } = openWith({ maxMemory: 2 * MB, evictionPolicy: 'volatile-ttl' });
    for (let i = 0; i < 3000; i++) db.set(`late ${i}`, VALUE.slice(0, 100), { ttlMs: 10_000_000 });
    for (let i = 0; i < 10_000; i++) db.set(`soon ${i}`, VALUE.slice(0, 100), { ttlMs: 1_000_000 });
    const late = [...db.keys()].filter((key) => key.startsWith('late')).length;
    expect(db.stats().evicted).toBeGreaterThan(2000);
    expect(late).toBeGreaterThan(2700);
  });

  it('tells of each key that goes', async () => {
    const { db } = openWith({ maxMemory: MB, evictionPolicy: 'allkeys-random' });
    const gone = new Set<string>();
    db.on('evicted', (key) => gone.add(key.toString()));
    for (let i = 0; i < 5000; i++) db.set(`key ${i}`, VALUE);
    await Promise.resolve();
    expect(gone.size).toBe(db.stats().evicted);
    expect(gone.size).toBeGreaterThan(1000);
    for (const key of gone) expect(db.has(key)).toBe(false);
  });

  it('counts large values, and evicts them whole', () => {
    const driven = openWith({ maxMemory: 4 * MB, evictionPolicy: 'allkeys-lru' });
    const { db } = driven;
    const large = 'x'.repeat(200_000);
    for (let i = 0; i < 200; i++) db.set(`large ${i}`, large);
    expect(bytesHeld(driven)).toBeLessThanOrEqual(4 * MB + 256 * 1024);
    for (const [, value] of db.entries()) expect(value).toBe(large);
    expect(db.stats().evicted).toBeGreaterThan(170);
  });

  it('reuses the memory of overwritten and deleted values without a limit too', () => {
    const { db } = openWith({});
    for (let i = 0; i < 40_000; i++) db.set(`key ${i % 1000}`, VALUE.slice(0, 300 + (i % 200)));
    expect(db.stats().bytes.mutable).toBeLessThan(2 * MB);
  });
});
