/**
 * Strings as arrays of bits, bit 0 being the highest of the first byte: what GETBIT, SETBIT, BITCOUNT, BITPOS and BITOP
 * do to the bytes of a value.
 *
 * Long ranges go by words of 32 bits: counting and searching over a view of the aligned middle, BITOP in blocks that
 * are first copied to aligned memory, because values may lie anywhere. Bit offsets are Numbers below 2^53 and are not
 * shifted where they may pass 2^32.
 */

import { fromStart } from '../base/range-index.ts';

const BITS_PER_BYTE = 8;
/** From here on a view for words costs less than it saves. */
const WORDS_SIZE_MIN_BYTES = 128;
const WORD_SIZE_BYTES = 4;
/** Pairs of words whose counts, at most 16 in a byte, add up without a carry. */
const PAIRS_MAX = 15;
const BLOCK_SIZE_BYTES = 4096;

const block = new Uint8Array(BLOCK_SIZE_BYTES);
const blockWords = new Int32Array(block.buffer);
const operand = new Uint8Array(BLOCK_SIZE_BYTES);
const operandWords = new Int32Array(operand.buffer);

/** Bits set in each byte. */
const BITS_SET = Uint8Array.from({ length: 256 }, (_, byte) => countWord(byte));

export type BitOperation = 'and' | 'or' | 'xor' | 'not';

/** The bit at `offset`; 0 past the end. */
export function getBit(bytes: Uint8Array, offset: number): number {
  const at = Math.floor(offset / BITS_PER_BYTE);
  return at < bytes.length ? (bytes[at] >>> (7 - (offset % BITS_PER_BYTE))) & 1 : 0;
}

/** Sets the bit at `offset`, which lies within the bytes. Gives what it was. */
export function setBit(bytes: Uint8Array, offset: number, bit: number): number {
  const at = Math.floor(offset / BITS_PER_BYTE);
  const mask = 0x80 >>> (offset % BITS_PER_BYTE);
  const before = bytes[at] & mask;
  if (bit !== 0) bytes[at] |= mask;
  else bytes[at] &= ~mask;
  return before === 0 ? 0 : 1;
}

/**
 * BITCOUNT: bits set from `start` to `end`, both included, in bytes or, with `isBitRange`, in bits. Negative ones count
 * from the end; what lies outside is cut off.
 */
export function bitCount(bytes: Uint8Array, start: number, end: number, isBitRange: boolean): number {
  if (start < 0 && end < 0 && start > end) return 0;
  const total = isBitRange ? bytes.length * BITS_PER_BYTE : bytes.length;
  const first = fromStart(start, total);
  const last = Math.min(fromStart(end, total), total - 1);
  if (first > last) return 0;
  return isBitRange ? countBits(bytes, first, last) : countBytes(bytes, first, last + 1);
}

/**
 * BITPOS of a key that exists: the first bit like `bit` from `start` to `end`, given as for `bitCount`; -1 if there is
 * none. Without an `end` the value is taken to go on with zeros.
 */
export function bitPosition(
  bytes: Uint8Array,
  bit: number,
  start: number,
  end: number | undefined,
  isBitRange: boolean,
): number {
  const unit = isBitRange ? 1 : BITS_PER_BYTE;
  const total = (bytes.length * BITS_PER_BYTE) / unit;
  const first = fromStart(start, total);
  const last = end === undefined ? total - 1 : Math.min(fromStart(end, total), total - 1);
  if (first > last) return -1;
  const found = findBit(bytes, bit, first * unit, (last + 1) * unit);
  return found < 0 && bit === 0 && end === undefined ? total * unit : found;
}

/**
 * BITOP: fills `into`, as long as the longest source, with the sources combined bit by bit; shorter ones go on with
 * zeros. There is at least one; `not` takes only the first. `into` may not overlap a source.
 */
export function combineBits(operation: BitOperation, sources: readonly Uint8Array[], into: Uint8Array): void {
  for (let at = 0; at < into.length; at += BLOCK_SIZE_BYTES) {
    const sizeBytes = Math.min(BLOCK_SIZE_BYTES, into.length - at);
    copyBlock(sources[0], at, block);
    if (operation === 'not') for (let i = 0; i < blockWords.length; i++) blockWords[i] = ~blockWords[i];
    else for (let i = 1; i < sources.length; i++) combineBlock(operation, sources[i], at);
    into.set(sizeBytes === BLOCK_SIZE_BYTES ? block : block.subarray(0, sizeBytes), at);
  }
}

/** Bits set among those from `first` to `last`, both included. */
function countBits(bytes: Uint8Array, first: number, last: number): number {
  const firstByte = Math.floor(first / BITS_PER_BYTE);
  const lastByte = Math.floor(last / BITS_PER_BYTE);
  const before = BITS_SET[bytes[firstByte] & ~(0xff >>> (first % BITS_PER_BYTE)) & 0xff];
  const after = BITS_SET[bytes[lastByte] & (0x7f >>> (last % BITS_PER_BYTE))];
  return countBytes(bytes, firstByte, lastByte + 1) - before - after;
}

/** Bits set in the bytes from `start` up to, not including, `end`. */
function countBytes(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start;
  if (end - start >= WORDS_SIZE_MIN_BYTES) {
    for (; (bytes.byteOffset + at) % WORD_SIZE_BYTES !== 0; at++) count += BITS_SET[bytes[at]];
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, Math.floor((end - at) / WORD_SIZE_BYTES));
    count += countWords(words);
    at += words.length * WORD_SIZE_BYTES;
  }
  for (; at < end; at++) count += BITS_SET[bytes[at]];
  return count;
}

/** Sums in ever wider fields of a word (H. S. Warren, "Hacker's Delight"); two words share the later steps. */
function countWords(words: Int32Array): number {
  const pairsEnd = words.length & ~1;
  let count = 0;
  let at = 0;
  while (at < pairsEnd) {
    const end = Math.min(at + 2 * PAIRS_MAX, pairsEnd);
    let sums = 0;
    for (; at < end; at += 2) {
      let a = words[at];
      let b = words[at + 1];
      a -= (a >>> 1) & 0x55555555;
      b -= (b >>> 1) & 0x55555555;
      a = (a & 0x33333333) + ((a >>> 2) & 0x33333333) + (b & 0x33333333) + ((b >>> 2) & 0x33333333);
      sums = (sums + (a & 0x0f0f0f0f) + ((a >>> 4) & 0x0f0f0f0f)) | 0;
    }
    sums = (sums & 0x00ff00ff) + ((sums >>> 8) & 0x00ff00ff);
    count += (sums + (sums >>> 16)) & 0xffff;
  }
  return pairsEnd < words.length ? count + countWord(words[pairsEnd]) : count;
}

function countWord(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The first bit like `bit` from `first` up to, not including, `end`; -1 if there is none. */
function findBit(bytes: Uint8Array, bit: number, first: number, end: number): number {
  const wrong = bit === 0 ? 0xff : 0;
  const endByte = Math.ceil(end / BITS_PER_BYTE);
  let at = Math.floor(first / BITS_PER_BYTE);
  // The bits that are looked for are the ones, in the first byte only from the first bit on.
  let ones = (bytes[at] ^ wrong) & (0xff >>> (first % BITS_PER_BYTE));
  if (ones === 0) {
    at = skipBytes(bytes, wrong, at + 1, endByte);
    if (at === endByte) return -1;
    ones = bytes[at] ^ wrong;
  }
  const found = at * BITS_PER_BYTE + Math.clz32(ones) - 24;
  return found < end ? found : -1;
}

/** The first byte that is not `byte`, or `end`. */
function skipBytes(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let at = start;
  if (end - start >= WORDS_SIZE_MIN_BYTES) {
    for (; (bytes.byteOffset + at) % WORD_SIZE_BYTES !== 0; at++) if (bytes[at] !== byte) return at;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, Math.floor((end - at) / WORD_SIZE_BYTES));
    const word = byte === 0 ? 0 : -1;
    let i = 0;
    while (i < words.length && words[i] === word) i++;
    at += i * WORD_SIZE_BYTES;
  }
  while (at < end && bytes[at] === byte) at++;
  return at;
}

function combineBlock(operation: BitOperation, source: Uint8Array, at: number): void {
  if (at >= source.length) {
    if (operation === 'and') block.fill(0);
    return;
  }
  copyBlock(source, at, operand);
  const count = blockWords.length;
  if (operation === 'and') for (let i = 0; i < count; i++) blockWords[i] &= operandWords[i];
  else if (operation === 'or') for (let i = 0; i < count; i++) blockWords[i] |= operandWords[i];
  else for (let i = 0; i < count; i++) blockWords[i] ^= operandWords[i];
}

/** The block of `source` at `at`, with zeros after its end. */
function copyBlock(source: Uint8Array, at: number, into: Uint8Array): void {
  const part = source.subarray(at, at + BLOCK_SIZE_BYTES);
  into.set(part);
  if (part.length < BLOCK_SIZE_BYTES) into.fill(0, part.length);
}
