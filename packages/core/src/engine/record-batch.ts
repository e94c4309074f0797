/**
 * Brings the records of many keys at hand together, for scans: all slots first, then all records.
 *
 * A scan spends its time waiting for memory, or in calls that read the disk. In stages the processor waits for many slots
 * and records at once, and records that are neighbours on disk come with one read (`RecordWindows`).
 *
 * One per store. Its content holds from `find` until the store is changed or the next `find`: a scan takes what it needs
 * of a chunk before anybody else's code runs.
 */

import { isDue } from './find.ts';
import { sameKey } from './same-key.ts';
import { HITS_MUTABLE, HITS_READ_ONLY, locate } from './locate.ts';
import { NOT_IN_MEMORY } from './log.ts';
import { OrderedChunk } from './ordered-cursor.ts';
import type { OrderedKeys } from './ordered-keys.ts';
import { keyLengthOf, keyOffsetOf } from './record.ts';
import { RecordWindows } from './record-windows.ts';
import type { Store } from './store.ts';

export const BATCH_KEYS_MAX = 256;

export class RecordBatch {
  /** The keys: filled by a cursor before `find`. */
  readonly chunk = new OrderedChunk(BATCH_KEYS_MAX);
  private readonly store: Store;
  private readonly windows: RecordWindows;
  private readonly addresses = new Float64Array(BATCH_KEYS_MAX);
  /** Where each record lies in the log's memory. */
  private readonly units = new Int32Array(BATCH_KEYS_MAX);
  /** Where each record on disk was read to. */
  private readonly windowOf = new Int8Array(BATCH_KEYS_MAX);
  /** Whether the record located last stays where it is until the next `find`. */
  isSettled = false;

  constructor(store: Store) {
    this.store = store;
    this.windows = new RecordWindows(store);
  }

  /** Finds the records of the chunk's keys. */
  find(database: number): void {
    const { store, addresses, units } = this;
    const { refs, count } = this.chunk;
    store.table(database).findAll(refs, count, addresses);
    if (!store.log.touchRecords(addresses, count, units)) this.windows.read(addresses, count, this.windowOf);
  }

  /** Locates the record of a key of the chunk; false when its time is over. */
  locateAt(i: number, ordered: OrderedKeys): boolean {
    const { store, chunk } = this;
    const explicit = chunk.keys[i];
    this.isSettled = false;
    if (explicit !== null) {
      if (!this.locateExplicit(chunk.refs[i], explicit, ordered.database)) return false;
    } else {
      const others = ordered.explicitKeysOf(chunk.refs[i]);
      if (others === undefined) this.locatePlain(i);
      else ordered.locatePlain(chunk.refs[i], others);
    }
    return !isDue(store);
  }

  private locatePlain(i: number): void {
    const { store } = this;
    const unit = this.units[i];
    const address = this.addresses[i];
    if (unit === NOT_IN_MEMORY) {
      this.isSettled = this.windows.tryLocate(this.windowOf[i], address);
      if (!this.isSettled) locate(store, address);
      return;
    }
    this.isSettled = true;
    const { memory, readOnly } = store.log;
    const place = memory.at(unit);
    store.bytes = place.bytes;
    store.view = place.view;
    store.words = place.words;
    store.word = memory.wordOf(unit);
    store.hits[address >= readOnly ? HITS_MUTABLE : HITS_READ_ONLY]++;
  }

  /** Unlike `find`, it leaves a key whose time is over alone: nothing may change in the middle of a batch. */
  private locateExplicit(hash: number, explicit: Uint8Array, database: number): boolean {
    const { store } = this;
    const { key } = store;
    const table = store.table(database);
    key.set(explicit);
    for (let address = table.find(hash); address !== 0; address = table.next(hash)) {
      locate(store, address);
      const { words, word } = store;
      if (keyLengthOf(words, word) !== key.length) continue;
      if (sameKey(words, word + (keyOffsetOf(words[word + 1]) >>> 2), key.words, 0, key.length)) return true;
    }
    return false;
  }
}
