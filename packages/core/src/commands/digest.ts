/** Digests of keys and values, as redis's DEBUG DIGEST makes them, so that the two can be compared. */
import { createRequire } from 'node:module';
import { formatAllDigits } from '../base/double.ts';
import { countElements } from '../engine/elements.ts';
import { type LargeValue, TYPE_LIST, TYPE_SET, TYPE_STREAM, TYPE_ZSET } from '../engine/large-values.ts';
import { memberExpiryOf } from '../engine/member-expiry.ts';
import { collectionAt, memberEndOf, memberStartOf, memberValueEndOf, copyOfMember } from '../engine/members.ts';
import { scoreOf } from '../engine/sorted-members.ts';
import type { Store } from '../engine/store.ts';
import { forEachMember, isCollection } from '../keyspace/collections.ts';
import { forEachField } from '../keyspace/live-fields.ts';
import { forEachElement } from '../keyspace/lists.ts';
import { expiryOfFound, readBytes } from '../keyspace/strings.ts';
import { scanOf, takeKeys } from '../keyspace/key-scan.ts';
import { forEachEntry } from '../keyspace/streams.ts';
import { DATABASES } from '../engine/namespaces.ts';
import { find } from '../engine/find.ts';

const DIGEST_BYTES = 20;
/** Types of values by redis's numbers. */
const STRING = 0;
const LIST = 1;
const SET = 2;
const ZSET = 3;
const HASH = 4;
const STREAM = 6;
const EXPIRES = Buffer.from('!!expire!!');
const FIELD_EXPIRES = Buffer.from('!!hexpire!!');
/** Loaded with the first digest: it takes as long as a tenth of the server's start. */
const loadCrypto = (): typeof import('node:crypto') => createRequire(import.meta.url)('node:crypto');

/** Of all databases, as hexadecimal digits. */
export function digestOfAll(store: Store): string {
  let whole: Buffer = Buffer.alloc(DIGEST_BYTES);
  for (let database = 0; database < DATABASES; database++) {
    const namespace = store.namespaces.of(database);
    const keys = keysOf(store, namespace);
    if (keys.length === 0) continue;
    whole = mixed(whole, numberBytes(database));
    for (const key of keys) {
      store.key.setFrom(key, 0, key.length);
      if (find(store, namespace) === 0) continue;
      whole = xored(whole, sha1(digestOfFound(store, mixed(Buffer.alloc(DIGEST_BYTES), key))));
    }
  }
  return whole.toString('hex');
}

/** Of the located key's value. */
export function digestOfValue(store: Store): string {
  return digestOfFound(store, Buffer.alloc(DIGEST_BYTES)).toString('hex');
}

export const NO_VALUE_DIGEST = '0'.repeat(DIGEST_BYTES * 2);

function digestOfFound(store: Store, from: Buffer): Buffer {
  const expiresAtMs = expiryOfFound(store);
  const digest = isCollection(store) ? digestOfCollection(store, from) : digestOfString(store, from);
  return expiresAtMs === 0 ? digest : xored(digest, sha1(EXPIRES));
}

function digestOfString(store: Store, from: Buffer): Buffer {
  return mixed(mixed(from, numberBytes(STRING)), readBytes(store));
}

function digestOfCollection(store: Store, from: Buffer): Buffer {
  const object = collectionAt(store);
  if (object.type === TYPE_LIST) return digestOfList(store, from, object);
  if (object.type === TYPE_SET) return digestOfSet(store, from, object);
  if (object.type === TYPE_STREAM) return digestOfStream(store, from, object);
  return object.type === TYPE_ZSET ? digestOfSortedSet(store, from, object) : digestOfHash(store, from, object);
}

function digestOfList(store: Store, from: Buffer, list: LargeValue): Buffer {
  let digest = mixed(from, numberBytes(LIST));
  forEachElement(store, list, 0, countElements(list), false, (start, end) => {
    digest = mixed(digest, store.bytes.subarray(start, end));
  });
  return digest;
}

/** In whatever order its members come. */
function digestOfSet(store: Store, from: Buffer, set: LargeValue): Buffer {
  let digest = mixed(from, numberBytes(SET));
  forEachMember(store, set, () => {
    digest = xored(digest, sha1(store.bytes.subarray(memberStartOf(store), memberEndOf(store))));
  });
  return digest;
}

/** In whatever order its members come. */
function digestOfSortedSet(store: Store, from: Buffer, set: LargeValue): Buffer {
  let digest = mixed(from, numberBytes(ZSET));
  forEachMember(store, set, () => {
    const member = copyOfMember(store);
    const own = mixed(mixed(Buffer.alloc(DIGEST_BYTES), member), Buffer.from(formatAllDigits(scoreOf(store))));
    digest = xored(digest, sha1(own));
  });
  return digest;
}

/** In whatever order its fields come. */
function digestOfHash(store: Store, from: Buffer, hash: LargeValue): Buffer {
  let digest = mixed(from, numberBytes(HASH));
  forEachField(store, hash, () => {
    const field = copyOfMember(store);
    const value = Buffer.from(store.bytes.subarray(memberEndOf(store), memberValueEndOf(store)));
    const isExpiring = memberExpiryOf(store, hash) !== 0;
    const own = mixed(mixed(Buffer.alloc(DIGEST_BYTES), field), value);
    digest = xored(digest, sha1(isExpiring ? xored(own, sha1(FIELD_EXPIRES)) : own));
  });
  return digest;
}

/** Entry by entry; groups do not count. */
function digestOfStream(store: Store, from: Buffer, stream: LargeValue): Buffer {
  let digest = mixed(from, numberBytes(STREAM));
  forEachEntry(store, stream, (id, items) => {
    digest = mixed(digest, Buffer.from(String(id).replace('-', '.')));
    for (const item of items) digest = mixed(digest, item);
  });
  return digest;
}

function keysOf(store: Store, namespace: number): Buffer[] {
  const keys: Buffer[] = [];
  scanOf(store).collect(namespace, 0, Number.POSITIVE_INFINITY);
  takeKeys(store, { pattern: null, isType: null }, (bytes, start, end) =>
    keys.push(Buffer.from(bytes.subarray(start, end))),
  );
  return keys;
}

function mixed(digest: Buffer, bytes: Buffer): Buffer {
  return sha1(xored(digest, sha1(bytes)));
}

function xored(one: Buffer, other: Buffer): Buffer {
  const result = Buffer.from(one);
  for (let i = 0; i < result.length; i++) result[i] ^= other[i];
  return result;
}

function sha1(bytes: Buffer): Buffer {
  return loadCrypto().createHash('sha1').update(bytes).digest();
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
