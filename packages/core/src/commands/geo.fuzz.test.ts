/** Random commands on positions, against the real redis. */
import { GeoDraw } from '../../test/draws/geo.ts';
import { compareWithRedis } from '../../test/redis-comparison.ts';

await compareWithRedis({
  name: 'commands on positions',
  rounds: 4,
  commandsPerRound: 300,
  makeDraw: (seed) => new GeoDraw(seed),
  // Distances, which `s` may have for scores, differ in their last digits: they are the machine's.
  keys: ['g0'],
});
