/**
 * Five million random commands of all types, mixed, against the real redis. `FERRITE_FIRST_SEED` chooses where to begin,
 * `FERRITE_SEED` one round alone, `FERRITE_ROUNDS` how many.
 */
import { afterAll, describe, it } from 'vitest';
import { compareMixed } from '../../test/mixed-comparison.ts';
import { type ReferenceRedis, startReferenceRedis } from '../../test/reference-redis.ts';

const TOTAL = 5_000_000;
const COMMANDS_PER_ROUND = 20_000;
const SEED = process.env.FERRITE_SEED;
const FIRST = Number(SEED ?? process.env.FERRITE_FIRST_SEED ?? 1000);
const ROUNDS = SEED === undefined ? Number(process.env.FERRITE_ROUNDS ?? TOTAL / COMMANDS_PER_ROUND) : 1;
const redis = await startReferenceRedis('--enable-debug-command', 'yes');
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare commands of all types with');

describe.runIf(redis !== undefined)('commands of all types', () => {
  it(`answer as redis does, ${ROUNDS} rounds of ${COMMANDS_PER_ROUND}, seeds from ${FIRST}`, async () => {
    for (let seed = FIRST; seed < FIRST + ROUNDS; seed++) {
      try {
        await compareMixed(redis as ReferenceRedis, seed, COMMANDS_PER_ROUND);
      } catch (error) {
        throw new Error(`seed ${seed}\n${(error as Error).message}`);
      }
    }
  });
});
