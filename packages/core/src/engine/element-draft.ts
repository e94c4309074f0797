/** A chunk of a list as it is to be written: packed elements, in their order, put together from what is there and what is new. */
import { CHUNK_VALUE_BYTES, chunkStart, REVERSED } from './element-chunk.ts';
import type { ElementChunks } from './element-chunks.ts';
import { ElementReader, packedLength, packElement } from './element-codec.ts';
import { besideOrder } from './record.ts';
import type { Store } from './store.ts';

const reader = new ElementReader();

/** Bytes of a draft that make a chunk of their own. */
export interface Piece {
  start: number;
  end: number;
  elements: number;
}

export class ElementDraft {
  bytes = Buffer.allocUnsafeSlow(2 * CHUNK_VALUE_BYTES);
  length = 0;
  elements = 0;

  reset(): void {
    this.length = 0;
    this.elements = 0;
  }

  /** Adds the bytes `[start, end)` of `source` as an element. */
  add(source: Uint8Array, start: number, end: number): void {
    this.reserve(packedLength(end - start));
    this.length = packElement(this.bytes, this.length, source, start, end);
    this.elements++;
  }

  /** Adds the elements `[first, last)` of the chunk at hand, which is located. */
  addFrom(store: Store, chunks: ElementChunks, first: number, last: number): void {
    this.take(store, chunks, last, (i) => i >= first);
  }

  /** Adds its elements but for some. */
  addChunk(store: Store, chunks: ElementChunks, without: ReadonlySet<number>): void {
    this.take(store, chunks, chunks.elements, (i) => !without.has(i));
  }

  private take(store: Store, chunks: ElementChunks, until: number, isTaken: (i: number) => boolean): void {
    const { bytes } = store;
    const start = chunkStart(store);
    this.reserve(chunks.until - chunks.from);
    const isReversed = (besideOrder(store.words, store.word) & REVERSED) !== 0;
    let at = start + (isReversed ? chunks.until : chunks.from);
    for (let i = 0; i < until; i++) {
      if (isReversed) reader.backward(bytes, at);
      else reader.forward(bytes, at);
      at = isReversed ? reader.from : reader.until;
      if (!isTaken(i)) continue;
      bytes.copy(this.bytes, this.length, reader.from, reader.until);
      this.length += reader.until - reader.from;
      this.elements++;
    }
  }

  /** Cuts it into as many chunks as it needs, of about the same length. */
  pieces(): Piece[] {
    const pieces: Piece[] = [];
    const target = this.length / Math.ceil(this.length / CHUNK_VALUE_BYTES);
    let piece: Piece = { start: 0, end: 0, elements: 0 };
    for (let at = 0; at < this.length; at = reader.until) {
      reader.forward(this.bytes, at);
      const isFull = at - piece.start >= target || reader.until - piece.start > CHUNK_VALUE_BYTES;
      if (at === 0 || isFull) {
        piece = { start: at, end: at, elements: 0 };
        pieces.push(piece);
      }
      piece.end = reader.until;
      piece.elements++;
    }
    return pieces;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.length + more));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
