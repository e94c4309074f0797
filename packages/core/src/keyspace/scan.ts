/** Ordered scans: keys of a range with their values, in chunks that stay correct while the store changes. */

import { FerriteError } from '../base/errors.ts';
import { find, isDue } from '../engine/find.ts';
import { locate } from '../engine/locate.ts';
import { OrderedChunk, OrderedCursor, type OrderedRange } from '../engine/ordered-cursor.ts';
import { keyLengthOf, keyOffsetOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';

const CHUNK_KEYS = 64;
const FIRST_CHUNK_KEYS = 8;

/** What a scan gives for each key: called with the record located and its key in `store.key`. */
export type OnEntry = () => void;

export class RangeScan {
  private readonly store: Store;
  private readonly database: number;
  private readonly cursor: OrderedCursor;
  private readonly chunk = new OrderedChunk(CHUNK_KEYS);
  private readonly addresses = new Float64Array(CHUNK_KEYS);
  private readonly units = new Int32Array(CHUNK_KEYS);
  private chunks = 0;
  /** Keeps the touches of memory from being optimised away. */
  touched = 0;

  constructor(store: Store, database: number, range: OrderedRange) {
    this.store = store;
    this.database = database;
    const ordered = store.ordered;
    if (ordered === null) {
      throw new FerriteError('FERRITE_UNSUPPORTED', 'scans need the ordered index: open without ordered: false');
    }
    this.cursor = new OrderedCursor(ordered.ready(), range);
  }

  /** Calls `onEntry` for each of the next keys; false at the end of the range. */
  next(onEntry: OnEntry): boolean {
    const { store, chunk } = this;
    const count = this.cursor.next(chunk, this.chunks++ === 0 ? FIRST_CHUNK_KEYS : CHUNK_KEYS);
    if (count === 0) return false;
    this.findAddresses(count);
    for (let i = 0; i < count; i++) {
      const explicit = chunk.keys[i];
      if (explicit !== null) {
        store.key.set(explicit);
        if (find(store, this.database) !== 0) onEntry();
      } else if (this.loadPlain(chunk.refs[i], this.addresses[i])) onEntry();
    }
    return true;
  }

  /** All slots first, then all records: the misses of a chunk overlap. */
  private findAddresses(count: number): void {
    const { store, chunk, addresses, units } = this;
    const table = store.table(this.database);
    const { log } = store;
    let touched = table.touchAll(chunk.refs, count);
    for (let i = 0; i < count; i++) {
      const address = table.find(chunk.refs[i]);
      addresses[i] = address;
      units[i] = address !== 0 && log.isInMemory(address) ? log.memory.unitOf(address) : -1;
    }
    touched ^= log.memory.touchAll(units, count);
    this.touched = touched;
  }

  /** Locates the plain key's record and puts its key into the scratch; false when its time is over. */
  private loadPlain(hash: number, address: number): boolean {
    const { store } = this;
    const explicit = store.ordered?.explicitKeysOf(hash);
    if (explicit === undefined) locate(store, address);
    else store.ordered?.locatePlain(hash, explicit);
    if (isDue(store)) return false;
    const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
    store.key.place(store.bytes, start, keyLengthOf(store.words, store.word));
    return true;
  }
}
