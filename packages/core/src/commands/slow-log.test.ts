import { expect, it } from 'vitest';
import { makeTestInstance } from '../../test/test-client.ts';

function loggedArguments(reply: unknown): unknown[] {
  return (reply as unknown[][]).map((entry) => entry[3]);
}

it('keeps the latest commands that took as long as the threshold, with their client', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  instance.slowLog.thresholdMicros = 0;
  client.send('CLIENT', 'SETNAME', 'one');
  client.send('SLOWLOG', 'RESET');
  client.send('SET', 'a', '1');
  const [latest, before] = client.send('SLOWLOG', 'GET') as unknown[][];
  expect(latest[3]).toEqual(['SET', 'a', '1']);
  expect(latest.slice(4)).toEqual(['127.0.0.1:50000', 'one']);
  expect(before[3]).toEqual(['SLOWLOG', 'RESET']);
  expect(client.send('SLOWLOG', 'LEN')).toBe(3);
  instance.slowLog.thresholdMicros = -1;
  client.send('SET', 'a', '1');
  expect(client.send('SLOWLOG', 'LEN')).toBe(4);
});

it('logs each command of a pipeline by itself once the threshold is low', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  instance.slowLog.thresholdMicros = 0;
  client.send('PING');
  client.send('SLOWLOG', 'RESET');
  client.sendBytes(Buffer.from('*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n*1\r\n$4\r\nPING\r\n'));
  expect(loggedArguments(client.send('SLOWLOG', 'GET', '3'))).toEqual([['PING'], ['GET', 'b'], ['GET', 'a']]);
});

it('shows 32 arguments at most, and 128 bytes of each', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  instance.slowLog.thresholdMicros = 0;
  client.send('DEL', ...Array.from({ length: 33 }, (_, i) => `k${i}`));
  client.send('GET', 'x'.repeat(129));
  const [get, del] = loggedArguments(client.send('SLOWLOG', 'GET', '2')) as string[][];
  expect(get[1]).toBe(`${'x'.repeat(128)}... (1 more bytes)`);
  expect(del).toHaveLength(32);
  expect(del[31]).toBe('... (3 more arguments)');
});

it('shows no passwords, forgets the oldest, and takes counts as redis does', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  instance.slowLog.thresholdMicros = 0;
  instance.slowLog.lengthMax = 2;
  client.send('AUTH', 'user', 'secret');
  expect(loggedArguments(client.send('SLOWLOG', 'GET'))).toEqual([['AUTH', '(redacted)', '(redacted)']]);
  for (let i = 0; i < 5; i++) client.send('PING');
  expect(client.send('SLOWLOG', 'LEN')).toBe(2);
  expect(client.send('SLOWLOG', 'GET', '-1')).toHaveLength(2);
  expect(client.send('SLOWLOG', 'GET', '0')).toEqual([]);
  expect(String(client.send('SLOWLOG', 'GET', '-2'))).toContain('count should be greater than or equal to -1');
});

it('logs what EXEC ran, and not EXEC', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  client.send('MULTI');
  client.send('SET', 'a', '1');
  instance.slowLog.thresholdMicros = 0;
  client.send('EXEC');
  instance.slowLog.thresholdMicros = -1;
  expect(loggedArguments(client.send('SLOWLOG', 'GET'))).toEqual([['SET', 'a', '1']]);
});
