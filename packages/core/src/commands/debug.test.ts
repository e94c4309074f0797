import { afterAll, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';

const redis = await startReferenceRedis('--enable-debug-command', 'yes');
afterAll(() => redis?.stop());

it('DEBUG is for connections from this machine, unless it is for nobody or for all', () => {
  const { instance, connect } = makeTestInstance();
  const local = connect();
  const remote = connect();
  remote.address = '192.168.0.2:4000';
  expect(local.send('DEBUG', 'CHANGE-REPL-ID')).toBe('OK');
  expect(String(remote.send('DEBUG', 'CHANGE-REPL-ID'))).toContain('DEBUG command not allowed.');
  instance.debugging.allowedFor = 'no';
  expect(String(local.send('DEBUG', 'CHANGE-REPL-ID'))).toContain('DEBUG command not allowed.');
  instance.debugging.allowedFor = 'yes';
  expect(remote.send('DEBUG', 'CHANGE-REPL-ID')).toBe('OK');
});

it('DEBUG SLEEP holds the server, which SLOWLOG and LATENCY tell', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  instance.latency.thresholdMs = 20;
  const began = performance.now();
  expect(client.send('DEBUG', 'SLEEP', '0.05')).toBe('OK');
  expect(performance.now() - began).toBeGreaterThanOrEqual(45);
  const [entry] = client.send('SLOWLOG', 'GET') as unknown[][];
  expect(entry[3]).toEqual(['DEBUG', 'SLEEP', '0.05']);
  const [[name, , ms, longest]] = client.send('LATENCY', 'LATEST') as unknown[][];
  expect([name, ms]).toEqual(['command', longest]);
  expect(client.send('LATENCY', 'HISTORY', 'command')).toHaveLength(1);
  expect(String(client.send('LATENCY', 'DOCTOR'))).toContain('command: 1 latency spikes');
  expect(String(client.send('LATENCY', 'GRAPH', 'command'))).toMatch(/^command - high \d+ ms, low \d+ ms/);
  expect(String(client.send('LATENCY', 'GRAPH', 'none'))).toContain("No samples available for event 'none'");
  expect(client.send('LATENCY', 'RESET')).toBe(1);
  expect(client.send('LATENCY', 'LATEST')).toEqual([]);
});

it.runIf(redis !== undefined)('DEBUG DIGEST and DIGEST-VALUE are those of redis', async () => {
  const client = makeTestClient();
  const both = async (...parts: string[]) => {
    client.send(...parts);
    await redis?.call(...parts);
  };
  const check = async (...parts: string[]) => {
    const theirs = await redis?.call('DEBUG', ...parts);
    expect(client.send('DEBUG', ...parts)).toEqual(Array.isArray(theirs) ? theirs.map(String) : String(theirs));
  };
  await check('DIGEST');
  await both('SET', 'a', '1');
  await both('SET', 'b', 'text');
  await both('SET', 'c', 'x'.repeat(100_000));
  await check('DIGEST');
  await both('EXPIRE', 'a', '1000');
  await both('SELECT', '3');
  await both('SET', 'b', 'other');
  await check('DIGEST');
  await check('DIGEST-VALUE', 'a', 'b', 'none');
  await both('SELECT', '0');
  await check('DIGEST-VALUE', 'a', 'b', 'c');
});

it('DEBUG POPULATE, OBJECT, ERROR, SET-ACTIVE-EXPIRE, and what there is not', () => {
  const { driven, connect } = makeTestInstance();
  const client = connect();
  expect(client.send('DEBUG', 'POPULATE', '10', 'k', '20')).toBe('OK');
  expect(client.send('DBSIZE')).toBe(10);
  expect(client.send('GET', 'k:3')).toBe(`value:3${'\0'.repeat(13)}`);
  expect(String(client.send('DEBUG', 'OBJECT', 'k:3'))).toMatch(/^Value at:0x[0-9a-f]+ refcount:1 encoding:embstr /);
  expect((client.send('DEBUG', 'ERROR', 'MINE oh no') as { message: string }).message).toBe('MINE oh no');
  expect(client.send('DEBUG', 'SET-ACTIVE-EXPIRE', '0')).toBe('OK');
  expect(driven.store.expiresActively).toBe(false);
  expect(client.send('DEBUG', 'STRINGMATCH-LEN', 'a*c', 'abc')).toBe(1);
  expect(client.send('DEBUG', 'RELOAD')).toBe('OK');
  expect(client.send('DEBUG', 'CONFIG-REWRITE-FORCE-ALL')).toMatchObject({
    message: expect.stringMatching(/^ERR .*without a config file/),
  });
  expect(String(client.send('DEBUG', 'SEGFAULT'))).toContain('unknown subcommand or wrong number of arguments');
});
