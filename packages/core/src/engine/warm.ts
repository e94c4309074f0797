/**
 * Warming: after a reopen the memory of the log is empty; pages come back into it as the store is read.
 *
 * From the tail backwards, page by page, while the read-only region has room: read off the loop, checked, put where the
 * ring would have it, and `head` moved down. It begins only once records were read from disk, so that a store that is
 * opened to be written costs no memory it does not need.
 *
 * A record in memory is trusted without another look. So a page is taken only when every record in it matches its sum,
 * each frame is linked to the one before, and the frames end exactly where the page's known part ends.
 */

import { UNIT_BYTES } from './address.ts';
import {
  chainHeader,
  FRAME_DATA,
  FRAME_HEADER_UNITS,
  FRAME_LAST,
  FRAME_MARK,
  FRAME_PAD,
  FRAME_PART,
  frameKindOf,
  frameUnitsOf,
  MARK_UNITS,
  readMark,
} from './frame.ts';
import { HITS_DISK } from './locate.ts';
import { type Memory, makeMemory } from './page-memory.ts';
import { kindOf, mixWord, recordSum, recordUnits, sumSeed } from './record.ts';
import { SEGMENT_HEADER_UNITS } from './segments.ts';
import type { Store } from './store.ts';

/** Reads from disk before warming begins. */
const DEMAND_READS = 64;

export class Warmer {
  private readonly store: Store;
  private buffer: Memory | null = null;
  private isReading = false;
  private isDone = false;

  constructor(store: Store) {
    this.store = store;
  }

  /** Starts on the next page if there is one to fetch; what comes of it shows later. */
  step(): void {
    const { log, hits } = this.store;
    if (this.isDone || this.isReading || hits[HITS_DISK] < DEMAND_READS) return;
    const end = log.head;
    const start = Math.floor((end - 1) / log.pageUnits) * log.pageUnits;
    const segment = end > log.begin ? log.segments?.find(start) : undefined;
    if (segment === undefined || !this.hasRoom(start)) {
      this.finish();
      return;
    }
    this.isReading = true;
    this.buffer ??= makeMemory(this.store.pageBytes);
    const position = (start - segment.base) * UNIT_BYTES;
    const length = (end - start) * UNIT_BYTES;
    const file = log.segments?.openFile(segment);
    file?.read(this.buffer.bytes, 0, length, position).then(
      (have) => {
        this.isReading = false;
        if (this.store.closed || have < length || segment.retired) this.finish();
        else this.admit(start, end, start === segment.base);
        this.step();
      },
      () => this.finish(),
    );
  }

  /** Whether the ring holds everything from `start` to the end of the tail's page. */
  private hasRoom(start: number): boolean {
    const { log } = this.store;
    const tailPageEnd = (Math.floor(log.tail / log.pageUnits) + 1) * log.pageUnits;
    return tailPageEnd - start <= log.memory.ringUnits;
  }

  /** There is no more to fetch, or a page that cannot be taken: what lies below stays on disk. */
  private finish(): void {
    this.isReading = false;
    this.isDone = true;
    this.buffer = null;
  }

  private admit(start: number, end: number, isSegmentStart: boolean): void {
    const { log } = this.store;
    const buffer = this.buffer as Memory;
    // The tail may have gone on meanwhile.
    const stillFits = log.head === end && this.hasRoom(start);
    const from = isSegmentStart ? start + SEGMENT_HEADER_UNITS : start;
    if (!stillFits || !this.holds(buffer.words, (from - start) * 2, from, end)) {
      this.finish();
      return;
    }
    const { memory } = log;
    const unit = memory.admitPage(start);
    memory.at(unit).words.set(buffer.words.subarray(0, (end - start) * 2), memory.wordOf(unit));
    log.head = start;
  }

  /** Whether the frames from `address` on hold, and end at `limit`. */
  private holds(words: Int32Array, from: number, address: number, limit: number): boolean {
    let word = from;
    let at = address;
    let before: number | undefined;
    while (at < limit) {
      const units = frameUnitsOf(words[word]);
      if (units === 0 || at + units > limit) return false;
      const after = this.chainAfter(words, word, at, units, before);
      if (after === undefined || (before !== undefined && after !== words[word + 1])) return false;
      before = words[word + 1];
      at += units;
      word += units * 2;
    }
    return true;
  }

  /** The chain after a frame that holds, from `before` (0 when it is not known); undefined when it does not hold. */
  private chainAfter(
    words: Int32Array,
    word: number,
    address: number,
    units: number,
    before: number | undefined,
  ): number | undefined {
    const { salt } = this.store.identity;
    const kind = frameKindOf(words[word]);
    let chain = chainHeader(before ?? 0, words[word], address);
    // A page never begins with a pad: one that seems to is a frame whose kind was damaged.
    if (kind === FRAME_PAD) return before === undefined ? undefined : chain;
    if (kind === FRAME_MARK) {
      if (units !== MARK_UNITS || readMark(words, word, address, salt) === undefined) return undefined;
      return mixWord(chain, words[word + MARK_UNITS * 2 - 1]);
    }
    if (kind !== FRAME_DATA && kind !== FRAME_PART && kind !== FRAME_LAST) return undefined;
    const end = word + units * 2;
    let record = address + FRAME_HEADER_UNITS;
    for (let at = word + 2; at < end; ) {
      if (at + 4 > end || kindOf(words[at + 1]) === 0) return undefined;
      const length = recordUnits(words, at);
      if (at + length * 2 > end) return undefined;
      const sum = recordSum(words, at, length, sumSeed(record, salt));
      if (sum !== words[at]) return undefined;
      chain = mixWord(chain, sum);
      at += length * 2;
      record += length;
    }
    return chain;
  }
}
