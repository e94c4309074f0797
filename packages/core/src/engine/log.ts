/**
 * The main log in memory: allocate at the tail, seal, flush.
 *
 * Addresses, oldest first (all in units):
 *   begin <= head <= readOnly <= tail, and durableUntil <= flushedUntil <= readOnly.
 * `[readOnly, tail)` is mutable, `[head, tail)` is in memory, `[begin, flushedUntil)` is on disk.
 *
 * What always holds:
 * 1. Records lie in frames, a frame within a page. Every frame between `flushedUntil` and `tail` is in the queue, or is
 *    the open one.
 * 2. A seal makes everything up to the tail one atomic group: one DATA frame, or PART ... LAST. So what a crash leaves is
 *    a prefix of the operations though records are updated in place.
 * 3. `flushedUntil` and `durableUntil` move by whole groups, and only after the bytes were written or synced.
 * 4. `head` never passes what is written: entering a page that would push it there writes first.
 * 5. At most one write of a run is in flight in the pool. Its bytes are a copy, so that the memory may be used again;
 *    and they are finished once, so that a write of them on the spot, before or after, leaves the same on the device.
 * 6. What is being committed in the pool is neither undone nor written differently: an undo meanwhile goes back to it.
 *
 * A memory-only store has no segments: pages are handed out by `pages`, nothing is sealed, and all of it is mutable.
 */

import { FerriteError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { COLD_BASE, UNIT_BYTES } from './address.ts';
import {
  FRAME_DATA,
  FRAME_HEADER_UNITS,
  FRAME_LAST,
  FRAME_MARK,
  FRAME_PAD,
  FRAME_PART,
  MARK_CLEAN_CLOSE,
  MARK_UNITS,
  finishDataFrame,
  finishMarkFrame,
  finishPadFrame,
} from './frame.ts';
import { isDiskFull, toFerriteError } from './device-io.ts';
import type { MemoryPages } from './memory-pages.ts';
import type { Memory, PageMemory } from './page-memory.ts';
import { SEGMENT_HEADER_UNITS, type Segment, type Segments } from './segments.ts';

/** Stands for where a record lies in the ring. */
export const NOT_IN_MEMORY = -1;
/** A frame is closed once it is this long: the most that one step of flushing sums and writes. */
const FRAME_TARGET_UNITS = (128 * 1024) / UNIT_BYTES;
const MARK_INTERVAL_MS = 1000;
/** Frames that were written and are still in the queue. */
const QUEUE_DONE_MAX = 1024;
const SEGMENT_PREPARE_SHARE = 0.25;

/** Frames that lie together and are written at once, and where the log stands once they are. */
class Run {
  start = 0;
  /** Where it begins in its buffer of memory. */
  word = 0;
  bytes = 0;
  /** Where its last frame ends: what pads is not written. */
  until = 0;
  frames = 0;
  chain = 0;
  inGroup = false;
  /** End of the last group that is whole then; 0 when none becomes so. */
  groupEnd = 0;
  groupChain = 0;
}

/** What a write in the pool takes its bytes from: memory that nothing else changes before it has settled. */
interface PoolCopy {
  readonly bytes: Uint8Array;
}

/** Where the log goes on after open. */
interface LogPosition {
  begin: number;
  tail: number;
  chain: number;
  epoch: number;
}

export class Log {
  readonly memory: PageMemory;
  readonly segments: Segments | null;
  private readonly pages: MemoryPages | null;
  private readonly clock: Clock;
  private readonly salt: number;
  readonly pageUnits: number;
  /** Units that the next segment should have. */
  private readonly sizeSegment: () => number;
  alignUnits = 0;
  /** Stands in marks: frames of a session that a power cut undid must not pass for this one's. */
  session = 0;

  begin: number;
  head: number;
  readOnly: number;
  tail: number;
  flushedUntil: number;
  durableUntil: number;
  /** Where the log ended when it was opened: `durableUntil` is not known to end a group below it. */
  readonly openedAt: number;
  /** Called when `durableUntil` has moved. */
  onDurable: (() => void) | null = null;
  /** The cold log's, for marks. */
  coldDurableUntil = COLD_BASE;

  epoch: number;
  /** Chain after the last finished frame, and at `flushedUntil`. */
  private chain: number;
  flushedChain: number;

  /** First unit past what the open frame may take, 0 when none is open. */
  private frameLimit = 0;
  private frameStart = 0;
  // Closed frames that are not written yet, oldest first: [queueFrom, queueUntil) of arrays that are used again and again.
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly kinds: number[] = [];
  private queueFrom = 0;
  private queueUntil = 0;
  /** Those below this index are sealed. */
  private sealedUntil = 0;
  /** Written, but perhaps only as PARTs of a group that is not whole yet. */
  private writtenUntil: number;
  /** The run being written, or written last. */
  private readonly run = new Run();
  private inGroup = false;
  /** Frames of the group being made have been sealed as PARTs already. */
  private groupOpen = false;
  private markWanted = true;
  private lastMarkMs = Number.NEGATIVE_INFINITY;
  private cleanClose = 0;

  constructor(
    memory: PageMemory,
    segments: Segments | null,
    pages: MemoryPages | null,
    clock: Clock,
    salt: number,
    sizeSegment: () => number,
    position: LogPosition,
  ) {
    this.memory = memory;
    this.segments = segments;
    this.pages = pages;
    this.clock = clock;
    this.salt = salt;
    this.pageUnits = memory.pageUnits;
    this.sizeSegment = sizeSegment;
    this.begin = position.begin;
    this.tail = position.tail;
    this.head = segments === null ? 0 : position.tail;
    this.readOnly = this.head;
    this.flushedUntil = position.tail;
    this.durableUntil = position.tail;
    this.openedAt = position.tail;
    this.writtenUntil = position.tail;
    this.chain = position.chain;
    this.flushedChain = position.chain;
    this.epoch = position.epoch;
    memory.enterPage(position.tail);
  }

  /** Takes `units` at the tail, inside the open frame or a new one. */
  allocate(units: number): number {
    const at = this.tail;
    if (at + units > this.frameLimit) return this.allocateSlow(units);
    this.tail = at + units;
    return at;
  }

  /** Lengthens the record that ends at `end` by `units`, if it is the last one and its frame has room. */
  tryExtend(end: number, units: number): boolean {
    if (this.tail !== end || end + units > this.frameLimit) return false;
    this.tail = end + units;
    return true;
  }

  /** Takes back the allocation made last. */
  giveBack(address: number): void {
    this.tail = address;
  }

  private allocateSlow(units: number): number {
    if (this.pages !== null) {
      const page = this.pages.take(this.tail);
      this.frameLimit = page + this.pageUnits;
      this.tail = page + units;
      return page;
    }
    this.closeFrame();
    this.openFrame(units);
    const at = this.tail;
    this.tail = at + units;
    return at;
  }

  /** First unit after the page that holds `address`. */
  private pageEnd(address: number): number {
    return (Math.floor(address / this.pageUnits) + 1) * this.pageUnits;
  }

  private openFrame(units: number): void {
    if (this.tail === this.pageStartOfTail()) this.enterPage();
    const mark = () => (this.markDue() ? MARK_UNITS : 0);
    while (this.tail + mark() + FRAME_HEADER_UNITS + units > this.pageEnd(this.tail)) {
      this.padTo(this.pageEnd(this.tail));
      this.enterPage();
    }
    if (this.markDue()) this.layMark();
    this.frameStart = this.tail;
    this.tail += FRAME_HEADER_UNITS;
    const wanted = Math.max(this.frameStart + FRAME_TARGET_UNITS, this.tail + units);
    this.frameLimit = Math.min(wanted, this.pageEnd(this.frameStart));
  }

  private pageStartOfTail(): number {
    return Math.floor(this.tail / this.pageUnits) * this.pageUnits;
  }

  private closeFrame(): void {
    if (this.frameLimit !== 0) this.enqueue(this.frameStart, this.tail, FRAME_DATA);
    this.frameLimit = 0;
  }

  private enqueue(start: number, end: number, kind: number): void {
    const i = this.queueUntil++;
    this.starts[i] = start;
    this.ends[i] = end;
    this.kinds[i] = kind;
  }

  private padTo(end: number): void {
    if (this.tail < end) {
      this.enqueue(this.tail, end, FRAME_PAD);
      const segment = this.segments?.find(this.tail);
      if (segment !== undefined) segment.deadUnits += end - this.tail;
    }
    this.tail = end;
  }

  private markDue(): boolean {
    return this.markWanted && this.clock.monotonicMs() - this.lastMarkMs >= MARK_INTERVAL_MS;
  }

  private layMark(): void {
    this.enqueue(this.tail, this.tail + MARK_UNITS, FRAME_MARK);
    this.tail += MARK_UNITS;
    this.markWanted = false;
    this.lastMarkMs = this.clock.monotonicMs();
  }

  /** The tail stands at the start of a page: makes room in the ring, and a segment where one begins. */
  private enterPage(): void {
    if (this.tail >= COLD_BASE - this.pageUnits) {
      throw new FerriteError('FERRITE_DISK_FULL', 'the address space is used up: copy the keys into a new store');
    }
    const oldest = this.tail - this.memory.ringUnits + this.pageUnits;
    if (oldest > this.head) {
      if (oldest > this.writtenUntil) this.makeRoom();
      this.head = oldest;
    }
    this.memory.enterPage(this.tail);
    const segments = this.segments as Segments;
    const segment = segments.find(this.tail) ?? segments.extend(this.tail, this.sizeSegment());
    if (segment.base === this.tail) {
      this.tail += SEGMENT_HEADER_UNITS;
      // A segment starts with a mark, so that reading can start there.
      this.markWanted = true;
      this.lastMarkMs = Number.NEGATIVE_INFINITY;
    }
  }

  /**
   * The ring is full of unwritten bytes. What is sealed is written; if that is not enough the atomic group that is being
   * made is larger than memory, and its first frames go out as PARTs that count for nothing until its LAST.
   */
  private makeRoom(): void {
    for (let i = this.sealedUntil; i < this.queueUntil; i++) {
      if (this.kinds[i] === FRAME_DATA) this.kinds[i] = FRAME_PART;
    }
    this.groupOpen = true;
    this.sealedUntil = this.queueUntil;
    this.readOnly = this.tail;
    this.flushAll();
  }

  /** Whether the record at a main log address can be read without the device. */
  isInMemory(address: number): boolean {
    return address >= this.head && address < COLD_BASE;
  }

  /**
   * Touches the records of these addresses (0: none) that are in memory, so that their misses overlap. `units` gets where
   * each lies in the ring, NOT_IN_MEMORY for the others. True: all of them are in memory.
   */
  touchRecords(addresses: Float64Array, count: number, units: Int32Array): boolean {
    const { memory, head } = this;
    let isAllHere = true;
    for (let i = 0; i < count; i++) {
      const address = addresses[i];
      const isHere = address !== 0 && address >= head && address < COLD_BASE;
      units[i] = isHere ? memory.unitOf(address) : NOT_IN_MEMORY;
      if (!isHere) isAllHere = false;
    }
    memory.touchAll(units, count);
    return isAllHere;
  }

  /**
   * Gives the ring so many units, at most all that it may have, if that can be done now: pages of the lap before leave
   * memory for it.
   */
  tryLengthenMemory(units: number): boolean {
    const { memory } = this;
    if (!memory.canLengthen || units <= memory.ringUnits) return true;
    if (this.flushedUntil < memory.lapStart) return false;
    this.head = Math.max(this.head, memory.lapStart);
    memory.lengthen(units);
    return true;
  }

  /** Units of the main log, in memory or not. */
  get lengthUnits(): number {
    return this.tail - this.begin;
  }

  /** Units that an atomic write may take without any write to the device in the middle of it. */
  get roomUnits(): number {
    return this.memory.ringUnits - (this.tail - this.writtenUntil) - 2 * this.pageUnits;
  }

  get unsealedUnits(): number {
    return this.tail - this.readOnly;
  }

  get hasSealedFrames(): boolean {
    return this.sealedUntil > this.queueFrom;
  }

  /** Makes everything up to the tail immutable and one atomic group. Writes nothing yet. */
  seal(): void {
    if (this.pages !== null) return;
    this.closeFrame();
    this.sealClosed();
  }

  private sealClosed(): void {
    let last = -1;
    let count = 0;
    for (let i = this.sealedUntil; i < this.queueUntil; i++) {
      if (this.kinds[i] !== FRAME_DATA) continue;
      this.kinds[i] = FRAME_PART;
      last = i;
      count++;
    }
    if (last >= 0) {
      this.kinds[last] = count === 1 && !this.groupOpen ? FRAME_DATA : FRAME_LAST;
      this.groupOpen = false;
    }
    this.sealedUntil = this.queueUntil;
    this.readOnly = this.tail;
  }

  /**
   * Finishes and writes sealed frames that lie together, up to about 128 KiB. Returns the bytes written, 0 when none
   * waited. When the device fails nothing has moved, and the call can be made again.
   */
  flushStep(): number {
    if (this.sealedUntil === this.queueFrom) return 0;
    const { run } = this;
    if (this.inPool !== null) {
      // The bytes that are on their way, on the spot: whichever write comes later changes nothing.
      const copy = this.inPool;
      this.writeRun(copy.bytes, 0, run.bytes, run.start, run.until);
      this.inPool = null;
    } else {
      const memory = this.finishRun();
      this.writeRun(memory.bytes, run.word * 4, run.bytes, run.start, run.until);
    }
    this.runWritten();
    return run.bytes;
  }

  /**
   * The same in the pool, one step at a time, from a copy, while the loop goes on. Whoever cannot wait for it calls
   * `flushStep`: then it ends without having done anything more, unless it fails.
   */
  async flushStepInPool(): Promise<void> {
    const segments = this.segments as Segments;
    if (this.inPool !== null || this.sealedUntil === this.queueFrom) return;
    const memory = this.finishRun();
    const missing = this.missingFor(this.run);
    if (missing !== undefined) {
      await segments.prepare(missing, this.epoch, this.clock.nowMs());
      return;
    }
    const { start, bytes, word } = this.run;
    const copy = this.takePoolCopy(bytes);
    copy.bytes.set(memory.bytes.subarray(word * 4, word * 4 + bytes));
    this.inPool = copy;
    let failure: unknown;
    try {
      await segments.write(copy.bytes, bytes, start);
    } catch (error) {
      failure = error;
    }
    const isOvertaken = this.inPool !== copy;
    if (!isOvertaken) this.inPool = null;
    this.spareCopy = copy;
    if (failure === undefined) {
      if (!isOvertaken) this.runWritten();
    } else if (!isOvertaken || !isDiskFull(toFerriteError(failure, 'writing'))) throw failure;
  }
  private inPool: PoolCopy | null = null;
  private spareCopy: PoolCopy | null = null;

  private takePoolCopy(bytes: number): PoolCopy {
    const spare = this.spareCopy;
    this.spareCopy = null;
    if (spare !== null && spare.bytes.length >= bytes) return spare;
    return { bytes: Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes))) };
  }

  /** A segment that must have a file before the run is written; see `writeRun`. */
  private missingFor({ start, until }: Run): Segment | undefined {
    const segments = this.segments as Segments;
    const segment = segments.find(start) as Segment;
    if (!segment.ready) return segment;
    if (until !== segment.end) return undefined;
    const next = segments.find(until) ?? segments.extend(until, this.sizeSegment());
    return next.ready ? undefined : next;
  }

  /** Sums and chains the frames of the next run; returns the memory in which they lie. */
  private finishRun(): Memory {
    const { starts, ends, kinds, run } = this;
    let i = this.queueFrom;
    const start = starts[i];
    const unit = this.memory.unitOf(start);
    const memory = this.memory.at(unit);
    const word = this.memory.wordOf(unit);
    const limit = Math.min(start + FRAME_TARGET_UNITS, this.pageEnd(start));
    let chain = this.chain;
    let inGroup = this.inGroup;
    let end = start;
    run.groupEnd = 0;
    while (i < this.sealedUntil && (i === this.queueFrom || (starts[i] === end && ends[i] <= limit))) {
      const kind = kinds[i];
      chain = this.finish(kind, starts[i], ends[i], memory.words, word + (starts[i] - start) * 2, chain);
      end = kind === FRAME_PAD ? starts[i] + FRAME_HEADER_UNITS : ends[i];
      if (kind === FRAME_PART) inGroup = true;
      else if (kind === FRAME_LAST) inGroup = false;
      if (!inGroup) {
        run.groupEnd = ends[i];
        run.groupChain = chain;
      }
      i++;
      if (kind === FRAME_PAD) break;
    }
    run.start = start;
    run.word = word;
    run.bytes = (end - start) * UNIT_BYTES;
    run.until = ends[i - 1];
    run.frames = i - this.queueFrom;
    run.chain = chain;
    run.inGroup = inGroup;
    return memory;
  }

  /** The device has the run. */
  private runWritten(): void {
    const { run } = this;
    // Headers of frames are no records: where each write is a frame, they would pass for what is live.
    (this.segments?.find(run.start) as Segment).deadUnits += run.frames * FRAME_HEADER_UNITS;
    this.chain = run.chain;
    this.inGroup = run.inGroup;
    this.writtenUntil = run.until;
    this.queueFrom += run.frames;
    if (this.queueFrom === this.queueUntil) this.clearQueue();
    else if (this.queueFrom >= QUEUE_DONE_MAX) this.dropWritten();
    if (run.groupEnd !== 0) {
      this.flushedUntil = run.groupEnd;
      this.flushedChain = run.groupChain;
    }
  }

  /** Where the queue never gets empty: what was written leaves it. */
  private dropWritten(): void {
    const { queueFrom } = this;
    for (const list of [this.starts, this.ends, this.kinds]) list.copyWithin(0, queueFrom, this.queueUntil);
    this.queueFrom = 0;
    this.queueUntil -= queueFrom;
    this.sealedUntil -= queueFrom;
    this.committingFrames = Math.max(0, this.committingFrames - queueFrom);
  }

  /** What is sealed now is being committed: `rewind` leaves it alone. Returns whether there is anything. */
  beginCommit(): boolean {
    this.committingFrames = this.sealedUntil;
    this.committingUntil = this.readOnly;
    return this.isCommitting;
  }

  get isCommitting(): boolean {
    return this.committingFrames > this.queueFrom;
  }

  /** The commit has failed: `rewind` forgets it with the rest. */
  abandonCommit(): void {
    this.committingFrames = 0;
  }
  /** Those below this index of the queue are being committed. */
  private committingFrames = 0;
  private committingUntil = 0;

  private clearQueue(): void {
    this.queueFrom = 0;
    this.queueUntil = 0;
    this.sealedUntil = 0;
    this.committingFrames = 0;
  }

  private finish(kind: number, start: number, end: number, words: Int32Array, at: number, chain: number): number {
    if (kind === FRAME_PAD) return finishPadFrame(words, at, end - start, start, chain);
    if (kind !== FRAME_MARK) return finishDataFrame(words, at, end - start, kind, start, chain, this.salt);
    const mark = {
      epoch: this.epoch,
      durableMain: this.durableUntil,
      durableCold: this.coldDurableUntil,
      wallMs: this.clock.nowMs(),
      chainBefore: chain,
      flags: this.cleanClose,
    };
    return finishMarkFrame(words, at, start, chain, this.salt, mark, this.session);
  }

  private writeRun(bytes: Uint8Array, offset: number, length: number, address: number, frameEnd: number): void {
    const segments = this.segments as Segments;
    const segment = segments.find(address) as Segment;
    if (!segment.ready) segments.prepareSync(segment, this.epoch, this.clock.nowMs());
    if (frameEnd === segment.end) {
      // A segment is filled to its end only when the next one is there, so that recovery can tell if that one is lost.
      const next = segments.find(frameEnd) ?? segments.extend(frameEnd, this.sizeSegment());
      if (!next.ready) segments.prepareSync(next, this.epoch, this.clock.nowMs());
    }
    segments.writeSync(bytes, offset, length, address);
  }

  flushAll(): void {
    while (this.flushStep() > 0);
  }

  /** Forgets everything after the last flushed group, or after the one being committed: the undo of what was refused. */
  rewind(): void {
    if (this.isCommitting) {
      this.queueUntil = this.committingFrames;
      this.sealedUntil = this.committingFrames;
      this.tail = this.committingUntil;
    } else {
      this.clearQueue();
      this.inGroup = false;
      this.tail = this.flushedUntil;
      this.writtenUntil = this.tail;
      this.chain = this.flushedChain;
    }
    this.frameLimit = 0;
    this.groupOpen = false;
    this.markWanted = true;
    this.lastMarkMs = Number.NEGATIVE_INFINITY;
    this.readOnly = this.tail;
    this.head = Math.min(this.head, this.tail);
    if (this.tail > this.pageStartOfTail()) this.memory.enterPage(this.tail);
  }

  /** Pads to the alignment asked for, so that a synced sector is never written again. Call after a seal. */
  padToAlignment(): void {
    if (this.alignUnits === 0 || this.tail % this.alignUnits === 0) return;
    const end = Math.ceil(this.tail / this.alignUnits) * this.alignUnits;
    this.padTo(Math.min(end, this.pageEnd(this.tail)));
    this.sealClosed();
  }

  syncSync(): void {
    if (this.segments === null) return;
    const until = this.flushedUntil;
    this.segments.syncSync();
    this.becameDurable(until);
  }

  async sync(): Promise<void> {
    if (this.segments === null) return;
    const until = this.flushedUntil;
    await this.segments.sync();
    this.becameDurable(until);
  }

  private becameDurable(until: number): void {
    if (until > this.durableUntil) this.durableUntil = until;
    this.markWanted = true;
    if (this.onDurable !== null) this.onDurable();
  }

  /** The last words of a clean close: a mark that says so. */
  layCleanMark(): void {
    this.seal();
    if (this.tail === this.pageStartOfTail()) this.enterPage();
    if (this.tail + MARK_UNITS > this.pageEnd(this.tail)) {
      this.padTo(this.pageEnd(this.tail));
      this.enterPage();
    }
    if (this.alignUnits !== 0) {
      // The mark ends a sector: what is written after the next open leaves it alone.
      const end = Math.ceil((this.tail + MARK_UNITS) / this.alignUnits) * this.alignUnits;
      this.padTo(end - MARK_UNITS);
    }
    this.cleanClose = MARK_CLEAN_CLOSE;
    this.layMark();
    this.sealClosed();
  }

  /** Makes the next segment's file ahead of need, in the pool, one at a time. `settled` is told the error, if any. */
  prepareNextSegment(settled: (error?: unknown) => void): void {
    if (this.segments === null || this.isPreparing) return;
    // Files are made in order: one beyond a segment that has none yet would be taken for a gap after a kill.
    const next = this.segments.firstPlanned ?? this.planAhead(this.segments);
    if (next === undefined) return;
    this.isPreparing = true;
    const settle = (error?: unknown) => {
      this.isPreparing = false;
      this.hasPrepareFailed = error !== undefined;
      settled(error);
    };
    this.segments.prepare(next, this.epoch, this.clock.nowMs()).then(() => settle(), settle);
  }
  private isPreparing = false;
  private hasPrepareFailed = false;

  private planAhead(segments: Segments): Segment | undefined {
    const current = segments.find(this.tail - 1);
    if (current === undefined || segments.last !== current) return undefined;
    if (this.tail - current.base < current.units * SEGMENT_PREPARE_SHARE) return undefined;
    return segments.extend(current.end, this.sizeSegment());
  }

  /**
   * Whether the next `flushStep` has no file to make and to sync, or would only learn why none can be made. Who can wait
   * prepares the segment and flushes later.
   */
  get canFlush(): boolean {
    const planned = this.segments?.firstPlanned;
    return planned === undefined || this.hasPrepareFailed || this.writtenUntil + FRAME_TARGET_UNITS < planned.base;
  }
}
