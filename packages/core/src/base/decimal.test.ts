/** Integers as redis reads them: the edges of each range, and everything that only looks like an integer. */
import { describe, expect, it } from 'vitest';
import { formatInteger, INTEGER_SIZE_MAX_BYTES, parseInteger } from './decimal.ts';
import { Prng } from './prng.ts';

function parse(text: string): number | bigint | undefined {
  const bytes = Buffer.from(`-9${text}99`, 'latin1');
  return parseInteger(bytes, 2, bytes.length - 2);
}

describe('parseInteger', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['-1', -1],
    ['2147483648', 2147483648],
    ['999999999999999', 999999999999999],
    ['-1000000000000000', -1000000000000000],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
  ])('reads %s', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each([
    '',
    '-',
    '+1',
    '-0',
    '00',
    '01',
    '-01',
    ' 1',
    '1 ',
    '1.0',
    '1e3',
    '0x1',
    '--1',
    '1-',
    '12/',
    '12:',
    '9223372036854775808',
    '-9223372036854775809',
    '9999999999999999999',
    '99999999999999999999',
    '123456789012345x',
    '1\x00',
    '\xb1',
  ])('refuses %j', (text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('reads back whatever 64-bit integer is printed', () => {
    const prng = new Prng(7);
    for (let i = 0; i < 2000; i++) {
      const wide = (BigInt(prng.nextUint32()) << 32n) | BigInt(prng.nextUint32());
      const value = BigInt.asIntN(1 + prng.nextBelow(64), wide);
      const parsed = parse(String(value));
      expect(BigInt(parsed!)).toBe(value);
      expect(typeof parsed).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint');
    }
  });
});

it('formatInteger prints what parseInteger reads', () => {
  const bytes = Buffer.alloc(INTEGER_SIZE_MAX_BYTES + 2);
  const edges = [0n, 9n, 10n, 2147483647n, 2147483648n, 9007199254740991n, 9007199254740992n, 9223372036854775807n];
  const prng = new Prng(3);
  for (let i = 0; i < 1000; i++) edges.push(BigInt(prng.nextUint32()) >> BigInt(prng.nextBelow(32)));
  for (let i = 0; i < 1000; i++) edges.push((BigInt(prng.nextUint32()) << 21n) | BigInt(prng.nextBelow(2 ** 21)));
  for (const edge of [...edges, ...edges.map((each) => -each), -9223372036854775808n]) {
    const value = Number.isSafeInteger(Number(edge)) ? Number(edge) : edge;
    const end = formatInteger(value, bytes, 2);
    expect(bytes.toString('latin1', 2, end)).toBe(String(edge));
  }
});
