/**
 * Tables of namespaces that were flushed, and what collections that went were made of: what their records took is counted
 * as garbage, a little at a time.
 *
 * The flush itself takes no longer for a million keys than for one. What is in memory is counted exactly; of a record
 * on disk, which would have to be read for it, as many units as a record of the store has on average: what is garbage is
 * only a hint to compaction. Where nothing else is left in the store, all that was written is garbage, and nothing is
 * counted one by one.
 *
 * With a disk, nothing is counted before the flush has reached it, for until then it may be undone.
 */

import { joinAddress, UNIT_BYTES } from './address.ts';
import { usedBytes } from './disk-limit.ts';
import type { ElementChunks } from './element-chunks.ts';
import { type HashTable, POSITION_END, SliceCopy } from './hash-table.ts';
import type { LargeValue } from './large-values.ts';
import type { MemoryPages } from './memory-pages.ts';
import { KIND_ELEMENT, recordUnits, unitsFor } from './record.ts';
import type { Segments } from './segments.ts';
import type { Store } from './store.ts';

const STEP_ENTRIES = 2048;
const RECORD_UNITS_MIN = 2;
/** What a member on disk is taken to have had. */
export const MEMBER_UNITS = 6;
/** Collections of no more are not worth counting among those that were freed, as redis has it. */
const SMALL_MEMBERS_MAX = 64;

interface Dropped {
  /** null: all that was written is garbage. */
  table: HashTable | null;
  /** Of a list that went: its chunks. */
  elements: ElementChunks | null;
  /** Of the META record; of a collection: a part of the log that is written with the end of it. */
  address: number;
  isCollection: boolean;
  coldTail: number;
  meanUnits: number;
  /** Memory only: how often each page had been given out. */
  turns: readonly number[];
  /** How far its entries have been counted. */
  position: number;
}

export class DroppedTables {
  private readonly store: Store;
  private queue: Dropped[] = [];
  private readonly copy = new SliceCopy();

  constructor(store: Store) {
    this.store = store;
  }

  get isBusy(): boolean {
    return this.queue.length > 0;
  }

  /** Those that have yet to be counted. */
  get pendingCount(): number {
    return this.queue.length;
  }

  /** Units that a record on disk has on average, its chunks included. */
  get meanUnits(): number {
    const { store } = this;
    if (store.log.segments === null) return 0;
    let keys = 0;
    for (const namespace of store.databases()) keys += store.table(namespace).count;
    const bytes =
      usedBytes(store.log.segments, store.log.tail) +
      (store.cold === null ? 0 : usedBytes(store.cold.segments, store.cold.tail));
    return Math.max(RECORD_UNITS_MIN, Math.round(bytes / UNIT_BYTES / Math.max(1, keys)));
  }

  add(table: HashTable, address: number, meanUnits: number): void {
    this.push({ table, address, meanUnits });
  }

  private push(dropped: Partial<Dropped>): void {
    const turns = this.store.pages?.turnsNow() ?? [];
    const none = { table: null, elements: null, address: 0, isCollection: false, coldTail: 0, meanUnits: 0 };
    this.queue.push({ ...none, turns, position: 0, ...dropped });
  }

  /** A collection is gone: what its members took is counted in the same way. */
  addMembers(table: HashTable): void {
    this.push({ table, address: this.store.log.tail - 1, isCollection: true, meanUnits: MEMBER_UNITS });
  }

  /** The same of a list. */
  addElements(elements: ElementChunks): void {
    if (elements.chunkCount === 0) return;
    this.push({ elements, address: this.store.log.tail - 1, isCollection: true });
  }

  /** That collection is there again. */
  takeBackCollection({ members, elements }: LargeValue): void {
    if (members === null && elements === null) return;
    this.queue = this.queue.filter(
      (dropped) => !dropped.isCollection || dropped.table !== members || dropped.elements !== elements,
    );
  }

  /** Nothing of what was written so far is needed any more. */
  addEverything(address: number, coldTail: number): void {
    const { pages, log } = this.store;
    if (pages === null) {
      this.push({ address, coldTail });
      return;
    }
    for (const dropped of this.queue.splice(0)) this.noteFreed(dropped);
    pages.releaseAll(log.tail);
  }

  /** The flush whose META record is there is undone. */
  takeBack(address: number): void {
    this.queue = this.queue.filter((dropped) => dropped.isCollection || dropped.address !== address);
  }

  /** Counts a little; false when there is nothing to count for now. */
  step(): boolean {
    const { store } = this;
    const [first] = this.queue;
    if (first === undefined || (store.hasDisk && store.log.flushedUntil <= first.address)) return false;
    if (first.elements !== null) {
      if (this.countChunks(first, first.elements)) return true;
    } else if (first.table === null) this.countEverything(first);
    else if (this.countSome(first, first.table)) return true;
    this.queue.shift();
    this.noteFreed(first);
    if (!first.isCollection) store.compactor?.noteFlush();
    return this.isBusy;
  }

  private noteFreed({ isCollection, table, elements }: Dropped): void {
    const members = table?.count ?? elements?.count ?? 0;
    if (isCollection && members > SMALL_MEMBERS_MAX) this.store.counters.lazilyFreed++;
  }

  /** Counts all that can be: before keys are evicted for lack of room. */
  drain(): void {
    while (this.step());
  }

  private countEverything(dropped: Dropped): void {
    countAll(this.store.log.segments as Segments, dropped.address);
    if (this.store.cold !== null) countAll(this.store.cold.segments, dropped.coldTail);
  }

  private countSome(dropped: Dropped, table: HashTable): boolean {
    const { copy, store } = this;
    copy.count = 0;
    do dropped.position = table.copyBucketAt(dropped.position, copy);
    while (dropped.position < POSITION_END && copy.count < STEP_ENTRIES);
    for (let i = 0; i < copy.count; i++) {
      const address = joinAddress(copy.highs[i], copy.lows[i]);
      if (store.pages !== null) this.countInPage(store.pages, dropped, address);
      else store.addDead(address, store.log.isInMemory(address) ? this.unitsAt(address) : dropped.meanUnits);
    }
    return dropped.position < POSITION_END;
  }

  private countChunks(dropped: Dropped, elements: ElementChunks): boolean {
    const { store } = this;
    dropped.position = elements.forSome(dropped.position, (address, until) => {
      if (store.pages !== null) this.countInPage(store.pages, dropped, address);
      else if (store.log.isInMemory(address)) store.addDead(address, this.unitsAt(address));
      else store.addDead(address, unitsFor(KIND_ELEMENT, 0, 0, until));
    });
    return dropped.position < elements.blockCount;
  }

  /** A page that was emptied since has no garbage of before. */
  private countInPage(pages: MemoryPages, dropped: Dropped, address: number): void {
    if (pages.isAsOf(dropped.turns, address)) pages.addDead(address, this.unitsAt(address));
  }

  private unitsAt(address: number): number {
    const { memory } = this.store.log;
    const unit = memory.unitOf(address);
    return recordUnits(memory.at(unit).words, memory.wordOf(unit));
  }
}

function countAll(segments: Segments, until: number): void {
  for (const segment of segments.list) {
    if (segment.base >= until) continue;
    segment.deadUnits = Math.max(segment.deadUnits, Math.min(segment.end, until) - segment.base);
  }
}
