/** The ordered index against a sorted list, for long: `FERRITE_SEED` chooses where to begin. */
import { it } from 'vitest';
import { fuzz, type HashWidth } from './ordered-index.fuzz.ts';

const firstSeed = Number(process.env.FERRITE_SEED ?? 1000);
const seeds = Number(process.env.FERRITE_SEEDS ?? 100);

for (const width of [32, 6, 0] as HashWidth[]) {
  it(`holds the same keys in the same order, with a hash of ${width} bits, ${seeds} seeds from ${firstSeed}`, () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const keysAim = width === 0 ? 300 : [200, 1000, 3000, 9000][seed & 3];
      try {
        fuzz(seed, width, 40, keysAim);
      } catch (cause) {
        throw new Error(`seed ${seed} fails with a hash of ${width} bits`, { cause });
      }
    }
  });
}
