/** The methods of a database for the expiry of fields. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { expireMembers } from '../engine/expire-members.ts';
import { codeOf } from '../../test/code-of.ts';
import { type Driven, openDriven } from './driven.ts';
import type { OpenOptions } from './options.ts';

const YEAR_MS = 1000 * 3600 * 24 * 365;

interface Host extends Driven<string> {
  clock: SimClock;
  device: SimDevice;
}

function makeHost(options: OpenOptions = {}, before?: Host): Host {
  const clock = before?.clock ?? new SimClock();
  const device = before?.device ?? new SimDevice({ clock, seed: 1 });
  const driven = openDriven<string>({ pageSize: '128kb', ...options }, { device, clock, prng: new Prng(1) });
  return { ...driven, clock, device };
}

describe('the expiry of fields, for a program', () => {
  it('is set, asked for and taken away', () => {
    const { db, clock } = makeHost();
    expect(db.hexpire('none', 10, ['a'])).toEqual([false]);
    db.hset('h', { a: '1', b: '2', c: '3' });
    expect(db.hexpire('h', 500, ['a', 'x', 'b'])).toEqual([true, false, true]);
    expect(db.httl('h', 'a', 'c', 'x')).toEqual([500, Number.POSITIVE_INFINITY, undefined]);
    expect(db.hexpiretime('h', 'a')).toEqual([clock.nowMs() + 500]);
    expect(db.httl('none', 'a')).toEqual([undefined]);
    expect(db.hexpire('h', 600, ['a', 'c'], { nx: true })).toEqual([false, true]);
    expect(db.hexpire('h', 550, ['a', 'c'], { gt: true })).toEqual([true, false]);
    expect(db.hpersist('h', 'a', 'a', 'x')).toEqual([true, false, false]);
    expect(db.hexpireat('h', clock.nowMs() + 20, ['b'])).toEqual([true]);
    clock.advance(20);
    expect([...db.hgetall('h').keys()].sort()).toEqual(['a', 'c']);
    expect([db.hlen('h'), db.hget('h', 'b'), db.hexists('h', 'b'), db.hdel('h', 'b')]).toEqual([
      2,
      undefined,
      false,
      0,
    ]);
    expect([...db.hscan('h')].map(([field]) => field).sort()).toEqual(['a', 'c']);
    expect(db.hexpire('h', 0, ['a', 'c'])).toEqual([true, true]);
    expect(db.hgetall('h').size).toBe(0);
  });

  it('comes with values that are read, set and taken', () => {
    const { db, clock } = makeHost();
    expect(db.hsetex('h', { a: '1', b: '2' }, { ttlMs: 100 })).toBe(true);
    expect(db.hsetex('h', { a: '3' }, { ifAbsent: true })).toBe(false);
    expect(db.hsetex('h', { a: '3', x: '1' }, { ifPresent: true })).toBe(false);
    expect(db.hsetex('h', [['a', '4']], { keepTtl: true })).toBe(true);
    expect(db.hgetex('h', ['a', 'x', 'b'])).toEqual(['4', undefined, '2']);
    expect(db.httl('h', 'a', 'b')).toEqual([100, 100]);
    expect(db.hgetex('h', ['a'], { persist: true })).toEqual(['4']);
    expect(db.hgetex('h', ['b'], { ttlMs: 50 })).toEqual(['2']);
    expect(db.httl('h', 'a', 'b')).toEqual([Number.POSITIVE_INFINITY, 50]);
    clock.advance(60);
    expect(db.hgetdel('h', 'a', 'b')).toEqual(['4', undefined]);
    expect(db.hgetall('h').size).toBe(0);
    expect([db.hsetex('h', { a: '1' }, { expiresAt: 1 }), db.has('h')]).toEqual([true, false]);
  });

  it('refuses what makes no sense', () => {
    const { db } = makeHost();
    db.set('s', 'text');
    db.hset('h', { a: '1' });
    expect(codeOf(() => db.hexpire('s', 1, ['a']))).toBe('FERRITE_WRONG_TYPE');
    expect(codeOf(() => db.hsetex('s', { a: '1' }))).toBe('FERRITE_WRONG_TYPE');
    for (const call of [
      () => db.hexpire('h', 1, ['a'], { nx: true, gt: true }),
      () => db.hexpire('h', 1, ['a'], { ifAbsent: true } as never),
      () => db.hexpire('h', Number.NaN, ['a']),
      () => db.hexpire('h', 2 ** 47, ['a']),
      () => db.hgetex('h', ['a'], { persist: true, ttlMs: 1 }),
      () => db.hsetex('h', { a: '1' }, { keepTtl: true, ttlMs: 1 }),
      () => db.hsetex('h', { a: '1' }, { ifAbsent: true, ifPresent: true }),
      () => db.hpersist('h', 7 as never),
    ]) {
      expect(codeOf(call)).toBe('FERRITE_INVALID_ARGUMENT');
    }
    expect(db.httl('h', 'a')).toEqual([Number.POSITIVE_INFINITY]);
  });

  it('is there again after a close and after a kill, and reached meanwhile', () => {
    for (const end of ['close', 'kill', 'checkpoint'] as const) {
      let host = makeHost({ durability: 'always' });
      host.db.hset('h', { stay: '1', a: '2', b: '3' });
      host.db.hexpire('h', 1000, ['a']);
      host.db.hexpire('h', 5000, ['b']);
      host.db.hsetex('gone', { a: '1' }, { ttlMs: 1000 });
      if (end === 'checkpoint') host.store.checkpointer?.writeSync();
      if (end === 'kill') host.device = host.device.crash('everything', 1);
      else host.db.close();
      host.clock.advance(2000);
      host = makeHost({ durability: 'always' }, host);
      expect([end, host.db.httl('h', 'stay', 'a', 'b')]).toEqual([end, [Number.POSITIVE_INFINITY, undefined, 3000]]);
      expect([...host.db.hgetall('h').keys()].sort()).toEqual(['b', 'stay']);
      expireMembers(host.store, 1);
      expect([host.db.has('gone'), host.store.counters.expiredMembers]).toEqual([false, 2]);
      host.clock.advance(4000);
      expireMembers(host.store, 1);
      expect(host.db.hkeys('h')).toEqual(['stay']);
      host.db.close();
    }
  });

  it('comes back when the commit that reached it is refused', () => {
    const { db, clock, device, store } = makeHost({ durability: 'always' });
    db.hsetex('h', { a: '1' }, { ttlMs: 100 });
    clock.advance(200);
    expireMembers(store, 1);
    expect(db.has('h')).toBe(false);
    device.fail({ operation: 'write', code: 'ENOSPC' });
    expect(codeOf(() => db.set('k', 'v'))).toBe('FERRITE_DISK_FULL');
    expect([db.has('h'), db.hlen('h')]).toEqual([true, 0]);
    expireMembers(store, 1);
    expect(db.has('h')).toBe(false);
  });

  it('leaves few entries behind, however often it is set anew', () => {
    const { db, store } = makeHost({ durability: 'none' });
    db.hset('h', { b: '1' });
    for (let i = 0; i < 20_000; i++) {
      db.hset('h', { a: '1' });
      db.hexpire('h', YEAR_MS + i * 7, ['a']);
      if (i % 50 === 0) expireMembers(store, 1);
    }
    expect(store.memberWheel.size).toBeLessThan(9000);
    expect(db.httl('h', 'a')).toEqual([YEAR_MS + 19_999 * 7]);
  });

  it('is told to those who follow the changes', async () => {
    const { db, clock } = makeHost({ durability: 'always' });
    db.hset('h', { a: '1', b: '2' });
    db.hexpire('h', 5000, ['a']);
    const shown: unknown[] = [];
    for await (const change of db.changes({ from: 'start' })) {
      if (change.type === 'member') shown.push([change.member, change.value, change.expiresAt]);
    }
    expect(shown).toContainEqual(['a', '1', clock.nowMs() + 5000]);
    expect(shown).toContainEqual(['b', '2', undefined]);
  });
});
