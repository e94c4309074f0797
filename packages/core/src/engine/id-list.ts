/**
 * IDs of a stream's entries in ascending order, in memory: which there are, from where to where.
 *
 * Blocks of up to 256 IDs in typed arrays, 16 bytes an ID. IDs come at the end, mostly, and go from the front, mostly; both
 * cost the same however many there are. Elsewhere a block is searched for by its first ID, and an ID in its block. What
 * always holds: no block is empty, and IDs ascend within a block and from block to block. Who calls it: `StreamIndex`.
 */
import type { StreamId } from '../base/stream-id.ts';

const BLOCK_IDS = 256;
const WORDS_PER_ID = 4;
const WORDS_AT_FIRST = 8 * WORDS_PER_ID;

interface Block {
  words: Uint32Array;
  /** The IDs in use are `[from, until)`. */
  from: number;
  until: number;
}

/** IDs that were copied out. */
export class IdBatch {
  count = 0;
  readonly countMax: number;
  private readonly words: Uint32Array;

  constructor(countMax: number) {
    this.countMax = countMax;
    this.words = new Uint32Array(countMax * WORDS_PER_ID);
  }

  load(i: number, into: StreamId): void {
    into.setFrom(this.words, i * WORDS_PER_ID);
  }

  push(words: Uint32Array, place: number): void {
    const at = this.count++ * WORDS_PER_ID;
    for (let i = 0; i < WORDS_PER_ID; i++) this.words[at + i] = words[place * WORDS_PER_ID + i];
  }
}

export class IdList {
  count = 0;
  private readonly blocks: Block[] = [];

  get bytesHeld(): number {
    let bytes = 0;
    for (const { words } of this.blocks) bytes += words.byteLength;
    return bytes;
  }

  /** Adds an ID; false if it is there. */
  add(id: StreamId): boolean {
    const { blocks } = this;
    const last = blocks.at(-1);
    if (last === undefined || compareAt(last.words, last.until - 1, id) < 0) {
      this.append(last, id);
      return true;
    }
    const at = Math.max(0, this.blockOf(id));
    const block = blocks[at];
    const place = placeIn(block, id);
    if (place < block.until && compareAt(block.words, place, id) === 0) return false;
    this.insert(at, place, id);
    return true;
  }

  private append(last: Block | undefined, id: StreamId): void {
    this.count++;
    let block = last;
    if (block === undefined || block.until === BLOCK_IDS) {
      const words = new Uint32Array(block === undefined ? WORDS_AT_FIRST : BLOCK_IDS * WORDS_PER_ID);
      block = { words, from: 0, until: 0 };
      this.blocks.push(block);
    } else if (block.until * WORDS_PER_ID === block.words.length) block.words = grown(block.words);
    store(block.words, block.until++, id);
  }

  private insert(at: number, place: number, id: StreamId): void {
    this.count++;
    const block = this.blocks[at];
    if (block.from > 0) {
      block.words.copyWithin((block.from - 1) * WORDS_PER_ID, block.from * WORDS_PER_ID, place * WORDS_PER_ID);
      block.from--;
      store(block.words, place - 1, id);
      return;
    }
    if (block.until === BLOCK_IDS) {
      const right = { words: new Uint32Array(BLOCK_IDS * WORDS_PER_ID), from: 0, until: BLOCK_IDS / 2 };
      right.words.set(block.words.subarray((BLOCK_IDS / 2) * WORDS_PER_ID));
      block.until = BLOCK_IDS / 2;
      this.blocks.splice(at + 1, 0, right);
      this.count--;
      if (place > BLOCK_IDS / 2) this.insert(at + 1, place - BLOCK_IDS / 2, id);
      else this.insert(at, place, id);
      return;
    }
    if (block.until * WORDS_PER_ID === block.words.length) block.words = grown(block.words);
    block.words.copyWithin((place + 1) * WORDS_PER_ID, place * WORDS_PER_ID, block.until * WORDS_PER_ID);
    block.until++;
    store(block.words, place, id);
  }

  /** Removes an ID; false if it is not there. */
  remove(id: StreamId): boolean {
    const at = this.blockOf(id);
    if (at < 0) return false;
    const block = this.blocks[at];
    const place = placeIn(block, id);
    if (place === block.until || compareAt(block.words, place, id) !== 0) return false;
    this.count--;
    if (place === block.from) block.from++;
    else {
      block.words.copyWithin(place * WORDS_PER_ID, (place + 1) * WORDS_PER_ID, block.until * WORDS_PER_ID);
      block.until--;
    }
    if (block.from === block.until) this.blocks.splice(at, 1);
    return true;
  }

  has(id: StreamId): boolean {
    const at = this.blockOf(id);
    if (at < 0) return false;
    const block = this.blocks[at];
    const place = placeIn(block, id);
    return place < block.until && compareAt(block.words, place, id) === 0;
  }

  /** The ID that has so many before it; there is one. */
  loadAt(index: number, into: StreamId): void {
    let left = index;
    for (const { words, from, until } of this.blocks) {
      if (left < until - from) {
        into.setFrom(words, (from + left) * WORDS_PER_ID);
        return;
      }
      left -= until - from;
    }
    throw new Error('an ID beyond the last one was asked for');
  }

  /** How many IDs are below this one. */
  countBefore(id: StreamId): number {
    const at = this.blockOf(id);
    if (at < 0) return 0;
    let count = placeIn(this.blocks[at], id) - this.blocks[at].from;
    for (let i = 0; i < at; i++) count += this.blocks[i].until - this.blocks[i].from;
    return count;
  }

  /** The last ID; there is one. */
  loadLast(into: StreamId): void {
    const last = this.blocks.at(-1) as Block;
    into.setFrom(last.words, (last.until - 1) * WORDS_PER_ID);
  }

  /** Copies IDs of `[start, end]`, at most as many as fit, from the first on, or from the last one downwards. */
  copy(start: StreamId, end: StreamId, isDownward: boolean, batch: IdBatch): void {
    batch.count = 0;
    if (this.count === 0 || start.compare(end) > 0) return;
    if (isDownward) this.copyDown(start, end, batch);
    else this.copyUp(start, end, batch);
  }

  private copyUp(start: StreamId, end: StreamId, batch: IdBatch): void {
    let at = Math.max(0, this.blockOf(start));
    let place = placeIn(this.blocks[at], start);
    for (; at < this.blocks.length; at++, place = this.blocks[at]?.from) {
      const { words, until } = this.blocks[at];
      for (; place < until; place++) {
        if (batch.count === batch.countMax || compareAt(words, place, end) > 0) return;
        batch.push(words, place);
      }
    }
  }

  private copyDown(start: StreamId, end: StreamId, batch: IdBatch): void {
    let at = this.blockOf(end);
    if (at < 0) return;
    const first = this.blocks[at];
    let place = placeIn(first, end);
    if (place === first.until || compareAt(first.words, place, end) > 0) place--;
    for (; at >= 0; at--, place = at < 0 ? 0 : this.blocks[at].until - 1) {
      const { words, from } = this.blocks[at];
      for (; place >= from; place--) {
        if (batch.count === batch.countMax || compareAt(words, place, start) < 0) return;
        batch.push(words, place);
      }
    }
  }

  /** The last block whose first ID is not after the ID; -1 if there is none. */
  private blockOf(id: StreamId): number {
    const { blocks } = this;
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { words, from } = blocks[middle];
      if (compareAt(words, from, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** The first place of a block whose ID is not before this one. */
function placeIn({ words, from, until }: Block, id: StreamId): number {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(words, middle, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareAt(words: Uint32Array, place: number, id: StreamId): number {
  const at = place * WORDS_PER_ID;
  if (words[at] !== id.msHigh) return words[at] - id.msHigh;
  if (words[at + 1] !== id.msLow) return words[at + 1] - id.msLow;
  if (words[at + 2] !== id.sequenceHigh) return words[at + 2] - id.sequenceHigh;
  return words[at + 3] - id.sequenceLow;
}

function store(words: Uint32Array, place: number, id: StreamId): void {
  const at = place * WORDS_PER_ID;
  words[at] = id.msHigh;
  words[at + 1] = id.msLow;
  words[at + 2] = id.sequenceHigh;
  words[at + 3] = id.sequenceLow;
}

function grown(words: Uint32Array): Uint32Array {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}
