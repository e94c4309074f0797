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
import { BLOCK_KEYS, blockOf } from './key-block.ts';
import { expireFoundKey, putFound, removeFound } from './strings.ts';

export const WRITE_SET = 0;
export const WRITE_DEL = 1;
export const WRITE_EXPIRE = 2;

const UTF8_BYTES_PER_CHARACTER = 3;
const RECORD_OVERHEAD_BYTES = 48;

/** Writes in order, as columns. Keys and values are valid: whoever stages them has checked. */
export class WriteList {
  readonly kinds: number[] = [];
  readonly keys: Key[] = [];
  readonly values: (string | Uint8Array)[] = [];
  /** ms since the epoch, 0 for never. */
  readonly deadlines: number[] = [];
  private unitsMax = 0;
  /** What it may add to what is stored; 0 when it only removes and expires. */
  growthBytes = 0;

  get size(): number {
    return this.kinds.length;
  }

  push(kind: number, key: Key, value: string | Uint8Array, deadlineMs: number): void {
    this.kinds.push(kind);
    this.keys.push(key);
    this.values.push(value);
    this.deadlines.push(deadlineMs);
    if (kind === WRITE_SET) this.growthBytes += RECORD_OVERHEAD_BYTES + key.length + value.length;
    this.unitsMax += (RECORD_OVERHEAD_BYTES + bytesAtMost(key) + bytesAtMost(value)) / 8;
  }

  /** Units of the log that it may take at most. */
  get unitsAtMost(): number {
    return Math.ceil(this.unitsMax);
  }
}

function bytesAtMost(part: string | Uint8Array): number {
  return typeof part === 'string' ? part.length * UTF8_BYTES_PER_CHARACTER : part.length;
}

/** Applies all of it, or throws and has applied nothing. The caller acknowledges. */
export function applyAtomically(store: Store, database: number, writes: WriteList): void {
  store.checkWritable(writes.growthBytes);
  const isJournaled = journalGroup(store, writes.unitsAtMost);
  if (!store.journal.enabled && store.hasDisk) readAhead(store, database, writes);
  try {
    applyBlocks(store, database, writes);
    if (isJournaled) store.committer.flushNow();
  } catch (error) {
    throw store.failWrite(error);
  } finally {
    if (isJournaled) store.journal.enabled = false;
  }
}

/**
 * Where nothing is undone normally: if writes of so many units would meet the device while they are applied, writes out
 * what was before them and turns the journal on. True: whoever applies them flushes, and turns it off again.
 */
export function journalGroup(store: Store, unitsAtMost: number): boolean {
  if (store.journal.enabled || !store.hasDisk || unitsAtMost <= store.log.roomUnits) return false;
  store.committer.flushNow();
  store.journal.enabled = true;
  return true;
}

function applyBlocks(store: Store, database: number, writes: WriteList): void {
  const block = blockOf(store);
  for (let from = 0; from < writes.size; from += BLOCK_KEYS) {
    const count = Math.min(BLOCK_KEYS, writes.size - from);
    block.load(database, writes.keys, from, count);
    for (let i = 0; i < count; i++) {
      block.select(i, writes.keys[from + i]);
      apply(store, database, writes, from + i);
    }
  }
}

function apply(store: Store, database: number, writes: WriteList, i: number): void {
  const kind = writes.kinds[i];
  if (kind === WRITE_SET) putFound(store, database, writes.values[i], writes.deadlines[i]);
  else if (kind === WRITE_DEL) removeFound(store, database);
  else expireFoundKey(store, database, writes.deadlines[i]);
}

/** Meets what cannot be read before anything is changed. */
function readAhead(store: Store, database: number, writes: WriteList): void {
  const table = store.table(database);
  for (const key of writes.keys) {
    store.key.set(key);
    const { hash } = store.key;
    for (let address = table.find(hash); address !== 0; address = table.next(hash)) {
      if (store.hasDisk && !store.log.isInMemory(address)) locate(store, address);
    }
  }
}
