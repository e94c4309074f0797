/** HGETEX, HSETEX and HGETDEL: what redis's own tests and documentation say of them. Its 7.0 does not have them. */
import { SimClock } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestInstance, type TestClient } from '../../test/test-client.ts';

const MAX_MS = 2 ** 46;

function makeHost(): { client: TestClient; clock: SimClock; events: () => unknown[] } {
  const clock = new SimClock();
  const { connect } = makeTestInstance({}, { clock });
  const client = connect();
  const listener = connect();
  client.send('CONFIG', 'SET', 'notify-keyspace-events', 'KA');
  listener.send('HELLO', '3');
  listener.send('SUBSCRIBE', '__keyspace@0__:h');
  const events = (): unknown[] => listener.pushed.splice(0).map((message) => message[2]);
  events();
  return { client, clock, events };
}

function ttls(client: TestClient, ...fields: string[]): unknown {
  return client.send('HPTTL', 'h', 'FIELDS', String(fields.length), ...fields);
}

type Refused = [[string, ...string[]], string | RegExp][];

function refuses(commands: Refused): void {
  it.each(commands)('%s is refused', (command, error) => {
    const { client } = makeHost();
    expect(errorOf(client.send(...command))).toMatch(error);
    expect(client.send('EXISTS', 'h')).toBe(0);
  });
}

describe('HGETEX', () => {
  it('answers with values, and changes nothing unless told to', () => {
    const { client, events } = makeHost();
    expect(client.send('HGETEX', 'h', 'FIELDS', '2', 'a', 'b')).toEqual([null, null]);
    client.send('HSET', 'h', 'a', '1', 'b', 'text');
    client.send('HPEXPIRE', 'h', '500', 'FIELDS', '1', 'b');
    events();
    expect(client.send('HGETEX', 'h', 'FIELDS', '3', 'a', 'x', 'b')).toEqual(['1', null, 'text']);
    expect(ttls(client, 'a', 'b')).toEqual([-1, 500]);
    expect(events()).toEqual([]);
  });

  it('sets an expiry, takes it away, and removes what is past', () => {
    const { client, clock, events } = makeHost();
    const get = (...rest: string[]): unknown => client.send('HGETEX', 'h', ...rest);
    client.send('HSET', 'h', 'a', '1', 'b', '2', 'c', '3', 'd', '4');
    expect(get('EX', '10', 'FIELDS', '1', 'a')).toEqual(['1']);
    expect(get('px', '1500', 'fields', '1', 'b')).toEqual(['2']);
    expect(get('PXAT', String(clock.nowMs() + 700), 'FIELDS', '1', 'c')).toEqual(['3']);
    expect(get('EXAT', String(Math.ceil(clock.nowMs() / 1000) + 5), 'FIELDS', '2', 'd', 'x')).toEqual(['4', null]);
    expect(ttls(client, 'a', 'b', 'c')).toEqual([10_000, 1500, 700]);
    expect(client.send('HEXPIRETIME', 'h', 'FIELDS', '1', 'd')).toEqual([Math.ceil(clock.nowMs() / 1000) + 5]);
    events();
    expect(get('PERSIST', 'FIELDS', '2', 'a', 'b')).toEqual(['1', '2']);
    expect(get('PERSIST', 'FIELDS', '2', 'a', 'b')).toEqual(['1', '2']);
    expect(ttls(client, 'a', 'b')).toEqual([-1, -1]);
    expect(get('PX', '0', 'FIELDS', '1', 'c')).toEqual(['3']);
    expect(events()).toEqual(['hpersist', 'hdel']);
    expect(get('EXAT', '1', 'FIELDS', '3', 'a', 'b', 'd')).toEqual(['1', '2', '4']);
    expect(events()).toEqual(['hdel', 'del']);
    expect(client.send('EXISTS', 'h')).toBe(0);
  });

  it('takes out what it meets that is due', () => {
    const { client, clock, events } = makeHost();
    client.send('HSETEX', 'h', 'PX', '5', 'FIELDS', '1', 'a', '1');
    client.send('HSET', 'h', 'b', '2');
    clock.advance(10);
    events();
    expect(client.send('HGETEX', 'h', 'EX', '100', 'FIELDS', '2', 'a', 'b')).toEqual([null, '2']);
    expect(events()).toEqual(['hexpired', 'hexpire']);
    client.send('HSETEX', 'h', 'PX', '5', 'FIELDS', '1', 'b', '2');
    clock.advance(10);
    events();
    expect(client.send('HGETEX', 'h', 'FIELDS', '1', 'b')).toEqual([null]);
    expect([events(), client.send('EXISTS', 'h')]).toEqual([['hexpired', 'del'], 0]);
  });

  refuses([
    [['HGETEX', 'h', 'FIELDS', '1'], /^ERR wrong number of arguments/],
    [['HGETEX', 'h', 'XFIELDX', '1', 'a'], /^ERR Mandatory argument FIELDS is missing/],
    [['HGETEX', 'h', 'PXAT', '1', '1'], /^ERR Mandatory argument FIELDS is missing/],
    [['HGETEX', 'h', 'PERSIST', '1', 'FIELDS', '1', 'a'], /^ERR Mandatory argument FIELDS is missing/],
    [['HGETEX', 'h', 'FIELDS', '2', 'a'], /^ERR The `numfields` parameter must match/],
    [['HGETEX', 'h', 'FIELDS', '0', 'a'], 'ERR Number of fields must be a positive integer'],
    [['HGETEX', 'h', 'FIELDS', '9223372036854775808', 'a'], 'ERR Number of fields must be a positive integer'],
    [['HGETEX', 'h', 'EX', 'x', 'FIELDS', '1', 'a'], 'ERR value is not an integer or out of range'],
    [['HGETEX', 'h', 'PX', '-1', 'FIELDS', '1', 'a'], 'ERR invalid expire time, must be >= 0'],
    [['HGETEX', 'h', 'PXAT', String(MAX_MS + 100), 'FIELDS', '1', 'a'], "ERR invalid expire time in 'hgetex' command"],
  ]);
});

describe('HSETEX', () => {
  it('sets fields with an expiry, without one, or with the one that they have', () => {
    const { client, clock, events } = makeHost();
    const set = (...rest: string[]): unknown => client.send('HSETEX', 'h', ...rest);
    expect(set('FIELDS', '2', 'a', '1', 'b', '2')).toBe(1);
    expect(set('EX', '10', 'FIELDS', '1', 'a', '3')).toBe(1);
    expect(set('PXAT', String(clock.nowMs() + 50), 'FIELDS', '1', 'c', '4')).toBe(1);
    expect(ttls(client, 'a', 'b', 'c')).toEqual([10_000, -1, 50]);
    expect(events()).toEqual(['hset', 'hset', 'hexpire', 'hset', 'hexpire']);
    expect(set('KEEPTTL', 'FIELDS', '3', 'a', '5', 'b', '6', 'd', '7')).toBe(1);
    expect(ttls(client, 'a', 'b', 'd')).toEqual([10_000, -1, -1]);
    expect(set('FIELDS', '1', 'a', '8')).toBe(1);
    expect(ttls(client, 'a')).toEqual([-1]);
    expect(client.send('HMGET', 'h', 'a', 'b', 'c', 'd')).toEqual(['8', '6', '4', '7']);
    clock.advance(50);
    expect(set('KEEPTTL', 'FIELDS', '1', 'c', '9')).toBe(1);
    expect(ttls(client, 'c')).toEqual([-1]);
  });

  it('has the conditions that all fields are there, or none is', () => {
    const { client, clock } = makeHost();
    const set = (...rest: string[]): unknown => client.send('HSETEX', 'h', ...rest);
    expect([set('FXX', 'FIELDS', '1', 'a', '1'), client.send('EXISTS', 'h')]).toEqual([0, 0]);
    expect(set('FNX', 'PX', '50', 'FIELDS', '2', 'a', '1', 'b', '2')).toBe(1);
    expect(set('PX', '50', 'FNX', 'FIELDS', '2', 'b', '3', 'c', '3')).toBe(0);
    expect(set('fxx', 'FIELDS', '2', 'b', '3', 'c', '3')).toBe(0);
    expect(set('FXX', 'KEEPTTL', 'FIELDS', '2', 'a', '4', 'b', '5')).toBe(1);
    expect(client.send('HMGET', 'h', 'a', 'b', 'c')).toEqual(['4', '5', null]);
    clock.advance(50);
    expect(set('FXX', 'FIELDS', '1', 'a', '6')).toBe(0);
    expect(set('FNX', 'FIELDS', '1', 'a', '6')).toBe(1);
    expect(client.send('HGETALL', 'h')).toEqual(['a', '6']);
  });

  it('with a time that has passed removes the fields, and makes no key', () => {
    const { client, events } = makeHost();
    expect(client.send('HSETEX', 'h', 'EXAT', '1', 'FIELDS', '1', 'a', '1')).toBe(1);
    expect([client.send('EXISTS', 'h'), events()]).toEqual([0, ['hset', 'hdel', 'del']]);
    client.send('HSET', 'h', 'a', '1', 'b', '2');
    events();
    expect(client.send('HSETEX', 'h', 'PX', '0', 'FIELDS', '2', 'a', '3', 'c', '4')).toBe(1);
    expect([client.send('HGETALL', 'h'), events()]).toEqual([
      ['b', '2'],
      ['hset', 'hdel'],
    ]);
    expect(client.send('HSETEX', 'h', 'PX', '0', 'FIELDS', '1', 'b', '3')).toBe(1);
    expect([client.send('EXISTS', 'h'), events()]).toEqual([0, ['hset', 'hdel', 'del']]);
  });

  refuses([
    [['HSETEX', 'h', 'fields', '1', 'a'], /^ERR wrong number of arguments for 'hsetex' command/],
    [['HSETEX', 'h', 'fields', '2', 'a', 'b'], /^ERR wrong number of arguments/],
    [['HSETEX', 'h', 'fields', '2', 'a', 'b', 'c', 'd', 'e'], /^ERR wrong number of arguments/],
    [['HSETEX', 'h', 'fields', '1', 'a', 'b', 'c', 'd'], /^ERR wrong number of arguments/],
    [['HSETEX', 'h', 'fxx', 'ex', '1', 'a'], 'ERR unknown argument: a'],
    [['HSETEX', 'h', 'nx', 'fields', '1', 'a', 'b'], 'ERR unknown argument: nx'],
    [['HSETEX', 'h', 'fxx', 'fnx', 'fields', '1', 'a', 'b'], 'ERR Only one of FXX or FNX arguments can be specified'],
    [['HSETEX', 'h', 'fnx', 'fnx', 'fields', '1', 'a', 'b'], 'ERR Only one of FXX or FNX arguments can be specified'],
    [['HSETEX', 'h', 'EX', '1', 'PX', '1', 'fields', '1', 'a', 'b'], /^ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL/],
    [['HSETEX', 'h', 'KEEPTTL', 'EX', '1', 'fields', '1', 'a', 'b'], /^ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL/],
    [['HSETEX', 'h', 'KEEPTTL', 'KEEPTTL', 'fields', '1', 'a', 'b'], /^ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL/],
    [['HSETEX', 'h', 'ex', 'fields', '1', 'a', 'b'], 'ERR value is not an integer or out of range'],
    [['HSETEX', 'h', 'fxx', 'keepttl', 'fnx', 'ex'], 'ERR Only one of FXX or FNX arguments can be specified'],
    [['HSETEX', 'h', 'fxx', 'fields', 'x', 'ex'], /^ERR wrong number of arguments/],
    [['HSETEX', 'h', 'EXAT', '-1', '1', 'a', 'b'], 'ERR invalid expire time, must be >= 0'],
    [['HSETEX', 'h', 'PXAT', String(2 ** 48), '1', 'a', 'b'], "ERR invalid expire time in 'hsetex' command"],
    [['HSETEX', 'h', 'fields', 'x', 'a', 'b'], 'ERR invalid number of fields'],
    [['HSETEX', 'h', 'fields', '0', 'a', 'b'], 'ERR invalid number of fields'],
    [['HSETEX', 'h', 'fields', '-1', 'a', 'b'], 'ERR invalid number of fields'],
  ]);
});

describe('HGETDEL', () => {
  it('answers with values and removes the fields, and with the last one the key', () => {
    const { client, events } = makeHost();
    expect(client.send('HGETDEL', 'h', 'FIELDS', '1', 'a')).toEqual([null]);
    client.send('HSET', 'h', 'a', '1', 'b', '2', 'c', '3');
    events();
    expect(client.send('HGETDEL', 'h', 'FIELDS', '3', 'a', 'x', 'a')).toEqual(['1', null, null]);
    expect(client.send('HGETDEL', 'h', 'FIELDS', '1', 'x')).toEqual([null]);
    expect([client.send('HLEN', 'h'), events()]).toEqual([2, ['hdel']]);
    expect(client.send('HGETDEL', 'h', 'fields', '2', 'b', 'c')).toEqual(['2', '3']);
    expect([client.send('EXISTS', 'h'), events()]).toEqual([0, ['hdel', 'del']]);
  });

  it('takes out what it meets that is due', () => {
    const { client, clock, events } = makeHost();
    client.send('HSETEX', 'h', 'PX', '5', 'FIELDS', '1', 'a', '1');
    client.send('HSET', 'h', 'b', '2');
    clock.advance(10);
    events();
    expect(client.send('HGETDEL', 'h', 'FIELDS', '1', 'a')).toEqual([null]);
    expect(events()).toEqual(['hexpired']);
    expect(client.send('HGETDEL', 'h', 'FIELDS', '2', 'a', 'b')).toEqual([null, '2']);
    expect([client.send('EXISTS', 'h'), events()]).toEqual([0, ['hdel', 'del']]);
  });

  refuses([
    [['HGETDEL', 'h', 'FIELDS', '1'], /^ERR wrong number of arguments/],
    [['HGETDEL', 'h', 'XX', '1', 'a'], /^ERR Mandatory argument FIELDS is missing/],
    [['HGETDEL', 'h', 'FIELDS', '0', 'a'], 'ERR Number of fields must be a positive integer'],
    [['HGETDEL', 'h', 'FIELDS', '2', 'a'], /^ERR The `numfields` parameter must match/],
  ]);
});

it('HGETEX, HSETEX and HGETDEL are for hashes', () => {
  const { client } = makeHost();
  client.send('SET', 'h', 'text');
  for (const command of [
    ['HGETEX', 'h', 'FIELDS', '1', 'a'],
    ['HSETEX', 'h', 'FIELDS', '1', 'a', '1'],
    ['HGETDEL', 'h', 'FIELDS', '1', 'a'],
  ] as [string, ...string[]][]) {
    expect(errorOf(client.send(...command))).toMatch(/^WRONGTYPE/);
  }
});
