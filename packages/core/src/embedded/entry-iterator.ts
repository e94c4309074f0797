/** The lazy iterator behind `scanPrefix`, `range`, `keys` and `entries`. */

import type { RangeScan } from '../keyspace/scan.ts';
import type { Store } from '../engine/store.ts';

/** What one iterator gives, and how it is read. */
export interface EntryReader<E> {
  /** The entry whose record is located and whose key is in `store.key`. */
  read(): E;
  /** Reads an entry again after the store has changed; undefined when its key is gone. */
  readAgain(entry: E): E | undefined;
}

export class EntryIterator<E> implements IterableIterator<E> {
  private readonly store: Store;
  private readonly reader: EntryReader<E>;
  private readonly makeScan: () => RangeScan;
  private scan: RangeScan | null = null;
  private left: number;
  private entries: E[] = [];
  private position = 0;
  private mutations = 0;
  private done = false;

  /** `limit`: most entries given. The scan begins with the first `next`. */
  constructor(store: Store, makeScan: () => RangeScan, reader: EntryReader<E>, limit: number) {
    this.store = store;
    this.makeScan = makeScan;
    this.reader = reader;
    this.left = limit;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<E, undefined> {
    while (this.left > 0) {
      if (this.position === this.entries.length && !this.fill()) break;
      let entry: E | undefined = this.entries[this.position++];
      if (this.mutations !== this.store.mutations) entry = this.reader.readAgain(entry);
      if (entry === undefined) continue;
      this.left--;
      return { value: entry, done: false };
    }
    return this.return();
  }

  return(): IteratorResult<E, undefined> {
    this.done = true;
    this.left = 0;
    this.entries = [];
    this.position = 0;
    return { value: undefined, done: true };
  }

  private fill(): boolean {
    if (this.done) return false;
    this.store.checkOpen();
    this.scan ??= this.makeScan();
    this.entries = [];
    this.position = 0;
    const add = () => {
      this.entries.push(this.reader.read());
    };
    while (this.entries.length === 0) if (!this.scan.next(add)) return false;
    this.mutations = this.store.mutations;
    return true;
  }
}
