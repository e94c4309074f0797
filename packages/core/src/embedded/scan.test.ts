/** Scans of stores larger than memory, and of what does not fit the usual case: large, binary, decoded, changing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { Database } from './database.ts';
import type { OpenOptions } from './options.ts';

const TINY = { preset: 'tiny', readOnlyRegionSize: '128kb', durability: 'none' } as const;

let path = '';
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'ferrite-scan-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

function open<V = string>(options: OpenOptions<V> = {}): Database<V> {
  return Database.open<V>({ path: join(path, 'store'), ...TINY, ...options });
}

function sorted(model: Map<string, string>): [string, string][] {
  return [...model].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Keys in order, then some of them again at random, of lengths from nothing to larger than a window. */
function fill(db: Database, model: Map<string, string>, seed: number): void {
  const prng = new Prng(seed);
  const set = (i: number) => {
    const key = `${prng.nextBelow(50) === 0 ? 'é' : 'key'}:${i}`;
    const length = prng.nextBelow(200) === 0 ? prng.nextBelow(20_000) : prng.nextBelow(300);
    const value = (prng.nextBelow(20) === 0 ? 'ü' : 'v').repeat(length) + i;
    model.set(key, value);
    db.set(key, value);
  };
  for (let i = 0; i < 8000; i++) set(i);
  for (let i = 0; i < 2000; i++) set(prng.nextBelow(8000));
}

describe('a scan', () => {
  it.each([1, 2, 3])('of a store on disk gives every key with its value, both ways, seed %i', (seed) => {
    const model = new Map<string, string>();
    const before = open();
    fill(before, model, seed);
    before.close();
    const db = open();
    const expected = sorted(model);
    expect([...db.entries()]).toEqual(expected);
    expect([...db.range({ reverse: true })]).toEqual(expected.toReversed());
    expect([...db.keys()]).toEqual(expected.map(([key]) => key));
    const prefixed = expected.filter(([key]) => key.startsWith('key:12'));
    expect([...db.scanPrefix('key:12', { limit: 70 })]).toEqual(prefixed.slice(0, 70));
    expect([...db.scanPrefix('key:12', { limit: 2.5 })]).toEqual(prefixed.slice(0, 3));
    db.close();
  });

  it('reads neighbours on disk together and leaves the read cache to others', () => {
    const before = open();
    for (let i = 0; i < 20_000; i++) before.set(`key:${100_000 + i}`, `value ${i}`);
    before.close();
    const db = open();
    expect([...db.entries()]).toHaveLength(20_000);
    const held = db.stats().bytes.readCache;
    expect([...db.entries()]).toHaveLength(20_000);
    expect(db.stats().bytes.readCache - held).toBeLessThan(20_000);
    db.close();
  });

  it.each(['windows', 'all'])('finds what is wrong on disk instead of giving it out, in %s', (damaged) => {
    const before = open();
    for (let i = 0; i < 3000; i++) before.set(`key:${1000 + i}`, 'x'.repeat(100));
    before.close();
    const db = open();
    const { segments } = (db as unknown as { store: { log: { segments: { readSync: (...a: unknown[]) => number } } } })
      .store.log;
    expect([...db.keys({ limit: 1 })]).toHaveLength(1);
    const readSync = segments.readSync.bind(segments);
    let damages = 0;
    segments.readSync = (...args) => {
      const have = readSync(...args);
      const [target, offset] = args as [Uint8Array, number];
      // A record by itself is read with 512 bytes.
      if (damaged === 'windows' && have <= 512) return have;
      for (let at = offset + 50; at < offset + have; at += 500) target[at] ^= 1;
      damages++;
      return have;
    };
    const scan = db.entries();
    if (damaged === 'windows') {
      // What is wrong in a window is read again by itself.
      expect([...scan].every(([, value]) => value === 'x'.repeat(100))).toBe(true);
    } else {
      expect(() => [...scan]).toThrow(/does not match its checksum/);
    }
    expect(damages).toBeGreaterThan(0);
    expect(scan.next().done).toBe(true);
    db.close();
  });

  it('keeps few large values in memory at a time, and gives each as it is at its turn', () => {
    const db = open({ durability: 'everysec' });
    const large = (i: number) => String(i).repeat(300_000);
    for (let i = 10; i < 30; i++) db.set(`large:${i}`, large(i));
    for (let i = 10; i < 90; i++) db.set(`medium:${i}`, String(i).repeat(15_000));
    let seen = 0;
    for (const [key, value] of db.scanPrefix('large:')) {
      expect(value === large(Number(key.slice(6)))).toBe(true);
      seen++;
    }
    expect(seen).toBe(20);
    const hits = () => Object.values(db.stats().hits).reduce((sum, count) => sum + count, 0);
    const hitsBefore = hits();
    expect([...db.scanPrefix('medium:', { limit: 80 })]).toHaveLength(80);
    // Those beyond the first megabyte were met when the chunk was read, and read when their turn came.
    expect(hits() - hitsBefore).toBeGreaterThan(110);
    const iterator = db.scanPrefix('medium:');
    iterator.next();
    db.set('medium:11', 'new');
    db.del('medium:88');
    const rest = [...iterator].map(([key, value]) => [key, value.length]);
    expect(rest).toHaveLength(78);
    expect(rest[0]).toEqual(['medium:11', 3]);
    expect(rest.at(-1)).toEqual(['medium:89', 30_000]);
    db.close();
  });

  it('lets a codec change the store while it decodes', () => {
    let db: Database<number> | null = null;
    let decoded = 0;
    const codec = {
      encode: (value: number) => String(value),
      decode: (bytes: Buffer) => {
        const value = Number(bytes.toString());
        // Pushes everything read so far out of memory.
        if (db !== null && decoded++ % 50 === 0) for (let i = 0; i < 2000; i++) db.set(`other:${decoded}:${i}`, i);
        return value;
      },
    };
    db = open<number>({ codec });
    for (let i = 0; i < 500; i++) db.set(`key:${1000 + i}`, i);
    const values = [...db.scanPrefix('key:')].map(([, value]) => value);
    expect(values).toEqual(Array.from({ length: 500 }, (_, i) => i));
    db.close();
  });

  it('knows keys that are not UTF-8 by their bytes', () => {
    const db = open();
    for (let i = 0; i < 100; i++) db.set(Buffer.from([0xff, 0xfe, i]), `value ${i}`);
    const iterator = db.range({ gte: Buffer.from([0xff]) });
    iterator.next();
    for (let i = 0; i < 100; i++) db.set(Buffer.from([0xff, 0xfe, i]), `again ${i}`);
    expect([...iterator].map(([, value]) => value)).toEqual(Array.from({ length: 99 }, (_, i) => `again ${i + 1}`));
    db.close();
  });
});
