/** Random commands on lists, against the real redis: replies and what is there in the end are the same. */
import { ListDraw } from '../../test/draws/lists.ts';
import { compareWithRedis } from '../../test/redis-comparison.ts';

await compareWithRedis({
  name: 'list commands',
  rounds: 4,
  commandsPerRound: 1500,
  makeDraw: (seed) => new ListDraw(seed),
  keys: ['k0', 'k1', 'k2', 'k3', 'k4'],
});
