/**
 * Checks every frame of one segment file: its header, its link to the frame before, the sum of each record.
 *
 * Unlike a `Walker`, which stops at the first frame that does not hold, it goes on behind it: by the length that the bad
 * frame claims, if what follows there holds, else at the next page, which begins with a frame. So it can tell how much of a
 * damaged segment is whole. It changes nothing, and needs no store that opens. Called by `store-check.ts`.
 */

import type { DeviceFile } from '../device/device.ts';
import { UNIT_BYTES } from './address.ts';
import {
  chainAfter,
  FRAME_DATA,
  FRAME_HEADER_UNITS,
  FRAME_LAST,
  FRAME_MARK,
  FRAME_PAD,
  FRAME_PART,
  frameKindOf,
  frameUnitsOf,
  MARK_UNITS,
  type Mark,
  readMark,
} from './frame.ts';
import { type Memory, makeMemory } from './page-memory.ts';
import { kindOf, recordSum, recordUnits, sumSeed } from './record.ts';
import { SEGMENT_HEADER_UNITS } from './segments.ts';
import { isZero } from './walk.ts';

/** A frame that does not hold. */
export interface BadFrame {
  readonly address: number;
  readonly why: string;
}

interface SegmentFindings {
  frames: number;
  records: number;
  /** Where what was written ends; after a hole, where the last of it does. */
  endAddress: number;
  /** The chain there, if nothing was wrong up to it. */
  endChain: number | undefined;
  readonly bad: BadFrame[];
}

interface SegmentPlace {
  readonly base: number;
  readonly units: number;
  readonly salt: number;
  readonly pageBytes: number;
  /** The chain before its first frame, where the segment before it tells. */
  readonly chainBefore: number | undefined;
}

/** Yields after each page how many bytes of the file that was. `onMark` is told of each mark that holds. */
export function* checkSegment(
  file: DeviceFile,
  place: SegmentPlace,
  onMark: (mark: Mark) => void,
): Generator<number, SegmentFindings> {
  const check = new SegmentCheck(place, onMark);
  const pageUnits = place.pageBytes / UNIT_BYTES;
  const end = place.base + place.units;
  for (let at = place.base; at < end; ) {
    const pageEnd = Math.min((Math.floor(at / pageUnits) + 1) * pageUnits, end);
    const from = at === place.base ? at + SEGMENT_HEADER_UNITS : at;
    const bytes = (pageEnd - from) * UNIT_BYTES;
    const have = file.readSync(check.memory.bytes, 0, bytes, (from - place.base) * UNIT_BYTES);
    check.page(from, from + Math.floor(have / UNIT_BYTES));
    yield bytes;
    at = pageEnd;
  }
  return check.findings;
}

class SegmentCheck {
  readonly memory: Memory;
  readonly findings: SegmentFindings;
  private readonly salt: number;
  private readonly onMark: (mark: Mark) => void;
  /** The chain after the last frame; undefined where it is not known. */
  private chain: number | undefined;
  /** Where the first page that is not full ends: nothing may follow. */
  private hole = -1;
  /** A bad frame was passed, and none that holds has been seen since. */
  private isLost = false;

  constructor(place: SegmentPlace, onMark: (mark: Mark) => void) {
    this.memory = makeMemory(place.pageBytes);
    this.salt = place.salt;
    this.onMark = onMark;
    this.chain = place.chainBefore;
    this.findings = {
      frames: 0,
      records: 0,
      endAddress: place.base + SEGMENT_HEADER_UNITS,
      endChain: place.chainBefore,
      bad: [],
    };
  }

  /** The page is at the beginning of `memory`. */
  page(start: number, end: number): void {
    const { words } = this.memory;
    let at = start;
    while (at < end) {
      const word = (at - start) * 2;
      if (words[word] === 0 && words[word + 1] === 0) {
        this.unwritten(at, start, end);
        return;
      }
      if (this.hole >= 0) {
        this.bad(this.hole, 'nothing is written here, though the log goes on behind it');
        this.hole = -1;
      }
      const units = frameUnitsOf(words[word]);
      const isPlausible = units > 0 && at + units <= end;
      const why = isPlausible ? this.whyBad(word, at, units) : 'the length of a frame makes no sense';
      if (why !== '') {
        this.bad(at, why);
        if (!isPlausible) return;
      }
      at += units;
      if (why === '') this.passed(word, at);
    }
  }

  /** The rest of the page must be empty. */
  private unwritten(at: number, start: number, end: number): void {
    const { bytes } = this.memory;
    const from = (at - start) * UNIT_BYTES;
    const until = (end - start) * UNIT_BYTES;
    if (!isZero(bytes, from, until)) this.bad(at, 'bytes stand where the log has ended');
    else if (this.hole < 0) this.hole = at;
  }

  private bad(address: number, why: string): void {
    // What follows a bad frame is often no frame at all: one report for both.
    if (!this.isLost) this.findings.bad.push({ address, why });
    this.isLost = true;
    this.chain = undefined;
    this.findings.endChain = undefined;
  }

  private passed(word: number, end: number): void {
    const { findings } = this;
    this.chain = this.memory.words[word + 1];
    this.isLost = false;
    findings.frames++;
    findings.endAddress = end;
    if (findings.bad.length === 0) findings.endChain = this.chain;
  }

  /** Empty when the frame holds. */
  private whyBad(word: number, address: number, units: number): string {
    const { words } = this.memory;
    const kind = frameKindOf(words[word]);
    if (kind === FRAME_MARK) return this.whyBadMark(word, address, units);
    if (kind === FRAME_PAD) return this.linkHolds(word, address) ? '' : 'a frame is not linked to the one before';
    if (kind !== FRAME_DATA && kind !== FRAME_PART && kind !== FRAME_LAST) return 'the kind of a frame makes no sense';
    return this.whyBadRecords(word, address, units);
  }

  private whyBadMark(word: number, address: number, units: number): string {
    const { words } = this.memory;
    const mark = units === MARK_UNITS ? readMark(words, word, address, this.salt) : undefined;
    if (mark === undefined) return 'a mark does not match its sum';
    this.onMark(mark);
    const before = this.chain ?? mark.chainBefore;
    return chainAfter(before, words, word, address) === words[word + 1]
      ? ''
      : 'a mark is not linked to the frame before';
  }

  private whyBadRecords(word: number, address: number, units: number): string {
    const { words } = this.memory;
    const end = word + units * 2;
    let sums = 0;
    let recordAddress = address + FRAME_HEADER_UNITS;
    for (let at = word + 2; at < end; sums++) {
      if (at + 4 > end || kindOf(words[at + 1]) === 0) return 'the header of a record makes no sense';
      const length = recordUnits(words, at);
      if (at + length * 2 > end) return 'the length of a record makes no sense';
      if (recordSum(words, at, length, sumSeed(recordAddress, this.salt)) !== words[at]) {
        return 'a record does not match its sum';
      }
      at += length * 2;
      recordAddress += length;
    }
    if (!this.linkHolds(word, address)) return 'a frame is not linked to the one before';
    this.findings.records += sums;
    return '';
  }

  /** Whether a frame's chain follows from the one before and the sums of its records; true where that is not known. */
  private linkHolds(word: number, address: number): boolean {
    const { words } = this.memory;
    return this.chain === undefined || chainAfter(this.chain, words, word, address) === words[word + 1];
  }
}
