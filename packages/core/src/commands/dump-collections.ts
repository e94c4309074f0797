/**
 * Payloads of collections: what DUMP says and RESTORE takes of each type. A type has a case in both functions.
 *
 * A restored collection is made whole before its key is told of it. Members that repeat are found while they are stored:
 * then what was made is dropped again, and the payload is none.
 */
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import type { Store } from '../engine/store.ts';
import { hashOfItems, isSmallHash, itemsOfHash } from '../keyspace/hashes.ts';
import { type DumpedValue, dumpValue } from '../types/dump.ts';
import type { ValueLimits } from './value-limits.ts';

/** The payload of the found key's collection; undefined for a type that has none in this version. */
export function dumpCollection(store: Store, limits: ValueLimits): Uint8Array | undefined {
  const object = store.large.ofRoot(store);
  switch (object.type) {
    case TYPE_HASH: {
      const isSmall = isSmallHash(store, object, limits.hashes);
      return dumpValue({ type: 'hash', items: itemsOfHash(store, object) }, isSmall);
    }
    default:
      return undefined;
  }
}

/** A collection of the restored members, which no key has yet; or what is wrong with them. */
export function restoreCollection(store: Store, value: DumpedValue, limits: ValueLimits): LargeValue | string {
  switch (value.type) {
    case 'hash':
      return hashOfItems(store, value.items, limits.hashes);
    default:
      return `RESTORE takes no value of type ${value.type} in this version`;
  }
}
