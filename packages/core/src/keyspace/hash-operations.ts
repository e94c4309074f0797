/**
 * Whole operations on hashes, by key: what an embedded method calls. They leave the acknowledgement to the caller
 * (`store.committer`), and throw before anything is changed or undo what they did.
 */
import { FerriteError } from '../base/errors.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import { touchClock } from '../engine/lru-clock.ts';
import {
  countMembers,
  findMember,
  makeCollection,
  memberEndOf,
  memberStartOf,
  memberValueEndOf,
} from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { collectionOfFound, endChange, forEachMember, memberFault } from './collections.ts';
import { removeField, setField } from './hashes.ts';

/** A field with its value, a text as UTF-8. */
export type FieldValue = readonly [field: Key, value: string | Uint8Array];

const RECORD_OVERHEAD_BYTES = 48;

/** The hash of a key, null if there is none. Throws FERRITE_WRONG_TYPE if the key has another value. */
function findHash(store: Store, database: number, key: Key): LargeValue | null {
  store.key.set(key);
  const found = find(store, database);
  if (found === 0) return null;
  if (store.pages !== null) touchClock(store, store.words, store.word);
  return collectionOfFound(store, TYPE_HASH);
}

/** Sets fields; returns how many are new. */
export function setFields(store: Store, database: number, key: Key, fields: readonly FieldValue[]): number {
  let growthBytes = 0;
  for (const [field, value] of fields) {
    checkMember(store, lengthOf(field), lengthOf(value));
    growthBytes += RECORD_OVERHEAD_BYTES + field.length + value.length;
  }
  if (fields.length === 0) return 0;
  store.checkWritable(growthBytes);
  store.key.set(key);
  const found = find(store, database);
  const old = found === 0 ? null : collectionOfFound(store, TYPE_HASH);
  try {
    const hash = old ?? makeCollection(store, TYPE_HASH);
    let added = 0;
    for (const [field, value] of fields) {
      store.member.set(field);
      const bytes = typeof value === 'string' ? store.valueScratch : value;
      const length =
        typeof value === 'string' ? store.valueScratch.utf8Write(value, 0, store.valueScratch.length) : value.length;
      if (setField(store, hash, bytes, 0, length)) added++;
    }
    endChange(store, database, found, hash);
    return added;
  } catch (error) {
    throw store.failWrite(error);
  }
}

function lengthOf(part: Key): number {
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

/** Throws FERRITE_INVALID_ARGUMENT if a member or its value is longer than a record holds. */
function checkMember(store: Store, memberLength: number, valueLength: number): void {
  const fault = memberFault(store, memberLength, valueLength);
  if (fault !== '') throw new FerriteError('FERRITE_INVALID_ARGUMENT', fault);
}

/** Removes fields; returns how many there were. */
export function removeFields(store: Store, database: number, key: Key, fields: readonly Key[]): number {
  for (const field of fields) checkMember(store, lengthOf(field), 0);
  store.checkWritable(0);
  store.key.set(key);
  const found = find(store, database);
  if (found === 0) return 0;
  const hash = collectionOfFound(store, TYPE_HASH);
  try {
    let removed = 0;
    for (const field of fields) {
      store.member.set(field);
      if (removeField(store, hash)) removed++;
    }
    if (removed > 0) endChange(store, database, found, hash);
    return removed;
  } catch (error) {
    throw store.failWrite(error);
  }
}

/** Whether there is a field, whose record is located then. */
export function hasField(store: Store, database: number, key: Key, field: Key): boolean {
  const hash = findHash(store, database, key);
  if (hash === null) return false;
  store.member.set(field);
  return findMember(store, hash) !== 0;
}

/** The value of a field, in a buffer of its own. */
export function getField(store: Store, database: number, key: Key, field: Key): Buffer | undefined {
  return hasField(store, database, key, field) ? valueOfLocated(store) : undefined;
}

function valueOfLocated(store: Store): Buffer {
  return Buffer.from(store.bytes.subarray(memberEndOf(store), memberValueEndOf(store)));
}

/** The number of fields, 0 if there is no such key. */
export function lengthOfHash(store: Store, database: number, key: Key): number {
  const hash = findHash(store, database, key);
  return hash === null ? 0 : countMembers(hash);
}

/** Calls `visit` with each field and its value, in buffers of their own. */
export function forEachField(
  store: Store,
  database: number,
  key: Key,
  visit: (field: Buffer, value: Buffer) => void,
): void {
  const hash = findHash(store, database, key);
  if (hash === null) return;
  forEachMember(store, hash, () => {
    visit(Buffer.from(store.bytes.subarray(memberStartOf(store), memberEndOf(store))), valueOfLocated(store));
  });
}
