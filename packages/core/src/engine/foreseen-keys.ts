/**
 * Keys that operations to come will ask for, so that the memory of several is on its way at once.
 *
 * An operation on a key spends most of its time waiting for two to five lines of memory, one after the other. Here a loop
 * hashes some keys, a loop touches their buckets, a loop their records: as many misses as the processor allows are under
 * way together. All of it is a hint: a key that nobody asks for then does no harm. What always holds:
 *
 * 1. What is taken from here, a hash, is that of the very bytes asked for: they are compared, for buffers are used again.
 * 2. Nothing is found before all keys are hashed; they were added in the order in which they lie in `source`.
 *
 * Filled by whoever knows what comes: a pipeline's commands, the keys of one command, the members of a collection that they
 * name. `KeyScratch` takes the hashes.
 */
import type { HashTable } from './hash-table.ts';
import type { KeyScratch } from './key-scratch.ts';
import { sameKey } from './same-key.ts';
import type { Log } from './log.ts';

/** Keys at a time: their lines fit into the first cache. */
export const FORESEEN_KEYS_MAX = 32;
/** Longer keys are not foreseen. */
export const FORESEEN_SIZE_MAX_BYTES = 64;
const KEY_WORDS = FORESEEN_SIZE_MAX_BYTES / 4;
/** The lines of fewer keys are in the caches anyway. */
const WORTH_KEYS = 4096;

export class ForeseenKeys {
  count = 0;
  /** By key its bytes, KEY_WORDS each. */
  readonly words = new Int32Array(FORESEEN_KEYS_MAX * KEY_WORDS);
  readonly hashes = new Int32Array(FORESEEN_KEYS_MAX);
  /** Where the records of the keys that were touched are, as far as hashes tell; 0 for none. */
  readonly addresses = new Float64Array(FORESEEN_KEYS_MAX);
  private readonly starts = new Int32Array(FORESEEN_KEYS_MAX);
  private readonly lengths = new Int32Array(FORESEEN_KEYS_MAX);
  private readonly units = new Int32Array(FORESEEN_KEYS_MAX);
  private source: Uint8Array | null = null;
  private next = 0;

  /** Whether it is worth it with so many keys stored. */
  static isWorthIt(table: HashTable): boolean {
    return table.count >= WORTH_KEYS;
  }

  /** Forgets all keys: others follow, or the bytes may have changed. */
  forget(): void {
    this.source = null;
    this.count = this.next = 0;
  }

  /** At most FORESEEN_KEYS_MAX keys of at most FORESEEN_SIZE_MAX_BYTES bytes, each behind the one before. */
  add(start: number, length: number): void {
    this.starts[this.count] = start;
    this.lengths[this.count++] = length;
  }

  /** Hashes all keys, which lie in `source`, as `scratch` hashes them. */
  hash(source: Uint8Array, scratch: KeyScratch): void {
    const { words, starts, lengths, hashes, count } = this;
    for (let i = 0; i < count; i++) {
      const end = starts[i] + lengths[i];
      for (let from = starts[i], to = i * KEY_WORDS; from < end; from += 4, to++) {
        words[to] = source[from] | (source[from + 1] << 8) | (source[from + 2] << 16) | (source[from + 3] << 24);
      }
      hashes[i] = scratch.hashAt(words, i * KEY_WORDS, lengths[i]);
    }
    this.source = source;
  }

  /** Whether the key of a number, all being hashed, is the same as the first. */
  isFirst(i: number): boolean {
    const { words, lengths } = this;
    return lengths[i] === lengths[0] && sameKey(words, 0, words, i * KEY_WORDS, lengths[0]);
  }

  /** Touches what the keys, whose hashes are here, lead to. */
  touch(table: HashTable, log: Log): void {
    const { addresses, units, count } = this;
    table.findAll(this.hashes, count, addresses);
    log.touchRecords(addresses, count, units);
  }

  /** Where the hash of these bytes, which begin `key`, stands in `hashes`; -1 if it is not here. */
  find(source: Uint8Array, start: number, length: number, key: Int32Array): number {
    if (source !== this.source) return -1;
    const { starts, count } = this;
    let { next } = this;
    while (next < count && starts[next] < start) next++;
    this.next = next;
    if (next === count || starts[next] !== start || this.lengths[next] !== length) return -1;
    return sameKey(this.words, next * KEY_WORDS, key, 0, length) ? next : -1;
  }
}
