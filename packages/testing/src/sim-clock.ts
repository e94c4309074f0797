/**
 * Time that stands still until a test moves it.
 *
 * Wall time and monotonic time move together in `advance`; `setNow` steps the wall clock alone, as a board without a
 * battery clock does. Callbacks run inside `advance`, in order of their time, with the clock standing at that time.
 */
import type { Clock } from '@ferrite/core/module';

const START_MS = 1_700_000_000_000;

interface Timer {
  atMs: number;
  run: () => void;
}

export class SimClock implements Clock {
  #wallOffsetMs = START_MS;
  #monotonicMs = 0;
  readonly #timers: Timer[] = [];

  nowMs(): number {
    return Math.floor(this.#wallOffsetMs + this.#monotonicMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Sets the wall clock, forwards or back, and nothing else. */
  setNow(nowMs: number): void {
    this.#wallOffsetMs = nowMs - this.#monotonicMs;
  }

  /** Runs `run` when the clock has been advanced by `delayMs`. */
  after(delayMs: number, run: () => void): void {
    const atMs = this.#monotonicMs + delayMs;
    const later = this.#timers.findIndex((timer) => timer.atMs > atMs);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, { atMs, run });
  }

  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms;
    while (this.#timers.length > 0 && this.#timers[0].atMs <= endMs) {
      const timer = this.#timers.shift() as Timer;
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.atMs);
      timer.run();
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, endMs);
  }
}
