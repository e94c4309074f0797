/** The instance in numbers, as text for Prometheus: what `/metrics` answers. */
import { deviceFigures, hitFigures, keyFigures, memoryFigures } from './figures.ts';
import type { Instance } from './instance.ts';

type Sample = readonly [labels: string, value: number];

/** Counts the keys, and so finishes loading the index if that still goes on. */
export function metricsText(instance: Instance): string {
  return [...ofClients(instance), ...ofStore(instance), ...ofDevice(instance)].join('');
}

function ofClients({ clients, traffic, errors, rates }: Instance): string[] {
  return [
    gauge('connected_clients', 'Clients connected.', clients.size),
    counter('connections_received_total', 'Connections accepted.', traffic.connectionsAccepted),
    counter('connections_rejected_total', 'Connections that were refused.', traffic.connectionsRejected),
    counter('commands_processed_total', 'Commands run.', traffic.commands),
    gauge('commands_per_second', 'Commands run, as the mean of the last seconds.', rates.commandsPerSecond),
    counter('error_replies_total', 'Errors that clients were answered with.', errors.total),
    counter('net_input_bytes_total', 'Bytes read from clients.', traffic.inputBytes),
    counter('net_output_bytes_total', 'Bytes sent to clients.', traffic.outputBytes),
  ];
}

function ofStore(instance: Instance): string[] {
  const { counters } = instance.store;
  const keys = keyFigures(instance).map(([db, count]): Sample => [`db="${db}"`, count]);
  const memory = memoryFigures(instance);
  const hits = hitFigures(instance);
  return [
    family('keys', 'gauge', 'Keys stored, counting expired ones that nobody has met yet.', keys),
    family('memory_bytes', 'gauge', 'Memory of the store, by part.', [
      ['part="index"', memory.index],
      ['part="read_cache"', memory.readCache],
      ['part="ordered_index"', memory.orderedIndex],
      ['part="expiry"', memory.expiry],
      ['part="pages"', memory.data],
    ]),
    family('process_memory_bytes', 'gauge', 'Memory of the process.', [
      ['kind="rss"', memory.rss],
      ['kind="used"', memory.used],
    ]),
    family('record_hits_total', 'counter', 'Records looked at, by where they were.', [
      ['tier="mutable"', hits.mutable],
      ['tier="read_only"', hits.readOnly],
      ['tier="read_cache"', hits.readCache],
      ['tier="disk"', hits.disk],
    ]),
    counter('sync_reads_total', 'Records that commands read from disk while all clients waited.', counters.syncReads),
    counter('keyspace_hits_total', 'Keys that commands asked for and found.', instance.call.keyHits),
    counter('keyspace_misses_total', 'Keys that commands asked for and did not find.', instance.call.keyMisses),
    counter('expired_keys_total', 'Keys whose time was over.', counters.expired),
    counter('evicted_keys_total', 'Keys that had to go for lack of room.', counters.evicted),
  ];
}

function ofDevice(instance: Instance): string[] {
  const device = deviceFigures(instance);
  return [
    gauge('disk_bytes', 'Files of the store.', device.diskBytes),
    counter('flash_asked_bytes_total', 'Bytes of keys and values that were asked to be stored.', device.askedBytes),
    counter('flash_written_bytes_total', 'Bytes written to files, everything counted.', device.writtenBytes),
    counter('fsyncs_total', 'Times that the device was asked to make data durable.', device.fsyncs),
    gauge('replay_debt_bytes', 'Log that a crash now would have to replay.', device.replayDebtBytes),
    counter('checkpoints_total', 'Checkpoints written.', device.checkpoints),
    counter('compacted_segments_total', 'Segments whose space was given back.', device.compactedSegments),
    counter('compaction_relocated_bytes_total', 'Live bytes that compaction copied.', device.relocatedBytes),
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
