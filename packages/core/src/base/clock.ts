/**
 * The clock seam: the only place where the engine learns what time it is.
 *
 * Everything else takes a `Clock`, so that a test moves time by hand and a run can be repeated from its seed.
 * `nowMs` is wall time and may jump either way; `monotonicMs` never goes back and says nothing about the date.
 */

export interface Clock {
  /** Milliseconds since 1970, whole. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start, with fractions, never going back. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // As fast as `performance.now()`, and there without the milliseconds that loading `performance` takes.
  monotonicMs: () => {
    const time = process.hrtime();
    return time[0] * 1000 + time[1] / 1e6;
  },
};
