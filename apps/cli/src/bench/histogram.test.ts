import { expect, it } from 'vitest';
import { Histogram } from './histogram.ts';

it('a percentile is right to 1.6 %, over nine orders of magnitude', () => {
  for (const unit of [1, 1000, 1_000_000, 1_000_000_000]) {
    const histogram = new Histogram();
    for (let i = 1; i <= 1000; i++) histogram.add(i * unit);
    for (const share of [0.5, 0.99, 0.999, 1]) {
      const exact = share * 1000 * unit;
      expect(Math.abs(histogram.percentileNs(share) - exact) / exact).toBeLessThan(0.017);
    }
    expect(histogram.maxNs).toBe(1000 * unit);
  }
});

it('knows nothing of nothing, and counts what came several times', () => {
  const histogram = new Histogram();
  expect(histogram.percentileNs(0.99)).toBe(0);
  histogram.add(10, 99);
  histogram.add(1000);
  expect([histogram.percentileNs(0.99), histogram.percentileNs(1)]).toEqual([10, 1000]);
});
