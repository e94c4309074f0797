/**
 * The read cache against a Map of what was given to it. What is not pinned may be gone; what is found must be right,
 * what is pinned must be where it was, and the copies' sizes must add up to the bytes held.
 */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { ReadCache } from './read-cache.ts';

const SEEDS = Array.from({ length: 8 }, (_, i) => i + 1);
const STEPS = 6000;
const ADDRESSES = 300;
const PINNED_MAX = 8;

interface Expected {
  bytes: Buffer;
  pins: number;
  /** Where it is, if pinned. */
  offset: number;
  /** Invalidated while pinned. */
  dead: boolean;
}

class Run {
  readonly prng: Prng;
  readonly cache: ReadCache;
  readonly expected = new Map<number, Expected>();

  constructor(seed: number) {
    this.prng = new Prng(seed);
    this.cache = new ReadCache([512, 4096, 16_384, 65_536][seed % 4]);
  }

  step(): void {
    const address = this.address();
    const dice = this.prng.nextBelow(1000);
    if (dice < 500) this.insert(address, this.prng.nextBelow(6) === 0);
    else if (dice < 800) this.find(address);
    else if (dice < 850) this.pin(address);
    else if (dice < 930) this.unpinAny();
    else if (dice < 985) this.invalidate(address);
    else if (dice < 990) this.clear();
    else this.checkAll();
  }

  /** One of a few hundred, the smaller the likelier, spread over the whole range. */
  address(): number {
    const number = Math.floor(this.prng.nextDouble() ** 2 * ADDRESSES);
    return number * 2 ** (number % 40) + number;
  }

  pinnedCount(): number {
    let count = 0;
    for (const entry of this.expected.values()) if (entry.pins > 0) count++;
    return count;
  }

  insert(address: number, pinned: boolean): void {
    const entry = this.expected.get(address);
    if (pinned && this.pinnedCount() >= PINNED_MAX) return;
    const length = this.prng.nextBelow(this.prng.nextBelow(8) === 0 ? this.cache.bytes.length / 3 : 100);
    const source = Buffer.from(Uint8Array.from({ length: length + 9 }, () => this.prng.nextBelow(256)));
    // What is there must stay as it is, so its bytes do not matter.
    const there = this.cache.find(address) >= 0;
    const offset = this.cache.insert(source, 9, length, address, pinned);
    if (entry?.dead) expect(offset).toBe(-1);
    if (length * 4 > this.cache.bytes.length) expect(offset).toBe(-1);
    else if (this.pinnedCount() === 0) expect(offset).toBeGreaterThanOrEqual(0);
    if (offset < 0) return;
    expect(offset % 8).toBe(0);
    const now = there ? entry! : { bytes: source.subarray(9), pins: 0, offset, dead: false };
    if (pinned) now.pins++;
    if (now.pins > 0) now.offset = offset;
    this.expected.set(address, now);
    this.check(address, offset);
  }

  find(address: number): void {
    const offset = this.cache.find(address);
    if (offset >= 0) this.check(address, offset);
    else if (this.expected.get(address)?.dead !== true) expect(this.expected.get(address)?.pins ?? 0).toBe(0);
  }

  check(address: number, offset: number): void {
    const entry = this.expected.get(address)!;
    expect(entry.dead).toBe(false);
    if (entry.pins > 0) expect(offset).toBe(entry.offset);
    const length = this.cache.lengthAt(offset);
    expect(this.cache.bytes.compare(entry.bytes, 0, entry.bytes.length, offset, offset + length)).toBe(0);
  }

  pin(address: number): void {
    if (this.pinnedCount() >= PINNED_MAX || !this.cache.pin(address)) return;
    const entry = this.expected.get(address)!;
    entry.pins++;
    entry.offset = this.cache.find(address);
    this.check(address, entry.offset);
  }

  unpinAny(): void {
    for (const [address, entry] of this.expected) {
      if (entry.pins === 0 || this.prng.nextBelow(3) === 0) continue;
      this.cache.unpin(address);
      if (--entry.pins === 0 && entry.dead) this.expected.delete(address);
      return;
    }
  }

  invalidate(address: number): void {
    this.cache.invalidate(address);
    this.drop(address);
    expect(this.cache.find(address)).toBe(-1);
  }

  clear(): void {
    this.cache.clear();
    for (const address of [...this.expected.keys()]) this.drop(address);
  }

  drop(address: number): void {
    const entry = this.expected.get(address);
    if (entry === undefined) return;
    if (entry.pins > 0) entry.dead = true;
    else this.expected.delete(address);
  }

  checkAll(): void {
    let sizeBytes = 0;
    for (const [address, entry] of this.expected) {
      const offset = this.cache.find(address);
      if (offset >= 0) this.check(address, offset);
      else if (!entry.dead) expect(entry.pins).toBe(0);
      if (offset >= 0 || entry.dead) sizeBytes += 16 + Math.ceil(entry.bytes.length / 8) * 8;
      if (entry.pins > 0) {
        const end = entry.offset + entry.bytes.length;
        expect(this.cache.bytes.subarray(entry.offset, end).equals(entry.bytes)).toBe(true);
      }
    }
    expect(this.cache.bytesHeld).toBe(sizeBytes);
  }
}

describe('ReadCache under fuzzing', () => {
  it.each(SEEDS)('finds only what is right and keeps all that is pinned (seed %i)', (seed) => {
    const run = new Run(seed);
    for (let step = 0; step < STEPS; step++) run.step();
    run.checkAll();
    expect(run.cache.evictions).toBeGreaterThan(100);
    expect(run.cache.hits).toBeGreaterThan(100);
  });
});
