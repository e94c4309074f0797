import { expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

it('waits twice as long after each failure, up to the bound', () => {
  const backoff = new Backoff({ firstMs: 250, maxMs: 2_000, random: () => 0 });
  expect([1, 2, 3, 4, 5, 6].map(() => backoff.failed())).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000]);
});

it('takes off up to a third at random, so that gateways do not knock together', () => {
  const shortest = new Backoff({ firstMs: 300, maxMs: 10_000, random: () => 0.999999 });
  expect([shortest.failed(), shortest.failed()]).toEqual([200, 400]);
});

it('begins again at the first wait after a success', () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 5_000, random: () => 0 });
  backoff.failed();
  backoff.failed();
  expect(backoff.failures).toBe(2);
  backoff.succeeded();
  expect([backoff.failures, backoff.failed()]).toEqual([0, 100]);
});

it('stays at the bound after thousands of failures', () => {
  const backoff = new Backoff({ firstMs: 250, maxMs: 60_000, random: () => 0 });
  for (let i = 0; i < 5_000; i++) backoff.failed();
  expect(backoff.failed()).toBe(60_000);
});
