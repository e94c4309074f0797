/** The lazy iterator behind `scanPrefix`, `range`, `keys` and `entries`. */

import type { Key } from '../engine/key-scratch.ts';
import { expiryOf } from '../engine/record.ts';
import type { RangeScan } from '../keyspace/scan.ts';
import type { Store } from '../engine/store.ts';

/** Stands in a text where a key's bytes are not UTF-8: such a key is not known by its text. */
const REPLACEMENT = '\ufffd';

/** What one iterator gives, and how it is read. */
export interface EntryReader<E> {
  /** The entry whose record is located and whose key is in `store.key`. */
  read(): E;
  /** Reads the entry of a key again after the store has changed; undefined when it is gone. */
  readAgain(key: Key): E | undefined;
  /** The entry's key as text. */
  textOf(entry: E): string;
}

export class EntryIterator<E> implements IterableIterator<E> {
  private readonly store: Store;
  private readonly reader: EntryReader<E>;
  private readonly makeScan: () => RangeScan;
  private scan: RangeScan | null = null;
  private left: number;
  private entries: E[] = [];
  /** Keys of entries whose text does not say them, by position. */
  private readonly exactKeys = new Map<number, Buffer>();
  /** When the first of the entries ends, 0 for never. */
  private soonestMs = 0;
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
      const position = this.position++;
      let entry: E | undefined = this.entries[position];
      if (this.isStale) entry = this.reader.readAgain(this.exactKeys.get(position) ?? this.reader.textOf(entry));
      if (entry === undefined) continue;
      this.left--;
      return { value: entry, done: false };
    }
    return this.return();
  }

  /** Whether something was written, or ended, since the entries were read. */
  private get isStale(): boolean {
    if (this.mutations !== this.store.mutations) return true;
    return this.soonestMs !== 0 && this.soonestMs <= this.store.nowMs();
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
    this.exactKeys.clear();
    this.soonestMs = 0;
    const { store } = this;
    const add = () => {
      const endsMs = expiryOf(store.words, store.word);
      if (endsMs !== 0 && (this.soonestMs === 0 || endsMs < this.soonestMs)) this.soonestMs = endsMs;
      const entry = this.reader.read();
      if (this.reader.textOf(entry).includes(REPLACEMENT)) this.exactKeys.set(this.entries.length, store.key.copy());
      this.entries.push(entry);
    };
    while (this.entries.length === 0) if (!this.scan.next(add)) return false;
    this.mutations = this.store.mutations;
    return true;
  }
}
