/** The methods of a `Database` for hashes: what commands of the same names do, without RESP in between. */

import { FerriteError } from '../base/errors.ts';
import type { Key } from '../engine/key-scratch.ts';
import {
  drawFromHash,
  type FieldValue,
  fieldsFrom,
  forEachFieldOfKey,
  getField,
  getFields,
  hasField,
  incrementField,
  incrementFieldByFloat,
  lengthOfField,
  lengthOfHash,
  removeFields,
  setFieldIfAbsent,
  setFields,
} from '../keyspace/hash-operations.ts';
import { StoreHandle } from './store-handle.ts';
import { checkKey, pairsOf } from './values.ts';

/** Fields that an iterator reads in one go, at least. */
const PIECE_FIELDS = 128;
/** Beyond it a JavaScript number is not exact. */
const NUMBER_MAX = BigInt(Number.MAX_SAFE_INTEGER);

export abstract class HashMethods<V> extends StoreHandle<V> {
  /**
   * Sets fields of the hash under a key, which is made if need be, and keeps its expiry; returns how many fields are new.
   * Throws `FERRITE_WRONG_TYPE` if the key has a value of another type, as all methods for hashes do. A field has at most
   * 65,536 bytes, its value a quarter of a page or 64 KiB.
   */
  hset(key: Key, fields: Readonly<Record<string, V | Uint8Array>> | Iterable<readonly [Key, V | Uint8Array]>): number {
    this.checkOpen();
    const encoded: FieldValue[] = [];
    for (const [field, value] of pairsOf<Key, V | Uint8Array>(fields)) {
      checkKey(field);
      encoded.push([field, this.encode(value)]);
    }
    const added = setFields(this.store, this.namespace, key, encoded);
    if (encoded.length > 0) this.store.committer.afterWrite();
    return added;
  }

  /** Sets a field unless the hash has it; false when it has. */
  hsetnx(key: Key, field: Key, value: V | Uint8Array): boolean {
    this.checkOpen();
    checkKey(field);
    const isSet = setFieldIfAbsent(this.store, this.namespace, key, [field, this.encode(value)]);
    if (isSet) this.store.committer.afterWrite();
    return isSet;
  }

  /** The value of a field of a hash; `undefined` when there is no such field or key. */
  hget(key: Key, field: Key): V | undefined {
    this.checkOpen();
    const value = getField(this.store, this.namespace, key, field);
    return value === undefined ? undefined : this.decode(value);
  }

  /** The values of fields of a hash, in their order; `undefined` for each that is not there. */
  hmget(key: Key, ...fields: Key[]): (V | undefined)[] {
    this.checkOpen();
    const values = getFields(this.store, this.namespace, key, fields);
    return values.map((value) => (value === undefined ? undefined : this.decode(value)));
  }

  /** Whether a hash has a field. */
  hexists(key: Key, field: Key): boolean {
    this.checkOpen();
    return hasField(this.store, this.namespace, key, field);
  }

  /** All fields of a hash as UTF-8 texts, with their values; empty when there is no such key. */
  hgetall(key: Key): Map<string, V> {
    this.checkOpen();
    const fields: [string, Buffer][] = [];
    forEachFieldOfKey(this.store, this.namespace, key, (field, value) => fields.push([field.toString('utf8'), value]));
    return new Map(fields.map(([field, value]) => [field, this.decode(value)]));
  }

  /** All fields of a hash as UTF-8 texts, in no particular order. */
  hkeys(key: Key): string[] {
    this.checkOpen();
    const fields: string[] = [];
    forEachFieldOfKey(this.store, this.namespace, key, (field) => fields.push(field.toString('utf8')));
    return fields;
  }

  /** All values of a hash, in the order of `hkeys`. */
  hvals(key: Key): V[] {
    this.checkOpen();
    const values: Buffer[] = [];
    forEachFieldOfKey(this.store, this.namespace, key, (_field, value) => values.push(value));
    return values.map((value) => this.decode(value));
  }

  /**
   * The fields of a hash, as UTF-8 texts, with their values, one after the other, read in pieces. Lazy, and right while the
   * store changes: each field that is there from the first step to the last is given once; one that comes or goes
   * meanwhile may be given or not. It ends when the key goes.
   */
  hscan(key: Key): IterableIterator<[string, V]> {
    this.checkOpen();
    checkKey(key);
    return this.walkHash(typeof key === 'string' ? key : Buffer.from(key));
  }

  private *walkHash(key: Key): IterableIterator<[string, V]> {
    let position = 0;
    do {
      this.checkOpen();
      const { fields, next } = fieldsFrom(this.store, this.namespace, key, position, PIECE_FIELDS);
      for (const field of fields) yield this.entryOf(field);
      position = next;
    } while (position !== 0);
  }

  /**
   * A field drawn at random, each as likely as any other, with its value; `undefined` when there is no such key. With
   * `count`, up to so many different fields; with a negative one, so many that are each drawn from all of them.
   */
  hrandfield(key: Key): [string, V] | undefined;
  hrandfield(key: Key, count: number): [string, V][];
  hrandfield(key: Key, count?: number): [string, V] | undefined | [string, V][] {
    this.checkOpen();
    const wanted = count ?? 1;
    if (!Number.isSafeInteger(wanted)) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', `${String(count)} is no number of fields`);
    }
    const drawn = drawFromHash(this.store, this.namespace, key, Math.abs(wanted), wanted >= 0);
    const entries = drawn.map((field) => this.entryOf(field));
    return count === undefined ? entries[0] : entries;
  }

  private entryOf([field, value]: readonly [Buffer, Buffer]): [string, V] {
    return [field.toString('utf8'), this.decode(value)];
  }

  /** Bytes of the value of a field, 0 when there is none. */
  hstrlen(key: Key, field: Key): number {
    this.checkOpen();
    return lengthOfField(this.store, this.namespace, key, field);
  }

  /**
   * Adds a whole number to the decimal integer in a field (0 when missing) and returns the sum. Throws
   * `FERRITE_NOT_AN_INTEGER`, or `FERRITE_OVERFLOW` when the sum is beyond what a number holds exactly.
   */
  hincrby(key: Key, field: Key, by = 1): number {
    this.checkOpen();
    checkKey(field);
    if (!Number.isSafeInteger(by)) throw new FerriteError('FERRITE_NOT_AN_INTEGER', `${by} is not a whole number`);
    const sum = incrementField(this.store, this.namespace, key, field, BigInt(by), NUMBER_MAX);
    this.store.committer.afterWrite();
    return Number(sum);
  }

  /** Adds a number to the decimal number in a field (0 when missing) and returns the sum, which is stored as redis does it. */
  hincrbyfloat(key: Key, field: Key, by: number): number {
    this.checkOpen();
    checkKey(field);
    if (!Number.isFinite(by)) throw new FerriteError('FERRITE_INVALID_ARGUMENT', `${by} is not a finite number`);
    const sum = incrementFieldByFloat(this.store, this.namespace, key, field, by);
    this.store.committer.afterWrite();
    return Number(sum);
  }

  /** The number of fields of a hash, 0 when there is no such key. */
  hlen(key: Key): number {
    this.checkOpen();
    return lengthOfHash(this.store, this.namespace, key);
  }

  /** Removes fields of a hash; with its last field the key goes. Returns how many there were. */
  hdel(key: Key, ...fields: Key[]): number {
    this.checkOpen();
    const removed = removeFields(this.store, this.namespace, key, fields);
    if (removed > 0) this.store.committer.afterWrite();
    return removed;
  }
}
