/** `getMany` against single gets, over every kind of record that a key can have. */
import { SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { openDriven } from './driven.ts';

const KEYS = 3000;

function keyOf(i: number): string | Uint8Array {
  if (i % 11 === 0) return Buffer.from(`bytes:${i}`);
  if (i % 13 === 0) return `schlüssel:${i}`;
  if (i % 17 === 0) return `${'long '.repeat(3 + (i % 20))}:${i}`;
  return `key:${i}`;
}

function valueOf(i: number, prng: Prng): string {
  if (i % 19 === 0) return '';
  if (i % 23 === 0) return `größer 🦊 ${i}`;
  const length = i % 101 === 0 ? 40_000 : prng.nextBelow(i % 7 === 0 ? 2000 : 160);
  return 'v'.repeat(length) + i;
}

describe('getMany', () => {
  it('gives what single gets give, from memory and disk, of keys missing, removed, over, and asked for twice', () => {
    const prng = new Prng(7);
    const device = new SimDevice();
    const options = { preset: 'tiny', readOnlyRegionSize: '256kb', durability: 'none' } as const;
    const { db } = openDriven<string>(options, { device, clock: device.clock, prng: new Prng(1) });
    for (let i = 0; i < KEYS; i++) {
      if (i % 29 === 0) continue;
      db.set(keyOf(i), valueOf(i, prng), i % 5 === 0 ? { ttlMs: 1000 * (1 + (i % 2)) } : undefined);
      if (i % 31 === 0) db.del(keyOf(i));
    }
    device.clock.advance(1500);
    const asked = Array.from({ length: 4 * KEYS }, (_, i) => keyOf(i < KEYS ? i : prng.nextBelow(KEYS)));
    const inGroupsOf = (width: number) => {
      const found: (string | undefined)[] = [];
      for (let i = 0; i < asked.length; i += width) found.push(...db.getMany(asked.slice(i, i + width)));
      return found;
    };
    // The first meets the keys whose time is over.
    const found = inGroupsOf(65);
    const expected = asked.map((key) => db.get(key));
    expect(found).toEqual(expected);
    for (const width of [1, 63, 64, 300]) expect(inGroupsOf(width)).toEqual(expected);
    expect(expected.filter((value) => value === undefined).length).toBeGreaterThan(KEYS / 10);
    const { hits } = db.stats();
    expect(Math.min(hits.mutable, hits.disk)).toBeGreaterThan(0);
  });
});
