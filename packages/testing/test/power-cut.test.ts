/** Power cuts at every write, in every durability mode, and during recovery; and planted bugs that they must find. */
import { describe, expect, it } from 'vitest';
import {
  EARLY_ACKNOWLEDGEMENT,
  EARLY_UNLINK,
  FORGOTTEN_FLUSH,
  NO_AS_OF,
  NO_PART_CHECK,
  type PlantedBug,
  SKIPPED_FSYNC,
} from './power-cut/planted-bugs.ts';
import { PowerCuts, Violation } from './power-cut/power-cuts.ts';
import { COMPACTION, DATABASES, MODES, REPLAY, STALLS, type Scenario } from './power-cut/scenario.ts';

const TIMEOUT_MS = 120_000;
const CUTS_MIN = 2000;
const STALLS_MAX = 4;
const SEED = Number(process.env.FERRITE_SEED ?? 1);

let cuts = 0;
let duringRecovery = 0;
let compactedSegments = 0;

async function cutPower(scenario: Scenario): Promise<PowerCuts> {
  const run = new PowerCuts(scenario, SEED);
  const tally = await run.run();
  cuts += tally.cuts;
  duringRecovery += tally.duringRecovery;
  console.log(`power cuts, ${scenario.name}, seed ${SEED}: ${JSON.stringify(tally)}`);
  return run;
}

describe('a power cut at any write, and twice more during recovery', { timeout: TIMEOUT_MS }, () => {
  it.each(MODES)('leaves a prefix with all that was promised: $name', async (scenario) => {
    await cutPower(scenario);
  });

  it.each(STALLS.slice(0, STALLS_MAX))(
    'leaves a prefix with all that was promised, though writes arrive late: $name',
    async (scenario) => {
      await cutPower(scenario);
    },
  );

  it.each(COMPACTION)('loses no durable key and brings no deleted one back: $name', async (scenario) => {
    const { tally } = await cutPower(scenario);
    compactedSegments += tally.compactedSegments;
  });

  it('met compaction', () => expect(compactedSegments).toBeGreaterThan(1));

  it.each(REPLAY)('leaves a log that is replayed exactly once: $name', async (scenario) => {
    const { tally } = await cutPower(scenario);
    expect(tally.checkpoints).toBeGreaterThan(2);
  });

  it.each(DATABASES)('leaves each database what it had: $name', async (scenario) => {
    await cutPower(scenario);
  });

  it(`was made at least ${CUTS_MIN} times`, () => {
    expect(cuts).toBeGreaterThan(CUTS_MIN);
    expect(duringRecovery).toBeGreaterThan(CUTS_MIN / 10);
  });
});

describe('the power cuts', { timeout: TIMEOUT_MS }, () => {
  const quick = { prefixes: 1, subsets: 2, goOnOneIn: Number.POSITIVE_INFINITY, damageOneIn: Number.POSITIVE_INFINITY };
  const mode = (name: string): Scenario => ({ ...(MODES.find((each) => each.name === name) as Scenario), ...quick });
  const planted: [PlantedBug, Scenario, seeds: number][] = [
    [SKIPPED_FSYNC, mode('always'), 3],
    [EARLY_ACKNOWLEDGEMENT, mode('everysec'), 6],
    [EARLY_UNLINK, { ...COMPACTION[0], ...quick }, 8],
    [NO_AS_OF, { ...REPLAY[1], ...quick, prefixes: 0, subsets: 0 }, 12],
    [NO_PART_CHECK, mode('wide batches'), 4],
    [FORGOTTEN_FLUSH, { ...DATABASES[0], ...quick }, 2],
  ];

  it.each(planted)('find $name', async (bug, scenario, seeds) => {
    const uproot = bug.plant();
    try {
      await expect(
        (async () => {
          for (let seed = 1; seed <= seeds; seed++) await new PowerCuts(scenario, seed).run();
        })(),
      ).rejects.toThrow(Violation);
    } finally {
      uproot();
    }
  });
});
