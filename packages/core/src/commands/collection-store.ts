/** What commands share that store a collection of their own making under a key. */
import type { LargeValue } from '../engine/large-values.ts';
import { publishCollection } from '../engine/members.ts';
import { remove } from '../engine/remove.ts';
import type { Call } from './call.ts';

/**
 * The collection becomes the value of argument `i`, whatever was there; null removes the key. Watchers and listeners of
 * `event`, or of `del`, are told.
 */
export function finishStore(call: Call, i: number, made: LargeValue | null, kind: string, event: string): void {
  const { store, database } = call;
  const found = call.findKey(i);
  if (made !== null) {
    publishCollection(store, database, found, made, 0);
    call.changed(kind, event);
  } else if (found !== 0) {
    remove(store, database, found);
    call.changed('g', 'del');
  }
}
