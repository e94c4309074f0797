/**
 * The expiry wheel against a plain list of deadlines, under jumps of time, sweeps, saves in parts and reloads.
 *
 * Entries are told apart by their address. A seed that failed is repeated by putting it first in `SEEDS`.
 */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { ExpiryWheel } from './expiry-wheel.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);
const STEPS = 1000;
const START_MS = 1_760_000_000_000;

interface Expected {
  atMs: number;
  /** Latest time at which it must be out when everything due is taken. */
  latestMs: number;
  hash: number;
  table: number;
}

class Run {
  readonly prng: Prng;
  readonly expected = new Map<number, Expected>();
  nowMs = START_MS;
  /** When everything due was last taken: what the wheel's precision is a share of begins here. */
  emptiedMs = START_MS;
  wheel = new ExpiryWheel(START_MS);
  address = 2 ** 40;
  readonly mayComeTwice: boolean;

  constructor(seed: number) {
    this.prng = new Prng(seed);
    // Parts saved while entries move may hold one twice; half of the runs do without, to see that nothing else does.
    this.mayComeTwice = seed % 2 === 0;
  }

  /** A span of time: the smaller the likelier, up to years. */
  span(): number {
    return Math.floor(this.prng.nextDouble() * 2 ** this.prng.nextBelow(40));
  }

  add(): void {
    const atMs = this.prng.nextBelow(20) === 0 ? this.nowMs - this.span() : this.nowMs + this.span();
    const hash = this.prng.nextUint32() | 0;
    const table = this.prng.nextBelow(65_536);
    this.address += 1 + this.prng.nextBelow(1000) * 4_294_967;
    const latestMs = atMs + 64 + Math.ceil((Math.max(0, atMs - this.emptiedMs) + 128) / 65_536);
    this.expected.set(this.address, { atMs, latestMs, hash, table });
    this.wheel.add(Math.max(0, atMs), hash, this.address, table);
  }

  poll(): void {
    this.nowMs += Math.floor(this.span() / 2 ** this.prng.nextBelow(12));
    const max = 1 + this.prng.nextBelow(50);
    this.wheel.poll(this.nowMs, max, this.visit);
    if (this.prng.nextBelow(2) === 0) this.pollAll();
  }

  pollAll(): void {
    while (this.wheel.nextDueMs() <= this.nowMs) this.wheel.poll(this.nowMs, 1000, this.visit);
    this.emptiedMs = this.nowMs;
    let late = 0;
    for (const { latestMs } of this.expected.values()) if (latestMs <= this.nowMs) late++;
    expect(late).toBe(0);
  }

  readonly visit = (hash: number, address: number, table: number): void => {
    const entry = this.expected.get(address);
    if (entry === undefined) {
      expect(this.mayComeTwice).toBe(true);
      return;
    }
    expect({ hash, table }).toEqual({ hash: entry.hash, table: entry.table });
    expect(entry.atMs).toBeLessThanOrEqual(this.nowMs);
    this.expected.delete(address);
    if (this.prng.nextBelow(10) === 0) this.add();
  };

  sweep(): void {
    const dropped = this.prng.nextBelow(3);
    this.wheel.sweep(1 + this.prng.nextBelow(400), (_hash, address) => {
      if (address % 3 === dropped) this.expected.delete(address);
      return address % 3 === dropped;
    });
  }

  /** Saves in parts while time goes on and entries come out and are swept, and loads the parts into a new wheel. */
  reload(): void {
    const parts: Uint8Array[] = [];
    if (!this.mayComeTwice) while (!this.wheel.sweep(1000, () => false));
    for (let from = 0; from >= 0; ) {
      const part = this.wheel.save(from, 1 + this.prng.nextBelow(3000));
      parts.push(part.bytes);
      from = part.next;
      if (!this.mayComeTwice) continue;
      this.nowMs += Math.floor(this.span() / 2 ** this.prng.nextBelow(30));
      this.wheel.poll(this.nowMs, this.prng.nextBelow(20), this.visitWithoutAdding);
      if (this.prng.nextBelow(2) === 0) this.sweep();
    }
    this.wheel = new ExpiryWheel(this.nowMs);
    for (const part of parts) expect(this.wheel.load(part)).toBeUndefined();
    if (!this.mayComeTwice) expect(this.wheel.size).toBe(this.expected.size);
  }

  readonly visitWithoutAdding = (_hash: number, address: number): void => {
    this.expected.delete(address);
  };
}

describe('ExpiryWheel under fuzzing', () => {
  it.each(SEEDS)('loses no entry and brings none out early (seed %i)', (seed) => {
    const run = new Run(seed);
    for (let step = 0; step < STEPS; step++) {
      const dice = run.prng.nextBelow(100);
      if (dice < 60) for (let i = run.prng.nextBelow(8); i >= 0; i--) run.add();
      else if (dice < 92) run.poll();
      else if (dice < 98) run.sweep();
      else run.reload();
      if (!run.mayComeTwice) expect(run.wheel.size).toBe(run.expected.size);
    }
    run.nowMs = 2 ** 48;
    while (run.wheel.nextDueMs() <= run.nowMs) run.wheel.poll(run.nowMs, 1000, run.visitWithoutAdding);
    expect(run.wheel.size).toBe(0);
    expect(run.expected.size, 'entries were lost').toBe(0);
  });

  it.each(SEEDS)('answers damaged bytes with a text or with entries, never with an exception (seed %i)', (seed) => {
    const prng = new Prng(seed);
    const wheel = new ExpiryWheel(START_MS);
    for (let i = 0; i < 200; i++) wheel.add(START_MS + prng.nextBelow(100_000_000), i, i, i);
    const { bytes } = wheel.save(0, Number.POSITIVE_INFINITY);
    for (let i = 0; i < 200; i++) {
      const damaged = Uint8Array.from(
        bytes.subarray(0, prng.nextBelow(4) ? bytes.length : prng.nextBelow(bytes.length)),
      );
      for (let flips = prng.nextBelow(4); flips >= 0 && damaged.length > 0; flips--) {
        damaged[prng.nextBelow(prng.nextBelow(2) ? Math.min(64, damaged.length) : damaged.length)] =
          prng.nextBelow(256);
      }
      const loaded = new ExpiryWheel(START_MS);
      const problem = loaded.load(damaged);
      if (problem !== undefined) expect(loaded.size).toBe(0);
      else while (loaded.nextDueMs() <= 2 ** 48) loaded.poll(2 ** 48, 1000, () => {});
      expect(loaded.size).toBe(0);
    }
  });
});
