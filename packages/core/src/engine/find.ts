/** `find`: the slot and the record of the key in the scratch, or 0. */

import { sameKey } from './same-key.ts';
import { locate } from './locate.ts';
import { expiryOf, FLAG_EXPIRY, FLAG_LONG_KEY, keyLengthOf, keyOffsetOf } from './record.ts';
import { expireFound } from './remove.ts';
import type { Store } from './store.ts';

/**
 * Address of the live record of `store.key`, 0 when there is none. When found, the table stands at its slot and the
 * record is located. A record that is due expires here.
 */
export function find(store: Store, database: number): number {
  const table = store.table(database);
  const key = store.key;
  let address = table.find(key.hash);
  while (address !== 0) {
    locate(store, address);
    const words = store.words;
    const word = store.word;
    const word1 = words[word + 1];
    const flags = word1 >>> 24;
    const length = flags & FLAG_LONG_KEY ? keyLengthOf(words, word) : word1 & 0xffff;
    if (length === key.length && sameKey(words, word + (keyOffsetOf(word1) >>> 2), key.words, 0, length)) {
      if ((flags & FLAG_EXPIRY) !== 0 && isDue(store)) {
        expireFound(store, database, address);
        return 0;
      }
      return address;
    }
    if (store.warmer !== null && !store.log.isInMemory(address)) store.warmer.wasInVain();
    address = table.next(key.hash);
  }
  return 0;
}

/** Whether the located record's time is over. */
export function isDue(store: Store): boolean {
  const expiresAtMs = expiryOf(store.words, store.word);
  return expiresAtMs !== 0 && expiresAtMs <= store.nowMs();
}
