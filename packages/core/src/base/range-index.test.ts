/** Indexes that count from the end. */
import { expect, it } from 'vitest';
import { fromStart } from './range-index.ts';

it('counts negative indexes from the end, and stops at the start', () => {
  expect([0, 3, 9, -1, -5, -6].map((index) => fromStart(index, 5))).toEqual([0, 3, 9, 4, 0, 0]);
});
