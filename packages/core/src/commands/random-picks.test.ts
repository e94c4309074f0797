/** What is drawn at random from hashes and sorted sets: each member as often as any other. Sets have the same in `sets.test.ts`. */
import { describe, expect, it } from 'vitest';
import { chiSquaredMax, chiSquaredOf } from '../../test/chi-squared.ts';
import { makeTestClient, type TestClient } from '../../test/test-client.ts';

const ROUNDS = 400;

function filled(count: number): TestClient {
  const client = makeTestClient();
  for (let i = 0; i < count; i++) {
    client.send('HSET', 'h', `m${i}`, 'v'.repeat(i % 7));
    client.send('ZADD', 'z', i % 5, `m${i}`);
  }
  return client;
}

function counted(draws: readonly unknown[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const member of draws as string[]) counts.set(member, (counts.get(member) ?? 0) + 1);
  return counts;
}

describe.each([
  ['HRANDFIELD', 'h', 'WITHVALUES'],
  ['ZRANDMEMBER', 'z', 'WITHSCORES'],
])('%s', (command, key, withValues) => {
  it.each([5, 50, 700])('gives each of %i as often as any other, one by one', (count) => {
    const client = filled(count);
    const draws = count * ROUNDS;
    const repeated = client.send(command, key, -draws) as unknown[];
    expect(chiSquaredOf(counted(repeated), count, draws)).toBeLessThan(chiSquaredMax(count - 1));
    const valued = (client.send(command, key, -draws, withValues) as unknown[]).filter((_, i) => i % 2 === 0);
    expect(chiSquaredOf(counted(valued), count, draws)).toBeLessThan(chiSquaredMax(count - 1));
    const single = Array.from({ length: count * 20 }, () => client.send(command, key));
    expect(chiSquaredOf(counted(single), count, count * 20)).toBeLessThan(chiSquaredMax(count - 1));
  });

  it.each([5, 50, 700])('gives different ones of %i, each as often as any other', (count) => {
    const client = filled(count);
    // Few of many are drawn in another way than many.
    for (const share of [0.2, 0.8]) {
      const each = count * share;
      const all: unknown[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        const drawn = client.send(command, key, each) as unknown[];
        expect(new Set(drawn).size).toBe(each);
        all.push(...drawn);
      }
      // Without replacement the sum is smaller, by the share that is left.
      const sum = chiSquaredOf(counted(all), count, each * ROUNDS) / (1 - share);
      expect(sum).toBeLessThan(chiSquaredMax(count - 1));
    }
  });
});
