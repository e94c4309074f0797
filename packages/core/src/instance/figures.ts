/** The figures of an instance, each read in one place: INFO, MEMORY STATS and the metrics show them. */
import type { MemoryFigures } from '../commands/information.ts';
import { UNIT_BYTES } from '../engine/address.ts';
import { HITS_CACHE, HITS_DISK, HITS_MUTABLE, HITS_READ_ONLY } from '../engine/locate.ts';
import type { Instance } from './instance.ts';

interface DeviceFigures {
  /** Files, at their full size. */
  diskBytes: number;
  /** Files of the log, and those of its part that was compacted. */
  segments: number;
  coldSegments: number;
  /** Records that nothing points at any more. */
  deadBytes: number;
  /** Of keys and values that were asked to be stored. */
  askedBytes: number;
  writtenBytes: number;
  fsyncs: number;
  replayDebtBytes: number;
  checkpoints: number;
  compactedSegments: number;
  relocatedBytes: number;
}

interface HitFigures {
  mutable: number;
  readOnly: number;
  readCache: number;
  disk: number;
}

/** Keys by database, of those that have any. Finishes loading the index if that still goes on. */
export function keyFigures({ store }: Instance): [database: number, keys: number][] {
  const found: [number, number][] = [];
  for (const namespace of store.userDatabases()) {
    const table = store.table(namespace);
    table.loadAll();
    if (table.count > 0) found.push([store.namespaces.databaseOf(namespace), table.count]);
  }
  return found.sort((one, other) => one[0] - other[0]);
}

export function hitFigures({ store: { hits } }: Instance): HitFigures {
  return {
    mutable: hits[HITS_MUTABLE],
    readOnly: hits[HITS_READ_ONLY],
    readCache: hits[HITS_CACHE],
    disk: hits[HITS_DISK],
  };
}

export function memoryFigures(instance: Instance): MemoryFigures {
  const { store, facts, clients } = instance;
  const { usedBytes, rssBytes } = facts.memoryUse();
  let clientBytes = 0;
  for (const { parser, reply, queue, link } of clients.values()) {
    clientBytes += parser.bufferBytes + reply.length + link.waitingBytes + (queue?.heldBytes ?? 0);
  }
  let keys = 0;
  for (const [, count] of keyFigures(instance)) keys += count;
  return {
    used: usedBytes,
    rss: rssBytes,
    peak: facts.peakUsedBytes,
    startup: facts.startup.usedBytes,
    data: store.pages?.usedBytes ?? (store.log.tail - store.log.head) * UNIT_BYTES,
    index: store.tableBytes,
    readCache: store.cache.bytesHeld,
    orderedIndex: store.ordered?.bytesHeld ?? 0,
    expiry: store.wheel.bytesHeld + store.memberWheel.bytesHeld,
    clients: clientBytes,
    keys,
  };
}

export function deviceFigures({ store }: Instance): DeviceFigures {
  const { flash, counters, log, cold, checkpointer, removals, pages } = store;
  const main = log.segments;
  const segmentBytes = (main?.bytesOnDisk ?? 0) + (cold?.segments.bytesOnDisk ?? 0);
  let deadUnits = pages?.deadUnits ?? 0;
  for (const each of [...(main?.list ?? []), ...(cold?.segments.list ?? [])]) deadUnits += Math.max(0, each.deadUnits);
  return {
    diskBytes: segmentBytes + (checkpointer?.bytesOnDisk ?? 0) + (removals?.bytesOnDisk ?? 0),
    segments: main?.list.length ?? 0,
    coldSegments: cold?.segments.list.length ?? 0,
    deadBytes: deadUnits * UNIT_BYTES,
    askedBytes: counters.askedBytes,
    writtenBytes: flash.writtenBytes,
    fsyncs: flash.fsyncs,
    replayDebtBytes: checkpointer?.replayDebtBytes ?? 0,
    checkpoints: counters.checkpoints,
    compactedSegments: counters.compactedSegments,
    relocatedBytes: counters.relocatedBytes,
  };
}

/** What `maxmemory` bounds, in bytes; 0 for no limit. */
export function maxMemoryBytes({ store }: Instance): number {
  return store.reclaimer?.maxBytes ?? store.diskLimit?.maxBytes ?? 0;
}
