/** `stats()`: what the store holds and did, in numbers. */

import { UNIT_BYTES } from './address.ts';
import { HITS_CACHE, HITS_DISK, HITS_MUTABLE, HITS_READ_ONLY } from './locate.ts';
import type { RecoveryReport } from './recovery.ts';
import type { Store } from './store.ts';

export interface Stats {
  /** Keys stored, counting expired ones that nobody has met yet. */
  keys: number;
  bytes: {
    /** Of the log, by region. */
    mutable: number;
    readOnly: number;
    disk: number;
    /** Records that nothing points at any more. */
    dead: number;
    /** Memory of the hash index, the read cache's copies, the ordered index, the expiry wheel. */
    index: number;
    readCache: number;
    orderedIndex: number;
    expiry: number;
    /** Files of the store, at their full size. */
    files: number;
  };
  /** Records looked at, by where they were. */
  hits: { mutable: number; readOnly: number; readCache: number; disk: number };
  /** Records that commands of network clients read from disk on the spot though the disk is slow: all others waited with them. */
  syncReads: number;
  recovery: RecoveryReport;
  /** Features that have data in the store and were not given to `open`: their data are kept. */
  missingFeatures: readonly string[];
  /** Log that a crash now would have to replay. */
  replayDebtBytes: number;
  checkpoint: { count: number; lastBytes: number; writtenBytes: number; longestHoldMs: number };
  compaction: { segments: number; relocatedBytes: number; longestHoldMs: number };
  /** Longest that loading a slice of the index held the loop. */
  indexLoadLongestHoldMs: number;
  /** Longest that making room for more keys in the index did. */
  indexGrowthLongestHoldMs: number;
  /** Log that readers of `changes` keep from being given back. */
  feedHeldBytes: number;
  expired: number;
  evicted: number;
  /** Writes that changed a record in place. */
  updatedInPlace: number;
  flash: {
    /** Bytes of keys and values that the program asked to store. */
    askedBytes: number;
    /** Bytes written to files, everything counted. */
    writtenBytes: number;
    /** Written per asked. */
    amplification: number;
    fsyncs: number;
  };
}

export function readStats(store: Store): Stats {
  const { log, cold, counters, flash, hits, checkpointer } = store;
  const main = log.segments;
  let dead = store.pages?.deadUnits ?? 0;
  for (const segment of main?.list ?? []) dead += Math.max(0, segment.deadUnits);
  for (const segment of cold?.segments.list ?? []) dead += Math.max(0, segment.deadUnits);
  const inMemoryOnly = store.pages?.usedBytes ?? 0;
  const segmentBytes = (main?.bytesOnDisk ?? 0) + (cold?.segments.bytesOnDisk ?? 0);
  const coldUnits = cold === null ? 0 : cold.tail - (cold.segments.list[0]?.base ?? cold.tail);
  return {
    keys: store.countKeys(),
    bytes: {
      mutable: store.hasDisk ? log.unsealedUnits * UNIT_BYTES : inMemoryOnly,
      readOnly: store.hasDisk ? (log.readOnly - log.head) * UNIT_BYTES : 0,
      disk: store.hasDisk ? (log.head - log.begin + coldUnits) * UNIT_BYTES : 0,
      dead: dead * UNIT_BYTES,
      index: store.tableBytes,
      readCache: store.cache.bytesHeld,
      orderedIndex: store.ordered?.bytesHeld ?? 0,
      expiry: store.wheel.bytesHeld + store.memberWheel.bytesHeld,
      files: segmentBytes + (checkpointer?.bytesOnDisk ?? 0) + (store.removals?.bytesOnDisk ?? 0),
    },
    hits: {
      mutable: hits[HITS_MUTABLE],
      readOnly: hits[HITS_READ_ONLY],
      readCache: hits[HITS_CACHE],
      disk: hits[HITS_DISK],
    },
    syncReads: counters.syncReads,
    recovery: { ...store.recovery },
    missingFeatures: store.missingFeatures,
    replayDebtBytes: checkpointer?.replayDebtBytes ?? 0,
    checkpoint: {
      count: counters.checkpoints,
      lastBytes: checkpointer?.lastBytes ?? 0,
      writtenBytes: counters.checkpointBytes,
      longestHoldMs: counters.longestCheckpointStepMs,
    },
    compaction: {
      segments: counters.compactedSegments,
      relocatedBytes: counters.relocatedBytes,
      longestHoldMs: counters.longestCompactionStepMs,
    },
    indexLoadLongestHoldMs: counters.longestLoadStepMs,
    indexGrowthLongestHoldMs: store.indexGrowthLongestHoldMs,
    feedHeldBytes: store.feeds?.heldBytes ?? 0,
    expired: counters.expired,
    evicted: counters.evicted,
    updatedInPlace: counters.inPlace,
    flash: {
      askedBytes: counters.askedBytes,
      writtenBytes: flash.writtenBytes,
      amplification: counters.askedBytes === 0 ? 0 : flash.writtenBytes / counters.askedBytes,
      fsyncs: flash.fsyncs,
    },
  };
}
