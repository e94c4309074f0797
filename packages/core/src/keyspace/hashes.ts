/**
 * Operations on hashes: what an embedded method and a command both call. The key is in `store.key` and was found; fields go
 * through `store.member`.
 */
import type { LargeValue } from '../engine/large-values.ts';
import {
  countLoadedMembers,
  countMembers,
  findMember,
  memberEndOf,
  memberStartOf,
  memberValueEndOf,
  putMember,
  removeMember,
  tryPatchMember,
} from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { forEachMember } from './collections.ts';

/** Sets the field in the scratch to `[start, end)` of `source`, `isOnly`: and no other one. Returns whether it is new. */
export function setField(
  store: Store,
  hash: LargeValue,
  source: Uint8Array,
  start: number,
  end: number,
  isOnly = false,
): boolean {
  const found = findMember(store, hash);
  if (isOnly && tryPatchMember(store, hash, found, source, start, end)) return false;
  putMember(store, hash, found, source, start, end);
  return found === 0;
}

/** Removes the field in the scratch; false if there is none. */
export function removeField(store: Store, hash: LargeValue): boolean {
  const found = findMember(store, hash);
  if (found !== 0) removeMember(store, hash, found);
  return found !== 0;
}

/** Up to what sizes redis keeps a hash as a listpack. */
export interface HashLimits {
  /** `hash-max-listpack-entries`. */
  listpackEntriesMax: number;
  /** `hash-max-listpack-value`, bytes of a field or a value. */
  listpackLengthMax: number;
}

/** A field or value of so many bytes was stored: redis may have turned the listpack into a table, which is for good. */
export function noteGrowth(hash: LargeValue, lengthBytes: number, limits: HashLimits): void {
  if (lengthBytes > limits.listpackLengthMax || countLoadedMembers(hash) > limits.listpackEntriesMax)
    hash.isGrown = true;
}

/** Whether redis would keep the hash as a listpack. */
export function isSmallHash(store: Store, hash: LargeValue, limits: HashLimits): boolean {
  if (!hash.isGrown && countMembers(hash) > limits.listpackEntriesMax) hash.isGrown = true;
  if (hash.isGrown) return false;
  forEachMember(store, hash, () => {
    const memberEnd = memberEndOf(store);
    const lengthBytes = Math.max(memberEnd - memberStartOf(store), memberValueEndOf(store) - memberEnd);
    if (lengthBytes > limits.listpackLengthMax) hash.isGrown = true;
  });
  return !hash.isGrown;
}

/** All fields and values in turns, in buffers of their own. */
export function itemsOfHash(store: Store, hash: LargeValue): Buffer[] {
  const items: Buffer[] = [];
  forEachMember(store, hash, () => {
    const memberEnd = memberEndOf(store);
    items.push(
      Buffer.from(store.bytes.subarray(memberStartOf(store), memberEnd)),
      Buffer.from(store.bytes.subarray(memberEnd, memberValueEndOf(store))),
    );
  });
  return items;
}
