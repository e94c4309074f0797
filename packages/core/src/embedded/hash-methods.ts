/** The methods of a `Database` for hashes: what commands of the same names do, without RESP in between. */

import type { Key } from '../engine/key-scratch.ts';
import {
  type FieldValue,
  forEachField,
  getField,
  hasField,
  lengthOfHash,
  removeFields,
  setFields,
} from '../keyspace/hash-operations.ts';
import { StoreHandle } from './store-handle.ts';
import { checkKey } from './values.ts';

export abstract class HashMethods<V> extends StoreHandle<V> {
  /**
   * Sets fields of the hash under a key, which is made if need be, and keeps its expiry; returns how many fields are new.
   * Throws `FERRITE_WRONG_TYPE` if the key has a value of another type, as all methods for hashes do. A field has at most
   * 65,536 bytes, its value a quarter of a page or 64 KiB.
   */
  hset(key: Key, fields: Readonly<Record<string, V | Uint8Array>> | Iterable<readonly [Key, V | Uint8Array]>): number {
    this.checkOpen();
    const given = Symbol.iterator in fields ? fields : Object.entries(fields);
    const encoded: FieldValue[] = [];
    for (const [field, value] of given as Iterable<readonly [Key, V | Uint8Array]>) {
      checkKey(field);
      encoded.push([field, this.encode(value)]);
    }
    const added = setFields(this.store, this.namespace, key, encoded);
    if (encoded.length > 0) this.store.committer.afterWrite();
    return added;
  }

  /** The value of a field of a hash; `undefined` when there is no such field or key. */
  hget(key: Key, field: Key): V | undefined {
    this.checkOpen();
    const value = getField(this.store, this.namespace, key, field);
    return value === undefined ? undefined : this.decode(value);
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
    forEachField(this.store, this.namespace, key, (field, value) => fields.push([field.toString('utf8'), value]));
    return new Map(fields.map(([field, value]) => [field, this.decode(value)]));
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
