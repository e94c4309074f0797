/** The read cache case by case: eviction and second chance, pins, invalidation, limits. */
import { describe, expect, it } from 'vitest';
import { ReadCache } from './read-cache.ts';

const KIB = 1024;
/** What a copy of 112 bytes takes with its header: eight of them fill 1 KiB. */
const BLOCK_BYTES = 128;
const LENGTH = 112;

function recordOf(address: number, length = LENGTH): Uint8Array {
  return new Uint8Array(length).fill(address & 0xff);
}

function insert(cache: ReadCache, address: number, pinned = false): number {
  return cache.insert(recordOf(address), 0, LENGTH, address, pinned);
}

function has(cache: ReadCache, address: number): boolean {
  const offset = cache.find(address);
  if (offset < 0) return false;
  expect(cache.bytes.subarray(offset, offset + cache.lengthAt(offset))).toEqual(Buffer.from(recordOf(address)));
  return true;
}

describe('ReadCache', () => {
  it('finds what was inserted, byte for byte, at every length and a multiple of 8', () => {
    const cache = new ReadCache(64 * KIB);
    const source = Uint8Array.from({ length: 600 }, (_, i) => i * 7);
    for (let length = 0; length < 200; length++) {
      const address = 2 ** 47 + length * 2 ** 33;
      const offset = cache.insert(source, length, length, address);
      expect(offset % 8).toBe(0);
      expect(cache.find(address)).toBe(offset);
      expect(cache.lengthAt(offset)).toBe(length);
      expect(cache.bytes.subarray(offset, offset + length)).toEqual(Buffer.from(source.subarray(length, 2 * length)));
    }
  });

  it('tells apart addresses that share a word', () => {
    const cache = new ReadCache(KIB);
    insert(cache, 5);
    insert(cache, 5 + 2 ** 32);
    expect(has(cache, 5) && has(cache, 5 + 2 ** 32)).toBe(true);
    expect(has(cache, 5 + 2 ** 33)).toBe(false);
    expect(has(cache, 2 ** 32)).toBe(false);
  });

  it('counts hits, misses and evictions, and the bytes that copies take', () => {
    const cache = new ReadCache(KIB);
    for (let address = 1; address <= 10; address++) insert(cache, address);
    for (let address = 1; address <= 10; address++) cache.find(address);
    expect([cache.hits, cache.misses, cache.evictions]).toEqual([8, 2, 2]);
    expect(cache.bytesHeld).toBe(8 * BLOCK_BYTES);
    cache.invalidate(10);
    expect(cache.bytesHeld).toBe(7 * BLOCK_BYTES);
  });

  it('evicts the oldest first, sparing once what was found since', () => {
    const cache = new ReadCache(KIB);
    for (let address = 1; address <= 8; address++) insert(cache, address);
    cache.find(1);
    cache.find(3);
    for (let address = 9; address <= 14; address++) insert(cache, address);
    expect([1, 3].map((address) => has(cache, address))).toEqual([true, true]);
    expect([2, 4, 5, 6, 7, 8].map((address) => has(cache, address))).toEqual(Array(6).fill(false));

    // Found just above, so spared again; not found after that, so gone after two rounds.
    for (let address = 20; address <= 35; address++) insert(cache, address);
    expect([1, 3].map((address) => has(cache, address))).toEqual([false, false]);
  });

  it('slides a spared copy back, so that what was freed on both sides is one piece', () => {
    const cache = new ReadCache(KIB);
    for (let address = 1; address <= 8; address++) insert(cache, address);
    cache.find(2);
    const big = recordOf(40, 2 * BLOCK_BYTES - 16);
    expect(cache.insert(big, 0, big.length, 40)).toBeGreaterThan(0);
    expect(has(cache, 2)).toBe(true);
    expect(cache.lengthAt(cache.find(40))).toBe(big.length);
    expect([1, 3, 4].map((address) => has(cache, address))).toEqual([false, false, true]);
    expect(cache.bytesHeld).toBe(KIB);
  });

  it('keeps what is in use when far more passes through it once', () => {
    const cache = new ReadCache(64 * KIB);
    for (let address = 1; address <= 100; address++) insert(cache, address);
    for (let address = 1000; address < 11_000; address++) {
      insert(cache, address);
      if (cache.find(1 + (address % 100)) < 0) insert(cache, 1 + (address % 100));
    }
    expect(cache.hits).toBeGreaterThan(9_900);
  });

  it('does not spare without end: an insert into a large cache all in use is short', () => {
    const cache = new ReadCache(4096 * KIB);
    const countMax = (4096 * KIB) / BLOCK_BYTES;
    for (let address = 1; address <= countMax; address++) insert(cache, address);
    for (let address = 1; address <= countMax; address++) cache.find(address);
    insert(cache, 1_000_000);
    expect(cache.evictions).toBe(1);
    expect(cache.find(1)).toBeGreaterThan(0);
    const spared = (2048 + (4 * BLOCK_BYTES) / 8) / (BLOCK_BYTES / 8);
    expect(cache.find(spared + 1)).toBe(-1);
    expect(cache.find(spared + 2)).toBeGreaterThan(0);
  });

  it('leaves a copy that is there already as it is', () => {
    const cache = new ReadCache(KIB);
    const offset = insert(cache, 7);
    expect(insert(cache, 7)).toBe(offset);
    expect(cache.bytesHeld).toBe(BLOCK_BYTES);
  });

  it('never moves or evicts what is pinned, until the last pin is gone', () => {
    const cache = new ReadCache(KIB);
    const offset = insert(cache, 1, true);
    expect(cache.pin(1)).toBe(true);
    for (let address = 2; address <= 40; address++) expect(insert(cache, address)).toBeGreaterThan(0);
    expect(cache.find(1)).toBe(offset);
    cache.unpin(1);
    for (let address = 41; address <= 80; address++) insert(cache, address);
    expect(cache.find(1)).toBe(offset);
    cache.unpin(1);
    for (let address = 81; address <= 120; address++) insert(cache, address);
    expect(cache.find(1)).toBe(-1);
    expect(cache.pin(1)).toBe(false);
    expect(() => cache.unpin(1)).toThrow('assertion');
  });

  it('refuses what does not fit beside what is pinned, and goes on working', () => {
    const cache = new ReadCache(KIB);
    for (let address = 1; address <= 8; address++) insert(cache, address, address % 2 === 0);
    const big = recordOf(40, 2 * BLOCK_BYTES - 16);
    expect(cache.insert(big, 0, big.length, 40)).toBe(-1);
    expect(insert(cache, 9)).toBeGreaterThan(0);
    for (const address of [2, 4, 6, 8]) expect(has(cache, address)).toBe(true);
    for (const address of [2, 4, 6, 8]) cache.unpin(address);
    expect(cache.insert(big, 0, big.length, 40)).toBeGreaterThan(0);
    for (let address = 50; address <= 80; address++) expect(insert(cache, address)).toBeGreaterThan(0);
    expect(cache.bytesHeld).toBe(KIB);
  });

  it('refuses records over a quarter of its capacity', () => {
    const cache = new ReadCache(KIB);
    expect(cache.insert(recordOf(1, 256), 0, 256, 1)).toBeGreaterThan(0);
    expect(cache.insert(recordOf(2, 257), 0, 257, 2)).toBe(-1);
  });

  it('does not find what was invalidated, and reuses its space at once if nobody has it pinned', () => {
    const cache = new ReadCache(KIB);
    for (let address = 1; address <= 8; address++) insert(cache, address);
    cache.invalidate(1);
    cache.invalidate(99);
    expect(has(cache, 1)).toBe(false);
    insert(cache, 9);
    expect(cache.evictions).toBe(0);

    const offset = cache.find(2);
    cache.pin(2);
    cache.invalidate(2);
    expect([cache.find(2), cache.pin(2), insert(cache, 2)]).toEqual([-1, false, -1]);
    for (let address = 10; address <= 30; address++) insert(cache, address);
    expect(cache.bytes[offset]).toBe(2);
    cache.unpin(2);
    expect(cache.bytesHeld).toBe(7 * BLOCK_BYTES);
    expect(insert(cache, 2)).toBeGreaterThan(0);
  });

  it('clears all at once, keeping the bytes of what is pinned', () => {
    const cache = new ReadCache(KIB);
    for (let address = 1; address <= 5; address++) insert(cache, address);
    cache.clear();
    expect(cache.bytesHeld).toBe(0);
    for (let address = 1; address <= 5; address++) expect(has(cache, address)).toBe(false);

    for (let address = 1; address <= 5; address++) insert(cache, address, address === 3);
    const offset = cache.find(3);
    cache.clear();
    for (let address = 1; address <= 5; address++) expect(has(cache, address)).toBe(false);
    expect(cache.bytesHeld).toBe(BLOCK_BYTES);
    for (let address = 11; address <= 40; address++) insert(cache, address);
    expect(cache.bytes[offset]).toBe(3);
    cache.unpin(3);
    expect(has(cache, 3)).toBe(false);
  });

  it.each([0, 7, 8, 24])('keeps nothing in %i bytes and finds nothing', (capacityBytes) => {
    const cache = new ReadCache(capacityBytes);
    expect(cache.insert(recordOf(1, 100), 0, 100, 1)).toBe(-1);
    expect(cache.insert(recordOf(1, 12), 0, 12, 1)).toBe(-1);
    expect([cache.find(1), cache.pin(1), cache.bytesHeld]).toEqual([-1, false, 0]);
    cache.invalidate(1);
    cache.clear();
  });
});
