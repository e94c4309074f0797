/**
 * `moveValue` and `copyValue`: the value and expiry of one key under another, in the same database or in another one.
 *
 * A large value that moves is not written again: the new key's root record names it, and the old key goes without it.
 */

import { find } from '../engine/find.ts';
import { appendRecord, putBytes } from '../engine/put.ts';
import {
  expiryOf,
  FLAG_PATCHED,
  FLAG_VALUE_ASCII,
  flagsOf,
  KIND_ROOT,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  objectIdOf,
  valueLengthOf,
  writeObjectId,
} from '../engine/record.ts';
import { isLargeString } from '../engine/string-value.ts';
import { publishCollection } from '../engine/members.ts';
import { remove } from '../engine/remove.ts';
import type { Store } from '../engine/store.ts';
import { copyCollection } from './collections.ts';

/** A key, as bytes `[start, end)`, of a namespace. */
export interface KeyPlace {
  database: number;
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Finds a key, which is then the key of the operation at hand: its record's address, 0 for none. */
export function findAt(store: Store, place: KeyPlace): number {
  store.key.setFrom(place.bytes, place.start, place.end - place.start);
  return find(store, place.database);
}

/** `from`, which is there, is called `to` from now on; what `to` was is gone. */
export function moveValue(store: Store, from: KeyPlace, to: KeyPlace): void {
  findAt(store, from);
  putFoundAt(store, to);
  // Writing may have moved the old record out of memory.
  const found = findAt(store, from);
  remove(store, from.database, found, true);
}

/** `to` has the value of `from`, which is there, from now on; what `to` was is gone. */
export function copyValue(store: Store, from: KeyPlace, to: KeyPlace): void {
  findAt(store, from);
  if (kindOf(store.words[store.word + 1]) !== KIND_ROOT) {
    putFoundAt(store, to);
    return;
  }
  if (!isLargeString(store)) {
    const { object, expiresAtMs } = copyCollection(store);
    publishCollection(store, to.database, findAt(store, to), object, expiresAtMs);
    return;
  }
  const expiresAtMs = expiryOf(store.words, store.word);
  const value = store.large.read(store);
  putBytes(store, to.database, findAt(store, to), value, 0, value.length, expiresAtMs);
}

/** Stores the located record's value under another key, with its expiry; of a large value only the record that names it. */
function putFoundAt(store: Store, to: KeyPlace): void {
  const { words, word, valueScratch, large } = store;
  const word1 = words[word + 1];
  const kind = kindOf(word1);
  const object = kind === KIND_ROOT ? objectIdOf(words, word) : 0;
  const length = valueLengthOf(words[word + 2]);
  const start = word * 4 + keyOffsetOf(word1) + keyLengthOf(words, word);
  const expiresAtMs = expiryOf(words, word);
  store.bytes.copy(valueScratch, 0, start, start + length);
  const replaced = findAt(store, to);
  const kept = flagsOf(word1) & (FLAG_VALUE_ASCII | FLAG_PATCHED);
  const address = appendRecord(store, to.database, replaced, kind, kept, length, expiresAtMs);
  if (object !== 0) {
    writeObjectId(store.writtenWords, store.writtenWord, object);
    large.moveRoot(store, object, to.database, store.key.hash, address);
  }
  const { writtenBytes, writtenWords, writtenWord } = store;
  const target = writtenWord * 4 + keyOffsetOf(writtenWords[writtenWord + 1]) + store.key.length;
  valueScratch.copy(writtenBytes, target, 0, length);
  store.counters.askedBytes += store.key.length + length;
}
