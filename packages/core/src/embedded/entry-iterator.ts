/**
 * The lazy iterator behind `scanPrefix`, `range`, `keys` and `entries`.
 *
 * It reads a chunk of entries ahead. Where the store has changed since, each of them is looked up again before it is given
 * out, by its key. The first chunk is small and the next ones grow, so that whoever takes three entries pays for few more.
 */

import { BATCH_KEYS_MAX } from '../engine/record-batch.ts';
import { expiryOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import type { RangeScan } from '../keyspace/scan.ts';
import { isKeyAscii, readKeyBytes } from '../keyspace/strings.ts';
import type { EntryReader } from './entry-reader.ts';

/** Stands in a text where a key's bytes are not UTF-8: such a key is not known by its text. */
const REPLACEMENT = '\ufffd';
const FIRST_CHUNK_KEYS = 16;
/** Keys of the first chunk where a limit says how many entries are wanted. */
const LIMITED_CHUNK_KEYS = 128;
const CHUNK_GROWTH = 4;
/** Values that are read ahead; those behind are read when it is their turn. */
const READ_AHEAD_MAX_BYTES = 1024 * 1024;

export class EntryIterator<E> implements IterableIterator<E> {
  private readonly store: Store;
  private readonly reader: EntryReader<E>;
  private readonly makeScan: () => RangeScan;
  private scan: RangeScan | null = null;
  private left: number;
  private chunkKeys: number;
  /** The chunk, its first `count` places; undefined where only the key is known, in `exactKeys`. */
  private entries: (E | undefined)[] = [];
  private count = 0;
  /** Keys of entries whose text does not say them, by position. */
  private readonly exactKeys = new Map<number, Buffer>();
  /** When the first of the entries ends, 0 for never. */
  private soonestMs = 0;
  private position = 0;
  private mutations = 0;

  /** `limit`: most entries given. The scan begins with the first `next`. */
  constructor(store: Store, makeScan: () => RangeScan, reader: EntryReader<E>, limit: number) {
    this.store = store;
    this.makeScan = makeScan;
    this.reader = reader;
    this.left = Math.ceil(limit);
    this.chunkKeys = limit === Number.POSITIVE_INFINITY ? FIRST_CHUNK_KEYS : LIMITED_CHUNK_KEYS;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<E, undefined> {
    while (this.left > 0) {
      if (this.position === this.count && !this.fill()) break;
      const position = this.position++;
      let entry = this.entries[position];
      if (entry === undefined || this.isStale) entry = this.readAgain(position, entry);
      if (entry === undefined) continue;
      this.left--;
      this.reader.finish(entry);
      return { value: entry, done: false };
    }
    return this.return();
  }

  return(): IteratorResult<E, undefined> {
    this.left = 0;
    this.entries = [];
    this.count = 0;
    this.position = 0;
    return { value: undefined, done: true };
  }

  /** Whether something was written, or ended, since the entries were read. */
  private get isStale(): boolean {
    if (this.mutations !== this.store.mutations) return true;
    return this.soonestMs !== 0 && this.soonestMs <= this.store.nowMs();
  }

  private readAgain(position: number, entry: E | undefined): E | undefined {
    this.store.checkOpen();
    const key = this.exactKeys.get(position);
    if (key !== undefined) return this.reader.readAgain(key);
    return entry === undefined ? undefined : this.reader.readAgain(this.reader.textOf(entry));
  }

  /** Reads the next chunk that is not empty; false at the end. */
  private fill(): boolean {
    const { store } = this;
    store.checkOpen();
    this.scan ??= this.makeScan();
    this.count = 0;
    this.position = 0;
    this.exactKeys.clear();
    this.soonestMs = 0;
    this.mutations = store.mutations;
    try {
      while (this.count === 0) {
        const count = this.scan.next(Math.min(this.chunkKeys, this.left));
        if (count === 0) return false;
        this.chunkKeys = Math.min(this.chunkKeys * CHUNK_GROWTH, BATCH_KEYS_MAX);
        this.readChunk(this.scan, count);
      }
    } catch (error) {
      // The rest of the chunk is lost: what follows would not be all there is.
      this.reader.endChunk();
      this.return();
      throw error;
    }
    return true;
  }

  private readChunk(scan: RangeScan, count: number): void {
    const { store, entries, reader } = this;
    let ahead = 0;
    for (let i = 0; i < count; i++) {
      if (!scan.locateAt(i) || !reader.isReadable()) continue;
      const endsMs = expiryOf(store.words, store.word);
      if (endsMs !== 0 && (this.soonestMs === 0 || endsMs < this.soonestMs)) this.soonestMs = endsMs;
      ahead += reader.sizeBytes();
      if (ahead > READ_AHEAD_MAX_BYTES) {
        this.exactKeys.set(this.count, readKeyBytes(store));
        entries[this.count++] = undefined;
        continue;
      }
      const at = this.count++;
      if (isKeyAscii(store)) {
        if (scan.isSettled) reader.readInto(entries, at);
        else entries[at] = reader.read();
        continue;
      }
      const entry = reader.read();
      if (reader.textOf(entry).includes(REPLACEMENT)) this.exactKeys.set(at, readKeyBytes(store));
      entries[at] = entry;
    }
    reader.endChunk();
  }
}
