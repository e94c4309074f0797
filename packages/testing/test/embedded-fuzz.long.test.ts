/** Ten million operations of the embedded fuzz: `FERRITE_FIRST_SEED` chooses where to begin, `FERRITE_SEED` one run alone. */
import { it } from 'vitest';
import { fuzz, seedsFrom, setupOf } from './embedded.fuzz.ts';

const TOTAL = 10_000_000;
const OPERATIONS = 20_000;
const RUNS = TOTAL / OPERATIONS;
const NARROW_RUNS = RUNS / 5;
const firstSeed = Number(process.env.FERRITE_FIRST_SEED ?? 100_000);

for (const [hashBits, first, count] of [
  [32, firstSeed, RUNS - NARROW_RUNS],
  [6, firstSeed + RUNS, NARROW_RUNS],
]) {
  const seeds = seedsFrom(first, count);
  const name = `behaves like a plain map with a hash of ${hashBits} bits, ${count} runs of ${OPERATIONS}, seeds from ${seeds[0]}`;
  it(name, { timeout: 7_200_000 }, async () => {
    for (const seed of seeds) await fuzz(setupOf(seed, OPERATIONS, hashBits));
  });
}
