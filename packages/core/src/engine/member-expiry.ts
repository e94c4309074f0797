/**
 * Members with an expiry of their own: fields of hashes.
 *
 * A member's record says when it is due, as a key's does. What always holds:
 * 1. Record and clock decide: a due member is not there for whoever asks (`findLiveMember`), though it has a slot until it
 *    is taken out (`expire-members.ts`), replaced or removed.
 * 2. The wheel of members has an entry for each such slot, and perhaps entries for what is no more: hash, id of the object
 *    in the place of an address, and the low bits of the time. So an entry stays right wherever the record moves, and
 *    who renames, moves or restores the collection has nothing to do.
 * 3. A collection none of whose members ever had an expiry says so (`isExpiring`), and costs nothing.
 */
import type { LargeValue } from './large-values.ts';
import { isDue } from './find.ts';
import { findMember, memberEndOf, memberValueEndOf, putMember } from './members.ts';
import { expiryOf, FLAG_EXPIRY, flagsOf } from './record.ts';
import type { Store } from './store.ts';

/** When the located member of the collection is due, 0 for never. */
export function memberExpiryOf(store: Store, object: LargeValue): number {
  return object.isExpiring ? expiryOf(store.words, store.word) : 0;
}

/** Whether the located member of the collection has had its time. */
export function isMemberDue(store: Store, object: LargeValue): boolean {
  return object.isExpiring && (flagsOf(store.words[store.word + 1]) & FLAG_EXPIRY) !== 0 && isDue(store);
}

/** `findMember` for who only reads: a due one is none. */
export function findLiveMember(store: Store, object: LargeValue): number {
  const found = findMember(store, object);
  return found !== 0 && object.isExpiring && isMemberDue(store, object) ? 0 : found;
}

/** Gives the member in the scratch, which `findMember` just found, another expiry; 0: never. */
export function putMemberExpiry(store: Store, object: LargeValue, found: number, expiresAtMs: number): void {
  if (expiresAtMs === memberExpiryOf(store, object)) return;
  const { valueScratch } = store;
  const start = memberEndOf(store);
  const length = memberValueEndOf(store) - start;
  store.bytes.copy(valueScratch, 0, start, start + length);
  putMember(store, object, found, valueScratch, 0, length, expiresAtMs);
}

/** What an entry of the wheel keeps of the time it is for: tells those of earlier times apart. */
export function markOfTime(expiresAtMs: number): number {
  return expiresAtMs & 0xffff;
}
