/**
 * The clock of a memory-only record, in the low 24 bits of the word that holds the checksum on disk.
 *
 * LRU policies keep the second it was last used; LFU policies 16 bits of minutes and 8 bits of a counter that grows with
 * the logarithm of uses and decays with time, by default by one a minute (redis, "Using Redis as an LRU cache").
 */

import type { EvictionPolicy, Store } from './store.ts';

const CLOCK_NONE = 0;
export const CLOCK_LRU = 1;
export const CLOCK_LFU = 2;
const CLOCK_MASK = 0xffffff;
const LFU_INITIAL = 5;

/** Which clock a policy needs, as `store.clockKind`. */
export function clockKindOf(policy: EvictionPolicy): number {
  if (policy.endsWith('-lru')) return CLOCK_LRU;
  return policy.endsWith('-lfu') ? CLOCK_LFU : CLOCK_NONE;
}

/** Seconds since the located record was last used. */
export function idleSeconds(store: Store): number {
  return (seconds(store) - (store.words[store.word] & CLOCK_MASK)) & CLOCK_MASK;
}

/** The located record's counter of uses, 0 to 255. */
export function useCount(store: Store): number {
  return decayed(store, store.words[store.word] & CLOCK_MASK);
}

/** Sets the clock of the record written last: so many seconds ago. */
export function setIdleSeconds(store: Store, idle: number): void {
  if (store.pages === null || store.clockKind !== CLOCK_LRU) return;
  setClock(store, seconds(store) - Math.min(idle, CLOCK_MASK));
}

/** Sets the counter of uses, 0 to 255, of the record written last. */
export function setUseCount(store: Store, count: number): void {
  if (store.pages !== null && store.clockKind === CLOCK_LFU) setClock(store, (minutes(store) << 8) | count);
}

function setClock(store: Store, clock: number): void {
  const { writtenWords, writtenWord } = store;
  writtenWords[writtenWord] = (writtenWords[writtenWord] & ~CLOCK_MASK) | (clock & CLOCK_MASK);
}

function seconds(store: Store): number {
  return Math.floor(store.nowMs() / 1000) & CLOCK_MASK;
}

function minutes(store: Store): number {
  return Math.floor(store.nowMs() / 60_000) & 0xffff;
}

function decayed(store: Store, clock: number): number {
  if (store.lfuDecayMinutes === 0) return clock & 255;
  const elapsed = (minutes(store) - (clock >>> 8)) & 0xffff;
  return Math.max(0, (clock & 255) - Math.floor(elapsed / store.lfuDecayMinutes));
}

/** Sets the clock of the record written last. What a key counts stays with it when it gets another value, as in redis. */
export function startClock(store: Store, isOver: boolean): void {
  if (store.clockKind === CLOCK_NONE) return;
  if (store.clockKind === CLOCK_LRU) setClock(store, seconds(store));
  else setClock(store, isOver ? store.oldClock : (minutes(store) << 8) | LFU_INITIAL);
}

/** Notes that the located record of a memory-only store was used. */
export function touchClock(store: Store, words: Int32Array, word: number): void {
  if (store.clockKind === CLOCK_NONE) return;
  const kept = words[word] & ~CLOCK_MASK;
  if (store.clockKind === CLOCK_LRU) {
    words[word] = kept | seconds(store);
    return;
  }
  let counter = decayed(store, words[word] & CLOCK_MASK);
  if (counter < 255) {
    const chance = 1 / (Math.max(0, counter - LFU_INITIAL) * store.lfuLogFactor + 1);
    if (store.prng.nextDouble() < chance) counter++;
  }
  words[word] = kept | (minutes(store) << 8) | counter;
}
