/** Streams in DUMP payloads, between stores and to and from the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { errorOf, makeTestClient, type TestClient } from '../../test/test-client.ts';
import { writeCrc64 } from '../base/crc64.ts';
import { dumpValue } from '../types/dump.ts';

const redis = await startReferenceRedis();
if (redis === undefined) console.log('no redis-server 7.0 on the path: payloads of streams are not exchanged with it');
afterAll(() => redis?.stop());

const MADE: (string | number)[][] = [
  ...Array.from({ length: 300 }, (_, i) => ['XADD', 's', `${i + 1}-${i % 3}`, 'field', `value ${i}`, 'n', `${i * i}`]),
  ['XADD', 's', '18446744073709551615-5', 'other', '\x00\xff'.repeat(40)],
  ['XDEL', 's', '3-2', '7-0'],
  ['XGROUP', 'CREATE', 's', 'g', '0'],
  ['XGROUP', 'CREATE', 's', 'idle', '$'],
  ['XREADGROUP', 'GROUP', 'g', 'one', 'COUNT', 5, 'STREAMS', 's', '>'],
  ['XREADGROUP', 'GROUP', 'g', 'two', 'COUNT', 200, 'STREAMS', 's', '>'],
  ['XACK', 's', 'g', '1-0', '9-2'],
  ['XDEL', 's', '10-0'],
  ['XADD', 'empty', '5-5', 'a', 'b'],
  ['XDEL', 'empty', '5-5'],
];
const SIGHTS: (string | number)[][] = ['s', 'empty'].flatMap((key) => [
  ['XRANGE', key, '-', '+'],
  ['XLEN', key],
  ['XINFO', 'GROUPS', key],
]);

function made(): TestClient {
  const client = makeTestClient();
  for (const command of MADE) client.send(...command);
  return client;
}

function pendingOf(reply: unknown): unknown {
  return (reply as [string, string, number, number][]).map(([id, consumer, , deliveries]) => [
    id,
    consumer,
    deliveries,
  ]);
}

function sightsOf(client: TestClient): unknown[] {
  return [
    ...SIGHTS.map((sight) => client.send(...sight)),
    pendingOf(client.send('XPENDING', 's', 'g', '-', '+', 1000)),
  ];
}

describe('streams in payloads', () => {
  it('come back with their groups, counters and what is pending', () => {
    const [client, other] = [made(), makeTestClient()];
    for (const key of ['s', 'empty']) {
      expect(other.send('RESTORE', key, '0', String(client.send('DUMP', key)))).toBe('OK');
      expect(other.send('DEBUG', 'DIGEST-VALUE', key)).toEqual(client.send('DEBUG', 'DIGEST-VALUE', key));
    }
    expect(sightsOf(other)).toEqual(sightsOf(client));
    expect(other.send('XADD', 'empty', '5-5', 'a', 'b')).toMatchObject({ message: /equal or smaller/ });
    expect(other.send('XACK', 's', 'g', '2-1')).toBe(1);
    expect(other.send('XREADGROUP', 'GROUP', 'g', 'one', 'COUNT', 1, 'STREAMS', 's', '>')).toHaveLength(1);
  });

  it('are taken from a redis that did not count what groups have read, which is estimated then', () => {
    const client = makeTestClient();
    for (const id of ['1-0', '2-0', '3-0']) client.send('XADD', 's', id, 'f', 'v');
    client.send('XGROUP', 'CREATE', 's', 'g', '1-0');
    client.send('XGROUP', 'CREATE', 's', 'h', '2-0');
    const payload = Buffer.from(String(client.send('DUMP', 's')), 'latin1').subarray(0, -10);
    const counted = [3, 3, 0, ...[1, 0, 0, 0, 3], 2, 1, 0x67, 1, 0];
    const groups = payload.indexOf(Buffer.from(counted));
    expect(groups).toBeGreaterThan(0);
    const old = [3, 3, 0, 2, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 9, 0];
    const body = Buffer.from([15, ...payload.subarray(1, groups), ...old, ...Buffer.alloc(8)]);
    writeCrc64(body, 0, body.length - 8, body, body.length - 8);
    expect(client.send('RESTORE', 't', 0, body)).toBe('OK');
    const shown = client.send('XINFO', 'GROUPS', 't') as unknown[][];
    expect(shown.map((group) => group.slice(-3))).toEqual([
      [1, 'lag', 2],
      [null, 'lag', null],
    ]);
  });

  it('are refused when groups or consumers repeat, or an entry is too long', () => {
    const client = makeTestClient();
    const consumer = { name: Buffer.from('c'), seenAtMs: 1, activeAtMs: -1 };
    const group = { name: Buffer.from('g'), lastId: 0n, entriesRead: -1, consumers: [consumer], pending: [] };
    const stream = { type: 'stream' as const, entries: [], lastId: 0n, maxDeletedId: 0n, entriesAdded: 0 };
    const restored = (value: Parameters<typeof dumpValue>[0]): unknown =>
      client.send('RESTORE', 'k', '0', Buffer.from(dumpValue(value, false)).toString('latin1'));
    expect(errorOf(restored({ ...stream, groups: [group, group] }))).toBe('ERR Bad data format');
    expect(errorOf(restored({ ...stream, groups: [{ ...group, consumers: [consumer, consumer] }] }))).toBe(
      'ERR Bad data format',
    );
    const entries = [{ id: 1n, items: [Buffer.from('f'), Buffer.alloc(128 * 1024)] }];
    expect(errorOf(restored({ ...stream, entries, lastId: 1n, entriesAdded: 1, groups: [] }))).toContain(
      'an entry has at most',
    );
    expect(client.send('DBSIZE')).toBe(0);
  });

  it.runIf(redis !== undefined)('go to the real redis and come from it', async () => {
    const call = (...parts: (string | number)[]): Promise<unknown> =>
      (redis as NonNullable<typeof redis>).call(...parts.map((part) => Buffer.from(String(part), 'latin1')));
    const seen = async (): Promise<string> => {
      const replies = await Promise.all(SIGHTS.map((sight) => call(...sight)));
      return JSON.stringify([...replies, pendingOf(await call('XPENDING', 's', 'g', '-', '+', 1000))]);
    };
    const client = made();
    for (const command of MADE) await call(...command);
    const before = await seen();
    for (const key of ['s', 'empty']) {
      const digest = String(client.send('DEBUG', 'DIGEST-VALUE', key));
      const theirs = (await (redis as NonNullable<typeof redis>).bytes('DUMP', key)).toString('latin1');
      await call('DEL', key);
      expect(String(await call('RESTORE', key, 0, String(client.send('DUMP', key))))).toBe('OK');
      expect(client.send('RESTORE', key, '0', theirs, 'REPLACE')).toBe('OK');
      expect(String(client.send('DEBUG', 'DIGEST-VALUE', key))).toBe(digest);
    }
    expect(await seen()).toBe(before);
    expect(sightsOf(client)).toEqual(sightsOf(made()));
  });
});
