/** MULTI, EXEC and WATCH, with several clients and the other door. */
import { describe, expect, it } from 'vitest';
import { ReplyError } from '../protocol/reply-parser.ts';
import { errorOf, makeTestClient, makeTestInstance } from '../../test/test-client.ts';

describe('MULTI', () => {
  it('queues commands and runs them at EXEC', () => {
    const client = makeTestClient();
    expect(client.send('MULTI')).toBe('OK');
    expect(client.send('SET', 'k', 'v')).toBe('QUEUED');
    expect(client.send('GET', 'k')).toBe('QUEUED');
    expect(client.send('EXEC')).toEqual(['OK', 'v']);
    expect(client.send('GET', 'k')).toBe('v');
  });

  it('has no effect until EXEC, and none after DISCARD', () => {
    const { connect } = makeTestInstance();
    const [one, other] = [connect(), connect()];
    one.send('MULTI');
    one.send('SET', 'k', 'v');
    expect(other.send('GET', 'k')).toBe(null);
    expect(one.send('DISCARD')).toBe('OK');
    expect(errorOf(one.send('EXEC'))).toBe('ERR EXEC without MULTI');
    expect(errorOf(one.send('DISCARD'))).toBe('ERR DISCARD without MULTI');
    expect(one.send('GET', 'k')).toBe(null);
  });

  it('cannot be nested, which does not spoil the transaction', () => {
    const client = makeTestClient();
    client.send('MULTI');
    expect(errorOf(client.send('MULTI'))).toBe('ERR MULTI calls can not be nested');
    expect(errorOf(client.send('WATCH', 'k'))).toBe('ERR WATCH inside MULTI is not allowed');
    client.send('PING');
    expect(client.send('EXEC')).toEqual(['PONG']);
  });

  it('is aborted by a command that could not be queued', () => {
    const client = makeTestClient();
    for (const bad of [['NOPE'], ['SET', 'k'], ['CLIENT', 'NOPE'], ['CLIENT', 'ID', 'x']]) {
      client.send('MULTI');
      client.send('SET', 'k', 'v');
      expect(client.send(...bad)).toBeInstanceOf(ReplyError);
      expect(errorOf(client.send('EXEC'))).toBe('EXECABORT Transaction discarded because of previous errors.');
      expect(client.send('GET', 'k')).toBe(null);
    }
    client.send('MULTI');
    expect(errorOf(client.send('EXEC', 'x'))).toBe(
      "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command",
    );
    expect(errorOf(client.send('EXEC'))).toBe('ERR EXEC without MULTI');
  });

  it('goes on after a command that fails when it is run', () => {
    const client = makeTestClient();
    client.send('MULTI');
    client.send('SELECT', 'x');
    client.send('SET', 'k', 'v');
    const replies = client.send('EXEC') as unknown[];
    expect(errorOf(replies[0])).toBe('ERR invalid DB index');
    expect(replies[1]).toBe('OK');
  });

  it('keeps long and many arguments apart', () => {
    const client = makeTestClient();
    client.send('MULTI');
    for (let i = 0; i < 100; i++) client.send('SET', `key${i}`, 'x'.repeat(i * 10));
    client.send('DEL', ...Array.from({ length: 50 }, (_, i) => `key${i}`));
    const replies = client.send('EXEC') as unknown[];
    expect(replies).toHaveLength(101);
    expect(replies[100]).toBe(50);
    expect(client.send('GET', 'key99')).toBe('x'.repeat(990));
  });

  it('is left by a connection that goes', () => {
    const { connect, instance } = makeTestInstance();
    const client = connect();
    client.send('WATCH', 'k');
    expect(instance.store.observer).not.toBe(null);
    instance.disconnect(client.client);
    expect(instance.store.observer).toBe(null);
  });
});

describe('WATCH', () => {
  function watched(change: (world: ReturnType<typeof makeTestInstance>) => void, ...before: string[][]) {
    const world = makeTestInstance();
    const client = world.connect();
    for (const command of before) client.send(...command);
    client.send('WATCH', 'k');
    change(world);
    client.send('MULTI');
    client.send('PING');
    return client.send('EXEC');
  }

  it('lets EXEC fail when another client changes the key', () => {
    expect(watched(({ connect }) => connect().send('SET', 'k', 'v'))).toBe(null);
    expect(watched(({ connect }) => connect().send('DEL', 'k'), ['SET', 'k', 'v'])).toBe(null);
  });

  it('lets EXEC fail when the embedded door changes the key', () => {
    expect(watched(({ driven }) => driven.db.set('k', 'v'))).toBe(null);
    expect(watched(({ driven }) => driven.db.del('k'), ['SET', 'k', 'v'])).toBe(null);
    expect(watched(({ driven }) => driven.db.batch().set('a', '1').set('k', '2').commit())).toBe(null);
  });

  it('does not mind other keys, other databases, and changes that change nothing', () => {
    expect(watched(({ connect }) => connect().send('SET', 'other', 'v'))).toEqual(['PONG']);
    expect(watched(({ connect }) => connect().send('DEL', 'k'))).toEqual(['PONG']);
    expect(
      watched(({ connect }) => {
        const other = connect();
        other.send('SELECT', '1');
        other.send('SET', 'k', 'v');
      }),
    ).toEqual(['PONG']);
  });

  it('minds a change by the client itself', () => {
    const client = makeTestClient();
    client.send('WATCH', 'k');
    client.send('SET', 'k', 'v');
    client.send('MULTI');
    expect(client.send('EXEC')).toBe(null);
    client.send('MULTI');
    expect(client.send('EXEC')).toEqual([]);
  });

  it('is forgotten by UNWATCH, DISCARD and EXEC', () => {
    const { connect } = makeTestInstance();
    const [one, other] = [connect(), connect()];
    one.send('WATCH', 'k');
    other.send('SET', 'k', '1');
    one.send('UNWATCH');
    one.send('MULTI');
    expect(one.send('EXEC')).toEqual([]);
    one.send('WATCH', 'k');
    other.send('SET', 'k', '2');
    one.send('MULTI');
    one.send('DISCARD');
    one.send('MULTI');
    expect(one.send('EXEC')).toEqual([]);
  });

  it('lets EXEC fail when the key expired meanwhile', () => {
    let nowMs = 1_000_000;
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
    const { connect, driven } = makeTestInstance({}, { clock });
    const client = connect();
    driven.db.set('k', 'v', { ttlMs: 100 });
    client.send('WATCH', 'k');
    nowMs += 200;
    client.send('MULTI');
    expect(client.send('EXEC')).toBe(null);
    driven.db.set('k', 'v', { ttlMs: 100 });
    nowMs += 200;
    client.send('WATCH', 'k');
    expect(client.send('GET', 'k')).toBe(null);
    client.send('MULTI');
    expect(client.send('EXEC')).toEqual([]);
  });

  it('minds a flush only if there was such a key, and a swap if either database has it', () => {
    expect(watched(({ instance }) => instance.databaseFlushed(0), ['SET', 'k', 'v'])).toBe(null);
    expect(watched(({ instance }) => instance.databaseFlushed(-1), ['SET', 'k', 'v'])).toBe(null);
    expect(watched(({ instance }) => instance.databaseFlushed(1), ['SET', 'k', 'v'])).toEqual(['PONG']);
    expect(watched(({ instance }) => instance.databaseFlushed(0))).toEqual(['PONG']);
    expect(watched(({ instance }) => instance.databasesSwapped(0, 1))).toEqual(['PONG']);
    expect(watched(({ instance }) => instance.databasesSwapped(0, 1), ['SET', 'k', 'v'])).toBe(null);
    expect(
      watched(({ instance }) => instance.databasesSwapped(0, 1), ['SELECT', '1'], ['SET', 'k', 'v'], ['SELECT', '0']),
    ).toBe(null);
  });

  it('a swap that brings a key whose time is over changes nothing', () => {
    let nowMs = 1_000_000;
    const { connect, driven } = makeTestInstance({}, { clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } });
    const client = connect();
    driven.db.set('k', 'v', { ttlMs: 100 });
    nowMs += 200;
    client.send('SELECT', '1');
    client.send('WATCH', 'k');
    client.send('SWAPDB', '0', '1');
    client.send('MULTI');
    expect(client.send('EXEC')).toEqual([]);
  });

  it('costs the store nothing while nobody watches', () => {
    const { connect, instance } = makeTestInstance();
    const client = connect();
    expect(instance.store.observer).toBe(null);
    client.send('WATCH', 'k');
    client.send('MULTI');
    client.send('EXEC');
    expect(instance.store.observer).toBe(null);
  });
});
