/**
 * `ExpiryWheel`: which records are due, without reading any: a hierarchical timing wheel over (hash, address, table).
 *
 * Why a wheel: a deadline is added and found in constant time, 14 bytes each, and a record that was replaced needs no
 * removal here: its entry comes out when it is due and the visitor sees that no slot holds that address any more. The
 * scheme is that of G. Varghese and A. Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP 1987), scheme 7: 7 levels
 * of 64 buckets, a bucket of level 0 being 64 ms wide and each level 64 times as coarse as the one below, which
 * reaches over all times below 2^48 ms. When time reaches a coarse bucket its entries move to finer ones.
 *
 * An entry keeps no deadline, only how far before the end of its bucket it is due, in 65,536ths of the bucket.
 *
 * What always holds:
 * 1. No entry comes out early: every rounding goes up. Polled all the time, it comes out less than 64 ms + 1/65,536 of
 *    the time it had late.
 * 2. An entry of level L > 0 is in bucket `floor(tick / 64^L) % 64`, and that quotient is 1 to 64 above the quotient
 *    of `now`: a bucket never holds entries of two turns of its level.
 * 3. `now` moves on only when the chains of entries that are due or on their way to a finer bucket are empty.
 * 4. One call moves at most `MOVES_MAX` entries besides those it visits, however many share a bucket.
 *
 * Called by the keyspace (add, poll, sweep), checkpoints (save) and recovery (load). Time comes with each call and is
 * taken never to go back.
 */

import { assert } from '../base/assert.ts';
import { ExpiryChains } from './expiry-chains.ts';
import { decodeExpiry, encodeExpiry, type ExpiryRun } from './expiry-codec.ts';

type ExpiryVisitor = (hash: number, address: number, table: number) => void;
type ExpiryTest = (hash: number, address: number, table: number) => boolean;

const ENTRY_SIZE_BYTES = 14;
const GRAIN_MS = 64;
const LEVELS = 7;
const SLOTS = 64;
/** Takes the remainder by 64, also of numbers above 2^32, for which `%` is a slow division. */
const SLOT_MASK = SLOTS - 1;
/** Latest deadline told apart from later ones, in the year 10889. */
const DUE_MAX_MS = 2 ** 48 - GRAIN_MS;
const MOVES_MAX = 16_384;

// Chains: 64 buckets per level, then per level the bucket that is on its way down (level 0: due), then the one in sweep.
const DOWN = LEVELS * SLOTS;
const DUE = DOWN;
const SWEPT = DOWN + LEVELS;
const CHAINS = SWEPT + 1;

/** Width of a bucket of each level, in ticks of 64 ms; and one level more, beyond all times. */
const BUCKET_TICKS = Float64Array.from({ length: LEVELS + 1 }, (_, level) => SLOTS ** level);
/** Unit of an entry's distance from the end of its bucket, in ms, as a power of two. */
const UNIT_BITS = Uint8Array.from({ length: LEVELS }, (_, level) => Math.max(0, 6 * (level + 1) - 16));
const UNIT_MS = Float64Array.from(UNIT_BITS, (bits) => 2 ** bits);

export class ExpiryWheel {
  private readonly chains = new ExpiryChains(CHAINS);
  /** Up to here, in ticks, every bucket has been emptied. */
  private now: number;
  /** What the distances of the chain in sweep are measured from and in. */
  private sweptEnd = 0;
  private sweptLevel = 0;
  /** Bucket to sweep next. */
  private sweepNext = 0;

  constructor(nowMs: number) {
    this.now = Math.floor(nowMs / GRAIN_MS);
  }

  get size(): number {
    return this.chains.size;
  }

  get bytesHeld(): number {
    return this.chains.bytesHeld;
  }

  /** Adds a deadline; one that has passed comes out at the next poll. `table` is a uint16, `hash` an int32. */
  add(atMs: number, hash: number, address: number, table: number): void {
    assert(atMs >= 0, 'a deadline is a time since the epoch');
    this.place(Math.min(Math.ceil(atMs), DUE_MAX_MS) + GRAIN_MS - 1, hash, address, table);
  }

  /**
   * Takes out up to `max` entries that are due at `nowMs` and shows each to `visit`, which may call `add`. Returns how
   * many; if that is less than `max`, no more are due, unless `nextDueMs() <= nowMs`: then this call has done its
   * share of moving entries and the next goes on. An entry counts as taken out even if `visit` throws.
   */
  poll(nowMs: number, max: number, visit: ExpiryVisitor): number {
    const chains = this.chains;
    const nowTick = Math.floor(nowMs / GRAIN_MS);
    let movesLeft = MOVES_MAX;
    let visited = 0;
    while (visited < max) {
      if (chains.pop(DUE)) {
        visited++;
        visit(chains.hash, chains.address, chains.table);
        continue;
      }
      if (movesLeft === 0) break;
      for (let level = 1; level < LEVELS && movesLeft > 0; level++) {
        movesLeft = this.moveDown(DOWN + level, this.endOf(level, this.now), level, movesLeft);
      }
      if (this.sweptEnd + 1 <= (nowTick + BUCKET_TICKS[this.sweptLevel]) * GRAIN_MS) {
        movesLeft = this.moveDown(SWEPT, this.sweptEnd, this.sweptLevel, movesLeft);
      }
      if (movesLeft > 0 && chains.isEmpty(DUE) && !this.advance(nowTick)) break;
    }
    return visited;
  }

  /** When `poll` next has something to do, which is no later than the next entry comes out; Infinity when empty. */
  nextDueMs(): number {
    if (this.size === 0) return Number.POSITIVE_INFINITY;
    let tick = this.nextBucketTick();
    for (let level = 0; level < LEVELS; level++) {
      if (!this.chains.isEmpty(DOWN + level)) tick = this.now;
    }
    if (!this.chains.isEmpty(SWEPT)) {
      tick = Math.min(tick, (this.sweptEnd + 1) / GRAIN_MS - BUCKET_TICKS[this.sweptLevel]);
    }
    return tick * GRAIN_MS;
  }

  /** Shows an entry at random to `visit`: perhaps a stale one, or one that came out. False when it met none. */
  sample(random: number, visit: ExpiryVisitor): boolean {
    const { chains } = this;
    if (!chains.peek(random)) return false;
    visit(chains.hash, chains.address, chains.table);
    return true;
  }

  /**
   * Drops entries that are not due but already stale, for keys whose deadline is set anew again and again. Looks at
   * up to `max` entries and goes on there at the next call; true when a round through the wheel has ended.
   */
  sweep(max: number, isStale: ExpiryTest): boolean {
    const chains = this.chains;
    for (let left = max; left > 0; left--) {
      if (chains.pop(SWEPT)) {
        const { hash, address, table, back } = chains;
        if (!isStale(hash, address, table)) {
          this.place(this.sweptEnd - back * UNIT_MS[this.sweptLevel], hash, address, table);
        }
        continue;
      }
      if (this.sweepNext === DOWN) {
        this.sweepNext = 0;
        return true;
      }
      const chain = this.sweepNext++;
      this.sweptLevel = Math.floor(chain / SLOTS);
      this.sweptEnd = this.endOf(this.sweptLevel, this.tickOf(this.sweptLevel, chain & SLOT_MASK));
      chains.move(chain, SWEPT);
    }
    return false;
  }

  /**
   * Writes the entries of whole buckets from the `from`th on (0 to begin) until `sizeMaxBytes` are reached. The parts
   * together hold every entry that was there at the first call and has not come out since, perhaps twice, whatever
   * polls and sweeps went on between; entries added since may be missing. `next` is -1 after the last part.
   */
  save(from: number, sizeMaxBytes: number): { bytes: Uint8Array; next: number } {
    // From the coarsest level to the finest, and what is on its way down from a level after that level: entries move
    // only to where it has not been yet. Those in sweep may move to where it has been, so every part has them.
    assert(sizeMaxBytes > 0, 'a part has a size');
    const runs: ExpiryRun[] = [];
    this.addRun(runs, SWEPT, this.sweptLevel, this.sweptEnd);
    let entries = 0;
    let next = from;
    const steps = LEVELS * (SLOTS + 1);
    for (; next < steps && entries * ENTRY_SIZE_BYTES < sizeMaxBytes; next++) {
      const level = LEVELS - 1 - Math.floor(next / (SLOTS + 1));
      const slot = next % (SLOTS + 1);
      if (slot < SLOTS) {
        entries += this.addRun(runs, level * SLOTS + slot, level, this.endOf(level, this.tickOf(level, slot)));
      } else {
        // Entries that are due have distance 0 from the present.
        const end = level === 0 ? this.now * GRAIN_MS : this.endOf(level, this.now);
        entries += this.addRun(runs, DOWN + level, level, end);
      }
    }
    return { bytes: encodeExpiry(this.chains, runs), next: next === steps ? -1 : next };
  }

  /**
   * Adds the entries of one part that `save` wrote, and shows each to `visit`. Returns what is wrong with it, having added
   * nothing, if it is.
   */
  load(bytes: Uint8Array, visit?: ExpiryVisitor): string | undefined {
    return decodeExpiry(bytes, (key, hash, address, table) => {
      this.place(key, hash, address, table);
      visit?.(hash, address, table);
    });
  }

  private addRun(runs: ExpiryRun[], chain: number, level: number, end: number): number {
    if (this.chains.isEmpty(chain)) return 0;
    const count = this.chains.countOf(chain);
    runs.push({ chain, count, end, unitBits: UNIT_BITS[level] });
    return count;
  }

  /** Puts an entry where it belongs. `key` is its deadline + 63: the tick in which it falls is the one it is due at. */
  private place(key: number, hash: number, address: number, table: number): void {
    const tick = Math.floor(key / GRAIN_MS);
    const distance = tick - this.now;
    if (distance <= 0) {
      this.chains.push(DUE, hash, address, table, 0);
      return;
    }
    let level = 0;
    while (distance >= BUCKET_TICKS[level + 1]) level++;
    const ticks = BUCKET_TICKS[level];
    const bucket = Math.floor(tick / ticks);
    const back = Math.floor(((bucket + 1) * ticks * GRAIN_MS - 1 - key) / UNIT_MS[level]);
    this.chains.push(level * SLOTS + (bucket & SLOT_MASK), hash, address, table, back);
  }

  /** Moves entries of a bucket that was taken off the wheel to where they belong now. Returns the moves left. */
  private moveDown(chain: number, end: number, level: number, movesLeft: number): number {
    const chains = this.chains;
    const unitMs = UNIT_MS[level];
    while (movesLeft > 0 && chains.pop(chain)) {
      this.place(end - chains.back * unitMs, chains.hash, chains.address, chains.table);
      movesLeft--;
    }
    return movesLeft;
  }

  /** Moves `now` to the next bucket that begins by `nowTick` and takes it off the wheel; false when there is none. */
  private advance(nowTick: number): boolean {
    const tick = this.nextBucketTick();
    if (tick > nowTick) {
      this.now = Math.max(this.now, nowTick);
      return false;
    }
    this.now = tick;
    for (let level = 0; level < LEVELS && tick % BUCKET_TICKS[level] === 0; level++) {
      this.chains.move(level * SLOTS + ((tick / BUCKET_TICKS[level]) & SLOT_MASK), DOWN + level);
    }
    return true;
  }

  /** The tick at which the first bucket with entries begins; Infinity when there is none. */
  private nextBucketTick(): number {
    let first = Number.POSITIVE_INFINITY;
    for (let level = 0; level < LEVELS; level++) {
      const ticks = BUCKET_TICKS[level];
      const current = Math.floor(this.now / ticks);
      for (let bucket = current + 1; bucket <= current + SLOTS && bucket * ticks < first; bucket++) {
        if (!this.chains.isEmpty(level * SLOTS + (bucket & SLOT_MASK))) first = bucket * ticks;
      }
    }
    return first;
  }

  /** The tick at which the bucket in `slot` of a level begins. */
  private tickOf(level: number, slot: number): number {
    const current = Math.floor(this.now / BUCKET_TICKS[level]);
    const ahead = (slot - current) & SLOT_MASK;
    return (current + (ahead === 0 ? SLOTS : ahead)) * BUCKET_TICKS[level];
  }

  /** The last key of the bucket of a level that `tick` is in. */
  private endOf(level: number, tick: number): number {
    const ticks = BUCKET_TICKS[level];
    return (Math.floor(tick / ticks) + 1) * ticks * GRAIN_MS - 1;
  }
}
