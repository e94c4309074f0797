/** Publish and subscribe in both protocols, and keyspace notifications. */
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestClient, makeTestInstance } from '../../test/test-client.ts';

describe('in RESP2', () => {
  it('a message reaches subscribers of the channel and of patterns that match', () => {
    const { connect } = makeTestInstance();
    const [one, other, publisher] = [connect(), connect(), connect()];
    expect(one.send('SUBSCRIBE', 'news')).toEqual(['subscribe', 'news', 1]);
    expect(other.send('PSUBSCRIBE', 'n*')).toEqual(['psubscribe', 'n*', 1]);
    expect(publisher.send('PUBLISH', 'news', 'hello')).toBe(2);
    expect(one.received()).toEqual([['message', 'news', 'hello']]);
    expect(other.received()).toEqual([['pmessage', 'n*', 'news', 'hello']]);
    expect(publisher.send('PUBLISH', 'others', 'hello')).toBe(0);
  });

  it('only some commands work while subscribed, and PING answers otherwise', () => {
    const client = makeTestClient();
    client.send('SUBSCRIBE', 'news');
    expect(errorOf(client.send('GET', 'k'))).toBe(
      "ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
    );
    expect(errorOf(client.send('CLIENT', 'ID'))).toContain("Can't execute 'client|id'");
    expect(client.send('PING')).toEqual(['pong', '']);
    expect(client.send('PING', 'x')).toEqual(['pong', 'x']);
    expect(client.send('UNSUBSCRIBE')).toEqual(['unsubscribe', 'news', 0]);
    expect(client.send('GET', 'k')).toBe(null);
  });

  it('each name is confirmed with the number of subscriptions', () => {
    const client = makeTestClient();
    const confirmed = client.sendBytes(Buffer.from('SUBSCRIBE a b a\r\nPSUBSCRIBE p*\r\nSSUBSCRIBE s\r\n'));
    expect(confirmed).toEqual([
      ['subscribe', 'a', 1],
      ['subscribe', 'b', 2],
      ['subscribe', 'a', 2],
      ['psubscribe', 'p*', 3],
      ['ssubscribe', 's', 1],
    ]);
    const ended = client.sendBytes(Buffer.from('UNSUBSCRIBE\r\nPUNSUBSCRIBE\r\nSUNSUBSCRIBE\r\nUNSUBSCRIBE\r\n'));
    expect(ended).toEqual([
      ['unsubscribe', 'a', 2],
      ['unsubscribe', 'b', 1],
      ['punsubscribe', 'p*', 0],
      ['sunsubscribe', 's', 0],
      ['unsubscribe', null, 0],
    ]);
  });

  it('shard channels are apart from channels', () => {
    const { connect } = makeTestInstance();
    const [one, publisher] = [connect(), connect()];
    one.send('SSUBSCRIBE', 'x');
    expect(publisher.send('PUBLISH', 'x', 'm')).toBe(0);
    expect(publisher.send('SPUBLISH', 'x', 'm')).toBe(1);
    expect(one.received()).toEqual([['smessage', 'x', 'm']]);
  });

  it('PUBSUB tells what there is', () => {
    const { connect } = makeTestInstance();
    const [one, other, asker] = [connect(), connect(), connect()];
    one.sendBytes(Buffer.from('SUBSCRIBE news weather\r\nPSUBSCRIBE p*\r\nSSUBSCRIBE shard\r\n'));
    other.send('SUBSCRIBE', 'news');
    expect(asker.send('PUBSUB', 'CHANNELS')).toEqual(['news', 'weather']);
    expect(asker.send('PUBSUB', 'CHANNELS', 'w*')).toEqual(['weather']);
    expect(asker.send('PUBSUB', 'NUMSUB', 'news', 'nothing')).toEqual(['news', 2, 'nothing', 0]);
    expect(asker.send('PUBSUB', 'NUMPAT')).toBe(1);
    expect(asker.send('PUBSUB', 'SHARDCHANNELS')).toEqual(['shard']);
    expect(asker.send('PUBSUB', 'SHARDNUMSUB', 'shard')).toEqual(['shard', 1]);
    expect(errorOf(asker.send('PUBSUB', 'NOPE'))).toBe("ERR unknown subcommand 'NOPE'. Try PUBSUB HELP.");
    expect(asker.send('PUBSUB', 'HELP')).toContain('NUMPAT');
  });

  it('a connection that goes takes its subscriptions along', () => {
    const { connect, instance } = makeTestInstance();
    const [one, publisher] = [connect(), connect()];
    one.send('SUBSCRIBE', 'news');
    instance.disconnect(one.client);
    expect(publisher.send('PUBLISH', 'news', 'm')).toBe(0);
    expect(publisher.send('PUBSUB', 'CHANNELS')).toEqual([]);
  });
});

describe('in RESP3', () => {
  it('messages are pushes, all commands work, and a message to oneself follows the reply', () => {
    const client = makeTestClient();
    client.send('HELLO', '3');
    client.send('SUBSCRIBE', 'news');
    expect(client.pushed.splice(0)).toEqual([['subscribe', 'news', 1]]);
    expect(client.send('GET', 'k')).toBe(null);
    const bytes: string[] = [];
    const take = client.client.reply.take.bind(client.client.reply);
    client.client.reply.take = () => {
      const { length } = client.client.reply;
      const buffer = take();
      bytes.push(buffer.toString('latin1', 0, length));
      return buffer;
    };
    expect(client.send('PUBLISH', 'news', 'm')).toBe(1);
    expect(bytes.join('')).toBe(':1\r\n>3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nm\r\n');
    client.sendBytes(Buffer.from('MULTI\r\nPUBLISH news 1\r\nPUBLISH news 2\r\nPING\r\n'));
    expect(client.send('EXEC')).toEqual([1, 1, 'PONG']);
    expect(client.pushed.splice(0)).toEqual([
      ['message', 'news', 'm'],
      ['message', 'news', '1'],
      ['message', 'news', '2'],
    ]);
  });

  it('one message goes to clients of both protocols', () => {
    const { connect } = makeTestInstance();
    const [one, other, publisher] = [connect(), connect(), connect()];
    other.send('HELLO', '3');
    one.send('SUBSCRIBE', 'news');
    other.send('SUBSCRIBE', 'news');
    expect(publisher.send('PUBLISH', 'news', 'm')).toBe(2);
    expect(one.received()).toEqual([['message', 'news', 'm']]);
    expect(other.pushed).toContainEqual(['message', 'news', 'm']);
  });

  it('CLIENT REPLY OFF does not silence messages', () => {
    const { connect } = makeTestInstance();
    const [one, publisher] = [connect(), connect()];
    one.send('HELLO', '3');
    one.send('CLIENT', 'REPLY', 'OFF');
    expect(one.send('SUBSCRIBE', 'news')).toBe(undefined);
    publisher.send('PUBLISH', 'news', 'm');
    expect(one.pushed).toEqual([
      ['subscribe', 'news', 1],
      ['message', 'news', 'm'],
    ]);
    expect(one.send('PING')).toBe(undefined);
    expect(one.send('CLIENT', 'REPLY', 'ON')).toBe('OK');
  });
});

describe('keyspace notifications', () => {
  function world(flags: string) {
    const made = makeTestInstance();
    expect(made.instance.notifications.trySetFlags(flags)).toBe(true);
    const listener = made.connect();
    listener.send('PSUBSCRIBE', '*');
    return { ...made, listener, client: made.connect() };
  }

  it('are told on the channels that the flags name', () => {
    const { client, listener } = world('KEA');
    client.send('SET', 'k', 'v');
    expect(listener.received()).toEqual([
      ['pmessage', '*', '__keyspace@0__:k', 'set'],
      ['pmessage', '*', '__keyevent@0__:set', 'k'],
    ]);
    client.send('SELECT', '9');
    client.send('SET', 'k', 'v');
    client.send('DEL', 'k', 'none');
    expect(listener.received().map((message) => (message as string[])[2])).toEqual([
      '__keyspace@9__:k',
      '__keyevent@9__:set',
      '__keyspace@9__:k',
      '__keyevent@9__:del',
    ]);
  });

  it('are silent without a class or without a kind of channel', () => {
    for (const flags of ['', 'KE', 'A', 'Kg', 'K$m']) {
      const { client, listener } = world(flags);
      client.send('SET', 'k', 'v');
      expect(listener.received().length).toBe(flags === 'K$m' ? 1 : 0);
    }
  });

  it('tell of new keys and misses only if asked to', () => {
    const { client, listener, driven } = world('Enm');
    client.send('SET', 'k', 'v');
    client.send('SET', 'k', 'w');
    client.send('GET', 'none');
    driven.db.set('embedded', 'v');
    expect(listener.received().map((message) => (message as string[]).slice(2))).toEqual([
      ['__keyevent@0__:new', 'k'],
      ['__keyevent@0__:keymiss', 'none'],
      ['__keyevent@0__:new', 'embedded'],
    ]);
  });

  it('tell of keys that expire', () => {
    let nowMs = 1_000_000;
    const made = makeTestInstance({}, { clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } });
    made.instance.notifications.trySetFlags('Ex');
    const listener = made.connect();
    listener.send('SUBSCRIBE', '__keyevent@0__:expired');
    made.driven.db.set('k', 'v', { ttlMs: 10 });
    nowMs += 1000;
    made.driven.tick();
    expect(listener.received()).toEqual([['message', '__keyevent@0__:expired', 'k']]);
  });

  it('flags are read and shown as redis does', () => {
    const { notifications } = makeTestInstance().instance;
    expect(notifications.trySetFlags('KEx?')).toBe(false);
    for (const [set, shown] of [
      ['', ''],
      ['KEA', 'AKE'],
      ['g$lshzxetdK', 'AK'],
      ['Kxg$', 'g$xK'],
      ['AKEmn', 'AKEm'],
      ['Enm', 'nEm'],
    ]) {
      expect(notifications.trySetFlags(set)).toBe(true);
      expect(notifications.flagsText).toBe(shown);
    }
  });
});
