/** What commands share that store a collection of their own making under a key. */
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import { storeCollection } from '../keyspace/collections.ts';
import { isSmallSortedSet } from '../keyspace/sorted-sets.ts';
import type { Call } from './call.ts';

/**
 * The collection becomes the value of argument `i`, whatever was there; null removes the key. Watchers and listeners of
 * `event`, or of `del`, are told.
 */
export function finishStore(call: Call, i: number, made: LargeValue | null, kind: string, event: string): void {
  const { store, database } = call;
  if (made !== null) noteForm(call, made);
  const found = call.findKey(i);
  storeCollection(store, database, found, made);
  if (made !== null) call.changed(kind, event);
  else if (found !== 0) call.changed('g', 'del');
}

/** Redis leaves a sorted set in the form that it had with all its members, also when there are fewer later. */
function noteForm({ store, host }: Call, made: LargeValue): void {
  if (made.type === TYPE_ZSET) made.isGrown = !isSmallSortedSet(store, made, host.valueLimits.sortedSets);
}
