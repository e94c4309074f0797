/** When a device is one that lets writes wait. */
import { expect, it } from 'vitest';
import { DevicePace } from './device-pace.ts';

/** Quick writes every 10 ms until the device is a quick one again; returns how long that took. */
function calmDown(pace: DevicePace, fromMs: number): number {
  let nowMs = fromMs;
  while (pace.isSlow) pace.note(0.1, 1000, (nowMs += 10));
  return nowMs - fromMs;
}

it('is slow after one write that took long, and quick after a second without any', () => {
  const pace = new DevicePace();
  pace.note(1, 100, 1000);
  expect(pace.isSlow).toBe(false);
  pace.note(5, 100, 1010);
  expect(pace.isSlow).toBe(true);
  expect(calmDown(pace, 1010)).toBe(1000);
});

it('that is slow again soon after is left in the pool for longer each time, up to a minute', () => {
  const pace = new DevicePace();
  const took: number[] = [];
  for (let nowMs = 0, i = 0; i < 9; i++) {
    pace.note(200, 100, nowMs);
    took.push(calmDown(pace, nowMs));
    nowMs += took[i] + 500;
  }
  expect(took).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

it('that was quick for long begins anew', () => {
  const pace = new DevicePace();
  pace.note(200, 100, 0);
  pace.note(200, 100, calmDown(pace, 0) + 20_000);
  expect(calmDown(pace, 20_000)).toBeLessThan(2100);
});

it('that takes its time for many bytes is not slow', () => {
  const pace = new DevicePace();
  pace.note(20, 16 * 1024 * 1024, 0);
  expect(pace.isSlow).toBe(false);
});
