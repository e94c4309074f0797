/** The key of the operation at hand, as bytes and words, with its hash: one per store, filled by each operation. */

import { copyPlain } from '../base/copy-bytes.ts';
import { FerriteError } from '../base/errors.ts';
import { halfSipHash } from '../base/hash.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { nameOfKind } from '../base/name-of-kind.ts';
import { type FastBuffer, makeMemory } from './page-memory.ts';
import { ForeseenKeys } from './foreseen-keys.ts';
import type { StoreIdentity } from './store-file.ts';

/** A key: a text, stored as UTF-8, or bytes; at most 65,536 bytes. */
export type Key = string | Uint8Array;

/** Characters up to which a loop is faster than a call of the platform. */
const SHORT_MAX = 48;
/** The bits that no byte of an ASCII text has, of four bytes. */
const NOT_ASCII = 0x80808080 | 0;

export class KeyScratch {
  readonly bytes: FastBuffer;
  readonly words: Int32Array;
  length = 0;
  hash = 0;
  /** Whether all its bytes are below 128. */
  isAscii = true;
  /** Keys that are about to be asked for. */
  readonly foreseen = new ForeseenKeys();
  private readonly hashKey0: number;
  private readonly hashKey1: number;
  private readonly hashMask: number;

  constructor(identity: StoreIdentity) {
    // Room for the longest key, and for the bytes by which utf8Write may show that a key is longer.
    const memory = makeMemory(KEY_SIZE_MAX_BYTES + 16);
    this.bytes = memory.bytes;
    this.words = memory.words;
    this.hashKey0 = identity.hashKey0;
    this.hashKey1 = identity.hashKey1;
    this.hashMask = identity.hashBits === 32 ? -1 : 2 ** identity.hashBits - 1;
  }

  set(key: Key): void {
    if (typeof key === 'string') this.length = this.writeText(key);
    else if (key instanceof Uint8Array) this.length = this.writeBytes(key);
    else throw new FerriteError('FERRITE_INVALID_ARGUMENT', `a key is a string or bytes, not ${nameOfKind(key)}`);
    this.hash = halfSipHash(this.words, 0, this.length, this.hashKey0, this.hashKey1) & this.hashMask;
  }

  /** A key that lies in `source`, such as the one of a record. */
  setFrom(source: Uint8Array, start: number, length: number): void {
    if (length > KEY_SIZE_MAX_BYTES) throw tooLong();
    const { bytes, words } = this;
    const whole = length & ~3;
    let seen = 0;
    for (let i = 0; i < whole; i += 4) {
      const at = start + i;
      const word = source[at] | (source[at + 1] << 8) | (source[at + 2] << 16) | (source[at + 3] << 24);
      words[i >>> 2] = word;
      seen |= word;
    }
    for (let i = whole; i < length; i++) {
      const byte = source[start + i];
      bytes[i] = byte;
      seen |= byte;
    }
    this.length = length;
    this.isAscii = (seen & NOT_ASCII) === 0;
    const known = this.foreseen.find(source, start, length, words);
    this.hash = known >= 0 ? this.foreseen.hashes[known] : this.hashAt(words, 0, length);
  }

  /** The same for one whose hash is known. */
  setHashed(source: Uint8Array, start: number, length: number, hash: number): void {
    copyPlain(source, start, start + length, this.bytes, 0);
    this.length = length;
    this.isAscii = false;
    this.hash = hash;
  }

  /** Hash of the key that starts on word `at` of `words`. */
  hashAt(words: Int32Array, at: number, length: number): number {
    return halfSipHash(words, at, length, this.hashKey0, this.hashKey1) & this.hashMask;
  }

  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length));
  }

  private writeText(key: string): number {
    if (!writeShortAscii(key, this.words, 0)) return this.writeLongText(key);
    this.isAscii = true;
    return key.length;
  }

  private writeLongText(key: string): number {
    const written = this.bytes.utf8Write(key, 0, KEY_SIZE_MAX_BYTES + 4);
    if (written > KEY_SIZE_MAX_BYTES || key.length > KEY_SIZE_MAX_BYTES) throw tooLong();
    this.isAscii = written === key.length;
    return written;
  }

  private writeBytes(key: Uint8Array): number {
    if (key.length > KEY_SIZE_MAX_BYTES) throw tooLong();
    this.bytes.set(key);
    this.isAscii = isAscii(key, key.length);
    return key.length;
  }
}

/** Writes a text's bytes from word `at` on; false if it has other than ASCII characters, or more than 48. */
export function writeShortAscii(key: string, words: Int32Array, at: number): boolean {
  const length = key.length;
  if (length > SHORT_MAX) return false;
  let seen = 0;
  let i = 0;
  let to = at;
  for (; i + 4 <= length; i += 4) {
    const a = key.charCodeAt(i);
    const b = key.charCodeAt(i + 1);
    const c = key.charCodeAt(i + 2);
    const d = key.charCodeAt(i + 3);
    seen |= a | b | c | d;
    words[to++] = a | (b << 8) | (c << 16) | (d << 24);
  }
  if (i < length) {
    let word = 0;
    for (let shift = 0; i < length; i++, shift += 8) {
      const code = key.charCodeAt(i);
      seen |= code;
      word |= code << shift;
    }
    words[to] = word;
  }
  return seen < 128;
}

function isAscii(bytes: Uint8Array, length: number): boolean {
  let seen = 0;
  for (let i = 0; i < length; i++) seen |= bytes[i];
  return seen < 128;
}

function tooLong(): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', `a key has at most ${KEY_SIZE_MAX_BYTES} bytes`);
}
