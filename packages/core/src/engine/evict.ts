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

/** Places of the wheel that are looked at: many may hold entries that are stale, or none. */
const SAMPLE_TRIES_MAX = 2000;
const TRIES_PER_ENTRY = 100;

/** Evicts one key; false when the policy finds none. */
export function evictOne(store: Store): boolean {
  const policy = store.evictionPolicy;
  if (policy === 'noeviction') return false;
  const victim = pickVictim(store, policy);
  if (victim === undefined) return false;
  const held = saveKey(store);
  locate(store, victim.address);
  const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
  store.key.setFrom(store.bytes, start, keyLengthOf(store.words, store.word));
  const found = find(store, victim.database);
  if (found !== 0) {
    const database = store.namespaces.databaseOf(victim.database);
    for (const listener of store.listeners) listener.evicted?.(store.key.copy(), database);
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
  score: number;
}

function pickVictim(store: Store, policy: EvictionPolicy): Victim | undefined {
  return policy.startsWith('volatile-') ? pickVolatile(store, policy) : pickAny(store, policy);
}

/** The best of a few random slots of all databases. */
function pickAny(store: Store, policy: EvictionPolicy): Victim | undefined {
  for (const database of store.databases()) store.table(database).loadAll();
  const databases = store.databases().filter((database) => store.table(database).count > 0);
  if (databases.length === 0) return undefined;
  let best: Victim | undefined;
  for (let i = 0; i < store.evictionSamples; i++) {
    const database = databases[store.prng.nextBelow(databases.length)];
    const address = store.table(database).sample(store.prng.nextUint32());
    if (!store.hasDisk) locate(store, address);
    best = better(best, { database, address, score: scoreOf(store, policy, address, 0) });
  }
  return best;
}

/** The best of a few keys that the expiry wheel knows, however few of all keys these are. */
function pickVolatile(store: Store, policy: EvictionPolicy): Victim | undefined {
  let best: Victim | undefined;
  let samples = 0;
  const visit = (hash: number, address: number, database: number) => {
    if (!store.table(database).findAddress(hash, address)) return;
    locate(store, address);
    const expiresAtMs = expiryOf(store.words, store.word);
    if (expiresAtMs === 0) return;
    samples++;
    best = better(best, { database, address, score: scoreOf(store, policy, address, expiresAtMs) });
  };
  const tries = Math.min(SAMPLE_TRIES_MAX, store.evictionSamples + store.wheel.size * TRIES_PER_ENTRY);
  for (let i = 0; i < tries && samples < store.evictionSamples; i++) store.wheel.sample(store.prng.nextUint32(), visit);
  return best;
}

function better(best: Victim | undefined, candidate: Victim): Victim {
  return best === undefined || candidate.score > best.score ? candidate : best;
}

/** Grows with the time since the record was written: what compaction kept is older than all of the main log. */
function ageOf(address: number): number {
  return isCold(address) ? 2 * COLD_BASE - address : -address;
}

/** The higher, the sooner it goes. In memory, the record is located. */
function scoreOf(store: Store, policy: EvictionPolicy, address: number, expiresAtMs: number): number {
  if (policy === 'volatile-ttl') return -expiresAtMs;
  if (policy.endsWith('-random')) return store.prng.nextDouble();
  if (store.hasDisk) return ageOf(address);
  return policy.endsWith('-lru') ? idleSeconds(store) : 255 - useCount(store);
}
