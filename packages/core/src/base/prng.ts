/**
 * The random numbers of the engine and of its simulations: xoshiro128** (Blackman and Vigna, 2018), seeded.
 *
 * The same seed always gives the same numbers, on every platform, so a failing run can be repeated. Not for secrets.
 */

export class Prng {
  readonly #state = new Uint32Array(4);

  /** `seed` is any whole number; splitmix32 spreads it, so that neighbouring seeds have nothing in common. */
  constructor(seed: number) {
    this.reseed(seed);
  }

  /** From now on it gives the numbers of another seed. */
  reseed(seed: number): void {
    let mix = (seed ^ Math.imul(Math.floor(seed / 0x1_0000_0000), 0x85ebca6b)) >>> 0;
    for (let i = 0; i < 4; i++) {
      mix = (mix + 0x9e3779b9) >>> 0;
      let word = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      this.#state[i] = word ^ (word >>> 15);
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  nextUint32(): number {
    const state = this.#state;
    const scaled = Math.imul(state[1], 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = (state[3] << 11) | (state[3] >>> 21);
    return result;
  }

  /** A whole number from 0 to `bound - 1`; `bound` is at most 2^32. */
  nextBelow(bound: number): number {
    return Math.floor((this.nextUint32() * bound) / 0x1_0000_0000);
  }

  /** A number from 0 up to, but not including, 1, with 53 random bits. */
  nextDouble(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }
}
