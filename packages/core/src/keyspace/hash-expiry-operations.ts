/**
 * Whole operations on the expiry of fields, by key: what an embedded method calls. They leave the acknowledgement to the
 * caller (`store.committer`), and throw before anything is changed or undo what they did.
 */
import type { Key } from '../engine/key-scratch.ts';
import { find } from '../engine/find.ts';
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import { findLiveMember, memberExpiryOf } from '../engine/member-expiry.ts';
import { makeCollection, removeMember } from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { collectionOfFound, endChange, orUndo } from './collections.ts';
import {
  EXPIRY_CHANGED,
  type ExpiryCondition,
  expireField,
  expiryOfField,
  FIELD_MISSING,
  FIELD_REMOVED,
  persistField,
  removeIfDue,
} from './hash-expiry.ts';
import {
  bringFields,
  checkField,
  type FieldValue,
  findHash,
  findToWrite,
  lengthOf,
  storeValue,
  valueOfLocated,
} from './hash-operations.ts';
import { removeField } from './hashes.ts';

/** What an operation answers for each field, and whether anything was changed. */
export interface FieldResults<T> {
  results: T[];
  isChanged: boolean;
}

/** What a change of one field answers; `isChanged` unless all is as it was. */
interface FieldResult<T> {
  result: T;
  isChanged: boolean;
}

const RECORD_OVERHEAD_BYTES = 48;
/** In the place of a time: a field keeps the expiry that it has. */
export const KEEP_EXPIRY = -1;

/** Gives fields an expiry if the condition is met; removes them where it has passed. Whether each was there and it was met. */
export function expireFields(
  store: Store,
  database: number,
  key: Key,
  fields: readonly Key[],
  expiresAtMs: number,
  condition: ExpiryCondition | undefined,
): FieldResults<boolean> {
  return changeFields(store, database, key, fields, false, (hash) => {
    const result = expireField(store, hash, expiresAtMs, condition);
    const isChanged = result === EXPIRY_CHANGED || result === FIELD_REMOVED;
    return { result: isChanged, isChanged };
  });
}

/** Takes expiries away; whether each field had one. */
export function persistFields(store: Store, database: number, key: Key, fields: readonly Key[]): FieldResults<boolean> {
  return changeFields(store, database, key, fields, false, (hash) => {
    const isChanged = persistField(store, hash) === EXPIRY_CHANGED;
    return { result: isChanged, isChanged };
  });
}

/** When fields are due, ms since the epoch: Infinity for never, undefined for one that is not there. */
export function expiriesOfFields(
  store: Store,
  database: number,
  key: Key,
  fields: readonly Key[],
): (number | undefined)[] {
  const hash = findHash(store, database, key);
  return fields.map((field) => {
    if (hash === null) return undefined;
    store.member.set(field);
    const expiresAtMs = expiryOfField(store, hash);
    if (expiresAtMs === FIELD_MISSING) return undefined;
    return expiresAtMs < 0 ? Number.POSITIVE_INFINITY : expiresAtMs;
  });
}

/** The values of fields, which get an expiry; 0: they lose the one that they have. */
export function getFieldsExpiring(
  store: Store,
  database: number,
  key: Key,
  fields: readonly Key[],
  expiresAtMs: number,
): FieldResults<Buffer | undefined> {
  return changeFields(store, database, key, fields, undefined, (hash) => {
    if (findLiveMember(store, hash) === 0) return { result: undefined, isChanged: removeIfDue(store, hash) };
    const result = valueOfLocated(store);
    if (expiresAtMs === 0) return { result, isChanged: persistField(store, hash) === EXPIRY_CHANGED };
    expireField(store, hash, expiresAtMs, undefined);
    return { result, isChanged: true };
  });
}

/** The values of fields, which are removed. */
export function takeFields(
  store: Store,
  database: number,
  key: Key,
  fields: readonly Key[],
): FieldResults<Buffer | undefined> {
  return changeFields(store, database, key, fields, undefined, (hash) => {
    if (findLiveMember(store, hash) === 0) return { result: undefined, isChanged: removeIfDue(store, hash) };
    const result = valueOfLocated(store);
    removeField(store, hash);
    return { result, isChanged: true };
  });
}

/**
 * Sets fields with an expiry (0: none, KEEP_EXPIRY), if a condition is met: all are there, or none is. Returns whether it was.
 */
export function setFieldsExpiring(
  store: Store,
  database: number,
  key: Key,
  fields: readonly FieldValue[],
  expiresAtMs: number,
  condition: 'all' | 'none' | undefined,
): boolean {
  const { found, old } = findToWrite(store, database, key, fields);
  const names = fields.map(([field]) => field);
  if (old !== null) bringFields(store, old, names);
  if (condition !== undefined && !isMet(store, old, names, condition)) return false;
  const isPast = expiresAtMs > 0 && expiresAtMs <= store.nowMs();
  if (fields.length === 0 || (isPast && old === null)) return true;
  return orUndo(store, () => {
    const hash = old ?? makeCollection(store, TYPE_HASH);
    for (const [field, value] of fields) {
      store.member.set(field);
      const at = isPast || expiresAtMs === KEEP_EXPIRY ? findLiveMember(store, hash) : 0;
      if (!isPast) storeValue(store, hash, value, expiryToSet(store, hash, at, expiresAtMs));
      else if (at !== 0) removeMember(store, hash, at);
    }
    endChange(store, database, found, hash);
    return true;
  });
}

function expiryToSet(store: Store, hash: LargeValue, found: number, expiresAtMs: number): number {
  if (expiresAtMs !== KEEP_EXPIRY) return expiresAtMs;
  return found === 0 ? 0 : memberExpiryOf(store, hash);
}

function isMet(store: Store, hash: LargeValue | null, fields: readonly Key[], condition: 'all' | 'none'): boolean {
  return fields.every((field) => {
    store.member.set(field);
    const isThere = hash !== null && findLiveMember(store, hash) !== 0;
    return isThere === (condition === 'all');
  });
}

/** Calls `change` with each field in the scratch, and ends the change; `missing`: what is answered where there is no hash. */
function changeFields<T>(
  store: Store,
  database: number,
  key: Key,
  fields: readonly Key[],
  missing: T,
  change: (hash: LargeValue) => FieldResult<T>,
): FieldResults<T> {
  let growthBytes = 0;
  for (const field of fields) {
    checkField(store, lengthOf(field), 0);
    growthBytes += RECORD_OVERHEAD_BYTES + field.length;
  }
  store.checkWritable(growthBytes);
  store.key.set(key);
  const found = find(store, database);
  if (found === 0) return { results: fields.map(() => missing), isChanged: false };
  const hash = collectionOfFound(store, TYPE_HASH);
  bringFields(store, hash, fields);
  return orUndo(store, () => {
    let isChanged = false;
    const results: T[] = [];
    for (const field of fields) {
      store.member.set(field);
      const done = change(hash);
      results.push(done.result);
      isChanged ||= done.isChanged;
    }
    if (isChanged) endChange(store, database, found, hash);
    return { results, isChanged };
  });
}
