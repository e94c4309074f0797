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
 * 4. Where the device lets writes wait, those whose callers need not have them at once go through the pool, one commit at
 *    a time; what comes meanwhile is the next one. A write that cannot wait goes to the device on the spot, with what is
 *    on its way. The commit on its way is undone only if the device refuses it, and then with what was built on it.
 */

import { FerriteError } from '../base/errors.ts';
import { type Drive, STARVED_SYNC_MS } from './drive.ts';
import { UNIT_BYTES } from './address.ts';
import { DevicePace } from './device-pace.ts';
import { isDiskFull, toFerriteError } from './device-io.ts';
import { GATE_OPEN } from './read-gate.ts';
import type { Store } from './store.ts';

/** What an acknowledged write survives; see the table above. */
export type Durability = 'always' | 'everysec' | 'interval' | 'none';

const SYNC_INTERVAL_MS = 1000;
const BEHIND_MAX_MS = 2000;
/** A write while an fdatasync runs so long would have to wait for it. */
const LONG_SYNC_MS = 50;
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
/** Of the mutable region. */
const CROWDED_SHARE = 0.5;

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
  readonly pace = new DevicePace();
  /** A commit is on its way to the device in the pool; and those who wait for it. */
  private writing: Promise<void> | null = null;
  private committing: Turn | null = null;
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
    if (!sealsAtOnce) log.tryLengthenMemory(Number.POSITIVE_INFINITY);
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

  /** The same for the writes of a turn of a server, to see how long the device takes. Returns that. */
  afterTurn(): number {
    const { clock, flash } = this.store;
    const startMs = clock.monotonicMs();
    const before = flash.writtenBytes;
    this.afterWrite();
    return this.notePace(startMs, before);
  }

  /** What was written since `startMs`, when so many bytes had been, tells how quick the device is. Returns how long it took. */
  private notePace(startMs: number, beforeBytes: number): number {
    const { clock, flash } = this.store;
    const endMs = clock.monotonicMs();
    this.pace.note(endMs - startMs, flash.writtenBytes - beforeBytes, endMs);
    return endMs - startMs;
  }

  /**
   * Acknowledges an asynchronous write: the promise settles, with true, when it is as durable as the mode promises. All
   * writers of a turn get the same promise.
   */
  afterWriteAsync(): Promise<true> {
    if (this.durability === 'always') return this.join(true);
    if (this.durability === 'everysec') return this.join(this.writesInPool && this.isBehind);
    this.afterBufferedWrite();
    return DONE;
  }

  /** Whether what may wait for the device should do so in the pool. */
  get writesInPool(): boolean {
    if (this.writing !== null) return true;
    const { log } = this.store;
    // A sector that was synced would be written again when a write overtakes one in the pool.
    if (log.segments === null || log.alignUnits !== 0) return false;
    return this.pace.isSlow || this.syncRunsMs >= LONG_SYNC_MS;
  }

  /** What waits for the device takes much of the memory for it: who can should not add to it. */
  get isCrowded(): boolean {
    const { log, mutableUnits } = this.store;
    return this.writing !== null && log.tail - log.flushedUntil > mutableUnits * CROWDED_SHARE;
  }

  /** Resolves when no commit is under way in the pool any more, whatever became of it. */
  whenWritten(): Promise<void> {
    return this.writing ?? Promise.resolve();
  }

  /** The fdatasync of each second is late: who writes waits for it. */
  private get isBehind(): boolean {
    const { clock, log } = this.store;
    if (!this.isSyncedByTime || log.durableUntil >= log.flushedUntil) return false;
    return clock.monotonicMs() - this.coveredMs >= BEHIND_MAX_MS;
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
    // A loop that never yields would not hear of what the pool has done.
    const isTurning = this.store.clock.monotonicMs() - this.lastTickMs <= STARVED_MS;
    if (isTurning && this.writesInPool) {
      this.startWriting();
      return;
    }
    try {
      this.flushStep();
    } catch (error) {
      const refused = this.refuse(error);
      // This write is in memory, as the mode has it: the next ones are refused.
      if (!isDiskFull(refused)) throw refused;
    }
  }

  private flushStep(): void {
    const { log, clock, flash } = this.store;
    const startMs = clock.monotonicMs();
    const before = flash.writtenBytes;
    log.flushStep();
    this.notePace(startMs, before);
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
    this.turnsFlushed();
  }

  /** A write or its preparation failed: undo where that can be done, poison where it cannot. Returns what to throw. */
  refuse(cause: unknown): FerriteError {
    const error = toFerriteError(cause, `writing to ${this.store.path}`);
    // Nothing unwinds what undoes.
    this.store.gate.state = GATE_OPEN;
    const full = isDiskFull(error);
    if (full) this.store.counters.diskFullErrors++;
    // Where nothing is undone, the bytes wait in memory: what would add to them is refused.
    if (full && !this.store.journal.enabled) this.isBacklogStuck = true;
    const undone = this.store.journal.enabled && this.store.log.segments !== null;
    if (undone) {
      this.undone++;
      this.store.journal.undo(this.store);
      this.store.checkpointer?.abort();
      this.store.log.rewind();
      this.store.compactor?.undone();
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
    const { log } = this.store;
    if (log.segments === null) return DONE;
    if (log.unsealedUnits === 0 && !log.hasSealedFrames) return this.joinFlushed(durable);
    if (this.turn === null) this.turn = makeTurn();
    this.turn.durable ||= durable;
    const promise = this.turn.promise;
    this.schedule();
    return promise;
  }

  /** Everything was written already, by somebody who could not wait: what becomes of later writes is nothing to it. */
  private joinFlushed(durable: boolean): Promise<true> {
    if (!durable || this.store.isDurable) return DONE;
    const turn = makeTurn();
    turn.durable = true;
    this.flushedTurns.push(turn);
    this.schedule();
    return turn.promise;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    Promise.resolve().then(() => this.run());
  }

  private async run(): Promise<void> {
    this.scheduled = false;
    // Flushed in the turn they were made in, so that no background work comes between a write and its undo.
    if (this.turn !== null && this.writesInPool) this.startWriting();
    else if (this.turn !== null) {
      try {
        await this.flushInSlices();
        if (this.turn !== null) this.flushTurn(this.turn);
      } catch {
        // The turn's writers were told by `refuse`.
        return;
      }
    }
    if (this.flushedTurns.length > 0 && this.syncing === null) await this.startSync();
  }

  private flushTurn(turn: Turn): void {
    const { clock, flash } = this.store;
    const startMs = clock.monotonicMs();
    const before = flash.writtenBytes;
    this.flushNow(turn.durable);
    this.notePace(startMs, before);
  }

  /** Commits in the pool what waits for it, one commit at a time. Where writes wait unsealed, only what is sealed. */
  startWriting(): void {
    const { log, journal } = this.store;
    if (this.writing !== null || this.poisoned !== null) return;
    if (journal.enabled || this.turn !== null) log.seal();
    this.committing = this.turn;
    this.turn = null;
    if (!log.beginCommit()) {
      this.turnsFlushed();
      return;
    }
    journal.seal();
    this.writing = this.writeInPool();
  }

  /** Never rejects. It is over, too, when somebody who could not wait wrote all of it. */
  private async writeInPool(): Promise<void> {
    const { log, clock, flash } = this.store;
    try {
      while (log.isCommitting && this.poisoned === null) {
        const startMs = clock.monotonicMs();
        const before = flash.writtenBytes;
        await log.flushStepInPool();
        this.notePace(startMs, before);
      }
      this.commitEnded();
    } catch (error) {
      this.commitFailed(error);
    }
    this.writing = null;
    if (this.isWriteAwaited) this.store.deviceAnswered();
    this.isWriteAwaited = false;
    if (this.turn !== null || this.flushedTurns.length > 0) this.schedule();
  }

  /** Background work waits for the commit that is under way. Under load there is always one, mostly for nobody but clients. */
  private isWriteAwaited = false;

  private commitEnded(): void {
    const turn = this.committing;
    if (this.poisoned !== null) {
      this.committing = null;
      turn?.reject(this.poisoned);
      return;
    }
    this.isBacklogStuck = false;
    this.store.journal.dropSealed();
    this.committing = null;
    if (turn !== null) this.turnFlushed(turn);
  }

  private commitFailed(cause: unknown): void {
    const { log, journal } = this.store;
    const turn = this.committing;
    this.committing = null;
    log.abandonCommit();
    journal.unseal();
    const refused = this.refuse(cause);
    turn?.reject(refused);
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

  /** Everything so far has been written. */
  private turnsFlushed(): void {
    const { committing, turn } = this;
    this.committing = null;
    this.turn = null;
    if (committing !== null) this.turnFlushed(committing);
    if (turn !== null) this.turnFlushed(turn);
  }

  private turnFlushed(turn: Turn): void {
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
      this.store.deviceAnswered();
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
      // What goes out in the pool may take longer than until the next seal: then what has gone out is synced meanwhile.
      if (log.hasSealedFrames && this.writing === null) return;
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
    if (this.writesInPool) {
      this.startWriting();
      return;
    }
    if (!store.log.canFlush) {
      store.prepareNextSegment();
      return;
    }
    try {
      this.flushStep();
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
    if (!log.hasSealedFrames || this.isBacklogStuck || this.writing !== null || !log.canFlush) return false;
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
    if (drive === 'loop' && this.writesInPool) {
      if (log.readOnly < until) log.seal();
      this.startWriting();
      this.isWriteAwaited = true;
      return false;
    }
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
