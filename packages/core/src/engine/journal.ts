/**
 * What must be undone if the device refuses the commit that is being made: slots as they were, in order.
 *
 * While one commit is on its way to the device in the pool, the next is made: what is of the former is sealed then.
 *
 * Kept only where a write is acknowledged after it reached the device (`always` and `everysec`). In the other modes a
 * refused write-out loses nothing: the bytes wait in memory.
 */

import { locate } from './locate.ts';
import { expiryOf, keyLengthOf, keyOffsetOf } from './record.ts';
import { type LargeValue, OBJECT_TABLES } from './large-values.ts';
import type { Store } from './store.ts';

const NOT_A_SLOT = -1;
const ENTRIES_AT_FIRST = 64;

/** A chunk of a large value before it was moved, or the value before it became longer. */
type LargeChange =
  | { value: LargeValue; chunk: number; address: number }
  | { value: LargeValue; lengthBytes: number; chunks: Float64Array };

/** Lengths of a journal's lists. */
interface Extent {
  count: number;
  undos: number;
  dropped: number;
  made: number;
  changed: number;
}

const NOTHING: Extent = { count: 0, undos: 0, dropped: 0, made: 0, changed: 0 };

export class Journal {
  enabled: boolean;
  // One entry per change: columns that are filled again and again, `count` of each in use.
  count = 0;
  private databases = new Float64Array(ENTRIES_AT_FIRST);
  private hashes = new Int32Array(ENTRIES_AT_FIRST);
  private before = new Float64Array(ENTRIES_AT_FIRST);
  private after = new Float64Array(ENTRIES_AT_FIRST);
  private deadUnits = new Float64Array(ENTRIES_AT_FIRST);
  /** How to undo what changed no single slot: entries with `NOT_A_SLOT` lead here. */
  private readonly undos: (() => void)[] = [];
  private dropped: LargeValue[] = [];
  private made: LargeValue[] = [];
  private changed: LargeChange[] = [];
  /** How much of each of them is of a commit that the device is being given. */
  private sealed = NOTHING;

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  /** A slot went from one address to another; 0 stands for no slot. */
  push(database: number, hash: number, before: number, after: number, deadUnits: number): void {
    if (!this.enabled) return;
    const i = this.count++;
    if (i === this.hashes.length) this.growColumns();
    this.databases[i] = database;
    this.hashes[i] = hash;
    this.before[i] = before;
    this.after[i] = after;
    this.deadUnits[i] = deadUnits;
  }

  private growColumns(): void {
    const { databases, hashes, before, after, deadUnits } = this;
    const length = 2 * hashes.length;
    (this.databases = new Float64Array(length)).set(databases);
    (this.hashes = new Int32Array(length)).set(hashes);
    (this.before = new Float64Array(length)).set(before);
    (this.after = new Float64Array(length)).set(after);
    (this.deadUnits = new Float64Array(length)).set(deadUnits);
  }

  /** Something else was changed, which `undo` puts back. */
  pushUndo(undo: () => void): void {
    if (!this.enabled) return;
    this.push(0, 0, NOT_A_SLOT, NOT_A_SLOT, this.undos.length);
    this.undos.push(undo);
  }

  droppedLarge(value: LargeValue): void {
    if (this.enabled) this.dropped.push(value);
  }

  madeLarge(value: LargeValue): void {
    if (this.enabled) this.made.push(value);
  }

  movedLargeChunk(value: LargeValue, chunk: number, address: number): void {
    if (this.enabled) this.changed.push({ value, chunk, address });
  }

  lengthenedLarge(value: LargeValue, lengthBytes: number, chunks: Float64Array): void {
    if (this.enabled) this.changed.push({ value, lengthBytes, chunks });
  }

  /** How many changes are noted: the same number before and after an operation means that it changed nothing. */
  get size(): number {
    return this.count + this.made.length + this.changed.length;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** The commits stand. */
  clear(): void {
    this.sealed = NOTHING;
    this.count = 0;
    if (this.undos.length > 0) this.undos.length = 0;
    if (this.made.length > 0) this.made = [];
    if (this.dropped.length > 0) this.dropped = [];
    if (this.changed.length > 0) this.changed = [];
  }

  /** What was noted so far belongs to a commit of its own: `undo` leaves it until that stands or has failed. */
  seal(): void {
    const { count, undos, dropped, made, changed } = this;
    this.sealed = {
      count,
      undos: undos.length,
      dropped: dropped.length,
      made: made.length,
      changed: changed.length,
    };
  }

  /** That commit has failed: it is undone with the rest. */
  unseal(): void {
    this.sealed = NOTHING;
  }

  /** That commit stands. */
  dropSealed(): void {
    const { count, undos, dropped, made, changed } = this.sealed;
    this.sealed = NOTHING;
    for (const list of [this.databases, this.hashes, this.before, this.after, this.deadUnits]) {
      list.copyWithin(0, count, this.count);
    }
    this.count -= count;
    for (let i = 0; i < this.count; i++) if (this.before[i] === NOT_A_SLOT) this.deadUnits[i] -= undos;
    this.undos.splice(0, undos);
    this.dropped.splice(0, dropped);
    this.made.splice(0, made);
    this.changed.splice(0, changed);
  }

  /** Forgets what is not sealed. */
  private clearOpen(): void {
    const { count, undos, dropped, made, changed } = this.sealed;
    this.count = count;
    this.undos.length = undos;
    this.dropped.length = dropped;
    this.made.length = made;
    this.changed.length = changed;
  }

  /** Puts every slot back, the last change first. The records of the commit must still be in memory. */
  undo(store: Store): void {
    const { sealed } = this;
    for (const change of this.changed.slice(sealed.changed).reverse()) {
      if ('chunk' in change) store.large.restoreChunk(store, change.value, change.chunk, change.address);
      else store.large.shorten(change.value, change.lengthBytes, change.chunks);
    }
    const made = new Set(this.made.slice(sealed.made));
    for (const value of this.dropped.slice(sealed.dropped)) {
      if (!made.delete(value)) store.large.restore(store, value);
      else store.dropped.takeBackCollection(value);
    }
    for (const value of made) store.large.forget(store, value);
    for (let i = this.count - 1; i >= sealed.count; i--) {
      if (this.before[i] === NOT_A_SLOT) {
        this.undos[this.deadUnits[i]]();
        continue;
      }
      const table = store.tableOf(this.databases[i]);
      // Of a collection that was made by the same commit.
      if (table === undefined) continue;
      if (this.databases[i] >= OBJECT_TABLES) store.large.forgetOrder(this.databases[i]);
      const hash = this.hashes[i];
      const before = this.before[i];
      const after = this.after[i];
      if (after === 0) {
        if (this.isOrdered(store, i)) this.reorder(store, this.databases[i], before, hash, true);
        table.insert(hash, before);
        this.expectExpiry(store, this.databases[i], before, hash);
      } else if (table.findAddress(hash, after)) {
        if (before !== 0) {
          table.setAddress(before);
          this.expectExpiry(store, this.databases[i], before, hash);
        } else {
          if (this.isOrdered(store, i)) this.reorder(store, this.databases[i], after, hash, false);
          table.findAddress(hash, after);
          table.remove();
        }
      }
      if (before === 0) continue;
      store.addDead(before, -this.deadUnits[i]);
      store.large.rootIsAt(store, before);
    }
    this.clearOpen();
  }

  /** The wheel may have met the key, or member, while it was gone, and dropped its entry. */
  private expectExpiry(store: Store, database: number, address: number, hash: number): void {
    if (!store.log.isInMemory(address)) return;
    locate(store, address);
    const expiresAtMs = expiryOf(store.words, store.word);
    if (expiresAtMs === 0) return;
    const object = database < OBJECT_TABLES ? undefined : store.large.get(database - OBJECT_TABLES);
    if (object !== undefined) store.expectMember(object, hash, expiresAtMs);
    else store.wheel.add(expiresAtMs, hash, address, database);
  }

  private isOrdered(store: Store, i: number): boolean {
    return store.ordered !== null && this.databases[i] < OBJECT_TABLES;
  }

  private reorder(store: Store, database: number, address: number, hash: number, insert: boolean): void {
    locate(store, address);
    const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
    const { key, ordered } = store;
    key.setFrom(store.bytes, start, keyLengthOf(store.words, store.word));
    if (insert) ordered?.keyAdded(database, key.bytes, 0, key.length, hash);
    else ordered?.keyRemoved(database, key.bytes, 0, key.length, hash);
  }
}
