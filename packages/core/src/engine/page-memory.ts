/**
 * The memory that pages of the log live in: one flat ring in buffers of at most 4 MiB.
 *
 * A store with a disk uses it as a ring: pages follow each other slot by slot, lap after lap, and `[head, tail)` never
 * spans more than the ring, which may become longer. A memory-only store uses it flat: an address is a place, and the
 * memory grows. A buffer is made when it is first entered; the platform gives zeroed memory that costs nothing until it
 * is touched.
 */

import { UNIT_BYTES } from './address.ts';

/** The undocumented but stable methods of Node's Buffer that avoid a dispatch per call. */
export interface FastBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  utf8Write(text: string, offset: number, lengthMax: number): number;
  latin1Write(text: string, offset: number, lengthMax: number): number;
}

/** One stretch of memory under three views; offsets in it are bytes for `bytes` and `view`, bytes / 4 for `words`. */
export interface Memory {
  readonly bytes: FastBuffer;
  readonly words: Int32Array;
  readonly view: DataView;
}

/** Buffers of 4 MiB: large ones make the garbage collector run as soon as they are made, in the middle of opening a store. */
const CHUNK_SHIFT_MAX = 19;

export function makeMemory(sizeBytes: number): Memory {
  const buffer = new ArrayBuffer(sizeBytes);
  return { bytes: Buffer.from(buffer) as FastBuffer, words: new Int32Array(buffer), view: new DataView(buffer) };
}

export class PageMemory {
  readonly pageUnits: number;
  /** Units of the whole ring. */
  ringUnits: number;
  /** Units that it may have at most; 0 for any number. */
  private readonly ringUnitsMax: number;
  private readonly chunks: (Memory | undefined)[] = [];
  private readonly chunkShift: number;
  private readonly chunkMask: number;
  /** Address of the ring's first unit in the lap that the tail is in. */
  lapStart: number;

  /** `firstAddress` is in the page that takes the first slot of the ring. */
  constructor(pageUnits: number, ringUnits: number, ringUnitsMax: number, firstAddress: number) {
    this.pageUnits = pageUnits;
    this.ringUnits = ringUnits;
    this.ringUnitsMax = ringUnitsMax;
    this.lapStart = Math.floor(firstAddress / pageUnits) * pageUnits;
    const bits = Math.ceil(Math.log2(Math.max(ringUnits, ringUnitsMax)));
    this.chunkShift = Math.min(bits, CHUNK_SHIFT_MAX);
    this.chunkMask = 2 ** this.chunkShift - 1;
  }

  /** Tells that the tail has entered the page of `address`, forwards or back after an undo. */
  enterPage(address: number): void {
    if (address >= this.lapStart + this.ringUnits) this.lapStart += this.ringUnits;
    else if (address < this.lapStart) this.lapStart -= this.ringUnits;
    this.ensureChunk(address - this.lapStart);
  }

  /** Gives the ring this length, or all that it may have. Pages of the lap before the tail's must not be needed: their slots move. */
  lengthen(units: number): void {
    const whole = Math.ceil(units / this.pageUnits) * this.pageUnits;
    this.ringUnits = Math.max(this.ringUnits, Math.min(whole, this.ringUnitsMax));
  }

  get canLengthen(): boolean {
    return this.ringUnits < this.ringUnitsMax;
  }

  /** Makes room for a page below the tail's, of the same lap or the one before; returns its unit of the ring. */
  admitPage(address: number): number {
    const unit = this.unitOf(address);
    this.ensureChunk(unit);
    return unit;
  }

  /** Makes the memory-only ring one page larger. */
  grow(): number {
    const at = this.ringUnits;
    this.ringUnits += this.pageUnits;
    this.ensureChunk(at);
    return at;
  }

  private ensureChunk(unit: number): void {
    const index = unit >>> this.chunkShift;
    if (this.chunks[index] !== undefined) return;
    const ringUnits = Math.max(this.ringUnits, this.ringUnitsMax);
    const units = Math.min(this.chunkMask + 1, Math.max(ringUnits - index * (this.chunkMask + 1), this.pageUnits));
    this.chunks[index] = makeMemory(units * UNIT_BYTES);
  }

  /** Unit of the ring at which an address of `[head, tail)` lies. */
  unitOf(address: number): number {
    const unit = address - this.lapStart;
    return unit < 0 ? unit + this.ringUnits : unit;
  }

  /** The buffer that holds a unit of the ring. */
  at(unit: number): Memory {
    return this.chunks[unit >>> this.chunkShift] as Memory;
  }

  /** Word index of a unit within its buffer. */
  wordOf(unit: number): number {
    return (unit & this.chunkMask) << 1;
  }

  /** Touches the first 128 bytes of the records at ring units (those that are not negative): up to three lines each. */
  touchAll(units: Int32Array, count: number): void {
    const { chunks, chunkShift, chunkMask } = this;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const unit = units[i];
      if (unit < 0) continue;
      const words = (chunks[unit >>> chunkShift] as Memory).words;
      const word = (unit & chunkMask) << 1;
      const last = words.length - 1;
      touched ^= words[word + 1] ^ words[Math.min(word + 16, last)] ^ words[Math.min(word + 31, last)];
    }
    this.touched = touched;
  }
  /** Keeps the touches from being optimised away. */
  touched = 0;

  get bytesHeld(): number {
    let bytes = 0;
    for (const chunk of this.chunks) bytes += chunk === undefined ? 0 : chunk.bytes.length;
    return bytes;
  }
}
