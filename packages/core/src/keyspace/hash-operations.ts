/**
 * Whole operations on hashes, by key: what an embedded method calls. They leave the acknowledgement to the caller
 * (`store.committer`), and throw before anything is changed or undo what they did.
 */
import { parseInteger } from '../base/decimal.ts';
import { FerriteError } from '../base/errors.ts';
import { formatSum, parseLongDouble } from '../base/long-double.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import { findMember, makeCollection, memberEndOf, memberValueEndOf, copyOfMember } from '../engine/members.ts';
import { findLiveMember, memberExpiryOf } from '../engine/member-expiry.ts';
import type { Store } from '../engine/store.ts';
import { collectionOfFound, collectMembers, endChange, memberFault, findOfType, orUndo } from './collections.ts';
import { removeField, setField } from './hashes.ts';
import { countFields, drawFields, forEachCollectedField, forEachField } from './live-fields.ts';

/** A field with its value, a text as UTF-8. */
export type FieldValue = readonly [field: Key, value: string | Uint8Array];

const RECORD_OVERHEAD_BYTES = 48;
const ZERO = Buffer.from('0');

/** The hash of a key, null if there is none. Throws FERRITE_WRONG_TYPE if the key has another value. */
export function findHash(store: Store, database: number, key: Key): LargeValue | null {
  return findOfType(store, database, key, TYPE_HASH);
}

/** Sets fields; returns how many are new. */
export function setFields(store: Store, database: number, key: Key, fields: readonly FieldValue[]): number {
  const { found, old } = findToWrite(store, database, key, fields);
  if (fields.length === 0) return 0;
  if (old !== null) bringFields(store, old, fields.map(fieldOf));
  return orUndo(store, () => {
    const hash = old ?? makeCollection(store, TYPE_HASH);
    let added = 0;
    for (const [field, value] of fields) {
      store.member.set(field);
      if (storeValue(store, hash, value)) added++;
    }
    endChange(store, database, found, hash);
    return added;
  });
}

/** Sets a field unless it is there; false if it is. */
export function setFieldIfAbsent(store: Store, database: number, key: Key, field: FieldValue): boolean {
  const { found, old } = findToWrite(store, database, key, [field]);
  store.member.set(field[0]);
  if (old !== null && findLiveMember(store, old) !== 0) return false;
  return orUndo(store, () => {
    const hash = old ?? makeCollection(store, TYPE_HASH);
    storeValue(store, hash, field[1]);
    endChange(store, database, found, hash);
    return true;
  });
}

/**
 * Adds to the decimal integer of 64 bits in a field, absent counting as 0; returns the sum. `most`: the largest one, either
 * way, that the caller can hold.
 */
export function incrementField(store: Store, database: number, key: Key, field: Key, by: bigint, most: bigint): bigint {
  return changeField(store, database, key, field, (start, end) => {
    const value = start < 0 ? 0 : parseInteger(store.bytes, start, end);
    if (value === undefined) {
      throw new FerriteError('FERRITE_NOT_AN_INTEGER', 'the value is not a decimal integer of 64 bits');
    }
    const sum = BigInt(value) + by;
    if (sum > most || sum < -most) {
      throw new FerriteError('FERRITE_OVERFLOW', `the sum is beyond ${sum < 0n ? -most : most}`);
    }
    return sum;
  });
}

/** The same for a decimal number, as redis adds: in 80 bits. Returns the text that is stored. */
export function incrementFieldByFloat(store: Store, database: number, key: Key, field: Key, by: number): string {
  const summand = Buffer.from(String(by), 'latin1');
  return changeField(store, database, key, field, (start, end) => {
    const value = start < 0 ? parseLongDouble(ZERO, 0, 1) : parseLongDouble(store.bytes, start, end);
    const added = parseLongDouble(summand, 0, summand.length);
    if (value === undefined || added === undefined) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'the value is not a decimal number');
    }
    const sum = formatSum(value, added);
    if (sum === undefined) throw new FerriteError('FERRITE_OVERFLOW', 'the sum is not finite');
    return sum;
  });
}

/**
 * Stores as text what `change` makes of a field's value, a range of `store.bytes` (-1: there is none), and returns it. The
 * field keeps its expiry.
 */
function changeField<T extends string | bigint>(
  store: Store,
  database: number,
  key: Key,
  field: Key,
  change: (start: number, end: number) => T,
): T {
  const { found, old } = findToWrite(store, database, key, [[field, '']]);
  store.member.set(field);
  const isThere = old !== null && findLiveMember(store, old) !== 0;
  const expiresAtMs = isThere ? memberExpiryOf(store, old) : 0;
  const next = isThere ? change(memberEndOf(store), memberValueEndOf(store)) : change(-1, -1);
  return orUndo(store, () => {
    const hash = old ?? makeCollection(store, TYPE_HASH);
    storeValue(store, hash, String(next), expiresAtMs);
    endChange(store, database, found, hash);
    return next;
  });
}

/** What a write of fields begins with: it is checked, and the key is found. */
export function findToWrite(
  store: Store,
  database: number,
  key: Key,
  fields: readonly FieldValue[],
): { found: number; old: LargeValue | null } {
  let growthBytes = 0;
  for (const [field, value] of fields) {
    checkField(store, lengthOf(field), lengthOf(value));
    growthBytes += RECORD_OVERHEAD_BYTES + field.length + value.length;
  }
  store.checkWritable(growthBytes);
  store.key.set(key);
  const found = find(store, database);
  return { found, old: found === 0 ? null : collectionOfFound(store, TYPE_HASH) };
}

/** Reads the fields that are on disk before anything is written: one that cannot be read leaves all as it was. */
export function bringFields(store: Store, hash: LargeValue, fields: readonly Key[]): void {
  if (!store.hasRecordsOnDisk || fields.length < 2) return;
  for (const field of fields) {
    store.member.set(field);
    findMember(store, hash);
  }
}

/** Sets the field in the scratch; whether it is new. */
export function storeValue(store: Store, hash: LargeValue, value: string | Uint8Array, expiresAtMs = 0): boolean {
  if (typeof value !== 'string') return setField(store, hash, value, 0, value.length, false, expiresAtMs);
  const { valueScratch } = store;
  return setField(
    store,
    hash,
    valueScratch,
    0,
    valueScratch.utf8Write(value, 0, valueScratch.length),
    false,
    expiresAtMs,
  );
}

function fieldOf([field]: FieldValue): Key {
  return field;
}

export function lengthOf(part: Key): number {
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

/** Throws FERRITE_INVALID_ARGUMENT if a field or its value is longer than a record holds. */
export function checkField(store: Store, memberLength: number, valueLength: number): void {
  const fault = memberFault(store, memberLength, valueLength);
  if (fault !== '') throw new FerriteError('FERRITE_INVALID_ARGUMENT', fault);
}

/** Removes fields; returns how many there were. */
export function removeFields(store: Store, database: number, key: Key, fields: readonly Key[]): number {
  for (const field of fields) checkField(store, lengthOf(field), 0);
  store.checkWritable(0);
  store.key.set(key);
  const found = find(store, database);
  if (found === 0) return 0;
  const hash = collectionOfFound(store, TYPE_HASH);
  bringFields(store, hash, fields);
  return orUndo(store, () => {
    let removed = 0;
    for (const field of fields) {
      store.member.set(field);
      if (removeField(store, hash)) removed++;
    }
    if (removed > 0) endChange(store, database, found, hash);
    return removed;
  });
}

/** Whether there is a field, whose record is located then. */
export function hasField(store: Store, database: number, key: Key, field: Key): boolean {
  const hash = findHash(store, database, key);
  if (hash === null) return false;
  store.member.set(field);
  return findLiveMember(store, hash) !== 0;
}

/** The value of a field, in a buffer of its own. */
export function getField(store: Store, database: number, key: Key, field: Key): Buffer | undefined {
  return hasField(store, database, key, field) ? valueOfLocated(store) : undefined;
}

/** The values of fields, in their order. */
export function getFields(store: Store, database: number, key: Key, fields: readonly Key[]): (Buffer | undefined)[] {
  const hash = findHash(store, database, key);
  return fields.map((field) => {
    if (hash === null) return undefined;
    store.member.set(field);
    return findLiveMember(store, hash) === 0 ? undefined : valueOfLocated(store);
  });
}

/** Bytes of a field's value, 0 if there is none. */
export function lengthOfField(store: Store, database: number, key: Key, field: Key): number {
  return hasField(store, database, key, field) ? memberValueEndOf(store) - memberEndOf(store) : 0;
}

function fieldOfLocated(store: Store): Buffer {
  return copyOfMember(store);
}

/** The located field's value, in a buffer of its own. */
export function valueOfLocated(store: Store): Buffer {
  return Buffer.from(store.bytes.subarray(memberEndOf(store), memberValueEndOf(store)));
}

/** The number of fields, 0 if there is no such key. */
export function lengthOfHash(store: Store, database: number, key: Key): number {
  const hash = findHash(store, database, key);
  return hash === null ? 0 : countFields(store, hash);
}

/** Calls `visit` with each field and its value, in buffers of their own. */
export function forEachFieldOfKey(
  store: Store,
  database: number,
  key: Key,
  visit: (field: Buffer, value: Buffer) => void,
): void {
  const hash = findHash(store, database, key);
  if (hash === null) return;
  forEachField(store, hash, () => visit(fieldOfLocated(store), valueOfLocated(store)));
}

/** Some fields from a position on, 0 for the first, and where to go on, 0 at the end; see `collectMembers`. */
export function fieldsFrom(
  store: Store,
  database: number,
  key: Key,
  position: number,
  countMin: number,
): { fields: [Buffer, Buffer][]; next: number } {
  const hash = findHash(store, database, key);
  const fields: [Buffer, Buffer][] = [];
  if (hash === null) return { fields, next: 0 };
  const next = collectMembers(store, hash, position, countMin);
  forEachCollectedField(store, hash, () => fields.push([fieldOfLocated(store), valueOfLocated(store)]));
  return { fields, next };
}

/** `count` fields drawn at random, each anew; or, with `areDifferent`, up to `count` different ones. */
export function drawFromHash(
  store: Store,
  database: number,
  key: Key,
  count: number,
  areDifferent: boolean,
): [Buffer, Buffer][] {
  const hash = findHash(store, database, key);
  const fields: [Buffer, Buffer][] = [];
  if (hash === null || count === 0) return fields;
  const seed = store.prng.nextUint32();
  drawFields(store, hash, count, areDifferent, seed, () => fields.push([fieldOfLocated(store), valueOfLocated(store)]));
  return fields;
}
