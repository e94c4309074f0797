/** Expiry of fields, by commands: what redis's own tests and documentation say of them. Its 7.0 does not have them. */
import { SimClock } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestInstance, type TestClient } from '../../test/test-client.ts';
import { expireDue } from '../engine/expire-due.ts';
import { expireMembers } from '../engine/expire-members.ts';
import type { Store } from '../engine/store.ts';

const SECOND_MS = 1000;
const MAX_MS = 2 ** 46;

interface Host {
  client: TestClient;
  clock: SimClock;
  store: Store;
  connect(): TestClient;
  /** Time passes; nothing is taken out meanwhile. */
  wait(ms: number): void;
  /** What is due is taken out. */
  expire(): void;
}

function makeHost(): Host {
  const clock = new SimClock();
  const { instance, connect } = makeTestInstance({}, { clock });
  const { store } = instance;
  const expire = (): void => {
    expireDue(store, 1);
    expireMembers(store, 1);
  };
  return { client: connect(), clock, store, connect, wait: (ms) => clock.advance(ms), expire };
}

/** Fields with their values, in one order. */
function pairs(reply: unknown): string[] {
  const items = reply as string[];
  return items.flatMap((field, i) => (i % 2 === 0 ? [`${field}=${items[i + 1]}`] : [])).sort();
}

describe('HEXPIRE and its kin', () => {
  it('answer for each field whether it is there, the condition is met, and the time has passed', () => {
    const { client, clock } = makeHost();
    const nowMs = clock.nowMs();
    expect(client.send('HEXPIRE', 'none', '10', 'FIELDS', '2', 'a', 'b')).toEqual([-2, -2]);
    client.send('HSET', 'h', 'a', '1', 'b', '2', 'c', '3', 'd', '4');
    expect(client.send('HEXPIRE', 'h', '100', 'FIELDS', '3', 'a', 'x', 'b')).toEqual([1, -2, 1]);
    expect(client.send('HTTL', 'h', 'FIELDS', '4', 'a', 'b', 'c', 'x')).toEqual([100, 100, -1, -2]);
    expect(client.send('HPTTL', 'h', 'FIELDS', '1', 'a')).toEqual([100 * SECOND_MS]);
    expect(client.send('HPEXPIRETIME', 'h', 'FIELDS', '1', 'a')).toEqual([nowMs + 100 * SECOND_MS]);
    expect(client.send('HEXPIRETIME', 'h', 'FIELDS', '1', 'a')).toEqual([Math.ceil(nowMs / SECOND_MS) + 100]);
    expect(client.send('HPEXPIREAT', 'h', String(nowMs + 1500), 'FIELDS', '1', 'c')).toEqual([1]);
    expect(client.send('HTTL', 'h', 'FIELDS', '1', 'c')).toEqual([2]);
    expect(client.send('HEXPIREAT', 'h', '1', 'FIELDS', '2', 'd', 'd')).toEqual([2, -2]);
    expect(client.send('HPEXPIRE', 'h', '0', 'FIELDS', '1', 'c')).toEqual([2]);
    expect(pairs(client.send('HGETALL', 'h'))).toEqual(['a=1', 'b=2']);
    expect(client.send('HEXPIRE', 'h', '0', 'FIELDS', '2', 'a', 'b')).toEqual([2, 2]);
    expect(client.send('EXISTS', 'h')).toBe(0);
  });

  it('have conditions: NX, XX, GT and LT, no expiry being the latest', () => {
    const { client } = makeHost();
    const expire = (...rest: string[]): unknown => client.send('HPEXPIRE', 'h', ...rest);
    client.send('HSET', 'h', 'a', '1', 'b', '2', 'c', '3');
    expect(expire('1000', 'NX', 'FIELDS', '1', 'a')).toEqual([1]);
    expect(expire('2000', 'NX', 'FIELDS', '2', 'a', 'b')).toEqual([0, 1]);
    expect(expire('3000', 'XX', 'FIELDS', '2', 'a', 'c')).toEqual([1, 0]);
    expect(expire('2500', 'GT', 'FIELDS', '3', 'a', 'b', 'c')).toEqual([0, 1, 0]);
    expect(expire('2500', 'lt', 'fields', '3', 'a', 'b', 'c')).toEqual([1, 0, 1]);
    expect(client.send('HPTTL', 'h', 'FIELDS', '3', 'a', 'b', 'c')).toEqual([2500, 2500, 2500]);
    // A condition that is not met keeps a field that would have gone.
    expect(expire('0', 'GT', 'FIELDS', '1', 'a')).toEqual([0]);
    expect(expire('0', 'LT', 'FIELDS', '1', 'a')).toEqual([2]);
  });

  it.each([
    [['HEXPIRE', 'h', '-1', 'FIELDS', '1', 'a'], 'ERR invalid expire time, must be >= 0'],
    [['HEXPIRE', 'h', '-9223372036854775808', 'FIELDS', '1', 'a'], 'ERR invalid expire time, must be >= 0'],
    [['HEXPIRE', 'h', '281474976710', 'FIELDS', '1', 'a'], "ERR invalid expire time in 'hexpire' command"],
    [['HEXPIRE', 'h', '9223372036854775807', 'FIELDS', '1', 'a'], "ERR invalid expire time in 'hexpire' command"],
    [['HPEXPIRE', 'h', String(MAX_MS), 'FIELDS', '1', 'a'], "ERR invalid expire time in 'hpexpire' command"],
    [['HPEXPIREAT', 'h', String(MAX_MS), 'FIELDS', '1', 'a'], "ERR invalid expire time in 'hpexpireat' command"],
    [['HEXPIRE', 'h', 'x', 'FIELDS', '1', 'a'], 'ERR value is not an integer or out of range'],
    [['HEXPIRE', 'h', '1', 'FIELD', '1', 'a'], /^ERR Mandatory argument FIELDS is missing/],
    [['HEXPIRE', 'h', '1', 'NX', 'FIELD', '1', 'a'], /^ERR Mandatory argument FIELDS is missing/],
    [['HEXPIRE', 'h', '1', 'NX', 'XX', 'FIELDS', '1', 'a'], /^ERR Mandatory argument FIELDS is missing/],
    [['HEXPIRE', 'h', '1', 'FIELDS', '0', 'a'], 'ERR Parameter `numFields` should be greater than 0'],
    [['HEXPIRE', 'h', '1', 'FIELDS', 'x', 'a'], 'ERR Parameter `numFields` should be greater than 0'],
    [['HEXPIRE', 'h', '1', 'FIELDS', '2', 'a'], /^ERR The `numfields` parameter must match the number of arguments/],
    [['HEXPIRE', 'h', '1', 'FIELDS', '1', 'a', 'b'], /^ERR The `numfields` parameter must match/],
    [['HEXPIRE', 'h', '1', 'FIELDS', '1'], /^ERR wrong number of arguments/],
    [['HTTL', 'h', 'FIELDS', '0', 'a'], 'ERR Number of fields must be a positive integer'],
    [['HTTL', 'h', 'FIELDS', '2', 'a'], /^ERR The `numfields` parameter must match/],
    [['HPERSIST', 'h', 'FIELDS', '1'], /^ERR wrong number of arguments/],
    [['HPERSIST', 'h', 'FIELDS', '-1', 'a'], 'ERR Number of fields must be a positive integer'],
    [['HPERSIST', 'h', 'XX', '1', 'a'], /^ERR Mandatory argument FIELDS is missing/],
  ] as [[string, ...string[]], string | RegExp][])('%s is refused', (command, error) => {
    const { client } = makeHost();
    client.send('HSET', 'h', 'a', '1');
    expect(errorOf(client.send(...command))).toMatch(error);
    client.send('SET', 'h', 'text');
    const onText = errorOf(client.send(...command));
    expect(onText.startsWith('WRONGTYPE') || onText.startsWith('ERR wrong number')).toBe(true);
  });

  it('take a time up to the limit that redis has', () => {
    const { client, clock } = makeHost();
    client.send('HSET', 'h', 'a', '1');
    const most = MAX_MS - 1 - clock.nowMs();
    expect(client.send('HPEXPIRE', 'h', String(most), 'FIELDS', '1', 'a')).toEqual([1]);
    expect(client.send('HPEXPIRETIME', 'h', 'FIELDS', '1', 'a')).toEqual([MAX_MS - 1]);
    expect(errorOf(client.send('HPEXPIRE', 'h', String(most + 1), 'FIELDS', '1', 'a'))).toMatch('invalid expire time');
  });
});

describe('HPERSIST', () => {
  it('takes expiries away', () => {
    const { client, wait, expire } = makeHost();
    expect(client.send('HPERSIST', 'none', 'FIELDS', '1', 'a')).toEqual([-2]);
    client.send('HSET', 'h', 'a', '1', 'b', '2');
    client.send('HPEXPIRE', 'h', '50', 'FIELDS', '1', 'a');
    expect(client.send('HPERSIST', 'h', 'FIELDS', '3', 'a', 'b', 'x')).toEqual([1, -1, -2]);
    wait(100);
    expire();
    expect(pairs(client.send('HGETALL', 'h'))).toEqual(['a=1', 'b=2']);
    expect(client.send('HTTL', 'h', 'FIELDS', '1', 'a')).toEqual([-1]);
  });
});

describe('a field whose time is over', () => {
  it('is not there for any command, before it is taken out', () => {
    const { client, wait } = makeHost();
    client.send('HSET', 'h', 'a', '1', 'b', '2', 'c', '3');
    client.send('HPEXPIRE', 'h', '10', 'FIELDS', '2', 'a', 'b');
    wait(10);
    expect([client.send('HGET', 'h', 'a'), client.send('HEXISTS', 'h', 'a'), client.send('HSTRLEN', 'h', 'a')]).toEqual(
      [null, 0, 0],
    );
    expect(client.send('HMGET', 'h', 'a', 'c')).toEqual([null, '3']);
    expect([client.send('HGETALL', 'h'), client.send('HKEYS', 'h'), client.send('HVALS', 'h')]).toEqual([
      ['c', '3'],
      ['c'],
      ['3'],
    ]);
    expect(client.send('HLEN', 'h')).toBe(1);
    expect(client.send('HSCAN', 'h', '0')).toEqual(['0', ['c', '3']]);
    expect([client.send('HRANDFIELD', 'h'), client.send('HRANDFIELD', 'h', '5')]).toEqual(['c', ['c']]);
    expect(client.send('HRANDFIELD', 'h', '-3')).toEqual(['c', 'c', 'c']);
    expect(client.send('HTTL', 'h', 'FIELDS', '2', 'a', 'c')).toEqual([-2, -1]);
    expect(client.send('HEXPIRE', 'h', '10', 'FIELDS', '1', 'a')).toEqual([-2]);
    expect(client.send('HPERSIST', 'h', 'FIELDS', '1', 'a')).toEqual([-2]);
    expect(client.send('HDEL', 'h', 'a')).toBe(0);
    expect(client.send('SORT', 'none', 'BY', 'h->a')).toEqual([]);
  });

  it('can be set anew, and counts as new and as 0', () => {
    const { client, wait, expire } = makeHost();
    client.send('HSET', 'h', 'a', '1', 'b', '2', 'c', '3', 'd', '4', 'stay', '5');
    client.send('HPEXPIRE', 'h', '10', 'FIELDS', '4', 'a', 'b', 'c', 'd');
    wait(20);
    expect(client.send('HSET', 'h', 'a', '9')).toBe(1);
    expect(client.send('HSETNX', 'h', 'b', '9')).toBe(1);
    expect(client.send('HINCRBY', 'h', 'c', '2')).toBe(2);
    expect(client.send('HINCRBYFLOAT', 'h', 'd', '2.5')).toBe('2.5');
    wait(100);
    expire();
    expect(client.send('HLEN', 'h')).toBe(5);
    expect(client.send('HTTL', 'h', 'FIELDS', '4', 'a', 'b', 'c', 'd')).toEqual([-1, -1, -1, -1]);
  });

  it('is taken out soon, and with the last one the key', () => {
    const { client, store, wait, expire } = makeHost();
    for (let i = 0; i < 200; i++) client.send('HSET', `h${i % 3}`, `f${i}`, 'v');
    client.send('HSET', 'h0', 'stay', 'v');
    for (let i = 0; i < 200; i++) client.send('HPEXPIRE', `h${i % 3}`, '100', 'FIELDS', '1', `f${i}`);
    wait(200);
    expect(client.send('DBSIZE')).toBe(3);
    expire();
    expect(client.send('KEYS', '*')).toEqual(['h0']);
    expect(client.send('HGETALL', 'h0')).toEqual(['stay', 'v']);
    expect(store.counters.expiredMembers).toBe(200);
    expect(String(client.send('INFO', 'stats'))).toMatch('expired_subkeys:200');
  });

  it('stays while expiry is switched off, hidden', () => {
    const { client, wait } = makeHost();
    client.send('HSET', 'h', 'a', '1');
    client.send('HPEXPIRE', 'h', '10', 'FIELDS', '1', 'a');
    wait(20);
    expect([client.send('EXISTS', 'h'), client.send('HGETALL', 'h'), client.send('HLEN', 'h')]).toEqual([1, [], 0]);
    expect([client.send('HRANDFIELD', 'h'), client.send('HRANDFIELD', 'h', '2'), client.send('DUMP', 'h')]).toEqual([
      null,
      [],
      null,
    ]);
  });

  it('does not live longer than its key, nor the key longer than it', () => {
    const { client, wait, expire } = makeHost();
    client.send('HSET', 'h', 'a', '1');
    client.send('HPEXPIRE', 'h', '1000', 'FIELDS', '1', 'a');
    client.send('PEXPIRE', 'h', '10');
    client.send('HSET', 'k', 'a', '1', 'b', '2');
    client.send('HPEXPIRE', 'k', '10', 'FIELDS', '2', 'a', 'b');
    client.send('PEXPIRE', 'k', '1000');
    wait(100);
    expire();
    expect([client.send('EXISTS', 'h'), client.send('EXISTS', 'k'), client.send('DBSIZE')]).toEqual([0, 0, 0]);
    wait(2000);
    expire();
  });
});

describe('an expiry of a field', () => {
  it('goes with HSET, and stays with HINCRBY and HINCRBYFLOAT', () => {
    const { client } = makeHost();
    client.send('HSET', 'h', 'a', '1', 'b', '2', 'c', '3');
    client.send('HEXPIRE', 'h', '100', 'FIELDS', '3', 'a', 'b', 'c');
    client.send('HSET', 'h', 'a', '5');
    client.send('HINCRBY', 'h', 'b', '1');
    client.send('HINCRBYFLOAT', 'h', 'c', '1');
    expect(client.send('HTTL', 'h', 'FIELDS', '3', 'a', 'b', 'c')).toEqual([-1, 100, 100]);
    expect(pairs(client.send('HGETALL', 'h'))).toEqual(['a=5', 'b=3', 'c=4']);
  });

  it('goes along with RENAME, COPY, MOVE, SWAPDB, and DUMP with RESTORE', () => {
    const { client, wait, expire } = makeHost();
    client.send('HSET', 'h', 'a', '1', 'b', '2');
    client.send('HPEXPIRE', 'h', '100', 'FIELDS', '1', 'a');
    client.send('COPY', 'h', 'copied');
    client.send('COPY', 'h', 'moved');
    client.send('COPY', 'h', 'swapped', 'DB', '2');
    client.send('RESTORE', 'restored', '0', client.send('DUMP', 'h') as string);
    client.send('MOVE', 'moved', '1');
    client.send('RENAME', 'h', 'renamed');
    client.send('SWAPDB', '2', '3');
    const places: [string, string][] = [
      ['0', 'renamed'],
      ['0', 'copied'],
      ['0', 'restored'],
      ['1', 'moved'],
      ['3', 'swapped'],
    ];
    for (const [database, key] of places) {
      client.send('SELECT', database);
      expect([key, client.send('HPTTL', key, 'FIELDS', '2', 'a', 'b')]).toEqual([key, [100, -1]]);
    }
    wait(200);
    expire();
    for (const [database, key] of places) {
      client.send('SELECT', database);
      expect([key, client.send('HGETALL', key)]).toEqual([key, ['b', '2']]);
    }
  });

  it('shows in the encoding and the digest, for good and while it is there', () => {
    const { client } = makeHost();
    client.send('HSET', 'h', 'a', '1');
    client.send('HSET', 'same', 'a', '1');
    const digest = (): unknown => client.send('DEBUG', 'DIGEST-VALUE', 'h', 'same');
    expect(client.send('OBJECT', 'ENCODING', 'h')).toBe('listpack');
    client.send('HEXPIRE', 'h', '100', 'FIELDS', '1', 'a');
    expect(client.send('OBJECT', 'ENCODING', 'h')).toBe('listpackex');
    const [ours, same] = digest() as string[];
    expect(ours).not.toBe(same);
    client.send('HPERSIST', 'h', 'FIELDS', '1', 'a');
    expect((digest() as string[])[0]).toBe(same);
    expect(client.send('OBJECT', 'ENCODING', 'h')).toBe('listpackex');
    client.send('CONFIG', 'SET', 'hash-max-listpack-entries', '0');
    expect(client.send('OBJECT', 'ENCODING', 'h')).toBe('hashtable');
  });
});

describe('who watches', () => {
  it('is told by keyspace events', () => {
    const { client, connect, wait, expire } = makeHost();
    const listener = connect();
    client.send('CONFIG', 'SET', 'notify-keyspace-events', 'KA');
    listener.send('HELLO', '3');
    listener.send('SUBSCRIBE', '__keyspace@0__:h');
    const events = (): unknown[] => listener.pushed.splice(0).map((message) => message[2]);
    events();
    client.send('HSET', 'h', 'a', '1', 'b', '2', 'c', '3', 'd', '4');
    client.send('HEXPIRE', 'h', '100', 'FIELDS', '2', 'a', 'b');
    client.send('HEXPIRE', 'h', '100', 'NX', 'FIELDS', '2', 'a', 'x');
    client.send('HPERSIST', 'h', 'FIELDS', '2', 'a', 'c');
    client.send('HPERSIST', 'h', 'FIELDS', '1', 'a');
    client.send('HEXPIRE', 'h', '0', 'FIELDS', '2', 'b', 'a');
    expect(events()).toEqual(['hset', 'hexpire', 'hpersist', 'hdel']);
    client.send('HPEXPIRE', 'h', '10', 'FIELDS', '1', 'c');
    wait(100);
    expire();
    expect(events()).toEqual(['hexpire', 'hexpired']);
    client.send('HPEXPIRE', 'h', '10', 'FIELDS', '1', 'd');
    wait(100);
    expire();
    expect(events()).toEqual(['hexpire', 'hexpired', 'del']);
    client.send('HSET', 'h', 'a', '1');
    client.send('HEXPIRE', 'h', '0', 'FIELDS', '1', 'a');
    expect(events()).toEqual(['hset', 'hdel', 'del']);
  });

  it('with WATCH sees an expiry set, taken away and reached', () => {
    const { client, connect, wait, expire } = makeHost();
    const other = connect();
    const isUntouched = (change: () => void): boolean => {
      client.send('WATCH', 'h');
      change();
      client.send('MULTI');
      return client.send('EXEC') !== null;
    };
    other.send('HSET', 'h', 'a', '1', 'b', '2');
    expect(isUntouched(() => other.send('HTTL', 'h', 'FIELDS', '1', 'a'))).toBe(true);
    expect(isUntouched(() => other.send('HEXPIRE', 'h', '9', 'XX', 'FIELDS', '1', 'a'))).toBe(true);
    expect(isUntouched(() => other.send('HPEXPIRE', 'h', '90', 'FIELDS', '1', 'a'))).toBe(false);
    expect(isUntouched(() => other.send('HPERSIST', 'h', 'FIELDS', '1', 'a'))).toBe(false);
    other.send('HPEXPIRE', 'h', '90', 'FIELDS', '1', 'a');
    wait(200);
    expect(isUntouched(expire)).toBe(false);
  });
});
