/** Commands that read and change parts of strings, against what redis answers. */
import { expect, it } from 'vitest';
import { logEvents } from '../../test/event-log.ts';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';
import { ReplyError } from '../protocol/reply-parser.ts';

const LARGE = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251)).toString('latin1');
const TOO_LONG = new ReplyError('ERR string exceeds maximum allowed size (proto-max-bulk-len)');

it('APPEND makes and lengthens a string', () => {
  const instance = makeTestInstance();
  const events = logEvents(instance);
  const client = instance.connect();
  expect(client.send('APPEND', 'k', 'foo')).toBe(3);
  expect(client.send('APPEND', 'k', 'bar')).toBe(6);
  expect(client.send('APPEND', 'k', '')).toBe(6);
  expect(client.send('APPEND', 'k', LARGE)).toBe(100_006);
  expect(client.send('APPEND', 'k', 'end')).toBe(100_009);
  expect(client.send('GET', 'k')).toBe(`foobar${LARGE}end`);
  expect(client.send('STRLEN', 'k')).toBe(100_009);
  expect(events.take()).toEqual(new Array(5).fill('append k'));
  expect([client.send('APPEND', 'empty', ''), client.send('EXISTS', 'empty')]).toEqual([0, 1]);
});

it('GETRANGE and SUBSTR count from either end', () => {
  const client = makeTestClient();
  for (const value of ['Hello World', LARGE]) {
    client.send('SET', 'k', value);
    const { length } = value;
    for (const [start, end] of [
      [0, 3],
      [0, -1],
      [-4, -1],
      [5, 3],
      [5, 500_000],
      [-500_000, 2],
      [-1, -5],
      [3, 3],
    ]) {
      const from = start < 0 ? Math.max(0, length + start) : start;
      const until = (end < 0 ? Math.max(0, length + end) : end) + 1;
      const expected = start < 0 && end < 0 && start > end ? '' : value.slice(from, Math.max(from, until));
      expect(client.send('GETRANGE', 'k', start, end), `${start} ${end}`).toBe(expected);
      expect(client.send('SUBSTR', 'k', start, end)).toBe(expected);
    }
  }
  expect(client.send('GETRANGE', 'k', '-9223372036854775808', '9223372036854775807')).toBe(LARGE);
  expect(client.send('GETRANGE', 'other', 0, -1)).toBe('');
  expect(client.send('GETRANGE', 'k', 'x', 0)).toEqual(new ReplyError('ERR value is not an integer or out of range'));
});

it('SETRANGE overwrites, lengthens, and fills gaps with zeros', () => {
  const instance = makeTestInstance();
  const events = logEvents(instance);
  const client = instance.connect();
  expect(client.send('SETRANGE', 'k', 2, '')).toBe(0);
  expect(client.send('EXISTS', 'k')).toBe(0);
  expect(events.take()).toEqual([]);
  expect(client.send('SETRANGE', 'k', 2, 'foo')).toBe(5);
  expect(client.send('SETRANGE', 'k', 1, 'XY')).toBe(5);
  expect(client.send('SETRANGE', 'k', 7, 'z')).toBe(8);
  expect(client.send('SETRANGE', 'k', 70, '')).toBe(8);
  expect(client.send('GET', 'k')).toBe('\x00XYoo\x00\x00z');
  expect(events.take()).toEqual(new Array(3).fill('setrange k'));
});

it('SETRANGE changes large values, wherever its bytes fall', () => {
  const client = makeTestClient();
  const chunk = 16_384;
  const cases = [
    [0, 3],
    [chunk - 1, 2],
    [chunk, chunk],
    [5, 3 * chunk],
    [99_990, 10],
    [99_990, 20],
    [150_000, 5],
    [200_000, 2 * chunk],
  ];
  for (const start of ['', 'short', LARGE]) {
    let expected = Buffer.from(start, 'latin1');
    client.send('SET', 'k', start);
    for (const [offset, length] of cases) {
      const patch = Buffer.alloc(length, `<${offset}>`);
      expected = Buffer.concat([expected, Buffer.alloc(Math.max(0, offset + length - expected.length))]);
      patch.copy(expected, offset);
      expect(client.send('SETRANGE', 'k', offset, patch)).toBe(expected.length);
      expect(client.send('GET', 'k') === expected.toString('latin1'), `${start.length}: ${offset} ${length}`).toBe(
        true,
      );
    }
  }
});

it('strings have a limit, and a far offset takes no memory', () => {
  const { connect, driven } = makeTestInstance();
  const client = connect();
  expect(client.send('SETRANGE', 'k', 536_870_912, 'x')).toEqual(TOO_LONG);
  expect(client.send('SETRANGE', 'k', '9223372036854775807', 'x')).toEqual(TOO_LONG);
  expect(client.send('SETRANGE', 'k', -1, 'x')).toEqual(new ReplyError('ERR offset is out of range'));
  expect(client.send('EXISTS', 'k')).toBe(0);
  expect(client.send('SETRANGE', 'k', 536_870_911, 'x')).toBe(536_870_912);
  expect(client.send('APPEND', 'k', 'x')).toEqual(TOO_LONG);
  expect(client.send('GETRANGE', 'k', 536_870_910, -1)).toBe('\x00x');
  expect(driven.store.log.memory.bytesHeld).toBeLessThan(32 * 1024 * 1024);
});

it('changing a range keeps the expiry', () => {
  const clock = { now: 1_700_000_000_000, nowMs: () => clock.now, monotonicMs: () => clock.now };
  const client = makeTestInstance({}, { clock }).connect();
  for (const value of ['v', LARGE]) {
    client.send('SET', 'k', value, 'PX', 100);
    client.send('APPEND', 'k', 'a');
    client.send('SETRANGE', 'k', 0, 'b');
    client.send('SETBIT', 'k', 9, 1);
    client.send('SETRANGE', 'k', 200_000, 'b');
    expect(client.send('STRLEN', 'k')).toBe(200_001);
    clock.now += 100;
    expect(client.send('STRLEN', 'k')).toBe(0);
  }
});

it('a value written in part has the encoding raw, until it is written as a whole', async () => {
  const client = makeTestClient();
  const encoding = (key = 'k') => client.send('OBJECT', 'ENCODING', key);
  const encodings = (...commands: string[]) =>
    commands.map((each) => {
      client.send(...(each.split(' ') as [string]));
      return encoding();
    });
  expect(encodings('APPEND k 12', 'APPEND k 3', 'INCR k', 'SETRANGE k 0 9', 'DECRBY k 1')).toEqual([
    'int',
    'raw',
    'int',
    'raw',
    'int',
  ]);
  expect(encodings('SETBIT k 6 1', 'SET k abc', 'SETRANGE k 0 x', 'SETRANGE k 9 x', 'GETSET k 1')).toEqual([
    'raw',
    'embstr',
    'raw',
    'raw',
    'int',
  ]);
  expect(encodings('APPEND k 2', 'EXPIRE k 100', 'PERSIST k')).toEqual(['raw', 'raw', 'raw']);
  client.send('COPY', 'k', 'copy');
  client.send('RENAME', 'k', 'renamed');
  expect([encoding('copy'), encoding('renamed'), client.send('OBJECT', 'REFCOUNT', 'copy')]).toEqual(['raw', 'raw', 1]);
  expect([client.send('GET', 'copy'), client.send('SETRANGE', 'new', 0, '1'), encoding('new')]).toEqual([
    '12',
    1,
    'raw',
  ]);
});
