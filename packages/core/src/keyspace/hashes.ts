/**
 * Operations on hashes: what an embedded method and a command both call. The key is in `store.key` and was found; fields go
 * through `store.member`.
 */
import type { LargeValue } from '../engine/large-values.ts';
import {
  countMembers,
  findMember,
  memberEndOf,
  memberStartOf,
  memberValueEndOf,
  putMember,
  removeMember,
} from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { collectMembers, forEachCollected } from './collections.ts';

/** Sets the field in the scratch to `[start, end)` of `source`. Returns whether it is new. */
export function setField(store: Store, hash: LargeValue, source: Uint8Array, start: number, end: number): boolean {
  const found = findMember(store, hash);
  putMember(store, hash, found, source, start, end);
  return found === 0;
}

/** Removes the field in the scratch; false if there is none. */
export function removeField(store: Store, hash: LargeValue): boolean {
  const found = findMember(store, hash);
  if (found !== 0) removeMember(store, hash, found);
  return found !== 0;
}

/** Whether redis would keep the hash as a listpack: few fields, none of them or their values long. */
export function isSmallHash(store: Store, hash: LargeValue, fieldsMax: number, lengthMax: number): boolean {
  if (countMembers(hash) > fieldsMax) return false;
  let isSmall = true;
  collectMembers(store, hash, 0, Number.POSITIVE_INFINITY);
  forEachCollected(store, () => {
    const memberEnd = memberEndOf(store);
    if (memberEnd - memberStartOf(store) > lengthMax || memberValueEndOf(store) - memberEnd > lengthMax)
      isSmall = false;
  });
  return isSmall;
}
