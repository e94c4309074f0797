/**
 * Operations on hashes: what an embedded method and a command both call. The key is in `store.key` and was found; fields go
 * through `store.member`.
 */
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import {
  countLoadedMembers,
  countMembers,
  dropCollection,
  findMember,
  makeCollection,
  memberEndOf,
  memberStartOf,
  memberValueEndOf,
  putMember,
  removeMember,
} from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { BAD_FORMAT } from '../types/dump.ts';
import { forEachMember, memberFault } from './collections.ts';

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

/** A hash, which no key has yet, of fields and values in turns; or what is wrong with them: each may be there once. */
export function hashOfItems(store: Store, items: readonly Uint8Array[], limits: HashLimits): LargeValue | string {
  for (let i = 0; i < items.length; i += 2) {
    const fault = memberFault(store, items[i].length, items[i + 1].length);
    if (fault !== '') return fault;
  }
  const hash = makeCollection(store, TYPE_HASH, items.length / 2);
  for (let i = 0; i < items.length; i += 2) {
    const field = items[i];
    const value = items[i + 1];
    store.member.setFrom(field, 0, field.length);
    if (!setField(store, hash, value, 0, value.length)) {
      dropCollection(store, hash);
      return BAD_FORMAT;
    }
    noteGrowth(hash, Math.max(field.length, value.length), limits);
  }
  return hash;
}
