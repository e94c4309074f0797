/** The instance in numbers, as text for Prometheus: what `/metrics` answers. */
import { HITS_CACHE, HITS_DISK, HITS_MUTABLE, HITS_READ_ONLY } from '../engine/locate.ts';
import type { Instance } from './instance.ts';

type Sample = readonly [labels: string, value: number];

/** Counts the keys, and so finishes loading the index if that still goes on. */
export function metricsText(instance: Instance): string {
  return [...ofClients(instance), ...ofStore(instance), ...ofDevice(instance)].join('');
}

function ofClients({ clients, traffic }: Instance): string[] {
  return [
    gauge('connected_clients', 'Clients connected.', clients.size),
    counter('connections_received_total', 'Connections accepted.', traffic.connectionsAccepted),
    counter('connections_rejected_total', 'Connections that were refused.', traffic.connectionsRejected),
    counter('commands_processed_total', 'Commands run.', traffic.commands),
    counter('net_input_bytes_total', 'Bytes read from clients.', traffic.inputBytes),
    counter('net_output_bytes_total', 'Bytes sent to clients.', traffic.outputBytes),
  ];
}

function ofStore({ store }: Instance): string[] {
  const { counters, hits } = store;
  const keys = store.databases().map((db): Sample => {
    const table = store.table(db);
    table.loadAll();
    return [`db="${db}"`, table.count];
  });
  const memory: Sample[] = [
    ['part="index"', store.tableBytes],
    ['part="read_cache"', store.cache.bytesHeld],
    ['part="ordered_index"', store.ordered?.bytesHeld ?? 0],
    ['part="expiry"', store.wheel.bytesHeld],
    ['part="pages"', store.pages?.usedBytes ?? 0],
  ];
  const { heapUsed, external, rss } = process.memoryUsage();
  return [
    family('keys', 'gauge', 'Keys stored, counting expired ones that nobody has met yet.', keys),
    family('memory_bytes', 'gauge', 'Memory of the store, by part.', memory),
    family('process_memory_bytes', 'gauge', 'Memory of the process.', [
      ['kind="rss"', rss],
      ['kind="heap_used"', heapUsed],
      ['kind="external"', external],
    ]),
    family('record_hits_total', 'counter', 'Records looked at, by where they were.', [
      ['tier="mutable"', hits[HITS_MUTABLE]],
      ['tier="read_only"', hits[HITS_READ_ONLY]],
      ['tier="read_cache"', hits[HITS_CACHE]],
      ['tier="disk"', hits[HITS_DISK]],
    ]),
    counter('sync_reads_total', 'Records that commands read from disk while all clients waited.', counters.syncReads),
    counter('expired_keys_total', 'Keys whose time was over.', counters.expired),
    counter('evicted_keys_total', 'Keys that had to go for lack of room.', counters.evicted),
  ];
}

function ofDevice({ store }: Instance): string[] {
  const { flash, counters, log, cold, checkpointer } = store;
  const bytes = (log.segments?.bytesOnDisk ?? 0) + (cold?.segments.bytesOnDisk ?? 0);
  return [
    gauge('disk_bytes', 'Files of the store.', bytes + (checkpointer?.bytesOnDisk ?? 0)),
    counter('flash_asked_bytes_total', 'Bytes of keys and values that were asked to be stored.', counters.askedBytes),
    counter('flash_written_bytes_total', 'Bytes written to files, everything counted.', flash.writtenBytes),
    counter('fsyncs_total', 'Times that the device was asked to make data durable.', flash.fsyncs),
    gauge('replay_debt_bytes', 'Log that a crash now would have to replay.', checkpointer?.replayDebtBytes ?? 0),
    counter('checkpoints_total', 'Checkpoints written.', counters.checkpoints),
    counter('compacted_segments_total', 'Segments whose space was given back.', counters.compactedSegments),
    counter('compaction_relocated_bytes_total', 'Live bytes that compaction copied.', counters.relocatedBytes),
  ];
}

function gauge(name: string, help: string, value: number): string {
  return family(name, 'gauge', help, [['', value]]);
}

function counter(name: string, help: string, value: number): string {
  return family(name, 'counter', help, [['', value]]);
}

function family(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `ferrite_${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`);
  return `# HELP ferrite_${name} ${help}\n# TYPE ferrite_${name} ${type}\n${lines.join('')}`;
}
