/**
 * Expiry of fields: what an embedded method and a command both call. The key is in `store.key` and was found, the field is in
 * the scratch; who changed something ends the change (`endChange`).
 */
import type { LargeValue } from '../engine/large-values.ts';
import { findLiveMember, isMemberDue, memberExpiryOf, putMemberExpiry } from '../engine/member-expiry.ts';
import { findMember, removeMember } from '../engine/members.ts';
import { EXPIRES_AT_MAX_MS } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';

/** On what condition a field gets an expiry: it has none, it has one, the new one is later, it is earlier (none is the latest). */
export type ExpiryCondition = 'nx' | 'xx' | 'gt' | 'lt';

/** The latest expiry of a field, as redis has it: in the year 4199. */
export const FIELD_EXPIRES_AT_MAX_MS = Math.floor(EXPIRES_AT_MAX_MS / 4);

// What HEXPIRE, HTTL and HPERSIST answer for a field.

export const FIELD_MISSING = -2;
const FIELD_WITHOUT_EXPIRY = -1;
const CONDITION_UNMET = 0;
export const EXPIRY_CHANGED = 1;
export const FIELD_REMOVED = 2;

/** Gives the field an expiry if the condition is met; removes it where that has passed. */
export function expireField(
  store: Store,
  hash: LargeValue,
  expiresAtMs: number,
  condition: ExpiryCondition | undefined,
): number {
  const found = findLiveMember(store, hash);
  if (found === 0) return FIELD_MISSING;
  if (condition !== undefined && !isMet(condition, memberExpiryOf(store, hash), expiresAtMs)) return CONDITION_UNMET;
  if (expiresAtMs <= store.nowMs()) {
    removeMember(store, hash, found);
    return FIELD_REMOVED;
  }
  putMemberExpiry(store, hash, found, expiresAtMs);
  return EXPIRY_CHANGED;
}

function isMet(condition: ExpiryCondition, currentMs: number, expiresAtMs: number): boolean {
  switch (condition) {
    case 'nx':
      return currentMs === 0;
    case 'xx':
      return currentMs !== 0;
    case 'gt':
      return currentMs !== 0 && expiresAtMs > currentMs;
    case 'lt':
      return currentMs === 0 || expiresAtMs < currentMs;
  }
}

/** When the field is due, ms since the epoch; FIELD_WITHOUT_EXPIRY or FIELD_MISSING. */
export function expiryOfField(store: Store, hash: LargeValue): number {
  if (findLiveMember(store, hash) === 0) return FIELD_MISSING;
  return memberExpiryOf(store, hash) || FIELD_WITHOUT_EXPIRY;
}

/** Takes the field's expiry away. */
export function persistField(store: Store, hash: LargeValue): number {
  const found = findLiveMember(store, hash);
  if (found === 0) return FIELD_MISSING;
  if (memberExpiryOf(store, hash) === 0) return FIELD_WITHOUT_EXPIRY;
  putMemberExpiry(store, hash, found, 0);
  return EXPIRY_CHANGED;
}

/** Removes the field if its time is over, as a write may that meets it. Returns whether it was. */
export function removeIfDue(store: Store, hash: LargeValue): boolean {
  const found = findMember(store, hash);
  if (found === 0 || !isMemberDue(store, hash)) return false;
  removeMember(store, hash, found);
  store.counters.expiredMembers++;
  return true;
}
