/** Clients that wait for keys. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestInstance, type TestClient, type TestInstance } from '../../test/test-client.ts';

async function settled(client: TestClient): Promise<unknown[]> {
  return client.settled();
}

function connectSome(world: TestInstance, count: number): TestClient[] {
  return Array.from({ length: count }, () => world.connect());
}

describe('a client that waits for a list', () => {
  it('is served at once where there is one, and else when somebody pushes', async () => {
    const [waiting, other] = connectSome(makeTestInstance(), 2);
    other.send('RPUSH', 'b', '1', '2');
    expect(waiting.send('BLPOP', 'a', 'b', 0)).toEqual(['b', '1']);
    expect(waiting.send('BRPOP', 'a', 'b', 0)).toEqual(['b', '2']);
    expect(waiting.send('BLPOP', 'a', 'b', 0)).toBeUndefined();
    expect(other.send('RPUSH', 'b', 'x', 'y')).toBe(2);
    expect(await settled(waiting)).toEqual([['b', 'x']]);
    expect(other.send('LRANGE', 'b', 0, -1)).toEqual(['y']);
  });

  it('comes in the order in which it began to wait, and again at the end', async () => {
    const [first, second, third, other] = connectSome(makeTestInstance(), 4);
    for (const client of [first, second, third]) client.send('BLPOP', 'list', 0);
    other.send('RPUSH', 'list', 'a', 'b');
    expect([await settled(first), await settled(second), await settled(third)]).toEqual([
      [['list', 'a']],
      [['list', 'b']],
      [],
    ]);
    first.send('BLPOP', 'list', 0);
    other.send('RPUSH', 'list', 'c', 'd');
    expect([await settled(third), await settled(first)]).toEqual([[['list', 'c']], [['list', 'd']]]);
  });

  it('is served between the commands of one who pushes, and goes on with its own', async () => {
    const [waiting, other] = connectSome(makeTestInstance(), 2);
    waiting.sendBytes(Buffer.from('BLPOP list 0\r\nLLEN list\r\nPING\r\n'));
    expect(other.sendBytes(Buffer.from('RPUSH list a\r\nLLEN list\r\n'))).toEqual([1, 0]);
    expect(await settled(waiting)).toEqual([['list', 'a'], 0, 'PONG']);
  });

  it('is served after a whole transaction, with what that left', async () => {
    const [waiting, other] = connectSome(makeTestInstance(), 2);
    waiting.send('BLPOP', 'list', 0);
    for (const command of [['MULTI'], ['RPUSH', 'list', 'a'], ['DEL', 'list'], ['RPUSH', 'list', 'b']]) {
      other.send(...command);
    }
    expect(other.send('EXEC')).toEqual([1, 1, 1]);
    expect(await settled(waiting)).toEqual([['list', 'b']]);
    waiting.send('BLPOP', 'list', 0);
    for (const command of [['MULTI'], ['RPUSH', 'list', 'a'], ['DEL', 'list']]) other.send(...command);
    other.send('EXEC');
    expect(await settled(waiting)).toEqual([]);
    other.send('SET', 'list', 'no list');
    other.send('DEL', 'list');
    other.send('RPUSH', 'other', 'c');
    other.send('RENAME', 'other', 'list');
    expect(await settled(waiting)).toEqual([['list', 'c']]);
  });

  it('does not wait within a transaction', () => {
    const [client] = connectSome(makeTestInstance(), 1);
    client.send('MULTI');
    client.send('BLPOP', 'list', 0);
    client.send('BLMOVE', 'list', 'other', 'LEFT', 'LEFT', 0);
    client.send('BLMPOP', 0, 1, 'list', 'LEFT');
    expect(client.send('EXEC')).toEqual([null, null, null]);
  });

  it('hands an element on to one who waits for the list that it goes to', async () => {
    const [mover, last, other] = connectSome(makeTestInstance(), 3);
    last.send('BRPOP', 'b', 0);
    mover.send('BLMOVE', 'a', 'b', 'LEFT', 'RIGHT', 0);
    other.send('RPUSH', 'a', 'x', 'y');
    expect([await settled(mover), await settled(last)]).toEqual([['x'], [['b', 'x']]]);
    mover.send('BRPOPLPUSH', 'b', 'a', 0);
    other.send('RPUSH', 'b', 'z');
    expect(await settled(mover)).toEqual(['z']);
    expect(other.send('LRANGE', 'a', 0, -1)).toEqual(['z', 'y']);
    mover.send('BLMPOP', 0, 2, 'c', 'd', 'RIGHT', 'COUNT', 2);
    other.send('RPUSH', 'd', '1', '2', '3');
    expect(await settled(mover)).toEqual([['d', ['3', '2']]]);
  });

  it('is answered when its time is over, and not before', async () => {
    const clock = new SimClock();
    const world = makeTestInstance({}, { clock, device: new SimDevice({ clock }) });
    const [client, other] = connectSome(world, 2);
    client.send('BLPOP', 'list', '0.5');
    expect(other.send('INFO', 'clients')).toContain('blocked_clients:1');
    clock.advance(499);
    world.instance.tick();
    expect(await settled(client)).toEqual([]);
    clock.advance(1);
    world.instance.tick();
    expect(await settled(client)).toEqual([null]);
    other.send('RPUSH', 'list', 'a');
    expect(await settled(other)).toEqual([1]);
    expect(other.send('LLEN', 'list')).toBe(1);
  });

  it('is ended by CLIENT UNBLOCK, or by its end', async () => {
    const world = makeTestInstance();
    const [client, gone, other] = connectSome(world, 3);
    client.send('BLPOP', 'list', 0);
    expect(other.send('CLIENT', 'UNBLOCK', client.client.id)).toBe(1);
    expect(await settled(client)).toEqual([null]);
    client.send('BLMOVE', 'list', 'to', 'LEFT', 'LEFT', 0);
    expect(other.send('CLIENT', 'UNBLOCK', client.client.id, 'ERROR')).toBe(1);
    expect(errorOf((await settled(client))[0])).toBe('UNBLOCKED client unblocked via CLIENT UNBLOCK');
    expect(other.send('CLIENT', 'UNBLOCK', client.client.id)).toBe(0);
    gone.send('BLPOP', 'list', 0);
    world.instance.disconnect(gone.client);
    other.send('RPUSH', 'list', 'kept');
    expect(other.send('LRANGE', 'list', 0, -1)).toEqual(['kept']);
    expect(world.instance.blocking.size).toBe(0);
  });

  it('is served by what a program on the same store pushes', async () => {
    const world = makeTestInstance();
    const [client] = connectSome(world, 1);
    client.send('BLPOP', 'jobs', 0);
    world.driven.db.rpush('jobs', 'wash');
    expect(await settled(client)).toEqual([['jobs', 'wash']]);
  });

  it('is told what is wrong with its arguments', () => {
    const [client] = connectSome(makeTestInstance(), 1);
    expect(errorOf(client.send('BLPOP', 'a', 'x'))).toBe('ERR timeout is not a float or out of range');
    expect(errorOf(client.send('BLPOP', 'a', -1))).toBe('ERR timeout is negative');
    expect(errorOf(client.send('BLMOVE', 'a', 'b', 'up', 'LEFT', 0))).toBe('ERR syntax error');
    client.send('SET', 'text', 'x');
    expect(errorOf(client.send('BLPOP', 'text', 0))).toContain('WRONGTYPE');
  });

  it('waits for keys of its own database, also for those that SWAPDB brings', async () => {
    const [client, other] = connectSome(makeTestInstance(), 2);
    client.send('BLPOP', 'list', 0);
    other.send('SELECT', 1);
    other.send('RPUSH', 'list', 'a');
    expect(await settled(client)).toEqual([]);
    other.send('SWAPDB', 0, 1);
    expect(await settled(client)).toEqual([['list', 'a']]);
  });
});
