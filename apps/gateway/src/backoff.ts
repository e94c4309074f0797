/**
 * How long to wait after a failed upload: twice as long each time, up to a bound, with a random share taken off.
 *
 * The random share keeps a thousand gateways from knocking at the same moment when the collector comes back.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: { firstMs: number; maxMs: number; random: () => number }) {
    this.#firstMs = options.firstMs;
    this.#maxMs = options.maxMs;
    this.#random = options.random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Notes a failure and returns the wait before the next attempt, in milliseconds. */
  failed(): number {
    const fullMs = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return Math.round(fullMs * (1 - this.#random() / 3));
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
