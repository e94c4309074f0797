/**
 * Operations on string values, one function each: what an embedded method and a command both call.
 *
 * They take the key, leave the acknowledgement to the caller (`store.committer`), and throw before anything is changed or
 * undo what they did.
 */

import { INT64_MAX, INT64_MIN } from '../base/decimal.ts';
import { FerriteError } from '../base/errors.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { isMutable } from '../engine/locate.ts';
import { touchClock } from '../engine/lru-clock.ts';
import { put } from '../engine/put.ts';
import { putExpiry } from '../engine/put-expiry.ts';
import {
  expiryOf,
  FLAG_KEY_ASCII,
  FLAG_VALUE_ASCII,
  flagsOf,
  fromOf,
  KIND_STRING,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  OBSERVED,
  valueLengthOf,
} from '../engine/record.ts';
import { remove } from '../engine/remove.ts';
import type { Store } from '../engine/store.ts';
import { isLargeString } from '../engine/string-value.ts';
import { TYPE_STRING } from '../engine/large-values.ts';
import { wrongType } from './collections.ts';

export interface SetConditions {
  /** ms since the epoch, 0 for never. */
  expiresAtMs: number;
  keepTtl: boolean;
  ifAbsent: boolean;
  ifPresent: boolean;
  /** -1 for any. */
  ifVersion: number;
}

const RECORD_OVERHEAD_BYTES = 48;

export type Tier = 'mutable' | 'read-only' | 'disk';

/** Finds the key's record and its address, 0 for none. */
export function findKey(store: Store, database: number, key: Key): number {
  store.key.set(key);
  const found = find(store, database);
  if (found !== 0 && store.pages !== null) touchClock(store, store.words, store.word);
  return found;
}

/** The located record's key as text (UTF-8). */
export function readKeyText(store: Store): string {
  const word1 = store.words[store.word + 1];
  const start = store.word * 4 + keyOffsetOf(word1);
  const end = start + keyLengthOf(store.words, store.word);
  return (flagsOf(word1) & FLAG_KEY_ASCII) !== 0
    ? store.bytes.latin1Slice(start, end)
    : store.bytes.utf8Slice(start, end);
}

/** The located record's key, in a buffer of its own. */
export function readKeyBytes(store: Store): Buffer {
  const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
  return Buffer.from(store.bytes.subarray(start, start + keyLengthOf(store.words, store.word)));
}

/** Whether the located record's key is known to be ASCII. */
export function isKeyAscii(store: Store): boolean {
  return (flagsOf(store.words[store.word + 1]) & FLAG_KEY_ASCII) !== 0;
}

/** Bytes of the located record's value; Infinity where it is large, that is, not in the record. */
export function valueLengthOfFound(store: Store): number {
  return isLargeString(store) ? Number.POSITIVE_INFINITY : valueLengthOf(store.words[store.word + 2]);
}

/** The found record's value as text (UTF-8). */
export function readText(store: Store): string {
  const word1 = store.words[store.word + 1];
  if (kindOf(word1) !== KIND_STRING) return readWhole(store).toString('utf8');
  const start = store.word * 4 + keyOffsetOf(word1) + keyLengthOf(store.words, store.word);
  const end = start + valueLengthOf(store.words[store.word + 2]);
  return (flagsOf(word1) & FLAG_VALUE_ASCII) !== 0
    ? store.bytes.latin1Slice(start, end)
    : store.bytes.utf8Slice(start, end);
}

/** The found record's value, in a buffer of its own. */
export function readBytes(store: Store): Buffer {
  const word1 = store.words[store.word + 1];
  if (kindOf(word1) !== KIND_STRING) return readWhole(store);
  const start = store.word * 4 + keyOffsetOf(word1) + keyLengthOf(store.words, store.word);
  const length = valueLengthOf(store.words[store.word + 2]);
  const copy = Buffer.allocUnsafe(length);
  store.bytes.copy(copy, 0, start, start + length);
  return copy;
}

function readWhole(store: Store): Buffer {
  if (isLargeString(store)) return store.large.read(store);
  throw wrongType(store, TYPE_STRING);
}

/** Version of the found record: another one after each write of the key. Remembering it costs the next write a copy. */
export function observeVersion(store: Store, found: number): number {
  if (isMutable(store, found)) store.words[store.word] |= OBSERVED;
  return versionOf(store, found);
}

function versionOf(store: Store, found: number): number {
  if (store.pages !== null) return store.pages.versionOf(found);
  return fromOf(store.words, store.word) || found;
}

export function tierOf(store: Store, found: number): Tier {
  if (isMutable(store, found)) return 'mutable';
  return store.log.isInMemory(found) ? 'read-only' : 'disk';
}

/** Expiry of the found record, 0 for none. */
export function expiryOfFound(store: Store): number {
  return expiryOf(store.words, store.word);
}

/** Stores a value unconditionally: the hot path. */
export function setPlain(store: Store, database: number, key: Key, value: string | Uint8Array): void {
  store.checkWritable(recordBytesFor(value));
  store.key.set(key);
  try {
    put(store, database, find(store, database), value, 0);
  } catch (error) {
    throw store.failWrite(error);
  }
}

// The same operations on the key in the scratch, without checks and without undo: for lists of writes.

export function putFound(store: Store, database: number, value: string | Uint8Array, expiresAtMs: number): void {
  const found = find(store, database);
  if (expiresAtMs === 0 || expiresAtMs > store.nowMs()) put(store, database, found, value, expiresAtMs);
  else if (found !== 0) remove(store, database, found);
}

export function removeFound(store: Store, database: number): boolean {
  const found = find(store, database);
  if (found !== 0) remove(store, database, found);
  return found !== 0;
}

export function expireFoundKey(store: Store, database: number, expiresAtMs: number): boolean {
  const found = find(store, database);
  if (found === 0) return false;
  if (expiresAtMs !== 0 && expiresAtMs <= store.nowMs()) remove(store, database, found);
  else putExpiry(store, database, found, expiresAtMs);
  return true;
}

/**
 * Stores a value if the conditions hold. `readOld` is called with the old record located, before it goes.
 * Returns false when a condition did not hold.
 */
export function setIf(
  store: Store,
  database: number,
  key: Key,
  value: string | Uint8Array,
  conditions: SetConditions,
  readOld: ((found: number) => void) | null,
): boolean {
  store.checkWritable(recordBytesFor(value));
  store.key.set(key);
  // Outside of `try`: what the reader's codec throws is no failed write.
  let found = find(store, database);
  if (readOld !== null) {
    readOld(found);
    // Reading a large value locates its chunks.
    if (found !== 0) store.relocate(database, found);
  }
  try {
    if (found === 0 ? conditions.ifPresent || conditions.ifVersion >= 0 : conditions.ifAbsent) return false;
    if (conditions.ifVersion >= 0 && versionOf(store, found) !== conditions.ifVersion) return false;
    const expiresAtMs = conditions.keepTtl && found !== 0 ? expiryOf(store.words, store.word) : conditions.expiresAtMs;
    if (expiresAtMs !== 0 && expiresAtMs <= store.nowMs()) {
      if (found !== 0) remove(store, database, found);
      found = 0;
      return true;
    }
    put(store, database, found, value, expiresAtMs);
    return true;
  } catch (error) {
    throw store.failWrite(error);
  }
}

/** Removes a key; false when there was none. */
export function deleteKey(store: Store, database: number, key: Key): boolean {
  store.checkWritable(0);
  store.key.set(key);
  try {
    return removeFound(store, database);
  } catch (error) {
    throw store.failWrite(error);
  }
}

/** Sets the expiry of a key (0: never); a time that is over removes it. False when there is no such key. */
export function expireKey(store: Store, database: number, key: Key, expiresAtMs: number): boolean {
  store.checkWritable(0);
  store.key.set(key);
  try {
    return expireFoundKey(store, database, expiresAtMs);
  } catch (error) {
    throw store.failWrite(error);
  }
}

/**
 * Adds to a decimal integer of 64 bits, absent counting as 0; the expiry stays. Returns the new value. `most`: the
 * largest sum, either way, that the caller can hold.
 */
export function incrementBy(store: Store, database: number, key: Key, by: bigint, most: bigint): bigint {
  store.checkWritable(recordBytesFor(''));
  store.key.set(key);
  try {
    const found = find(store, database);
    const expiresAtMs = found === 0 ? 0 : expiryOf(store.words, store.word);
    const next = (found === 0 ? 0n : parseInteger(readText(store))) + by;
    if (next > most || next < -most) {
      throw new FerriteError('FERRITE_OVERFLOW', `the sum is beyond ${next < 0n ? -most : most}`);
    }
    put(store, database, found, next.toString(), expiresAtMs);
    return next;
  } catch (error) {
    throw store.failWrite(error);
  }
}

function parseInteger(text: string): bigint {
  if (/^(0|-?[1-9]\d{0,18})$/.test(text)) {
    const value = BigInt(text);
    if (value <= INT64_MAX && value >= INT64_MIN) return value;
  }
  throw new FerriteError('FERRITE_NOT_AN_INTEGER', 'the value is not a decimal integer of 64 bits');
}

/** What a value may take on the disk, its key and header counted as a short one's. */
function recordBytesFor(value: string | Uint8Array): number {
  return RECORD_OVERHEAD_BYTES + value.length;
}
