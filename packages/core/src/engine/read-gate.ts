/**
 * The gate between a command's handler and the disk: whether a record that is not in memory is read on the spot.
 *
 * Handlers are synchronous, and a read from disk would let all clients wait. So a handler that meets such a record is
 * unwound by throwing `gate.pending`: the records are read off the loop (`Fetcher`), and it runs anew from its start.
 * What always holds:
 *
 * 1. Only what has written nothing yet is unwound; what has is served on the spot, and counted (`syncReads`).
 * 2. Reads that cost little, from the page cache, are made on the spot: while their smoothed time is below 30 us, and for
 *    one millisecond of a turn of the loop at most. A read in the pool would take more processor time than that.
 * 3. While the state is `GATE_OPEN`, nobody asks the gate: for the embedded door, for background work, for undoing.
 *
 * A record in memory is found without a look at the gate. Called by `locate`, and by whoever is about to read several
 * records, so that one wait brings all of them.
 */

import { COLD_BASE } from './address.ts';
import type { Store } from './store.ts';

// States.
/** Reads are made on the spot. */
export const GATE_OPEN = 0;
/** The same, but they are counted: a command that cannot be unwound. */
export const GATE_COUNTED = 1;
/** A command that only reads. */
export const GATE_READS = 2;
/** One that may write: it is unwound while it has not. */
export const GATE_WRITES = 3;

/** How often a command is run anew; then it reads on the spot, so that it always ends. */
export const ROUNDS_MAX = 16;
const INLINE_MAX_MS = 0.03;
const INLINE_PER_TURN_MS = 1;
/** A longer read counts as one of this length: it may be the process that had to wait, not the read. */
const SAMPLE_MAX_MS = 0.06;
/** But not one that takes so long: one is enough. */
const STALL_MS = 20;
/** How much of the last read goes into the smoothed time of all. */
const SMOOTHING = 1 / 8;
/** Once reads are slow, a few are tried on the spot after so long, then after twice as long, and so on. */
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 60_000;
const TRIES = 4;
/** More records than that are not waited for at once. */
const WANTED_MAX = 4096;

/** What unwinds a handler. */
class Pending extends Error {
  override readonly name = 'Pending';
}

export class ReadGate {
  state = GATE_OPEN;
  /** How often the command at hand has waited. */
  rounds = 0;
  /** Addresses of the records that the unwound handler lacked. */
  wanted: number[] = [];
  readonly pending = new Pending('a record has to be read from disk first');
  /** What the unwound handler waits for, if not for records. */
  awaited: Promise<void> | null = null;
  /** Mean time of a read on the spot, the last ones counting most. */
  smoothedMs = 0;
  private usedMs = 0;
  private isTurnCounted = false;
  private retryAtMs = 0;
  private triesLeft = TRIES;
  private retryDelayMs = RETRY_MIN_MS;
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  /** Before a record is read on the spot: returns if it may be, else unwinds the handler. */
  enter(address: number): void {
    if (this.mayReadInline) return;
    if (this.mayWait) this.unwind([address]);
    this.count();
  }

  /** A command reads on the spot though it should have waited. */
  count(): void {
    if (!this.isFast) this.store.counters.syncReads++;
  }

  /** Whether reads come from memory of the system, so that those beyond this turn's are better made in the next one. */
  get isFast(): boolean {
    return this.smoothedMs < INLINE_MAX_MS;
  }

  /** The read took so long. */
  measured(elapsedMs: number): void {
    this.usedMs += elapsedMs;
    if (!this.isTurnCounted) {
      this.isTurnCounted = true;
      this.store.yieldTurn().then(() => {
        this.isTurnCounted = false;
        this.usedMs = 0;
      });
    }
    if (!this.isFast) this.tried(elapsedMs);
    else {
      const sampleMs = elapsedMs < STALL_MS ? Math.min(elapsedMs, SAMPLE_MAX_MS) : elapsedMs;
      this.smoothedMs += (sampleMs - this.smoothedMs) * SMOOTHING;
      if (!this.isFast) this.retryAfter(RETRY_MIN_MS);
    }
  }

  /** Reads were slow: one that is fast again is believed, one that is not could have been bad luck. */
  private tried(elapsedMs: number): void {
    if (elapsedMs < INLINE_MAX_MS) this.smoothedMs = elapsedMs;
    else if (--this.triesLeft === 0) this.retryAfter(Math.min(this.retryDelayMs * 2, RETRY_MAX_MS));
  }

  private retryAfter(delayMs: number): void {
    this.triesLeft = TRIES;
    this.retryDelayMs = delayMs;
    this.retryAtMs = this.store.clock.monotonicMs() + delayMs;
  }

  get mayReadInline(): boolean {
    if (this.usedMs >= INLINE_PER_TURN_MS) return false;
    return this.isFast || this.store.clock.monotonicMs() >= this.retryAtMs;
  }

  private get mayWait(): boolean {
    if (this.rounds >= ROUNDS_MAX) return false;
    return this.state === GATE_READS || (this.state === GATE_WRITES && !this.store.hasWritten);
  }

  /**
   * Before several records are located, those of `addresses` from `from` to `until`, of about `bytesEach`: true if all
   * are at hand, false if those on disk may be read on the spot. Else it unwinds the handler. 0 stands for no record.
   */
  bring(addresses: ArrayLike<number>, from: number, until: number, bytesEach: number): boolean {
    if (this.state === GATE_OPEN) return false;
    const missing: number[] = [];
    for (let i = from; i < until; i++) {
      if (addresses[i] !== 0 && this.isMissing(addresses[i])) missing.push(addresses[i]);
    }
    if (missing.length === 0) return true;
    if (this.isFast && this.mayReadInline) {
      // So many are read on the spot in one go: to begin anew each millisecond would only take longer.
      if (missing.length > WANTED_MAX) this.state = GATE_COUNTED;
      return false;
    }
    const countMax = Math.min(WANTED_MAX, Math.max(1, Math.floor(this.pinnedMaxBytes / bytesEach)));
    const isTooMuch = missing.length > countMax;
    if (this.mayWait && !(isTooMuch && this.rounds > 0)) this.unwind(missing.slice(0, countMax));
    // More than can be kept for it, or it has written already: what is missing is read on the spot, and counted.
    if (isTooMuch) this.state = GATE_COUNTED;
    return false;
  }

  /** A command needs work that goes on by itself: if it may wait, its handler is unwound until that is done. */
  waitFor(work: () => Promise<void>): void {
    if (!this.mayWait) return;
    this.awaited = work();
    this.unwind([]);
  }

  /** Memory that records may take which are kept for commands that wait. */
  get pinnedMaxBytes(): number {
    return this.store.cache.bytes.length / 4;
  }

  /** Whether the record is on disk and not in the read cache. */
  isMissing(address: number): boolean {
    return this.isOnDisk(address) && this.store.cache.find(address) < 0;
  }

  isOnDisk(address: number): boolean {
    return address >= COLD_BASE || address < this.store.log.head;
  }

  private unwind(wanted: number[]): never {
    this.wanted = wanted;
    throw this.pending;
  }
}
