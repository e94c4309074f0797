/** The embedded API against a plain map, with reopen, kill, checkpoint and compaction in the mix; and plants that must be found. */
import { expect, it } from 'vitest';
import { fuzz, seedsFrom, setupOf } from './embedded.fuzz.ts';

const OPERATIONS = 4000;

for (const hashBits of [32, 6]) {
  const seeds = seedsFrom(hashBits * 100, hashBits === 32 ? 32 : 16);
  it(`behaves like a plain map with a hash of ${hashBits} bits, seeds ${seeds[0]} to ${seeds.at(-1)}`, async () => {
    for (const seed of seeds) await fuzz(setupOf(seed, OPERATIONS, hashBits));
    expect(seeds.length).toBeGreaterThan(0);
  });
}
