/** The expiry wheel case by case: precision, limits, memory, sweeping, and its saved form, sound and malformed. */
import { describe, expect, it } from 'vitest';
import { ExpiryWheel } from './expiry-wheel.ts';

const START_MS = 1_760_000_000_000;
const DAY_MS = 86_400_000;
const ADDRESS = 2 ** 47 + 2 ** 31 + 5;

/** Addresses that come out at `nowMs`, in order. */
function pollAll(wheel: ExpiryWheel, nowMs: number): number[] {
  const addresses: number[] = [];
  while (wheel.nextDueMs() <= nowMs) wheel.poll(nowMs, 1000, (_hash, address) => addresses.push(address));
  return addresses.sort((a, b) => a - b);
}

describe('ExpiryWheel', () => {
  it('gives back hash, address and table as they were added', () => {
    const wheel = new ExpiryWheel(START_MS);
    const entries = [
      [-1, ADDRESS, 0],
      [0x7fffffff, 2 ** 48 - 1, 0xffff],
      [-0x80000000, 1, 258],
    ];
    for (const [hash, address, table] of entries) wheel.add(START_MS + 100, hash, address, table);
    const seen: number[][] = [];
    expect(wheel.poll(START_MS + 200, 10, (...entry) => seen.push(entry))).toBe(3);
    expect(seen.sort((a, b) => a[2] - b[2])).toEqual([entries[0], entries[2], entries[1]]);
  });

  it('brings a deadline out at most 64 ms late and never early, far or near', () => {
    for (const ttlMs of [1, 63, 64, 65, 4_095, 4_096, 4_097, 60_000, 262_144, 3_600_000]) {
      for (const offsetMs of [0, 1, 31, 63]) {
        const wheel = new ExpiryWheel(START_MS + offsetMs);
        const atMs = START_MS + offsetMs + ttlMs;
        wheel.add(atMs, 1, ADDRESS, 2);
        for (let nowMs = START_MS; nowMs < atMs; nowMs = Math.min(atMs, nowMs + Math.ceil(ttlMs / 7))) {
          expect(pollAll(wheel, nowMs)).toEqual([]);
        }
        expect(pollAll(wheel, atMs - 1)).toEqual([]);
        expect(pollAll(wheel, atMs + 63 + Math.ceil(ttlMs / 65_536))).toEqual([ADDRESS]);
      }
    }
  });

  it('holds deadlines years away and comes no later than a 65,536th of the time', () => {
    for (const days of [1, 30, 365, 3650, 365_000]) {
      const wheel = new ExpiryWheel(START_MS);
      const atMs = START_MS + days * DAY_MS;
      wheel.add(atMs, 1, ADDRESS, 2);
      expect(pollAll(wheel, atMs - 1)).toEqual([]);
      expect(pollAll(wheel, atMs + 64 + Math.ceil((days * DAY_MS) / 65_536))).toEqual([ADDRESS]);
    }
  });

  it('brings a lone deadline out in one jump of time, also from the last bucket of a turn', () => {
    for (let level = 0; level < 7; level++) {
      const turnMs = 64 ** (level + 2);
      for (const offsetMs of [0, 64, 640, turnMs / 64, turnMs / 2, turnMs - 64]) {
        for (const ttlMs of [turnMs - 64, turnMs - 65, turnMs / 64, turnMs / 2]) {
          const startMs = turnMs + offsetMs;
          const atMs = startMs + ttlMs;
          if (atMs >= 2 ** 48 - 64) continue;
          const wheel = new ExpiryWheel(startMs);
          wheel.add(atMs, 1, ADDRESS, 2);
          expect(wheel.nextDueMs()).toBeLessThan(atMs + 64 + ttlMs / 65_536);
          expect(pollAll(wheel, atMs + 64 + Math.ceil(ttlMs / 65_536))).toEqual([ADDRESS]);
        }
      }
    }
  });

  it('takes a deadline beyond all times for the last one, and one that has passed for due', () => {
    const wheel = new ExpiryWheel(START_MS);
    wheel.add(Number.POSITIVE_INFINITY, 1, 11, 2);
    wheel.add(START_MS - DAY_MS, 1, 12, 2);
    wheel.add(0, 1, 13, 2);
    expect(pollAll(wheel, START_MS)).toEqual([12, 13]);
    expect(pollAll(wheel, 2 ** 47)).toEqual([]);
    expect(pollAll(wheel, 2 ** 48)).toEqual([11]);
  });

  it('refuses a deadline that is no time', () => {
    const wheel = new ExpiryWheel(START_MS);
    expect(() => wheel.add(Number.NaN, 1, 2, 3)).toThrow('assertion');
    expect(() => wheel.add(-1, 1, 2, 3)).toThrow('assertion');
  });

  it('shows no more than asked for and keeps the rest', () => {
    const wheel = new ExpiryWheel(START_MS);
    for (let address = 1; address <= 100; address++) wheel.add(START_MS + 10, 0, address, 0);
    const seen = new Set<number>();
    const see = (_hash: number, address: number): unknown => seen.add(address);
    expect(wheel.poll(START_MS + 100, 30, see)).toBe(30);
    expect(wheel.size).toBe(70);
    expect(wheel.poll(START_MS + 100, 0, see)).toBe(0);
    expect(wheel.poll(START_MS + 100, 71, see)).toBe(70);
    expect(seen.size).toBe(100);
  });

  it('lets the visitor set a deadline anew', () => {
    const wheel = new ExpiryWheel(START_MS);
    wheel.add(START_MS + 10, 1, 2, 3);
    wheel.poll(START_MS + 100, 10, (hash, address, table) => wheel.add(START_MS + 200, hash, address, table));
    expect(wheel.size).toBe(1);
    expect(pollAll(wheel, START_MS + 199)).toEqual([]);
    expect(pollAll(wheel, START_MS + 264)).toEqual([2]);
  });

  it('stands still when time goes back', () => {
    const wheel = new ExpiryWheel(START_MS);
    wheel.add(START_MS + 5000, 1, 2, 3);
    expect(pollAll(wheel, START_MS + 4000)).toEqual([]);
    expect(pollAll(wheel, START_MS - DAY_MS)).toEqual([]);
    expect(pollAll(wheel, START_MS + 5100)).toEqual([2]);
  });

  it('says when it has something to do next', () => {
    const wheel = new ExpiryWheel(START_MS);
    expect(wheel.nextDueMs()).toBe(Number.POSITIVE_INFINITY);
    wheel.add(START_MS + DAY_MS, 1, 2, 3);
    let polls = 0;
    for (let nowMs = wheel.nextDueMs(); nowMs < Number.POSITIVE_INFINITY; nowMs = wheel.nextDueMs()) {
      expect(nowMs).toBeLessThan(START_MS + DAY_MS + 2000);
      wheel.poll(nowMs, 1, () => expect(nowMs).toBeGreaterThanOrEqual(START_MS + DAY_MS));
      polls++;
    }
    expect(polls).toBeLessThanOrEqual(7);
  });

  it('takes less than 15 bytes an entry, and gives all of it back', () => {
    const wheel = new ExpiryWheel(START_MS);
    const emptyBytes = wheel.bytesHeld;
    for (let i = 0; i < 250_000; i++) wheel.add(START_MS + (i % 1000) * 977, 0, i, 0);
    for (let i = 0; i < 250_000; i++) wheel.add(START_MS + DAY_MS + (i % 1000) * 977, 0, i, 0);
    expect(wheel.bytesHeld / wheel.size).toBeLessThan(15);
    expect(pollAll(wheel, START_MS + DAY_MS / 2).length).toBe(250_000);
    expect(wheel.bytesHeld / wheel.size).toBeLessThan(17);
    expect(pollAll(wheel, START_MS + 2 * DAY_MS).length).toBe(250_000);
    expect(wheel.bytesHeld).toBe(emptyBytes);
  });

  it('uses again what came free between other entries', () => {
    const wheel = new ExpiryWheel(START_MS);
    for (let i = 0; i < 200_000; i++) wheel.add(START_MS + (i % 1000) * 977, 0, i, 0);
    const fullBytes = wheel.bytesHeld;
    expect(pollAll(wheel, START_MS + 500 * 977).length).toBeGreaterThan(99_000);
    for (let i = 0; i < 99_000; i++) wheel.add(START_MS + DAY_MS, 0, i, 0);
    expect(wheel.bytesHeld).toBeLessThanOrEqual(fullBytes);
  });

  it('moves no more than its share in one call when a million entries share a bucket', () => {
    const wheel = new ExpiryWheel(START_MS);
    for (let address = 0; address < 1_000_000; address++) wheel.add(START_MS + DAY_MS, 0, address, 0);
    const nowMs = START_MS + 2 * DAY_MS;
    let seen = 0;
    let polls = 0;
    for (; wheel.nextDueMs() <= nowMs; polls++) wheel.poll(nowMs, 1_000_000, () => seen++);
    expect(seen).toBe(1_000_000);
    expect(polls).toBeGreaterThan(60);
  });

  it('sweeps out what is stale and keeps the rest, a few entries at a time', () => {
    const wheel = new ExpiryWheel(START_MS);
    for (let address = 0; address < 50_000; address++) wheel.add(START_MS + (address % 700) * 10_007, 0, address, 0);
    let looks = 0;
    let rounds = 0;
    while (!wheel.sweep(100, (_hash, address) => ++looks > 0 && address % 10 !== 3)) rounds++;
    expect(rounds).toBeGreaterThan(400);
    expect(wheel.size).toBeLessThan(5_200);
    const kept = pollAll(wheel, START_MS + DAY_MS).filter((address) => address % 10 === 3);
    expect(kept.length).toBe(5_000);
  });
});

describe('a saved ExpiryWheel', () => {
  it('comes back whole, at another time and from an odd offset', () => {
    const wheel = new ExpiryWheel(START_MS);
    for (let i = 0; i < 5000; i++) wheel.add(START_MS + i * i * 1009, i - 2500, ADDRESS + i, i);
    const { bytes, next } = wheel.save(0, Number.POSITIVE_INFINITY);
    expect(next).toBe(-1);
    const moved = new Uint8Array(bytes.length + 3).subarray(3);
    moved.set(bytes);
    const loaded = new ExpiryWheel(START_MS + DAY_MS);
    expect(loaded.load(moved)).toBeUndefined();
    expect(loaded.size).toBe(5000);
    const nowMs = START_MS + 5000 * 5000 * 1009 * 1.001;
    while (loaded.nextDueMs() <= nowMs) {
      loaded.poll(nowMs, 5000, (hash, address, table) => {
        expect([hash, address]).toEqual([table - 2500, ADDRESS + table]);
      });
    }
    expect(loaded.size).toBe(0);
  });

  it('comes back from parts, each of about the size asked for', () => {
    const wheel = new ExpiryWheel(START_MS);
    for (let i = 0; i < 20_000; i++) wheel.add(START_MS + i * 64, 0, i, 0);
    const loaded = new ExpiryWheel(START_MS);
    let parts = 0;
    for (let from = 0; from >= 0; parts++) {
      const part = wheel.save(from, 20_000);
      expect(part.bytes.length).toBeLessThan(100_000);
      expect(loaded.load(part.bytes)).toBeUndefined();
      from = part.next;
    }
    expect(parts).toBeGreaterThan(3);
    expect(loaded.size).toBe(20_000);
  });

  it('is the same bytes for the same entries, whatever lay in memory before', () => {
    const fresh = new ExpiryWheel(START_MS);
    const used = new ExpiryWheel(START_MS - 1000);
    for (const wheel of [fresh, used]) wheel.add(START_MS + DAY_MS, 99, 99, 99);
    for (let i = 0; i < 1000; i++) used.add(START_MS - 500, -1, 2 ** 48 - 1, 0xffff);
    expect(used.poll(START_MS, 2000, () => {})).toBe(1000);
    for (const wheel of [fresh, used]) for (let i = 1; i < 20; i++) wheel.add(START_MS + 7777 * i, i, i, i);
    expect(used.save(0, 1e9).bytes).toEqual(fresh.save(0, 1e9).bytes);
  });

  it('is not loaded when malformed: each way is told apart and nothing is added', () => {
    const wheel = new ExpiryWheel(START_MS);
    for (let i = 0; i < 40; i++) wheel.add(START_MS + 1000, i, i, i);
    const { bytes } = wheel.save(0, Number.POSITIVE_INFINITY);
    const broken = (at: number, value: number): Uint8Array => {
      const copy = Buffer.from(bytes);
      copy.writeUInt32LE(value, at);
      return copy;
    };
    const cases: [Uint8Array, string][] = [
      [bytes.subarray(0, 7), 'too short for a header'],
      [broken(0, 1), 'not a part of an expiry wheel, or of another version'],
      [broken(4, 2), 'ends before run 1'],
      [broken(4, 0xffffffff), 'ends before run 1'],
      [broken(4, 0), 'has bytes after its last run'],
      [broken(8 + 4, 0x10000), 'run 0 ends beyond all times'],
      [broken(8 + 8, 0), 'run 0 is empty'],
      [broken(8 + 8, 49), 'ends within run 0'],
      [broken(8 + 8, 0xffffffff), 'ends within run 0'],
      [broken(8 + 12, 27), 'run 0 has a wrong unit'],
      [bytes.subarray(0, bytes.length - 1), 'ends within run 0'],
      [Buffer.concat([bytes, Buffer.alloc(1)]), 'has bytes after its last run'],
    ];
    const loaded = new ExpiryWheel(START_MS);
    for (const [input, problem] of cases) expect(loaded.load(input)).toBe(problem);
    expect(loaded.size).toBe(0);
  });
});
