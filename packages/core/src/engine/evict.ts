/**
 * Eviction: which key goes when memory or disk is used up. Approximate, as in redis: a few random slots at a time, and the
 * best of what they and those before them were (`eviction-pool.ts`).
 *
 * Records of a memory-only store carry a clock (`lru-clock.ts`). With a disk they do not: there the time a record was last
 * written decides, which its address tells: those in the cold log were written before all others.
 */

import { COLD_BASE, isCold } from './address.ts';
import { OWN_NAMESPACE } from './namespaces.ts';
import type { Candidate } from './eviction-pool.ts';
import { remove } from './remove.ts';
import { find } from './find.ts';
import { locate } from './locate.ts';
import { idleSeconds, useCount } from './lru-clock.ts';
import { expiryOf, keyLengthOf, keyOffsetOf } from './record.ts';
import type { EvictionPolicy, Store } from './store.ts';

/** Places of the wheel that are looked at: many may hold entries that are stale, or none. */
const SAMPLE_TRIES_MAX = 2000;
const TRIES_PER_ENTRY = 100;
/** Samples that find nothing that can go. */
const TRIES_MAX = 3;

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

/** The best of what samples have found; of one sample where chance alone decides. */
function pickVictim(store: Store, policy: EvictionPolicy): Candidate | undefined {
  const isVolatile = policy.startsWith('volatile-');
  if (policy.endsWith('-random')) {
    let drawn: Candidate | undefined;
    const draw = (candidate: Candidate): void => {
      drawn = candidate;
    };
    if (isVolatile) sampleVolatile(store, policy, 1, draw);
    else sampleAny(store, policy, 1, draw);
    return drawn;
  }
  const { evictionPool: pool, evictionSamples: count } = store;
  const offer = (candidate: Candidate): void => pool.offer(policy, candidate);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (isVolatile) sampleVolatile(store, policy, count, offer);
    else sampleAny(store, policy, count, offer);
    for (let best = pool.take(); best !== undefined; best = pool.take()) {
      if (isStillGood(store, policy, best, isVolatile)) return best;
    }
  }
  return undefined;
}

/** Whether the candidate is where it was found, and has not become worth keeping. */
function isStillGood(store: Store, policy: EvictionPolicy, candidate: Candidate, isVolatile: boolean): boolean {
  const { database, hash, address, score } = candidate;
  if (!store.table(database).findAddress(hash, address)) return false;
  if (store.hasDisk && !isVolatile) return true;
  locate(store, address);
  const expiresAtMs = expiryOf(store.words, store.word);
  return !(isVolatile && expiresAtMs === 0) && scoreOf(store, policy, address, expiresAtMs) >= score;
}

type Visit = (candidate: Candidate) => void;

/** Random slots of all databases. */
function sampleAny(store: Store, policy: EvictionPolicy, count: number, visit: Visit): void {
  for (const database of store.userDatabases()) store.table(database).loadAll();
  const databases = store.userDatabases().filter((database) => store.table(database).count > 0);
  if (databases.length === 0) return;
  for (let i = 0; i < count; i++) {
    const database = databases[store.prng.nextBelow(databases.length)];
    const table = store.table(database);
    const address = table.sample(store.prng.nextUint32());
    if (!store.hasDisk) locate(store, address);
    visit({ database, hash: table.sampledHash, address, score: scoreOf(store, policy, address, 0) });
  }
}

/** Keys that the expiry wheel knows, however few of all keys these are. */
function sampleVolatile(store: Store, policy: EvictionPolicy, count: number, visit: Visit): void {
  let samples = 0;
  const look = (hash: number, address: number, database: number): void => {
    if (database === OWN_NAMESPACE || !store.table(database).findAddress(hash, address)) return;
    locate(store, address);
    const expiresAtMs = expiryOf(store.words, store.word);
    if (expiresAtMs === 0) return;
    samples++;
    visit({ database, hash, address, score: scoreOf(store, policy, address, expiresAtMs) });
  };
  const tries = Math.min(SAMPLE_TRIES_MAX, count + store.wheel.size * TRIES_PER_ENTRY);
  for (let i = 0; i < tries && samples < count; i++) store.wheel.sample(store.prng.nextUint32(), look);
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
