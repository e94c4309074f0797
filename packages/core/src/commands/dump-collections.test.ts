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
};
const ENCODINGS: Record<string, string> = {
  'hash:small': 'listpack',
  'hash:long': 'hashtable',
  'hash:many': 'hashtable',
};
/** What the value of a key of each type is seen by, in an order of its own. */
const SIGHTS: Record<string, string> = { hash: 'HGETALL' };

function made(): TestClient {
  const client = makeTestClient();
  for (const commands of Object.values(VALUES)) for (const command of commands) client.send(...command);
  return client;
}

/** Commands that show all of a key's value, whatever order it is in. */
function sightOf(key: string): string[] {
  return [SIGHTS[key.split(':')[0]], key];
}

function pairsOf(reply: unknown): string[] {
  const texts = (reply as (string | Buffer)[]).map((text) =>
    typeof text === 'string' ? text : text.toString('latin1'),
  );
  return texts.flatMap((text, i) => (i % 2 === 0 ? [`${text}=${texts[i + 1]}`] : [])).sort();
}

describe('collections in payloads', () => {
  it('come back as what was dumped, with an expiry if one is given', () => {
    const client = made();
    const other = makeTestClient();
    for (const key of Object.keys(VALUES)) {
      const payload = String(client.send('DUMP', key));
      expect(other.send('RESTORE', key, '0', payload)).toBe('OK');
      expect(pairsOf(other.send(...sightOf(key)))).toEqual(pairsOf(client.send(...sightOf(key))));
      expect(other.send('OBJECT', 'ENCODING', key)).toBe(ENCODINGS[key]);
      expect(other.send('DEBUG', 'DIGEST-VALUE', key)).toEqual(client.send('DEBUG', 'DIGEST-VALUE', key));
      expect(other.send('RESTORE', key, '100000', payload, 'REPLACE')).toBe('OK');
      expect(other.send('PTTL', key)).toBeGreaterThan(90_000);
      expect(pairsOf(other.send(...sightOf(key)))).toEqual(pairsOf(client.send(...sightOf(key))));
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
      const payload = Buffer.from(dumpValue({ type: 'hash', items }, isSmall)).toString('latin1');
      expect(errorOf(client.send('RESTORE', 'k', '0', payload, 'REPLACE'))).toBe('ERR Bad data format');
      expect(errorOf(client.send('RESTORE', 'new', '0', payload))).toBe('ERR Bad data format');
    }
    expect(client.send('GET', 'k')).toBe('v');
    expect(client.send('DBSIZE')).toBe(1);
  });

  it('are refused when a part is longer than a record holds', () => {
    const client = makeTestClient();
    const items = [Buffer.from('f'), Buffer.alloc(128 * 1024)];
    const payload = Buffer.from(dumpValue({ type: 'hash', items }, false)).toString('latin1');
    expect(errorOf(client.send('RESTORE', 'k', '0', payload))).toContain('a member has at most');
  });

  it.runIf(redis !== undefined)('go to the real redis and come from it', async () => {
    const { call, bytes } = bound(redis as ReferenceRedis);
    const client = made();
    for (const key of Object.keys(VALUES)) {
      const payload = Buffer.from(String(client.send('DUMP', key)), 'latin1');
      expect(String(await call('RESTORE', key, 0, payload, 'REPLACE'))).toBe('OK');
      expect(pairsOf(await call(...sightOf(key)))).toEqual(pairsOf(client.send(...sightOf(key))));
      expect(String(await call('OBJECT', 'ENCODING', key))).toBe(ENCODINGS[key]);
      await call('DEL', key);
      for (const command of VALUES[key]) await call(...command.map((part) => Buffer.from(part, 'latin1')));
      const theirs = (await bytes('DUMP', key)).toString('latin1');
      expect(client.send('RESTORE', key, '0', theirs, 'REPLACE')).toBe('OK');
      expect(pairsOf(client.send(...sightOf(key)))).toEqual(pairsOf(await call(...sightOf(key))));
      expect(client.send('OBJECT', 'ENCODING', key)).toBe(ENCODINGS[key]);
    }
  });
});

function bound(server: ReferenceRedis): Pick<ReferenceRedis, 'call' | 'bytes'> {
  return { call: (...parts) => server.call(...parts), bytes: (...parts) => server.bytes(...parts) };
}
