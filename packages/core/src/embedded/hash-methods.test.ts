/** The methods of a database for hashes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../test/code-of.ts';
import { open } from './database.ts';

describe('hashes of a program', () => {
  it('set and show fields by each method', () => {
    using db = open();
    expect([db.hsetnx('h', 'a', '1'), db.hsetnx('h', 'a', '2')]).toEqual([true, false]);
    expect(db.hset('h', { a: '1', b: 'text', ü: '3' })).toBe(2);
    expect(db.hmget('h', 'b', 'none', 'a')).toEqual(['text', undefined, '1']);
    expect(db.hmget('none', 'b')).toEqual([undefined]);
    expect([db.hkeys('h').sort(), db.hvals('h').sort(), db.hkeys('none')]).toEqual([
      ['a', 'b', 'ü'],
      ['1', '3', 'text'],
      [],
    ]);
    expect([db.hstrlen('h', 'b'), db.hstrlen('h', 'none'), db.hstrlen('none', 'b')]).toEqual([4, 0, 0]);
    db.set('s', 'text');
    for (const call of [
      () => db.hsetnx('s', 'a', '1'),
      () => db.hmget('s', 'a'),
      () => db.hkeys('s'),
      () => db.hincrby('s', 'a'),
      () => db.hrandfield('s'),
      () => [...db.hscan('s')],
    ]) {
      expect(codeOf(call)).toBe('FERRITE_WRONG_TYPE');
    }
  });

  it('count, in whole numbers and in others', () => {
    using db = open<number>({ codec: 'json' });
    expect([db.hincrby('h', 'n'), db.hincrby('h', 'n', -5), db.hget('h', 'n')]).toEqual([1, -4, -4]);
    expect([db.hincrbyfloat('h', 'n', 0.1), db.hincrbyfloat('h', 'f', 1e-7), db.hget('h', 'n')]).toEqual([
      -3.9, 1e-7, -3.9,
    ]);
    for (const fields of [undefined, 'name', ['name', 'pump'], 7]) {
      expect(codeOf(() => db.hset('h', fields as unknown as Record<string, number>))).toBe('FERRITE_INVALID_ARGUMENT');
    }
    expect(codeOf(() => db.hincrby('h', 'n'))).toBe('FERRITE_NOT_AN_INTEGER');
    expect(codeOf(() => db.hincrby('h', 'n', 0.5))).toBe('FERRITE_NOT_AN_INTEGER');
    db.hset('h', { n: Number.MAX_SAFE_INTEGER });
    expect(codeOf(() => db.hincrby('h', 'n'))).toBe('FERRITE_OVERFLOW');
    db.hset('h', [['t', Buffer.from('text')]]);
    expect(codeOf(() => db.hincrbyfloat('h', 't', 1))).toBe('FERRITE_INVALID_ARGUMENT');
    expect(codeOf(() => db.hincrbyfloat('h', 'n', Number.NaN))).toBe('FERRITE_INVALID_ARGUMENT');
  });

  it('are drawn from, and walked while they change', () => {
    using db = open();
    expect([db.hrandfield('none'), db.hrandfield('none', 3)]).toEqual([undefined, []]);
    for (let i = 0; i < 2000; i++) db.hset('h', { [`f${i}`]: String(i) });
    const [field, value] = db.hrandfield('h') ?? [];
    expect(`f${value}`).toBe(field);
    expect(new Set(db.hrandfield('h', 100).map(([name]) => name)).size).toBe(100);
    expect(db.hrandfield('h', -5000)).toHaveLength(5000);
    const met = new Map<string, string>();
    let step = 0;
    for (const [name, text] of db.hscan('h')) {
      expect(met.has(name)).toBe(false);
      met.set(name, text);
      db.hset('h', { [`new${step}`]: 'x' });
      if (step++ % 2 === 0) db.hdel('h', `f${1000 + (step % 1000)}`);
    }
    for (let i = 0; i < 1000; i++) expect(met.get(`f${i}`)).toBe(String(i));
  });

  it('are changed where their fields are on disk only', () => {
    const path = mkdtempSync(join(tmpdir(), 'ferrite-hashes-'));
    try {
      const options = {
        path,
        pageSize: '128kb',
        mutableRegionSize: '1mb',
        readOnlyRegionSize: '1mb',
        readCacheSize: '1mb',
      };
      const padding = 'x'.repeat(500);
      const db = open(options);
      for (let i = 0; i < 20_000; i += 100) {
        db.hset(
          'h',
          Array.from({ length: 100 }, (_, j) => [`f${i + j}`, `${i + j}:${padding}`] as const),
        );
      }
      const names = Array.from({ length: 200 }, (_, i) => `f${i * 7}`);
      expect(db.hset('h', [...names.map((name) => [name, 'short'] as const), ['new', '1']])).toBe(1);
      expect(db.hdel('h', 'f1', 'f2', 'f3', 'none')).toBe(3);
      expect([db.hsetnx('h', 'f9', 'no'), db.hget('h', 'f9'), db.hlen('h')]).toEqual([false, `9:${padding}`, 19_998]);
      expect(db.hmget('h', 'f0', 'f1', 'f7', 'f11')).toEqual(['short', undefined, 'short', `11:${padding}`]);
      db.close();
      const again = open(options);
      expect(again.hmget('h', 'f0', 'f1', 'f7', 'f11')).toEqual(['short', undefined, 'short', `11:${padding}`]);
      expect([again.hlen('h'), [...again.hscan('h')].length]).toEqual([19_998, 19_998]);
      again.close();
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  });
});
