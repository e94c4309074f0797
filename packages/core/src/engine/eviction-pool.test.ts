/** The keys that samples have found to be the best to go. */
import { expect, it } from 'vitest';
import { EvictionPool } from './eviction-pool.ts';

function offer(pool: EvictionPool, policy: string, ...scores: number[]): void {
  for (const score of scores) pool.offer(policy, { database: 0, hash: score, address: score * 8, score });
}

function takeAll(pool: EvictionPool): number[] {
  const taken: number[] = [];
  for (let next = pool.take(); next !== undefined; next = pool.take()) taken.push(next.score);
  return taken;
}

it('gives the best first, each once however often it was offered', () => {
  const pool = new EvictionPool();
  offer(pool, 'allkeys-lru', 3, 9, 1, 9, 7);
  expect(takeAll(pool)).toEqual([9, 7, 3, 1]);
});

it('keeps sixteen, and lets the worst of more go', () => {
  const pool = new EvictionPool();
  offer(pool, 'allkeys-lru', ...Array.from({ length: 40 }, (_, i) => (i * 7) % 40));
  expect(takeAll(pool)).toEqual(Array.from({ length: 16 }, (_, i) => 39 - i));
});

it('forgets what another policy found', () => {
  const pool = new EvictionPool();
  offer(pool, 'allkeys-lru', 100, 200);
  offer(pool, 'allkeys-lfu', 5);
  expect(takeAll(pool)).toEqual([5]);
});
