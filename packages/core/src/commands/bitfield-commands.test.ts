/** BITFIELD and BITFIELD_RO, against what redis answers. */
import { expect, it } from 'vitest';
import { logEvents } from '../../test/event-log.ts';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';
import { ReplyError } from '../protocol/reply-parser.ts';

it('BITFIELD reads, sets and adds in the order given', () => {
  const instance = makeTestInstance();
  const events = logEvents(instance);
  const client = instance.connect();
  expect(client.send('BITFIELD', 'k', 'GET', 'u8', 0)).toEqual([0]);
  expect(client.send('EXISTS', 'k')).toBe(0);
  expect(client.send('BITFIELD', 'k', 'SET', 'u8', 0, 255, 'GET', 'i8', 0, 'INCRBY', 'i5', '#1', 3)).toEqual([
    0, -1, -1,
  ]);
  expect(client.send('BITFIELD', 'k', 'incrby', 'u2', 100, 1, 'overflow', 'sat', 'incrby', 'u2', 102, 9)).toEqual([
    1, 3,
  ]);
  expect(client.send('BITFIELD', 'k', 'overflow', 'fail', 'incrby', 'u2', 102, 1)).toEqual([null]);
  expect(client.send('BITFIELD', 'k', 'set', 'u2', 102, 3)).toEqual([3]);
  expect(client.send('BITFIELD', 'k')).toEqual([]);
  expect(client.send('STRLEN', 'k')).toBe(13);
  expect(events.take()).toEqual(['setbit k', 'setbit k']);
});

it('BITFIELD works on fields that lie far apart', () => {
  const client = makeTestClient();
  const far = 4_294_967_290;
  const reply = client.send('BITFIELD', 'k', 'SET', 'u8', 0, 7, 'SET', 'u6', far, 9, 'GET', 'u8', 0, 'GET', 'u8', far);
  expect(reply).toEqual([0, 0, 7, 36]);
  expect(client.send('STRLEN', 'k')).toBe(536_870_912);
  expect(client.send('BITFIELD_RO', 'k', 'GET', 'i64', far - 58, 'GET', 'u3', 5)).toEqual([9, 7]);
});

it('BITFIELD refuses what makes no sense, and changes nothing then', () => {
  const client = makeTestClient();
  const syntax = new ReplyError('ERR syntax error');
  const type = new ReplyError(
    'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
  );
  const send = (...rest: (string | number)[]) => client.send('BITFIELD', 'k', 'SET', 'u8', 0, 1, ...rest);
  expect(send('GET', 'u8')).toEqual(syntax);
  expect(send('SET', 'u8', 0)).toEqual(syntax);
  expect(send('OVERFLOW')).toEqual(syntax);
  expect(send('OVERFLOW', 'x')).toEqual(new ReplyError('ERR Invalid OVERFLOW type specified'));
  for (const each of ['u64', 'i65', 'u0', 'x8', 'u', '']) expect(send('GET', each, 0)).toEqual(type);
  for (const each of ['x', -1, 4_294_967_296, '#']) {
    expect(send('GET', 'u8', each)).toEqual(new ReplyError('ERR bit offset is not an integer or out of range'));
  }
  expect(send('SET', 'u8', 0, 'x')).toEqual(new ReplyError('ERR value is not an integer or out of range'));
  expect(client.send('BITFIELD_RO', 'k', 'SET', 'u8', 0, 1)).toEqual(
    new ReplyError('ERR BITFIELD_RO only supports the GET subcommand'),
  );
  expect(client.send('EXISTS', 'k')).toBe(0);
});
