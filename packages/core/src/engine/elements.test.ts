/** Lists in the engine: what is undone, how little a push writes, keys that run out, what is given back. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { FerriteError } from '../base/errors.ts';
import { Prng } from '../base/prng.ts';
import { type Driven, openDriven } from '../embedded/driven.ts';
import type { OpenOptions } from '../embedded/options.ts';
import { insertAt, moveElement, popUpTo, pushAll, removeEqual, setAt, trimTo } from '../keyspace/list-operations.ts';

const DATABASE = 0;

function openWorld(options: OpenOptions = {}, isOnDisk = true): Driven<string> {
  const clock = new SimClock();
  const device = isOnDisk ? new SimDevice({ clock, seed: 1 }) : null;
  return openDriven<string>({ pageSize: '128kb', ...options }, { device, clock, prng: new Prng(1) });
}

/** One change of a list, which is not committed. */
function changeAtRandom({ store }: Driven<string>, prng: Prng): void {
  const key = `list${prng.nextBelow(3)}`;
  const word = (): string => `word${prng.nextBelow(9)}`.padEnd(prng.nextBelow(4) === 0 ? prng.nextBelow(2000) : 0, 'x');
  const dice = prng.nextBelow(10);
  if (dice < 3) pushAll(store, DATABASE, key, dice === 0, [word(), word(), word()]);
  else if (dice < 5) popUpTo(store, DATABASE, key, dice === 3, prng.nextBelow(4));
  else if (dice === 5) setAt(store, DATABASE, key, prng.nextBelow(3), word());
  else if (dice === 6) insertAt(store, DATABASE, key, true, 'word1', word());
  else if (dice === 7) removeEqual(store, DATABASE, key, 0, 'word2');
  else if (dice === 8) trimTo(store, DATABASE, key, prng.nextBelow(2), -1 - prng.nextBelow(2));
  else moveElement(store, DATABASE, key, `list${prng.nextBelow(3)}`, true, false);
}

function readAll({ db }: Driven<string>): string[][] {
  return [0, 1, 2].map((i) => db.lrange(`list${i}`));
}

describe('lists in the engine', () => {
  it('are as they were after a commit that the device refused', () => {
    const driven = openWorld({ durability: 'everysec' });
    const prng = new Prng(7);
    for (let round = 0; round < 150; round++) {
      for (let i = prng.nextBelow(12); i > 0; i--) changeAtRandom(driven, prng);
      driven.store.committer.flushNow();
      const before = readAll(driven);
      for (let i = 1 + prng.nextBelow(12); i > 0; i--) changeAtRandom(driven, prng);
      driven.store.committer.refuse(new FerriteError('FERRITE_DISK_FULL', 'no space is left'));
      expect(readAll(driven)).toEqual(before);
    }
  });

  it('cost a push its bytes and less than 40 more, though each is committed', () => {
    const driven = openWorld({ durability: 'everysec' });
    const { db, store } = driven;
    db.rpush('list', 'x');
    for (const length of [1, 10, 100, 1000]) {
      const before = store.log.tail;
      for (let i = 0; i < 50; i++) db.rpush('list', 'x'.repeat(length));
      expect((store.log.tail - before) * 8).toBeLessThanOrEqual(50 * (length + 40 + 8));
    }
  });

  it.each(['lpush', 'rpush'] as const)('have few chunks though each %s is committed', (push) => {
    const driven = openWorld({ durability: 'everysec' });
    const { db, store } = driven;
    const expected: string[] = [];
    for (let i = 0; i < 1000; i++) {
      const element = `element${i}`;
      if (push === 'lpush') expected.unshift(element);
      else expected.push(element);
      db[push]('list', element);
    }
    const list = [...store.large.all()][0];
    expect(list.elements?.chunkCount).toBeLessThanOrEqual(40 + 1000 / 40);
    expect(db.lrange('list')).toEqual(expected);
    db.commitSync();
    const before = list.elements?.chunkCount;
    for (let i = 0; i < 60; i++) pushAll(store, DATABASE, 'list', push === 'lpush', ['more']);
    store.committer.refuse(new FerriteError('FERRITE_DISK_FULL', 'no space is left'));
    expect([list.elements?.chunkCount, db.lrange('list')]).toEqual([before, expected]);
  });

  it('cost a pop of a sealed chunk less than 48 bytes', () => {
    const driven = openWorld({ durability: 'everysec' });
    const { db, store } = driven;
    db.rpush('list', ...Array.from({ length: 300 }, (_, i) => `element${i}`));
    const before = store.log.tail;
    for (let i = 0; i < 100; i++) expect(db.lpop('list')).toBe(`element${i}`);
    expect((store.log.tail - before) * 8).toBeLessThanOrEqual(100 * 48);
  });

  it('get new keys for their chunks when a place has none left', () => {
    const driven = openWorld({ durability: 'everysec' });
    const { db } = driven;
    const expected = ['first', 'last'];
    db.rpush('list', 'first');
    db.rpush('list', 'last');
    db.expire('list', 1_000_000);
    for (let i = 0; i < 400; i++) {
      const element = `${i}`.padEnd(1000, '-');
      expected.splice(1, 0, element);
      expect(db.linsert('list', 'after', 'first', element)).toBe(expected.length);
    }
    expect(db.lrange('list')).toEqual(expected);
    expect(db.ttl('list')).toBeGreaterThan(0);
  });

  it('in memory only, give the memory back that they no longer need', () => {
    const { db, store } = openWorld({}, false);
    for (let i = 0; i < 60_000; i++) {
      db.rpush('queue', `element ${i} ${'x'.repeat(50)}`);
      if (i >= 100) db.lpop('queue');
    }
    expect(db.llen('queue')).toBe(100);
    expect(store.pages?.usedBytes).toBeLessThan(2 * 1024 * 1024);
  });

  it('count what a removed list leaves as garbage', () => {
    const driven = openWorld({ durability: 'everysec' });
    const { db, store } = driven;
    db.rpush('list', ...Array.from({ length: 20_000 }, (_, i) => `element${i}`));
    const dead = (): number => store.log.segments?.list.reduce((sum, { deadUnits }) => sum + deadUnits, 0) ?? 0;
    const before = dead();
    db.del('list');
    while (store.dropped.step());
    expect((dead() - before) * 8).toBeGreaterThan(20_000 * 12);
  });

  it('refuse an element that is longer than a record holds', () => {
    const { db } = openWorld();
    expect(() => db.lpush('list', 'x'.repeat(70_000))).toThrow('an element has at most 32768 bytes');
    expect(db.llen('list')).toBe(0);
  });
});
