/**
 * Redis's parameters that are accepted, remembered, shown and kept by CONFIG REWRITE, and change nothing here: they tune
 * what redis does otherwise (dumps, the append-only file, threads, encodings), or belong to what is not there (replicas,
 * clusters, TLS, scripts). `apps/docs/configuration.md` says why for each.
 */
import {
  choice,
  choices,
  ConfigError,
  integer,
  type Kind,
  memory,
  memoryOrPercent,
  oomScores,
  savePoints,
  text,
  yesNo,
} from './config-kinds.ts';
import {
  HIDDEN,
  IMMUTABLE,
  INERT,
  INT_MAX,
  LONG_MAX,
  parameter,
  type Parameter,
  permission,
  PORT_MAX,
  PROTECTED,
  SECRET,
  UINT_MAX,
} from './config-parameter.ts';

const MB = 1024 * 1024;
const FACILITIES = ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'];
const HOST_LENGTH_MAX = 256;
const HERTZ_MIN = 1;
const HERTZ_MAX = 500;

const count = integer(0, INT_MAX);
const long = integer(0, LONG_MAX);
const any = integer(-INT_MAX - 1, INT_MAX);
const port = integer(0, PORT_MAX);
const share = integer(1, 99);
const anyText = text();
const bytes = memory(0, LONG_MAX);

/** Beyond its limits it is the next that there is. */
const hertz: Kind = {
  read: (words, before) => String(Math.min(Math.max(Number(count.read(words, before)), HERTZ_MIN), HERTZ_MAX)),
};

function inert(
  name: string,
  kind: Kind,
  initial: string | number,
  { flags = 0, alias = '' }: { flags?: number; alias?: string } = {},
): Parameter {
  return parameter(name, kind, initial, { flags: flags | INERT, alias });
}

/** A name of a file without its folder. */
function fileName(what: string, thing: string, mayBeEmpty: boolean): Kind {
  return text((value) => {
    if (value === '' && !mayBeEmpty) throw new ConfigError(`${what} can't be empty`);
    if (/[/\\]/.test(value)) throw new ConfigError(`${what} can't be a path, just a ${thing}`);
  });
}

const shutdownFlags = choices(['default', 'save', 'nosave', 'now', 'force'], (found) => {
  if (!found.includes('save') || !found.includes('nosave')) return;
  throw new ConfigError("shutdown options SAVE and NOSAVE can't be used simultaneously");
});

const hostName = text((value) => {
  if (value.length >= HOST_LENGTH_MAX) {
    throw new ConfigError(`Hostnames must be less than ${HOST_LENGTH_MAX} characters`);
  }
  if (!/^[A-Za-z0-9.-]*$/.test(value)) {
    throw new ConfigError('Hostnames may only contain alphanumeric characters, hyphens or dots');
  }
});

const titleTemplate = text((value) => {
  const rest = value.replace(/\{(title|listen-addr|server-mode|port|tls-port|unixsocket|config-file)\}/g, '');
  if (/[{}]/.test(rest)) throw new ConfigError('template format is invalid or contains unknown variables');
});

export const inertParameters: readonly Parameter[] = [
  // Dumps and the append-only file: the log is both.
  inert('save', savePoints, '3600 1 300 100 60 10000'),
  inert('dbfilename', fileName('dbfilename', 'filename', true), 'dump.rdb', { flags: PROTECTED }),
  inert('rdbcompression', yesNo, 'yes'),
  inert('rdbchecksum', yesNo, 'yes', { flags: IMMUTABLE }),
  inert('rdb-del-sync-files', yesNo, 'no'),
  inert('rdb-save-incremental-fsync', yesNo, 'yes'),
  inert('rdb-key-save-delay', any, 0, { flags: HIDDEN }),
  inert('stop-writes-on-bgsave-error', yesNo, 'yes'),
  inert('sanitize-dump-payload', choice(['no', 'yes', 'clients']), 'no'),
  inert('appendfilename', fileName('appendfilename', 'filename', false), 'appendonly.aof', { flags: IMMUTABLE }),
  inert('appenddirname', fileName('appenddirname', 'dirname', false), 'appendonlydir', { flags: IMMUTABLE }),
  inert('no-appendfsync-on-rewrite', yesNo, 'no'),
  inert('auto-aof-rewrite-percentage', count, 100),
  inert('aof-load-truncated', yesNo, 'yes'),
  inert('aof-use-rdb-preamble', yesNo, 'yes'),
  inert('aof-timestamp-enabled', yesNo, 'no'),
  inert('aof-rewrite-incremental-fsync', yesNo, 'yes'),
  inert('aof-disable-auto-gc', yesNo, 'no', { flags: HIDDEN }),
  inert('key-load-delay', any, 0, { flags: HIDDEN }),
  inert('loading-process-events-interval-bytes', integer(1024, INT_MAX), 2 * MB, { flags: HIDDEN }),

  // Threads, timers and memory of the process: Node.js and the engine have their own.
  inert('hz', hertz, 10),
  inert('dynamic-hz', yesNo, 'yes'),
  inert('io-threads', integer(1, 128), 1, { flags: IMMUTABLE }),
  inert('io-threads-do-reads', yesNo, 'no', { flags: IMMUTABLE }),
  inert('server_cpulist', anyText, '', { flags: IMMUTABLE }),
  inert('bio_cpulist', anyText, '', { flags: IMMUTABLE }),
  inert('aof_rewrite_cpulist', anyText, '', { flags: IMMUTABLE }),
  inert('bgsave_cpulist', anyText, '', { flags: IMMUTABLE }),
  inert('jemalloc-bg-thread', yesNo, 'yes'),
  inert('activedefrag', yesNo, 'no'),
  inert('active-defrag-cycle-min', share, 1),
  inert('active-defrag-cycle-max', share, 25),
  inert('active-defrag-threshold-lower', integer(0, 1000), 10),
  inert('active-defrag-threshold-upper', integer(0, 1000), 100),
  inert('active-defrag-ignore-bytes', memory(1, LONG_MAX), 100 * MB),
  inert('active-defrag-max-scan-fields', integer(1, LONG_MAX), 1000),
  inert('active-expire-effort', integer(1, 10), 1),
  inert('activerehashing', yesNo, 'yes'),
  inert('lazyfree-lazy-eviction', yesNo, 'no'),
  inert('lazyfree-lazy-expire', yesNo, 'no'),
  inert('lazyfree-lazy-server-del', yesNo, 'no'),
  inert('lazyfree-lazy-user-del', yesNo, 'no'),
  inert('lazyfree-lazy-user-flush', yesNo, 'no'),
  inert('maxmemory-clients', memoryOrPercent, 0),
  inert('maxmemory-eviction-tenacity', integer(0, 100), 10),
  inert('oom-score-adj', choice(['no', 'yes', 'relative', 'absolute']), 'no'),
  inert('oom-score-adj-values', oomScores, '0 200 800'),
  inert('disable-thp', yesNo, 'yes', { flags: IMMUTABLE }),
  inert('socket-mark-id', integer(0, UINT_MAX), 0, { flags: IMMUTABLE }),
  inert('bind-source-addr', anyText, ''),
  inert('watchdog-period', count, 0, { flags: HIDDEN }),
  inert('crash-log-enabled', yesNo, 'yes'),
  inert('crash-memcheck-enabled', yesNo, 'yes'),
  inert('use-exit-on-panic', yesNo, 'no', { flags: HIDDEN }),
  inert('supervised', choice(['upstart', 'systemd', 'auto', 'no']), 'no', { flags: IMMUTABLE }),
  inert('shutdown-timeout', count, 10),
  inert('shutdown-on-sigint', shutdownFlags, 'default'),
  inert('shutdown-on-sigterm', shutdownFlags, 'default'),
  inert('syslog-enabled', yesNo, 'no', { flags: IMMUTABLE }),
  inert('syslog-ident', anyText, 'redis', { flags: IMMUTABLE }),
  inert('syslog-facility', choice(FACILITIES), 'local0', { flags: IMMUTABLE }),
  inert('always-show-logo', yesNo, 'no', { flags: IMMUTABLE }),
  inert('set-proc-title', yesNo, 'yes', { flags: IMMUTABLE }),
  inert('proc-title-template', titleTemplate, '{title} {listen-addr} {server-mode}'),
  inert('locale-collate', anyText, ''),
  inert('ignore-warnings', anyText, ''),

  // Encodings of values: the engine chooses by size.
  inert('list-max-listpack-size', any, -2, { alias: 'list-max-ziplist-size' }),
  inert('list-compress-depth', count, 0),
  inert('stream-node-max-bytes', bytes, 4096),

  // Scripts, modules and users.
  inert('busy-reply-threshold', long, 5000, { alias: 'lua-time-limit' }),
  inert('enable-module-command', permission, 'no', { flags: IMMUTABLE }),
  inert('acllog-max-len', long, 128),
  inert('acl-pubsub-default', choice(['allchannels', 'resetchannels']), 'resetchannels'),

  // Replicas.
  inert('masterauth', anyText, '', { flags: SECRET }),
  inert('masteruser', anyText, '', { flags: SECRET }),
  inert('min-replicas-max-lag', count, 10, { alias: 'min-slaves-max-lag' }),
  inert('propagation-error-behavior', choice(['ignore', 'panic', 'panic-on-replicas']), 'ignore'),
  inert('repl-backlog-size', memory(1, LONG_MAX), MB),
  inert('repl-backlog-ttl', long, 3600),
  inert('repl-disable-tcp-nodelay', yesNo, 'no'),
  inert('repl-diskless-load', choice(['disabled', 'on-empty-db', 'swapdb']), 'disabled'),
  inert('repl-diskless-sync', yesNo, 'yes'),
  inert('repl-diskless-sync-delay', count, 5),
  inert('repl-diskless-sync-max-replicas', count, 0),
  inert('repl-ping-replica-period', integer(1, INT_MAX), 10, { alias: 'repl-ping-slave-period' }),
  inert('repl-timeout', integer(1, INT_MAX), 60),
  inert('replica-announce-ip', anyText, '', { alias: 'slave-announce-ip' }),
  inert('replica-announce-port', port, 0, { alias: 'slave-announce-port' }),
  inert('replica-announced', yesNo, 'yes'),
  inert('replica-ignore-disk-write-errors', yesNo, 'no'),
  inert('replica-ignore-maxmemory', yesNo, 'yes', { alias: 'slave-ignore-maxmemory' }),
  inert('replica-lazy-flush', yesNo, 'no', { alias: 'slave-lazy-flush' }),
  inert('replica-priority', count, 100, { alias: 'slave-priority' }),
  inert('replica-read-only', yesNo, 'yes', { alias: 'slave-read-only' }),
  inert('replica-serve-stale-data', yesNo, 'yes', { alias: 'slave-serve-stale-data' }),

  // Clusters.
  inert('cluster-allow-pubsubshard-when-down', yesNo, 'yes'),
  inert('cluster-allow-reads-when-down', yesNo, 'no'),
  inert('cluster-allow-replica-migration', yesNo, 'yes'),
  inert('cluster-announce-bus-port', port, 0),
  inert('cluster-announce-hostname', hostName, ''),
  inert('cluster-announce-human-nodename', anyText, ''),
  inert('cluster-announce-ip', anyText, ''),
  inert('cluster-announce-port', port, 0),
  inert('cluster-announce-tls-port', port, 0),
  inert('cluster-config-file', anyText, 'nodes.conf', { flags: IMMUTABLE }),
  inert('cluster-link-sendbuf-limit', memory(0), 0),
  inert('cluster-migration-barrier', count, 1),
  inert('cluster-node-timeout', long, 15_000),
  inert('cluster-ping-interval', long, 0, { flags: HIDDEN }),
  inert('cluster-port', port, 0, { flags: IMMUTABLE }),
  inert('cluster-preferred-endpoint-type', choice(['ip', 'hostname', 'unknown-endpoint']), 'ip'),
  inert('cluster-replica-no-failover', yesNo, 'no', { alias: 'cluster-slave-no-failover' }),
  inert('cluster-replica-validity-factor', count, 10, { alias: 'cluster-slave-validity-factor' }),
  inert('cluster-require-full-coverage', yesNo, 'yes'),

  // TLS.
  inert('tls-auth-clients', choice(['no', 'yes', 'optional']), 'yes'),
  inert('tls-ca-cert-dir', anyText, ''),
  inert('tls-ca-cert-file', anyText, ''),
  inert('tls-cert-file', anyText, ''),
  inert('tls-ciphers', anyText, ''),
  inert('tls-ciphersuites', anyText, ''),
  inert('tls-client-cert-file', anyText, ''),
  inert('tls-client-key-file', anyText, ''),
  inert('tls-client-key-file-pass', anyText, '', { flags: SECRET }),
  inert('tls-cluster', yesNo, 'no'),
  inert('tls-dh-params-file', anyText, ''),
  inert('tls-key-file', anyText, ''),
  inert('tls-key-file-pass', anyText, '', { flags: SECRET }),
  inert('tls-prefer-server-ciphers', yesNo, 'no'),
  inert('tls-protocols', anyText, ''),
  inert('tls-replication', yesNo, 'no'),
  inert('tls-session-cache-size', count, 20 * 1024),
  inert('tls-session-cache-timeout', count, 300),
  inert('tls-session-caching', yesNo, 'yes'),
];
