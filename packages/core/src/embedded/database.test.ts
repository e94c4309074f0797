/** The methods of a database, one by one: what they return, what they refuse, and what events they lead to. */
import { SimClock } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import type { Codec } from './codec.ts';
import type { Database } from './database.ts';
import { openDriven } from './driven.ts';
import type { OpenOptions } from './options.ts';

function openWith<V = string>(options: OpenOptions<V> = {}): { db: Database<V>; clock: SimClock; tick: () => void } {
  const clock = new SimClock();
  const { db, tick } = openDriven<V>({ pageSize: '128kb', ...options }, { device: null, clock, prng: new Prng(1) });
  return { db, clock, tick };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
}

describe('get and set', () => {
  it('know texts, bytes and nothing', () => {
    const { db } = openWith();
    expect(db.get('missing')).toBeUndefined();
    expect(db.getBuffer('missing')).toBeUndefined();
    expect(db.getEntry('missing')).toBeUndefined();
    db.set('größe', 'größer 🦊');
    db.set(Uint8Array.of(0, 255), Uint8Array.of(1, 0, 254));
    db.set('', '');
    expect(db.get(Buffer.from('größe'))).toBe('größer 🦊');
    expect(db.getBuffer(Uint8Array.of(0, 255))).toEqual(Buffer.from([1, 0, 254]));
    expect(db.get('')).toBe('');
    expect(db.getMany(['größe', 'missing', ''])).toEqual(['größer 🦊', undefined, '']);
  });

  it('give buffers that are the caller’s own', () => {
    const { db } = openWith();
    const value = Buffer.from('abc');
    db.set('key', value);
    value[0] = 0;
    db.getBuffer('key')?.fill(0);
    expect(db.get('key')).toBe('abc');
  });

  it('honour conditions, and return the old value on request', () => {
    const { db } = openWith();
    expect(db.set('key', '1', { ifPresent: true })).toBe(false);
    expect(db.set('key', '1', { ifAbsent: true })).toBe(true);
    expect(db.set('key', '2', { ifAbsent: true })).toBe(false);
    expect(db.set('key', '2', { ifPresent: true, returnOld: true })).toEqual({ written: true, old: '1' });
    expect(db.set('key', '3', { ifAbsent: true, returnOld: true })).toEqual({ written: false, old: '2' });
    expect(db.set('new', '1', { returnOld: true })).toEqual({ written: true, old: undefined });
    const version = db.getEntry('key')?.version as number;
    expect(db.getEntry('key')?.version).toBe(version);
    expect(db.set('key', '4', { ifVersion: version })).toBe(true);
    expect(db.set('key', '5', { ifVersion: version })).toBe(false);
    expect(db.get('key')).toBe('4');
    expect(db.set('none', '5', { ifVersion: version })).toBe(false);
  });

  it.each([
    ['a key that is a number', (db: Database) => db.get(5 as never)],
    ['a value that is an object', (db: Database) => db.set('key', {} as never)],
    ['a key of more than 64 KB', (db: Database) => db.set('k'.repeat(65_537), '')],
    ['a key of more than 64 KB in UTF-8', (db: Database) => db.get('ü'.repeat(32_769))],
    ['two deadlines', (db: Database) => db.set('key', '', { ttlMs: 1, expiresAt: 1 })],
    ['keepTtl with a deadline', (db: Database) => db.set('key', '', { keepTtl: true, ttlMs: 1 })],
    ['ifAbsent with ifPresent', (db: Database) => db.set('key', '', { ifAbsent: true, ifPresent: true })],
    ['ifAbsent with ifVersion', (db: Database) => db.set('key', '', { ifAbsent: true, ifVersion: 1 })],
    ['a deadline that is no number', (db: Database) => db.set('key', '', { ttlMs: Number.NaN })],
    ['a deadline that is too far away', (db: Database) => db.expire('key', 1e15)],
    ['two lower bounds', (db: Database) => db.range({ gt: 'a', gte: 'a' })],
    ['two upper bounds', (db: Database) => db.keys({ lt: 'a', lte: 'a' })],
    ['a negative limit', (db: Database) => db.keys({ limit: -1 })],
    ['an unknown event', (db: Database) => db.on('expire' as never, (() => undefined) as never)],
    ['a bad key in a batch', (db: Database) => db.batch().set({} as never, '')],
    ['a long key in a batch', (db: Database) => db.batch().del('k'.repeat(65_537))],
  ])('refuse %s', (_, call) => {
    expect(codeOf(() => call(openWith().db))).toBe('FERRITE_INVALID_ARGUMENT');
  });
});

describe('expiry', () => {
  it('hides a key from every method at its deadline', () => {
    const { db, clock } = openWith();
    db.set('a', '1', { ttlMs: 100 });
    db.set('b', '2', { expiresAt: clock.nowMs() + 100 });
    expect([db.ttl('a'), db.ttl('b'), db.getEntry('a')?.expiresAt]).toEqual([100, 100, clock.nowMs() + 100]);
    clock.advance(99);
    expect([db.get('a'), db.ttl('b')]).toEqual(['1', 1]);
    const entries = db.entries();
    clock.advance(1);
    expect([db.get('a'), db.getBuffer('a'), db.getEntry('a'), db.ttl('a')]).toEqual(new Array(4).fill(undefined));
    expect([
      db.has('b'),
      db.del('b'),
      db.expire('b', 5),
      db.persist('b'),
      db.set('b', '', { ifPresent: true }),
    ]).toEqual(new Array(5).fill(false));
    expect(db.getMany(['a', 'b'])).toEqual([undefined, undefined]);
    expect([...entries]).toEqual([]);
  });

  it('is not given by an iterator that had read ahead', () => {
    const { db, clock } = openWith();
    for (let i = 0; i < 10; i++) db.set(`key ${i}`, String(i), { ttlMs: i === 5 ? 50 : 5000 });
    const keys = db.keys();
    expect(keys.next().value).toBe('key 0');
    clock.advance(50);
    expect([...keys]).toEqual(['key 1', 'key 2', 'key 3', 'key 4', 'key 6', 'key 7', 'key 8', 'key 9']);
  });

  it('can be set, kept, taken away', () => {
    const { db, clock } = openWith();
    db.set('key', '1');
    expect([db.ttl('key'), db.persist('key'), db.expire('key', 50), db.persist('key')]).toEqual([
      Number.POSITIVE_INFINITY,
      false,
      true,
      true,
    ]);
    db.expire('key', 50);
    db.set('key', '2', { keepTtl: true });
    expect(db.ttl('key')).toBe(50);
    db.incrBy('key', 3);
    expect(db.ttl('key')).toBe(50);
    db.set('key', '6');
    expect(db.ttl('key')).toBe(Number.POSITIVE_INFINITY);
    expect([db.expire('key', 0), db.has('key'), db.ttl('key')]).toEqual([true, false, undefined]);
    expect(db.set('gone', '', { ttlMs: -5 })).toBe(true);
    expect(db.has('gone')).toBe(false);
    clock.advance(1);
  });

  it('tells of each key once, after it went, in a turn of its own', async () => {
    const { db, clock, tick } = openWith();
    const seen: string[] = [];
    const listener = (key: Buffer) => {
      seen.push(`${key} ${db.has(key)}`);
    };
    expect(db.on('expired', listener)).toBe(db);
    db.set('met', '', { ttlMs: 10 });
    db.set('not met', '', { ttlMs: 10 });
    clock.advance(200);
    db.get('met');
    expect(seen).toEqual([]);
    await Promise.resolve();
    expect(seen).toEqual(['met false']);
    tick();
    await Promise.resolve();
    expect(seen).toEqual(['met false', 'not met false']);
    expect(db.stats().expired).toBe(2);
    db.off('expired', listener);
    db.set('later', '', { ttlMs: 10 });
    clock.advance(200);
    tick();
    await Promise.resolve();
    expect(seen).toHaveLength(2);
  });
});

describe('incrBy', () => {
  it('costs a counter that will expire no memory for each step', () => {
    const { db, clock } = openWith();
    db.set('n', '10000000', { ttlMs: 60_000 });
    const before = db.stats().bytes.expiry;
    for (let i = 0; i < 20_000; i++) db.incrBy('n');
    expect(db.stats().bytes.expiry).toBe(before);
    clock.advance(60_001);
    expect(db.get('n')).toBeUndefined();
  });

  it('counts from 0, up and down', () => {
    const { db } = openWith();
    expect([db.incrBy('n'), db.incrBy('n', 10), db.incrBy('n', -20), db.get('n')]).toEqual([1, 11, -9, '-9']);
  });

  it('refuses what is no integer, and sums that a number does not hold exactly', () => {
    const { db } = openWith();
    for (const text of ['', 'x', '1.5', '01', '+1', ' 1', '9223372036854775808']) {
      db.set('n', text);
      expect(codeOf(() => db.incrBy('n'))).toBe('FERRITE_NOT_AN_INTEGER');
      expect(db.get('n')).toBe(text);
    }
    expect(codeOf(() => db.incrBy('m', 0.5))).toBe('FERRITE_NOT_AN_INTEGER');
    db.set('n', String(Number.MAX_SAFE_INTEGER));
    expect(codeOf(() => db.incrBy('n'))).toBe('FERRITE_OVERFLOW');
    expect(db.incrBy('n', -1)).toBe(Number.MAX_SAFE_INTEGER - 1);
  });
});

describe('a batch', () => {
  it('is applied in order, all at once, and only once', () => {
    const { db } = openWith();
    db.set('old', '1');
    const batch = db.batch().set('a', '1').del('old').set('a', '2').set('ttl', 'x', { ttlMs: 50 }).expire('a', 70);
    expect([batch.size, db.get('a'), db.get('old')]).toEqual([5, undefined, '1']);
    batch.commit();
    expect([db.get('a'), db.get('old'), db.ttl('a'), db.ttl('ttl')]).toEqual(['2', undefined, 70, 50]);
    expect(codeOf(() => batch.set('b', ''))).toBe('FERRITE_INVALID_ARGUMENT');
    expect(codeOf(() => batch.commit())).toBe('FERRITE_INVALID_ARGUMENT');
  });

  it('may be empty, and asynchronous', async () => {
    const { db } = openWith();
    db.batch().commit();
    await db.batch().set('a', '1').commitAsync();
    expect(db.get('a')).toBe('1');
  });
});

describe('iterators', () => {
  function filled(): Database {
    const { db } = openWith();
    for (const key of ['b', 'a', 'ab', 'B', 'ü', 'aa', '']) db.set(key, key.toUpperCase());
    db.set(Uint8Array.of(0xff), 'bytes');
    return db;
  }

  it('go in the order of the keys’ bytes, either way', () => {
    const db = filled();
    const keys = ['', 'B', 'a', 'aa', 'ab', 'b', 'ü', '\ufffd'];
    expect([...db.keys()]).toEqual(keys);
    expect([...db.keys({ reverse: true })]).toEqual([...keys].reverse());
    expect([...db.entries()].slice(2, 4)).toEqual([
      ['a', 'A'],
      ['aa', 'AA'],
    ]);
  });

  it('keep to bounds, prefix and limit', () => {
    const db = filled();
    expect([...db.keys({ gte: 'a', lt: 'b' })]).toEqual(['a', 'aa', 'ab']);
    expect([...db.keys({ gt: 'a', lte: 'b' })]).toEqual(['aa', 'ab', 'b']);
    expect([...db.keys({ gte: 'a', lt: 'b', reverse: true, limit: 2 })]).toEqual(['ab', 'aa']);
    expect([...db.scanPrefix('a')].map(([key]) => key)).toEqual(['a', 'aa', 'ab']);
    expect([...db.scanPrefix('a', { reverse: true, limit: 1 })]).toEqual([['ab', 'AB']]);
    expect([...db.scanPrefix('', { limit: 0 })]).toEqual([]);
    expect([...db.range({ gt: 'z', lt: 'a' })]).toEqual([]);
  });

  it('stay right while keys come, change and go between two steps', () => {
    const db = filled();
    const entries = db.entries();
    expect(entries.next().value).toEqual(['', '']);
    db.del('B');
    db.set('a', 'changed');
    db.set(Uint8Array.of(0xff), 'changed bytes');
    expect([...entries].filter(([key]) => key !== 'aa' && key !== 'ab')).toEqual([
      ['a', 'changed'],
      ['b', 'B'],
      ['ü', 'Ü'],
      ['\ufffd', 'changed bytes'],
    ]);
  });

  it('can be left early, and end for good', () => {
    const db = filled();
    const keys = db.keys();
    for (const key of keys) if (key === 'a') break;
    expect(keys.next()).toEqual({ value: undefined, done: true });
  });

  it('give nothing more once the store is closed', () => {
    const db = filled();
    const keys = db.keys();
    keys.next();
    db.close();
    expect(codeOf(() => keys.next())).toBe('FERRITE_CLOSED');
  });
});

describe('a mistake in a call', () => {
  const { db } = openWith();
  db.set('key', 'value');

  it.each<[string, (db: Database) => unknown]>([
    ['an option of set that is no object', (db) => db.set('key', 'x', 5000 as never)],
    ['null for the options of set', (db) => db.set('key', 'x', null as never)],
    ['a condition that is no boolean', (db) => db.set('key', 'x', { ifAbsent: 'yes' as never })],
    ['an unknown option of a batch', (db) => db.batch().set('key', 'x', { ttl: 5 } as never)],
    ['a condition in a batch', (db) => db.batch().set('key', 'x', { ifAbsent: true } as never)],
    ['an unknown option of scanPrefix', (db) => db.scanPrefix('k', { max: 1 } as never)],
    ['a prefix that is no key', (db) => db.scanPrefix(5 as never)],
    ['an unknown bound', (db) => db.range({ from: 'a' } as never)],
    ['a bound that is no key', (db) => db.keys({ gte: 5 as never })],
    ['null for a bound', (db) => db.range({ gt: null as never })],
    ['a limit that is no number', (db) => db.range({ limit: '2' as never })],
    ['a range that is a string', (db) => db.range('key' as never)],
    ['keys that are no array', (db) => db.getMany(new Set(['key']) as never)],
    ['no keys', (db) => db.getMany(undefined as never)],
    ['a listener that is no function', (db) => db.on('error', 5 as never)],
  ])('is FERRITE_INVALID_ARGUMENT and changes nothing: %s', (_, call) => {
    expect(codeOf(() => call(db))).toBe('FERRITE_INVALID_ARGUMENT');
    expect(db.get('key')).toBe('value');
  });
});

describe('codecs', () => {
  it('json keeps shapes', () => {
    const { db } = openWith<{ a: number[] } | null>({ codec: 'json' });
    db.set('key', { a: [1, 2] });
    db.set('none', null);
    expect(db.get('key')).toEqual({ a: [1, 2] });
    expect(db.get('none')).toBeNull();
    expect(db.set('key', null, { returnOld: true })).toEqual({ written: true, old: { a: [1, 2] } });
    expect([...db.entries()]).toEqual([
      ['key', null],
      ['none', null],
    ]);
  });

  it('buffer gives bytes, a custom one what it likes, and bytes are always taken as they are', () => {
    const { db } = openWith<Uint8Array>({ codec: 'buffer' });
    db.set('key', Uint8Array.of(1, 2));
    expect(db.get('key')).toEqual(Buffer.from([1, 2]));
    const dates: Codec<Date> = {
      encode: (date) => String(date.getTime()),
      decode: (bytes) => new Date(Number(bytes.toString())),
    };
    const custom = openWith<Date>({ codec: dates });
    custom.db.set('key', new Date(5));
    custom.db.batch().set('other', new Date(6)).commit();
    expect(custom.db.getMany(['key', 'other'])).toEqual([new Date(5), new Date(6)]);
    custom.db.set('key', Buffer.from('77'));
    expect(custom.db.get('key')).toEqual(new Date(77));
  });

  it('that throw change nothing', () => {
    const broken: Codec<string> = {
      encode: (value) => {
        if (value === 'bad') throw new RangeError('not this one');
        return value;
      },
      decode: (bytes) => bytes.toString(),
    };
    const { db } = openWith({ codec: broken });
    db.set('key', 'good');
    expect(() => db.set('key', 'bad')).toThrow(RangeError);
    expect(() => db.batch().set('key', 'bad')).toThrow(RangeError);
    expect(db.get('key')).toBe('good');
  });

  it('that give neither text nor bytes are refused', () => {
    const { db } = openWith<number>({ codec: { encode: (value) => value as never, decode: Number } });
    expect(codeOf(() => db.set('key', 5))).toBe('FERRITE_INVALID_ARGUMENT');
  });
});

describe('stats', () => {
  it('count keys, bytes asked for and hits', () => {
    const { db } = openWith();
    db.set('key', 'value');
    db.set('key', 'other');
    db.get('key');
    db.get('missing');
    const { keys, flash, hits, updatedInPlace } = db.stats();
    expect([keys, flash.askedBytes, flash.writtenBytes, updatedInPlace]).toEqual([1, 16, 0, 1]);
    expect(hits.mutable).toBeGreaterThanOrEqual(1);
  });
});
