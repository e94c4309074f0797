/** Objects that are waited with until what happened to them is durable. */
import { describe, expect, it } from 'vitest';
import type { Log } from './log.ts';
import { UnsettledObjects } from './unsettled-objects.ts';

function logAt(durableUntil: number, tail: number): Log {
  return { durableUntil, tail, segments: {} } as unknown as Log;
}

describe('unsettled objects', () => {
  it('are settled once the log is durable to where it ended, though more is always waiting', () => {
    const objects = new UnsettledObjects();
    objects.note(1, logAt(50, 100));
    expect([objects.has(1, logAt(50, 100)), objects.has(2, logAt(50, 100))]).toEqual([true, false]);
    expect([objects.has(1, logAt(99, 200)), objects.has(1, logAt(100, 200))]).toEqual([true, false]);
  });

  it('are all waited with when there are too many to tell apart', () => {
    const objects = new UnsettledObjects();
    for (let i = 0; i <= 10_000; i++) objects.note(i, logAt(50, 100 + i));
    expect(objects.has(77_777, logAt(60, 20_000))).toBe(true);
    expect(objects.has(77_777, logAt(15_000, 20_000))).toBe(false);
  });
});
