/** `remove` writes a tombstone for a key; `expireFound` takes out keys whose record says it itself. */

import { isCold } from './address.ts';
import { isMutable } from './locate.ts';
import { writeRecord } from './put.ts';
import {
  FLAG_OVER,
  KIND_PACKED,
  KIND_ROOT,
  KIND_TOMBSTONE,
  keyFlags,
  kindOf,
  objectIdOf,
  recordUnits,
  unitsFor,
} from './record.ts';
import type { Store } from './store.ts';

/**
 * Removes the key in the scratch, whose record `found` was just located by `find`. `keepsValue`: another key has its large
 * value now.
 */
export function remove(store: Store, database: number, found: number, keepsValue = false): void {
  const key = store.key;
  const log = store.log;
  store.counters.askedBytes += key.length;
  store.changed(database, false);
  if (log.segments === null) {
    forgetLocated(store, database, found, keepsValue);
    return;
  }
  const word1 = store.words[store.word + 1];
  const units = recordUnits(store.words, store.word);
  const stampedUntil = store.checkpointer?.stampedUntil ?? 0;
  if (isMutable(store, found) && found >= stampedUntil && kindOf(word1) <= KIND_PACKED) {
    // The unsealed record itself becomes the tombstone.
    store.words[store.word + 1] = (word1 & ~(15 << 16)) | (KIND_TOMBSTONE << 16);
    store.journal.push(database, key.hash, found, 0, units);
    forgetLocated(store, database, found);
    return;
  }
  const object = kindOf(word1) === KIND_ROOT && !keepsValue ? objectIdOf(store.words, store.word) : 0;
  const flags = FLAG_OVER | keyFlags(key.length);
  const tombstoneUnits = unitsFor(KIND_TOMBSTONE, flags, key.length, 0);
  const address = writeRecord(store, database, KIND_TOMBSTONE, flags, tombstoneUnits, 0);
  store.addDead(address, tombstoneUnits);
  store.journal.push(database, key.hash, found, 0, units);
  const table = store.table(database);
  if (store.ordered !== null) {
    // It may read other records, and leave the table at their slots.
    store.ordered.keyRemoved(database, key.bytes, 0, key.length, key.hash);
    table.findAddress(key.hash, found);
  }
  table.remove();
  store.addDead(found, units);
  if (object !== 0) store.large.drop(store, object);
}

/**
 * The located record, whose key is in the scratch, has had its time: record and clock decide, nothing is logged. Where
 * nothing may change yet it stays, and is passed over.
 */
export function expireFound(store: Store, database: number, address: number): void {
  if (store.identity.readOnly || store.passesOverDue || store.ordered?.isWaiting === true) return;
  store.onExpired(database);
  store.changed(database, false);
  // Of a write that may yet be undone: what it replaced comes back by way of it. Any other key stays gone.
  const mayBeUndone = !isCold(address) && address >= store.log.flushedUntil;
  if (mayBeUndone) store.journal.push(database, store.key.hash, address, 0, recordUnits(store.words, store.word));
  forgetLocated(store, database, address, false, mayBeUndone);
  store.counters.expired++;
}

/**
 * Takes out the slot of the located record, whose key is in the scratch: index, order, garbage accounts. Logs nothing.
 * The order of keys may read other records for it, so afterwards nothing is located.
 */
function forgetLocated(store: Store, database: number, address: number, keepsValue = false, mayBeUndone = true): void {
  const { key, ordered } = store;
  const word1 = store.words[store.word + 1];
  const units = recordUnits(store.words, store.word);
  const object = kindOf(word1) === KIND_ROOT && !keepsValue ? objectIdOf(store.words, store.word) : 0;
  if (ordered !== null) ordered.keyRemoved(database, key.bytes, 0, key.length, key.hash);
  const table = store.table(database);
  if (ordered !== null) table.findAddress(key.hash, address);
  table.remove();
  store.addDead(address, units);
  if (object !== 0) store.large.drop(store, object, mayBeUndone);
}
