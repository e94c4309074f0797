/**
 * The elements of a list, set or sorted set in the order of themselves or of other keys' values: SORT. Both doors use it.
 *
 * All is read before anything is stored: elements, what they are sorted by, and what is asked for in their place.
 */
import { compareBytes } from '../base/bytes.ts';
import { parseDouble } from '../base/double.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { countElements, pushElement } from '../engine/elements.ts';
import { find } from '../engine/find.ts';
import { type LargeValue, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET } from '../engine/large-values.ts';
import { findLiveMember } from '../engine/member-expiry.ts';
import {
  collectionAt,
  copyOfMember,
  countMembers,
  makeCollection,
  memberEndOf,
  memberValueEndOf,
} from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import { forEachMember, typeNumberOfFound } from './collections.ts';
import { forEachElement } from './lists.ts';
import { membersInOrder } from './sorted-sets.ts';

const STAR = 0x2a;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const HASH_SIGN = 0x23;
const NOTHING = Buffer.alloc(0);

/** A name with a star in it: each element in its place names a key, or a field of a hash. */
export interface SortPattern {
  /** `#`: the element itself. */
  readonly isElement: boolean;
  readonly hasStar: boolean;
  readonly before: Buffer;
  readonly after: Buffer;
  /** null: the key's value. */
  readonly field: Buffer | null;
}

export interface Sorting {
  isDescending: boolean;
  isAlpha: boolean;
  /** null: by the elements themselves. */
  by: SortPattern | null;
  gets: SortPattern[];
  limitStart: number;
  /** Negative: all of them. */
  limitCount: number;
  /** What comes out is stored, and should not depend on the order in which a set happens to be. */
  isStored: boolean;
}

interface Item {
  element: Buffer;
  score: number;
  /** null: there is no such key. */
  text: Buffer | null;
}

/**
 * What comes out for the found key, `found` being 0 for none, or null where a value that is to be compared as a number is
 * none. The key has a value that `isSortable`.
 */
export function sortFound(store: Store, database: number, found: number, sorting: Sorting): (Buffer | null)[] | null {
  const type = found === 0 ? TYPE_LIST : typeNumberOfFound(store);
  const elements = found === 0 ? [] : elementsOf(store, collectionAt(store), type);
  let { by, isAlpha } = sorting;
  let isSorted = by === null || by.hasStar;
  if (!isSorted && type === TYPE_SET && sorting.isStored) {
    isSorted = true;
    isAlpha = true;
    by = null;
  }
  const items: Item[] = elements.map((element) => ({ element, score: 0, text: element }));
  if (isSorted) {
    if (!weigh(store, database, items, by, isAlpha)) return null;
    items.sort(isAlpha ? byText : byScore);
  }
  if (sorting.isDescending && (isSorted || type !== TYPE_SET)) items.reverse();
  const { gets } = sorting;
  const chosen = limited(items, sorting);
  if (gets.length === 0) return chosen.map(({ element }) => element);
  return chosen.flatMap(({ element }) => gets.map((pattern) => lookUp(store, database, pattern, element)));
}

/** Whether the found key has a value whose elements can be sorted. */
export function isSortable(store: Store): boolean {
  const type = typeNumberOfFound(store);
  return type === TYPE_LIST || type === TYPE_SET || type === TYPE_ZSET;
}

/** A list of what came out, which no key has yet; null for none. */
export function listOfSorted(store: Store, values: readonly (Buffer | null)[]): LargeValue | null {
  if (values.length === 0) return null;
  const list = makeCollection(store, TYPE_LIST);
  for (const value of values) {
    const bytes = value ?? NOTHING;
    pushElement(store, list, false, bytes, 0, bytes.length);
  }
  return list;
}

/** In the order that they have there; of a sorted set in that of scores. */
function elementsOf(store: Store, object: LargeValue, type: number): Buffer[] {
  const elements: Buffer[] = [];
  if (type === TYPE_LIST) {
    forEachElement(store, object, 0, countElements(object), false, (start, end) => {
      elements.push(Buffer.from(store.bytes.subarray(start, end)));
    });
    return elements;
  }
  if (type === TYPE_ZSET) return membersInOrder(store, object).map(({ member }) => member);
  forEachMember(store, object, () => elements.push(copyOfMember(store)));
  return elements;
}

/** Finds what each item is sorted by; false if that is to be a number and is none. */
function weigh(store: Store, database: number, items: Item[], by: SortPattern | null, isAlpha: boolean): boolean {
  for (const item of items) {
    if (by !== null) item.text = lookUp(store, database, by, item.element);
    if (isAlpha || item.text === null) continue;
    const score = scoreOfText(item.text);
    if (score === undefined || Number.isNaN(score)) return false;
    item.score = score;
  }
  return true;
}

/** As C's `strtod` reads it: after spaces, up to a zero byte, and nothing is 0. */
function scoreOfText(text: Uint8Array): number | undefined {
  const zeroAt = text.indexOf(0);
  const end = zeroAt < 0 ? text.length : zeroAt;
  let start = 0;
  while (text[start] === SPACE || (text[start] >= TAB && text[start] <= CARRIAGE_RETURN)) start++;
  return end === 0 ? 0 : parseDouble(text, start, end);
}

function byScore(one: Item, other: Item): number {
  if (one.score === other.score) return Buffer.compare(one.element, other.element);
  return one.score < other.score ? -1 : 1;
}

function byText(one: Item, other: Item): number {
  if (one.text === null || other.text === null) return Number(one.text !== null) - Number(other.text !== null);
  return compareBytes(one.text, 0, one.text.length, other.text, 0, other.text.length);
}

function limited(items: Item[], { limitStart, limitCount }: Sorting): Item[] {
  const start = Math.max(0, limitStart);
  return limitCount < 0 ? items.slice(start) : items.slice(start, start + limitCount);
}

/** What a pattern leads to from an element; null for nothing. */
function lookUp(store: Store, database: number, pattern: SortPattern, element: Buffer): Buffer | null {
  if (pattern.isElement) return element;
  if (!pattern.hasStar) return null;
  const key = Buffer.concat([pattern.before, element, pattern.after]);
  if (key.length > KEY_SIZE_MAX_BYTES) return null;
  store.key.setFrom(key, 0, key.length);
  if (find(store, database) === 0) return null;
  const type = typeNumberOfFound(store);
  if (pattern.field === null) {
    return type === TYPE_STRING ? Buffer.from(viewOfString(store, 0, lengthOfString(store))) : null;
  }
  if (type !== TYPE_HASH || pattern.field.length > KEY_SIZE_MAX_BYTES) return null;
  const hash = collectionAt(store);
  store.member.setFrom(pattern.field, 0, pattern.field.length);
  if (countMembers(hash) === 0 || findLiveMember(store, hash) === 0) return null;
  return Buffer.from(store.bytes.subarray(memberEndOf(store), memberValueEndOf(store)));
}

export function sortPatternOf(bytes: Buffer): SortPattern {
  const star = bytes.indexOf(STAR);
  const isElement = bytes.length === 1 && bytes[0] === HASH_SIGN;
  if (star < 0) return { isElement, hasStar: false, before: bytes, after: NOTHING, field: null };
  const arrow = bytes.indexOf('->', star + 1);
  const hasField = arrow >= 0 && arrow + 2 < bytes.length;
  return {
    isElement,
    hasStar: true,
    before: bytes.subarray(0, star),
    after: bytes.subarray(star + 1, hasField ? arrow : bytes.length),
    field: hasField ? bytes.subarray(arrow + 2) : null,
  };
}
