/**
 * The cold log: survivors of compaction, written straight to its own segments.
 *
 * Relocation never goes through the main log's ring, so it neither pushes hot records out of memory nor shows up in the
 * change feed. Frames and records are as in the main log; each record names the address it came from (FROM), by which
 * replay finds the slot to swing. A record is appended to a stage; `flush` writes the stage as one frame.
 */

import type { Clock } from '../base/clock.ts';
import { type Drive, STARVED_SYNC_MS } from './drive.ts';
import { UNIT_BYTES } from './address.ts';
import { FRAME_DATA, FRAME_HEADER_UNITS, finishDataFrame, finishPadFrame } from './frame.ts';
import { makeMemory, type Memory } from './page-memory.ts';
import {
  expiryWord,
  FLAG_FROM,
  flagsOf,
  keyLengthOf,
  keyOffsetOf,
  SLACK_UNITS_MAX,
  valueLengthOf,
  writeFrom,
} from './record.ts';
import { SEGMENT_HEADER_UNITS, type Segments } from './segments.ts';

const STAGE_BYTES = 256 * 1024;

export class ColdLog {
  readonly segments: Segments;
  private readonly clock: Clock;
  private readonly salt: number;
  private readonly pageUnits: number;
  private readonly epochOf: () => number;
  private readonly sizeSegment: () => number;
  private readonly alignUnits: number;
  /** End of what is written. */
  tail: number;
  chain: number;
  durableUntil: number;
  private stage: Memory | null = null;
  private stagedUnits = 0;
  /** Where the frame was written that the stage held last. */
  private flushedFrom = Number.POSITIVE_INFINITY;
  private syncing: Promise<void> | null = null;
  private readonly onSyncError: (error: unknown) => void;
  private readonly onAnswer: () => void;

  constructor(
    segments: Segments,
    clock: Clock,
    salt: number,
    pageUnits: number,
    sizeSegment: () => number,
    alignUnits: number,
    position: { tail: number; chain: number },
    epochOf: () => number,
    onSyncError: (error: unknown) => void,
    onAnswer: () => void,
  ) {
    this.segments = segments;
    this.clock = clock;
    this.salt = salt;
    this.pageUnits = pageUnits;
    this.sizeSegment = sizeSegment;
    this.alignUnits = alignUnits;
    this.tail = position.tail;
    this.chain = position.chain;
    this.durableUntil = position.tail;
    this.epochOf = epochOf;
    this.onSyncError = onSyncError;
    this.onAnswer = onAnswer;
  }

  private get pageEnd(): number {
    return (Math.floor(this.tail / this.pageUnits) + 1) * this.pageUnits;
  }

  /**
   * Stages a copy of the record at `word` that says it came from `from`. Returns its address once flushed, or 0 when it
   * does not fit behind what is staged: flush, and ask again.
   */
  append(words: Int32Array, word: number, from: number): number {
    const word1 = words[word + 1];
    const flags = flagsOf(word1);
    const had = (flags & FLAG_FROM) !== 0;
    const bytes = keyOffsetOf(word1) + keyLengthOf(words, word) + valueLengthOf(words[word + 2]) + (had ? 0 : 8);
    const units = Math.ceil(bytes / UNIT_BYTES);
    if (this.stagedUnits === 0) this.openFrame(units);
    const needBytes = (this.stagedUnits + units) * UNIT_BYTES;
    if (this.tail + this.stagedUnits + units > this.pageEnd) return 0;
    if (needBytes > STAGE_BYTES && this.stagedUnits > FRAME_HEADER_UNITS) return 0;
    const stage = this.stageOf(needBytes);
    const at = this.stagedUnits * 2;
    stage.words.fill(0, at, at + units * 2);
    // Header and extensions up to FROM, then FROM, then the rest.
    const head = expiryWord(word1) + ((word1 >>> 24) & 2 ? 2 : 0);
    stage.words.set(words.subarray(word, word + head), at);
    stage.words[at] = 0;
    stage.words[at + 1] |= FLAG_FROM << 24;
    stage.words[at + 2] &= ~(SLACK_UNITS_MAX << 24);
    writeFrom(stage.words, at, from);
    const restFrom = word + head + (had ? 2 : 0);
    const restWords = Math.ceil((bytes - (head + 2) * 4) / 4);
    stage.words.set(words.subarray(restFrom, restFrom + restWords), at + head + 2);
    const address = this.tail + this.stagedUnits;
    this.stagedUnits += units;
    return address;
  }

  private stageOf(bytes: number): Memory {
    if (this.stage === null || this.stage.bytes.length < bytes) {
      const grown = makeMemory(Math.max(STAGE_BYTES, bytes));
      if (this.stage !== null) grown.bytes.set(this.stage.bytes);
      this.stage = grown;
    }
    return this.stage;
  }

  /**
   * Makes segment files ahead of need, off the loop. False while the one that the next record goes to is not there yet:
   * whoever can wait appends later.
   */
  prepareAhead(): boolean {
    const { segments } = this;
    const current = segments.find(this.tail) ?? segments.extend(this.tail, this.sizeSegment());
    const isHalfFull = this.tail - current.base > current.units / 2;
    if (current.ready && isHalfFull && segments.last === current) segments.extend(current.end, this.sizeSegment());
    const next = current.ready ? segments.last : current;
    if (next !== undefined && !next.ready && this.preparing === null) {
      this.preparing = segments
        .prepare(next, this.epochOf(), this.clock.nowMs())
        .catch(() => undefined)
        .finally(() => {
          this.preparing = null;
          this.onAnswer();
        });
    }
    return current.ready;
  }
  private preparing: Promise<void> | null = null;

  /** Starts a frame that a record of `units` fits in, padding to the next page where it must. */
  private openFrame(units: number): void {
    if (this.tail % this.pageUnits === 0) this.enterPage();
    if (this.tail + FRAME_HEADER_UNITS + units > this.pageEnd) {
      if (this.tail % this.pageUnits !== 0) this.writePad(this.pageEnd);
      this.enterPage();
    }
    this.stagedUnits = FRAME_HEADER_UNITS;
  }

  private enterPage(): void {
    const segment = this.segments.find(this.tail) ?? this.segments.extend(this.tail, this.sizeSegment());
    if (!segment.ready) this.segments.prepareSync(segment, this.epochOf(), this.clock.nowMs());
    if (segment.base === this.tail) this.tail += SEGMENT_HEADER_UNITS;
  }

  private writePad(end: number): void {
    const pad = makeMemory(UNIT_BYTES);
    const chain = finishPadFrame(pad.words, 0, end - this.tail, this.tail, this.chain);
    this.segments.writeSync(pad.bytes, 0, UNIT_BYTES, this.tail);
    this.chain = chain;
    this.tail = end;
  }

  /** Pads to the alignment asked for, so that a synced sector is never written again. */
  private padToAlignment(): void {
    if (this.alignUnits === 0 || this.durableUntil >= this.tail || this.tail % this.alignUnits === 0) return;
    this.writePad(Math.ceil(this.tail / this.alignUnits) * this.alignUnits);
  }

  /** Writes what is staged as one frame. */
  flush(): void {
    if (this.stagedUnits <= FRAME_HEADER_UNITS || this.stage === null) {
      this.stagedUnits = 0;
      return;
    }
    const units = this.stagedUnits;
    this.stagedUnits = 0;
    const chain = finishDataFrame(this.stage.words, 0, units, FRAME_DATA, this.tail, this.chain, this.salt);
    try {
      this.segments.writeSync(this.stage.bytes, 0, units * UNIT_BYTES, this.tail);
    } catch (error) {
      // A checkpoint must not take an empty segment's header for something that was written.
      const segment = this.segments.find(this.tail);
      if (segment !== undefined && this.tail === segment.base + SEGMENT_HEADER_UNITS) this.tail = segment.base;
      throw error;
    }
    this.chain = chain;
    this.flushedFrom = this.tail;
    this.tail += units;
  }

  /** Until the next `append`: the stage, if it still holds the record at `address`, which then lies at `wordOf(address)`. */
  stageWith(address: number): Memory | null {
    return this.stagedUnits === 0 && address >= this.flushedFrom ? this.stage : null;
  }

  wordOf(address: number): number {
    return (address - this.flushedFrom) * 2;
  }

  syncSync(): void {
    this.padToAlignment();
    const until = this.tail;
    try {
      this.segments.syncSync();
    } catch (error) {
      // What was not synced may be lost though the next sync succeeds.
      this.onSyncError(error);
      throw error;
    }
    this.durableUntil = Math.max(this.durableUntil, until);
  }

  /** fdatasync in the pool, one at a time; a failure is reported to the owner. */
  private startSync(): void {
    this.padToAlignment();
    const until = this.tail;
    this.syncing = this.segments
      .sync()
      .then(() => {
        this.durableUntil = Math.max(this.durableUntil, until);
      }, this.onSyncError)
      .finally(() => {
        this.syncing = null;
        this.onAnswer();
      });
  }

  /** Goes towards everything being durable; returns whether to go on at once. */
  advanceSync(drive: Drive): boolean {
    if (drive === 'now') {
      this.syncSync();
      return true;
    }
    const now = this.clock.monotonicMs();
    if (this.syncing === null) {
      this.syncStartedMs = now;
      this.startSync();
      return false;
    }
    if (drive === 'loop' || now - this.syncStartedMs < STARVED_SYNC_MS) return false;
    this.syncStartedMs = now;
    this.syncSync();
    return true;
  }
  private syncStartedMs = 0;
}
