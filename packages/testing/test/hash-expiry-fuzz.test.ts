/** Fields that expire, against Maps, with power cuts, checkpoints and compaction; and a planted bug that the fuzz must find. */
import { describe, expect, it } from 'vitest';
import { HashExpiryFuzz } from './hash-expiry.fuzz.ts';
import { FORGOTTEN_FIELD_EXPIRIES } from './power-cut/planted-bugs.ts';

const TIMEOUT_MS = 60_000;
const OPERATIONS = 700;
const SEED = process.env.FERRITE_SEED;
const seeds = SEED === undefined ? [1, 2, 3, 4] : [Number(SEED)];

function makeFuzz(seed: number): HashExpiryFuzz {
  return new HashExpiryFuzz({ seed, operations: OPERATIONS, hashBits: seed % 2 === 0 ? 6 : 32, cutOneIn: 8 });
}

describe('fields that expire', { timeout: TIMEOUT_MS }, () => {
  it.each(seeds)('are there until they are due, whatever happens to the power: seed %i', async (seed) => {
    const fuzz = makeFuzz(seed);
    await fuzz.run();
    console.log(`fields that expire, seed ${seed}: ${JSON.stringify(fuzz.tally)}`);
    expect(fuzz.tally.cuts).toBeGreaterThan(20);
    expect(fuzz.tally.checkpoints).toBeGreaterThan(5);
    expect(fuzz.tally.expired).toBeGreaterThan(50);
  });

  it('would show an open that forgets when fields are due', async () => {
    const uproot = FORGOTTEN_FIELD_EXPIRIES.plant();
    try {
      await expect(makeFuzz(1).run()).rejects.toThrow(/seed/);
    } finally {
      uproot();
    }
  });
});
