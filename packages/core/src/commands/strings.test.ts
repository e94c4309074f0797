/** Commands that read and store whole strings, against what redis answers. */
import { describe, expect, it } from 'vitest';
import { logEvents } from '../../test/event-log.ts';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';
import { ReplyError } from '../protocol/reply-parser.ts';

const LARGE = Buffer.alloc(100_000, 'large ').toString();
const SYNTAX = new ReplyError('ERR syntax error');
const NOT_AN_INTEGER = new ReplyError('ERR value is not an integer or out of range');

/** A client of an instance whose time the test moves, and the events it makes. */
function makeClient() {
  const clock = { now: 1_700_000_000_000, nowMs: () => clock.now, monotonicMs: () => clock.now };
  const instance = makeTestInstance({}, { clock });
  const client = instance.connect();
  return { clock, client, send: client.send.bind(client), events: logEvents(instance) };
}

describe('GET and SET', () => {
  it('GET returns what SET stored, and null for a key that is missing', () => {
    const { send } = makeClient();
    for (const value of ['v', '', LARGE, '\x00\xff']) {
      expect(send('SET', 'k', value)).toBe('OK');
      expect(send('GET', 'k')).toBe(value);
    }
    expect(send('GET', 'other')).toBe(null);
  });

  it('NX and XX store on a condition, and GET returns what was there', () => {
    const { send } = makeClient();
    expect(send('SET', 'k', '1', 'XX')).toBe(null);
    expect(send('SET', 'k', '1', 'nx')).toBe('OK');
    expect(send('SET', 'k', '2', 'NX')).toBe(null);
    expect(send('SET', 'k', '2', 'NX', 'GET')).toBe('1');
    expect(send('SET', 'k', LARGE, 'XX', 'GET')).toBe('1');
    expect(send('SET', 'k', '3', 'GET')).toBe(LARGE);
    expect(send('SET', 'other', '3', 'GET')).toBe(null);
    expect(send('SET', 'another', '3', 'XX', 'GET')).toBe(null);
    expect(send('GET', 'another')).toBe(null);
  });

  it.each([
    ['EX', 10, 10_000],
    ['px', 10, 10],
    ['EXAT', 1_700_000_010, 10_000],
    ['PXAT', 1_700_000_000_010, 10],
  ])('%s %d ends after %d ms', (option, value, afterMs) => {
    const { send, clock } = makeClient();
    expect(send('SET', 'k', 'v', option, value)).toBe('OK');
    clock.now += afterMs - 1;
    expect(send('GET', 'k')).toBe('v');
    clock.now++;
    expect(send('GET', 'k')).toBe(null);
  });

  it('KEEPTTL keeps the expiry, and a plain SET ends it', () => {
    const { send, clock } = makeClient();
    send('SET', 'kept', 'v', 'PX', 100);
    send('SET', 'ended', 'v', 'PX', 100);
    expect(send('SET', 'kept', LARGE, 'KEEPTTL')).toBe('OK');
    expect(send('SET', 'kept', 'w', 'KEEPTTL')).toBe('OK');
    expect(send('SET', 'ended', 'w')).toBe('OK');
    clock.now += 100;
    expect(send('MGET', 'kept', 'ended')).toEqual([null, 'w']);
  });

  it('a time centuries ahead stays what it is', () => {
    const { send } = makeClient();
    const at = Date.UTC(2400, 0, 1);
    expect([send('SET', 'k', 'v', 'PXAT', at), send('PEXPIRETIME', 'k')]).toEqual(['OK', at]);
    expect([send('SET', 'k', 'v', 'EXAT', at / 1000), send('PEXPIRETIME', 'k')]).toEqual(['OK', at]);
  });

  it('a time that is over is an expiry as any other', () => {
    const { send, events } = makeClient();
    expect(send('SET', 'k', 'v', 'EXAT', 1)).toBe('OK');
    expect(events.take()).toEqual(['set k', 'expire k']);
    expect(send('GET', 'k')).toBe(null);
  });

  it.each([
    [['EX'], SYNTAX],
    [['EX', 1, 'PX', 1], SYNTAX],
    [['EX', 1, 'KEEPTTL'], SYNTAX],
    [['KEEPTTL', 'EX', 1], SYNTAX],
    [['NX', 'XX'], SYNTAX],
    [['PERSIST'], SYNTAX],
    [['nonsense'], SYNTAX],
    [['EX', 'ten'], NOT_AN_INTEGER],
    [['EX', 0], new ReplyError("ERR invalid expire time in 'set' command")],
    [['PXAT', -1], new ReplyError("ERR invalid expire time in 'set' command")],
    [['EX', '9223372036854775'], new ReplyError("ERR invalid expire time in 'set' command")],
    [['EXAT', '9223372036854776'], new ReplyError("ERR invalid expire time in 'set' command")],
    [['PX', '9223372036854775807'], new ReplyError("ERR invalid expire time in 'set' command")],
    [['EX', 1, 'ex', 2], 'OK'],
    [['EXAT', '9223372036854775'], 'OK'],
    [['PXAT', '9223372036854775807'], 'OK'],
  ])('SET k v %j answers %s', (options, reply) => {
    const { send } = makeClient();
    expect(send('SET', 'k', 'v', ...options)).toEqual(reply);
  });
});

describe('the older forms of SET', () => {
  it('SETNX stores only what is missing', () => {
    const { send, events } = makeClient();
    expect([send('SETNX', 'k', 'a'), send('SETNX', 'k', 'b'), send('GET', 'k')]).toEqual([1, 0, 'a']);
    expect(events.take()).toEqual(['set k']);
  });

  it('SETEX and PSETEX store with an expiry', () => {
    const { send, clock, events } = makeClient();
    expect([send('SETEX', 'k', 1, 'a'), send('PSETEX', 'l', 10, 'b')]).toEqual(['OK', 'OK']);
    expect(events.take()).toEqual(['set k', 'expire k', 'set l', 'expire l']);
    clock.now += 10;
    expect(send('MGET', 'k', 'l')).toEqual(['a', null]);
    clock.now += 990;
    expect(send('GET', 'k')).toBe(null);
    expect(send('SETEX', 'k', 0, 'a')).toEqual(new ReplyError("ERR invalid expire time in 'setex' command"));
    expect(send('PSETEX', 'k', -1, 'a')).toEqual(new ReplyError("ERR invalid expire time in 'psetex' command"));
    expect(send('SETEX', 'k', 'x', 'a')).toEqual(NOT_AN_INTEGER);
  });

  it('GETSET returns the old value and ends the expiry', () => {
    const { send, clock } = makeClient();
    expect(send('GETSET', 'k', 'a')).toBe(null);
    send('SET', 'k', LARGE, 'PX', 10);
    expect(send('GETSET', 'k', 'b')).toBe(LARGE);
    clock.now += 10;
    expect(send('GET', 'k')).toBe('b');
  });
});

describe('GETDEL and GETEX', () => {
  it('GETDEL returns the value and removes the key', () => {
    const { send, events } = makeClient();
    for (const value of ['v', LARGE]) {
      send('SET', 'k', value);
      expect([send('GETDEL', 'k'), send('GETDEL', 'k'), send('EXISTS', 'k')]).toEqual([value, null, 0]);
      expect(events.take()).toEqual(['set k', 'del k']);
    }
  });

  it('GETEX changes the expiry, and does so with large values, too', () => {
    for (const value of ['v', LARGE]) {
      const { send, clock, events } = makeClient();
      send('SET', 'k', value);
      events.take();
      expect([send('GETEX', 'k'), send('GETEX', 'k', 'PERSIST')]).toEqual([value, value]);
      expect(events.take()).toEqual([]);
      expect([send('GETEX', 'k', 'EX', 1), send('GETEX', 'k', 'PERSIST')]).toEqual([value, value]);
      expect(events.take()).toEqual(['expire k', 'persist k']);
      clock.now += 1000;
      expect(send('GETEX', 'k', 'PX', 5)).toBe(value);
      clock.now += 4;
      expect(send('GET', 'k')).toBe(value);
      clock.now++;
      expect(send('GETEX', 'k', 'PX', 5)).toBe(null);
    }
  });

  it('GETEX with a time that is over removes the key', () => {
    const { send, events } = makeClient();
    send('SET', 'k', 'v');
    expect(send('GETEX', 'k', 'PXAT', 1)).toBe('v');
    expect(events.take()).toEqual(['set k', 'del k']);
    expect(send('GET', 'k')).toBe(null);
  });

  it.each([['NX'], ['KEEPTTL'], ['EX'], ['PERSIST', 'EX', '1'], ['EX', '1', 'PERSIST'], ['PX', '1', 'PXAT', '1']])(
    'GETEX k %s %s %s is a syntax error',
    (...options) => {
      expect(makeClient().send('GETEX', 'k', ...options.filter((each) => each !== undefined))).toEqual(SYNTAX);
    },
  );

  it('GETEX looks at the time only where there is a value', () => {
    const { send } = makeClient();
    expect(send('GETEX', 'k', 'EX', 'x')).toBe(null);
    send('SET', 'k', 'v');
    expect(send('GETEX', 'k', 'EX', 'x')).toEqual(NOT_AN_INTEGER);
    expect(send('GETEX', 'k', 'EX', 0)).toEqual(new ReplyError("ERR invalid expire time in 'getex' command"));
  });
});

describe('MGET, MSET, MSETNX', () => {
  it('read and store many keys', () => {
    const { send, events } = makeClient();
    expect(send('MSET', 'a', 1, 'b', LARGE, 'a', 2)).toBe('OK');
    expect(events.take()).toEqual(['set a', 'set b', 'set a']);
    expect(send('MGET', 'a', 'x', 'b', 'a')).toEqual(['2', null, LARGE, '2']);
  });

  it('MSETNX stores all or nothing', () => {
    const { send } = makeClient();
    expect(send('MSETNX', 'a', 1, 'b', 2)).toBe(1);
    expect(send('MSETNX', 'c', 3, 'b', 4)).toBe(0);
    expect(send('MGET', 'a', 'b', 'c')).toEqual(['1', '2', null]);
    expect(send('MSETNX', 'd', 1, 'd', 2)).toBe(1);
    expect(send('GET', 'd')).toBe('2');
  });

  it('refuse a key without a value', () => {
    const client = makeTestClient();
    for (const name of ['mset', 'msetnx']) {
      const error = new ReplyError(`ERR wrong number of arguments for '${name}' command`);
      expect(client.send(name, 'a', 1, 'b')).toEqual(error);
      expect(client.send(name, 'a')).toEqual(error);
    }
  });
});
