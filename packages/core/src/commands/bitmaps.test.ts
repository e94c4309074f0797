/** Commands that take strings for arrays of bits, against what redis answers. */
import { describe, expect, it } from 'vitest';
import { logEvents } from '../../test/event-log.ts';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';
import { ReplyError } from '../protocol/reply-parser.ts';

const SYNTAX = new ReplyError('ERR syntax error');
const NOT_AN_INTEGER = new ReplyError('ERR value is not an integer or out of range');
const NOT_AN_OFFSET = new ReplyError('ERR bit offset is not an integer or out of range');
const LARGE = 100_000;

describe('GETBIT and SETBIT', () => {
  it('number bits from the highest of the first byte', () => {
    const instance = makeTestInstance();
    const events = logEvents(instance);
    const client = instance.connect();
    expect(client.send('SETBIT', 'k', 1, 1)).toBe(0);
    expect(client.send('SETBIT', 'k', 1, 1)).toBe(1);
    expect(client.send('SETBIT', 'k', 15, 0)).toBe(0);
    expect(client.send('GET', 'k')).toBe('@\x00');
    expect([0, 1, 2, 16, 4_294_967_295].map((at) => client.send('GETBIT', 'k', at))).toEqual([0, 1, 0, 0, 0]);
    expect(events.take()).toEqual(['setbit k', 'setbit k']);
  });

  it('work on large values, and on bits far out', () => {
    const client = makeTestClient();
    client.send('SET', 'k', Buffer.alloc(LARGE));
    expect(client.send('SETBIT', 'k', 500_001, 1)).toBe(0);
    expect(client.send('SETBIT', 'k', 4_294_967_295, 1)).toBe(0);
    expect(client.send('STRLEN', 'k')).toBe(536_870_912);
    expect([500_000, 500_001, 2_000_000_000, 4_294_967_295].map((at) => client.send('GETBIT', 'k', at))).toEqual([
      0, 1, 0, 1,
    ]);
    expect(client.send('SETBIT', 'k', 500_001, 0)).toBe(1);
    expect(client.send('GETBIT', 'k', 500_001)).toBe(0);
  });

  it('refuse offsets and bits that are none', () => {
    const client = makeTestClient();
    for (const offset of ['x', -1, 4_294_967_296, '#1', '']) {
      expect(client.send('GETBIT', 'k', offset)).toEqual(NOT_AN_OFFSET);
      expect(client.send('SETBIT', 'k', offset, 1)).toEqual(NOT_AN_OFFSET);
    }
    for (const bit of ['x', -1, 2, '']) {
      expect(client.send('SETBIT', 'k', 0, bit)).toEqual(new ReplyError('ERR bit is not an integer or out of range'));
    }
  });
});

describe('BITCOUNT', () => {
  it('counts in ranges of bytes and of bits', () => {
    const client = makeTestClient();
    client.send('SET', 'k', 'foobar');
    const count = (...range: (string | number)[]) => client.send('BITCOUNT', 'k', ...range);
    expect([count(), count(0, 0), count(1, 1), count(0, -5), count(5, 30, 'bit'), count(1, 1, 'BYTE')]).toEqual([
      26, 4, 6, 10, 17, 6,
    ]);
    expect(client.send('BITCOUNT', 'other')).toBe(0);
  });

  it('counts in large values with holes', () => {
    const client = makeTestClient();
    client.send('SET', 'k', Buffer.alloc(LARGE, 255));
    client.send('SETBIT', 'k', 80_000_000, 1);
    const count = (...range: (string | number)[]) => client.send('BITCOUNT', 'k', ...range);
    expect([count(), count(-1, -1), count(3, 799_995, 'bit'), count(LARGE, -2)]).toEqual([
      LARGE * 8 + 1,
      1,
      799_993,
      0,
    ]);
  });

  it('says what is wrong before it looks at the key', () => {
    const client = makeTestClient();
    expect(client.send('BITCOUNT', 'k', 0)).toEqual(SYNTAX);
    expect(client.send('BITCOUNT', 'k', 0, 1, 'nibble')).toEqual(SYNTAX);
    expect(client.send('BITCOUNT', 'k', 0, 1, 'bit', 'bit')).toEqual(SYNTAX);
    expect(client.send('BITCOUNT', 'k', 0, 'x')).toEqual(NOT_AN_INTEGER);
  });
});

describe('BITPOS', () => {
  it('finds bits in ranges of bytes and of bits', () => {
    const client = makeTestClient();
    client.send('SET', 'k', '\xff\xf0\x00');
    const position = (...rest: (string | number)[]) => client.send('BITPOS', 'k', ...rest);
    expect([position(0), position(1), position(1, 2), position(0, 1, 1), position(1, 7, 15, 'bit')]).toEqual([
      12, 0, -1, 12, 7,
    ]);
    client.send('SET', 'k', '\xff\xff');
    expect([position(0), position(0, 0), position(0, 0, -1), position(0, 5)]).toEqual([16, 16, -1, -1]);
    expect([client.send('BITPOS', 'other', 0), client.send('BITPOS', 'other', 1)]).toEqual([0, -1]);
  });

  it('finds bits in large values with holes', () => {
    const client = makeTestClient();
    client.send('SET', 'k', Buffer.alloc(LARGE, 255));
    expect(client.send('BITPOS', 'k', 0)).toBe(LARGE * 8);
    expect(client.send('BITPOS', 'k', 0, 0, -1)).toBe(-1);
    client.send('SETBIT', 'k', 80_000_003, 1);
    expect(client.send('BITPOS', 'k', 0)).toBe(LARGE * 8);
    expect(client.send('BITPOS', 'k', 1, LARGE)).toBe(80_000_003);
    expect(client.send('BITPOS', 'k', 1, 80_000_001, 80_000_002, 'bit')).toBe(-1);
    expect(client.send('BITPOS', 'k', 1, 20_000_000)).toBe(-1);
  });

  it('says what is wrong before it looks at the key', () => {
    const client = makeTestClient();
    expect(client.send('BITPOS', 'k', 2)).toEqual(new ReplyError('ERR The bit argument must be 1 or 0.'));
    expect(client.send('BITPOS', 'k', 'x')).toEqual(NOT_AN_INTEGER);
    expect(client.send('BITPOS', 'k', 0, 'x')).toEqual(NOT_AN_INTEGER);
    expect(client.send('BITPOS', 'k', 0, 0, 'x')).toEqual(NOT_AN_INTEGER);
    expect(client.send('BITPOS', 'k', 0, 0, 1, 'nibble')).toEqual(SYNTAX);
    expect(client.send('BITPOS', 'k', 0, 0, 1, 'bit', 'bit')).toEqual(SYNTAX);
  });
});

describe('BITOP', () => {
  it('combines strings, the shorter ones going on with zeros', () => {
    const instance = makeTestInstance();
    const events = logEvents(instance);
    const client = instance.connect();
    client.send('MSET', 'a', '\x0f\xf0\xff', 'b', '\xff\x3c', 'd', 'old');
    events.take();
    for (const [operation, result] of [
      ['and', '\x0f0\x00'],
      ['OR', '\xff\xfc\xff'],
      ['xor', '\xf0\xcc\xff'],
    ]) {
      expect(client.send('BITOP', operation, 'd', 'a', 'b')).toBe(3);
      expect(client.send('GET', 'd')).toBe(result);
    }
    expect(client.send('BITOP', 'not', 'd', 'b')).toBe(2);
    expect(client.send('GET', 'd')).toBe('\x00\xc3');
    expect(client.send('BITOP', 'and', 'd', 'x', 'y')).toBe(0);
    expect(client.send('BITOP', 'and', 'd', 'x', 'y')).toBe(0);
    expect(client.send('EXISTS', 'd')).toBe(0);
    expect(events.take()).toEqual(['set d', 'set d', 'set d', 'set d', 'del d']);
  });

  it('combines large values', () => {
    const client = makeTestClient();
    client.send('SET', 'a', Buffer.alloc(LARGE, 0x0f));
    client.send('SET', 'b', Buffer.alloc(LARGE + 1, 0xf0));
    expect(client.send('BITOP', 'or', 'a', 'a', 'b')).toBe(LARGE + 1);
    expect(client.send('BITCOUNT', 'a')).toBe(LARGE * 8 + 4);
  });

  it('refuses what it does not know', () => {
    const client = makeTestClient();
    expect(client.send('BITOP', 'nand', 'd', 'a')).toEqual(SYNTAX);
    expect(client.send('BITOP', 'not', 'd', 'a', 'b')).toEqual(
      new ReplyError('ERR BITOP NOT must be called with a single source key.'),
    );
  });
});
