/** Collections against Maps, with power cuts, checkpoints and compaction; and a planted bug that the fuzz must find. */
import { describe, expect, it } from 'vitest';
import { CollectionFuzz } from './collections.fuzz.ts';
import { FORGOTTEN_MEMBERS } from './power-cut/planted-bugs.ts';

const TIMEOUT_MS = 60_000;
const OPERATIONS = 900;
const CANARY_SEEDS = 3;
const SEED = process.env.FERRITE_SEED;
const seeds = SEED === undefined ? [1, 2, 3, 4, 5, 6] : [Number(SEED)];

function makeFuzz(seed: number): CollectionFuzz {
  return new CollectionFuzz({ seed, operations: OPERATIONS, hashBits: seed % 2 === 0 ? 6 : 32, cutOneIn: 8 });
}

describe('collections', { timeout: TIMEOUT_MS }, () => {
  let compactedSegments = 0;

  it.each(seeds)('are what a Map would be, whatever happens to the power: seed %i', async (seed) => {
    const fuzz = makeFuzz(seed);
    await fuzz.run();
    console.log(`collections, seed ${seed}: ${JSON.stringify(fuzz.tally)}`);
    compactedSegments += fuzz.tally.compactedSegments;
    expect(fuzz.tally.cuts).toBeGreaterThan(20);
    expect(fuzz.tally.checkpoints).toBeGreaterThan(5);
  });

  it.skipIf(SEED !== undefined)('were moved by compaction', () => {
    expect(compactedSegments).toBeGreaterThan(10);
  });

  it('would show a replay that forgets removals of members', async () => {
    const uproot = FORGOTTEN_MEMBERS.plant();
    try {
      const runs = async (): Promise<void> => {
        for (let seed = 1; seed <= CANARY_SEEDS; seed++) await makeFuzz(seed).run();
      };
      await expect(runs()).rejects.toThrow(/seed/);
    } finally {
      uproot();
    }
  });
});
