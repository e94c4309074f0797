/** What commands share that store a collection of their own making under a key. */
import type { LargeValue } from '../engine/large-values.ts';
import { storeCollection } from '../keyspace/collections.ts';
import type { Call } from './call.ts';

/**
 * The collection becomes the value of argument `i`, whatever was there; null removes the key. Watchers and listeners of
 * `event`, or of `del`, are told.
 */
export function finishStore(call: Call, i: number, made: LargeValue | null, kind: string, event: string): void {
  const { store, database } = call;
  const found = call.findKey(i);
  storeCollection(store, database, found, made);
  if (made !== null) call.changed(kind, event);
  else if (found !== 0) call.changed('g', 'del');
}
