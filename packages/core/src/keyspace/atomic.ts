/**
 * An atomic list of writes: staged outside the log, applied in one piece, one group of frames.
 *
 * Where a refused write-out is normally left waiting in memory (`interval`, `none`), an atomic list must still be there
 * whole or not at all. One that fits the free memory of the log meets no device while it is applied; a longer one is
 * applied with the journal on, after everything before it was written.
 */

import type { Key } from '../engine/key-scratch.ts';
import { locate } from '../engine/locate.ts';
import type { Store } from '../engine/store.ts';
import { deleteKey, expireKey, setIf, setPlain } from './strings.ts';

export interface StagedWrite {
  kind: 'set' | 'del' | 'expire';
  key: Key;
  value: string | Uint8Array;
  /** For set and expire: ms since the epoch, 0 for never. */
  expiresAtMs: number;
}

const UTF8_BYTES_PER_CHARACTER = 3;
const RECORD_OVERHEAD_BYTES = 48;

/** Applies all of it, or throws and has applied nothing. The caller acknowledges. */
export function applyAtomically(store: Store, database: number, writes: readonly StagedWrite[]): void {
  store.checkWritable();
  const journal = store.journal;
  const temporary = !journal.enabled && store.hasDisk;
  if (temporary) {
    if (unitsAtMost(writes) > store.log.roomUnits) {
      store.committer.flushNow();
      journal.enabled = true;
    } else readAhead(store, database, writes);
  }
  try {
    for (const write of writes) apply(store, database, write);
    if (temporary && journal.enabled) store.committer.flushNow();
  } finally {
    if (temporary) journal.enabled = false;
  }
}

function apply(store: Store, database: number, write: StagedWrite): void {
  if (write.kind === 'del') deleteKey(store, database, write.key);
  else if (write.kind === 'expire') expireKey(store, database, write.key, write.expiresAtMs);
  else if (write.expiresAtMs === 0) setPlain(store, database, write.key, write.value);
  else setIf(store, database, write.key, write.value, { ...UNCONDITIONAL, expiresAtMs: write.expiresAtMs }, null);
}

const UNCONDITIONAL = { expiresAtMs: 0, keepTtl: false, ifAbsent: false, ifPresent: false, ifVersion: -1 };

function unitsAtMost(writes: readonly StagedWrite[]): number {
  let bytes = 0;
  for (const write of writes) {
    bytes += RECORD_OVERHEAD_BYTES;
    bytes += write.key.length * (typeof write.key === 'string' ? UTF8_BYTES_PER_CHARACTER : 1);
    bytes += write.value.length * (typeof write.value === 'string' ? UTF8_BYTES_PER_CHARACTER : 1);
  }
  return Math.ceil(bytes / 8);
}

/** Meets what cannot be read before anything is changed. */
function readAhead(store: Store, database: number, writes: readonly StagedWrite[]): void {
  for (const write of writes) {
    store.key.set(write.key);
    const hash = store.key.hash;
    const table = store.table(database);
    for (let address = table.find(hash); address !== 0; address = table.next(hash)) {
      if (!store.log.isInMemory(address)) locate(store, address);
    }
  }
}
