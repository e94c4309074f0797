/**
 * The committer: when what was written becomes immutable, reaches the device, and is durable.
 *
 * | mode | before a write is acknowledged | later |
 * |---|---|---|
 * | always | sealed, written, fdatasynced (asynchronous writers of a turn share one) | |
 * | everysec | sealed, written | fdatasync each second in the pool |
 * | interval | nothing | sealed, written, fdatasynced by time |
 * | none | nothing | at `commit()` and close; written early when the mutable region is full |
 *
 * What always holds:
 * 1. At most one fdatasync is in flight; what it covers was flushed before it began.
 * 2. A commit that the device refuses for lack of space is undone and thrown (`always`, `everysec`), or waits in memory
 *    and refuses further writes until it went out (`interval`, `none`). Any other failure of a write or sync poisons the
 *    store: no write is accepted until it is reopened, because nobody knows what the disk holds.
 * 3. A loop that never yields still syncs: writes look at the clock now and then.
 */

import { FerriteError } from '../base/errors.ts';
import { type Drive, STARVED_SYNC_MS } from './drive.ts';
import { UNIT_BYTES } from './address.ts';
import { isDiskFull, toFerriteError } from './device-io.ts';
import { GATE_OPEN } from './read-gate.ts';
import type { Store } from './store.ts';

/** What an acknowledged write survives; see the table above. */
export type Durability = 'always' | 'everysec' | 'interval' | 'none';

const SYNC_INTERVAL_MS = 1000;
const BEHIND_MAX_MS = 2000;
/** Writes between two looks at the clock. */
const CLOCK_EVERY_WRITES = 256;
const CLOCK_EVERY_UNITS = (64 * 1024) / UNIT_BYTES;
/** In a loop that never yields, writes between two steps of flushing what is sealed. */
const FLUSH_EVERY_WRITES = 64;
/** Without a turn of the loop for so long, writes do the background work. */
const STARVED_MS = 250;
const STARVED_SLICE_MS = 0.2;
/** What a writer gives to compaction that lags behind, where its pressure is 1. */
const HELP_SLICE_MS = 1;
const FLUSH_SLICE_MS = 1;

/** Asynchronous writers that wait for the same commit. */
interface Turn {
  promise: Promise<true>;
  resolve: (done: true) => void;
  reject: (error: unknown) => void;
  /** Some of them wait for the fdatasync too. */
  durable: boolean;
}

const DONE: Promise<true> = Promise.resolve(true);

function makeTurn(): Turn {
  const turn: Partial<Turn> = { durable: false };
  turn.promise = new Promise<true>((resolve, reject) => {
    turn.resolve = resolve;
    turn.reject = reject;
  });
  return turn as Turn;
}

export class Committer {
  durability: Durability;
  /** False: what was written is not synced by time, which `everysec` else promises. */
  isSyncedByTime = true;
  private readonly store: Store;
  private readonly intervalMs: number;
  private turn: Turn | null = null;
  private flushedTurns: Turn[] = [];
  private scheduled = false;
  private syncing: Promise<void> | null = null;
  private lastSyncMs: number;
  /** What was written before this is durable. */
  private coveredMs: number;
  private lastSealMs: number;
  private lastTickMs: number;
  private writes = 0;
  poisoned: FerriteError | null = null;
  /** How often a commit was undone: whoever waits for one to be made compares it. */
  undone = 0;

  constructor(store: Store, durability: Durability, intervalMs: number) {
    this.store = store;
    this.durability = durability;
    this.intervalMs = intervalMs;
    this.lastSyncMs = store.clock.monotonicMs();
    this.lastSealMs = this.lastSyncMs;
    this.coveredMs = this.lastSyncMs;
    this.lastTickMs = this.lastSyncMs;
  }

  /** Throws when writes are not accepted. */
  check(): void {
    if (this.poisoned !== null) {
      if (this.poisoned.code === 'FERRITE_LOCK_LOST') throw this.poisoned;
      throw new FerriteError(
        'FERRITE_POISONED',
        `writes are refused since the device failed: close and reopen ${this.store.path} (${this.poisoned.message})`,
        this.poisoned,
      );
    }
  }

  /**
   * From now on writes are acknowledged as another mode promises. Everything so far is made durable first; if the device
   * refuses that, the mode stays.
   */
  setDurability(durability: Durability, isSyncedByTime = true): void {
    if (durability === this.durability && isSyncedByTime === this.isSyncedByTime) return;
    const { log, journal } = this.store;
    if (log.segments === null) {
      throw new FerriteError('FERRITE_UNSUPPORTED', 'a memory-only store keeps nothing: durability needs a path');
    }
    this.commitSync();
    const sealsAtOnce = durability === 'always' || durability === 'everysec';
    // Where writes wait unsealed, they take all the memory that there is for them.
    if (!sealsAtOnce && log.memory.canLengthen) log.tryLengthenMemory();
    this.durability = durability;
    this.isSyncedByTime = isSyncedByTime;
    this.lastSealMs = this.store.clock.monotonicMs();
    journal.enabled = sealsAtOnce;
  }

  /** Acknowledges a synchronous write as the mode promises. */
  afterWrite(): void {
    const durability = this.durability;
    if (durability === 'everysec') {
      this.flushNow();
      this.writes++;
      if (this.isClockDue()) this.lookAtClock();
    } else if (durability === 'always') {
      this.commitSync();
      this.writes++;
      if (this.isClockDue()) this.lookAtClock();
    } else {
      this.afterBufferedWrite();
    }
  }

  /**
   * Acknowledges an asynchronous write: the promise settles, with true, when it is as durable as the mode promises. All
   * writers of a turn get the same promise.
   */
  afterWriteAsync(): Promise<true> {
    if (this.durability === 'always') return this.join(true);
    if (this.durability === 'everysec') return this.join(false);
    this.afterBufferedWrite();
    return DONE;
  }

  private afterBufferedWrite(): void {
    const log = this.store.log;
    if (log.segments === null) return;
    if (log.unsealedUnits > this.store.mutableUnits) log.seal();
    this.writes++;
    if (log.hasSealedFrames && this.isFlushDue(log.tail)) this.flushPaced();
    if (this.isClockDue()) this.lookAtClock();
  }

  private isFlushDue(tail: number): boolean {
    if (++this.unpacedWrites < FLUSH_EVERY_WRITES && tail - this.pacedTail < CLOCK_EVERY_UNITS) return false;
    this.unpacedWrites = 0;
    this.pacedTail = tail;
    return true;
  }
  private unpacedWrites = 0;
  private pacedTail = 0;

  /** Every so many writes, or bytes where writes are long or come in batches. */
  private isClockDue(): boolean {
    const { tail } = this.store.log;
    if (this.writes < CLOCK_EVERY_WRITES && tail - this.lookedAtTail < CLOCK_EVERY_UNITS) return false;
    this.writes = 0;
    this.lookedAtTail = tail;
    return true;
  }
  private lookedAtTail = 0;

  private flushPaced(): void {
    try {
      this.store.log.flushStep();
    } catch (error) {
      const refused = this.refuse(error);
      if (!isDiskFull(refused)) throw refused;
      // This write is in memory, as the mode has it: the next ones are refused.
      this.isBacklogStuck = true;
    }
  }

  /** Where writes wait in memory: refuses one that adds to them while they do not go out for lack of space. */
  checkBacklog(): void {
    if (!this.isBacklogStuck) return;
    try {
      this.store.log.flushAll();
    } catch (error) {
      throw this.refuse(error);
    }
    this.isBacklogStuck = false;
  }
  private isBacklogStuck = false;

  /** Everything so far is durable when it resolves; all callers of a turn share one fdatasync. */
  commit(): Promise<true> {
    this.check();
    return this.join(true);
  }

  commitSync(): void {
    this.check();
    const log = this.store.log;
    if (log.segments === null) return;
    this.flushNow(true);
    if (log.durableUntil >= log.flushedUntil) return;
    try {
      log.syncSync();
    } catch (error) {
      throw this.poison(error);
    }
    this.lastSyncMs = this.store.clock.monotonicMs();
    this.coveredMs = this.lastSyncMs;
    this.resolveFlushed();
  }

  /** Seals for background work that needs what is written so far to be immutable; nothing is left half undone. */
  sealEarly(): void {
    if (this.store.journal.enabled) this.flushNow();
    else this.store.log.seal();
  }

  /** Seals and writes everything, or undoes it. */
  flushNow(align = this.durability === 'always'): void {
    const log = this.store.log;
    try {
      log.seal();
      if (align && log.durableUntil < log.tail) log.padToAlignment();
      log.flushAll();
    } catch (error) {
      throw this.refuse(error);
    }
    this.store.journal.clear();
    if (this.turn !== null) this.turnFlushed();
  }

  /** A write or its preparation failed: undo where that can be done, poison where it cannot. Returns what to throw. */
  refuse(cause: unknown): FerriteError {
    const error = toFerriteError(cause, `writing to ${this.store.path}`);
    // Nothing unwinds what undoes.
    this.store.gate.state = GATE_OPEN;
    const full = isDiskFull(error);
    if (full) this.store.counters.diskFullErrors++;
    const undone = this.store.journal.enabled && this.store.log.segments !== null;
    if (undone) {
      this.undone++;
      this.store.journal.undo(this.store);
      this.store.checkpointer?.abort();
      this.store.log.rewind();
      // The addresses will be given out again.
      this.store.cache.clear();
    }
    this.turn?.reject(error);
    this.turn = null;
    // A read that failed has been undone with the rest; a write that failed leaves the disk unknown.
    const harmless = full || (undone && error.code === 'FERRITE_CORRUPT');
    return harmless ? error : this.poison(error);
  }

  poison(cause: unknown): FerriteError {
    const error = toFerriteError(cause, `writing to ${this.store.path}`);
    if (this.poisoned === null) {
      this.poisoned = error;
      for (const turn of this.flushedTurns) turn.reject(error);
      this.flushedTurns = [];
      this.store.emitError(error);
      this.store.checkpointer?.endWaiting();
    }
    return error;
  }

  private join(durable: boolean): Promise<true> {
    if (this.store.log.segments === null) return DONE;
    if (this.turn === null) this.turn = makeTurn();
    this.turn.durable ||= durable;
    const promise = this.turn.promise;
    this.schedule();
    return promise;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    Promise.resolve().then(() => this.run());
  }

  private async run(): Promise<void> {
    this.scheduled = false;
    // Flushed in the turn they were made in, so that no background work comes between a write and its undo.
    if (this.turn !== null) {
      try {
        await this.flushInSlices();
        if (this.turn !== null) this.flushNow(this.turn.durable);
      } catch {
        // The turn's writers were told by `refuse`.
        return;
      }
    }
    if (this.flushedTurns.length > 0 && this.syncing === null) await this.startSync();
  }

  /** A long backlog goes out in steps between which others run. */
  private async flushInSlices(): Promise<void> {
    if (this.durability === 'always' || this.durability === 'everysec') return;
    const log = this.store.log;
    log.seal();
    try {
      while (log.hasSealedFrames) {
        const start = this.store.clock.monotonicMs();
        while (log.flushStep() > 0 && this.store.clock.monotonicMs() - start < FLUSH_SLICE_MS);
        if (log.hasSealedFrames) await this.store.yieldTurn();
      }
    } catch (error) {
      throw this.refuse(error);
    }
  }

  private turnFlushed(): void {
    const turn = this.turn as Turn;
    this.turn = null;
    if (turn.durable) {
      this.flushedTurns.push(turn);
      this.schedule();
    } else turn.resolve(true);
  }

  private resolveFlushed(): void {
    const turns = this.flushedTurns;
    this.flushedTurns = [];
    for (const turn of turns) turn.resolve(true);
  }

  /** One fdatasync in the pool for everything flushed so far. */
  startSync(): Promise<void> {
    if (this.syncing !== null) return this.syncing;
    this.alignBeforeSync();
    const turns = this.flushedTurns;
    this.flushedTurns = [];
    const begunMs = this.store.clock.monotonicMs();
    this.lastSyncMs = begunMs;
    const settle = (error: unknown) => {
      this.syncing = null;
      if (error !== undefined) {
        const poison = this.poison(error);
        for (const turn of turns) turn.reject(poison);
        return;
      }
      if (begunMs > this.coveredMs) this.coveredMs = begunMs;
      for (const turn of turns) turn.resolve(true);
      if (this.turn !== null || this.flushedTurns.length > 0) this.schedule();
    };
    this.syncing = this.store.log.sync().then(() => settle(undefined), settle);
    return this.syncing;
  }

  /** How long the fdatasync that is under way in the pool has taken so far; 0 where there is none. */
  get syncRunsMs(): number {
    return this.syncing === null ? 0 : this.store.clock.monotonicMs() - this.lastSyncMs;
  }

  /** Resolves when no fdatasync is under way any more, whether it failed or not. */
  whenSynced(): Promise<void> {
    return this.syncing ?? Promise.resolve();
  }

  /** The owner of the loop calls this several times a second. */
  tick(): void {
    const now = this.store.clock.monotonicMs();
    this.lastTickMs = now;
    this.byTime(now, false);
  }

  private lookAtClock(): void {
    const now = this.store.clock.monotonicMs();
    this.byTime(now, true);
    const { store } = this;
    const pressure = store.compactor?.pressure ?? 0;
    const helpMs = HELP_SLICE_MS * pressure;
    store.prepareNextSegment();
    if (now - this.lastTickMs > STARVED_MS) store.backgroundSync(STARVED_SLICE_MS + helpMs, 'starved');
    else if (store.compactor?.isBehind === true) store.backgroundSync(helpMs, pressure < 1 ? 'loop' : 'now');
  }

  private byTime(now: number, fromWrite: boolean): void {
    const log = this.store.log;
    if (log.segments === null || this.poisoned !== null || this.durability === 'none' || !this.isSyncedByTime) return;
    const interval = this.durability === 'interval';
    if (interval && now - this.lastSealMs >= this.intervalMs) {
      this.lastSealMs = now;
      log.seal();
    }
    if (interval && log.hasSealedFrames) {
      if (!fromWrite) this.flushSome();
      if (log.hasSealedFrames) return;
    }
    if (log.durableUntil >= log.flushedUntil) {
      this.coveredMs = now;
      return;
    }
    const periodMs = interval ? Math.min(this.intervalMs, SYNC_INTERVAL_MS) : SYNC_INTERVAL_MS;
    const sinceSyncMs = now - this.lastSyncMs;
    if (this.syncing === null && sinceSyncMs >= periodMs) {
      this.startSync();
    } else if (fromWrite && now - this.coveredMs >= BEHIND_MAX_MS) {
      // Nobody lets the fdatasync in the pool be noticed, or it takes too long: this writer waits for one of its own.
      const isStarved = now - this.lastTickMs >= BEHIND_MAX_MS;
      if (isStarved || (this.syncing !== null && sinceSyncMs >= SYNC_INTERVAL_MS)) this.commitSync();
    }
  }

  private alignBeforeSync(): void {
    if (this.store.log.alignUnits === 0) return;
    try {
      this.flushNow(true);
    } catch {
      // Those who wrote were told by `refuse`; a full disk is met again by the next write.
    }
  }

  /** A little of what is sealed and waits in memory goes out. A full disk is met again, and told, by the next write. */
  private flushSome(): void {
    const { store } = this;
    if (!store.log.canFlush) {
      store.prepareNextSegment();
      return;
    }
    try {
      store.log.flushStep();
      this.isBacklogStuck = false;
    } catch (error) {
      const cause = toFerriteError(error, `writing to ${store.path}`);
      if (isDiskFull(cause)) {
        store.counters.diskFullErrors++;
        this.isBacklogStuck = true;
      } else this.poison(cause);
    }
  }

  /** Between ticks: goes on with what `tick` began to write; returns whether there is more to do now. */
  flushMore(): boolean {
    const { log, clock } = this.store;
    if (this.durability !== 'interval' || this.poisoned !== null) return false;
    if (!log.hasSealedFrames || this.isBacklogStuck || !log.canFlush) return false;
    this.flushSome();
    if (!log.hasSealedFrames) this.byTime(clock.monotonicMs(), false);
    return true;
  }

  /**
   * Goes towards the main log being durable up to `until`, for background work; returns whether to go on at once. Where
   * commits go by time, that time is waited for unless `hurried`: an early commit would cost hot keys a copy.
   */
  advanceSync(drive: Drive, until: number, hurried: boolean): boolean {
    if (drive === 'now') {
      this.commitSync();
      return true;
    }
    const { log, clock } = this.store;
    if (log.flushedUntil < until) {
      if (this.durability === 'interval' && !hurried) return false;
      return this.flushTowards(until, drive);
    }
    if (this.syncing === null) {
      this.startSync();
      return false;
    }
    // In a starved loop the log is synced by time anyhow; only `none` has nobody else to do it.
    if (drive === 'loop' || this.durability !== 'none') return false;
    if (clock.monotonicMs() - this.lastSyncMs < STARVED_SYNC_MS) return false;
    this.commitSync();
    return true;
  }

  private flushTowards(until: number, drive: Drive): boolean {
    const { log, journal } = this.store;
    if (journal.enabled) {
      this.flushNow();
      return true;
    }
    // What is sealed may all be parts of a group that is still open.
    if (log.readOnly < until || !log.hasSealedFrames) log.seal();
    if (drive === 'loop' && !log.canFlush) {
      this.store.prepareNextSegment();
      return false;
    }
    try {
      return log.flushStep() > 0;
    } catch (error) {
      throw this.refuse(error);
    }
  }
}
