/** A walk over the elements of a list, from any of them on, in either direction. Nothing is written while it goes on. */
import { chunkStart, REVERSED } from '../engine/element-chunk.ts';
import type { ElementChunks } from '../engine/element-chunks.ts';
import { ElementReader } from '../engine/element-codec.ts';
import { chunksOf } from '../engine/elements.ts';
import type { LargeValue } from '../engine/large-values.ts';
import { locate } from '../engine/locate.ts';
import { besideOrder } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';

export class ElementWalk {
  /** The element that `next` has come to, as a range of `store.bytes`, is `[reader.start, reader.end)`. */
  readonly reader = new ElementReader();
  private store!: Store;
  private chunks!: ElementChunks;
  private isBackward = false;
  private isReversed = false;
  /** Where in `store.bytes` the next element begins, or ends. */
  private at = 0;
  /** Of the chunk at hand, how many elements are still to come. */
  private left = 0;
  private isAtEnd = false;

  /** The next element is that with this index, if there is one. Backward: from there towards the head. */
  begin(store: Store, list: LargeValue, index: number, isBackward: boolean): void {
    this.store = store;
    this.chunks = chunksOf(list);
    this.isBackward = isBackward;
    this.isAtEnd = index < 0 || index >= this.chunks.count;
    if (this.isAtEnd) return;
    const offset = this.chunks.seekIndex(index);
    this.enter();
    const skipped = isBackward ? this.left - 1 - offset : offset;
    for (let i = 0; i < skipped; i++) this.step();
  }

  /** Goes to the next element; false: there is none. */
  next(): boolean {
    if (this.left === 0) {
      if (this.isAtEnd || !(this.isBackward ? this.chunks.previous() : this.chunks.next())) return false;
      this.enter();
    }
    this.step();
    return true;
  }

  /**
   * Goes on over up to `countMax` elements of one chunk, and notes their ranges; returns how many these are, 0 if there are
   * no more.
   */
  nextRun(starts: Int32Array, ends: Int32Array, countMax: number): number {
    if (this.left === 0) {
      if (this.isAtEnd || !(this.isBackward ? this.chunks.previous() : this.chunks.next())) return 0;
      this.enter();
    }
    const { reader, isReversed } = this;
    const { bytes } = this.store;
    const count = Math.min(this.left, countMax);
    let { at } = this;
    for (let i = 0; i < count; i++) {
      if (isReversed) reader.backward(bytes, at);
      else reader.forward(bytes, at);
      at = isReversed ? reader.from : reader.until;
      starts[i] = reader.start;
      ends[i] = reader.end;
    }
    this.at = at;
    this.left -= count;
    return count;
  }

  /** Which of its chunk's elements the one at hand is, and the chunk's key. */
  get offset(): number {
    return this.isBackward ? this.left : this.chunks.elements - 1 - this.left;
  }

  get chunkKey(): number {
    return this.chunks.key;
  }

  private enter(): void {
    const { store, chunks } = this;
    locate(store, chunks.address);
    const isReversed = (besideOrder(store.words, store.word) & REVERSED) !== 0;
    // Whether elements are met from the end of the chunk's bytes on.
    this.isReversed = isReversed !== this.isBackward;
    this.at = chunkStart(store) + (this.isReversed ? chunks.until : chunks.from);
    this.left = chunks.elements;
  }

  private step(): void {
    const { reader } = this;
    if (this.isReversed) {
      reader.backward(this.store.bytes, this.at);
      this.at = reader.from;
    } else {
      reader.forward(this.store.bytes, this.at);
      this.at = reader.until;
    }
    this.left--;
  }
}
