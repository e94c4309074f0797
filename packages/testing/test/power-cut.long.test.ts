/** The power cuts with longer runs, more sector prefixes and other seeds: `FERRITE_FIRST_SEED` chooses where to begin. */
import { describe, it } from 'vitest';
import { PowerCuts } from './power-cut/power-cuts.ts';
import { COMPACTION, DATABASES, MODES, REPLAY, STALLS } from './power-cut/scenario.ts';

const SEEDS = 8;
const PREFIXES_MAX = 16;
const TIMEOUT_MS = 3_600_000;
const firstSeed = Number(process.env.FERRITE_FIRST_SEED ?? 1000);

describe('power cuts at any write, for long', { timeout: TIMEOUT_MS }, () => {
  it.each([...MODES, ...STALLS, ...COMPACTION, ...REPLAY, ...DATABASES])(
    'leave a prefix with all that was promised: $name',
    async (scenario) => {
      const longer = {
        ...scenario,
        actions: scenario.actions * 3,
        prefixes: PREFIXES_MAX,
        subsets: 8,
      };
      let cuts = 0;
      for (let seed = firstSeed; seed < firstSeed + SEEDS; seed++)
        cuts += (await new PowerCuts(longer, seed).run()).cuts;
      console.log(`power cuts, ${scenario.name}, seeds ${firstSeed} to ${firstSeed + SEEDS - 1}: ${cuts}`);
    },
  );
});
