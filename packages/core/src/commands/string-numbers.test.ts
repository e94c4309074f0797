/** Commands that take strings for numbers, against what redis answers. */
import { expect, it } from 'vitest';
import { logEvents } from '../../test/event-log.ts';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';
import { ReplyError } from '../protocol/reply-parser.ts';

const OVERFLOW = new ReplyError('ERR increment or decrement would overflow');
const NOT_AN_INTEGER = new ReplyError('ERR value is not an integer or out of range');

it('INCR, DECR, INCRBY and DECRBY add to an integer, from 0 where there is none', () => {
  const instance = makeTestInstance();
  const events = logEvents(instance);
  const client = instance.connect();
  expect(client.send('INCR', 'k')).toBe(1);
  expect(client.send('INCRBY', 'k', 2_147_483_647)).toBe(2_147_483_648);
  expect(client.send('DECRBY', 'k', '9007199254740991')).toBe(-9007197107257343);
  expect(client.send('DECR', 'k')).toBe(-9007197107257344);
  expect(client.send('GET', 'k')).toBe('-9007197107257344');
  expect(events.take()).toEqual(new Array(4).fill('incrby k'));
});

it('they know all integers of 64 bits and no more', () => {
  const client = makeTestClient();
  client.send('SET', 'k', '9223372036854775806');
  expect(client.send('INCR', 'k')).toBe(9223372036854775807n);
  expect(client.send('INCR', 'k')).toEqual(OVERFLOW);
  client.send('SET', 'k', '-9223372036854775807');
  expect(client.send('DECR', 'k')).toBe(-9223372036854775808n);
  expect(client.send('DECRBY', 'k', 1)).toEqual(OVERFLOW);
  expect(client.send('INCRBY', 'k', '9223372036854775807')).toBe(-1);
  expect(client.send('DECRBY', 'k', '-9223372036854775808')).toEqual(new ReplyError('ERR decrement would overflow'));
  expect(client.send('INCRBY', 'k', '9223372036854775808')).toEqual(NOT_AN_INTEGER);
  expect(client.send('GET', 'k')).toBe('-1');
});

it.each(['', ' 1', '1 ', '01', '+1', '1.0', 'a', '9223372036854775808', 'x'.repeat(100_000)])(
  'a value like %.10s is no integer',
  (value) => {
    const client = makeTestClient();
    client.send('SET', 'k', value);
    expect(client.send('INCR', 'k')).toEqual(NOT_AN_INTEGER);
    expect(client.send('GET', 'k')).toBe(value);
  },
);

it('a counter keeps its expiry, and leaves no entries of it behind', () => {
  const clock = { now: 1_700_000_000_000, nowMs: () => clock.now, monotonicMs: () => clock.now };
  const { connect, driven } = makeTestInstance({}, { clock });
  const client = connect();
  client.send('SET', 'k', 5, 'PX', 100);
  for (let i = 0; i < 50; i++) client.send('INCR', 'k');
  client.send('INCRBYFLOAT', 'k', '0.5');
  expect(driven.store.wheel.size).toBeLessThan(5);
  expect(client.send('GET', 'k')).toBe('55.5');
  clock.now += 100;
  expect(client.send('GET', 'k')).toBe(null);
});

it('INCRBYFLOAT adds with 17 decimals', () => {
  const instance = makeTestInstance();
  const events = logEvents(instance);
  const client = instance.connect();
  expect(client.send('INCRBYFLOAT', 'k', '10.50')).toBe('10.5');
  expect(client.send('INCRBYFLOAT', 'k', '0.1')).toBe('10.6');
  expect(client.send('INCRBYFLOAT', 'k', '-5e3')).toBe('-4989.39999999999999991');
  expect(client.send('GET', 'k')).toBe('-4989.39999999999999991');
  expect(events.take()).toEqual(new Array(3).fill('incrbyfloat k'));
});

it('INCRBYFLOAT refuses what is no float, and sums that are none', () => {
  const client = makeTestClient();
  const notAFloat = new ReplyError('ERR value is not a valid float');
  client.send('SET', 'k', '1');
  for (const by of ['', 'x', ' 1', '1 ', 'nan']) expect(client.send('INCRBYFLOAT', 'k', by)).toEqual(notAFloat);
  expect(client.send('INCRBYFLOAT', 'k', '+inf')).toEqual(
    new ReplyError('ERR increment would produce NaN or Infinity'),
  );
  for (const value of ['', 'x', '1 ', '1'.repeat(100_000)]) {
    client.send('SET', 'k', value);
    expect(client.send('INCRBYFLOAT', 'k', 1)).toEqual(notAFloat);
  }
});
