/**
 * A walk through the keys of one table in pieces, in the order of bit-reversed hashes (`HashTable.copyBucketAt`).
 *
 * Between two pieces nothing is kept but the position. Whoever walks from 0 to the end meets every key that is there all
 * the time, once, whatever comes and goes meanwhile.
 *
 * Nothing may change between `collect` and `forEach`. Records on disk that are neighbours come with one read.
 */

import { joinAddress } from './address.ts';
import { isDue } from './find.ts';
import { type HashTable, POSITION_END, SliceCopy } from './hash-table.ts';
import { locate } from './locate.ts';
import { GATE_COUNTED, GATE_OPEN } from './read-gate.ts';
import { RecordWindows } from './record-windows.ts';
import type { Store } from './store.ts';

const GROUP = 256;
/** What a record is taken to have. */
const RECORD_BYTES = 512;
/** Addresses that there is room for from piece to piece. */
const KEPT_MAX = 16_384;
const NO_WINDOW = -1;
/** Empty buckets that a piece may go through for each key it is to bring. */
const BUCKETS_PER_KEY = 10;

export class TableScan {
  private readonly store: Store;
  private readonly windows: RecordWindows;
  private copy = new SliceCopy();
  /** Of the records collected, in order, so that neighbours on disk stand together. */
  private addresses = new Float64Array(GROUP);
  private count = 0;
  private readonly units = new Int32Array(GROUP);
  private readonly windowOf = new Int8Array(GROUP);

  constructor(store: Store) {
    this.store = store;
    this.windows = new RecordWindows(store);
  }

  /**
   * Takes on the keys of whole buckets from `position` on until there are `countMin`, or many buckets were empty. Returns
   * where to go on, 0 at the end.
   */
  collect(database: number, position: number, countMin: number): number {
    return this.collectFrom(this.store.table(database), position, countMin);
  }

  /** The same for the members of a collection. */
  collectFrom(table: HashTable, position: number, countMin: number): number {
    const { copy } = this;
    copy.count = 0;
    if (position === 0 && countMin === Number.POSITIVE_INFINITY) {
      table.copySlice(0, 0, copy);
      this.takeAddresses();
      return 0;
    }
    let at = position;
    let bucketsLeft = countMin * BUCKETS_PER_KEY;
    do at = table.copyBucketAt(at, copy);
    while (at < POSITION_END && copy.count < countMin && --bucketsLeft > 0);
    this.takeAddresses();
    return at === POSITION_END ? 0 : at;
  }

  /** Takes on the records at these addresses, of which each is a key's, or a member's, slot. */
  take(addresses: readonly number[]): void {
    this.count = addresses.length;
    if (this.count > this.addresses.length) this.addresses = new Float64Array(this.count);
    this.addresses.set(addresses);
    this.addresses.subarray(0, this.count).sort();
  }

  private takeAddresses(): void {
    const { copy } = this;
    this.count = copy.count;
    if (copy.count > this.addresses.length) this.addresses = new Float64Array(copy.count);
    const { addresses } = this;
    for (let i = 0; i < copy.count; i++) addresses[i] = joinAddress(copy.highs[i], copy.lows[i]);
    // A few of those in memory may come in any order.
    if (copy.count > GROUP || this.store.hasRecordsOnDisk) addresses.subarray(0, copy.count).sort();
  }

  /** Calls `visit` with the record of each key located that was collected and whose time is not over. */
  forEach(visit: () => void): void {
    const { gate } = this.store;
    const isCommand = gate.state !== GATE_OPEN;
    // One that need not wait for its records gets each of them past the gate.
    const isLocated =
      isCommand && (gate.bring(this.addresses, 0, this.count, RECORD_BYTES) || gate.state !== GATE_COUNTED);
    for (let from = 0; from < this.count; from += GROUP) {
      const count = Math.min(GROUP, this.count - from);
      // A view of the group costs more than a few records do.
      const group = from === 0 ? this.addresses : this.addresses.subarray(from, from + count);
      const hasWindows = this.fetch(group, count, isLocated);
      for (let i = 0; i < count; i++) {
        const isLocatedInWindow = hasWindows && this.tryLocateInWindow(i, group[i]);
        if (!isLocatedInWindow) locate(this.store, group[i]);
        if (!isDue(this.store)) visit();
      }
    }
    if (this.addresses.length > KEPT_MAX) this.shrink();
  }

  /** What a walk through a large table in one piece took is given back. */
  private shrink(): void {
    this.copy = new SliceCopy();
    this.addresses = new Float64Array(GROUP);
    this.count = 0;
  }

  /**
   * Brings the records of a group: all of those in memory are touched first, so that their misses overlap. Returns whether
   * others lie in windows.
   */
  private fetch(group: Float64Array, count: number, isLocated: boolean): boolean {
    const isAllHere = this.store.log.touchRecords(group, count, this.units);
    if (isAllHere || isLocated) return false;
    this.windows.read(group, count, this.windowOf);
    return true;
  }

  private tryLocateInWindow(i: number, address: number): boolean {
    return this.windowOf[i] !== NO_WINDOW && this.windows.tryLocate(this.windowOf[i], address);
  }
}
