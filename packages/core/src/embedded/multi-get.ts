/**
 * `getMany`, staged: the hashes of 64 keys, then all their slots, then all their records, then the values.
 *
 * A read spends its time waiting for memory. Done one after the other, 64 reads wait 128 times; in stages the processor
 * waits for many at once.
 */

import { COLD_BASE } from '../engine/address.ts';
import { type Key, KeyScratch, sameKey } from '../engine/key-scratch.ts';
import { FLAG_EXPIRY, FLAG_VALUE_ASCII, KIND_STRING, keyOffsetOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import type { FastBuffer } from '../engine/page-memory.ts';

const BATCH = 64;
/** Words kept per key; longer keys take the way of a single get. */
const KEY_WORDS = 16;
const KEY_BYTES = KEY_WORDS * 4;

export class MultiGet {
  private readonly store: Store;
  private readonly scratch: KeyScratch;
  private readonly words = new Int32Array(BATCH * KEY_WORDS);
  private readonly lengths = new Int32Array(BATCH);
  private readonly hashes = new Int32Array(BATCH);
  private readonly units = new Int32Array(BATCH);
  /** Keeps the touches of memory from being optimised away. */
  touched = 0;

  constructor(store: Store) {
    this.store = store;
    this.scratch = new KeyScratch(store.identity);
  }

  /**
   * Reads texts into `results`. What is not a plain, live, resident record is left to `slow`, which returns the value.
   */
  readTexts<V>(keys: readonly Key[], results: V[], slow: (key: Key) => V): void {
    for (let from = 0; from < keys.length; from += BATCH) {
      const count = Math.min(BATCH, keys.length - from);
      this.hashKeys(keys, from, count);
      this.findUnits(count);
      for (let i = 0; i < count; i++) {
        const text = this.textOf(i);
        results[from + i] = text === undefined ? slow(keys[from + i]) : (text as V);
      }
    }
  }

  private hashKeys(keys: readonly Key[], from: number, count: number): void {
    const { scratch, words, lengths, hashes } = this;
    for (let i = 0; i < count; i++) {
      scratch.set(keys[from + i]);
      const length = scratch.length;
      lengths[i] = length;
      hashes[i] = scratch.hash;
      if (length > KEY_BYTES) continue;
      const at = i * KEY_WORDS;
      const source = scratch.words;
      for (let w = (length - 1) >> 2; w >= 0; w--) words[at + w] = source[w];
    }
  }

  /** Ring units of the first slot's record of each key, -1 where that is not the simple case. */
  private findUnits(count: number): void {
    const { store, units, hashes, lengths } = this;
    const table = store.table(0);
    const { memory, head } = store.log;
    // Loops that do nothing but touch, so that as many misses as the processor allows are under way at once.
    let touched = table.touchAll(hashes, count);
    for (let i = 0; i < count; i++) {
      const address = table.find(hashes[i]);
      const simple = address !== 0 && address >= head && address < COLD_BASE && lengths[i] <= KEY_BYTES;
      units[i] = simple ? memory.unitOf(address) : -1;
    }
    touched ^= memory.touchAll(units, count);
    this.touched = touched;
  }

  private textOf(i: number): string | undefined {
    const unit = this.units[i];
    if (unit < 0) return undefined;
    const { memory } = this.store.log;
    const chunk = memory.at(unit);
    const words = chunk.words;
    const word = memory.wordOf(unit);
    const word1 = words[word + 1];
    const flags = word1 >>> 24;
    const length = this.lengths[i];
    if (((word1 >>> 16) & 15) !== KIND_STRING || (word1 & 0xffff) !== length) return undefined;
    if ((flags & FLAG_EXPIRY) !== 0) return undefined;
    const offset = keyOffsetOf(word1);
    if (!sameKey(words, word + (offset >>> 2), this.words, i * KEY_WORDS, length)) return undefined;
    const start = word * 4 + offset + length;
    const end = start + (words[word + 2] & 0xffffff);
    const bytes: FastBuffer = chunk.bytes;
    return (flags & FLAG_VALUE_ASCII) !== 0 ? bytes.latin1Slice(start, end) : bytes.utf8Slice(start, end);
  }
}
