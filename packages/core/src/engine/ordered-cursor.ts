/**
 * A scan over a range of the ordered key index, forwards or backwards, in chunks.
 *
 * The index may change between two chunks. Then the cursor finds its place again by the last key it gave out, so that
 * the scan sees every key that is there from its beginning to its end exactly once, in order; a key that comes or goes
 * meanwhile is seen or not. A chunk is valid until the next change: the store resolves its refs at once.
 *
 * Called by the iterators of the store; one cursor per iterator.
 */

import type { OrderedIndex } from './ordered-index.ts';
import {
  copyOfBytes,
  EXPLICIT_BYTE,
  MARK_EXPLICIT,
  MARKS,
  NEXT,
  NO_NODE,
  NODE_WORDS,
  PREVIOUS,
  REFS,
  SLAB_MASK,
} from './ordered-nodes.ts';

export interface OrderedRange {
  /** The least key, or null for no limit. */
  readonly low: Uint8Array | null;
  readonly isLowIncluded: boolean;
  /** The greatest key, or null for no limit. */
  readonly high: Uint8Array | null;
  readonly isHighIncluded: boolean;
  /** From high to low. */
  readonly isReverse: boolean;
}

/** The range of the keys that begin with `prefix`. */
export function prefixRange(prefix: Uint8Array, isReverse: boolean): OrderedRange {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  const high = length === 0 ? null : copyOfBytes(prefix, 0, length);
  if (high !== null) high[length - 1]++;
  return { low: prefix, isLowIncluded: true, high, isHighIncluded: false, isReverse };
}

/** Entries given out together; made once per scan and filled again and again. */
export class OrderedChunk {
  /** The hash of each key. */
  readonly refs: Int32Array;
  /** The key itself where it is explicit; null where the store has to be asked. */
  readonly keys: (Uint8Array | null)[];
  count = 0;
  private explicitCount = 0;

  constructor(capacity: number) {
    this.refs = new Int32Array(capacity);
    this.keys = new Array<Uint8Array | null>(capacity).fill(null);
  }

  clear(): void {
    if (this.explicitCount > 0) this.keys.fill(null);
    this.explicitCount = 0;
    this.count = 0;
  }

  addExplicit(hash: number, key: Uint8Array): void {
    this.refs[this.count] = hash;
    this.keys[this.count] = key;
    this.count++;
    this.explicitCount++;
  }
}

export class OrderedCursor {
  private readonly index: OrderedIndex;
  private readonly range: OrderedRange;
  /** Where to go on: before the entry at `position` forwards, after it backwards; holds while `changes` does. */
  private leaf = NO_NODE;
  private position = 0;
  private changes = -1;
  private isDone = false;
  private lastKey = new Uint8Array(64);
  /** -1 before the first chunk. */
  private lastLength = -1;

  constructor(index: OrderedIndex, range: OrderedRange) {
    this.index = index;
    this.range = range;
  }

  /** Fills the chunk with the next entries, at most `countMax`; returns how many, 0 at the end of the range. */
  next(chunk: OrderedChunk, countMax = chunk.refs.length): number {
    chunk.clear();
    if (this.isDone || countMax < 1) return 0;
    if (this.changes !== this.index.changes) {
      if (this.range.isReverse) this.findReverse();
      else this.findForward();
      this.changes = this.index.changes;
    }
    if (this.range.isReverse) this.fillReverse(chunk, countMax);
    else this.fillForward(chunk, countMax);
    return chunk.count;
  }

  private findForward(): void {
    const { index } = this;
    const { low } = this.range;
    if (this.lastLength >= 0) {
      this.leaf = index.descend(this.lastKey, 0, this.lastLength);
      this.position = index.search(this.leaf, 0, this.lastKey, 0, this.lastLength);
      if (index.isFound) this.position++;
    } else if (low !== null) {
      this.leaf = index.descend(low, 0, low.length);
      this.position = index.search(this.leaf, 0, low, 0, low.length);
      if (index.isFound && !this.range.isLowIncluded) this.position++;
    } else {
      this.leaf = index.edgeLeaf(false);
      this.position = 0;
    }
  }

  private findReverse(): void {
    const { index } = this;
    const { high } = this.range;
    if (this.lastLength >= 0) {
      this.leaf = index.descend(this.lastKey, 0, this.lastLength);
      this.position = index.search(this.leaf, 0, this.lastKey, 0, this.lastLength);
    } else if (high !== null) {
      this.leaf = index.descend(high, 0, high.length);
      this.position = index.search(this.leaf, 0, high, 0, high.length);
      if (index.isFound && this.range.isHighIncluded) this.position++;
    } else {
      this.leaf = index.edgeLeaf(true);
      this.position = index.nodes.countOf(this.leaf);
    }
  }

  private fillForward(chunk: OrderedChunk, countMax: number): void {
    const { index, range } = this;
    let { leaf, position } = this;
    let lastLeaf = leaf;
    let isDone = false;
    while (chunk.count < countMax) {
      const count = index.nodes.countOf(leaf);
      const limit = range.high === null ? count : this.limitIn(leaf, range.high, range.isHighIncluded);
      const end = Math.min(limit, position + countMax - chunk.count);
      this.give(chunk, leaf, position, end - position, 1);
      position = Math.max(position, end);
      lastLeaf = leaf;
      if (position < limit) break;
      const next = index.nodes.word(leaf, NEXT);
      if (limit < count || next === NO_NODE) {
        isDone = true;
        break;
      }
      if (chunk.count === countMax) break;
      leaf = next;
      position = 0;
    }
    if (!isDone) this.rememberLast(lastLeaf, position - 1);
    this.leaf = leaf;
    this.position = position;
    this.isDone = isDone;
  }

  private fillReverse(chunk: OrderedChunk, countMax: number): void {
    const { index, range } = this;
    let { leaf, position } = this;
    let isDone = false;
    while (chunk.count < countMax) {
      const limit = range.low === null ? 0 : this.limitIn(leaf, range.low, !range.isLowIncluded);
      const end = Math.max(limit, position - (countMax - chunk.count));
      this.give(chunk, leaf, position - 1, position - end, -1);
      position = Math.min(position, end);
      if (position > limit) break;
      const previous = index.nodes.word(leaf, PREVIOUS);
      if (limit > 0 || previous === NO_NODE) {
        isDone = true;
        break;
      }
      if (chunk.count === countMax) break;
      leaf = previous;
      position = index.nodes.countOf(leaf);
    }
    if (!isDone) this.rememberLast(leaf, position);
    this.leaf = leaf;
    this.position = position;
    this.isDone = isDone;
  }

  /** How many entries of a leaf come before `key`, the entry of `key` itself counted only if `withKey`. */
  private limitIn(leaf: number, key: Uint8Array, withKey: boolean): number {
    const position = this.index.search(leaf, 0, key, 0, key.length);
    return withKey && this.index.isFound ? position + 1 : position;
  }

  /** Adds `count` entries of a leaf to the chunk, from `position` on, upwards or downwards by `step`. */
  private give(chunk: OrderedChunk, leaf: number, position: number, count: number, step: number): void {
    const { nodes, explicit } = this.index;
    const { words, bytes } = nodes.slabOf(leaf);
    const base = (leaf & SLAB_MASK) * NODE_WORDS;
    const mayBeExplicit = bytes[base * 4 + EXPLICIT_BYTE] > 0;
    for (let i = 0; i < count; i++, position += step) {
      const ref = words[base + REFS + position];
      if (mayBeExplicit && (bytes[(base + MARKS) * 4 + position] & MARK_EXPLICIT) !== 0) {
        chunk.addExplicit(explicit.hashAt(ref), explicit.keyAt(ref) as Uint8Array);
      } else {
        chunk.refs[chunk.count++] = ref;
      }
    }
  }

  /** The iterator may change the index before it asks for the next chunk, and remove this very key. */
  private rememberLast(leaf: number, position: number): void {
    const { index } = this;
    index.loadEntry(leaf, position);
    const { entryBytes, entryStart, entryLength } = index;
    if (this.lastKey.length < entryLength) this.lastKey = new Uint8Array(entryLength * 2);
    for (let i = 0; i < entryLength; i++) this.lastKey[i] = entryBytes[entryStart + i];
    this.lastLength = entryLength;
  }
}
