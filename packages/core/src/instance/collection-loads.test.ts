/** Large collections after an open: a command that needs all of the index, or a stream's entries, lets others go on meanwhile. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it, vi } from 'vitest';
import { makeTestInstance, type TestClient, type TestInstance } from '../../test/test-client.ts';

const COUNT = 40_000;
const STEP = 500;
const ENTRIES = 6000;

/** Each look at it takes half a millisecond. */
class TickingClock extends SimClock {
  override monotonicMs(): number {
    this.advance(0.5);
    return super.monotonicMs();
  }
}

/** A store that was closed with large collections in it, and opened again. */
function openAgain(): TestInstance {
  const clock = new SimClock();
  const device = new SimDevice({ clock });
  const first = makeTestInstance({ durability: 'interval' }, { device, clock });
  const { db, store } = first.driven;
  for (let from = 0; from < COUNT; from += STEP) {
    const members = Array.from({ length: STEP }, (_, i) => `m${from + i}`);
    db.hset('h', Object.fromEntries(members.map((member) => [member, 'v'])));
    db.sadd('s', ...members);
    db.zadd(
      'z',
      members.map((member, i): [string, number] => [member, from + i]),
    );
  }
  const client = first.connect();
  client.send('XADD', 'x', '1-0', 'f', 'v');
  client.send('XGROUP', 'CREATE', 'x', 'g', '0');
  for (let i = 2; i <= ENTRIES; i++) client.send('XADD', 'x', `${i}-0`, 'f', 'v');
  client.send('XREADGROUP', 'GROUP', 'g', 'me', 'COUNT', '3000', 'STREAMS', 'x', '>');
  store.checkpointer?.writeSync();
  db.close();
  const world = makeTestInstance({ durability: 'interval' }, { device, clock: new TickingClock() });
  vi.spyOn(world.driven.store, 'yieldTurn').mockImplementation(() => new Promise((resolve) => setImmediate(resolve)));
  return world;
}

/** Turns of the loop until the client has an answer, and the answer. */
async function answerOf(client: TestClient, eachTurn: () => void): Promise<{ turns: number; reply: unknown }> {
  for (let turns = 1; turns < 2000; turns++) {
    const [reply] = client.received();
    if (reply !== undefined) return { turns, reply };
    eachTurn();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { turns: 0, reply: undefined };
}

describe('a command on a large stream after an open', () => {
  it('waits while what is known of it is made in slices, and others are served', async () => {
    const world = openAgain();
    const [client, second, other] = [world.connect(), world.connect(), world.connect()];
    expect(client.send('XLEN', 'x')).toBeUndefined();
    expect(second.send('XADD', 'x', '*', 'f', 'v')).toBeUndefined();
    let served = 0;
    const { turns, reply } = await answerOf(client, () => {
      if (other.send('PING') === 'PONG') served++;
    });
    expect(reply).toBe(ENTRIES);
    expect(turns).toBeGreaterThan(5);
    expect(served).toBe(turns - 1);
    expect(typeof (await answerOf(second, () => {})).reply).toBe('string');
    expect(other.send('XLEN', 'x')).toBe(ENTRIES + 1);
    expect(other.send('XPENDING', 'x', 'g')).toEqual([3000, '1-0', '3000-0', [['me', '3000']]]);
    expect(other.send('XRANGE', 'x', '-', '+', 'COUNT', '1')).toEqual([['1-0', ['f', 'v']]]);
  });

  it('does not wait in a transaction, which ends the waiting of others', async () => {
    const world = openAgain();
    const [client, other] = [world.connect(), world.connect()];
    expect(client.send('XLEN', 'x')).toBeUndefined();
    other.send('MULTI');
    other.send('XDEL', 'x', '7-0');
    other.send('XADD', 'x', '9999-0', 'f', 'v');
    other.send('XLEN', 'x');
    expect(other.send('EXEC')).toEqual([1, '9999-0', ENTRIES]);
    expect((await answerOf(client, () => {})).reply).toBe(ENTRIES);
    expect(other.send('XLEN', 'x')).toBe(ENTRIES);
  });

  it('begins anew when the stream goes meanwhile', async () => {
    const world = openAgain();
    const [client, other] = [world.connect(), world.connect()];
    expect(client.send('XLEN', 'x')).toBeUndefined();
    expect(other.send('DEL', 'x')).toBe(1);
    expect(other.send('XADD', 'x', '1-1', 'f', 'v')).toBe('1-1');
    expect((await answerOf(client, () => {})).reply).toBe(1);
  });
});

describe('a command that needs all of the index of a large collection after an open', () => {
  it.each([
    ['HLEN', 'h'],
    ['SCARD', 's'],
    ['ZCARD', 'z'],
  ])('%s waits while it is loaded in slices, and others are served', async (command, key) => {
    const world = openAgain();
    const [client, other] = [world.connect(), world.connect()];
    expect(client.send(command, key)).toBeUndefined();
    let served = 0;
    const { turns, reply } = await answerOf(client, () => {
      if (other.send('PING') === 'PONG') served++;
    });
    expect(reply).toBe(COUNT);
    expect(turns).toBeGreaterThan(5);
    expect(served).toBe(turns - 1);
  });

  it('meets what others change meanwhile', async () => {
    const world = openAgain();
    const [client, other] = [world.connect(), world.connect()];
    expect(client.send('HLEN', 'h')).toBeUndefined();
    expect(other.send('HSET', 'h', 'another', 'v')).toBe(1);
    expect(other.send('HDEL', 'h', 'm1', 'm2')).toBe(2);
    expect((await answerOf(client, () => {})).reply).toBe(COUNT - 1);
  });

  it('is answered when the collection goes meanwhile', async () => {
    const world = openAgain();
    const [client, other] = [world.connect(), world.connect()];
    expect(client.send('HLEN', 'h')).toBeUndefined();
    expect(other.send('DEL', 'h')).toBe(1);
    expect((await answerOf(client, () => {})).reply).toBe(0);
  });

  it('does not wait in a transaction', () => {
    const client = openAgain().connect();
    client.send('MULTI');
    client.send('SCARD', 's');
    expect(client.send('EXEC')).toEqual([COUNT]);
  });

  it('does not wait for one after the other', async () => {
    const world = openAgain();
    const clients = ['h', 's', 'h'].map(() => world.connect());
    expect(clients[0].send('HLEN', 'h')).toBeUndefined();
    expect(clients[2].send('HLEN', 'h')).toBeUndefined();
    for (const client of [clients[0], clients[2]]) expect((await answerOf(client, () => {})).reply).toBe(COUNT);
  });
});
