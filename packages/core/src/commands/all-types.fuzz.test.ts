/** Some thousand random commands of all types, mixed, against the real redis; `all-types.long.test.ts` sends millions. */
import { afterAll, describe, it } from 'vitest';
import { compareMixed } from '../../test/mixed-comparison.ts';
import { type ReferenceRedis, startReferenceRedis } from '../../test/reference-redis.ts';

const COMMANDS = 4000;
const SEED = Number(process.env.FERRITE_SEED ?? 1);
const redis = await startReferenceRedis('--enable-debug-command', 'yes');
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare commands of all types with');

describe.runIf(redis !== undefined)('commands of all types', () => {
  it(`answer as redis does, ${COMMANDS} of them, seed ${SEED}`, { timeout: 60_000 }, () =>
    compareMixed(redis as ReferenceRedis, SEED, COMMANDS),
  );
});
