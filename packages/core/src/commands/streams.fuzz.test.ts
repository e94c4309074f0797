/** Random commands on streams and their groups, against the real redis. */
import { StreamDraw } from '../../test/draws/streams.ts';
import { compareWithRedis } from '../../test/redis-comparison.ts';

await compareWithRedis({
  name: 'stream commands',
  rounds: 2,
  commandsPerRound: 2000,
  makeDraw: (seed) => new StreamDraw(seed),
  keys: ['k0', 'k1', 'k2'],
});
