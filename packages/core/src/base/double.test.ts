import { describe, expect, it } from 'vitest';
import { formatDouble } from './double.ts';
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
    [1e17, '1e+17'],
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
