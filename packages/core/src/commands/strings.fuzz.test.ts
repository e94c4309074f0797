/**
 * Random commands on strings, numbers, bits and HyperLogLogs, against the real redis: replies, and in the end all values, must
 * be the same to the byte.
 */
import { StringDraw } from '../../test/draws/strings.ts';
import { compareWithRedis } from '../../test/redis-comparison.ts';

await compareWithRedis({
  name: 'string commands',
  rounds: 12,
  commandsPerRound: 600,
  makeDraw: (seed) => new StringDraw(seed),
  keys: ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'h0', 'h1', 'h2'],
});
