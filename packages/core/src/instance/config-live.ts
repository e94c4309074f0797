/**
 * The parameters that do something here: redis's, and those that redis does not have, at the end. Whoever does it asks for
 * the value by a getter of `Config`, or is told of each change.
 */
import { BUFFER_SIZE_MAX_BYTES } from '../base/limits.ts';
import { DATABASES } from '../engine/namespaces.ts';
import {
  addresses,
  choice,
  ConfigError,
  eventClasses,
  integer,
  memory,
  octal,
  outputLimits,
  percentiles,
  replicaOf,
  restricted,
  text,
  yesNo,
} from './config-kinds.ts';
import {
  FIXED,
  IMMUTABLE,
  INT_MAX,
  LONG_MAX,
  parameter,
  permission,
  PORT_MAX,
  PROTECTED,
  SECRET,
  STAND_IN,
  UINT_MAX,
} from './config-parameter.ts';

const KB = 1024;
const MB = 1024 * 1024;
const POLICIES = [
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'noeviction',
];
const REGION_MAX = 8n * 1024n ** 3n;
const OUTPUT_LIMITS = 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60';

const never = (why: string) => restricted(yesNo, (value) => refuseIf(value === 'yes', why));
const count = integer(0, INT_MAX);
const port = integer(0, PORT_MAX);

export const liveParameters = [
  parameter('bind', addresses, '127.0.0.1'),
  parameter('port', port, 6379),
  parameter('unixsocket', text(), '', { flags: IMMUTABLE }),
  parameter('unixsocketperm', octal, 0, { flags: IMMUTABLE }),
  parameter('tcp-backlog', count, 511, { flags: IMMUTABLE }),
  parameter('tcp-keepalive', count, 300),
  parameter('timeout', count, 0),
  parameter('maxclients', integer(1, UINT_MAX), 10_000),
  parameter('protected-mode', yesNo, 'yes'),
  parameter('requirepass', text(), '', { flags: SECRET }),
  parameter('client-query-buffer-limit', memory(MB, LONG_MAX), 1024 * MB),
  parameter('client-output-buffer-limit', outputLimits, OUTPUT_LIMITS),
  parameter('proto-max-bulk-len', memory(MB, LONG_MAX), 512 * MB),
  parameter('hll-sparse-max-bytes', memory(0, LONG_MAX), 3000),
  parameter('hash-max-listpack-entries', integer(0, LONG_MAX), 512, { alias: 'hash-max-ziplist-entries' }),
  parameter('hash-max-listpack-value', memory(0, LONG_MAX), 64, { alias: 'hash-max-ziplist-value' }),
  parameter('set-max-intset-entries', integer(0, LONG_MAX), 512),
  parameter('set-max-listpack-entries', integer(0, LONG_MAX), 128),
  parameter('set-max-listpack-value', integer(0, LONG_MAX), 64),
  parameter('zset-max-listpack-entries', integer(0, LONG_MAX), 128, { alias: 'zset-max-ziplist-entries' }),
  parameter('zset-max-listpack-value', memory(0, LONG_MAX), 64, { alias: 'zset-max-ziplist-value' }),
  parameter('stream-node-max-entries', integer(0, LONG_MAX), 100),
  parameter('databases', integer(1, DATABASES), DATABASES, { flags: IMMUTABLE }),
  parameter('maxmemory', memory(0), 0),
  parameter('maxmemory-policy', choice(POLICIES), 'noeviction'),
  parameter('maxmemory-samples', integer(1, 64), 5),
  parameter('lfu-log-factor', count, 10),
  parameter('lfu-decay-time', count, 1),
  parameter('appendonly', yesNo, 'yes'),
  parameter('appendfsync', choice(['everysec', 'always', 'no']), 'everysec'),
  parameter('auto-aof-rewrite-min-size', memory(0, LONG_MAX), 64 * MB),
  parameter('dir', text(), '.', { flags: PROTECTED }),
  parameter('pidfile', text(), '', { flags: IMMUTABLE }),
  parameter('logfile', text(), '', { flags: IMMUTABLE }),
  parameter('loglevel', choice(['debug', 'verbose', 'notice', 'warning', 'nothing']), 'notice'),
  parameter('min-replicas-to-write', count, 0, { alias: 'min-slaves-to-write' }),
  parameter('notify-keyspace-events', eventClasses, ''),
  parameter('slowlog-log-slower-than', integer(-1, LONG_MAX), 10_000),
  parameter('slowlog-max-len', integer(0, LONG_MAX), 128),
  parameter('latency-monitor-threshold', integer(0, LONG_MAX), 0),
  parameter('latency-tracking', yesNo, 'yes'),
  parameter('latency-tracking-info-percentiles', percentiles, '50 99 99.9'),
  parameter('tracking-table-max-keys', integer(0, LONG_MAX), 1_000_000),
  parameter('enable-protected-configs', permission, 'no', { flags: IMMUTABLE }),
  // Redis has `no`; but whoever is on this machine can do worse to the server.
  parameter('enable-debug-command', permission, 'local', { flags: IMMUTABLE }),

  // What there is not must not be taken for granted: only the value that asks for nothing is accepted.
  parameter(
    'daemonize',
    never('the server stays in the foreground: let systemd, or nohup and &, keep it running'),
    'no',
    {
      flags: IMMUTABLE,
    },
  ),
  parameter('cluster-enabled', never('cluster mode is not supported'), 'no', { flags: IMMUTABLE }),
  parameter('replicaof', replicaOf, '', { flags: IMMUTABLE, alias: 'slaveof' }),
  parameter(
    'tls-port',
    restricted(port, (value) => refuseIf(value !== '0', "TLS needs the feature 'tls': --features tls")),
    0,
    { flags: STAND_IN },
  ),
  parameter(
    'aclfile',
    text((value) => refuseIf(value !== '', 'files of ACL users are not supported')),
    '',
    {
      flags: IMMUTABLE,
    },
  ),

  parameter('durability', choice(['always', 'everysec', 'written', 'interval', 'none']), 'everysec'),
  parameter('mutable-region-size', memory(128 * KB, REGION_MAX), 32 * MB, { flags: FIXED }),
  parameter('read-only-region-size', memory(0, REGION_MAX), 0, { flags: FIXED }),
  parameter('read-cache-size', memory(256 * KB, BigInt(BUFFER_SIZE_MAX_BYTES)), 8 * MB, { flags: FIXED }),
  parameter('metrics-port', port, 0, { flags: FIXED }),
  parameter('metrics-bind', text(), '127.0.0.1', { flags: FIXED }),
  parameter('log-format', choice(['redis', 'json']), 'redis', { flags: FIXED }),
  parameter('features', text(), '', { flags: FIXED }),
];

function refuseIf(isRefused: boolean, why: string): void {
  if (isRefused) throw new ConfigError(why);
}
