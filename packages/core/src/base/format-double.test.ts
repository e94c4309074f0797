import { describe, expect, it } from 'vitest';
import { formatDouble } from './format-double.ts';
import { Prng } from './prng.ts';

describe('formatDouble', () => {
  it.each<[number, string]>([
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [-17, '-17'],
    [0.5, '0.5'],
    [0.015625, '0.015625'],
    [0.0078125, '0.0078125'],
    [123456 + 1 / 1024, '123456.0009765625'],
    [999999999.984375, '999999999.984375'],
    [1234567890123456.5, '1234567890123456.5'],
    [0.1, '0.10000000000000001'],
    [3.1, '3.1000000000000001'],
    [-1.5, '-1.5'],
    [0.0001, '0.0001'],
    [0.00001, '1.0000000000000001e-05'],
    [1.25e-7, '1.2499999999999999e-07'],
    [2 ** 53, '9007199254740992'],
    [1e17 - 16, '99999999999999984'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [123456789012345680000, '1.2345678901234568e+20'],
    [1e20, '1e+20'],
    [Number(523710446242807808n), '5.2371044624280781e+17'],
    [-1e100, '-1e+100'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [5e-324, '4.9406564584124654e-324'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ])('writes %d as C does: %s', (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });

  it('rounds what lies halfway between two texts to the even digit', () => {
    expect(formatDouble(1234567890123 + 1 / 32)).toBe('1234567890123.0312');
    expect(formatDouble(1234567890123 + 3 / 32)).toBe('1234567890123.0938');
    expect(formatDouble(-1234567890123 - 1 / 32)).toBe('-1234567890123.0312');
    expect(formatDouble(2 ** -25)).toBe('2.9802322387695312e-08');
    expect(formatDouble(3 * 2 ** -25)).toBe('8.9406967163085938e-08');
  });

  it('gives texts that read back as the same double', () => {
    const prng = new Prng(7);
    const words = new Uint32Array(2);
    const doubles = new Float64Array(words.buffer);
    for (let i = 0; i < 20_000; i++) {
      words[0] = prng.nextUint32();
      words[1] = prng.nextUint32();
      if (Number.isFinite(doubles[0])) expect(Number(formatDouble(doubles[0]))).toBe(doubles[0]);
    }
  });
});
