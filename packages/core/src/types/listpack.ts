/**
 * Listpacks (S. Sanfilippo, 2017): redis's packed lists of strings, in which DUMP payloads hold small collections,
 * the parts of lists, and streams.
 *
 * | bytes | what |
 * |---|---|
 * | 4 | size of all, little endian |
 * | 2 | number of entries, little endian; 65535: count them |
 * | n | the entries |
 * | 1 | 0xff |
 *
 * An entry is its head, its bytes, and then the size of both, in groups of 7 bits, the highest first, all but the first
 * with the top bit set: that is for walking backwards, and is skipped here.
 *
 * | head | entry |
 * |---|---|
 * | `0nnnnnnn` | the integer n |
 * | `10nnnnnn` | a string of n bytes |
 * | `110nnnnn` + 1 byte | a signed integer of 13 bits, high ones first |
 * | `1110nnnn` + 1 byte | a string of n bytes, 12 bits, high ones first |
 * | `0xf0` + 4 bytes | a string of n bytes, little endian |
 * | `0xf1` to `0xf4` + 2, 3, 4, 8 bytes | a signed little-endian integer |
 *
 * The writer takes the smallest form, as redis does; the reader trusts nothing.
 */
import { parseInteger } from '../base/decimal.ts';

const HEADER_SIZE_BYTES = 6;
const END = 0xff;
const COUNT_UNKNOWN = 0xffff;
const HEAD_SIZE_MAX_BYTES = 9;
const BACK_LENGTH_SIZE_MAX_BYTES = 5;
const INTEGER_TEXT_SIZE_MAX_BYTES = 20;
const STRING_32 = 0xf0;
const INT_16 = 0xf1;
const INT_64 = 0xf4;
/** Bytes of the integers whose heads are `INT_16` to `INT_64`. */
const INTEGER_SIZES_BYTES = [2, 3, 4, 8];

export class ListpackWriter {
  count = 0;
  #bytes = Buffer.alloc(64);
  #end = HEADER_SIZE_BYTES;

  /** Size of the listpack. */
  get sizeBytes(): number {
    return this.#end + 1;
  }

  append(value: Uint8Array): void {
    const integer = value.length <= INTEGER_TEXT_SIZE_MAX_BYTES ? parseInteger(value, 0, value.length) : undefined;
    if (integer !== undefined) {
      this.appendInteger(integer);
      return;
    }
    this.#reserve(value.length);
    const start = this.#end;
    this.#writeStringHead(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
    this.#close(start);
  }

  appendInteger(value: number | bigint): void {
    this.#reserve(0);
    const start = this.#end;
    const bytes = this.#bytes;
    if (value >= 0 && value < 128) bytes[this.#end++] = Number(value);
    else if (value >= -4096 && value < 4096) {
      const bits = Number(value) & 0x1fff;
      bytes[this.#end++] = 0xc0 | (bits >> 8);
      bytes[this.#end++] = bits;
    } else this.#writeInteger(value);
    this.#close(start);
  }

  finish(): Uint8Array {
    this.#reserve(0);
    this.#bytes[this.#end] = END;
    this.#bytes.writeUInt32LE(this.sizeBytes, 0);
    this.#bytes.writeUInt16LE(Math.min(this.count, COUNT_UNKNOWN), 4);
    return this.#bytes.subarray(0, this.sizeBytes);
  }

  #writeInteger(value: number | bigint): void {
    let form = 0;
    while (form < 3 && !fits(value, INTEGER_SIZES_BYTES[form])) form++;
    this.#bytes[this.#end++] = INT_16 + form;
    if (form === 3) this.#end = this.#bytes.writeBigInt64LE(BigInt(value), this.#end);
    else this.#end = this.#bytes.writeIntLE(Number(value), this.#end, INTEGER_SIZES_BYTES[form]);
  }

  #writeStringHead(length: number): void {
    const bytes = this.#bytes;
    if (length < 64) bytes[this.#end++] = 0x80 | length;
    else if (length < 4096) {
      bytes[this.#end++] = 0xe0 | (length >> 8);
      bytes[this.#end++] = length;
    } else {
      bytes[this.#end++] = STRING_32;
      this.#end = bytes.writeUInt32LE(length, this.#end);
    }
  }

  /** Ends the entry that begins at `start`. */
  #close(start: number): void {
    const sizeBytes = this.#end - start;
    const backBytes = backLengthSizeOf(sizeBytes);
    for (let i = backBytes - 1; i >= 0; i--) {
      const group = Math.floor(sizeBytes / 2 ** (7 * i)) & 0x7f;
      this.#bytes[this.#end++] = i === backBytes - 1 ? group : group | 0x80;
    }
    this.count++;
  }

  #reserve(valueBytes: number): void {
    const needed = this.#end + HEAD_SIZE_MAX_BYTES + valueBytes + BACK_LENGTH_SIZE_MAX_BYTES + 1;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }
}

function fits(value: number | bigint, sizeBytes: number): boolean {
  const bound = 2 ** (sizeBytes * 8 - 1);
  return value >= -bound && value < bound;
}

function backLengthSizeOf(sizeBytes: number): number {
  let size = 1;
  for (let rest = Math.floor(sizeBytes / 128); rest > 0; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** The entries of a listpack, integers as their text, strings as views; undefined if it is none. */
export function readListpack(listpack: Uint8Array): Uint8Array[] | undefined {
  const bytes = Buffer.from(listpack.buffer, listpack.byteOffset, listpack.length);
  const last = bytes.length - 1;
  if (last < HEADER_SIZE_BYTES || bytes.readUInt32LE(0) !== bytes.length || bytes[last] !== END) return undefined;
  const entries: Uint8Array[] = [];
  let at = HEADER_SIZE_BYTES;
  while (at < last) {
    const size = entrySizeOf(bytes, at, last);
    if (size < 0 || at + size > last) return undefined;
    entries.push(entryAt(bytes, at, size));
    at += size + backLengthSizeOf(size);
  }
  const count = bytes.readUInt16LE(4);
  return at === last && (count === COUNT_UNKNOWN || count === entries.length) ? entries : undefined;
}

/** Bytes of the head of the string at `at`, 0 for an integer. */
function stringHeadSizeOf(head: number): number {
  if (head >= 0x80 && head < 0xc0) return 1;
  if (head >= 0xe0 && head < 0xf0) return 2;
  return head === STRING_32 ? 5 : 0;
}

/** Bytes of an entry's head and value; -1 if the head is none. */
function entrySizeOf(bytes: Buffer, at: number, end: number): number {
  const head = bytes[at];
  if (head < 0x80) return 1;
  if (head < 0xc0) return 1 + (head & 0x3f);
  if (head < 0xe0) return 2;
  if (head < 0xf0) return at + 1 < end ? 2 + (((head & 0xf) << 8) | bytes[at + 1]) : -1;
  if (head === STRING_32) return at + 5 <= end ? 5 + bytes.readUInt32LE(at + 1) : -1;
  return head <= INT_64 ? 1 + INTEGER_SIZES_BYTES[head - INT_16] : -1;
}

function entryAt(bytes: Buffer, at: number, sizeBytes: number): Uint8Array {
  const head = bytes[at];
  const headBytes = stringHeadSizeOf(head);
  if (headBytes > 0) return bytes.subarray(at + headBytes, at + sizeBytes);
  if (head < 0x80) return Buffer.from(String(head));
  if (head < 0xe0) return Buffer.from(String(((((head & 0x1f) << 8) | bytes[at + 1]) << 19) >> 19));
  if (head === INT_64) return Buffer.from(String(bytes.readBigInt64LE(at + 1)));
  return Buffer.from(String(bytes.readIntLE(at + 1, sizeBytes - 1)));
}
