/**
 * Walks the frames of a log from an address, trusting nothing: headers, chain and every record's sum are checked.
 *
 * Recovery, the feed and salvage read logs through this. A frame is handed on only when all of it holds; what a PART
 * says is handed on too, and `groupDone` tells when everything handed on so far counts.
 */

import { highOf, lowOf, UNIT_BYTES } from './address.ts';
import {
  chainAfter,
  chainHeader,
  FRAME_DATA,
  FRAME_HEADER_UNITS,
  FRAME_LAST,
  FRAME_MARK,
  FRAME_PAD,
  FRAME_PART,
  frameKindOf,
  frameUnitsOf,
  MARK_MAGIC,
  MARK_UNITS,
  type Mark,
  readMark,
} from './frame.ts';
import { type Memory, makeMemory } from './page-memory.ts';
import { kindOf, mixWord, recordSum, recordUnits, sumSeed } from './record.ts';
import { SEGMENT_HEADER_UNITS, type Segment, type Segments } from './segments.ts';

const RECORD_MIN_BYTES = 16;
const ZERO_WORDS = 4096;

export interface WalkVisitor {
  /**
   * All records of a valid frame: those that begin at words `starts[0]` to `starts[count - 1]` of `memory`, up to
   * `starts[count]`. Word 0 has address `origin`.
   */
  records(memory: Memory, starts: Int32Array, count: number, origin: number): void;
  mark(mark: Mark, address: number): void;
  /** Units that only fill a page. */
  pad(address: number, units: number): void;
  /** Everything so far belongs to whole groups. */
  groupDone(): void;
}

/** A frame boundary and the chain there. */
export interface FramePlace {
  address: number;
  chain: number;
}

export interface WalkEnd {
  /** Where the last whole group ended, and the chain there. */
  address: number;
  chain: number;
  /** True when the walk met a frame that does not hold, rather than nothing. */
  bad: boolean;
  /** The last frame was a mark that says the store was closed. */
  clean: boolean;
}

export class Walker {
  private readonly segments: Segments;
  private readonly salt: number;
  private readonly pageUnits: number;
  private page: Memory | null = null;
  private chain = 0;
  private inGroup = false;
  private clean = false;
  /** Where the records of the frame that `holds` looked at begin, then its end. */
  private starts = new Int32Array(0);
  private startCount = 0;

  constructor(segments: Segments, salt: number, pageBytes: number) {
    this.segments = segments;
    this.salt = salt;
    this.pageUnits = pageBytes / UNIT_BYTES;
  }

  /** Room for a page, made when there is something to read. */
  get memory(): Memory {
    if (this.page === null) {
      const pageBytes = this.pageUnits * UNIT_BYTES;
      this.page = makeMemory(pageBytes);
      this.starts = new Int32Array(pageBytes / RECORD_MIN_BYTES + 1);
    }
    return this.page;
  }

  /** Walks from `start`, a frame boundary with that chain, up to `until` or the first frame that is not there. */
  walk(start: number, chain: number, visitor: WalkVisitor, until = Number.POSITIVE_INFINITY): WalkEnd {
    this.chain = chain;
    this.inGroup = false;
    this.clean = false;
    let at = start;
    const end: WalkEnd = { address: start, chain, bad: false, clean: false };
    while (at < until) {
      const segment = this.segments.find(at);
      if (segment === undefined) break;
      if (at === segment.base) at += SEGMENT_HEADER_UNITS;
      const pageEnd = (Math.floor(at / this.pageUnits) + 1) * this.pageUnits;
      const length = (pageEnd - at) * UNIT_BYTES;
      const have = Math.floor(this.segments.readSync(this.memory.bytes, 0, length, at) / UNIT_BYTES);
      const next = this.walkPage(at, Math.min(pageEnd, at + have), visitor, end, until);
      if (next < pageEnd) break;
      at = pageEnd;
    }
    end.clean = this.clean;
    return end;
  }

  private walkPage(pageStart: number, pageEnd: number, visitor: WalkVisitor, end: WalkEnd, until: number): number {
    const words = this.memory.words;
    let at = pageStart;
    while (at < pageEnd && at < until) {
      const word = (at - pageStart) * 2;
      const word0 = words[word];
      if (word0 === 0 && words[word + 1] === 0) return at;
      const units = frameUnitsOf(word0);
      const kind = frameKindOf(word0);
      if (units === 0 || at + units > pageEnd || !this.holds(word, at, kind, units, word0)) {
        end.bad = true;
        return at;
      }
      this.chain = words[word + 1];
      this.handOn(word, at, kind, units, visitor);
      at += units;
      if (kind === FRAME_PART) this.inGroup = true;
      if (kind === FRAME_LAST) this.inGroup = false;
      if (!this.inGroup) {
        end.address = at;
        end.chain = this.chain;
        visitor.groupDone();
      }
    }
    return at;
  }

  /** Whether the frame's header, chain and sums hold. */
  private holds(word: number, address: number, kind: number, units: number, word0: number): boolean {
    const words = this.memory.words;
    const chain = chainHeader(this.chain, word0, address);
    if (kind === FRAME_MARK) {
      if (units !== MARK_UNITS || readMark(words, word, address, this.salt) === undefined) return false;
      return mixWord(chain, words[word + MARK_UNITS * 2 - 1]) === words[word + 1];
    }
    if (kind === FRAME_PAD) return chain === words[word + 1];
    if (kind !== FRAME_DATA && kind !== FRAME_PART && kind !== FRAME_LAST) return false;
    return this.recordsMatch(word, address, units, chain);
  }

  /** Whether the records of a frame match their sums, and these the frame's link. Apart from `holds`, to be optimised soon. */
  private recordsMatch(word: number, address: number, units: number, header: number): boolean {
    const { starts, salt } = this;
    const words = this.memory.words;
    // A page never crosses a multiple of 2^32.
    const low = lowOf(address);
    const high = highOf(address);
    const end = word + units * 2;
    let chain = header;
    let at = word + 2;
    let count = 0;
    while (at < end) {
      if (at + 4 > end || kindOf(words[at + 1]) === 0) return false;
      const length = recordUnits(words, at);
      if (at + length * 2 > end) return false;
      const seed = mixWord(mixWord(salt, (low + ((at - word) >>> 1)) | 0), high);
      const sum = recordSum(words, at, length, seed);
      if (sum !== words[at]) return false;
      chain = mixWord(chain, sum);
      starts[count++] = at;
      at += length * 2;
    }
    starts[count] = end;
    this.startCount = count;
    return chain === words[word + 1];
  }

  private handOn(word: number, address: number, kind: number, units: number, visitor: WalkVisitor): void {
    const words = this.memory.words;
    this.clean = false;
    if (kind === FRAME_MARK) {
      const mark = readMark(words, word, address, this.salt) as Mark;
      this.clean = mark.flags !== 0;
      visitor.mark(mark, address);
      return;
    }
    if (kind === FRAME_PAD) {
      visitor.pad(address, units);
      return;
    }
    visitor.records(this.memory, this.starts, this.startCount, address - word / 2);
  }

  /**
   * Hands on the records of whole frames from `position`, about `sizeBytes` of them. Each record's own sum is checked,
   * and each frame's link to the one before. Returns where to go on, `limit` at the end, 0 when a frame does not hold.
   */
  readFrames(
    segments: Segments,
    position: number,
    limit: number,
    sizeBytes: number,
    visit: (words: Int32Array, word: number, address: number, units: number) => void,
  ): number {
    const words = this.memory.words;
    let at = position;
    if (segments.find(at)?.base === at) at += SEGMENT_HEADER_UNITS;
    if (at >= limit) return limit;
    const pageEnd = Math.min((Math.floor(at / this.pageUnits) + 1) * this.pageUnits, limit);
    let wanted = Math.min((pageEnd - at) * UNIT_BYTES, sizeBytes);
    let have = segments.readSync(this.memory.bytes, 0, wanted, at);
    const first = frameUnitsOf(words[0]) * UNIT_BYTES;
    const kind = frameKindOf(words[0]);
    if (kind !== FRAME_PAD && first > have) {
      wanted = Math.min((pageEnd - at) * UNIT_BYTES, first);
      have = segments.readSync(this.memory.bytes, 0, wanted, at);
    }
    const start = at;
    const end = start + have / UNIT_BYTES;
    if (position !== this.framesEnd || at !== position) this.framesChain = undefined;
    while (at < end) {
      const word = (at - start) * 2;
      const units = frameUnitsOf(words[word]);
      const frameKind = frameKindOf(words[word]);
      if (units === 0 || at + units > pageEnd) return 0;
      if (at + units > end && frameKind !== FRAME_PAD) break;
      if (!this.linkHolds(word, at, frameKind)) return 0;
      const holdsRecords = frameKind !== FRAME_PAD && frameKind !== FRAME_MARK;
      if (holdsRecords && !this.recordsHold(word, at, units, visit)) return 0;
      this.framesChain = words[word + 1];
      at += units;
    }
    this.framesEnd = Math.min(at, limit);
    return at === start ? 0 : this.framesEnd;
  }
  private framesChain: number | undefined;
  private framesEnd = -1;

  /**
   * Whether a frame's header is linked to the frame before. Without that check a data frame whose kind was damaged into
   * a pad would be passed over, and its records taken for dead. The first frame of a segment is a mark, which names the
   * chain before it, or (in the cold log) data.
   */
  private linkHolds(word: number, address: number, kind: number): boolean {
    const { words } = this.memory;
    let before = this.framesChain;
    if (before === undefined && kind === FRAME_MARK) before = readMark(words, word, address, this.salt)?.chainBefore;
    if (before === undefined) return kind !== FRAME_PAD && kind !== FRAME_MARK;
    return chainAfter(before, words, word, address) === words[word + 1];
  }

  /**
   * Hands on the data frames of one stretch from `start`, about `sizeBytes` of it and nothing past `until`: `visit` gets
   * each frame's place, its word index in `memory.words` and its units. Returns where to go on, which is `start` when its
   * frame ends past `until`; undefined when a frame does not hold or does not follow `start`.
   */
  readLinked(
    start: FramePlace,
    until: number,
    sizeBytes: number,
    visit: (at: FramePlace, word: number, units: number) => void,
  ): FramePlace | undefined {
    const words = this.memory.words;
    const segment = this.segments.find(start.address);
    if (segment === undefined) return undefined;
    const from = start.address === segment.base ? start.address + SEGMENT_HEADER_UNITS : start.address;
    const pageEnd = (Math.floor(from / this.pageUnits) + 1) * this.pageUnits;
    const leftBytes = (Math.min(pageEnd, until) - from) * UNIT_BYTES;
    if (leftBytes <= 0) return start;
    let have = this.segments.readSync(this.memory.bytes, 0, Math.min(leftBytes, sizeBytes), from);
    const firstBytes = frameUnitsOf(words[0]) * UNIT_BYTES;
    if (frameKindOf(words[0]) !== FRAME_PAD && firstBytes > have) {
      if (firstBytes > leftBytes) return from + firstBytes / UNIT_BYTES > pageEnd ? undefined : start;
      have = this.segments.readSync(this.memory.bytes, 0, firstBytes, from);
    }
    const end = from + Math.floor(have / UNIT_BYTES);
    let at = from;
    this.chain = start.chain;
    while (at < end) {
      const word = (at - from) * 2;
      const units = frameUnitsOf(words[word]);
      const kind = frameKindOf(words[word]);
      if (units === 0 || at + units > pageEnd) return undefined;
      if (at + units > end && kind !== FRAME_PAD) break;
      if (!this.holds(word, at, kind, units, words[word])) return undefined;
      if (kind !== FRAME_PAD && kind !== FRAME_MARK) visit({ address: at, chain: this.chain }, word, units);
      this.chain = words[word + 1];
      at += units;
    }
    return { address: at, chain: this.chain };
  }

  /** The chain before the first frame of a segment, which is a mark that says it; undefined when there is none. */
  chainAtBase(segment: Segment): number | undefined {
    const address = segment.base + SEGMENT_HEADER_UNITS;
    const have = this.segments.readSync(this.memory.bytes, 0, MARK_UNITS * UNIT_BYTES, address);
    if (have < MARK_UNITS * UNIT_BYTES || frameKindOf(this.memory.words[0]) !== FRAME_MARK) return undefined;
    return readMark(this.memory.words, 0, address, this.salt)?.chainBefore;
  }

  private recordsHold(
    word: number,
    address: number,
    units: number,
    visit: (words: Int32Array, word: number, address: number, units: number) => void,
  ): boolean {
    const words = this.memory.words;
    const end = word + units * 2;
    let recordAddress = address + FRAME_HEADER_UNITS;
    for (let at = word + 2; at < end; ) {
      const length = recordUnits(words, at);
      if (at + 4 > end || at + length * 2 > end) return false;
      if (recordSum(words, at, length, sumSeed(recordAddress, this.salt)) !== words[at]) return false;
      visit(words, at, recordAddress, length);
      at += length * 2;
      recordAddress += length;
    }
    return true;
  }

  /**
   * Looks beyond damage at `from`: calls `found` for every valid mark, whatever the chain. Returns the end of the last
   * bytes that are not zero, 0 when there are none.
   */
  scanMarks(from: number, found: (mark: Mark, address: number) => void): number {
    let lastUsed = 0;
    for (let at = from; ; ) {
      const segment = this.segments.find(at) ?? this.segments.list.find((later) => later.base > at);
      if (segment === undefined) return lastUsed;
      if (at <= segment.base) at = segment.base + SEGMENT_HEADER_UNITS;
      const pageEnd = Math.min((Math.floor(at / this.pageUnits) + 1) * this.pageUnits, segment.end);
      const have = this.segments.readSync(this.memory.bytes, 0, (pageEnd - at) * UNIT_BYTES, at);
      const { words, bytes } = this.memory;
      // Most of what lies beyond the end was never written.
      const limit = isZero(bytes, 0, have) ? 0 : Math.floor(have / 4);
      for (let i = 0; i < limit; i++) {
        const chunkEnd = i + ZERO_WORDS;
        if (i % ZERO_WORDS === 0 && chunkEnd <= limit && isZero(bytes, i * 4, chunkEnd * 4)) i = chunkEnd - 1;
        if (words[i] === 0) continue;
        lastUsed = at + (i >>> 1) + 1;
        if (words[i] !== MARK_MAGIC || i < 2 || i & 1 || i + 12 > limit) continue;
        const mark = readMark(words, i - 2, at + (i - 2) / 2, this.salt);
        if (mark !== undefined) found(mark, at + (i - 2) / 2);
      }
      at = pageEnd;
    }
  }
}

/** The first segment beyond `from` that does not follow the one before it. */
export function firstGap(segments: readonly Segment[], from: number): Segment | undefined {
  for (let i = 1; i < segments.length; i++) {
    if (segments[i].base > from && segments[i].base !== segments[i - 1].end) return segments[i];
  }
  return undefined;
}

/** Whether bytes `[start, end)` are zero: the first is, and each is like the one before. */
export function isZero(bytes: Buffer, start: number, end: number): boolean {
  return end <= start || (bytes[start] === 0 && bytes.compare(bytes, start, end - 1, start + 1, end) === 0);
}
