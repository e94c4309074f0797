/**
 * The rolling summary of one sensor: least, most and sum of the running day (of the station's clock), and a recent
 * value that follows the last readings smoothly.
 *
 * A summary is a value: `rollSummary` returns a new one, so that the recorder can drop it when a write fails.
 */
import type { Reading } from './reading.ts';

export interface Summary {
  /** The day that the figures cover, such as `2010-01-31`. */
  readonly day: string;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /** Of all values of the day: divided by `count` it is the mean. */
  readonly sum: number;
  /** Exponentially weighted: each reading counts for a fifth. */
  readonly recent: number;
}

const RECENT_WEIGHT = 0.2;

/** The summary after one more reading; a new day starts over, but `recent` goes on. */
export function rollSummary(before: Summary | undefined, reading: Reading): Summary {
  const { value } = reading;
  const day = new Date(reading.atMs).toISOString().slice(0, 10);
  const recent = before === undefined ? value : round(before.recent + RECENT_WEIGHT * (value - before.recent), 1000);
  if (before === undefined || before.day !== day) return { day, count: 1, min: value, max: value, sum: value, recent };
  return {
    day,
    count: before.count + 1,
    min: Math.min(before.min, value),
    max: Math.max(before.max, value),
    sum: round(before.sum + value, 100),
    recent,
  };
}

/** To the hundredths that readings have, or finer: JSON then holds no long tails of digits. */
function round(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
