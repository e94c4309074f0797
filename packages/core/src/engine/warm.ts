/**
 * Warming: a store that is read gets its memory, one that is only written to does not.
 *
 * The ring is short at first, and after a reopen empty. When records are read from disk, many in a short time, it becomes
 * long enough for twice the log, and pages come back from the tail backwards, page by page, while there is room: read off
 * the loop, checked, put where the ring would have it, and `head` moved down. In a loop that seldom turns, every so many
 * reads from disk bring a page themselves. When the log has outgrown the ring, and reads from disk ask for it again, it
 * becomes longer again, up to what it may have: a small store that is written over and over does not fill all that memory.
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
import { SEGMENT_HEADER_UNITS, type Segment, type Segments } from './segments.ts';
import type { Store } from './store.ts';

/** So many reads from disk in a window of time make memory worth its while. */
const DEMAND_READS = 64;
const DEMAND_WINDOW_MS = 1000;
/** Reads from disk that pay for a page, which costs about as much as they do. */
const READS_PER_PAGE = 512;
/** The ring becomes so many times as long as the log. */
const RING_PER_LOG = 2;
/** Reads for commands of clients after which `step` looks for demand. */
const READS_PER_STEP = 64;

/** The part of a page that is not in memory yet. */
interface Stretch {
  start: number;
  end: number;
  segment: Segment;
}

export class Warmer {
  private readonly store: Store;
  private buffer: Memory | null = null;
  /** Pages are being fetched. */
  private isWanted = false;
  /** The ring has been filled since it became longer. */
  private hasRested = false;
  private isReading = false;
  private isDone = false;
  private windowStartMs: number;
  private windowReads = 0;
  private reads = 0;
  private readsInVain = 0;
  private readsUnpaid = 0;
  private readsAtStep = 0;
  private readsNoted = 0;

  constructor(store: Store) {
    this.store = store;
    this.windowStartMs = store.clock.monotonicMs();
  }

  /** Looks for demand, then starts on the next page if there is one to fetch; what comes of it shows later. */
  step(): void {
    const readsLately = this.reads - this.readsAtStep;
    this.readsAtStep = this.reads;
    // Reads that come so fast bring pages themselves.
    if (this.isReading || readsLately >= READS_PER_PAGE) return;
    const next = this.next();
    if (next === null) return;
    this.isReading = true;
    const { bytes } = (this.buffer ??= makeMemory(this.store.pageBytes));
    const length = (next.end - next.start) * UNIT_BYTES;
    const file = (this.store.log.segments as Segments).openFile(next.segment);
    file.read(bytes, 0, length, (next.start - next.segment.base) * UNIT_BYTES).then(
      (have) => {
        this.isReading = false;
        if (this.store.closed || have < length || next.segment.retired) this.finish();
        else this.admit(next);
        this.step();
      },
      () => {
        this.isReading = false;
        this.finish();
      },
    );
  }

  /** Before a single record is read from disk. */
  beforeRead(): void {
    this.reads++;
    if (++this.readsUnpaid < READS_PER_PAGE || this.isReading) return;
    this.readsUnpaid = 0;
    const next = this.next();
    if (next === null) return;
    const { bytes } = (this.buffer ??= makeMemory(this.store.pageBytes));
    const length = (next.end - next.start) * UNIT_BYTES;
    let have = 0;
    try {
      have = (this.store.log.segments as Segments).readSync(bytes, 0, length, next.start);
    } catch {
      // A page that cannot be read stays on disk, as in `step`: it is not the record that was asked for.
    }
    if (have < length) this.finish();
    else this.admit(next);
  }

  /** A single record is read from disk for a command of a client: pages are read off the loop, and none on the spot. */
  noteRead(): void {
    if (++this.readsNoted < READS_PER_STEP) return;
    this.readsNoted = 0;
    this.step();
  }

  /** The record read from disk had another key of the same hash: new keys meet such, and ask for no memory by it. */
  wasInVain(): void {
    this.readsInVain++;
    this.reads--;
    this.readsUnpaid--;
  }

  /** What should be fetched next, null for nothing (now). */
  private next(): Stretch | null {
    const { log } = this.store;
    if (this.isDone || (!this.isWanted && !this.seesDemand())) return null;
    if (!this.isWanted && !log.tryLengthenMemory(RING_PER_LOG * log.lengthUnits)) return null;
    this.isWanted = true;
    this.hasRested = false;
    const end = log.head;
    const start = Math.floor((end - 1) / log.pageUnits) * log.pageUnits;
    const segment = end > log.begin ? log.segments?.find(start) : undefined;
    if (segment !== undefined && this.hasRoom(start)) return { start, end, segment };
    this.rest();
    return null;
  }

  /** There is no more to fetch, until the log has outgrown a ring that may become longer. */
  private rest(): void {
    this.isWanted = false;
    this.hasRested = true;
    this.windowReads = this.store.hits[HITS_DISK] - this.readsInVain;
    this.buffer = null;
    if (!this.store.log.memory.canLengthen) this.isDone = true;
  }

  private seesDemand(): boolean {
    const nowMs = this.store.clock.monotonicMs();
    const reads = this.store.hits[HITS_DISK] - this.readsInVain;
    if (reads - this.windowReads >= DEMAND_READS && this.isMissing()) return true;
    if (nowMs - this.windowStartMs >= DEMAND_WINDOW_MS) {
      this.windowStartMs = nowMs;
      this.windowReads = reads;
    }
    return false;
  }

  /** Whether some of the log is not in memory, and could be: there is room for it, or the ring may become long enough. */
  private isMissing(): boolean {
    const { log } = this.store;
    return log.head > log.begin && (!this.hasRested || log.lengthUnits > log.memory.ringUnits);
  }

  /** Whether the ring holds everything from `start` to the end of the tail's page. */
  private hasRoom(start: number): boolean {
    const { log } = this.store;
    const tailPageEnd = (Math.floor(log.tail / log.pageUnits) + 1) * log.pageUnits;
    return tailPageEnd - start <= log.memory.ringUnits;
  }

  /** A page cannot be taken, or memory is full and stays as it is: what lies below stays on disk. */
  private finish(): void {
    this.isDone = true;
    this.buffer = null;
  }

  /** Takes what is in the buffer into memory. */
  private admit({ start, end, segment }: Stretch): void {
    const { log } = this.store;
    const buffer = this.buffer as Memory;
    // The tail may have gone on meanwhile.
    const stillFits = log.head === end && this.hasRoom(start);
    const from = start === segment.base ? start + SEGMENT_HEADER_UNITS : start;
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
