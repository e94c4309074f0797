/**
 * Eviction: which key goes when memory or disk is used up. Approximate, as in redis: a few random slots, the best of them.
 *
 * Records of a memory-only store carry a clock (`lru-clock.ts`). With a disk they do not: there the time a record was last
 * written decides, which its address tells: those in the cold log were written before all others.
 */

import { COLD_BASE, isCold } from './address.ts';
import { remove } from './remove.ts';
import { find } from './find.ts';
import { locate } from './locate.ts';
import { idleSeconds, useCount } from './lru-clock.ts';
import { expiryOf, keyLengthOf, keyOffsetOf } from './record.ts';
import type { EvictionPolicy, Store } from './store.ts';

const SAMPLES = 5;
const SAMPLE_TRIES = 40;

/** Evicts one key; false when the policy finds none. */
export function evictOne(store: Store): boolean {
  const policy = store.options.evictionPolicy;
  if (policy === 'noeviction') return false;
  const victim = pickVictim(store, policy);
  if (victim === undefined) return false;
  const held = saveKey(store);
  locate(store, victim.address);
  const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
  store.key.setFrom(store.bytes, start, keyLengthOf(store.words, store.word));
  const found = find(store, victim.database);
  if (found !== 0) {
    for (const listener of store.listeners) listener.evicted?.(store.key.copy(), victim.database);
    remove(store, victim.database, found);
    store.counters.evicted++;
  }
  store.key.set(held);
  return true;
}

function saveKey(store: Store): Uint8Array {
  return store.key.copy();
}

interface Victim {
  database: number;
  address: number;
}

function pickVictim(store: Store, policy: EvictionPolicy): Victim | undefined {
  const volatile = policy.startsWith('volatile-');
  let best: Victim | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  let samples = 0;
  for (const database of store.databases()) store.table(database).loadAll();
  const databases = store.databases().filter((database) => store.table(database).count > 0);
  if (databases.length === 0) return undefined;
  for (let i = 0; i < SAMPLE_TRIES && samples < SAMPLES; i++) {
    const database = databases[store.prng.nextBelow(databases.length)];
    const address = store.table(database).sample(store.prng.nextUint32());
    if (address === 0) continue;
    if (store.hasDisk && !volatile) {
      samples++;
      const score = policy === 'allkeys-random' ? store.prng.nextDouble() : ageOf(address);
      if (score > bestScore) [best, bestScore] = [{ database, address }, score];
      continue;
    }
    locate(store, address);
    const expiresAtMs = expiryOf(store.words, store.word);
    if (volatile && expiresAtMs === 0) continue;
    samples++;
    const score = scoreOf(store, policy, address, expiresAtMs);
    if (score > bestScore) [best, bestScore] = [{ database, address }, score];
  }
  return best;
}

/** Grows with the time since the record was written: what compaction kept is older than all of the main log. */
function ageOf(address: number): number {
  return isCold(address) ? 2 * COLD_BASE - address : -address;
}

/** The higher, the sooner it goes. */
function scoreOf(store: Store, policy: EvictionPolicy, address: number, expiresAtMs: number): number {
  if (policy === 'volatile-ttl') return -expiresAtMs;
  if (policy.endsWith('-random')) return store.prng.nextDouble();
  if (store.hasDisk) return ageOf(address);
  return policy.endsWith('-lru') ? idleSeconds(store) : 255 - useCount(store);
}
