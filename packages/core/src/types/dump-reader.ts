/**
 * Reads DUMP payloads: the primitives that values of all types are made of, drawn in `dump.ts`.
 *
 * Nothing is trusted. What cannot be read makes the reader *broken*, for good, and gives an empty value: so who reads looks
 * once, at the end, and in each loop. A count is refused where the payload has not that many bytes left; nothing is
 * allocated for what a payload only announces.
 */
import { VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import { COMPRESSED, INT_16, INT_32, INT_8, LENGTH_32, LENGTH_64 } from './dump-writer.ts';
import { decompressLzf } from './lzf.ts';

/** The best that LZF can do: a piece of 3 bytes for 264. */
const EXPANSION_MAX = 88;
const EMPTY = new Uint8Array(0);

export class DumpReader {
  isBroken = false;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  /** Reads from `at` to `end`. */
  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
    this.#end = end;
  }

  /** Perhaps a view of the payload. */
  string(): Uint8Array {
    const form = this.#at < this.#end ? this.#bytes[this.#at] : -1;
    if (form === INT_8) return this.#integerText(1);
    if (form === INT_16) return this.#integerText(2);
    if (form === INT_32) return this.#integerText(4);
    if (form === COMPRESSED) return this.#compressed();
    return this.raw(this.length());
  }

  /** So many bytes, a view of the payload. */
  raw(sizeBytes: number): Uint8Array {
    const at = this.#take(sizeBytes);
    return this.isBroken ? EMPTY : this.#bytes.subarray(at, at + sizeBytes);
  }

  byte(): number {
    const at = this.#take(1);
    return this.isBroken ? 0 : this.#bytes[at];
  }

  double(): number {
    const at = this.#take(8);
    return this.isBroken ? 0 : this.#view.getFloat64(at, true);
  }

  milliseconds(): number {
    const at = this.#take(8);
    return this.isBroken ? 0 : Number(this.#view.getBigInt64(at, true));
  }

  /** A count of things that take at least a byte each. */
  count(): number {
    const count = this.length();
    if (count > this.#end - this.#at) this.isBroken = true;
    return this.isBroken ? 0 : count;
  }

  length(): number {
    return Number(this.length64());
  }

  length64(): bigint | number {
    const first = this.byte();
    if (first < 0x40) return first;
    if (first < 0x80) return ((first & 0x3f) << 8) | this.byte();
    if (first === LENGTH_32 || first === LENGTH_64) {
      const at = this.#take(first === LENGTH_32 ? 4 : 8);
      if (this.isBroken) return 0;
      return first === LENGTH_32 ? this.#view.getUint32(at) : this.#view.getBigUint64(at);
    }
    this.isBroken = true;
    return 0;
  }

  #integerText(sizeBytes: number): Uint8Array {
    const at = this.#take(1 + sizeBytes) + 1;
    if (this.isBroken) return EMPTY;
    let value = 0;
    for (let i = 0; i < sizeBytes; i++) value |= this.#bytes[at + i] << (i << 3);
    const unused = 32 - (sizeBytes << 3);
    return Buffer.from(String((value << unused) >> unused));
  }

  #compressed(): Uint8Array {
    this.#at++;
    const sizeBytes = this.length();
    const length = this.length();
    const at = this.#take(sizeBytes);
    // Before anything is allocated: a short payload may not ask for a long string.
    if (length > VALUE_SIZE_MAX_BYTES || length > sizeBytes * EXPANSION_MAX) this.isBroken = true;
    if (this.isBroken) return EMPTY;
    const value = new Uint8Array(length);
    if (decompressLzf(this.#bytes, at, at + sizeBytes, value)) return value;
    this.isBroken = true;
    return EMPTY;
  }

  /** Where the next bytes begin, after which it goes on. */
  #take(sizeBytes: number): number {
    const at = this.#at;
    if (sizeBytes > this.#end - at) this.isBroken = true;
    else this.#at = at + sizeBytes;
    return at;
  }
}
