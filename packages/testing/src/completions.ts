/**
 * When the asynchronous operations of a simulated disk settle, and how long the synchronous ones take.
 *
 * By default each settles in a microtask, in issue order. `hold` keeps operations until `pump` or `release`; `stall`
 * lets them settle only after a time on the simulated clock, and makes synchronous ones advance that clock.
 */
import type { Prng } from '@ferrite/core/module';
import type { SimClock } from './sim-clock.ts';

export type StalledOperation = 'read' | 'write' | 'sync' | 'remove' | 'syncDirectory';

const ALL: readonly StalledOperation[] = ['read', 'write', 'sync', 'remove', 'syncDirectory'];

interface Stall {
  delayMs: number;
  timesLeft: number;
}

export class Completions {
  readonly #clock: SimClock;
  readonly #stalls = new Map<StalledOperation, Stall>();
  #holding = new Set<StalledOperation>();
  readonly #held: (() => void)[] = [];

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  /** Runs `run` when the operation settles, and settles with its result. */
  add<T>(operation: StalledOperation, run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        try {
          resolve(run());
        } catch (error) {
          reject(error);
        }
      };
      const delayMs = this.#takeStallMs(operation);
      if (this.#holding.has(operation)) this.#held.push(settle);
      else if (delayMs > 0) this.#clock.after(delayMs, settle);
      else queueMicrotask(settle);
    });
  }

  /** Lets a synchronous operation take its time. */
  pass(operation: StalledOperation): void {
    const delayMs = this.#takeStallMs(operation);
    if (delayMs > 0) this.#clock.advance(delayMs);
  }

  stall(operation: StalledOperation, delayMs: number, times: number): void {
    this.#stalls.set(operation, { delayMs, timesLeft: times });
  }

  hold(operation: StalledOperation | undefined): void {
    for (const each of operation === undefined ? ALL : [operation]) this.#holding.add(each);
  }

  release(): void {
    this.#holding = new Set();
    this.pump(Number.POSITIVE_INFINITY, undefined);
  }

  get heldCount(): number {
    return this.#held.length;
  }

  pump(count: number, prng: Prng | undefined): number {
    let done = 0;
    for (; done < count && this.#held.length > 0; done++) {
      const [settle] = this.#held.splice(prng === undefined ? 0 : prng.nextBelow(this.#held.length), 1);
      settle();
    }
    return done;
  }

  #takeStallMs(operation: StalledOperation): number {
    const stall = this.#stalls.get(operation);
    if (stall === undefined || stall.timesLeft <= 0) return 0;
    stall.timesLeft--;
    return stall.delayMs;
  }
}
