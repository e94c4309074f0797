/** A key at random, for RANDOMKEY. */

import { Prng } from '../base/prng.ts';
import { joinAddress } from '../engine/address.ts';
import { DRAWS_MAX, drawAddress } from '../engine/draw.ts';
import { isDue } from '../engine/find.ts';
import { type HashTable, SliceCopy } from '../engine/hash-table.ts';
import { locate } from '../engine/locate.ts';
import type { Store } from '../engine/store.ts';

const copy = new SliceCopy();

/**
 * Locates the record of a key, each as likely as any other; false when there is none. A key whose time is over is none.
 * The same `seed` gives the same key while the keys are the same.
 */
export function locateRandomKey(store: Store, database: number, seed: number): boolean {
  const prng = new Prng(seed);
  const table = store.table(database);
  if (table.isLoaded && table.count === 0) return false;
  for (let i = 0; i < DRAWS_MAX; i++) {
    const address = drawAddress(table, prng);
    if (address !== 0 && locateLive(store, address)) return true;
  }
  return locateLiveAfter(store, table, prng.nextBelow(table.bucketCount));
}

/** For few keys in a table that was made for many, or for few whose time is not over: the next one after a random place. */
function locateLiveAfter(store: Store, table: HashTable, bucket: number): boolean {
  for (let i = 0; i < table.bucketCount; i++) {
    copy.count = 0;
    table.copyBucket((bucket + i) % table.bucketCount, copy);
    for (let slot = 0; slot < copy.count; slot++) {
      if (locateLive(store, joinAddress(copy.highs[slot], copy.lows[slot]))) return true;
    }
  }
  return false;
}

function locateLive(store: Store, address: number): boolean {
  locate(store, address);
  return !isDue(store);
}
