/**
 * Operations on streams: what an embedded method and a command both call. Groups have theirs in `stream-groups.ts`.
 *
 * The key is in `store.key` and was found. `streamOf` makes what is kept in memory from the records, if it is not there:
 * the first use after an open reads them all, in slices (`stream-build.ts`). All reads of an operation come before its first write.
 */
import { StreamId } from '../base/stream-id.ts';
import { IdBatch, type IdList } from '../engine/id-list.ts';
import { type LargeValue, TYPE_STREAM } from '../engine/large-values.ts';
import { bringMembersByHash, makeCollection } from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { StreamIndex } from '../engine/stream-index.ts';
import {
  EntryParts,
  findEntry,
  putEntry,
  putStream,
  readEntry,
  removeEntry,
  setEntryKey,
} from '../engine/stream-records.ts';
import { buildStream } from './stream-build.ts';

/** IDs that are looked at in one go. */
export const BATCH_IDS = 256;

export interface StreamLimits {
  /** `stream-node-max-entries`: with `~`, entries go in portions of so many. */
  nodeEntriesMax: number;
}

/** Which entries are to go from the front. */
export interface Trim {
  by: 'length' | 'id';
  lengthMax: number;
  readonly minId: StreamId;
  /** Only whole nodes go, and at most `limit` entries, if that is not 0. */
  isApproximate: boolean;
  limit: number;
}

/** How the ID of a new entry is given: not at all, by its time, or whole. */
export type IdForm = 'none' | 'sequence' | 'whole';

const NOT_ABOVE = 'The ID specified in XADD is equal or smaller than the target stream top item';
const EXHAUSTED = 'The stream has exhausted the last possible ID, unable to add more items';

const id = new StreamId();
const batch = new IdBatch(BATCH_IDS);
const victims = new IdBatch(BATCH_IDS);
const parts = new EntryParts();
const hashes = new Int32Array(BATCH_IDS);

/** What is known of a stream, made from its records if need be: a command may wait for that. */
export function streamOf(store: Store, object: LargeValue): StreamIndex {
  object.stream ??= buildStream(store, object);
  return object.stream;
}

/** A new, empty stream, with its record. The caller publishes it. */
export function makeStream(store: Store): LargeValue {
  const object = makeCollection(store, TYPE_STREAM);
  object.stream = new StreamIndex();
  putStream(store, object, object.stream);
  return object;
}

/** The ID that the next entry gets at a time; false if there is none left. */
function nextId(index: StreamIndex, nowMs: number, into: StreamId): boolean {
  into.setMs(nowMs);
  if (into.compare(index.lastId) > 0) return true;
  into.set(index.lastId);
  return into.increment();
}

/** Finds the ID of an entry that is to be added; returns what is wrong with the one given, nothing if it can be added. */
export function findNewId(store: Store, index: StreamIndex, form: IdForm, given: StreamId, into: StreamId): string {
  if (index.lastId.isMax) return EXHAUSTED;
  if (form === 'none') return nextId(index, store.nowMs(), into) ? '' : EXHAUSTED;
  into.set(given);
  return (form === 'whole' ? into.compare(index.lastId) > 0 : nextSequence(index, into)) ? '' : NOT_ABOVE;
}

/** Gives an ID of which only the ms are known the next sequence number; false if it would not be above the last one. */
function nextSequence(index: StreamIndex, into: StreamId): boolean {
  const { lastId } = index;
  into.setSequence(0);
  if (!into.hasMsOf(lastId)) return into.compare(lastId) > 0;
  if (lastId.hasLastSequence) return false;
  into.set(lastId);
  return into.increment();
}

/** What is wrong with an ID as the last one of a stream (XSETID); nothing if it can be. */
export function lastIdFault(index: StreamIndex, lastId: StreamId, entriesAdded: number | undefined): string {
  if (lastId.compare(index.maxDeletedId) < 0) {
    return 'The ID specified in XSETID is smaller than current max_deleted_entry_id';
  }
  if (index.entries.count === 0) return '';
  index.entries.loadLast(id);
  if (lastId.compare(id) < 0) return 'The ID specified in XSETID is smaller than the target stream top item';
  return entriesAdded !== undefined && index.entries.count > entriesAdded
    ? 'The entries_added specified in XSETID is smaller than the target stream length'
    : '';
}

/** Whether a stream has an entry above an ID. */
export function hasAfter({ entries }: StreamIndex, own: StreamId): boolean {
  if (entries.count === 0) return false;
  entries.loadLast(id);
  return id.compare(own) > 0;
}

/** Adds an entry above the last one: what an `EntryWriter` wrote, of `length` bytes, with number `entriesAdded + 1`. */
export function appendEntry(store: Store, object: LargeValue, index: StreamIndex, own: StreamId, length: number): void {
  putEntry(store, object, own, length);
  index.entries.add(own);
  index.lastId.set(own);
  index.entriesAdded++;
}

/** Removes entries; returns how many there were. */
export function deleteEntries(store: Store, object: LargeValue, ids: readonly StreamId[]): number {
  const index = streamOf(store, object);
  const there = ids.filter((each) => index.entries.has(each));
  bringIds(store, object, there);
  let deleted = 0;
  for (const each of there) {
    if (!index.entries.remove(each)) continue;
    removeEntry(store, object, each);
    if (each.compare(index.maxDeletedId) > 0) index.maxDeletedId.set(each);
    deleted++;
  }
  if (deleted > 0) putStream(store, object, index);
  return deleted;
}

/** Before the first write: lets a command wait for the records of these entries, where some may be on disk. */
function bringIds(store: Store, object: LargeValue, ids: readonly StreamId[]): void {
  if (!store.hasRecordsOnDisk) return;
  const all = ids.map((each) => {
    setEntryKey(store, each);
    return store.member.hash;
  });
  bringMembersByHash(store, object, all, all.length);
}

/** The same for the entries of a batch. */
export function bringBatch(store: Store, object: LargeValue, batch: IdBatch): void {
  if (!store.hasRecordsOnDisk) return;
  for (let i = 0; i < batch.count; i++) {
    batch.load(i, id);
    setEntryKey(store, id);
    hashes[i] = store.member.hash;
  }
  bringMembersByHash(store, object, hashes, batch.count);
}

/**
 * Calls `visit` with the IDs of the entries of `[start, end]`, at most so many, in an object that is used again; returns how
 * many there were. Both IDs are changed. The entries' records are in memory then, or have been waited for.
 */
export function forEachInRange(
  store: Store,
  object: LargeValue,
  start: StreamId,
  end: StreamId,
  countMax: number,
  isDownward: boolean,
  visit: (each: StreamId) => void,
): number {
  const { entries } = streamOf(store, object);
  const edge = isDownward ? end : start;
  const each = new StreamId();
  let count = 0;
  for (;;) {
    entries.copy(start, end, isDownward, batch);
    const taken = Math.min(batch.count, countMax - count);
    batch.count = taken;
    bringBatch(store, object, batch);
    for (let i = 0; i < taken; i++) {
      batch.load(i, each);
      visit(each);
    }
    count += taken;
    if (taken < BATCH_IDS || count === countMax) return count;
    edge.set(each);
    if (!(isDownward ? edge.decrement() : edge.increment())) return count;
  }
}

/** Fields and values of an entry, in turns, as bytes of their own. */
export function itemsOf(store: Store, object: LargeValue, own: StreamId): Buffer[] {
  if (!findEntry(store, object, own)) throw new Error(`an entry of a stream of ${store.path} has no record`);
  readEntry(store, parts);
  return itemsOfLocated(store);
}

/** All entries in order, with bytes of their own for fields and values in turns. */
export function forEachEntry(store: Store, object: LargeValue, visit: (id: StreamId, items: Buffer[]) => void): void {
  const own = new StreamId();
  const { entries } = streamOf(store, object);
  forEachFirst(entries, entries.count, (each) => {
    own.set(each);
    visit(own, itemsOf(store, object, own));
  });
}

function itemsOfLocated({ bytes }: Store): Buffer[] {
  const items: Buffer[] = [];
  for (let i = 0; i < parts.count; i++) items.push(Buffer.from(bytes.subarray(parts.starts[i], parts.ends[i])));
  return items;
}

/** How many entries go, of those that there are and `adding` more. */
export function countToTrim(index: StreamIndex, trim: Trim, limits: StreamLimits, adding: number): number {
  const total = index.entries.count + adding;
  const count = trim.by === 'length' ? Math.max(0, total - trim.lengthMax) : index.entries.countBefore(trim.minId);
  if (!trim.isApproximate) return count;
  const node = Math.max(1, limits.nodeEntriesMax);
  /** Entries that went before belonged to nodes, too: what is left of the first node is shorter by these. */
  const gone = (index.entriesAdded + adding - total) % node;
  const whole = (most: number): number => Math.max(0, most - ((gone + most) % node));
  const most = count === total ? count : whole(count);
  return trim.limit > 0 && most > trim.limit ? whole(trim.limit) : most;
}

/** Before the first write: lets a command wait for the records of the first `count` entries. */
export function bringFirst(store: Store, object: LargeValue, index: StreamIndex, count: number): void {
  if (count === 0 || !store.hasRecordsOnDisk) return;
  const all: number[] = [];
  forEachFirst(index.entries, count, (each) => {
    setEntryKey(store, each);
    all.push(store.member.hash);
  });
  bringMembersByHash(store, object, all, all.length);
}

/** Removes the first `count` entries. */
export function removeFirst(store: Store, object: LargeValue, index: StreamIndex, count: number): void {
  if (count === 0) return;
  for (let left = count; left > 0; left--) {
    index.entries.loadAt(0, id);
    removeEntry(store, object, id);
    index.entries.remove(id);
  }
  if (index.entries.count === 0) putStream(store, object, index);
}

/** Calls `visit` with each ID of a list, in an object that is used again. The list must not change meanwhile. */
export function forEachId(list: IdList, visit: (each: StreamId) => void): void {
  forEachFirst(list, list.count, visit);
}

function forEachFirst(entries: IdList, count: number, visit: (each: StreamId) => void): void {
  const start = new StreamId();
  const end = new StreamId();
  end.setMax();
  for (let left = count; left > 0; ) {
    entries.copy(start, end, false, victims);
    for (let i = 0; i < victims.count && left > 0; i++, left--) {
      victims.load(i, start);
      visit(start);
    }
    if (victims.count < BATCH_IDS || !start.increment()) return;
  }
}
