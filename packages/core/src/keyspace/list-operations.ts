/**
 * Whole operations on lists, by key: what an embedded method calls. They leave the acknowledgement to the caller
 * (`store.committer`), and throw before anything is changed or undo what they did.
 *
 * Elements come as texts (UTF-8) or bytes, and go as bytes of their own.
 */
import { FerriteError } from '../base/errors.ts';
import { countElements, cutElements, pushElement } from '../engine/elements.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type LargeValue, TYPE_LIST } from '../engine/large-values.ts';
import { makeCollection } from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { collectionOfFound, endChange, findOfType, orUndo } from './collections.ts';
import {
  AFTER,
  BEFORE,
  elementAt,
  elementFault,
  forEachElement,
  fromEnd,
  IN_PLACE,
  indexOfElement,
  type PositionsWanted,
  positionsOf,
  putElement,
  removeElements,
  trimList,
  withKeysFor,
} from './lists.ts';

const ELEMENT_OVERHEAD_BYTES = 48;

/** An element's bytes. */
type Element = string | Uint8Array;

/** The list of a key, null if there is none. Throws FERRITE_WRONG_TYPE if the key has another value. */
function findList(store: Store, database: number, key: Key): LargeValue | null {
  return findOfType(store, database, key, TYPE_LIST);
}

/** The elements as bytes. Throws FERRITE_INVALID_ARGUMENT if one is longer than a record holds. */
function bytesOf(store: Store, elements: readonly Element[]): Uint8Array[] {
  return elements.map((element) => {
    const bytes = typeof element === 'string' ? Buffer.from(element, 'utf8') : element;
    const fault = elementFault(store, bytes.length);
    if (fault !== '') throw new FerriteError('FERRITE_INVALID_ARGUMENT', fault);
    return bytes;
  });
}

/** Where the key's list was found: 0 if there is none. */
let foundAt = 0;

/** The same for an operation that may add so many bytes to what is stored. */
function findForWrite(store: Store, database: number, key: Key, growthBytes: number): LargeValue | null {
  store.checkWritable(growthBytes);
  store.key.set(key);
  foundAt = find(store, database);
  return foundAt === 0 ? null : collectionOfFound(store, TYPE_LIST);
}

/** Adds elements at an end, one after the other; returns how many the list has then. */
export function pushAll(
  store: Store,
  database: number,
  key: Key,
  atHead: boolean,
  elements: readonly Element[],
): number {
  const all = bytesOf(store, elements);
  const growthBytes = all.reduce((sum, each) => sum + each.length + ELEMENT_OVERHEAD_BYTES, 0);
  const old = findForWrite(store, database, key, growthBytes);
  if (all.length === 0) return old === null ? 0 : countElements(old);
  const found = foundAt;
  return orUndo(store, () => {
    const list = withKeysFor(store, database, found, old ?? makeCollection(store, TYPE_LIST), all.length);
    for (const each of all) pushElement(store, list, atHead, each, 0, each.length);
    endChange(store, database, found, list);
    return countElements(list);
  });
}

/** Takes up to `count` elements off an end, and returns them; undefined if there is no such key. */
export function popUpTo(
  store: Store,
  database: number,
  key: Key,
  atHead: boolean,
  count: number,
): Buffer[] | undefined {
  const list = findForWrite(store, database, key, 0);
  if (list === null) return undefined;
  const found = foundAt;
  const total = countElements(list);
  const taken = Math.min(count, total);
  if (taken === 0) return [];
  const elements = copiesOf(store, list, atHead ? 0 : total - 1, taken, !atHead);
  orUndo(store, () => {
    cutElements(store, list, taken, atHead);
    endChange(store, database, found, list);
  });
  return elements;
}

function copiesOf(store: Store, list: LargeValue, index: number, count: number, isBackward: boolean): Buffer[] {
  const elements: Buffer[] = [];
  forEachElement(store, list, index, count, isBackward, (start, end) => {
    elements.push(Buffer.from(store.bytes.subarray(start, end)));
  });
  return elements;
}

/** The number of elements, 0 if there is no such key. */
export function lengthOfList(store: Store, database: number, key: Key): number {
  const list = findList(store, database, key);
  return list === null ? 0 : countElements(list);
}

/** Elements from index `start` to `stop`, both included, negative ones from the end. */
export function rangeOfList(store: Store, database: number, key: Key, start: number, stop: number): Buffer[] {
  const list = findList(store, database, key);
  if (list === null) return [];
  const first = Math.max(0, fromEnd(list, start));
  const count = Math.min(fromEnd(list, stop) + 1, countElements(list)) - first;
  return count > 0 ? copiesOf(store, list, first, count, false) : [];
}

/** The element at an index, negative from the end. */
export function elementOfList(store: Store, database: number, key: Key, index: number): Buffer | undefined {
  const list = findList(store, database, key);
  if (list === null) return undefined;
  const at = fromEnd(list, index);
  if (at < 0 || at >= countElements(list)) return undefined;
  const { start, end } = elementAt(store, list, at);
  return Buffer.from(store.bytes.subarray(start, end));
}

/** Replaces the element at an index; false if there is none. */
export function setAt(store: Store, database: number, key: Key, index: number, element: Element): boolean {
  const [bytes] = bytesOf(store, [element]);
  const list = findForWrite(store, database, key, bytes.length + ELEMENT_OVERHEAD_BYTES);
  const at = list === null ? -1 : fromEnd(list, index);
  if (list === null || at < 0 || at >= countElements(list)) return false;
  const found = foundAt;
  orUndo(store, () => {
    const changed = putElement(store, database, found, list, at, IN_PLACE, bytes, 0, bytes.length);
    endChange(store, database, found, changed);
  });
  return true;
}

/** Adds an element before or after the first one that equals `pivot`. Returns the new length, -1 without a pivot, 0 without a list. */
export function insertAt(
  store: Store,
  database: number,
  key: Key,
  isAfter: boolean,
  pivot: Element,
  element: Element,
): number {
  const [beside, bytes] = bytesOf(store, [pivot, element]);
  const list = findForWrite(store, database, key, bytes.length + ELEMENT_OVERHEAD_BYTES);
  if (list === null) return 0;
  const found = foundAt;
  const index = indexOfElement(store, list, beside, 0, beside.length);
  if (index < 0) return -1;
  return orUndo(store, () => {
    const where = isAfter ? AFTER : BEFORE;
    const changed = putElement(store, database, found, list, index, where, bytes, 0, bytes.length);
    endChange(store, database, found, changed);
    return countElements(changed);
  });
}

/** Removes elements that equal one: the first `count`, the last ones if it is negative, all if 0. Returns how many there were. */
export function removeEqual(store: Store, database: number, key: Key, count: number, element: Element): number {
  const [bytes] = bytesOf(store, [element]);
  const list = findForWrite(store, database, key, 0);
  if (list === null) return 0;
  const found = foundAt;
  return orUndo(store, () => {
    const removed = removeElements(store, list, count, bytes, 0, bytes.length);
    if (removed > 0) endChange(store, database, found, list);
    return removed;
  });
}

/** Keeps the elements from index `start` to `stop`. False if there is no such key. */
export function trimTo(store: Store, database: number, key: Key, start: number, stop: number): boolean {
  const list = findForWrite(store, database, key, 0);
  if (list === null) return false;
  const found = foundAt;
  orUndo(store, () => {
    const first = Math.max(0, fromEnd(list, start));
    trimList(store, list, first, Math.min(fromEnd(list, stop) + 1, countElements(list)));
    endChange(store, database, found, list);
  });
  return true;
}

/** Indexes of elements that equal one. */
export function positionsIn(
  store: Store,
  database: number,
  key: Key,
  element: Element,
  wanted: PositionsWanted,
): number[] {
  const list = findList(store, database, key);
  const bytes = typeof element === 'string' ? Buffer.from(element, 'utf8') : element;
  return list === null ? [] : positionsOf(store, list, bytes, 0, bytes.length, wanted);
}

/** Moves an element from an end of a list to an end of another one, or of the same; returns it, undefined if there is none. */
export function moveElement(
  store: Store,
  database: number,
  from: Key,
  to: Key,
  isFromHead: boolean,
  isToHead: boolean,
): Buffer | undefined {
  const source = findForWrite(store, database, from, 0);
  if (source === null) return undefined;
  const [element] = copiesOf(store, source, isFromHead ? 0 : countElements(source) - 1, 1, false);
  const target = findForWrite(store, database, to, element.length + ELEMENT_OVERHEAD_BYTES);
  const targetAt = foundAt;
  return orUndo(store, () => {
    const list = withKeysFor(store, database, targetAt, target ?? makeCollection(store, TYPE_LIST), 1);
    pushElement(store, list, isToHead, element, 0, element.length);
    endChange(store, database, targetAt, list);
    store.key.set(from);
    const found = find(store, database);
    const left = collectionOfFound(store, TYPE_LIST);
    cutElements(store, left, 1, isFromHead);
    endChange(store, database, found, left);
    return element;
  });
}
