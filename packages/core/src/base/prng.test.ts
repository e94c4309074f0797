/**
 * The seeded random numbers against a transcription of the published algorithm.
 */
import { describe, expect, it } from 'vitest';
import { Prng } from './prng.ts';

describe('Prng', () => {
  it('gives the same numbers for the same seed and others for the next', () => {
    const draw = (seed: number) => {
      const prng = new Prng(seed);
      return Array.from({ length: 100 }, () => prng.nextUint32());
    };
    expect(draw(7)).toEqual(draw(7));
    for (const seed of [8, 7 + 2 ** 32, -7, 0]) {
      const other = new Set(draw(seed));
      expect(draw(7).filter((value) => other.has(value))).toEqual([]);
    }
  });

  it('follows the published algorithm', () => {
    const seeded = new Prng(1);
    const state = referenceState(1);
    for (let i = 0; i < 1000; i++) expect(seeded.nextUint32()).toBe(referenceNext(state));
  });

  it('spreads nextBelow and nextDouble evenly and within their bounds', () => {
    const prng = new Prng(42);
    const buckets = new Array<number>(10).fill(0);
    let sum = 0;
    for (let i = 0; i < 100_000; i++) {
      buckets[prng.nextBelow(10)]++;
      const fraction = prng.nextDouble();
      expect(fraction >= 0 && fraction < 1).toBe(true);
      sum += fraction;
    }
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(Math.abs(sum / 100_000 - 0.5)).toBeLessThan(0.01);
    expect(new Prng(1).nextBelow(1)).toBe(0);
  });
});

const MASK = 0xffff_ffffn;

function referenceState(seed: number): bigint[] {
  let mix = BigInt(seed);
  return Array.from({ length: 4 }, () => {
    mix = (mix + 0x9e3779b9n) & MASK;
    let word = ((mix ^ (mix >> 16n)) * 0x21f0aaadn) & MASK;
    word = ((word ^ (word >> 15n)) * 0x735a2d97n) & MASK;
    return word ^ (word >> 15n);
  });
}

/** xoshiro128**, transcribed from the C of Blackman and Vigna. */
function referenceNext(s: bigint[]): number {
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & MASK;
  const result = (rotl((s[1] * 5n) & MASK, 7n) * 9n) & MASK;
  const t = (s[1] << 9n) & MASK;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 11n);
  return Number(result);
}
