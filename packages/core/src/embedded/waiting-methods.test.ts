/** The methods of a database that wait for keys. */
import { SimClock } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { TestClient } from '../../test/test-client.ts';
import { Instance } from '../instance/instance.ts';
import { type Driven, openDriven, Prng } from '../module.ts';
import { open } from './database.ts';

function driven(): Driven<string> & { clock: SimClock } {
  const clock = new SimClock();
  return { ...openDriven<string>({}, { device: null, clock, prng: new Prng(1) }), clock };
}

/** What a promise has come to by now; `waiting` if to nothing yet. */
async function now<T>(promise: Promise<T>): Promise<T | 'waiting'> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return Promise.race([promise, Promise.resolve('waiting' as const)]);
}

describe('calls that wait for a key', () => {
  it('are answered at once where there is something', async () => {
    using db = open();
    db.rpush('l', 'a', 'b', 'c', 'd');
    db.zadd('z', { one: 1, two: 2, three: 3, four: 4 });
    expect(await db.blpop(['none', 'l'])).toEqual(['l', 'a']);
    expect(await db.brpop('l')).toEqual(['l', 'd']);
    expect(await db.blmove('l', 'm', 'left', 'right')).toBe('b');
    expect(await db.blmpop(['l', 'm'], 'left', { count: 5 })).toEqual(['l', ['c']]);
    expect(await db.bzpopmin('z')).toEqual(['z', 'one', 1]);
    expect(await db.bzpopmax(['z'])).toEqual(['z', 'four', 4]);
    expect(await db.bzmpop(['z'], 'max', { count: 2 })).toEqual([
      'z',
      [
        ['three', 3],
        ['two', 2],
      ],
    ]);
    expect(await db.blpop('l', { timeoutMs: 0 })).toBeUndefined();
  });

  it('are answered in the order in which they came, by whoever adds something', async () => {
    const { db, store } = driven();
    const first = db.blpop(['a', 'b']);
    const second = db.blpop('b');
    const third = db.brpop('b');
    db.rpush('b', '1');
    expect([await now(first), await now(second)]).toEqual([['b', '1'], 'waiting']);
    db.rpush('b', '2');
    const fourth = db.blpop('b');
    expect([await now(second), await now(third)]).toEqual([['b', '2'], 'waiting']);
    new TestClient(new Instance(store)).send('RPUSH', 'b', '3', '4');
    expect([await now(third), await now(fourth)]).toEqual([
      ['b', '4'],
      ['b', '3'],
    ]);
    expect([db.has('b'), store.observer]).toEqual([false, null]);
  });

  it('wake each other: what one moves, another takes', async () => {
    const { db } = driven();
    const moved = db.blmove('from', 'to', 'left', 'left');
    const taken = db.blpop('to');
    db.rpush('from', 'x');
    expect([await now(moved), await now(taken), db.has('to')]).toEqual(['x', ['to', 'x'], false]);
  });

  it('pass over values of another type, and keys of batches and renames wake them', async () => {
    const { db, store } = driven();
    const popped = db.bzpopmin('k');
    db.rpush('k', 'x');
    expect(await now(popped)).toBe('waiting');
    db.del('k');
    db.zadd('other', { m: 1 });
    new TestClient(new Instance(store)).send('RENAME', 'other', 'k');
    expect(await now(popped)).toEqual(['k', 'm', 1]);
  });

  it('end when their time is over, or with the handle', async () => {
    const { db, clock, tick } = driven();
    const short = db.blpop('l', { timeoutMs: 500 });
    const long = db.clone().blpop('l', { timeoutMs: 5000 });
    clock.advance(400);
    tick();
    expect(await now(short)).toBe('waiting');
    clock.advance(200);
    tick();
    expect([await now(short), await now(long)]).toEqual([undefined, 'waiting']);
    const other = db.clone();
    const closed = other.blpop('l');
    other.close();
    await expect(closed).rejects.toMatchObject({ code: 'FERRITE_CLOSED' });
    db.rpush('l', 'x');
    expect(await now(long)).toEqual(['l', 'x']);
  });

  it('read streams from the last entry on, alone and in groups', async () => {
    const { db } = driven();
    db.xadd('s', { n: '1' }, { id: '1-0' });
    db.xgroupCreate('s', 'g', '$');
    const read = db.bxread({ s: '$', none: '0' });
    const given = db.bxreadgroup('g', 'ann', { s: '>' }, { count: 1 });
    expect(await now(read)).toBe('waiting');
    db.xadd('s', { n: '2' }, { id: '2-0' });
    expect((await now(read)) as object).toEqual(new Map([['s', [{ id: '2-0', fields: new Map([['n', '2']]) }]]]));
    expect((await now(given)) as object).toEqual(new Map([['s', [{ id: '2-0', fields: new Map([['n', '2']]) }]]]));
    expect(db.xpending('s', 'g').count).toBe(1);
    expect(await db.bxread({ s: '$' }, { timeoutMs: 0 })).toEqual(new Map());
  });

  it('reject what is wrong', async () => {
    using db = open();
    db.set('text', 'x');
    await expect(db.blpop('text')).rejects.toMatchObject({ code: 'FERRITE_WRONG_TYPE' });
    for (const call of [
      () => db.blpop([]),
      () => db.blpop('l', { timeoutMs: Number.NaN }),
      () => db.blpop('l', { timeoutMs: -1 }),
      () => db.blpop('l', { timeout: 1 } as object),
      () => db.blmove('l', 'm', 'head' as 'left', 'left'),
      () => db.bxread({}),
    ])
      await expect(call(), String(call)).rejects.toMatchObject({ code: 'FERRITE_INVALID_ARGUMENT' });
    await expect(db.bxreadgroup('g', 'ann', { s: '>' })).rejects.toMatchObject({ code: 'FERRITE_NO_GROUP' });
  });
});
