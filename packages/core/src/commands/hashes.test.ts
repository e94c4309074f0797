/** Commands on hashes. */
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestClient } from '../../test/test-client.ts';

function sorted(reply: unknown): string[] {
  return (reply as string[]).map(String).sort();
}

describe('hashes', () => {
  it('keep what was set, and tell new fields from old ones', () => {
    const client = makeTestClient();
    expect(client.send('HSET', 'h', 'a', '1', 'b', '2')).toBe(2);
    expect(client.send('HSET', 'h', 'a', '3', 'c', '4')).toBe(1);
    expect(client.send('HGET', 'h', 'a')).toBe('3');
    expect(client.send('HGET', 'h', 'x')).toBeNull();
    expect(client.send('HMGET', 'h', 'c', 'x', 'b')).toEqual(['4', null, '2']);
    expect(client.send('HLEN', 'h')).toBe(3);
    expect(sorted(client.send('HKEYS', 'h'))).toEqual(['a', 'b', 'c']);
    expect(sorted(client.send('HVALS', 'h'))).toEqual(['2', '3', '4']);
    expect(sorted(client.send('HGETALL', 'h'))).toEqual(['2', '3', '4', 'a', 'b', 'c']);
    expect(client.send('HEXISTS', 'h', 'b')).toBe(1);
    expect(client.send('HSTRLEN', 'h', 'b')).toBe(1);
    expect(client.send('HSETNX', 'h', 'b', 'no')).toBe(0);
    expect(client.send('HSETNX', 'h', 'd', 'yes')).toBe(1);
    expect(client.send('HMSET', 'h', 'e', '5')).toBe('OK');
    expect(client.send('TYPE', 'h')).toBe('hash');
    expect(client.send('OBJECT', 'ENCODING', 'h')).toBe('listpack');
    expect(client.send('MEMORY', 'USAGE', 'h')).toBeGreaterThan(50);
  });

  it('are called a table by the thresholds that are set, and stay one', () => {
    const client = makeTestClient();
    const encoding = (): unknown => client.send('OBJECT', 'ENCODING', 'h');
    client.send('CONFIG', 'SET', 'hash-max-listpack-entries', '2', 'hash-max-ziplist-value', '5');
    client.send('HSET', 'h', 'a', '1', 'b', '12345');
    expect(encoding()).toBe('listpack');
    client.send('HINCRBY', 'h', 'c', '1');
    client.send('HDEL', 'h', 'c');
    expect(encoding()).toBe('hashtable');
    client.send('CONFIG', 'SET', 'hash-max-listpack-entries', '100');
    expect(encoding()).toBe('hashtable');
    client.send('COPY', 'h', 'copy');
    expect(client.send('OBJECT', 'ENCODING', 'copy')).toBe('hashtable');
    client.send('DEL', 'h');
    client.send('HSETNX', 'h', 'a', '123456');
    client.send('HSET', 'h', 'a', '1');
    expect(encoding()).toBe('hashtable');
    client.send('DEL', 'h');
    client.send('HSET', 'h', 'a', '10.5');
    expect(encoding()).toBe('listpack');
    client.send('HINCRBYFLOAT', 'h', 'a', '1.125');
    expect(encoding()).toBe('hashtable');
  });

  it('go with their last field', () => {
    const client = makeTestClient();
    client.send('HSET', 'h', 'a', '1', 'b', '2');
    expect(client.send('HDEL', 'h', 'a', 'x')).toBe(1);
    expect(client.send('EXISTS', 'h')).toBe(1);
    expect(client.send('HDEL', 'h', 'b')).toBe(1);
    expect(client.send('EXISTS', 'h')).toBe(0);
    expect(client.send('HDEL', 'h', 'b')).toBe(0);
    expect(client.send('DBSIZE')).toBe(0);
  });

  it('count in integers and in floats', () => {
    const client = makeTestClient();
    expect(client.send('HINCRBY', 'h', 'n', '5')).toBe(5);
    expect(client.send('HINCRBY', 'h', 'n', '-7')).toBe(-2);
    expect(client.send('HINCRBYFLOAT', 'h', 'n', '0.5')).toBe('-1.5');
    expect(errorOf(client.send('HINCRBY', 'h', 'n', '1'))).toBe('ERR hash value is not an integer');
    expect(errorOf(client.send('HINCRBY', 'h', 'n', 'x'))).toBe('ERR value is not an integer or out of range');
    expect(errorOf(client.send('HINCRBYFLOAT', 'h', 'n', '-inf'))).toBe('ERR value is NaN or Infinity');
    client.send('HSET', 'h', 't', 'text');
    expect(errorOf(client.send('HINCRBYFLOAT', 'h', 't', '1'))).toBe('ERR hash value is not a float');
    client.send('HSET', 'h', 'm', '9223372036854775807');
    expect(errorOf(client.send('HINCRBY', 'h', 'm', '1'))).toBe('ERR increment or decrement would overflow');
  });

  it('are refused by commands of other types, and refuse keys of other types', () => {
    const client = makeTestClient();
    client.send('HSET', 'h', 'a', '1');
    client.send('SET', 's', 'v');
    for (const command of [
      ['GET', 'h'],
      ['INCR', 'h'],
      ['APPEND', 'h', 'x'],
      ['STRLEN', 'h'],
      ['HGET', 's', 'a'],
    ]) {
      expect(errorOf(client.send(...(command as [string])))).toMatch(/^WRONGTYPE/);
    }
    expect(client.send('MGET', 'h', 's')).toEqual([null, 'v']);
    expect(errorOf(client.send('HSET', 's', 'a', '1'))).toMatch(/^WRONGTYPE/);
    expect(errorOf(client.send('HSET', 'h', 'a'))).toBe("ERR wrong number of arguments for 'hset' command");
  });

  it('are overwritten by SET, renamed, copied, moved and expire like other keys', () => {
    const client = makeTestClient();
    client.send('HSET', 'h', 'a', '1', 'b', '2');
    expect(client.send('COPY', 'h', 'c')).toBe(1);
    client.send('HSET', 'c', 'a', 'other');
    expect(client.send('HGET', 'h', 'a')).toBe('1');
    expect(client.send('RENAME', 'h', 'r')).toBe('OK');
    expect(client.send('HLEN', 'h')).toBe(0);
    expect(client.send('HGET', 'r', 'b')).toBe('2');
    expect(client.send('MOVE', 'r', '1')).toBe(1);
    client.send('SELECT', '1');
    expect(sorted(client.send('HGETALL', 'r'))).toEqual(['1', '2', 'a', 'b']);
    expect(client.send('PEXPIRE', 'r', '100000')).toBe(1);
    expect(client.send('HLEN', 'r')).toBe(2);
    client.send('HSET', 'r', 'z', '9');
    expect(client.send('PTTL', 'r')).toBeGreaterThan(90_000);
    expect(client.send('SET', 'r', 'text')).toBe('OK');
    expect(client.send('TYPE', 'r')).toBe('string');
    client.send('SELECT', '0');
    expect(client.send('SCAN', '0', 'TYPE', 'hash')).toEqual(['0', ['c']]);
    client.send('FLUSHALL');
    expect(client.send('HLEN', 'c')).toBe(0);
  });

  it('are walked by HSCAN while they grow and shrink, each field that stays being met', () => {
    const client = makeTestClient();
    for (let i = 0; i < 2000; i++) client.send('HSET', 'h', `stay:${i}`, String(i), `go:${i}`, 'x');
    const met = new Set<string>();
    let cursor = '0';
    let step = 0;
    do {
      const [next, fields] = client.send('HSCAN', 'h', cursor, 'COUNT', '50', 'NOVALUES') as [string, string[]];
      for (const field of fields) met.add(field);
      for (let i = 0; i < 40; i++) client.send('HDEL', 'h', `go:${step * 40 + i}`);
      for (let i = 0; i < 60; i++) client.send('HSET', 'h', `new:${step}:${i}`, 'x');
      step++;
      cursor = next;
    } while (cursor !== '0');
    for (let i = 0; i < 2000; i++) expect(met.has(`stay:${i}`)).toBe(true);
    expect(client.send('HSCAN', 'h', '0', 'MATCH', 'stay:7', 'COUNT', '100000')).toEqual(['0', ['stay:7', '7']]);
    expect(client.send('OBJECT', 'ENCODING', 'h')).toBe('hashtable');
  });

  it('give fields at random, each as likely as any other', () => {
    const client = makeTestClient();
    for (let i = 0; i < 50; i++) client.send('HSET', 'h', `f${i}`, String(i));
    const counts = new Map<string, number>();
    const drawn = client.send('HRANDFIELD', 'h', '-20000') as string[];
    for (const field of drawn) counts.set(field, (counts.get(field) ?? 0) + 1);
    let chi = 0;
    for (let i = 0; i < 50; i++) chi += ((counts.get(`f${i}`) ?? 0) - 400) ** 2 / 400;
    // The 99.9th percentile of chi squared with 49 degrees of freedom.
    expect(chi).toBeLessThan(85.4);
    expect(new Set(client.send('HRANDFIELD', 'h', '30') as string[]).size).toBe(30);
    expect(new Set(client.send('HRANDFIELD', 'h', '5') as string[]).size).toBe(5);
    expect((client.send('HRANDFIELD', 'h', '70', 'WITHVALUES') as string[]).length).toBe(100);
    expect(client.send('HRANDFIELD', 'none')).toBeNull();
    expect(client.send('HRANDFIELD', 'none', '3')).toEqual([]);
  });

  it('find fields as long as a key may be, also where values may not be so long', () => {
    const client = makeTestClient();
    const field = 'f'.repeat(65_536);
    expect(client.send('HSET', 'h', field, 'v')).toBe(1);
    expect([client.send('HGET', 'h', field), client.send('HEXISTS', 'h', field)]).toEqual(['v', 1]);
    expect(client.send('HMGET', 'h', field, `${field}f`)).toEqual(['v', null]);
  });
});
