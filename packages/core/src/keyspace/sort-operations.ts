/** SORT by key: what an embedded method calls. It leaves the acknowledgement to the caller (`store.committer`). */
import { FerriteError } from '../base/errors.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { Store } from '../engine/store.ts';
import { orUndo, storeCollection } from './collections.ts';
import { elementFault } from './lists.ts';
import { isSortable, listOfSorted, type Sorting, sortFound } from './sort.ts';

const ELEMENT_OVERHEAD_BYTES = 48;

/**
 * What comes out for the key. Throws FERRITE_WRONG_TYPE if its value cannot be sorted, FERRITE_INVALID_ARGUMENT if something
 * to be compared as a number is none.
 */
export function sortKey(store: Store, database: number, key: Key, sorting: Sorting): (Buffer | null)[] {
  store.key.set(key);
  const found = find(store, database);
  if (found !== 0 && !isSortable(store)) {
    throw new FerriteError('FERRITE_WRONG_TYPE', 'the key holds neither a list, a set nor a sorted set');
  }
  const values = sortFound(store, database, found, sorting);
  if (values !== null) return values;
  throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'some values are no numbers: sort them as texts, with alpha');
}

/** Stores what comes out as a list under a key, whatever that held; returns how many elements it has. */
export function storeSorted(store: Store, database: number, target: Key, key: Key, sorting: Sorting): number {
  const values = sortKey(store, database, key, sorting);
  let growthBytes = 0;
  for (const value of values) {
    const fault = elementFault(store, value?.length ?? 0);
    if (fault !== '') throw new FerriteError('FERRITE_INVALID_ARGUMENT', fault);
    growthBytes += (value?.length ?? 0) + ELEMENT_OVERHEAD_BYTES;
  }
  store.checkWritable(growthBytes);
  return orUndo(store, () => {
    const list = listOfSorted(store, values);
    store.key.set(target);
    storeCollection(store, database, find(store, database), list);
    return values.length;
  });
}
