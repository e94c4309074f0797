/**
 * The record: one key and value (or member, chunk, tombstone) as it lies in the log, in memory and on disk alike.
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 4 | sum of bytes 4 to the end, seeded by address and store salt; while unsealed: bit 31 OBSERVED, low 24 bits the LRU or LFU clock |
 * | 4 | 2 | key length (0xFFFF: u32 in the extension) |
 * | 6 | 1 | low 4 bits kind, high 4 bits database |
 * | 7 | 1 | flags |
 * | 8 | 3 | value length |
 * | 11 | 1 | slack in units of 8 bytes, for growth in place |
 * | 12 | | extension, each part if its flag or kind asks for it: long key length u32; object id u48 in 8; order key 8; expiry ms u48 in 8; from address u48 in 8; version 8 + origin 4 |
 * | | | key, value, zeros to a multiple of 8, slack |
 *
 * Records start at multiples of 8, extensions are multiples of 4, so the key always starts on a word and keys compare by words.
 */

import { highOf, joinAddress, lowOf } from './address.ts';

export const KIND_STRING = 1;
/** A small collection, whole (`packed-members.ts`). */
export const KIND_PACKED = 2;
export const KIND_ROOT = 3;
/** A member of a collection; what says that there is none any more is of the same layout (`members.ts`). */
export const KIND_MEMBER = 4;
export const KIND_ELEMENT = 5;
export const KIND_TOMBSTONE = 6;
export const KIND_MEMBER_TOMBSTONE = 7;
/** Elements at an end of a list are gone (`elements.ts`). */
export const KIND_CUT = 8;
export const KIND_META = 9;
/** The first of those that `ferrite.store` names by feature, and what features keep for themselves (`own-records.ts`). */
export const KIND_OWN = 10;
const KIND_FEATURES_LAST = 14;
/** What `databaseOf` says of it: no database has this number. */
const OWN_DATABASE = 16;

/** Replaced the key's slot when it was written: replay need not compare keys when one slot has the hash. */
export const FLAG_OVER = 1;
export const FLAG_EXPIRY = 2;
export const FLAG_SYNC = 4;
export const FLAG_FROM = 8;
/** All bytes of the key are known to be below 128. */
export const FLAG_KEY_ASCII = 16;
export const FLAG_VALUE_ASCII = 32;
export const FLAG_LONG_KEY = 64;
/** The value was written in part, as APPEND does it: a hint for OBJECT ENCODING. Never with FLAG_VALUE_ASCII. */
export const FLAG_PATCHED = 128;

export const HEADER_BYTES = 12;
const VALUE_LENGTH_MAX = 0xffffff;
export const SLACK_UNITS_MAX = 255;
const LONG_KEY_MARK = 0xffff;

/** Set in the sum word of an unsealed record whose version somebody read: the next write must make a new record. */
export const OBSERVED = 0x80000000 | 0;

const FLAG_EXTENSION = new Uint8Array(256);
for (let flags = 0; flags < 256; flags++) {
  FLAG_EXTENSION[flags] =
    (flags & FLAG_LONG_KEY ? 4 : 0) +
    (flags & FLAG_EXPIRY ? 8 : 0) +
    (flags & FLAG_FROM ? 8 : 0) +
    (flags & FLAG_SYNC ? 12 : 0);
}
const KIND_EXTENSION = new Uint8Array(16);
KIND_EXTENSION[KIND_ROOT] = 8;
KIND_EXTENSION[KIND_ELEMENT] = 16;
KIND_EXTENSION[KIND_MEMBER] = 8;
KIND_EXTENSION[KIND_MEMBER_TOMBSTONE] = 8;
KIND_EXTENSION[KIND_CUT] = 8;

/** Bytes between the header and the key. */
function extensionBytes(kind: number, flags: number): number {
  return KIND_EXTENSION[kind] + FLAG_EXTENSION[flags];
}

// The two header words: word 1 holds key length, kind, database and flags, word 2 value length and slack.

export function kindOf(word1: number): number {
  return (word1 >>> 16) & 15;
}

/** Whether the record is a value of a key, which a slot of the index may name. Kinds of features that are not here are, too. */
export function isValueKind(kind: number): boolean {
  return (kind >= KIND_STRING && kind <= KIND_ROOT) || (kind >= KIND_OWN && kind <= KIND_FEATURES_LAST);
}

export function databaseOf(word1: number): number {
  return kindOf(word1) === KIND_OWN ? OWN_DATABASE : (word1 >>> 20) & 15;
}

export function flagsOf(word1: number): number {
  return word1 >>> 24;
}

export function keyLengthOf(words: Int32Array, at: number): number {
  const length = words[at + 1] & 0xffff;
  return length === LONG_KEY_MARK && flagsOf(words[at + 1]) & FLAG_LONG_KEY ? words[at + 3] >>> 0 : length;
}

export function valueLengthOf(word2: number): number {
  return word2 & VALUE_LENGTH_MAX;
}

/** Byte offset of the key within the record. */
export function keyOffsetOf(word1: number): number {
  return HEADER_BYTES + KIND_EXTENSION[(word1 >>> 16) & 15] + FLAG_EXTENSION[word1 >>> 24];
}

/** Units of a record without slack. */
export function unitsFor(kind: number, flags: number, keyLength: number, valueLength: number): number {
  return Math.ceil((HEADER_BYTES + extensionBytes(kind, flags) + keyLength + valueLength) / 8);
}

/** Units of the record at word index `at`, slack included. */
export function recordUnits(words: Int32Array, at: number): number {
  const word1 = words[at + 1];
  const word2 = words[at + 2];
  const bytes = keyOffsetOf(word1) + keyLengthOf(words, at) + (word2 & VALUE_LENGTH_MAX);
  return ((bytes + 7) >>> 3) + (word2 >>> 24);
}

/** Writes the header, and the long key length where the key needs one (the caller adds FLAG_LONG_KEY through `keyFlags`). */
export function writeHeader(
  words: Int32Array,
  at: number,
  kind: number,
  database: number,
  flags: number,
  keyLength: number,
  valueLength: number,
  slackUnits: number,
): void {
  const long = (flags & FLAG_LONG_KEY) !== 0;
  words[at] = 0;
  words[at + 1] = (long ? LONG_KEY_MARK : keyLength) | (kind << 16) | ((database & 15) << 20) | (flags << 24);
  words[at + 2] = valueLength | (slackUnits << 24);
  if (long) words[at + 3] = keyLength;
}

export function keyFlags(keyLength: number): number {
  return keyLength >= LONG_KEY_MARK ? FLAG_LONG_KEY : 0;
}

// Extension parts, by word index. Their order: long key length, object id, order key, expiry, from, version and origin.

function longKeyWords(flags: number): number {
  return flags & FLAG_LONG_KEY ? 1 : 0;
}

export function expiryWord(word1: number): number {
  return 3 + longKeyWords(flagsOf(word1)) + (KIND_EXTENSION[kindOf(word1)] >>> 2);
}

function fromWord(word1: number): number {
  return expiryWord(word1) + (flagsOf(word1) & FLAG_EXPIRY ? 2 : 0);
}

/** The latest expiry that a record can say, in the year 10889. */
export const EXPIRES_AT_MAX_MS = 2 ** 48 - 1;

/** Expiry in ms since the epoch, 0 for none. */
export function expiryOf(words: Int32Array, at: number): number {
  const word1 = words[at + 1];
  if ((flagsOf(word1) & FLAG_EXPIRY) === 0) return 0;
  return readWide(words, at + expiryWord(word1));
}

export function writeExpiry(words: Int32Array, at: number, expiresAtMs: number): void {
  writeWide(words, at + expiryWord(words[at + 1]), expiresAtMs);
}

/** The address this record was relocated from, 0 where it was not. */
export function fromOf(words: Int32Array, at: number): number {
  const word1 = words[at + 1];
  return flagsOf(word1) & FLAG_FROM ? readWide(words, at + fromWord(word1)) : 0;
}

export function writeFrom(words: Int32Array, at: number, address: number): void {
  writeWide(words, at + fromWord(words[at + 1]), address);
}

export function objectIdOf(words: Int32Array, at: number): number {
  return readWide(words, at + 3 + longKeyWords(flagsOf(words[at + 1])));
}

export function writeObjectId(words: Int32Array, at: number, objectId: number): void {
  writeWide(words, at + 3 + longKeyWords(flagsOf(words[at + 1])), objectId);
}

export function orderKeyOf(words: Int32Array, at: number): number {
  return readWide(words, at + 5 + longKeyWords(flagsOf(words[at + 1])));
}

export function writeOrderKey(words: Int32Array, at: number, order: number): void {
  writeWide(words, at + 5 + longKeyWords(flagsOf(words[at + 1])), order);
}

// Of a record with an object id, and of one with an order key: what the highest 16 bits of each say beside.

export function besideId(words: Int32Array, at: number): number {
  return words[at + 4] >>> 16;
}

export function writeBesideId(words: Int32Array, at: number, value: number): void {
  words[at + 4] = (words[at + 4] & 0xffff) | (value << 16);
}

export function besideOrder(words: Int32Array, at: number): number {
  return words[at + 6] >>> 16;
}

export function writeBesideOrder(words: Int32Array, at: number, value: number): void {
  words[at + 6] = (words[at + 6] & 0xffff) | (value << 16);
}

/** A u48 in two words. */
export function readWide(words: Int32Array, at: number): number {
  return joinAddress(words[at + 1] & 0xffff, words[at]);
}

export function writeWide(words: Int32Array, at: number, value: number): void {
  words[at] = lowOf(value);
  words[at + 1] = highOf(value);
}

/** One step of the word mix: a bijection of `hash` for each word, and of the word for each hash. */
export function mixWord(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

export function sumSeed(address: number, salt: number): number {
  return mixWord(mixWord(salt, lowOf(address)), highOf(address));
}

/** Sum of a record of `units` at word index `at`. Two lanes, so that a processor works on both at once. */
export function recordSum(words: Int32Array, at: number, units: number, seed: number): number {
  let even = mixWord(seed, words[at + 1]);
  let odd = even ^ 0x6a09e667;
  const end = at + units * 2;
  for (let i = at + 2; i < end; i += 2) {
    even = Math.imul(even ^ words[i], 0x9e3779b1);
    even ^= even >>> 15;
    odd = Math.imul(odd ^ words[i + 1], 0x85ebca77);
    odd ^= odd >>> 13;
  }
  return mixWord(even, odd);
}
