/** Walks of the keys of a database that match a pattern and a type, for KEYS and SCAN. */

import { matchGlob } from '../base/glob.ts';
import { keyLengthOf, keyOffsetOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import { TableScan } from '../engine/table-scan.ts';

export interface KeyFilter {
  /** null: all keys. */
  pattern: Uint8Array | null;
  /** Whether the located record's value is of the type asked for. */
  isType: ((store: Store) => boolean) | null;
}

/** Gets the bytes `[start, end)` of a key; they are there for the time of the call. */
type KeyTaker = (bytes: Buffer, start: number, end: number) => void;

const scans = new WeakMap<Store, TableScan>();

/** The store's walk: one is enough, since nothing is kept in it from call to call. */
export function scanOf(store: Store): TableScan {
  let scan = scans.get(store);
  if (scan === undefined) {
    scan = new TableScan(store);
    scans.set(store, scan);
  }
  return scan;
}

/** Gives the keys that the walk has collected and the filter lets through. Returns how many. */
export function takeKeys(store: Store, filter: KeyFilter, take: KeyTaker): number {
  const { pattern, isType } = filter;
  let count = 0;
  scanOf(store).forEach(() => {
    const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
    const end = start + keyLengthOf(store.words, store.word);
    if (pattern !== null && !matchGlob(pattern, store.bytes, start, end)) return;
    if (isType !== null && !isType(store)) return;
    take(store.bytes, start, end);
    count++;
  });
  return count;
}
