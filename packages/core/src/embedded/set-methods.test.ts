/** The methods of a database for sets. */
import { describe, expect, it } from 'vitest';
import { SimClock, SimDevice } from '@ferrite/testing';
import { Prng } from '../base/prng.ts';
import { codeOf } from '../../test/code-of.ts';
import { openDriven } from './driven.ts';
import { open } from './database.ts';

describe('sets of a program', () => {
  it('keep each member once, and go with the last', () => {
    using db = open();
    expect(db.sadd('tags', 'red', 'green', 'red')).toBe(2);
    expect(db.sadd('tags')).toBe(0);
    expect([db.scard('tags'), db.sismember('tags', 'red'), db.sismember('tags', 'blue')]).toEqual([2, true, false]);
    expect(db.smismember('tags', 'blue', 'green')).toEqual([false, true]);
    expect(db.smembers('tags')).toEqual(new Set(['red', 'green']));
    expect([db.srem('tags', 'red', 'blue'), db.srem('tags', 'green'), db.has('tags')]).toEqual([1, 1, false]);
    expect([db.scard('tags'), db.smembers('tags').size, db.srem('tags', 'x')]).toEqual([0, 0, 0]);
  });

  it('hold what the codec makes of a member', () => {
    using bytes = open({ codec: 'buffer' });
    const member = Buffer.from([0, 255, 10]);
    bytes.sadd('s', member, new Uint8Array([0, 255, 10]));
    expect([...bytes.smembers('s')]).toEqual([member]);
    using json = open<{ id: number } | number>({ codec: 'json' });
    json.sadd('s', { id: 1 }, { id: 1 }, 7);
    expect(json.scard('s')).toBe(2);
    expect(json.sismember('s', { id: 1 })).toBe(true);
    expect(json.smembers('s').has(7)).toBe(true);
  });

  it('are combined, and stored over whatever the key held', () => {
    using db = open();
    db.sadd('a', '1', '2', '3');
    db.sadd('b', '2', '3', '4');
    expect(db.sinter('a', 'b')).toEqual(new Set(['2', '3']));
    expect(db.sunion('a', 'none', 'b')).toEqual(new Set(['1', '2', '3', '4']));
    expect([db.sdiff('a', 'b'), db.sdiff('none', 'a'), db.sinter('a', 'none')]).toEqual([
      new Set(['1']),
      new Set(),
      new Set(),
    ]);
    expect([db.sintercard(['a', 'b']), db.sintercard(['a', 'b'], 1)]).toEqual([2, 1]);
    db.set('a2', 'text');
    expect([db.sinterstore('a2', 'a', 'b'), db.sunionstore('a', 'a', 'b'), db.sdiffstore('b', 'a', 'b')]).toEqual([
      2, 4, 1,
    ]);
    expect([db.smembers('a2'), db.scard('a'), db.smembers('b')]).toEqual([new Set(['2', '3']), 4, new Set(['1'])]);
    expect([db.sinterstore('a', 'a', 'none'), db.has('a')]).toEqual([0, false]);
  });

  it('give members away: to each other, at random, and for good', () => {
    using db = open();
    db.sadd('a', '1', '2');
    expect([db.smove('a', 'b', '1'), db.smove('a', 'b', '1'), db.smove('b', 'b', '1')]).toEqual([true, false, true]);
    expect([db.smove('a', 'b', '2'), db.has('a'), db.smembers('b')]).toEqual([true, false, new Set(['1', '2'])]);
    expect([db.srandmember('none'), db.spop('none'), db.spop('none', 3)]).toEqual([undefined, undefined, []]);
    for (let i = 0; i < 100; i++) db.sadd('many', `m${i}`);
    expect(db.sismember('many', db.srandmember('many') as string)).toBe(true);
    expect([new Set(db.srandmember('many', 60)).size, db.srandmember('many', -300).length]).toEqual([60, 300]);
    const popped = [db.spop('many'), ...db.spop('many', 59)];
    expect([new Set(popped).size, db.scard('many')]).toEqual([60, 40]);
    expect([db.spop('many', 50).length, db.has('many')]).toEqual([40, false]);
  });

  it('are walked in pieces while they change, and the walk ends with the key', () => {
    using db = open();
    for (let i = 0; i < 3000; i++) db.sadd('s', `stay:${i}`, `go:${i}`);
    const met: string[] = [];
    for (const member of db.sscan('s')) {
      met.push(member);
      db.srem('s', `go:${met.length}`);
      if (met.length < 2000) db.sadd('s', `new:${met.length}`);
    }
    const stayed = met.filter((member) => member.startsWith('stay:'));
    expect([stayed.length, new Set(stayed).size]).toEqual([3000, 3000]);
    expect([...db.sscan('none')]).toEqual([]);
    const walk = db.sscan('s');
    walk.next();
    db.del('s');
    expect([...walk].length).toBeLessThan(1000);
  });

  it('end with their last member, also while most of the index is still in the checkpoint', () => {
    const clock = new SimClock();
    const openOn = (device: SimDevice) =>
      openDriven<string>({ durability: 'always', pageSize: '128kb' }, { device, clock, prng: new Prng(1) });
    const device = new SimDevice({ clock });
    const { db, store } = openOn(device);
    const members = Array.from({ length: 12_000 }, (_, i) => `m${i}`);
    for (let i = 0; i < members.length; i += 1000) db.sadd('s', ...members.slice(i, i + 1000));
    store.checkpointer?.writeSync();
    for (let i = 0; i < members.length; i += 1000) db.srem('s', ...members.slice(Math.max(i, 2), i + 1000));
    const again = openOn(device.crash('nothing'));
    const isLoaded = () => [...again.store.large.all()][0].members?.isLoaded;
    expect([again.db.sismember('s', 'm0'), isLoaded()]).toEqual([true, false]);
    expect([again.db.srem('s', 'm0'), again.db.has('s')]).toEqual([1, true]);
    expect([again.db.srem('s', 'm1'), again.db.has('s')]).toEqual([1, false]);
    again.db.close();
  });

  it('say what is wrong', () => {
    using db = open();
    db.set('text', 'v');
    db.sadd('s', 'a');
    for (const call of [
      () => db.sadd('text', 'a'),
      () => db.smembers('text'),
      () => db.sinter('s', 'text'),
      () => db.sunionstore('d', 's', 'text'),
      () => db.smove('s', 'text', 'a'),
      () => [...db.sscan('text')],
      () => db.get('s'),
    ]) {
      expect(codeOf(call)).toBe('FERRITE_WRONG_TYPE');
    }
    for (const call of [
      () => db.sadd('s', 'x'.repeat(65_537)),
      () => db.spop('s', -1),
      () => db.srandmember('s', 1.5),
      () => db.sinter(),
      () => db.sintercard(['s'], 0),
      () => db.sadd('s', 7 as unknown as string),
    ]) {
      expect(codeOf(call)).toBe('FERRITE_INVALID_ARGUMENT');
    }
    expect([db.smembers('s'), db.has('d')]).toEqual([new Set(['a']), false]);
  });
});
