import { afterAll, describe, expect, it } from 'vitest';
import { type ReferenceRedis, type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';
import { Config } from './config.ts';
import { inertParameters } from './config-inert.ts';
import { ConfigError } from './config-kinds.ts';
import { liveParameters } from './config-live.ts';

/** Where Ferrite's default is another one, or redis's depends on how it was started. */
const OWN_DEFAULTS = ['appendonly', 'bind', 'dir', 'enable-debug-command', 'pidfile', 'port', 'save', 'unixsocket'];

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare with');

function textOf(reply: Reply): unknown {
  if (reply instanceof Error) return `-${reply.message}`;
  return Array.isArray(reply) ? reply.map(textOf) : String(reply);
}

/** The reply of an instance, in the same form. */
function send(client: ReturnType<typeof makeTestClient>, ...parts: string[]): unknown {
  const reply = client.send(...parts) as unknown;
  const form = (value: unknown): unknown => {
    if (value instanceof Error) return `-${value.message}`;
    return Array.isArray(value) ? value.map(form) : String(value);
  };
  return form(reply);
}

function pairsOf(flat: unknown): Map<string, string> {
  const all = flat as string[];
  return new Map(all.flatMap((name, i) => (i % 2 === 0 ? [[name, all[i + 1]] as const] : [])));
}

describe('the table of parameters', () => {
  it('names each parameter once, with a default that it takes itself', () => {
    const names = [...liveParameters, ...inertParameters].flatMap(({ name, alias }) => [name, alias]);
    const given = names.filter((name) => name !== '');
    expect(new Set(given).size).toBe(given.length);
    for (const { kind, initial } of [...liveParameters, ...inertParameters]) {
      const words = kind.takesMany === true ? initial.split(' ') : [initial];
      if (initial !== '' || kind.takesMany !== true) expect(kind.read(words, initial)).toBe(initial);
    }
  });

  it.runIf(redis !== undefined)('has all names of redis 7.0, with its defaults', async () => {
    const theirs = pairsOf(textOf(await (redis as ReferenceRedis).call('CONFIG', 'GET', '*')));
    const ours = pairsOf(send(makeTestClient(), 'CONFIG', 'GET', '*'));
    const missing = [...theirs.keys()].filter((name) => !ours.has(name));
    // Redis 7.2 hides this one.
    expect(missing.filter((name) => name !== 'aof-disable-auto-gc')).toEqual([]);
    for (const [name, value] of theirs) {
      if (!OWN_DEFAULTS.includes(name) && ours.has(name)) expect(`${name} ${ours.get(name)}`).toBe(`${name} ${value}`);
    }
  });

  it('takes each value that it shows', () => {
    const client = makeTestClient();
    for (const [name, value] of pairsOf(send(client, 'CONFIG', 'GET', '*'))) {
      const parameter = [...liveParameters, ...inertParameters].find((each) => [each.name, each.alias].includes(name));
      if (((parameter?.flags ?? 0) & 3) === 0)
        expect(`${name} ${send(client, 'CONFIG', 'SET', name, value)}`).toBe(`${name} OK`);
    }
  });
});

describe('CONFIG', () => {
  const attempts: string[][] = [
    ['SET', 'maxmemory', '1.5gb'],
    ['SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru'],
    ['GET', 'maxmemory', 'MAXMEMORY-POLICY'],
    ['SET', 'maxmemory', '1', 'maxmemory', '2'],
    ['SET', 'maxmemory', '1', 'nope', '2'],
    ['SET', 'nope', '1', 'databases', '2'],
    ['SET', 'databases', '2', 'nope', '1'],
    ['SET', 'maxmemory'],
    ['SET', 'maxmemory', '1', 'hz'],
    ['SET', 'maxmemory', '7', 'maxmemory-clients', '200%'],
    ['GET', 'maxmemory'],
    ['SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction'],
    ['SET', 'maxmemory-clients', '5%'],
    ['GET', 'maxmemory-clients'],
    ['SET', 'maxmemory-clients', '5'],
    ['SET', 'maxmemory-clients', 'x%'],
    ['SET', 'databases', '3'],
    ['SET', 'unixsocketperm', '777'],
    ['SET', 'dir', '/'],
    ['SET', 'dbfilename', 'x'],
    ['SET', 'timeout', '-1'],
    ['SET', 'timeout', '007'],
    ['SET', 'timeout', '99999999999999999999'],
    ['SET', 'maxclients', '0'],
    ['SET', 'slowlog-max-len', '9223372036854775807'],
    ['GET', 'slowlog-max-len'],
    ['SET', 'slowlog-log-slower-than', '-2'],
    ['SET', 'client-output-buffer-limit', 'replica 1mb 2k 3'],
    ['GET', 'client-output-buffer-limit'],
    ['SET', 'client-output-buffer-limit', 'pubsub 1 2 3 normal 4 5 6'],
    ['GET', 'client-output-buffer-limit'],
    ['SET', 'client-output-buffer-limit', 'normal 1 2'],
    ['SET', 'client-output-buffer-limit', 'master 1 2 3'],
    ['SET', 'client-output-buffer-limit', 'normal 1 x 3'],
    ['SET', 'client-query-buffer-limit', '1'],
    ['SET', 'save', '10 20 30 40'],
    ['GET', 'save'],
    ['SET', 'save', ''],
    ['GET', 'save'],
    ['SET', 'save', '5'],
    ['SET', 'save', '0 1'],
    ['SET', 'notify-keyspace-events', 'mEKg$'],
    ['GET', 'notify-keyspace-events'],
    ['SET', 'notify-keyspace-events', 'KEA'],
    ['GET', 'notify-keyspace-events'],
    ['SET', 'notify-keyspace-events', 'Q'],
    ['SET', 'notify-keyspace-events', ''],
    ['SET', 'shutdown-on-sigterm', 'now NOSAVE'],
    ['GET', 'shutdown-on-sigterm'],
    ['SET', 'shutdown-on-sigterm', 'save nosave'],
    ['SET', 'shutdown-on-sigterm', ''],
    ['SET', 'appendfsync', 'sometimes'],
    ['SET', 'hash-max-ziplist-entries', '7'],
    ['GET', 'hash-max-*-entries'],
    ['SET', 'repl-ping-slave-period', '3', 'repl-ping-replica-period', '4'],
    ['GET', 'repl-ping-replica-period'],
    ['SET', 'oom-score-adj-values', '1 2'],
    ['SET', 'oom-score-adj-values', '1 2 3000'],
    ['SET', 'latency-tracking-info-percentiles', '1 2.50 99.99'],
    ['GET', 'latency-tracking-info-percentiles'],
    ['SET', 'latency-tracking-info-percentiles', '101'],
    ['SET', 'latency-tracking-info-percentiles', 'x'],
    ['SET', 'hz', '1000'],
    ['GET', 'hz'],
    ['SET', 'activerehashing', 'maybe'],
    ['SET', 'proc-title-template', '{nothing}'],
    ['SET', 'cluster-announce-hostname', 'a b'],
    ['GET', 'rdb-key-save-delay'],
    ['GET', 'rdb-key-save-dela?'],
    ['GET', 'x', 'y*'],
    ['GET'],
    ['REWRITE'],
    ['RESETSTAT'],
    ['RESETSTAT', 'x'],
    ['FOO'],
  ];

  it.runIf(redis !== undefined)('answers as redis does', async () => {
    const client = makeTestClient();
    for (const attempt of attempts) {
      const theirs = textOf(await (redis as ReferenceRedis).call('CONFIG', ...attempt));
      const ours = send(client, 'CONFIG', ...attempt);
      const sorted = (reply: unknown): unknown => (Array.isArray(reply) ? [...pairsOf(reply)].sort() : reply);
      expect([attempt, sorted(ours)]).toEqual([attempt, sorted(theirs)]);
    }
  });

  it.runIf(redis !== undefined)('and SHUTDOWN refuses the same', async () => {
    const client = makeTestClient();
    for (const words of [['ABORT'], ['SAVE', 'NOSAVE'], ['LATER'], ['ABORT', 'NOW']]) {
      expect(send(client, 'SHUTDOWN', ...words)).toBe(
        textOf(await (redis as ReferenceRedis).call('SHUTDOWN', ...words)),
      );
    }
  });

  it('sets all or nothing, also where somebody refuses a value that can be read', () => {
    const { instance, connect } = makeTestInstance();
    const client = connect();
    const told: string[] = [];
    instance.config.onChange('timeout', (text) => told.push(`timeout ${text}`));
    instance.config.onChange('tcp-keepalive', () => {
      throw new ConfigError('no');
    });
    expect(send(client, 'CONFIG', 'SET', 'tcp-keepalive', '5', 'timeout', '9', 'maxmemory', '5mb')).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'tcp-keepalive') - no",
    );
    expect(send(client, 'CONFIG', 'GET', 'timeout')).toEqual(['timeout', '0']);
    expect(instance.store.reclaimer?.maxBytes).toBe(0);
    for (const text of told) expect(text).toMatch(/^timeout/);
  });

  it('takes back what is shown of a parameter that is fixed at the start, and nothing else', () => {
    const client = makeTestClient();
    expect(send(client, 'CONFIG', 'SET', 'metrics-port', '0', 'log-format', 'redis')).toBe('OK');
    expect(send(client, 'CONFIG', 'SET', 'timeout', '4', 'metrics-port', '9')).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'metrics-port') - can't set immutable config",
    );
    expect(send(client, 'CONFIG', 'GET', 'timeout')).toEqual(['timeout', '0']);
  });

  it('lets a local client set what is protected, if it may', () => {
    const config = new Config();
    config.assign('enable-protected-configs', 'local');
    expect(config.set([['dbfilename', 'x']], false)).toMatch(/can't set protected config/);
    expect(config.set([['dbfilename', 'x']], true)).toBe('');
  });

  it('keeps passwords from monitors', () => {
    const test = makeTestInstance();
    const monitor = test.connect();
    monitor.send('MONITOR');
    const row = test.instance.commands
      .find(({ name }) => name === 'config')
      ?.subcommands?.find(({ name }) => name === 'set');
    expect(row?.findSecrets).toBeDefined();
    expect(['requirepass', 'masterauth', 'maxmemory'].map((name) => test.instance.config.isSecret(name))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('RESETSTAT sets counters back', () => {
    const { instance, connect } = makeTestInstance();
    const client = connect();
    client.send('PING');
    client.send('CONFIG', 'RESETSTAT');
    // RESETSTAT itself is the first that is counted.
    expect(instance.traffic.commands).toBe(1);
  });
});
