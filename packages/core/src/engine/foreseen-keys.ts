/**
 * Keys that operations to come will ask for, so that the memory of several is on its way at once.
 *
 * An operation on a key spends most of its time waiting for two to five lines of memory, one after the other. Here a loop
 * hashes some keys, a loop touches their buckets, a loop their records: as many misses as the processor allows are under
 * way together. All of it is a hint: a key that nobody asks for then does no harm. What always holds:
 *
 * 1. The keys lie in `source`, in ascending order, and its bytes do not change until `forget` or the next `begin`.
 * 2. What is taken from here, a hash, is that of the very bytes asked for.
 *
 * Filled by whoever knows what comes: a pipeline's commands, the keys of one command. `KeyScratch` takes the hashes.
 */
import { COLD_BASE } from './address.ts';
import type { HashTable } from './hash-table.ts';
import type { Log } from './log.ts';

/** Keys at a time: their lines fit into the first cache. */
export const FORESEEN_KEYS_MAX = 32;
/** Longer keys are not foreseen. */
export const FORESEEN_SIZE_MAX_BYTES = 64;
/** The lines of fewer keys are in the caches anyway. */
const WORTH_KEYS = 4096;

export class ForeseenKeys {
  count = 0;
  readonly hashes = new Int32Array(FORESEEN_KEYS_MAX);
  private readonly starts = new Int32Array(FORESEEN_KEYS_MAX);
  private readonly lengths = new Int32Array(FORESEEN_KEYS_MAX);
  private readonly units = new Int32Array(FORESEEN_KEYS_MAX);
  private readonly addresses = new Float64Array(FORESEEN_KEYS_MAX);
  private source: Uint8Array | null = null;
  private next = 0;
  /** Keeps the touches from being optimised away. */
  touched = 0;

  /** Whether it is worth it with so many keys stored. */
  static isWorthIt(table: HashTable): boolean {
    return table.count >= WORTH_KEYS;
  }

  /** From here on `add` tells keys that lie in `source`. */
  begin(source: Uint8Array): void {
    this.source = source;
    this.count = this.next = 0;
  }

  /** The bytes may have changed. */
  forget(): void {
    this.source = null;
  }

  /** At most FORESEEN_KEYS_MAX keys of at most FORESEEN_SIZE_MAX_BYTES bytes, each behind the one before. */
  add(start: number, length: number): void {
    this.starts[this.count] = start;
    this.lengths[this.count++] = length;
  }

  startOf(i: number): number {
    return this.starts[i];
  }

  lengthOf(i: number): number {
    return this.lengths[i];
  }

  /** Touches what the keys, whose hashes are here, lead to. */
  touch(table: HashTable, log: Log): void {
    const { addresses, units, count } = this;
    table.findAll(this.hashes, count, addresses);
    const { memory, head } = log;
    for (let i = 0; i < count; i++) {
      const address = addresses[i];
      units[i] = address !== 0 && address >= head && address < COLD_BASE ? memory.unitOf(address) : -1;
    }
    this.touched = memory.touchAll(units, count);
  }

  /** Where the hash of these bytes stands in `hashes`, -1 if it is not here. */
  find(source: Uint8Array, start: number, length: number): number {
    if (source !== this.source) return -1;
    const { starts, count } = this;
    let { next } = this;
    while (next < count && starts[next] < start) next++;
    this.next = next;
    return next < count && starts[next] === start && this.lengths[next] === length ? next : -1;
  }
}
