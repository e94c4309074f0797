/**
 * The HyperLogLog that an operation works on: a copy of the string under a key, with room to grow. One is enough for all
 * operations: nothing is kept in it from one to the next. Both doors use it.
 */
import { putBytes } from '../engine/put.ts';
import { expiryOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import { HYPERLOGLOG_SIZE_MAX_BYTES, initHyperLogLog, isHyperLogLog } from '../types/hyperloglog.ts';

/** `hll-sparse-max-bytes`, unless a server is told another value. */
export const SPARSE_MAX_BYTES = 3000;

class HyperLogLogValue {
  bytes = Buffer.alloc(HYPERLOGLOG_SIZE_MAX_BYTES);
  length = 0;

  /** Copies the string that was found, or an empty one (`found` is 0); false for anything else. */
  load(store: Store, found: number): boolean {
    if (found === 0) {
      this.length = initHyperLogLog(this.bytes);
      return true;
    }
    this.length = lengthOfString(store);
    const isUsual = this.length <= HYPERLOGLOG_SIZE_MAX_BYTES;
    if (!isUsual || this.bytes.length > HYPERLOGLOG_SIZE_MAX_BYTES) {
      this.bytes = Buffer.alloc(isUsual ? HYPERLOGLOG_SIZE_MAX_BYTES : this.length);
    }
    viewOfString(store, 0, this.length).copy(this.bytes);
    return isHyperLogLog(this.bytes, this.length);
  }

  /** Stores it under the key that was found; the expiry stays. */
  save(store: Store, database: number, found: number): void {
    if (found !== 0) store.relocate(database, found);
    const expiresAtMs = found === 0 ? 0 : expiryOf(store.words, store.word);
    putBytes(store, database, found, this.bytes, 0, this.length, expiresAtMs);
  }
}

export const value = new HyperLogLogValue();
