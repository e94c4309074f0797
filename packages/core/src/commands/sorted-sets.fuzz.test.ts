/** Random commands on sorted sets, against the real redis. */
import { SortedSetDraw } from '../../test/draws/sorted-sets.ts';
import { compareWithRedis } from '../../test/redis-comparison.ts';

const KEYS = ['z0', 'z1', 'z2', 'z3', 'l0', 'l1'];

await compareWithRedis({
  name: 'commands on sorted sets',
  rounds: 6,
  commandsPerRound: 800,
  makeDraw: (seed) => new SortedSetDraw(seed),
  async before(comparison) {
    await comparison.compare(['SET', 'text', 'x']);
    await comparison.compare(['SADD', 'set', 'm1', 'm2', 'm3', 'member:4', 'other5']);
  },
  keys: KEYS,
});
