/**
 * Members of a sorted set by ranks: their entries are copied out in groups, then all slots, then all records are brought, so
 * that the processor waits for many of them at once, and neighbours on disk come with one read.
 *
 * One per store. `visit` must not change the set, nor go through another range.
 */

import type { LargeValue } from './large-values.ts';
import { COLD_BASE } from './address.ts';
import { HITS_MUTABLE, HITS_READ_ONLY, locate } from './locate.ts';
import { locateMember, memberEndOf, memberStartOf, membersOf } from './members.ts';
import { forEachPacked } from './packed-scores.ts';
import { GATE_COUNTED, GATE_OPEN } from './read-gate.ts';
import { keyLengthOf, keyOffsetOf } from './record.ts';
import { RecordWindows } from './record-windows.ts';
import { ScoreEntries, type ScoreOrder } from './score-order.ts';
import type { Store } from './store.ts';

const GROUP = 256;
const NO_WINDOW = -1;
/** What a record is taken to have. */
const RECORD_BYTES = 512;

/** Gets the bytes `[start, end)` of a member, which are there for the time of the call, its score, and a view of the memory. */
export type MemberVisitor = (bytes: Buffer, start: number, end: number, score: number, view: DataView | null) => void;

/** A stretch of an order: from a rank on, up or down. All of it is there. */
export interface RankRange {
  readonly rank: number;
  readonly count: number;
  readonly isDownward: boolean;
}

export class ScoreRange {
  private readonly store: Store;
  private readonly windows: RecordWindows;
  private readonly entries = new ScoreEntries(GROUP);
  private readonly addresses = new Float64Array(GROUP);
  private readonly units = new Int32Array(GROUP);
  private readonly windowOf = new Int8Array(GROUP);

  constructor(store: Store) {
    this.store = store;
    this.windows = new RecordWindows(store);
  }

  forEach(object: LargeValue, range: RankRange, visit: MemberVisitor): void {
    if (object.packed !== null) {
      forEachPacked(object.packed, range.rank, range.count, range.isDownward ? -1 : 1, visit);
      return;
    }
    const order = object.order as ScoreOrder;
    const isLocated = this.bring(object, order, range);
    for (let done = 0; done < range.count; done += GROUP) {
      this.take(object, order, range, done);
      this.fetch(isLocated);
      this.visitGroup(object, order, visit);
    }
  }

  /** Copies a group of entries, and finds their slots. */
  private take(object: LargeValue, order: ScoreOrder, range: RankRange, done: number): void {
    const { entries } = this;
    const { rank, count, isDownward } = range;
    order.copy(isDownward ? rank - done : rank + done, Math.min(GROUP, count - done), isDownward, entries);
    membersOf(object).findAll(entries.hashes, entries.count, this.addresses);
  }

  /** Lets a command wait for all records at once. Whether each is to be located past the gate. */
  private bring(object: LargeValue, order: ScoreOrder, range: RankRange): boolean {
    const { gate } = this.store;
    if (gate.state === GATE_OPEN || !this.store.hasRecordsOnDisk) return false;
    const all = new Float64Array(range.count);
    for (let done = 0; done < range.count; done += GROUP) {
      this.take(object, order, range, done);
      all.set(this.addresses.subarray(0, this.entries.count), done);
    }
    return gate.bring(all, 0, all.length, RECORD_BYTES) || gate.state !== GATE_COUNTED;
  }

  private fetch(isLocated: boolean): void {
    const { entries, addresses, units, windowOf } = this;
    const isAllHere = this.store.log.touchRecords(addresses, entries.count, units);
    if (!isAllHere && !isLocated) this.windows.read(addresses, entries.count, windowOf);
    else windowOf.fill(NO_WINDOW, 0, entries.count);
  }

  private visitGroup(object: LargeValue, order: ScoreOrder, visit: MemberVisitor): void {
    const { addresses } = this;
    const { log, hits } = this.store;
    const { count, scores, members, hashes } = this.entries;
    for (let i = 0; i < count; i++) {
      const address = addresses[i];
      // Asked for each, since a visitor that writes elsewhere may drive records out of memory.
      const isHere = address >= log.head && address < COLD_BASE;
      if (!isHere || members[i] !== null || order.othersOf(hashes[i]) !== undefined) {
        this.visitEntry(object, order, i, visit);
        continue;
      }
      const { memory } = log;
      const unit = memory.unitOf(address);
      const { bytes, words, view } = memory.at(unit);
      const word = memory.wordOf(unit);
      const start = word * 4 + keyOffsetOf(words[word + 1]);
      hits[address >= log.readOnly ? HITS_MUTABLE : HITS_READ_ONLY]++;
      visit(bytes, start, start + keyLengthOf(words, word), scores[i], view);
    }
  }

  private visitEntry(object: LargeValue, order: ScoreOrder, i: number, visit: MemberVisitor): void {
    const { store, entries, addresses, windowOf } = this;
    const own = entries.members[i];
    if (own !== null) {
      visit(Buffer.from(own.buffer, own.byteOffset, own.length), 0, own.length, entries.scores[i], null);
      return;
    }
    const others = order.othersOf(entries.hashes[i]);
    if (others !== undefined) locateMember(store, object, entries.hashes[i], others);
    else if (!this.windows.tryLocate(windowOf[i], addresses[i])) locate(store, addresses[i]);
    visit(store.bytes, memberStartOf(store), memberEndOf(store), entries.scores[i], store.view);
  }
}
