/** `putExpiry`: gives the found record another expiry, in place where it has room for one, else as a copy at the tail. */

import { isMutable } from './locate.ts';
import { appendRecord } from './put.ts';
import {
  FLAG_EXPIRY,
  FLAG_PATCHED,
  FLAG_VALUE_ASCII,
  flagsOf,
  keyOffsetOf,
  kindOf,
  KIND_ROOT,
  OBSERVED,
  objectIdOf,
  valueLengthOf,
  writeExpiry,
  writeObjectId,
} from './record.ts';
import type { Store } from './store.ts';

/** `found`: what `find` just returned for the key in the scratch. `expiresAtMs` 0: never. */
export function putExpiry(store: Store, database: number, found: number, expiresAtMs: number): void {
  const words = store.words;
  const word = store.word;
  const word1 = words[word + 1];
  const flags = flagsOf(word1);
  if ((flags & FLAG_EXPIRY) === 0 && expiresAtMs === 0) return;
  if ((flags & FLAG_EXPIRY) !== 0 && isMutable(store, found) && (words[word] & OBSERVED) === 0) {
    writeExpiry(words, word, expiresAtMs);
    store.changed(database, false);
    if (expiresAtMs !== 0) store.wheel.add(expiresAtMs, store.key.hash, found, database);
    return;
  }
  const kind = kindOf(word1);
  const length = valueLengthOf(words[word + 2]);
  const start = word * 4 + keyOffsetOf(word1) + store.key.length;
  const object = kind === KIND_ROOT ? objectIdOf(words, word) : 0;
  store.bytes.copy(store.valueScratch, 0, start, start + length);
  const kept = flags & (FLAG_VALUE_ASCII | FLAG_PATCHED);
  const address = appendRecord(store, database, found, kind, kept, length, expiresAtMs, object);
  if (object !== 0) {
    writeObjectId(store.writtenWords, store.writtenWord, object);
    const value = store.large.get(object);
    if (value !== undefined) value.rootAddress = address;
  }
  const target = store.writtenWord * 4 + keyOffsetOf(store.writtenWords[store.writtenWord + 1]) + store.key.length;
  store.valueScratch.copy(store.writtenBytes, target, 0, length);
}
