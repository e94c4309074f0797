/** Random commands on sets, against the real redis; and SSCAN, which must meet each member from its first to its last step. */
import { expect } from 'vitest';
import { SetDraw } from '../../test/draws/sets.ts';
import { compareWithRedis, type RedisComparison } from '../../test/redis-comparison.ts';
import { nameOf } from '../../test/reply-rules.ts';

await compareWithRedis({
  name: 'set commands',
  rounds: 4,
  commandsPerRound: 1500,
  makeDraw: (seed) => new SetDraw(seed),
  async before(comparison) {
    // Redis 7.0 has no small sets but those of numbers.
    expect(comparison.ours(['CONFIG', 'SET', 'set-max-listpack-entries', '0'])).toBe('OK');
  },
  each(comparison, command) {
    if (nameOf(command) !== 'SMEMBERS') return;
    const members = comparison.ours(command);
    if (Array.isArray(members)) expect(walk(comparison, String(command[1])).sort()).toEqual(members.sort());
  },
  keys: ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'],
});

function walk(comparison: RedisComparison, key: string): unknown[] {
  const met: unknown[] = [];
  let cursor = '0';
  do {
    const reply = comparison.ours(['SSCAN', key, cursor, 'COUNT', 3]) as [string, unknown[]];
    cursor = reply[0];
    met.push(...reply[1]);
  } while (cursor !== '0');
  return met;
}
