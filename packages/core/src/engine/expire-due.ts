/**
 * `expireDue`: takes out keys whose time is over, as the expiry wheel names them.
 *
 * An entry of the wheel is only a hint: the key may have been written since, or its expiry changed in place. So the
 * record is looked at before it goes; one that is on disk is read for that.
 */

import { isDue } from './find.ts';
import { locate } from './locate.ts';
import { FLAG_EXPIRY, flagsOf, keyLengthOf, keyOffsetOf } from './record.ts';
import { expireFound } from './remove.ts';
import type { Store } from './store.ts';

const POLL_ENTRIES = 64;
/** Stale entries are looked for when the wheel has grown so much since the last round. */
const SWEEP_GROWTH = 2;
const SWEEP_MIN_ENTRIES = 4096;
const SWEEP_ENTRIES = 2048;

/** Takes out what is due, for about `budgetMs`. */
export function expireDue(store: Store, budgetMs: number): void {
  const { wheel, clock } = store;
  if (store.identity.readOnly || wheel.size === 0) return;
  if (store.ordered?.isWaiting === true) {
    if (wheel.nextDueMs() > store.nowMs()) return;
    store.ordered.prepare();
  }
  const beganMs = clock.monotonicMs();
  const until = beganMs + budgetMs;
  const visit = (hash: number, address: number, database: number) => expireEntry(store, hash, address, database);
  do wheel.poll(store.nowMs(), POLL_ENTRIES, visit);
  while (wheel.nextDueMs() <= store.nowMs() && clock.monotonicMs() < until);
  sweepStale(store, SWEEP_ENTRIES);
  store.noteHold('expire-cycle', clock.monotonicMs() - beganMs);
}

function expireEntry(store: Store, hash: number, address: number, database: number): void {
  if (!store.table(database).findAddress(hash, address)) return;
  locate(store, address);
  const word1 = store.words[store.word + 1];
  if ((flagsOf(word1) & FLAG_EXPIRY) === 0 || !isDue(store)) return;
  const start = store.word * 4 + keyOffsetOf(word1);
  store.key.setFrom(store.bytes, start, keyLengthOf(store.words, store.word));
  expireFound(store, database, address);
}

/**
 * Keys whose expiry is set anew again and again leave an entry each time, and so do records that are moved: they are
 * dropped, about `entries` of the wheel a call, once they may be half of it.
 */
export function sweepStale(store: Store, entries: number): void {
  const { wheel } = store;
  if (wheel.size < SWEEP_MIN_ENTRIES || wheel.size < store.sweptSize * SWEEP_GROWTH) return;
  const isStale = (hash: number, address: number, database: number) =>
    !store.table(database).findAddress(hash, address);
  if (!wheel.sweep(entries, isStale)) return;
  // In memory, where all keys are counted, entries that came during the round do not put the next one off.
  store.sweptSize = store.pages === null ? wheel.size : Math.min(wheel.size, store.countKeys());
}
