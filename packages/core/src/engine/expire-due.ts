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

/** Handles up to `max` due entries; returns how many. */
export function expireDue(store: Store, max: number): number {
  if (store.identity.readOnly || store.wheel.size === 0) return 0;
  return store.wheel.poll(store.nowMs(), max, (hash, address, database) => {
    const table = store.table(database);
    if (!table.findAddress(hash, address)) return;
    locate(store, address);
    const word1 = store.words[store.word + 1];
    if ((flagsOf(word1) & FLAG_EXPIRY) === 0 || !isDue(store)) return;
    const start = store.word * 4 + keyOffsetOf(word1);
    store.key.setFrom(store.bytes, start, keyLengthOf(store.words, store.word));
    expireFound(store, database, address);
  });
}
