/**
 * Operations on hashes: what an embedded method and a command both call. The key is in `store.key` and was found; fields go
 * through `store.member`.
 */
import type { LargeValue } from '../engine/large-values.ts';
import { findLiveMember, isMemberDue, memberExpiryOf } from '../engine/member-expiry.ts';
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
import { forEachField } from './live-fields.ts';

/**
 * Sets the field in the scratch to `[start, end)` of `source`, `isOnly`: and no other one. Returns whether it is new.
 * `expiresAtMs`: of the field, which does not keep the one it had; 0: never.
 */
export function setField(
  store: Store,
  hash: LargeValue,
  source: Uint8Array,
  start: number,
  end: number,
  isOnly = false,
  expiresAtMs = 0,
): boolean {
  const found = findMember(store, hash);
  if (isOnly && tryPatchMember(store, hash, found, source, start, end)) return false;
  const isNew = found === 0 || (hash.isExpiring && isMemberDue(store, hash));
  putMember(store, hash, found, source, start, end, expiresAtMs);
  return isNew;
}

/** Removes the field in the scratch; false if there is none. */
export function removeField(store: Store, hash: LargeValue): boolean {
  const found = findLiveMember(store, hash);
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

/** All fields and values in turns, in buffers of their own, and the expiry of each field, 0 for never. */
export function itemsOfHash(store: Store, hash: LargeValue): { items: Buffer[]; expiries: number[] } {
  const items: Buffer[] = [];
  const expiries: number[] = [];
  forEachField(store, hash, () => {
    expiries.push(memberExpiryOf(store, hash));
    const memberEnd = memberEndOf(store);
    items.push(
      Buffer.from(store.bytes.subarray(memberStartOf(store), memberEnd)),
      Buffer.from(store.bytes.subarray(memberEnd, memberValueEndOf(store))),
    );
  });
  return { items, expiries };
}
