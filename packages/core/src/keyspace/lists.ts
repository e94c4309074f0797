/**
 * Operations on lists: what an embedded method and a command both call. All reads of an operation come before its first
 * write.
 */
import type { ElementReader } from '../engine/element-codec.ts';
import { ElementDraft } from '../engine/element-draft.ts';
import {
  bringChunks,
  chunksOf,
  copyElements,
  countElements,
  cutElements,
  isWornOut,
  replaceChunk,
  takeAll,
} from '../engine/elements.ts';
import type { LargeValue } from '../engine/large-values.ts';
import { locate } from '../engine/locate.ts';
import { makeCollection, publishCollection } from '../engine/members.ts';
import { expiryOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import { ElementWalk } from './element-walk.ts';

const walk = new ElementWalk();
const draft = new ElementDraft();

/** What is wrong with an element that is longer than a record holds; empty if it fits. */
export function elementFault(store: Store, length: number): string {
  return length <= store.inlineMaxBytes ? '' : `an element has at most ${store.inlineMaxBytes} bytes`;
}

/** Elements that are handed over in one go. */
const RUN_ELEMENTS = 128;

/** Some elements, as ranges of `store.bytes`. */
interface ElementRun {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  count: number;
}
const run: ElementRun = { starts: new Int32Array(RUN_ELEMENTS), ends: new Int32Array(RUN_ELEMENTS), count: 0 };

/** Calls `visit` with up to `count` elements from the one at `index` on, run by run; backward: towards the head. */
export function forEachRun(
  store: Store,
  list: LargeValue,
  index: number,
  count: number,
  isBackward: boolean,
  visit: (run: ElementRun) => void,
): void {
  if (isBackward) bringChunks(store, chunksOf(list), Math.max(0, index - count + 1), index + 1);
  else bringChunks(store, chunksOf(list), index, Math.min(countElements(list), index + count));
  walk.begin(store, list, index, isBackward);
  for (let left = count; left > 0; left -= run.count) {
    run.count = walk.nextRun(run.starts, run.ends, Math.min(left, RUN_ELEMENTS));
    if (run.count === 0) return;
    visit(run);
  }
}

/** The same element by element. */
export function forEachElement(
  store: Store,
  list: LargeValue,
  index: number,
  count: number,
  isBackward: boolean,
  visit: (start: number, end: number) => void,
): void {
  forEachRun(store, list, index, count, isBackward, ({ starts, ends, count: some }) => {
    for (let i = 0; i < some; i++) visit(starts[i], ends[i]);
  });
}

/** Reads the element at `index`, which there is: a range of `store.bytes`. */
export function elementAt(store: Store, list: LargeValue, index: number): ElementReader {
  walk.begin(store, list, index, false);
  walk.next();
  return walk.reader;
}

/** `index` as clients give it, negative from the end; may be beyond either. */
export function fromEnd(list: LargeValue, index: number): number {
  return index < 0 ? countElements(list) + index : index;
}

/** Keeps the elements `[from, until)`; all go if there are none. */
export function trimList(store: Store, list: LargeValue, from: number, until: number): void {
  const count = countElements(list);
  if (from >= until) {
    takeAll(store, list);
    return;
  }
  if (store.hasRecordsOnDisk) {
    // Both chunks that stay in part are read before anything is written.
    bringChunks(store, chunksOf(list), from, from + 1);
    bringChunks(store, chunksOf(list), until - 1, until);
  }
  if (until < count) cutElements(store, list, count - until, false);
  if (from > 0) cutElements(store, list, from, true);
}

/** Where an element is put, as to the one at an index. */
export const IN_PLACE = 0;
export const BEFORE = 1;
export const AFTER = 2;

/**
 * Puts `[start, end)` of `source` in the place of the element at `index`, before or after it; only its chunk is written.
 * `found` is the list's key. Returns the list, which may be another object.
 */
export function putElement(
  store: Store,
  database: number,
  found: number,
  list: LargeValue,
  index: number,
  where: number,
  source: Uint8Array,
  start: number,
  end: number,
): LargeValue {
  const chunks = chunksOf(list);
  const offset = chunks.seekIndex(index);
  locate(store, chunks.address);
  draft.reset();
  draft.addFrom(store, chunks, 0, where === AFTER ? offset + 1 : offset);
  draft.add(source, start, end);
  draft.addFrom(store, chunks, where === BEFORE ? offset : offset + 1, chunks.elements);
  if (replaceChunk(store, list, draft)) return list;
  // There is no key left between two chunks.
  const fresh = withFreshKeys(store, database, found, list);
  return putElement(store, database, found, fresh, index, where, source, start, end);
}

/** The list, or a copy of it that has become the key's, with keys for so many chunks more at either end. */
export function withKeysFor(
  store: Store,
  database: number,
  found: number,
  list: LargeValue,
  chunksMore: number,
): LargeValue {
  return isWornOut(list, chunksMore) ? withFreshKeys(store, database, found, list) : list;
}

/** A copy of the list becomes the key's, with keys for its chunks that leave room again. */
function withFreshKeys(store: Store, database: number, found: number, list: LargeValue): LargeValue {
  bringChunks(store, chunksOf(list), 0, countElements(list));
  store.relocate(database, found);
  const expiresAtMs = expiryOf(store.words, store.word);
  const fresh = makeCollection(store, list.type);
  copyElements(store, list, fresh);
  publishCollection(store, database, found, fresh, expiresAtMs);
  return fresh;
}

/** Index of the first element that equals `[start, end)` of `source`, -1 if there is none. */
export function indexOfElement(store: Store, list: LargeValue, source: Uint8Array, start: number, end: number): number {
  bringChunks(store, chunksOf(list), 0, countElements(list));
  walk.begin(store, list, 0, false);
  for (let i = 0; walk.next(); i++) if (isSame(store, source, start, end)) return i;
  return -1;
}

/** What LPOS looks for: from the `rank`th match on (negative: from the tail), up to `countMax` of them, 0 for all. */
export interface PositionsWanted {
  rank: number;
  countMax: number;
  /** Elements looked at, at most; 0 for all. */
  lookedAtMax: number;
}

/** Indexes of elements that equal `[start, end)` of `source`. */
export function positionsOf(
  store: Store,
  list: LargeValue,
  source: Uint8Array,
  start: number,
  end: number,
  wanted: PositionsWanted,
): number[] {
  const count = countElements(list);
  const isBackward = wanted.rank < 0;
  const lookedAt = wanted.lookedAtMax === 0 ? count : Math.min(count, wanted.lookedAtMax);
  if (isBackward) bringChunks(store, chunksOf(list), count - lookedAt, count);
  else bringChunks(store, chunksOf(list), 0, lookedAt);
  const found: number[] = [];
  let skip = Math.abs(wanted.rank) - 1;
  walk.begin(store, list, isBackward ? count - 1 : 0, isBackward);
  for (let i = 0; i < lookedAt && walk.next(); i++) {
    if (!isSame(store, source, start, end) || skip-- > 0) continue;
    found.push(isBackward ? count - 1 - i : i);
    if (found.length === wanted.countMax) break;
  }
  return found;
}

/** Elements of a chunk that are to go: which of them, in any order. */
interface Removed {
  key: number;
  offsets: Set<number>;
}

/**
 * Removes elements that equal `[start, end)` of `source`: the first `count` (negative: the last ones, 0: all). Returns how
 * many there were.
 */
export function removeElements(
  store: Store,
  list: LargeValue,
  count: number,
  source: Uint8Array,
  start: number,
  end: number,
): number {
  const total = countElements(list);
  const countMax = count === 0 ? total : Math.abs(count);
  const isBackward = count < 0;
  bringChunks(store, chunksOf(list), 0, total);
  const removed: Removed[] = [];
  let gone = 0;
  walk.begin(store, list, isBackward ? total - 1 : 0, isBackward);
  while (gone < countMax && walk.next()) {
    if (!isSame(store, source, start, end)) continue;
    const { chunkKey } = walk;
    if (removed.at(-1)?.key !== chunkKey) removed.push({ key: chunkKey, offsets: new Set() });
    removed[removed.length - 1].offsets.add(walk.offset);
    gone++;
  }
  if (gone === total) takeAll(store, list);
  else for (const each of removed) removeFromChunk(store, list, each);
  return gone;
}

function removeFromChunk(store: Store, list: LargeValue, { key, offsets }: Removed): void {
  const chunks = chunksOf(list);
  chunks.seekKey(key);
  draft.reset();
  if (offsets.size < chunks.elements) {
    locate(store, chunks.address);
    draft.addChunk(store, chunks, offsets);
  }
  replaceChunk(store, list, draft);
}

/** Whether the element that the walk has come to is `[start, end)` of `source`. */
function isSame(store: Store, source: Uint8Array, start: number, end: number): boolean {
  const { reader } = walk;
  if (reader.end - reader.start !== end - start) return false;
  const { bytes } = store;
  for (let at = start, own = reader.start; at < end; at++, own++) if (source[at] !== bytes[own]) return false;
  return true;
}
