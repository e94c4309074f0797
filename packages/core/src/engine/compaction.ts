/**
 * Compaction: gives space back by copying what is still live out of old segments into the cold log.
 *
 * Main segments leave from the front only, cold ones from anywhere; the victim is the one with the best
 * `(1 - u) * age / (1 + u)`, u being its live share (Rosenblum and Ousterhout, LFS, 1992). What always holds:
 * 1. Only a segment wholly below what the oldest kept checkpoint replays is a victim. So its dead records and tombstones
 *    can simply be dropped: no replay will ask for them. This is the whole rule for tombstones.
 * 2. Before a segment is unlinked: its copies in the cold log are durable, the main log is durable past the tail seen at
 *    the last liveness check (or a power cut could bring back a slot that points into the segment), and so is the
 *    RETIRE record that names it.
 * 3. A step copies 32 KiB at most, or one record if that is longer. What was read is copied in several steps where a frame
 *    is longer: sealed bytes do not change, and whether a record is live is asked right before it is copied.
 */

import type { FerriteError } from '../base/errors.ts';
import { COLD_BASE, UNIT_BYTES } from './address.ts';
import type { ColdLog } from './cold-log.ts';
import type { Drive } from './drive.ts';
import { toFerriteError } from './device-io.ts';
import {
  expiryOf,
  FLAG_EXPIRY,
  flagsOf,
  databaseOf,
  KIND_ELEMENT,
  KIND_MEMBER,
  isValueKind,
  KIND_ROOT,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  objectIdOf,
  orderKeyOf,
  recordUnits,
} from './record.ts';
import { OBJECT_TABLES } from './large-values.ts';
import { LiveAddresses } from './live-addresses.ts';
import { appendRetire } from './meta-record.ts';
import { segmentUnitsFor } from './segment-size.ts';
import type { LogName, Segment, Segments } from './segments.ts';
import type { Store } from './store.ts';
import { Walker } from './walk.ts';

const SPACE_FACTOR = 1.6;
const SPACE_FACTOR_FULL = 1.05;
/** With `maxDisk`, when little room is left. */
const SPACE_FACTOR_PRESSED = 1.1;
/** Where pressure is 1: with the same slack, and no less than so many bytes beyond the point where compaction begins. */
const SPACE_FACTOR_MAX = 2;
const PRESSURE_MIN_UNITS = (8 * 1024 * 1024) / UNIT_BYTES;
const PRESSURE_MAX = 4;
/** From this pressure on writers help. */
const PRESSURE_BEHIND = 0.95;
/** At least so much where the disk, or its limit, leaves little room. */
const PRESSURE_OF_DISK = 0.97;
const STEP_BYTES = 32 * 1024;
/** Where nothing was to be done, it is looked again when so much was written, or so much time has passed. */
const LOOK_AFTER_UNITS = (64 * 1024) / UNIT_BYTES;
const LOOK_AFTER_MS = 20;
/** Copies are written on the spot: a device that lets writes wait is spared them below this pressure. */
const PRESSURE_OF_SLOW_DEVICE = 0.5;
/** Segments that wait for the device together: up to a quarter of what is live. */
const LEAVING_MAX = 4;
/** Victims whose live records are looked for in one go. */
const FORESEEN_SEGMENTS = 4;
/** The share of garbage that makes a segment worth its copies while there is no pressure. */
const WORTH_DEAD_SHARE = 0.5;
/** With less garbage in the best segment at hand a newer checkpoint is wanted, which lets better ones go. */
const POOR_DEAD_SHARE = 0.55;
/** Log worth a checkpoint that lets compaction go on: a share of what is live, and so many times what it takes to write. */
const DEBT_WORTH_CHECKPOINT = 0.25;
const DEBT_PER_CHECKPOINT_BYTE = 10;

/** A victim whose live records have been copied, on its way out. */
interface Leaving {
  segment: Segment;
  log: LogName;
  /** The main log must be durable past this: the tail at the last liveness check, then the end of the RETIRE record. */
  needMain: number;
  needCold: number;
  retired: boolean;
}

/** A record on its way to the cold log. */
interface Move {
  from: number;
  to: number;
  hash: number;
  database: number;
  units: number;
  expiresAtMs: number;
  objectId: number;
  chunk: number;
}

export class Compactor {
  private readonly store: Store;
  private readonly cold: ColdLog;
  private victim: Segment | null = null;
  private victimLog: LogName = 'main';
  private position = 0;
  /** What of the victim may be live, where that was asked of the tables. */
  private live: LiveAddresses | null = null;
  /** In the order they were copied, which for the main log is the order of addresses. */
  private readonly leaving: Leaving[] = [];
  private moves: Move[] = [];
  private walker: Walker | null = null;
  /** Records that were read and are still to be looked at: where they begin in the walker's memory. */
  private readonly found = { words: [] as number[], hashes: [] as number[], count: 0, next: 0, origin: 0 };
  /** Where they end in the log, 0 where a frame does not hold. */
  private readUntil = 0;
  /** Compact whatever has garbage, not just enough to keep the space factor. */
  private full = false;
  /** Checkpoints still to be asked for: only below the older of two newer ones may a segment go. */
  private checkpointsLeft = 0;
  /** Checkpoints without which what was flushed cannot be given back. */
  private checkpointsOwed = 0;
  private readonly waiters: { resolve: () => void; reject: (error: FerriteError) => void }[] = [];
  private readonly damaged = new Set<Segment>();
  /** When there was nothing to do the last time, and what it depended on. */
  private readonly idle = { atMs: Number.NEGATIVE_INFINITY, tail: 0, startMain: 0, startCold: 0 };
  /** How far space has run away: 0 where compaction begins, 1 where every writer waits for it, at most PRESSURE_MAX. */
  pressure = 0;

  constructor(store: Store, cold: ColdLog) {
    this.store = store;
    this.cold = cold;
  }

  /** Resolves when no segment is worth compacting; rejects when something fails. `step` must be called meanwhile. */
  whenDone(): Promise<void> {
    this.full = true;
    this.checkpointsLeft = 1;
    this.store.checkpointer?.request();
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  /** Tells those who wait that there is nothing more to wait for. */
  giveUp(error: FerriteError): void {
    this.full = false;
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
  }

  /** Much may have become garbage at once: only below the older of two newer checkpoints can it go. */
  noteFlush(): void {
    this.checkpointsOwed = 2;
  }

  /** Whether `whenDone` was called and is not done. */
  get isFull(): boolean {
    return this.full;
  }

  /** The slices of the loop do not suffice. */
  get isBehind(): boolean {
    return this.pressure > PRESSURE_BEHIND;
  }

  get isBusy(): boolean {
    return this.victim !== null || this.leaving.length > 0 || this.full;
  }

  /** Main segments below this are on their way out. */
  get keepsMainFrom(): number {
    if (this.victim !== null && this.victimLog === 'main') return this.victim.end;
    let from = 0;
    for (const entry of this.leaving) if (entry.log === 'main') from = entry.segment.end;
    return from;
  }

  private get mainSegments(): Segments {
    return this.store.log.segments as Segments;
  }

  /** Does a little; returns false when there is nothing to do until something else happens. */
  step(drive: Drive): boolean {
    const { store } = this;
    if (store.committer.poisoned !== null) {
      this.giveUp(store.committer.poisoned);
      return false;
    }
    if (this.victim === null) this.start();
    if (this.victim === null && this.leaving.length === 0) {
      this.maybeDone();
      return false;
    }
    const begun = store.clock.monotonicMs();
    let more = false;
    try {
      more = this.advance(drive);
    } catch (error) {
      this.fail(error);
    }
    const held = store.clock.monotonicMs() - begun;
    if (held > store.counters.longestCompactionStepMs) store.counters.longestCompactionStepMs = held;
    store.noteHold('compaction-step', held);
    return more;
  }

  private get leavingMax(): number {
    const { diskLimit, removals, reserve } = this.store;
    // What the reserve gave must do until the first segment is gone, and its file too.
    if (reserve?.isGivenUp === true) return removals?.isBusy === true ? 0 : 1;
    return diskLimit === null ? LEAVING_MAX : Math.min(LEAVING_MAX, diskLimit.leavingMax);
  }

  private maybeDone(): void {
    const { checkpointer } = this.store;
    if (!this.full || !checkpointer?.isIdle || checkpointer.isRequested) return;
    if (this.store.removals?.isBusy === true) return;
    if (this.checkpointsLeft > 0) {
      this.checkpointsLeft--;
      checkpointer.request();
      return;
    }
    this.full = false;
    for (const waiter of this.waiters.splice(0)) waiter.resolve();
  }

  /** Units of segments in use, of those on their way out, and of garbage in the former. */
  private spaceUnits(): { total: number; leaving: number; dead: number } {
    const { log } = this.store;
    const space = { total: 0, leaving: 0, dead: 0 };
    const add = (segments: Segments, tail: number) => {
      for (const segment of segments.list) {
        const units = Math.min(segment.end, Math.max(tail, segment.base)) - segment.base;
        if (this.isLeaving(segment)) {
          space.leaving += units;
          continue;
        }
        space.total += units;
        space.dead += Math.max(0, segment.deadUnits);
      }
    };
    add(this.mainSegments, log.tail);
    add(this.cold.segments, this.cold.tail);
    return space;
  }

  /** Disk or its limit leave little room: there is no waiting until space has run away. */
  private get isPressed(): boolean {
    const { diskLimit, reserve } = this.store;
    return diskLimit?.isPressed === true || reserve?.isGivenUp === true;
  }

  /** Starts with a segment if one is to go. There are many: they are not looked at again before something has changed. */
  private start(): void {
    const { idle, store } = this;
    const { checkpointer, log } = store;
    const nowMs = store.clock.monotonicMs();
    const startMain = checkpointer?.oldestStartMain ?? 0;
    const startCold = checkpointer?.oldestStartCold ?? 0;
    const isSame = startMain === idle.startMain && startCold === idle.startCold && nowMs - idle.atMs < LOOK_AFTER_MS;
    const { length } = this.leaving;
    const isBusy = this.full || this.isPressed || (length > 0 && length < this.leavingMax);
    if (isSame && !isBusy && Math.abs(log.tail - idle.tail) < LOOK_AFTER_UNITS) return;
    this.choose();
    if (this.victim !== null) idle.atMs = Number.NEGATIVE_INFINITY;
    else Object.assign(idle, { atMs: nowMs, tail: log.tail, startMain, startCold });
  }

  /** Sees how much space is used, and how far that is from what it should be. */
  private measure(): { total: number; live: number; dead: number; slack: number; least: number } {
    const { total, leaving, dead } = this.spaceUnits();
    const live = Math.max(total - dead, 0);
    const slack = 2 * segmentUnitsFor(this.store, this.mainSegments, this.cold.segments);
    const least = this.store.compactionMinBytes / UNIT_BYTES;
    const excess = total + leaving - Math.max(SPACE_FACTOR * live + slack, least);
    const range = Math.max((SPACE_FACTOR_MAX - SPACE_FACTOR) * live, PRESSURE_MIN_UNITS);
    this.pressure = Math.min(Math.max(excess / range, this.isPressed ? PRESSURE_OF_DISK : 0), PRESSURE_MAX);
    return { total, live, dead, slack, least };
  }

  /** Picks a victim when the space that is used calls for one. */
  private choose(): void {
    const { total, live, dead, slack, least } = this.measure();
    const { isPressed } = this;
    if (this.leaving.length >= this.leavingMax || dead === 0) return;
    const factor = this.full ? SPACE_FACTOR_FULL : isPressed ? SPACE_FACTOR_PRESSED : SPACE_FACTOR;
    const allowed = this.full || isPressed ? factor * live : Math.max(factor * live + slack, least);
    if (total <= allowed) return;
    const victim = this.pick();
    if (victim === undefined || victim.deadUnits < POOR_DEAD_SHARE * victim.units) this.wantCheckpoint(live);
    if (victim === undefined || !this.isWorth(victim)) return;
    this.victim = victim;
    this.victimLog = victim.base >= COLD_BASE ? 'cold' : 'main';
    if (this.live?.covers(victim) !== true) {
      this.live = LiveAddresses.of(this.store, victim.base, this.endOfVictimsFrom(victim), live);
    }
    this.position = victim.base;
  }

  /** Where the segments end that are likely to follow the victim: their live records are looked for together. */
  private endOfVictimsFrom(victim: Segment): number {
    if (this.victimLog === 'cold') return victim.end;
    const { list } = this.mainSegments;
    const keepFrom = this.store.checkpointer?.oldestStartMain ?? 0;
    let { end } = victim;
    for (let i = list.indexOf(victim) + 1; i < list.length && list[i].end <= keepFrom; i++) {
      if (list[i].end - victim.base > victim.units * FORESEEN_SEGMENTS) break;
      end = list[i].end;
    }
    return end;
  }

  /** The more pressure, the less garbage a segment must have for its copies: none at 1. */
  private isWorth(victim: Segment): boolean {
    if (this.full || this.isPressed) return true;
    return victim.deadUnits >= victim.units * WORTH_DEAD_SHARE * (1 - this.pressure);
  }

  /** Garbage can go only below the older of two newer checkpoints: asks for one if enough was written since the last. */
  private wantCheckpoint(liveUnits: number): void {
    const checkpointer = this.store.checkpointer;
    if (checkpointer === null || this.full) return;
    if (this.checkpointsOwed > 0 && checkpointer.isIdle && !checkpointer.isRequested) {
      this.checkpointsOwed--;
      checkpointer.request();
      return;
    }
    const segmentBytes = segmentUnitsFor(this.store, this.mainSegments, this.cold.segments) * UNIT_BYTES;
    const dear = Math.max(
      liveUnits * UNIT_BYTES * DEBT_WORTH_CHECKPOINT,
      DEBT_PER_CHECKPOINT_BYTE * checkpointer.lastBytes,
    );
    const worth = this.isPressed ? segmentBytes : Math.max(dear, segmentBytes);
    if (checkpointer.replayDebtBytes > worth) checkpointer.request();
  }

  private pick(): Segment | undefined {
    const { checkpointer } = this.store;
    if (checkpointer === null) return undefined;
    const main = this.mainSegments.list.find((segment) => !this.isLeaving(segment));
    const keepFrom = Math.min(checkpointer.oldestStartMain, this.store.feeds?.heldFrom() ?? 0);
    let best: Segment | undefined;
    let bestScore = 0;
    const consider = (segment: Segment, age: number, force: boolean) => {
      const u = 1 - Math.min(1, Math.max(0, segment.deadUnits) / segment.units);
      const score = ((1 - u) * age) / (1 + u) + (force ? 1e-9 : 0);
      if (segment.pins === 0 && !this.damaged.has(segment) && score > bestScore) {
        best = segment;
        bestScore = score;
      }
    };
    if (main !== undefined && main.end <= keepFrom) {
      consider(main, this.mainSegments.list.length, this.mainSegments.list.length > 1);
    }
    const cold = this.cold.segments.list;
    for (let i = 0; i < cold.length; i++) {
      if (cold[i].end > checkpointer.oldestStartCold || cold[i].deadUnits <= 0 || this.isLeaving(cold[i])) continue;
      consider(cold[i], cold.length - i, false);
    }
    return best;
  }

  private isLeaving(segment: Segment): boolean {
    return this.leaving.some((entry) => entry.segment === segment);
  }

  private advance(drive: Drive): boolean {
    if (this.letGo(drive)) return true;
    if (this.victim !== null) {
      // What the pool can do goes on meanwhile.
      if (drive === 'loop') this.waitForDevice(drive);
      if (drive === 'loop' && !this.cold.prepareAhead()) return false;
      if (drive === 'loop' && this.isSparing) {
        // While it waits space may run away: then it waits no longer.
        this.measure();
        return false;
      }
      if (this.live?.step() !== true) this.copy();
      return true;
    }
    return this.waitForDevice(drive);
  }

  /** Space can wait better than the loop for a device that lets writes wait. */
  private get isSparing(): boolean {
    const canWait = !this.full && !this.isPressed && this.pressure < PRESSURE_OF_SLOW_DEVICE;
    return canWait && this.store.committer.writesInPool;
  }

  /** Retires and removes what has nothing more to wait for; false when nothing could be done. */
  private letGo(drive: Drive): boolean {
    let done = false;
    for (const entry of this.leaving) {
      if (entry.retired || !this.isSettled(entry)) continue;
      this.retire(entry, drive);
      done = true;
    }
    while (this.leaving.length > 0) {
      const first = this.leaving[0];
      if (!first.retired || !this.isSettled(first) || first.segment.pins > 0) break;
      this.remove(first, drive);
      this.leaving.shift();
      done = true;
    }
    return done;
  }

  /** Victims that were copied meanwhile share the waits. */
  private waitForDevice(drive: Drive): boolean {
    const next = this.leaving.find((entry) => !this.isSettled(entry));
    if (next === undefined) return false;
    if (this.cold.durableUntil >= next.needCold)
      return this.store.committer.advanceSync(drive, next.needMain, this.full || this.isBehind);
    return this.cold.advanceSync(drive);
  }

  /** Whether what the entry waits for is durable. */
  private isSettled(entry: Leaving): boolean {
    this.store.log.coldDurableUntil = this.cold.durableUntil;
    return this.cold.durableUntil >= entry.needCold && this.store.log.durableUntil >= entry.needMain;
  }

  /** Copies live records of the victim, writes them, and swings the slots that still point at the old ones. */
  private copy(): void {
    if (this.found.next === this.found.count) this.read();
    const { found } = this;
    const words = (this.walker as Walker).memory.words;
    this.moves = [];
    for (let bytes = 0; found.next < found.count && bytes < STEP_BYTES; found.next++) {
      const word = found.words[found.next];
      const units = recordUnits(words, word);
      this.consider(words, word, found.origin + word / 2, units, found.hashes[found.next]);
      bytes += units * UNIT_BYTES;
    }
    this.cold.flush();
    for (const move of this.moves) this.swing(move);
    if (found.next < found.count) return;
    if (this.readUntil === 0) throw new DamagedSegment();
    this.position = this.readUntil;
    if (this.position === this.limit) this.leave();
  }

  private get limit(): number {
    const victim = this.victim as Segment;
    return this.victimLog === 'cold' ? Math.min(victim.end, this.cold.tail) : victim.end;
  }

  /** Reads and checks the next stretch: whole frames, of which there may be one that takes several steps to copy. */
  private read(): void {
    const { store, found } = this;
    const segments = this.victimLog === 'main' ? this.mainSegments : this.cold.segments;
    this.walker ??= new Walker(segments, store.identity.salt, store.pageBytes);
    found.next = 0;
    found.count = 0;
    this.readUntil = this.walker.readFrames(
      segments,
      this.position,
      this.limit,
      STEP_BYTES,
      (_words, word, address) => {
        found.words[found.count++] = word;
        found.origin = address - word / 2;
      },
    );
    this.foresee(this.walker.memory.words);
  }

  /** All of the victim has been copied. */
  private leave(): void {
    this.leaving.push({
      segment: this.victim as Segment,
      log: this.victimLog,
      needMain: this.store.log.tail,
      needCold: this.cold.tail,
      retired: false,
    });
    this.walker = null;
    this.victim = null;
  }

  /** Hashes the keys of what may be live, and touches their buckets, so that the processor waits for many at once. */
  private foresee(words: Int32Array): void {
    const { found, store, live } = this;
    const { count } = found;
    found.count = 0;
    for (let i = 0; i < count; i++) {
      const word = found.words[i];
      const kind = kindOf(words[word + 1]);
      if (live !== null && isValueKind(kind) && !live.has(found.origin + word / 2)) continue;
      const at = found.count++;
      found.words[at] = word;
      found.hashes[at] = 0;
      if (!isValueKind(kind) && kind !== KIND_MEMBER) continue;
      const keyWord = word + (keyOffsetOf(words[word + 1]) >>> 2);
      const hash = store.key.hashAt(words, keyWord, keyLengthOf(words, word));
      found.hashes[at] = hash;
      if (kind !== KIND_MEMBER) store.table(databaseOf(words[word + 1])).touch(hash);
    }
  }

  /** Stages a copy of a record that is live. */
  private consider(words: Int32Array, word: number, address: number, units: number, hash: number): void {
    const word1 = words[word + 1];
    const kind = kindOf(word1);
    const { store } = this;
    let database = databaseOf(word1);
    let expiresAtMs = 0;
    let objectId = 0;
    let chunk = -1;
    if (kind === KIND_ELEMENT) {
      objectId = objectIdOf(words, word);
      chunk = orderKeyOf(words, word);
      if (!store.large.isLive(store, objectId)) return;
      if (!store.large.isChunkAt(objectId, chunk, address)) return;
    } else if (kind === KIND_MEMBER) {
      objectId = objectIdOf(words, word);
      if (!store.large.isLive(store, objectId)) return;
      if (!store.large.get(objectId)?.members?.findAddress(hash, address)) return;
      database = OBJECT_TABLES + objectId;
      objectId = 0;
    } else if (isValueKind(kind)) {
      if (!store.table(database).findAddress(hash, address)) return;
      if ((flagsOf(word1) & FLAG_EXPIRY) !== 0) expiresAtMs = expiryOf(words, word);
      if (kind === KIND_ROOT) objectId = objectIdOf(words, word);
    } else return;
    let to = this.cold.append(words, word, address);
    if (to === 0) {
      this.cold.flush();
      to = this.cold.append(words, word, address);
    }
    store.counters.relocatedBytes += units * UNIT_BYTES;
    this.moves.push({ from: address, to, hash, database, units, expiresAtMs, objectId, chunk });
  }

  private swing(move: Move): void {
    const { store } = this;
    if (move.chunk >= 0) {
      const isSwung = store.large.swingChunk(move.objectId, move.chunk, move.from, move.to);
      if (!isSwung) store.addDead(move.to, move.units);
      return;
    }
    const table = store.tableOf(move.database);
    if (table === undefined || !table.findAddress(move.hash, move.from)) {
      store.addDead(move.to, move.units);
      return;
    }
    table.setAddress(move.to);
    this.keepInMemory(move);
    if (move.expiresAtMs !== 0) store.wheel.add(move.expiresAtMs, move.hash, move.to, move.database);
    if (move.objectId !== 0) {
      const value = store.large.get(move.objectId);
      if (value !== undefined) value.rootAddress = move.to;
    }
  }

  /** A record that could be read without the device still can: the read cache has it from now on. */
  private keepInMemory({ from, to }: Move): void {
    const { log, cache } = this.store;
    if (!log.isInMemory(from) && cache.find(from) < 0) return;
    const stage = this.cold.stageWith(to);
    if (stage === null) return;
    const word = this.cold.wordOf(to);
    cache.insert(stage.bytes, word * 4, recordUnits(stage.words, word) * UNIT_BYTES, to);
  }

  /** A commit was undone: what it had replaced is live again, in segments that were taken for copied, too. */
  undone(): void {
    const { leaving, store } = this;
    const first = leaving.findIndex((entry) => !entry.retired && entry.needMain > store.log.tail);
    if (first >= 0) leaving.length = first;
    this.abandon();
  }

  /** The victim is begun anew if it is chosen again. */
  private abandon(): void {
    this.walker = null;
    this.victim = null;
    this.live = null;
    this.found.next = this.found.count;
  }

  private retire(entry: Leaving, drive: Drive): void {
    const { store } = this;
    const { needMain } = entry;
    appendRetire(store, entry.log, entry.segment.number);
    entry.retired = true;
    entry.segment.isLeaving = true;
    entry.needMain = store.log.tail;
    // The undo of a later write would take the RETIRE record back: it is written first, or told of that.
    if (drive === 'loop' && store.committer.writesInPool) {
      store.journal.pushUndo(() => {
        entry.retired = false;
        entry.segment.isLeaving = false;
        entry.needMain = needMain;
      });
    } else if (store.journal.enabled) store.committer.flushNow();
  }

  private remove(entry: Leaving, drive: Drive): void {
    const { store } = this;
    const victim = entry.segment;
    const segments = entry.log === 'main' ? this.mainSegments : this.cold.segments;
    store.removals?.add(segments.forget(victim), victim.units * UNIT_BYTES);
    store.counters.compactedSegments++;
    if (entry.log === 'main') store.log.begin = victim.end;
    // A loop that never yields would not hear of the first removal, and never get to the next.
    if (drive !== 'loop') store.removals?.finishSync();
  }

  private fail(error: unknown): void {
    const { store } = this;
    const { victim } = this;
    this.abandon();
    if (error instanceof DamagedSegment) {
      // Its live records stay where they are: readable ones can still be read.
      if (victim !== null) this.damaged.add(victim);
      return;
    }
    const cause = toFerriteError(error, `compacting ${store.path}`);
    if (store.useReserve(cause)) return;
    store.emitError(cause);
    this.giveUp(cause);
  }
}

class DamagedSegment extends Error {}
