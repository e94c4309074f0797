/** Lists against arrays, with power cuts, checkpoints and compaction. */
import { describe, expect, it } from 'vitest';
import { ListFuzz } from './lists.fuzz.ts';

const TIMEOUT_MS = 60_000;
const OPERATIONS = 900;
const SEED = process.env.FERRITE_SEED;
const seeds = SEED === undefined ? [1, 2, 3] : [Number(SEED)];

describe.each(['always', 'interval'] as const)('lists, durability %s', { timeout: TIMEOUT_MS }, (durability) => {
  let compactedSegments = 0;

  it.each(seeds)('are what an array would be, whatever happens to the power: seed %i', async (seed) => {
    const fuzz = new ListFuzz({ seed, operations: OPERATIONS, durability, cutOneIn: 8 });
    await fuzz.run();
    console.log(`lists, ${durability}, seed ${seed}: ${JSON.stringify(fuzz.tally)}`);
    compactedSegments += fuzz.tally.compactedSegments;
    expect(fuzz.tally.cuts).toBeGreaterThan(20);
    expect(fuzz.tally.checkpoints).toBeGreaterThan(5);
  });

  it.skipIf(SEED !== undefined)('were moved by compaction', () => {
    expect(compactedSegments).toBeGreaterThan(5);
  });
});
