/** DUMP payloads of collections: the packed forms, forged ones, and both ways with the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { writeCrc64 } from '../base/crc64.ts';
import { Prng } from '../base/prng.ts';
import { type DumpedValue, dumpValue, restoreValue } from './dump.ts';
import { type DumpedStream, dumpStream } from './dump-stream.ts';
import { ListpackWriter, readListpack } from './listpack.ts';
import { readIntset, readZiplist, readZipmap, writeIntset } from './ziplist.ts';

const dumpList = (items: Uint8Array[]): Uint8Array => dumpValue({ type: 'list', items }, false);
const dumpSet = (items: Uint8Array[], isIntset: boolean): Uint8Array => dumpValue({ type: 'set', items }, isIntset);
const dumpHash = (items: Uint8Array[], isSmall: boolean): Uint8Array =>
  dumpValue({ type: 'hash', items, expiries: [] }, isSmall);
const dumpZset = (items: Uint8Array[], scores: number[], isSmall: boolean): Uint8Array =>
  dumpValue({ type: 'zset', items, scores }, isSmall);

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

const bytesOf = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));
const textsOf = (items: readonly Uint8Array[]): string[] => items.map((item) => Buffer.from(item).toString('latin1'));

/** A payload with a right footer around `body`. */
function seal(body: readonly number[]): Uint8Array {
  const payload = Uint8Array.from([...body, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  writeCrc64(payload, 0, body.length + 2, payload, body.length + 2);
  return payload;
}

/** The payload of another type around the value of `payload`. */
function retype(payload: Uint8Array, type: number): Uint8Array {
  return seal([type, ...payload.subarray(1, payload.length - 10)]);
}

function restored(payload: Uint8Array): DumpedValue {
  const value = restoreValue(payload);
  if (typeof value === 'string') throw new Error(`refused: ${value}`);
  return value;
}

const ITEMS = [
  '',
  'a',
  '0',
  '127',
  '128',
  '-1',
  '4095',
  '4096',
  '-4096',
  '-4097',
  '32767',
  '-32769',
  '8388607',
  '-8388609',
  '2147483648',
  '-9223372036854775808',
  '9223372036854775808',
  '007',
  '+1',
  'x'.repeat(63),
  'x'.repeat(64),
  'y'.repeat(4095),
  'z'.repeat(4096),
  '\x00\xff',
];

describe('a listpack', () => {
  it('gives back every form of entry', () => {
    const listpack = new ListpackWriter();
    for (const item of bytesOf(ITEMS)) listpack.append(item);
    const entries = readListpack(listpack.finish());
    expect(textsOf(entries!)).toEqual(ITEMS);
  });

  it('whose bytes were changed is refused or read without harm', () => {
    const prng = new Prng(5);
    const listpack = new ListpackWriter();
    for (const item of bytesOf(ITEMS.slice(0, 20))) listpack.append(item);
    const bytes = Buffer.from(listpack.finish());
    let refused = 0;
    for (let i = 0; i < 5000; i++) {
      const damaged = Buffer.from(bytes);
      damaged[prng.nextBelow(bytes.length)] = prng.nextBelow(256);
      if (readListpack(damaged) === undefined) refused++;
    }
    expect(refused).toBeGreaterThan(500);
    for (let length = 0; length < bytes.length; length++) {
      expect(readListpack(bytes.subarray(0, length))).toBeUndefined();
    }
  });
});

describe('old packed forms', () => {
  it('are read: a ziplist with each form of entry', () => {
    const entries = [
      [0x02, 0x68, 0x69],
      [0x40, 0x01, 0x61],
      [0x80, 0, 0, 0, 1, 0x62],
      [0xc0, 0x00, 0x80],
      [0xd0, 1, 0, 1, 0],
      [0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80],
      [0xf0, 0xff, 0xff, 0xff],
      [0xfe, 0x80],
      [0xf1],
      [0xfd],
    ];
    const body = entries.flatMap((entry, i) => [i === 0 ? 0 : 1 + entries[i - 1].length, ...entry]);
    const ziplist = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, entries.length, 0, ...body, 0xff]);
    ziplist.writeUInt32LE(ziplist.length, 0);
    const texts = ['hi', 'a', 'b', '-32768', '65537', '-9223372036854775808', '-1', '-128', '0', '12'];
    expect(textsOf(readZiplist(ziplist)!)).toEqual(texts);
    for (let length = 0; length < ziplist.length; length++) {
      const cut = Buffer.from(ziplist.subarray(0, length));
      if (length > 4) cut.writeUInt32LE(length, 0);
      expect(readZiplist(cut)).toBeUndefined();
    }
  });

  it('are read: a zipmap with unused bytes', () => {
    const zipmap = Buffer.from([2, 1, 0x66, 2, 0, 0x76, 0x31, 0xfe, 1, 0, 0, 0, 0x67, 1, 2, 0x77, 0, 0, 0xff]);
    expect(textsOf(readZipmap(zipmap)!)).toEqual(['f', 'v1', 'g', 'w']);
    expect(readZipmap(zipmap.subarray(0, 6))).toBeUndefined();
    expect(readZipmap(Buffer.from([1, 1, 0x66, 0xff]))).toBeUndefined();
  });

  it('are read and written: sets of integers of each width', () => {
    for (const integers of [
      [3, -1, 2],
      [70_000, 1],
      [2n ** 62n, -5],
    ]) {
      const sorted = [...integers].sort((a, b) => (a < b ? -1 : 1)).map(String);
      expect(textsOf(readIntset(writeIntset(integers))!)).toEqual(sorted);
    }
    expect(readIntset(Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]))).toBeUndefined();
    expect(readIntset(Buffer.from([2, 0, 0, 0, 2, 0, 0, 0, 1, 0]))).toBeUndefined();
  });
});

describe('payloads of collections', () => {
  it('give back what they were made of', () => {
    const items = bytesOf(ITEMS);
    expect(restored(dumpList(items))).toEqual({ type: 'list', items: restoredItems(ITEMS) });
    expect(restored(dumpSet(bytesOf(['3', '1', '2']), true))).toEqual({
      type: 'set',
      items: restoredItems(['1', '2', '3']),
    });
    expect(textsOf(itemsOf(restored(dumpSet(items, false))))).toEqual(ITEMS);
    for (const isSmall of [true, false]) {
      expect(textsOf(itemsOf(restored(dumpHash(items, isSmall))))).toEqual(ITEMS);
      const scores = items.map((_, i) => (i === 0 ? Number.NEGATIVE_INFINITY : i * 1.5));
      const zset = restored(dumpZset(items, scores, isSmall)) as { scores: number[] };
      expect([...zset.scores].sort((a, b) => a - b)).toEqual(scores);
    }
  });

  it('are refused where they hold nothing, half a pair, or no number', () => {
    const odd = dumpHash(bytesOf(['a', 'b', 'c', 'd']), true);
    expect(restoreValue(retype(dumpList([]), 18))).toBe('format');
    expect(restoreValue(dumpSet([], false))).toBe('format');
    expect(restoreValue(retype(odd, 17))).toBe('format');
    expect(restoreValue(seal([3, 1, 1, 0x61, 253]))).toBe('format');
    expect(restoreValue(seal([2, 0x80, 255, 255, 255, 255, 1, 0x61]))).toBe('format');
    const text = restored(seal([3, 2, 1, 0x61, 3, 0x31, 0x2e, 0x35, 1, 0x62, 255]));
    expect((text as { scores: number[] }).scores).toEqual([1.5, Number.NEGATIVE_INFINITY]);
  });

  it('take sealed random bytes of each type without harm', () => {
    const prng = new Prng(17);
    const samples = [dumpList(bytesOf(ITEMS)), dumpHash(bytesOf(ITEMS), true), dumpStream(STREAM)];
    for (let i = 0; i < 6000; i++) {
      const body = [...samples[i % 3].subarray(0, -10)];
      for (let change = 0; change <= prng.nextBelow(4); change++) {
        body[1 + prng.nextBelow(body.length - 1)] = prng.nextBelow(256);
      }
      if (prng.nextBelow(3) === 0) body[0] = prng.nextBelow(22);
      if (prng.nextBelow(3) === 0) body.length = 1 + prng.nextBelow(body.length);
      restoreValue(seal(body));
    }
  });
});

function itemsOf(value: DumpedValue): Uint8Array[] {
  return 'items' in value ? value.items : [];
}

function restoredItems(texts: readonly string[]): unknown[] {
  return itemsOf(restored(dumpSet(bytesOf(texts), false))).map((item) =>
    expect.objectContaining({ length: item.length }),
  );
}

const id = (ms: bigint, sequence: bigint): bigint => (ms << 64n) | sequence;

const STREAM: DumpedStream = {
  type: 'stream',
  entries: Array.from({ length: 250 }, (_, i) => ({
    id: id(1000n + BigInt(i >> 2), BigInt(i & 3)),
    items: bytesOf(i % 7 === 0 ? ['other', `${i}`, 'more', 'x'.repeat(i)] : ['temperature', `${i}`]),
  })),
  lastId: id(2000n, 0xffff_ffff_ffff_ffffn),
  maxDeletedId: id(999n, 1n),
  entriesAdded: 300,
  groups: [
    {
      name: Buffer.from('workers'),
      lastId: id(1010n, 2n),
      entriesRead: 43,
      consumers: [
        { name: Buffer.from('ann'), seenAtMs: 1_700_000_000_000, activeAtMs: 1_700_000_000_000 },
        { name: Buffer.from('bob'), seenAtMs: 1_700_000_000_001, activeAtMs: 1_700_000_000_001 },
      ],
      pending: [
        { id: id(1000n, 1n), consumer: 1, deliveredAtMs: 1_700_000_000_000, deliveries: 3 },
        { id: id(1001n, 2n), consumer: 0, deliveredAtMs: 1_700_000_000_002, deliveries: 1 },
      ],
    },
    { name: Buffer.from('empty'), lastId: 0n, entriesRead: -1, consumers: [], pending: [] },
  ],
};

/** With its byte strings as text, which compare well. */
function comparable(stream: DumpedStream): unknown {
  const text = (_: string, value: unknown): unknown =>
    typeof value === 'bigint'
      ? `${value}n`
      : value instanceof Uint8Array
        ? Buffer.from(value).toString('latin1')
        : value;
  const withTexts = {
    ...stream,
    entries: stream.entries.map((entry) => ({ id: entry.id, items: textsOf(entry.items) })),
    groups: stream.groups.map((group) => ({
      ...group,
      name: Buffer.from(group.name).toString('latin1'),
      consumers: group.consumers.map((c) => ({ ...c, name: Buffer.from(c.name).toString('latin1') })),
    })),
  };
  return JSON.parse(JSON.stringify(withTexts, text));
}

describe('the payload of a stream', () => {
  it('gives back its entries, groups, consumers and pending entries', () => {
    expect(comparable(restored(dumpStream(STREAM)) as DumpedStream)).toEqual(comparable(STREAM));
  });

  it('is refused where a pending entry has no consumer, or ids do not ascend', () => {
    const [group] = STREAM.groups;
    const orphan = { ...group, pending: [{ ...group.pending[0], consumer: 7 }] };
    expect(restoreValue(dumpStream({ ...STREAM, groups: [orphan] }))).toBe('format');
    expect(restoreValue(dumpStream({ ...STREAM, entries: [...STREAM.entries].reverse() }))).toBe('format');
    expect(restoreValue(dumpStream({ ...STREAM, lastId: id(1000n, 0n) }))).toBe('format');
  });
});

describe.runIf(redis !== undefined)('DUMP and RESTORE of collections against redis', () => {
  const sorted = (texts: readonly string[]): string[] => [...texts].sort();
  const many = Array.from({ length: 700 }, (_, i) => `member:${i}`);

  async function restoreThere(payload: Uint8Array): Promise<string> {
    return String(await redis!.call('RESTORE', 'k', 0, payload, 'REPLACE'));
  }

  async function repliesTo(...command: [string, ...(string | number)[]]): Promise<string[]> {
    return ((await redis!.call(...command)) as unknown[]).map(String);
  }

  it('redis takes ours', async () => {
    const texts = ITEMS.slice(0, -1);
    expect(await restoreThere(dumpList(bytesOf([...texts, ...many])))).toBe('OK');
    expect(await repliesTo('LRANGE', 'k', 0, -1)).toEqual([...texts, ...many]);
    expect(await restoreThere(dumpSet(bytesOf(many), false))).toBe('OK');
    expect(sorted(await repliesTo('SMEMBERS', 'k'))).toEqual(sorted(many));
    expect(await restoreThere(dumpSet(bytesOf(['5', '-70000', '1']), true))).toBe('OK');
    expect(await repliesTo('SMEMBERS', 'k')).toEqual(['-70000', '1', '5']);
    for (const isSmall of [true, false]) {
      const pairs = isSmall ? ['f', '1', 'g', 'x'] : many;
      expect(await restoreThere(dumpHash(bytesOf(pairs), isSmall))).toBe('OK');
      expect(sorted(await repliesTo('HGETALL', 'k'))).toEqual(sorted(pairs));
      const scores = pairs.map((_, i) => i * 0.25 - 1);
      expect(await restoreThere(dumpZset(bytesOf(pairs), scores, isSmall))).toBe('OK');
      const replies = pairs.flatMap((member, i) => [member, `${scores[i]}`]);
      expect(await repliesTo('ZRANGE', 'k', 0, -1, 'WITHSCORES')).toEqual(replies);
    }
    expect(await restoreThere(dumpStream(STREAM))).toBe('OK');
    expect(await redis!.call('XLEN', 'k')).toBe(250);
    expect(((await redis!.call('XPENDING', 'k', 'workers')) as unknown[]).slice(0, 3).map(String)).toEqual([
      '2',
      '1000-1',
      '1001-2',
    ]);
    expect(String(((await redis!.call('XREVRANGE', 'k', '+', '-', 'COUNT', 1)) as unknown[][])[0][0])).toBe('1062-1');
  });

  it('we take its', async () => {
    const dumped = async (...commands: [string, ...(string | number)[]][]): Promise<DumpedValue> => {
      await redis!.call('DEL', 'k');
      for (const command of commands) await redis!.call(...command);
      return restored(await redis!.bytes('DUMP', 'k'));
    };
    expect(textsOf(itemsOf(await dumped(['RPUSH', 'k', ...ITEMS.slice(0, -1)])))).toEqual(ITEMS.slice(0, -1));
    expect(textsOf(itemsOf(await dumped(['RPUSH', 'k', ...many])))).toEqual(many);
    expect(textsOf(itemsOf(await dumped(['SADD', 'k', '5', '-70000', '1'])))).toEqual(['-70000', '1', '5']);
    expect(sorted(textsOf(itemsOf(await dumped(['SADD', 'k', ...many]))))).toEqual(sorted(many));
    expect(textsOf(itemsOf(await dumped(['HSET', 'k', 'f', '1', 'g', 'x'])))).toEqual(['f', '1', 'g', 'x']);
    expect(sorted(textsOf(itemsOf(await dumped(['HSET', 'k', ...many]))))).toEqual(sorted(many));
    const small = (await dumped(['ZADD', 'k', '1.5', 'a', '-inf', 'b'])) as { scores: number[] };
    expect(small.scores).toEqual([Number.NEGATIVE_INFINITY, 1.5]);
    const large = await dumped(['ZADD', 'k', ...many.flatMap((member, i) => [i / 3, member])]);
    expect(Math.max(...(large as { scores: number[] }).scores)).toBe(699 / 3);
    const stream = await dumped(
      ['XADD', 'k', '5-1', 'f', 'v'],
      ['XADD', 'k', '5-2', 'f', 'w', 'g', '1'],
      ['XADD', 'k', '7-0', 'f', 'x'],
      ['XDEL', 'k', '5-1'],
      ['XGROUP', 'CREATE', 'k', 'g', '0'],
      ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 1, 'STREAMS', 'k', '>'],
    );
    const { entries, groups, lastId, maxDeletedId, entriesAdded } = stream as DumpedStream;
    expect(entries.map((entry) => [entry.id, textsOf(entry.items)])).toEqual([
      [id(5n, 2n), ['f', 'w', 'g', '1']],
      [id(7n, 0n), ['f', 'x']],
    ]);
    expect([lastId, maxDeletedId, entriesAdded]).toEqual([id(7n, 0n), id(5n, 1n), 3]);
    expect(groups[0].pending.map((pending) => pending.id)).toEqual([id(5n, 2n)]);
    expect(textsOf(groups[0].consumers.map((consumer) => consumer.name))).toEqual(['c']);
  });
});
