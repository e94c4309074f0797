/** Random commands on hashes, against the real redis: replies, encodings under several thresholds, payloads of DUMP. */
import { HashDraw } from '../../test/draws/hashes.ts';
import { compareWithRedis } from '../../test/redis-comparison.ts';

await compareWithRedis({
  name: 'hash commands',
  rounds: 2,
  commandsPerRound: 2000,
  makeDraw: (seed) => new HashDraw(seed),
  async before(comparison, seed) {
    // Where they change later, redis turns no listpack into a table until the next write, while thresholds are asked here.
    await comparison.compare(['CONFIG', 'SET', 'hash-max-listpack-entries', seed % 2 === 0 ? 16 : 512]);
    await comparison.compare(['CONFIG', 'SET', 'hash-max-ziplist-value', seed % 3 === 0 ? 8 : 64]);
  },
  keys: ['k0', 'k1', 'k2', 'k3', 'k4'],
});
