/** Collections in DUMP payloads, between stores and to and from the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { type ReferenceRedis, startReferenceRedis } from '../../test/reference-redis.ts';
import { errorOf, makeTestClient, type TestClient } from '../../test/test-client.ts';
import { dumpValue } from '../types/dump.ts';

const redis = await startReferenceRedis();
if (redis === undefined)
  console.log('no redis-server 7.0 on the path: payloads of collections are not exchanged with it');
afterAll(() => redis?.stop());

/** A name for each value, and how it is made. */
const VALUES: Record<string, string[][]> = {
  'hash:small': [['HSET', 'hash:small', 'a', '1', 'b', '', '', 'text', '12', '-4096', '\x00\xff', '\x80']],
  'hash:long': [['HSET', 'hash:long', 'a', 'x'.repeat(65), 'y'.repeat(300), '2']],
  'hash:many': [['HSET', 'hash:many', ...Array.from({ length: 2000 }, (_, i) => String(i))]],
  'list:small': [['RPUSH', 'list:small', 'a', '', '-1', 'a', '\x00\xff', 'x'.repeat(300)]],
  'list:many': [['RPUSH', 'list:many', ...Array.from({ length: 5000 }, (_, i) => `e${i}`), 'y'.repeat(20_000)]],
  'set:integers': [['SADD', 'set:integers', '5', '-70000', '123456789012']],
  'set:texts': [['SADD', 'set:texts', 'a', '', '1', '\x00\xff']],
  'set:many': [['SADD', 'set:many', ...Array.from({ length: 2000 }, (_, i) => `m${i}`)]],
  'zset:small': [['ZADD', 'zset:small', '2', 'b', '-inf', 'a', '0.5', 'c', '2', 'a2', '12345678', '7']],
  'zset:many': [['ZADD', 'zset:many', ...Array.from({ length: 2000 }, (_, i) => String(i))]],
};
const ENCODINGS: Record<string, string> = {
  'hash:small': 'listpack',
  'hash:long': 'hashtable',
  'hash:many': 'hashtable',
  'list:small': 'quicklist',
  'list:many': 'quicklist',
  'set:integers': 'intset',
  'set:texts': 'listpack',
  'set:many': 'hashtable',
  'zset:small': 'listpack',
  'zset:many': 'skiplist',
};
/** What shows the value of a key of each type, and of how many texts its unordered parts are; 0: all has its order. */
const SIGHTS: Record<string, { command: string[]; each: number }> = {
  hash: { command: ['HGETALL'], each: 2 },
  list: { command: ['LRANGE', '0', '-1'], each: 0 },
  set: { command: ['SMEMBERS'], each: 1 },
  zset: { command: ['ZRANGE', '0', '-1', 'WITHSCORES'], each: 0 },
};

function made(): TestClient {
  const client = makeTestClient();
  for (const commands of Object.values(VALUES)) for (const command of commands) client.send(...command);
  return client;
}

/** Shows all of a key's value, whatever order it is in. */
function sightOf(key: string): string[] {
  const [name, ...rest] = SIGHTS[key.split(':')[0]].command;
  return [name, key, ...rest];
}

function seen(key: string, reply: unknown): string[] {
  const { each } = SIGHTS[key.split(':')[0]];
  const texts = (reply as (string | Buffer)[]).map((text) =>
    typeof text === 'string' ? text : text.toString('latin1'),
  );
  if (each === 0) return texts;
  return texts.flatMap((_, i) => (i % each === 0 ? [texts.slice(i, i + each).join('=')] : [])).sort();
}

describe('collections in payloads', () => {
  it('come back as what was dumped, with an expiry if one is given', () => {
    const client = made();
    const other = makeTestClient();
    for (const key of Object.keys(VALUES)) {
      const payload = String(client.send('DUMP', key));
      expect(other.send('RESTORE', key, '0', payload)).toBe('OK');
      expect(seen(key, other.send(...sightOf(key)))).toEqual(seen(key, client.send(...sightOf(key))));
      expect(other.send('OBJECT', 'ENCODING', key)).toBe(ENCODINGS[key]);
      expect(other.send('DEBUG', 'DIGEST-VALUE', key)).toEqual(client.send('DEBUG', 'DIGEST-VALUE', key));
      expect(other.send('RESTORE', key, '100000', payload, 'REPLACE')).toBe('OK');
      expect(other.send('PTTL', key)).toBeGreaterThan(90_000);
      expect(seen(key, other.send(...sightOf(key)))).toEqual(seen(key, client.send(...sightOf(key))));
    }
  });

  it('replace a value of any type, and are replaced', () => {
    const client = made();
    client.send('SET', 's', 'text');
    const payload = String(client.send('DUMP', 'hash:small'));
    expect(errorOf(client.send('RESTORE', 's', '0', payload))).toBe('BUSYKEY Target key name already exists.');
    expect(client.send('RESTORE', 's', '0', payload, 'REPLACE')).toBe('OK');
    expect(client.send('TYPE', 's')).toBe('hash');
    client.send('SET', 'text', 'v');
    expect(client.send('RESTORE', 's', '0', String(client.send('DUMP', 'text')), 'REPLACE')).toBe('OK');
    expect(client.send('GET', 's')).toBe('v');
  });

  it('are refused when fields repeat, and leave the key as it was', () => {
    const client = makeTestClient();
    const items = ['a', '1', 'b', '2', 'a', '3'].map((text) => Buffer.from(text));
    client.send('SET', 'k', 'v');
    for (const isSmall of [true, false]) {
      const payload = Buffer.from(dumpValue({ type: 'hash', expiries: [], items }, isSmall)).toString('latin1');
      expect(errorOf(client.send('RESTORE', 'k', '0', payload, 'REPLACE'))).toBe('ERR Bad data format');
      expect(errorOf(client.send('RESTORE', 'new', '0', payload))).toBe('ERR Bad data format');
    }
    for (const value of [
      { type: 'set' as const, items },
      { type: 'zset' as const, items, scores: [1, 2, 3, 4, 5, 6] },
    ]) {
      const payload = Buffer.from(dumpValue(value, false)).toString('latin1');
      expect(errorOf(client.send('RESTORE', 'k', '0', payload, 'REPLACE'))).toBe('ERR Bad data format');
    }
    expect(client.send('GET', 'k')).toBe('v');
    expect(client.send('DBSIZE')).toBe(1);
  });

  it('are refused when a part is longer than a record holds', () => {
    const client = makeTestClient();
    const items = [Buffer.from('f'), Buffer.alloc(128 * 1024)];
    const payload = Buffer.from(dumpValue({ type: 'hash', expiries: [], items }, false)).toString('latin1');
    expect(errorOf(client.send('RESTORE', 'k', '0', payload))).toContain('a member has at most');
  });

  it.runIf(redis !== undefined)('go to the real redis and come from it', async () => {
    const { call, bytes } = bound(redis as ReferenceRedis);
    const client = made();
    for (const key of Object.keys(VALUES)) {
      const payload = Buffer.from(String(client.send('DUMP', key)), 'latin1');
      expect(String(await call('RESTORE', key, 0, payload, 'REPLACE'))).toBe('OK');
      expect(seen(key, await call(...sightOf(key)))).toEqual(seen(key, client.send(...sightOf(key))));
      // Sets are listpacks from redis 7.2 on.
      expect(String(await call('OBJECT', 'ENCODING', key))).toBe(key === 'set:texts' ? 'hashtable' : ENCODINGS[key]);
      await call('DEL', key);
      for (const command of VALUES[key]) await call(...command.map((part) => Buffer.from(part, 'latin1')));
      const theirs = (await bytes('DUMP', key)).toString('latin1');
      expect(client.send('RESTORE', key, '0', theirs, 'REPLACE')).toBe('OK');
      expect(seen(key, client.send(...sightOf(key)))).toEqual(seen(key, await call(...sightOf(key))));
      expect(client.send('OBJECT', 'ENCODING', key)).toBe(ENCODINGS[key]);
    }
  });
});

function bound(server: ReferenceRedis): Pick<ReferenceRedis, 'call' | 'bytes'> {
  return { call: (...parts) => server.call(...parts), bytes: (...parts) => server.bytes(...parts) };
}
