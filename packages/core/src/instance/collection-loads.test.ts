/** Collections of which a checkpoint has the index: a command that needs all of it lets others go on meanwhile. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it, vi } from 'vitest';
import { makeTestInstance, type TestClient, type TestInstance } from '../../test/test-client.ts';

const COUNT = 40_000;
const STEP = 500;

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
    db.zadd('z', members.map((member, i): [string, number] => [member, from + i]));
  }
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
