/**
 * Records of the features' own data: kind 10, in a namespace of their own, which no database has. So no command and no
 * scan meets them, and no flush or eviction takes them; recovery, checkpoints, compaction and backups treat them as any
 * other record with a key.
 *
 * They are never changed in place, and lie whole in the log: a value has at most `inlineMaxBytes`. One that is removed gets
 * a record without a value whose time has been over since 1970, for a tombstone could not say that its key is of this
 * namespace. From then on it goes the way of every key that has expired.
 */
import { FerriteError } from '../base/errors.ts';
import { copyPlain } from '../base/copy-bytes.ts';
import { find } from './find.ts';
import { OWN_NAMESPACE } from './namespaces.ts';
import { appendRecord } from './put.ts';
import { KIND_OWN, keyOffsetOf } from './record.ts';
import type { Store } from './store.ts';

const LONG_OVER_MS = 1;

/** Stores a value under the key in the scratch. `expiresAtMs` 0: never. */
export function putOwn(store: Store, value: Uint8Array, expiresAtMs: number): void {
  if (value.length > store.inlineMaxBytes) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `a value of a feature has at most ${store.inlineMaxBytes} bytes`,
    );
  }
  store.counters.askedBytes += store.key.length + value.length;
  append(store, find(store, OWN_NAMESPACE), value, expiresAtMs);
}

/** Removes the key in the scratch; false if there is none. */
export function removeOwn(store: Store): boolean {
  const found = find(store, OWN_NAMESPACE);
  if (found === 0) return false;
  append(store, found, new Uint8Array(0), LONG_OVER_MS);
  return true;
}

function append(store: Store, found: number, value: Uint8Array, expiresAtMs: number): void {
  appendRecord(store, OWN_NAMESPACE, found, KIND_OWN, 0, value.length, expiresAtMs);
  const start = store.writtenWord * 4 + keyOffsetOf(store.writtenWords[store.writtenWord + 1]) + store.key.length;
  copyPlain(value, 0, value.length, store.writtenBytes, start);
}
