/**
 * Which records of some segments keys still point at: asked of the tables, bucket by bucket, instead of each record.
 *
 * Of segments that are nearly all garbage this is the shorter way: 64 bytes are looked at for four keys, in order, where a
 * record must be hashed and its bucket fetched. What always holds: a record of a key that is not among the addresses will
 * never be live again, as long as nothing is undone. For no slot is made to point at an old record, and a bucket that is
 * split while the tables are gone through gives its slots to one that comes later. Members and chunks are not looked for.
 */
import type { HashTable } from './hash-table.ts';
import type { Store } from './store.ts';

/** Buckets to a step: about a tenth of a millisecond. */
const BUCKETS_PER_STEP = 8 * 1024;
/** A record that is looked up costs as much as so many buckets that are gone through. */
const BUCKETS_PER_RECORD = 8;

export class LiveAddresses {
  private readonly tables: HashTable[];
  private readonly base: number;
  private readonly end: number;
  private bucket = 0;
  private addresses = new Float64Array(64);
  private count = 0;
  private next = 0;

  private constructor(tables: HashTable[], base: number, end: number) {
    this.tables = tables;
    this.base = base;
    this.end = end;
  }

  /**
   * Those in `[base, end)`. Null where records are better looked up one by one, or a table is not all there.
   * `liveUnits`: of the whole store.
   */
  static of(store: Store, base: number, end: number, liveUnits: number): LiveAddresses | null {
    const tables = store.databases().map((database) => store.table(database));
    let keys = 0;
    let buckets = 0;
    for (const table of tables) {
      if (!table.isLoaded) return null;
      keys += table.count;
      buckets += table.bucketCount;
    }
    const records = ((end - base) * keys) / Math.max(liveUnits, 1);
    return buckets > records * BUCKETS_PER_RECORD ? null : new LiveAddresses(tables, base, end);
  }

  /** Looks at some buckets; false once all have been looked at. */
  step(): boolean {
    const table = this.tables.at(-1);
    if (table === undefined) return false;
    const until = Math.min(this.bucket + BUCKETS_PER_STEP, table.bucketCount);
    table.addressesIn(this.bucket, until, this.base, this.end, (address) => this.add(address));
    this.bucket = until;
    if (until < table.bucketCount) return true;
    this.bucket = 0;
    this.tables.pop();
    if (this.tables.length > 0) return true;
    this.addresses.subarray(0, this.count).sort();
    return false;
  }

  private add(address: number): void {
    if (this.count === this.addresses.length) {
      const wider = new Float64Array(this.count * 2);
      wider.set(this.addresses);
      this.addresses = wider;
    }
    this.addresses[this.count++] = address;
  }

  /** Whether it is known of all records in the segment. */
  covers(segment: { base: number; end: number }): boolean {
    return segment.base >= this.base && segment.end <= this.end;
  }

  /** Whether a key points at the record, or did so when the tables were gone through. Addresses are asked for in order. */
  has(address: number): boolean {
    const { addresses, count } = this;
    while (this.next < count && addresses[this.next] < address) this.next++;
    return this.next < count && addresses[this.next] === address;
  }
}
