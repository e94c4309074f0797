/**
 * What INFO says, section by section, with redis's names where the same is meant. What is not known is not shown, so
 * there is no field about replicas, scripts, forks or an allocator.
 */
import { FERRITE_VERSION, REDIS_VERSION } from '../base/version.ts';
import type { CommandRow } from '../commands/command.ts';
import type { Information as InformationService, MemoryFigures } from '../commands/information.ts';
import { deviceFigures, hitFigures, keyFigures, maxMemoryBytes, memoryFigures } from './figures.ts';
import type { Instance } from './instance.ts';

type Value = string | number;
type Fields = Readonly<Record<string, Value>>;

const SECONDS_PER_DAY = 86_400;
const US_PER_SECOND = 1_000_000;
const BYTES_PER_KB = 1024;
const HEX_DIGITS = 40;

/** In the order in which redis has them. */
const SECTIONS: readonly [name: string, title: string, fields: (instance: Instance) => Fields][] = [
  ['server', 'Server', ofServer],
  ['clients', 'Clients', ofClients],
  ['memory', 'Memory', ofMemory],
  ['persistence', 'Persistence', ofPersistence],
  ['stats', 'Stats', ofStats],
  ['replication', 'Replication', ofReplication],
  ['cpu', 'CPU', ofCpu],
  ['modules', 'Modules', ofModules],
  ['commandstats', 'Commandstats', ofCommands],
  ['errorstats', 'Errorstats', ofErrors],
  ['latencystats', 'Latencystats', ofLatencies],
  ['cluster', 'Cluster', () => ({ cluster_enabled: 0 })],
  ['keyspace', 'Keyspace', ofKeyspace],
  ['ferrite', 'Ferrite', ofFerrite],
];

export class Information implements InformationService {
  private readonly instance: Instance;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  text(sections: ReadonlySet<string>): string {
    const parts: string[] = [];
    const add = (title: string, fields: Fields): void => {
      const lines = Object.entries(fields).map(([field, value]) => `${field}:${value}\r\n`);
      parts.push(`# ${title}\r\n${lines.join('')}`);
    };
    for (const [name, title, fields] of SECTIONS) if (sections.has(name)) add(title, fields(this.instance));
    for (const { name, title, fields } of this.instance.features.sections) if (sections.has(name)) add(title, fields());
    return parts.join('\r\n');
  }

  get moreSections(): readonly string[] {
    return this.instance.features.sections.map(({ name }) => name);
  }

  memory(): MemoryFigures {
    return memoryFigures(this.instance);
  }
}

function ofServer({ facts, store, config }: Instance): Fields {
  const { listeners } = facts;
  const uptime = facts.uptimeSeconds;
  return {
    redis_version: REDIS_VERSION,
    ferrite_version: FERRITE_VERSION,
    redis_mode: 'standalone',
    os: facts.system.name,
    arch_bits: 64,
    node_version: process.versions.node,
    process_id: process.pid,
    run_id: facts.runId,
    tcp_port: facts.port,
    server_time_usec: store.nowMs() * 1000,
    uptime_in_seconds: uptime,
    uptime_in_days: Math.floor(uptime / SECONDS_PER_DAY),
    hz: 10,
    configured_hz: 10,
    executable: facts.executable,
    config_file: config.file?.path ?? '',
    ...Object.fromEntries(listeners.map((listener, i) => [`listener${i}`, listener])),
  };
}

function ofClients({ clients, config, tracking, blocking }: Instance): Fields {
  let input = 0;
  let output = 0;
  let blocked = 0;
  for (const { parser, reply, link, isSuspended } of clients.values()) {
    input = Math.max(input, parser.bufferBytes);
    output = Math.max(output, reply.length + link.waitingBytes);
    if (isSuspended) blocked++;
  }
  return {
    connected_clients: clients.size,
    maxclients: config.number('maxclients'),
    client_recent_max_input_buffer: input,
    client_recent_max_output_buffer: output,
    blocked_clients: blocked,
    tracking_clients: tracking.clients.size,
    total_blocking_keys: blocking.countKeys(false),
    total_blocking_keys_on_nokey: blocking.countKeys(true),
  };
}

function ofMemory(instance: Instance): Fields {
  const { facts, store } = instance;
  const memory = memoryFigures(instance);
  const overhead = memory.index + memory.orderedIndex + memory.expiry + memory.clients;
  const dataset = memory.data + memory.readCache;
  const maxMemory = maxMemoryBytes(instance);
  const { memoryBytes } = facts.system;
  return {
    used_memory: memory.used,
    used_memory_human: humanBytes(memory.used),
    used_memory_rss: memory.rss,
    used_memory_rss_human: humanBytes(memory.rss),
    used_memory_peak: memory.peak,
    used_memory_peak_human: humanBytes(memory.peak),
    used_memory_peak_perc: `${((memory.used / memory.peak) * 100).toFixed(2)}%`,
    used_memory_overhead: overhead,
    used_memory_startup: memory.startup,
    used_memory_dataset: dataset,
    used_memory_dataset_perc: `${((dataset / memory.used) * 100).toFixed(2)}%`,
    total_system_memory: memoryBytes,
    total_system_memory_human: humanBytes(memoryBytes),
    maxmemory: maxMemory,
    maxmemory_human: humanBytes(maxMemory),
    maxmemory_policy: store.evictionPolicy,
    mem_fragmentation_ratio: (memory.rss / memory.used).toFixed(2),
    mem_fragmentation_bytes: memory.rss - memory.used,
    mem_clients_normal: memory.clients,
    mem_allocator: 'v8',
    lazyfree_pending_objects: store.dropped.pendingCount,
    lazyfreed_objects: store.counters.lazilyFreed,
  };
}

/** A checkpoint is what redis has as a snapshot, and compaction what rewrites its log. */
function ofPersistence({ store }: Instance): Fields {
  const { checkpointer, compactor, committer, identity } = store;
  const isLogged = store.hasDisk && (committer.durability === 'always' || committer.durability === 'everysec');
  const status = committer.poisoned === null ? 'ok' : 'err';
  return {
    loading: 0,
    async_loading: store.indexFile === null ? 0 : 1,
    rdb_changes_since_last_save: store.mutations - (checkpointer?.savedMutations ?? 0),
    rdb_bgsave_in_progress: checkpointer !== null && !checkpointer.isIdle ? 1 : 0,
    rdb_last_save_time: Math.floor((checkpointer?.savedAtMs ?? identity.createdMs) / 1000),
    rdb_last_bgsave_status: status,
    rdb_saves: store.counters.checkpoints,
    aof_enabled: isLogged ? 1 : 0,
    aof_rewrite_in_progress: compactor?.isFull === true ? 1 : 0,
    aof_rewrite_scheduled: 0,
    aof_last_bgrewrite_status: status,
    aof_last_write_status: status,
  };
}

function ofStats(instance: Instance): Fields {
  const { traffic, rates, store, call, channels, tracking, errors } = instance;
  return {
    total_connections_received: traffic.connectionsAccepted,
    total_commands_processed: traffic.commands,
    instantaneous_ops_per_sec: rates.commandsPerSecond,
    total_net_input_bytes: traffic.inputBytes,
    total_net_output_bytes: traffic.outputBytes,
    instantaneous_input_kbps: (rates.inputBytesPerSecond / BYTES_PER_KB).toFixed(2),
    instantaneous_output_kbps: (rates.outputBytesPerSecond / BYTES_PER_KB).toFixed(2),
    rejected_connections: traffic.connectionsRejected,
    expired_keys: store.counters.expired,
    expired_subkeys: store.counters.expiredMembers,
    evicted_keys: store.counters.evicted,
    keyspace_hits: call.keyHits,
    keyspace_misses: call.keyMisses,
    pubsub_channels: channels.count('channel'),
    pubsub_patterns: channels.count('pattern'),
    pubsubshard_channels: channels.count('shard'),
    migrate_cached_sockets: 0,
    tracking_total_keys: tracking.keyCount,
    tracking_total_items: tracking.itemCount,
    tracking_total_prefixes: tracking.prefixCount,
    unexpected_error_replies: 0,
    total_error_replies: errors.total,
  };
}

function ofReplication({ facts }: Instance): Fields {
  return {
    role: 'master',
    connected_slaves: 0,
    master_failover_state: 'no-failover',
    master_replid: facts.runId,
    master_replid2: '0'.repeat(HEX_DIGITS),
    master_repl_offset: 0,
    second_repl_offset: -1,
    repl_backlog_active: 0,
  };
}

function ofCpu(): Fields {
  const { user, system } = process.cpuUsage();
  return {
    used_cpu_sys: (system / US_PER_SECOND).toFixed(6),
    used_cpu_user: (user / US_PER_SECOND).toFixed(6),
  };
}

function ofModules({ features, store }: Instance): Fields {
  const loaded = features.features.map(({ name, version }) => [`feature_${name}`, version]);
  return Object.fromEntries([...loaded, ...store.missingFeatures.map((name) => [`feature_${name}`, 'missing'])]);
}

/** All commands, a command's subcommands after it, by their full names. */
export function* everyRow(instance: Instance): Iterable<[string, CommandRow]> {
  for (const row of instance.commands) {
    yield [row.name, row];
    for (const each of row.subcommands ?? []) yield [`${row.name}|${each.name}`, each];
  }
}

function ofCommands(instance: Instance): Fields {
  const fields: Record<string, Value> = {};
  for (const [name, row] of everyRow(instance)) {
    const figures = instance.statistics.of(row);
    if (figures === undefined) continue;
    const { calls, micros, rejected, failed } = figures;
    const each = (calls === 0 ? 0 : micros / calls).toFixed(2);
    fields[`cmdstat_${name}`] =
      `calls=${calls},usec=${Math.round(micros)},usec_per_call=${each},rejected_calls=${rejected},failed_calls=${failed}`;
  }
  return fields;
}

function ofErrors({ errors }: Instance): Fields {
  const fields: Record<string, Value> = {};
  for (const [code, count] of errors.byCode) fields[`errorstat_${code.replace(/[:\s]/g, '_')}`] = `count=${count}`;
  return fields;
}

function ofLatencies(instance: Instance): Fields {
  const { statistics } = instance;
  const fields: Record<string, Value> = {};
  if (!statistics.tracksLatency) return fields;
  for (const [name, row] of everyRow(instance)) {
    const histogram = statistics.of(row)?.histogram;
    if (histogram === undefined || histogram.total === 0) continue;
    const parts = statistics.percentiles.map((each) => `p${each}=${histogram.percentile(each).toFixed(3)}`);
    fields[`latency_percentiles_usec_${name}`] = parts.join(',');
  }
  return fields;
}

/** How many keys have an expiry is known only if none has. */
function ofKeyspace(instance: Instance): Fields {
  const expires = instance.store.wheel.size === 0 ? ',expires=0,avg_ttl=0' : '';
  return Object.fromEntries(keyFigures(instance).map(([db, keys]) => [`db${db}`, `keys=${keys}${expires}`]));
}

function ofFerrite(instance: Instance): Fields {
  const { store } = instance;
  const { counters, committer } = store;
  const device = deviceFigures(instance);
  const hits = hitFigures(instance);
  return {
    storage: store.hasDisk ? 'disk' : 'memory',
    durability: store.hasDisk ? committer.durability : 'none',
    segments: device.segments,
    cold_segments: device.coldSegments,
    disk_bytes: device.diskBytes,
    dead_bytes: device.deadBytes,
    flash_asked_bytes: device.askedBytes,
    flash_written_bytes: device.writtenBytes,
    fsyncs: device.fsyncs,
    hits_mutable: hits.mutable,
    hits_read_only: hits.readOnly,
    hits_read_cache: hits.readCache,
    cold_reads: hits.disk,
    synchronous_reads: counters.syncReads,
    checkpoints: device.checkpoints,
    longest_checkpoint_step_ms: counters.longestCheckpointStepMs.toFixed(3),
    replay_debt_bytes: device.replayDebtBytes,
    compacted_segments: device.compactedSegments,
    relocated_bytes: device.relocatedBytes,
    longest_compaction_step_ms: counters.longestCompactionStepMs.toFixed(3),
    updates_in_place: counters.inPlace,
  };
}

/** As redis shows sizes to people. */
function humanBytes(bytes: number): string {
  if (bytes < BYTES_PER_KB) return `${bytes}B`;
  let shown = bytes;
  let unit = -1;
  for (; shown >= BYTES_PER_KB && unit < 3; unit++) shown /= BYTES_PER_KB;
  return `${shown.toFixed(2)}${'KMGT'[unit]}`;
}
