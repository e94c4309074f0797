/** Ordered scans: the records of a range of keys, in chunks that stay correct while the store changes. */

import { FerriteError } from '../base/errors.ts';
import { OrderedCursor, type OrderedRange } from '../engine/ordered-cursor.ts';
import type { OrderedKeys } from '../engine/ordered-keys.ts';
import type { Store } from '../engine/store.ts';

export class RangeScan {
  private readonly store: Store;
  private readonly ordered: OrderedKeys;
  private readonly cursor: OrderedCursor;

  constructor(store: Store, range: OrderedRange) {
    if (store.ordered === null) {
      throw new FerriteError('FERRITE_UNSUPPORTED', 'scans need the ordered index: open without ordered: false');
    }
    this.store = store;
    this.ordered = store.ordered;
    this.cursor = new OrderedCursor(this.ordered.ready(), range);
  }

  /** Goes on to the next keys, at most `countMax`; returns how many, 0 at the end of the range. */
  next(countMax: number): number {
    const { batch } = this.store;
    const count = this.cursor.next(batch.chunk, countMax);
    if (count > 0) batch.find(this.ordered.database);
    return count;
  }

  /**
   * Locates the record of one of the keys that `next` brought; false when its time is over. To be called for them in one
   * go: another scan, or a change of the store, takes them away.
   */
  locateAt(i: number): boolean {
    return this.store.batch.locateAt(i, this.ordered);
  }

  /** Whether the record located last stays where it is until the next chunk. */
  get isSettled(): boolean {
    return this.store.batch.isSettled;
  }
}
