import { SimClock, SimDevice } from '@ferrite/testing';
import { expect, it } from 'vitest';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';

function info(client: ReturnType<typeof makeTestClient>, ...sections: string[]): Map<string, string> {
  const text = String(client.send('INFO', ...sections));
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

it('shows the default sections, or those that are asked for in letters of either case', () => {
  const client = makeTestClient();
  const text = String(client.send('INFO'));
  for (const title of [
    'Server',
    'Clients',
    'Memory',
    'Persistence',
    'Stats',
    'Replication',
    'CPU',
    'Modules',
    'Ferrite',
  ]) {
    expect(text).toContain(`# ${title}\r\n`);
  }
  expect(text).not.toContain('# Commandstats');
  expect(String(client.send('INFO', 'everything'))).toContain('# Commandstats\r\n');
  const two = String(client.send('INFO', 'keySPACE', 'cpu', 'nothing'));
  expect(two.match(/# \w+/g)).toEqual(['# CPU', '# Keyspace']);
  expect(client.send('INFO', 'nothing')).toBe('');
});

it('counts hits, misses and keys', () => {
  const client = makeTestClient();
  client.send('SET', 'a', '1');
  client.send('GET', 'a');
  client.send('GET', 'none');
  client.send('SELECT', '3');
  client.send('SET', 'b', '1');
  const fields = info(client);
  expect([fields.get('keyspace_hits'), fields.get('keyspace_misses')]).toEqual(['1', '1']);
  expect([fields.get('db0'), fields.get('db3')]).toEqual(['keys=1,expires=0,avg_ttl=0', 'keys=1,expires=0,avg_ttl=0']);
  expect(fields.get('total_commands_processed')).toBe('5');
});

it('counts the changes since the last checkpoint', async () => {
  const clock = new SimClock();
  const client = makeTestInstance({}, { device: new SimDevice({ clock }), clock }).connect();
  const changes = () => Number(info(client, 'persistence').get('rdb_changes_since_last_save'));
  for (const command of ['SET', 'SET', 'SETBIT', 'SETBIT'])
    client.send(command, 'k', ...(command === 'SET' ? ['v'] : [0, 1]));
  await client.settled();
  expect(changes()).toBe(3);
  client.send('SAVE');
  expect(changes()).toBe(0);
  client.send('DEL', 'k');
  await client.settled();
  expect(changes()).toBe(1);
});

it('tells calls that ran, failed and were rejected, each by its command', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  client.send('SET', 'a', 'text');
  client.send('INCR', 'a');
  client.send('SET', 'a');
  client.send('CLIENT', 'SETNAME');
  client.send('CLIENT', 'ID');
  client.send('NOSUCH');
  const stats = info(client, 'commandstats');
  expect(stats.get('cmdstat_set')).toMatch(
    /^calls=1,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=1,failed_calls=0$/,
  );
  expect(stats.get('cmdstat_incr')).toMatch(/^calls=1,.*rejected_calls=0,failed_calls=1$/);
  expect(stats.get('cmdstat_client|setname')).toMatch(/^calls=0,.*rejected_calls=1,failed_calls=0$/);
  expect(stats.get('cmdstat_client|id')).toMatch(/^calls=1,/);
  expect(info(client, 'errorstats').get('errorstat_ERR')).toBe('count=4');
  expect(info(client, 'stats').get('total_error_replies')).toBe('4');
  instance.resetStatistics();
  expect(info(client, 'commandstats', 'errorstats').size).toBe(0);
});

it('puts an error within a transaction down to the command, and not to EXEC', () => {
  const client = makeTestClient();
  client.send('SET', 'a', 'text');
  client.send('MULTI');
  client.send('INCR', 'a');
  client.send('GET', 'a');
  client.send('EXEC');
  const stats = info(client, 'commandstats');
  expect(stats.get('cmdstat_incr')).toMatch(/^calls=1,.*failed_calls=1$/);
  expect(stats.get('cmdstat_get')).toMatch(/^calls=1,.*failed_calls=0$/);
  expect(stats.get('cmdstat_exec')).toMatch(/^calls=1,.*failed_calls=0$/);
  client.send('EXEC');
  expect(info(client, 'commandstats').get('cmdstat_exec')).toMatch(/^calls=2,.*failed_calls=1$/);
});

it('counts all commands of a long pipeline, and spreads their time', () => {
  const client = makeTestClient();
  const get = '*2\r\n$3\r\nGET\r\n$1\r\na\r\n';
  const ping = '*1\r\n$4\r\nPING\r\n';
  expect(client.sendBytes(Buffer.from((get + ping).repeat(50) + get))).toHaveLength(101);
  const stats = info(client, 'commandstats', 'latencystats');
  expect(stats.get('cmdstat_get')).toMatch(/^calls=51,/);
  expect(stats.get('cmdstat_ping')).toMatch(/^calls=50,/);
  expect(stats.get('latency_percentiles_usec_get')).toMatch(/^p50=[\d.]+,p99=[\d.]+,p99\.9=[\d.]+$/);
});

it('counts the collections that went bit by bit, those of more than 64 members', async () => {
  const { connect, driven } = makeTestInstance();
  const client = connect();
  for (let i = 0; i < 500; i++) client.send('SADD', 'large', `m${i}`);
  for (let i = 0; i < 64; i++) client.send('RPUSH', 'small', `m${i}`);
  client.send('UNLINK', 'large', 'small');
  expect(info(client, 'memory').get('lazyfreed_objects')).toBe('0');
  expect(Number(info(client, 'memory').get('lazyfree_pending_objects'))).toBeGreaterThan(0);
  while (driven.store.dropped.step());
  expect(info(client, 'memory').get('lazyfree_pending_objects')).toBe('0');
  expect(info(client, 'memory').get('lazyfreed_objects')).toBe('1');
  client.send('CONFIG', 'RESETSTAT');
  expect(info(client, 'memory').get('lazyfreed_objects')).toBe('0');
});

it('counts the keys that clients wait for', () => {
  const { connect } = makeTestInstance();
  const [one, two, three, other] = [connect(), connect(), connect(), connect()];
  const counts = (): unknown[] => {
    const fields = info(other, 'clients');
    return ['total_blocking_keys', 'total_blocking_keys_on_nokey'].map((name) => Number(fields.get(name)));
  };
  other.send('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  one.send('BLPOP', 'a', 'b', 'c', 0);
  two.send('SELECT', 1);
  two.send('BLPOP', 'a', 0);
  expect(counts()).toEqual([4, 0]);
  three.send('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>');
  expect(counts()).toEqual([5, 1]);
  other.send('CLIENT', 'UNBLOCK', one.client.id);
  expect(counts()).toEqual([2, 1]);
});
