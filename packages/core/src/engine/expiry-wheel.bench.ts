/**
 * Cost of the expiry wheel: `pnpm exec vitest bench packages/core/src/engine/expiry-wheel.bench.ts`.
 * One sample handles 1,000 entries, so a mean in microseconds reads as nanoseconds per entry; samples of the last two
 * handle 1,000,000, so there a mean in milliseconds does.
 */
import { bench, describe } from 'vitest';
import { ExpiryWheel } from './expiry-wheel.ts';

const START_MS = 1_760_000_000_000;
const MILLION = 1_000_000;
const HOUR_MS = 3_600_000;

function visit(): void {}

describe('ExpiryWheel', () => {
  let nowMs = START_MS;
  const wheel = new ExpiryWheel(nowMs);
  bench('add up to an hour ahead, and poll what is due as time goes on', () => {
    for (let i = 0; i < 1000; i++) wheel.add(nowMs + ((i * 7919) % HOUR_MS), i, 2 ** 33 + i * 16, 0);
    nowMs += 10_000;
    while (wheel.nextDueMs() <= nowMs) wheel.poll(nowMs, 100_000, visit);
  });

  const grown = new ExpiryWheel(START_MS);
  let added = 0;
  bench('add alone, up to an hour ahead', () => {
    for (let i = 0; i < 1000; i++) grown.add(START_MS + ((added++ * 7919) % HOUR_MS), i, 2 ** 33 + i * 16, 0);
  });

  const saved = new ExpiryWheel(START_MS);
  for (let i = 0; i < MILLION; i++) saved.add(START_MS + ((i * 7919) % HOUR_MS), i, 2 ** 33 + i * 16, 0);
  const { bytes } = saved.save(0, Number.POSITIVE_INFINITY);
  bench('save a million', () => {
    saved.save(0, Number.POSITIVE_INFINITY);
  });

  bench('load a million', () => {
    new ExpiryWheel(START_MS).load(bytes);
  });
});
