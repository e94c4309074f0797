/**
 * DUMP payloads of strings, in redis's own format: what DUMP answers and RESTORE takes, also from and to a real redis.
 *
 * | bytes | what |
 * |---|---|
 * | 1 | type of the value: 0 for a string |
 * | n | the string, see below |
 * | 2 | version of the format, little endian |
 * | 8 | CRC-64 of everything before, little endian |
 *
 * A string is a length and its bytes, or, if the first byte begins with 11, one of the special forms:
 *
 * | first byte | then | meaning |
 * |---|---|---|
 * | `00nnnnnn` | | length n |
 * | `01nnnnnn` | 1 byte | length of 14 bits, high ones first |
 * | `0x80`, `0x81` | 4, 8 bytes | length, big endian |
 * | `0xc0`, `0xc1`, `0xc2` | 1, 2, 4 bytes | the decimal text of this signed little-endian integer |
 * | `0xc3` | length of what follows the two lengths, length of the string | the string, compressed by LZF |
 *
 * Written as redis writes: integers in the smallest form, strings over 20 bytes compressed if that saves 4 bytes. What is
 * read is trusted in nothing; it is only ever refused.
 */
import { writeCrc64 } from '../base/crc64.ts';
import { parseInteger } from '../base/decimal.ts';
import { VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import { compressLzf, decompressLzf } from './lzf.ts';

/** What redis 7.0 writes; strings have not changed in version 11, of redis 7.2, which is taken, too. */
const VERSION = 10;
const VERSION_MAX = 11;
const TYPE_STRING = 0;
const FOOTER_SIZE_BYTES = 10;
const SUM_SIZE_BYTES = 8;

const LENGTH_SIZE_MAX_BYTES = 5;
const LENGTH_32 = 0x80;
const LENGTH_64 = 0x81;
const INT_8 = 0xc0;
const INT_16 = 0xc1;
const INT_32 = 0xc2;
const COMPRESSED = 0xc3;

const INTEGER_TEXT_SIZE_MAX_BYTES = 11;
const COMPRESS_SIZE_MIN_BYTES = 21;
const COMPRESS_SAVING_MIN_BYTES = 4;
/** The best that LZF can do: a piece of 3 bytes for 264. */
const EXPANSION_MAX = 88;

/**
 * Why a payload is refused: `footer` if its version is unknown or its sum is wrong ("DUMP payload version or checksum
 * are wrong"), `format` if what it holds is no string ("Bad data format").
 */
type DumpFault = 'footer' | 'format';

/** The payload of a string. */
export function dumpString(value: Uint8Array): Uint8Array {
  const payload = new Uint8Array(1 + 1 + 2 * LENGTH_SIZE_MAX_BYTES + value.length + FOOTER_SIZE_BYTES);
  payload[0] = TYPE_STRING;
  const end = writeString(value, payload, 1);
  payload[end] = VERSION;
  payload[end + 1] = 0;
  writeCrc64(payload, 0, end + 2, payload, end + 2);
  return payload.subarray(0, end + FOOTER_SIZE_BYTES);
}

/** The string that a payload holds, perhaps as a view of it, or why there is none. Bytes after the string are ignored. */
export function restoreString(payload: Uint8Array): Uint8Array | DumpFault {
  const end = payload.length - FOOTER_SIZE_BYTES;
  if (end < 0 || !isFooterValid(payload, end)) return 'footer';
  if (end < 1 || payload[0] !== TYPE_STRING) return 'format';
  return new StringReader(payload, 1, end).tryString() ?? 'format';
}

function isFooterValid(payload: Uint8Array, at: number): boolean {
  if ((payload[at] | (payload[at + 1] << 8)) > VERSION_MAX) return false;
  const sum = new Uint8Array(SUM_SIZE_BYTES);
  writeCrc64(payload, 0, at + 2, sum, 0);
  return sum.every((byte, i) => byte === payload[at + 2 + i]);
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
  const roomy = at + 1 + 2 * LENGTH_SIZE_MAX_BYTES;
  const sizeBytes = compressLzf(value, into, roomy, value.length - COMPRESS_SAVING_MIN_BYTES);
  if (sizeBytes === 0) return 0;
  into[at] = COMPRESSED;
  const start = writeLength(value.length, into, writeLength(sizeBytes, into, at + 1));
  into.copyWithin(start, roomy, roomy + sizeBytes);
  return start + sizeBytes;
}

/** Gives where the length ends. No value is so long that it would need 64 bits. */
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
  return at + LENGTH_SIZE_MAX_BYTES;
}

class StringReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  tryString(): Uint8Array | undefined {
    const form = this.#at < this.#end ? this.#bytes[this.#at] : -1;
    if (form === INT_8) return this.#tryInteger(1);
    if (form === INT_16) return this.#tryInteger(2);
    if (form === INT_32) return this.#tryInteger(4);
    if (form === COMPRESSED) return this.#tryCompressed();
    const length = this.#tryLength();
    return length < 0 || length > this.#end - this.#at ? undefined : this.#bytes.subarray(this.#at, this.#at + length);
  }

  #tryInteger(sizeBytes: number): Uint8Array | undefined {
    const at = this.#at + 1;
    if (at + sizeBytes > this.#end) return undefined;
    let value = 0;
    for (let i = 0; i < sizeBytes; i++) value |= this.#bytes[at + i] << (i << 3);
    const unused = 32 - (sizeBytes << 3);
    return Buffer.from(String((value << unused) >> unused));
  }

  #tryCompressed(): Uint8Array | undefined {
    this.#at++;
    const compressedLength = this.#tryLength();
    const length = this.#tryLength();
    if (compressedLength < 0 || length < 0 || compressedLength > this.#end - this.#at) return undefined;
    // Before anything is allocated: a short payload may not ask for a long string.
    if (length > VALUE_SIZE_MAX_BYTES || length > compressedLength * EXPANSION_MAX) return undefined;
    const value = new Uint8Array(length);
    return decompressLzf(this.#bytes, this.#at, this.#at + compressedLength, value) ? value : undefined;
  }

  /** Reads a length; -1 if there is none. */
  #tryLength(): number {
    if (this.#at >= this.#end) return -1;
    const first = this.#bytes[this.#at++];
    if (first < 0x40) return first;
    if (first < 0x80) return this.#tryBigEndian(first & 0x3f, 1);
    if (first === LENGTH_32) return this.#tryBigEndian(0, 4);
    return first === LENGTH_64 ? this.#tryBigEndian(0, 8) : -1;
  }

  #tryBigEndian(value: number, sizeBytes: number): number {
    if (this.#at + sizeBytes > this.#end) return -1;
    for (let i = 0; i < sizeBytes; i++) value = value * 256 + this.#bytes[this.#at++];
    return value;
  }
}
