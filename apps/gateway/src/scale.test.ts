import { expect, it } from 'vitest';
import { duration, grouped, short, ticksUpTo } from './scale.ts';

it('places ticks at round numbers up to and over the greatest value', () => {
  expect(ticksUpTo(29_404, 4)).toEqual([0, 10_000, 20_000, 30_000]);
  expect(ticksUpTo(45, 8)).toEqual([0, 10, 20, 30, 40, 50]);
  expect(ticksUpTo(1_200, 4)).toEqual([0, 500, 1_000, 1_500]);
  for (const max of [0, 1, 3])
    expect(ticksUpTo(max, 4)).toEqual(Array.from({ length: Math.max(2, max + 1) }, (_, i) => i));
});

it('writes figures briefly', () => {
  expect([0, 999, 1_500, 20_000, 3_400_000].map(short)).toEqual(['0', '999', '1.5k', '20k', '3.4M']);
  expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([3.4, 999, 8_540].map(duration)).toEqual(['3 ms', '999 ms', '8.5 s']);
});
