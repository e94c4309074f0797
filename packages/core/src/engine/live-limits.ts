/**
 * Limits that may be changed while a store is open, as CONFIG SET does it.
 *
 * `maxmemory` bounds what the data take where they are kept: of a memory-only store its memory (`MemoryReclaimer`), with
 * a disk its files (`DiskLimit`).
 */

import { FerriteError } from '../base/errors.ts';
import { DiskLimit } from './disk-limit.ts';
import { CLOCK_LRU, clockKindOf } from './lru-clock.ts';
import type { EvictionPolicy, Store } from './store.ts';

/** Sets the limit in bytes, 0 for none. Keys go, or are refused, with the writes that come, or before by `evictSome`. */
export function setMaxMemory(store: Store, bytes: number): void {
  const { reclaimer, log, cold, diskLimit } = store;
  if (reclaimer !== null) reclaimer.maxBytes = bytes;
  else if (bytes === 0) store.diskLimit = null;
  else if (diskLimit !== null) diskLimit.setMax(bytes);
  else if (store.compactor === null || log.segments === null || cold === null) {
    throw new FerriteError('FERRITE_UNSUPPORTED', 'a limit on disk needs compaction');
  } else store.diskLimit = new DiskLimit(store, log.segments, cold.segments, bytes);
}

/** Evicts some of the keys that a lower limit leaves no room for; false when nothing more is to go. */
export function evictSome(store: Store): boolean {
  if (store.closed) return false;
  return store.reclaimer === null ? store.diskLimit?.evictSome() === true : store.reclaimer.evictSome();
}

/** Sets which keys go. Records in memory keep a clock from now on whatever the policy, so that OBJECT IDLETIME can tell. */
export function setEvictionPolicy(store: Store, policy: EvictionPolicy): void {
  store.evictionPolicy = policy;
  if (store.pages !== null) store.clockKind = Math.max(CLOCK_LRU, clockKindOf(policy));
}
