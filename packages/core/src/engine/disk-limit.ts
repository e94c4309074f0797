/**
 * `maxDisk`: keeps the files of a store within a number of bytes.
 *
 * What counts are segments at their full size, the reserve, and checkpoints, the one being written included. What is live
 * may take what is left after the room that compaction and checkpoints work in, divided by the factor up to which space is
 * reclaimed cheaply; beyond that keys are evicted by policy, in the same commit as the write that needs the room, or,
 * without a policy, the write is refused. Removing keys always works.
 *
 * Two stages keep the files in bounds. Pressed: compaction and checkpoints hurry, in the background. Urgent: the write waits
 * for them, and readers of the change feed no longer hold anything back.
 *
 * Looked at before a write, every few kilobytes of log.
 */

import { FerriteError } from '../base/errors.ts';
import { UNIT_BYTES } from './address.ts';
import { evictOne } from './evict.ts';
import { segmentUnitsFor } from './segment-size.ts';
import type { Segments } from './segments.ts';
import type { Store } from './store.ts';

const LOOK_BYTES = 32 * 1024;
const SPACE_FACTOR = 1.5;
/** Segments that are not data: what the main log and the cold log are filling, and the next of each. */
const SEGMENTS_OVERHEAD = 4;
const PRESSED_SEGMENTS = 4;
/** Two that are kept, one that is being written. */
const CHECKPOINTS_OVERHEAD = 3;
/** A record never crosses a page, and may be a quarter of one; a segment begins with a header. */
const PAGE_WASTE = 1.4;
/** By how much the next checkpoint may be larger than the last. */
const CHECKPOINT_GROWTH = 1.25;
const KEY_IN_CHECKPOINT_BYTES = 12;
const WHEEL_ENTRY_BYTES = 16;
const OTHER_FILES_BYTES = 16 * 1024;
/** Where compaction cannot give back enough, more keys go. */
const EVICT_MORE_SHARE = 0.9;
const TRIES_MAX = 5;
const EVICTION_SLICE_MS = 1;
const STEPS_MAX = 100_000;

export class DiskLimit {
  private readonly store: Store;
  private readonly main: Segments;
  private readonly cold: Segments;
  maxBytes: number;
  private seenTail = Number.NEGATIVE_INFINITY;
  private seenByRemoval = Number.NEGATIVE_INFINITY;
  /** Compaction should not wait until half of the space is garbage. */
  isPressed = false;
  /** A write waits for space. */
  isUrgent = false;

  constructor(store: Store, main: Segments, cold: Segments, maxBytes: number) {
    this.store = store;
    this.main = main;
    this.cold = cold;
    this.maxBytes = maxBytes;
  }

  /** The next write looks whether there is room. */
  setMax(bytes: number): void {
    this.maxBytes = bytes;
    this.seenTail = Number.NEGATIVE_INFINITY;
  }

  /** Called before each write. `growthBytes`: what it may add to what is stored, 0 for removals. */
  beforeWrite(growthBytes: number): void {
    const { tail } = this.store.log;
    if (growthBytes === 0) {
      if ((tail - this.seenByRemoval) * UNIT_BYTES < LOOK_BYTES) return;
      this.seenByRemoval = tail;
      this.relieve(LOOK_BYTES);
      return;
    }
    if ((tail - this.seenTail) * UNIT_BYTES + growthBytes < LOOK_BYTES) return;
    // If this throws, the next write looks again.
    this.seenTail = Number.NEGATIVE_INFINITY;
    const neededBytes = growthBytes + LOOK_BYTES;
    this.makeRoomFor(neededBytes, this.allowedBytes);
    for (let tries = 1; !this.relieve(neededBytes); tries++) {
      if (tries === TRIES_MAX) throw this.full();
      this.makeRoomFor(neededBytes, Math.min(this.liveBytes, this.allowedBytes) * EVICT_MORE_SHARE);
    }
    this.seenTail = tail;
  }

  /**
   * Evicts some of the keys that a lower limit leaves no room for, between writes; false when nothing more is to go. What
   * they took is given back in the background.
   */
  evictSome(): boolean {
    const { store } = this;
    const { committer, clock } = store;
    this.lookIfPressed(LOOK_BYTES);
    if (store.holdsExpired || committer.poisoned !== null || this.liveBytes <= this.allowedBytes) return false;
    store.dropped.drain();
    const untilMs = clock.monotonicMs() + EVICTION_SLICE_MS;
    let isMore = true;
    store.noteBefore();
    try {
      while (isMore && this.liveBytes > this.allowedBytes && clock.monotonicMs() < untilMs) isMore = evictOne(store);
    } catch (error) {
      store.emitError(store.failWrite(error));
      return false;
    }
    // A refused commit puts the keys back; the next write, or the next limit, tries again.
    committer.afterWriteAsync().catch((error) => store.emitError(error));
    return isMore;
  }

  /** Bytes of the store's files, the reserve counted as if it were always there. */
  get fileBytes(): number {
    const { checkpointer, options, removals } = this.store;
    const segments = this.main.bytesOnDisk + this.cold.bytesOnDisk + (removals?.bytesOnDisk ?? 0);
    return segments + (checkpointer?.bytesOnDisk ?? 0) + options.segmentMinBytes;
  }

  private get segmentBytes(): number {
    return segmentUnitsFor(this.store, this.main, this.cold) * UNIT_BYTES;
  }

  private get checkpointBytes(): number {
    const { store } = this;
    let keys = 0;
    for (const database of store.databases()) keys += store.table(database).count;
    const counted = keys * KEY_IN_CHECKPOINT_BYTES + (store.wheel.size + store.memberWheel.size) * WHEEL_ENTRY_BYTES;
    return Math.max((store.checkpointer?.lastBytes ?? 0) * CHECKPOINT_GROWTH, counted) + OTHER_FILES_BYTES;
  }

  private get liveBytes(): number {
    const { log, cold } = this.store;
    return usedBytes(this.main, log.tail) + usedBytes(this.cold, cold?.tail ?? 0);
  }

  private get allowedBytes(): number {
    const overhead = SEGMENTS_OVERHEAD * this.segmentBytes + CHECKPOINTS_OVERHEAD * this.checkpointBytes;
    return (this.maxBytes - this.store.options.segmentMinBytes - overhead) / SPACE_FACTOR;
  }

  private makeRoomFor(bytes: number, allowed: number): void {
    if (bytes > Math.max(allowed, LOOK_BYTES + 1)) throw this.full();
    if (this.liveBytes + bytes > allowed) this.store.dropped.drain();
    while (this.liveBytes + bytes > allowed) if (!evictOne(this.store)) throw this.full();
  }

  /** What the files may need next: segments for the bytes to come and one ahead, one cold segment, a checkpoint. */
  private workBytes(bytesToCome: number): number {
    const { tail } = this.store.log;
    const last = this.main.last;
    const room = last === undefined ? 0 : (last.end - Math.max(tail, last.base)) * UNIT_BYTES;
    const isNextThere = last !== undefined && last.base > tail;
    const segmentBytes = this.segmentBytes;
    const filled = Math.ceil((bytesToCome * PAGE_WASTE - room) / segmentBytes);
    const segments = Math.max(isNextThere ? 0 : 1, filled) + 1;
    return segments * segmentBytes + this.checkpointBytes;
  }

  /** How many segments may have been copied without having been removed. */
  get leavingMax(): number {
    const spare = this.maxBytes - this.fileBytes - this.workBytes(LOOK_BYTES);
    return Math.max(1, 1 + Math.floor(spare / this.segmentBytes));
  }

  private fits(bytesToCome: number): boolean {
    return this.fileBytes + this.workBytes(bytesToCome) <= this.maxBytes;
  }

  private lookIfPressed(bytesToCome: number): void {
    const wantedBytes = this.fileBytes + this.workBytes(bytesToCome) + PRESSED_SEGMENTS * this.segmentBytes;
    this.isPressed = wantedBytes > this.maxBytes;
  }

  /** Gives space back on the spot if there is none for `bytesToCome`; false if that cannot be done. */
  private relieve(bytesToCome: number): boolean {
    const { checkpointer, compactor } = this.store;
    this.lookIfPressed(bytesToCome);
    if (!this.isPressed) return true;
    if (!this.fits(bytesToCome)) this.store.removals?.finishSync();
    let checkpointsLeft = 2;
    this.isUrgent = true;
    try {
      for (let i = 0; i < STEPS_MAX && !this.fits(bytesToCome); i++) {
        const busy = checkpointer?.step('now') === true;
        if (compactor?.step('now') === true || busy) continue;
        // Only below the older of two newer checkpoints may a segment go.
        if (checkpointsLeft-- === 0) return false;
        checkpointer?.request();
      }
      return true;
    } finally {
      this.isUrgent = false;
    }
  }

  private full(): FerriteError {
    return new DiskLimitError(
      'FERRITE_DISK_FULL',
      `maxDisk (${this.maxBytes} bytes) is used up: delete keys, raise it, or set an evictionPolicy`,
    );
  }
}

/** Told apart from a disk that is full: this limit is one of the user's. */
export class DiskLimitError extends FerriteError {}

/** Bytes of records that are still needed. */
export function usedBytes(segments: Segments, tail: number): number {
  let units = 0;
  for (const segment of segments.list) {
    const filled = Math.min(segment.end, Math.max(tail, segment.base)) - segment.base;
    units += Math.max(0, filled - Math.max(0, segment.deadUnits));
  }
  return units * UNIT_BYTES;
}
