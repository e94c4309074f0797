/** Sorted sets that have to be put in order: who waits for that, what it does to others, and what a refused commit does to it. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { makeTestInstance, type TestClient, type TestInstance } from '../../test/test-client.ts';
import type { Database } from '../embedded/database.ts';

const COUNT = 6000;

/** A store that was closed with a large sorted set in it, and opened again. */
function openAgain(): TestInstance {
  const clock = new SimClock();
  const device = new SimDevice({ clock });
  const first = makeTestInstance({ durability: 'interval' }, { device, clock });
  for (let i = 0; i < COUNT; i += 100) first.driven.db.zadd('z', pairsFrom(i));
  first.driven.db.close();
  return makeTestInstance({ durability: 'interval' }, { device, clock });
}

/** Members in an order other than that of their scores. */
function pairsFrom(from: number): [string, number][] {
  return Array.from({ length: 100 }, (_, i) => [`m${from + i}`, ((from + i) * 7919) % COUNT]);
}

/** Lets turns of the loop pass until the client has an answer. */
async function answerOf(client: TestClient): Promise<unknown> {
  for (let turn = 0; turn < 1000; turn++) {
    const [reply] = client.received();
    if (reply !== undefined) return reply;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return undefined;
}

function orderOf(db: Database): string[] {
  return db.zrange('z');
}

describe('a command that asks for the order of a large sorted set', () => {
  it('waits for it, while others are served and change the set', async () => {
    const world = openAgain();
    const [client, other] = [world.connect(), world.connect()];
    expect(client.send('ZRANGE', 'z', '0', '1')).toBeUndefined();
    expect(client.client.isSuspended).toBe(true);
    expect(other.send('ZADD', 'z', '-5', 'first')).toBe(1);
    expect(other.send('ZADD', 'z', '-4', 'm77')).toBe(0);
    expect(other.send('ZREM', 'z', 'm0')).toBe(1);
    expect(other.send('ZSCORE', 'z', 'm1')).toBe(String(7919 % COUNT));
    expect(await answerOf(client)).toEqual(['first', 'm77']);
    expect(other.send('ZCARD', 'z')).toBe(COUNT);
    const expected = world.driven.db.zrange('z');
    expect(expected).toHaveLength(COUNT);
    expect(new Set(expected).size).toBe(COUNT);
    const scores = world.driven.db.zmscore('z', ...expected) as number[];
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
  });

  it('shares the work with others that ask for it', async () => {
    const world = openAgain();
    const clients = Array.from({ length: 5 }, () => world.connect());
    for (const client of clients) expect(client.send('ZRANK', 'z', 'm0')).toBeUndefined();
    for (const client of clients) expect(await answerOf(client)).toBe(0);
  });

  it('is answered when the set goes meanwhile', async () => {
    const world = openAgain();
    const [client, other] = [world.connect(), world.connect()];
    expect(client.send('ZRANGE', 'z', '0', '1')).toBeUndefined();
    expect(other.send('DEL', 'z')).toBe(1);
    expect(await answerOf(client)).toEqual([]);
  });

  it('does not wait in a transaction', () => {
    const client = openAgain().connect();
    client.send('MULTI');
    client.send('ZRANGE', 'z', '0', '0');
    expect(client.send('EXEC')).toEqual([['m0']]);
  });
});

describe('a refused commit', () => {
  it('leaves no trace in the order of a sorted set', () => {
    const clock = new SimClock();
    const device = new SimDevice({ clock });
    const { driven } = makeTestInstance({ durability: 'always' }, { device, clock });
    const { db } = driven;
    for (let i = 0; i < 1000; i += 100) db.zadd('z', pairsFrom(i));
    const before = orderOf(db);
    device.setCapacity(0);
    let refused = 0;
    for (let i = 0; i < 3000; i += 100) {
      try {
        db.zadd('z', pairsFrom(i));
      } catch {
        refused++;
        const members = orderOf(db);
        expect(members).toHaveLength(db.zcard('z'));
        expect(db.zrank('z', members[5])).toBe(5);
        break;
      }
    }
    expect(refused).toBe(1);
    device.setCapacity(Number.POSITIVE_INFINITY);
    db.zrem('z', ...db.zrange('z').filter((member) => !before.includes(member)));
    expect(orderOf(db)).toEqual(before);
  });

  it('leaves a small sorted set as it was, also where it had outgrown its record', () => {
    const clock = new SimClock();
    const device = new SimDevice({ clock });
    const { driven } = makeTestInstance({ durability: 'always' }, { device, clock });
    const { db } = driven;
    db.zadd('z', [['a', 1]]);
    db.zadd('z', pairsFrom(0).slice(0, 40));
    const before = db.zrangeWithScores('z');
    device.setCapacity(0);
    let refused = 0;
    for (let left = 3000; left > 0 && refused === 0; left--) {
      try {
        db.zadd('z', [['a', left]]);
      } catch {
        refused++;
      }
    }
    expect(refused).toBe(1);
    const kept = db.zrangeWithScores('z');
    expect(kept.filter(([member]) => member !== 'a')).toEqual(before.filter(([member]) => member !== 'a'));
    expect(() => db.zadd('z', pairsFrom(100))).toThrow();
    expect(db.zrangeWithScores('z')).toEqual(kept);
    device.setCapacity(Number.POSITIVE_INFINITY);
    db.zadd('z', pairsFrom(100));
    expect(orderOf(db)).toHaveLength(kept.length + 100);
  });
});
