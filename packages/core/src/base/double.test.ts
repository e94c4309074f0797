import { describe, expect, it } from 'vitest';
import { formatAllDigits, formatDouble, parseDouble } from './double.ts';
import { Prng } from './prng.ts';

describe('formatDouble', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [0.1, '0.1'],
    [-1.5, '-1.5'],
    [3.3, '3.3'],
    [1e-4, '0.0001'],
    [1e-5, '1e-05'],
    [-1.25e-7, '-1.25e-07'],
    [1e15, '1000000000000000'],
    [1e16, '10000000000000000'],
    [1e17, '100000000000000000'],
    [-(2 ** 62), '-4611686018427387904'],
    [2 ** 63, '9.223372036854776e+18'],
    [1e20, '1e+20'],
    [1234567890123456.5, '1234567890123456.5'],
    [1.5e300, '1.5e+300'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [Number.MIN_VALUE, '5e-324'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ])('prints %d as %s', (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });

  it('reads back as the same double', () => {
    for (const value of randomDoubles(5000)) {
      expect(Number(formatDouble(value))).toBe(value);
    }
  });
});

describe('formatAllDigits', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [0.1, '0.10000000000000001'],
    [3.5, '3.5'],
    [1e17, '1e+17'],
    [1.5e-5, '1.5e-05'],
    [Number.POSITIVE_INFINITY, 'inf'],
  ])('prints %d as %s', (value, text) => {
    expect(formatAllDigits(value)).toBe(text);
  });
});

describe('parseDouble', () => {
  const parse = (text: string, isLenient = false) =>
    parseDouble(Buffer.from(`<${text}>`), 1, 1 + text.length, isLenient);

  it.each([
    ['0', 0],
    ['-0', -0],
    ['+1.5', 1.5],
    ['1.', 1],
    ['.5', 0.5],
    ['123456789012345', 123456789012345],
    ['0.1234567890123456789', 0.12345678901234568],
    ['1e5', 1e5],
    ['-1.25E-3', -0.00125],
    ['0x10', 16],
    ['-0x1.8p3', -12],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['0e999', 0],
  ])('reads %s as %d', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each(['', ' 1', '1 ', '1x', '.', '-', 'nan', '1e', '--1', '1.2.3'])('refuses "%s"', (text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('refuses what a double does not hold, unless it is to be lenient', () => {
    expect([parse('1e400'), parse('-1e400'), parse('1e-400')]).toEqual([undefined, undefined, undefined]);
    expect([parse('1e400', true), parse('-1e400', true), parse('1e-400', true)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
    ]);
  });

  it('reads what formatDouble prints', () => {
    for (const value of randomDoubles(2000)) expect(parse(formatDouble(value))).toBe(value);
  });
});

function randomDoubles(count: number): number[] {
  const prng = new Prng(23);
  const view = new DataView(new ArrayBuffer(8));
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 === 0) return (prng.nextDouble() - 0.5) * 10 ** (prng.nextBelow(44) - 22);
    if (i % 3 === 1) return prng.nextBelow(2_000_000) / 100;
    view.setUint32(0, prng.nextUint32());
    view.setUint32(4, prng.nextUint32());
    return Number.isFinite(view.getFloat64(0)) ? view.getFloat64(0) : 1;
  });
}
