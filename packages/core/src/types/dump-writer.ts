/**
 * Writes DUMP payloads: the primitives that values of all types are made of, and the footer.
 *
 * A length, and a string, are written as drawn in `dump.ts`, in the forms that redis chooses: integers in the smallest
 * form, strings over 20 bytes compressed if that saves 4 bytes. The buffer grows with what is written.
 */
import { writeCrc64 } from '../base/crc64.ts';
import { parseInteger } from '../base/decimal.ts';
import { compressLzf } from './lzf.ts';

/** Bytes after the value: version and sum. */
export const FOOTER_SIZE_BYTES = 10;

// First bytes of a length or a string that are no length of 6 or 14 bits.
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;
export const INT_8 = 0xc0;
export const INT_16 = 0xc1;
export const INT_32 = 0xc2;
export const COMPRESSED = 0xc3;

const UINT32_END = 2 ** 32;
const LENGTH_SIZE_MAX_BYTES = 9;
const SMALL_LENGTH_SIZE_MAX_BYTES = 5;
const INTEGER_TEXT_SIZE_MAX_BYTES = 11;
const COMPRESS_SIZE_MIN_BYTES = 21;
const COMPRESS_SAVING_MIN_BYTES = 4;

export class DumpWriter {
  #bytes: Uint8Array;
  #end = 1;

  /** `type`: the number of the value's type and form. `sizeBytes`: what the value will take, about. */
  constructor(type: number, sizeBytes: number) {
    this.#bytes = new Uint8Array(1 + LENGTH_SIZE_MAX_BYTES + sizeBytes + FOOTER_SIZE_BYTES);
    this.#bytes[0] = type;
  }

  length(length: number): void {
    this.#reserve(LENGTH_SIZE_MAX_BYTES);
    this.#end = writeLength(length, this.#bytes, this.#end);
  }

  /** A length of 64 bits. */
  length64(length: bigint): void {
    if (length < UINT32_END) {
      this.length(Number(length));
      return;
    }
    this.#reserve(LENGTH_SIZE_MAX_BYTES);
    this.#bytes[this.#end] = LENGTH_64;
    this.#view().setBigUint64(this.#end + 1, length);
    this.#end += LENGTH_SIZE_MAX_BYTES;
  }

  string(value: Uint8Array): void {
    this.#reserve(1 + 2 * LENGTH_SIZE_MAX_BYTES + value.length);
    this.#end = writeString(value, this.#bytes, this.#end);
  }

  /** Bytes without a length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Eight bytes, the lowest first. */
  double(value: number): void {
    this.#reserve(8);
    this.#view().setFloat64(this.#end, value, true);
    this.#end += 8;
  }

  /** Eight bytes, the lowest first. */
  milliseconds(value: number): void {
    this.#reserve(8);
    this.#view().setBigInt64(this.#end, BigInt(value), true);
    this.#end += 8;
  }

  /** The payload, with the footer. */
  finish(version: number): Uint8Array {
    this.#reserve(FOOTER_SIZE_BYTES);
    const bytes = this.#bytes;
    const end = this.#end;
    bytes[end] = version;
    bytes[end + 1] = version >> 8;
    writeCrc64(bytes, 0, end + 2, bytes, end + 2);
    return bytes.subarray(0, end + FOOTER_SIZE_BYTES);
  }

  #view(): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  }

  #reserve(sizeBytes: number): void {
    const needed = this.#end + sizeBytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed + FOOTER_SIZE_BYTES, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }
}

/** Gives where the string ends. */
function writeString(value: Uint8Array, into: Uint8Array, at: number): number {
  if (value.length <= INTEGER_TEXT_SIZE_MAX_BYTES) {
    const integer = parseInteger(value, 0, value.length);
    if (typeof integer === 'number' && (integer | 0) === integer) return writeInteger(integer, into, at);
  }
  if (value.length >= COMPRESS_SIZE_MIN_BYTES) {
    const end = tryWriteCompressed(value, into, at);
    if (end > 0) return end;
  }
  const start = writeLength(value.length, into, at);
  into.set(value, start);
  return start + value.length;
}

function writeInteger(value: number, into: Uint8Array, at: number): number {
  const sizeBytes = (value << 24) >> 24 === value ? 1 : (value << 16) >> 16 === value ? 2 : 4;
  into[at] = sizeBytes === 1 ? INT_8 : sizeBytes === 2 ? INT_16 : INT_32;
  for (let i = 0; i < sizeBytes; i++) into[at + 1 + i] = value >> (i << 3);
  return at + 1 + sizeBytes;
}

/** Gives where the string ends, or 0 if compression does not pay. */
function tryWriteCompressed(value: Uint8Array, into: Uint8Array, at: number): number {
  const roomy = at + 1 + 2 * SMALL_LENGTH_SIZE_MAX_BYTES;
  const sizeBytes = compressLzf(value, into, roomy, value.length - COMPRESS_SAVING_MIN_BYTES);
  if (sizeBytes === 0) return 0;
  into[at] = COMPRESSED;
  const start = writeLength(value.length, into, writeLength(sizeBytes, into, at + 1));
  into.copyWithin(start, roomy, roomy + sizeBytes);
  return start + sizeBytes;
}

/** Gives where the length ends. Nothing is so long that it would need 64 bits. */
function writeLength(length: number, into: Uint8Array, at: number): number {
  if (length < 1 << 6) {
    into[at] = length;
    return at + 1;
  }
  if (length < 1 << 14) {
    into[at] = 0x40 | (length >>> 8);
    into[at + 1] = length;
    return at + 2;
  }
  into[at] = LENGTH_32;
  for (let i = 0; i < 4; i++) into[at + 1 + i] = length >>> (24 - (i << 3));
  return at + SMALL_LENGTH_SIZE_MAX_BYTES;
}
