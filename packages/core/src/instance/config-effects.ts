/** What the configuration changes in an instance and its store, from the start and whenever CONFIG SET changes it. */
import type { Durability } from '../engine/committer.ts';
import { evictSome, setEvictionPolicy, setMaxMemory } from '../engine/live-limits.ts';
import type { EvictionPolicy, Store } from '../engine/store.ts';
import type { RequestLimits } from '../protocol/request-parser.ts';
import { Config } from './config.ts';
import { ConfigError } from './config-kinds.ts';
import { GATE_NO_REPLICAS } from './gates.ts';
import type { Instance } from './instance.ts';

/** The configuration of a store that a program has opened with options of its own. */
export function configOf(store: Store): Config {
  const config = new Config();
  config.assign('maxmemory', String(store.reclaimer?.maxBytes ?? store.diskLimit?.maxBytes ?? 0));
  config.assign('maxmemory-policy', store.evictionPolicy);
  config.assign('durability', store.hasDisk ? store.committer.durability : 'none');
  config.assign('dir', Buffer.from(store.hasDisk ? store.path : '', 'utf8').toString('latin1'));
  return config;
}

export function followConfig(instance: Instance, limits: RequestLimits): void {
  const { config, store } = instance;
  config.follow('maxmemory', (text) => {
    limitMemory(store, Number(text));
    evictSoon(store);
  });
  config.follow('maxmemory-policy', (text) => {
    setEvictionPolicy(store, text as EvictionPolicy);
    evictSoon(store);
  });
  config.follow('maxmemory-samples', (text) => {
    store.evictionSamples = Number(text);
  });
  config.follow('lfu-log-factor', (text) => {
    store.lfuLogFactor = Number(text);
  });
  config.follow('lfu-decay-time', (text) => {
    store.lfuDecayMinutes = Number(text);
  });
  config.follow('auto-aof-rewrite-min-size', (text) => {
    store.compactionMinBytes = Number(text);
  });
  config.follow('durability', (text) => switchDurability(instance, text));
  config.follow('requirepass', (text) => instance.authentication.setPassword(Buffer.from(text, 'latin1')));
  config.follow('proto-max-bulk-len', (text) => {
    limits.bulkLengthMax = Number(text);
  });
  config.follow('hll-sparse-max-bytes', (text) => {
    instance.valueLimits.sparseHyperLogLogMaxBytes = Number(text);
  });
  followHashLimits(instance);
  followSetLimits(instance);
  followSortedSetLimits(instance);
  followStreamLimits(instance);
  config.follow('tracking-table-max-keys', (text) => {
    instance.tracking.keysMax = Number(text);
  });
  followThresholds(instance);
  config.follow('min-replicas-to-write', (text) => {
    instance.gates = text === '0' ? instance.gates & ~GATE_NO_REPLICAS : instance.gates | GATE_NO_REPLICAS;
  });
  config.follow('notify-keyspace-events', (text) => {
    instance.notifications.trySetFlags(text);
  });
  config.onChange('dir', () => {
    throw new ConfigError('the store stays where it was opened: start the server with another dir');
  });
}

function followHashLimits({ config, valueLimits: { hashes } }: Instance): void {
  config.follow('hash-max-listpack-entries', (text) => {
    hashes.listpackEntriesMax = Number(text);
  });
  config.follow('hash-max-listpack-value', (text) => {
    hashes.listpackLengthMax = Number(text);
  });
}

function followSetLimits({ config, valueLimits: { sets } }: Instance): void {
  config.follow('set-max-intset-entries', (text) => {
    sets.intsetEntriesMax = Number(text);
  });
  config.follow('set-max-listpack-entries', (text) => {
    sets.listpackEntriesMax = Number(text);
  });
  config.follow('set-max-listpack-value', (text) => {
    sets.listpackLengthMax = Number(text);
  });
}

function followSortedSetLimits({ config, valueLimits: { sortedSets } }: Instance): void {
  config.follow('zset-max-listpack-entries', (text) => {
    sortedSets.listpackEntriesMax = Number(text);
  });
  config.follow('zset-max-listpack-value', (text) => {
    sortedSets.listpackLengthMax = Number(text);
  });
}

function followStreamLimits({ config, valueLimits: { streams } }: Instance): void {
  config.follow('stream-node-max-entries', (text) => {
    streams.nodeEntriesMax = Number(text);
  });
}

function followThresholds({ config, slowLog, latency, statistics, debugging }: Instance): void {
  config.follow('slowlog-log-slower-than', (text) => {
    slowLog.thresholdMicros = Number(text);
  });
  config.follow('slowlog-max-len', (text) => {
    slowLog.lengthMax = Number(text);
    slowLog.trim();
  });
  config.follow('latency-monitor-threshold', (text) => {
    latency.thresholdMs = Number(text);
  });
  config.follow('latency-tracking', (text) => {
    statistics.tracksLatency = text === 'yes';
  });
  config.follow('latency-tracking-info-percentiles', () => {
    statistics.percentiles = config.words('latency-tracking-info-percentiles').map(Number);
  });
  config.follow('enable-debug-command', (text) => {
    debugging.allowedFor = text as typeof debugging.allowedFor;
  });
}

/** A limit that is there already is not set again, so that a store may be opened read-only or without compaction. */
function limitMemory(store: Store, bytes: number): void {
  const now = store.reclaimer?.maxBytes ?? store.diskLimit?.maxBytes ?? 0;
  if (bytes !== now) setMaxMemory(store, bytes);
}

/** Evicts, between the turns of commands, what a lower limit leaves no room for. */
function evictSoon(store: Store): void {
  store.yieldTurn().then(() => {
    if (evictSome(store)) evictSoon(store);
  });
}

/** `written` is redis's `appendfsync no`: written before the acknowledgement like `everysec`, and not synced by time. */
function switchDurability({ store, call }: Instance, name: string): void {
  const { committer } = store;
  const durability = name === 'written' ? 'everysec' : (name as Durability);
  if (!store.hasDisk && durability === 'none') return;
  if (durability === committer.durability && (name !== 'written') === committer.isSyncedByTime) return;
  if (call.session?.isInExec === true) throw new ConfigError('durability cannot be changed within a transaction');
  committer.setDurability(durability, name !== 'written');
}
