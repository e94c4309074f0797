/** Tracking: what clients that cache are told. */
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestInstance } from '../../test/test-client.ts';

function world(...options: string[]) {
  const made = makeTestInstance();
  const [client, other] = [made.connect(), made.connect()];
  client.send('HELLO', '3');
  expect(client.send('CLIENT', 'TRACKING', 'ON', ...options)).toBe('OK');
  return { ...made, client, other, told: () => client.pushed.splice(0) };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('by default', () => {
  it('a client is told once that a key it has read was changed', () => {
    const { client, other, told } = world();
    client.send('GET', 'k');
    client.send('EXISTS', 'a', 'b');
    other.send('SET', 'k', '1');
    other.send('SET', 'k', '2');
    other.send('SET', 'unread', '2');
    other.send('SET', 'b', '2');
    expect(told()).toEqual([
      ['invalidate', ['k']],
      ['invalidate', ['b']],
    ]);
  });

  it('a change through the other door or by the client itself is told, too, after the reply', () => {
    const { client, told, driven } = world();
    client.send('GET', 'k');
    driven.db.set('k', 'v');
    expect(told()).toEqual([['invalidate', ['k']]]);
    client.send('GET', 'k');
    expect(client.send('SET', 'k', 'w')).toBe('OK');
    expect(told()).toEqual([['invalidate', ['k']]]);
  });

  it('NOLOOP leaves out what the client does itself', () => {
    const { client, other, told } = world('NOLOOP');
    client.send('GET', 'k');
    client.send('SET', 'k', 'v');
    expect(told()).toEqual([]);
    client.send('GET', 'k');
    other.send('SET', 'k', 'v');
    expect(told()).toEqual([['invalidate', ['k']]]);
  });

  it('OPTIN tracks only after CACHING YES, OPTOUT all but after CACHING NO', () => {
    for (const isOptIn of [true, false]) {
      const { client, other, told } = world(isOptIn ? 'OPTIN' : 'OPTOUT');
      client.send('GET', 'a');
      expect(client.send('CLIENT', 'CACHING', isOptIn ? 'YES' : 'NO')).toBe('OK');
      client.send('GET', 'b');
      client.send('GET', 'c');
      for (const key of ['a', 'b', 'c']) other.send('SET', key, 'v');
      expect(told().map((message) => (message[1] as string[])[0])).toEqual(isOptIn ? ['b'] : ['a', 'c']);
    }
  });

  it('CACHING holds for a whole transaction', () => {
    const { client, other, told } = world('OPTIN');
    client.send('CLIENT', 'CACHING', 'YES');
    for (const command of [['MULTI'], ['GET', 'a'], ['GET', 'b'], ['EXEC'], ['GET', 'c']]) client.send(...command);
    for (const key of ['a', 'b', 'c']) other.send('SET', key, 'v');
    expect(told()).toHaveLength(2);
  });

  it('all is called changed when a database is flushed, and the oldest key when there are too many', () => {
    const { client, told, instance } = world();
    instance.databaseFlushed(0);
    expect(told()).toEqual([['invalidate', null]]);
    instance.tracking.keysMax = 2;
    for (const key of ['a', 'b', 'c']) client.send('GET', key);
    expect(told()).toEqual([['invalidate', ['a']]]);
    expect(instance.tracking.keyCount).toBe(2);
  });

  it('a lower limit for keys is met by the next tick, or before the next reply, NOLOOP or not', () => {
    const { client, told, instance } = world('NOLOOP');
    for (const key of ['a', 'b', 'c']) client.send('GET', key);
    client.send('CONFIG', 'SET', 'tracking-table-max-keys', '2');
    expect(told()).toEqual([]);
    instance.tick();
    expect(told()).toEqual([['invalidate', ['a']]]);
    client.send('MULTI');
    client.send('CONFIG', 'SET', 'tracking-table-max-keys', '1');
    client.send('EXEC');
    client.send('PING');
    expect(told()).toEqual([['invalidate', ['b']]]);
  });

  it('ends with TRACKING OFF and with the connection', () => {
    const { client, other, told, instance } = world();
    client.send('GET', 'k');
    client.send('CLIENT', 'TRACKING', 'OFF');
    other.send('SET', 'k', 'v');
    expect(told()).toEqual([]);
    expect(instance.store.observer).toBe(null);
    client.send('CLIENT', 'TRACKING', 'ON');
    client.send('GET', 'k');
    instance.disconnect(client.client);
    other.send('SET', 'k', 'v');
    expect(instance.store.observer).toBe(null);
  });
});

describe('in broadcasting mode', () => {
  it('keys with the prefixes are told together at the end of the turn, read or not', async () => {
    const { other, told, driven } = world('BCAST', 'PREFIX', 'user:', 'PREFIX', 'item:');
    other.send('SET', 'user:1', 'v');
    other.send('SET', 'user:2', 'v');
    other.send('SET', 'user:1', 'w');
    other.send('SET', 'other', 'w');
    driven.db.set('item:1', 'v');
    await nextTurn();
    expect(told()).toEqual([
      ['invalidate', ['user:1', 'user:2']],
      ['invalidate', ['item:1']],
    ]);
  });

  it('NOLOOP leaves out what the client changed last', async () => {
    const { client, other, told } = world('BCAST', 'NOLOOP');
    client.send('SET', 'mine', 'v');
    other.send('SET', 'theirs', 'v');
    await nextTurn();
    expect(told()).toEqual([['invalidate', ['theirs']]]);
  });
});

describe('with redirection', () => {
  it('a client of RESP2 is told on a channel', () => {
    const { connect } = makeTestInstance();
    const [client, listener, other] = [connect(), connect(), connect()];
    listener.send('SUBSCRIBE', '__redis__:invalidate');
    expect(client.send('CLIENT', 'TRACKING', 'ON', 'REDIRECT', '2')).toBe('OK');
    expect(client.send('CLIENT', 'GETREDIR')).toBe(2);
    client.send('GET', 'k');
    other.send('SET', 'k', 'v');
    expect(listener.received()).toEqual([['message', '__redis__:invalidate', ['k']]]);
  });

  it('a redirection that is broken is told to the client itself', () => {
    const { connect, instance } = makeTestInstance();
    const [client, listener, other] = [connect(), connect(), connect()];
    client.send('HELLO', '3');
    client.send('CLIENT', 'TRACKING', 'ON', 'REDIRECT', '2');
    instance.disconnect(listener.client);
    client.send('GET', 'k');
    other.send('SET', 'k', 'v');
    expect(client.pushed).toEqual([['tracking-redir-broken', 2]]);
    const info = client.send('CLIENT', 'TRACKINGINFO') as Map<string, unknown>;
    expect(info.get('flags')).toEqual(new Set(['on', 'broken_redirect']));
  });
});

it('options that do not go together are refused as redis does', () => {
  const { client } = world();
  const texts: [string[], string][] = [
    [['ON', 'PREFIX', 'a'], 'PREFIX option requires BCAST mode to be enabled'],
    [['ON', 'BCAST'], "You can't switch BCAST mode on/off before disabling tracking"],
    [['ON', 'OPTIN', 'OPTOUT'], "You can't specify both OPTIN mode and OPTOUT mode"],
    [['ON', 'REDIRECT', '99'], 'The client ID you want redirect to does not exist'],
    [['ON', 'nope'], 'syntax error'],
    [['nope'], 'syntax error'],
  ];
  for (const [options, text] of texts) expect(errorOf(client.send('CLIENT', 'TRACKING', ...options))).toContain(text);
  client.send('CLIENT', 'TRACKING', 'OFF');
  expect(errorOf(client.send('CLIENT', 'CACHING', 'YES'))).toContain('CLIENT CACHING can be called only when');
  expect(client.send('CLIENT', 'GETREDIR')).toBe(-1);
  client.send('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'foo');
  expect(errorOf(client.send('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'foobar'))).toBe(
    "ERR Prefix 'foobar' overlaps with an existing prefix 'foo'. Prefixes for a single client must not overlap.",
  );
  const info = client.send('CLIENT', 'TRACKINGINFO') as Map<string, unknown>;
  expect([...info]).toEqual([
    ['flags', new Set(['on', 'bcast'])],
    ['redirect', 0],
    ['prefixes', ['foo']],
  ]);
});
