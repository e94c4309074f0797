/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in the order of themselves or of other keys' values.
 *
 * All is read before anything is replied or stored: elements, what they are sorted by, and what GET asks for.
 */
import { compareBytes } from '../base/bytes.ts';
import { parseDouble } from '../base/double.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { countElements, pushElement } from '../engine/elements.ts';
import { find } from '../engine/find.ts';
import { type LargeValue, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET } from '../engine/large-values.ts';
import {
  collectionAt,
  countMembers,
  findMember,
  makeCollection,
  memberEndOf,
  memberValueEndOf,
  copyOfMember,
} from '../engine/members.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import { forEachMember, typeNumberOfFound } from '../keyspace/collections.ts';
import { elementFault, forEachElement } from '../keyspace/lists.ts';
import { membersInOrder } from '../keyspace/sorted-sets.ts';
import { type Call, SYNTAX_ERROR, WRONG_TYPE } from './call.ts';
import { finishStore } from './collection-store.ts';
import { type CommandRow, DENYOOM, firstKey, MOVABLE_KEYS, READONLY, WRITE } from './command.ts';

const NOT_A_NUMBER = "One or more scores can't be converted into double";
/** Keys that BY and GET name, and the one to store under. */
const LOOKED_UP = 'RO access';
const STORED = 'OW update';
const STAR = 0x2a;
const NOTHING = Buffer.alloc(0);

const categories = ['set', 'sortedset', 'list', 'dangerous'];

export const sortCommands: readonly CommandRow[] = [
  {
    name: 'sort',
    arity: -2,
    flags: WRITE | DENYOOM | MOVABLE_KEYS,
    group: 'generic',
    categories,
    keys: firstKey('RO access'),
    unknownKeys: [LOOKED_UP, STORED],
    findKeys: findSortKeys,
    run: (call) => sort(call, true),
  },
  {
    name: 'sort_ro',
    arity: -2,
    flags: READONLY | MOVABLE_KEYS,
    group: 'generic',
    categories,
    keys: firstKey('RO access'),
    unknownKeys: [LOOKED_UP],
    run: (call) => sort(call, false),
  },
];

/** As redis finds them: options that take arguments are passed over, and of STORE the last one counts. */
function findSortKeys(call: Call, push: (index: number, flags?: string) => void): void {
  push(1);
  let target = 0;
  for (let i = 2; i < call.argc; i++) {
    if (call.is(i, 'limit')) i += 2;
    else if (call.is(i, 'get') || call.is(i, 'by')) i++;
    else if (call.is(i, 'store') && i + 1 < call.argc) target = ++i;
  }
  if (target !== 0) push(target, STORED);
}

/** A name with a star in it: each element in its place names a key, or a field of a hash. */
interface Pattern {
  /** `#`: the element itself. */
  isElement: boolean;
  hasStar: boolean;
  before: Buffer;
  after: Buffer;
  /** null: the key's value. */
  field: Buffer | null;
}

interface Options {
  isDescending: boolean;
  isAlpha: boolean;
  /** null: by the elements themselves. */
  by: Pattern | null;
  gets: Pattern[];
  /** -1 for its end: no limit. */
  limitStart: number;
  limitCount: number;
  /** The argument with the key to store under, 0 for none. */
  storeAt: number;
}

interface Item {
  element: Buffer;
  score: number;
  /** null: there is no such key. */
  text: Buffer | null;
}

function sort(call: Call, mayStore: boolean): void {
  const options = parseOptions(call, mayStore);
  if (options === undefined) return;
  const { store } = call;
  const type = call.findKey(1) === 0 ? TYPE_LIST : typeNumberOfFound(store);
  if (type !== TYPE_LIST && type !== TYPE_SET && type !== TYPE_ZSET) {
    call.reply.error(WRONG_TYPE);
    return;
  }
  const elements = call.found === 0 ? [] : elementsOf(call, collectionAt(store), type);
  let { by } = options;
  let isSorted = by === null || by.hasStar;
  if (!isSorted && type === TYPE_SET && options.storeAt !== 0) {
    // What is stored should not depend on the order in which a set happens to be.
    isSorted = true;
    options.isAlpha = true;
    by = null;
  }
  let items: Item[] = elements.map((element) => ({ element, score: 0, text: element }));
  if (isSorted) {
    if (!weigh(call, items, by, options.isAlpha)) {
      call.reply.error(NOT_A_NUMBER);
      return;
    }
    items.sort(options.isAlpha ? byText : byScore);
  }
  if (options.isDescending && (isSorted || type !== TYPE_SET)) items.reverse();
  items = limited(items, options);
  finish(call, items, options);
}

/** In the order that they have there; of a sorted set in that of scores. */
function elementsOf(call: Call, object: LargeValue, type: number): Buffer[] {
  const { store } = call;
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
function weigh(call: Call, items: Item[], by: Pattern | null, isAlpha: boolean): boolean {
  for (const item of items) {
    if (by !== null) item.text = lookUp(call, by, item.element);
    if (isAlpha || item.text === null) continue;
    const score = item.text.length === 0 ? 0 : parseDouble(item.text, 0, item.text.length);
    if (score === undefined || Number.isNaN(score)) return false;
    item.score = score;
  }
  return true;
}

function byScore(one: Item, other: Item): number {
  if (one.score === other.score) return Buffer.compare(one.element, other.element);
  return one.score < other.score ? -1 : 1;
}

function byText(one: Item, other: Item): number {
  if (one.text === null || other.text === null) return Number(one.text !== null) - Number(other.text !== null);
  return compareBytes(one.text, 0, one.text.length, other.text, 0, other.text.length);
}

function limited(items: Item[], { limitStart, limitCount }: Options): Item[] {
  const start = Math.max(0, limitStart);
  return limitCount < 0 ? items.slice(start) : items.slice(start, start + limitCount);
}

function finish(call: Call, items: readonly Item[], { gets, storeAt }: Options): void {
  const { reply, store } = call;
  const values =
    gets.length === 0
      ? items.map(({ element }) => element)
      : items.flatMap(({ element }) => gets.map((pattern) => lookUp(call, pattern, element)));
  if (storeAt === 0) {
    reply.array(values.length);
    for (const value of values) {
      if (value === null) reply.null();
      else reply.bulk(value, 0, value.length);
    }
    return;
  }
  for (const value of values) {
    const fault = elementFault(store, value?.length ?? 0);
    if (fault === '') continue;
    reply.error(fault);
    return;
  }
  // The last read before the first write.
  call.peekKey(storeAt);
  const list = values.length === 0 ? null : makeCollection(store, TYPE_LIST);
  for (const value of values) {
    const bytes = value ?? NOTHING;
    if (list !== null) pushElement(store, list, false, bytes, 0, bytes.length);
  }
  finishStore(call, storeAt, list, 'l', 'sortstore');
  reply.integer(values.length);
}

/** What a pattern leads to from an element; null for nothing. */
function lookUp(call: Call, pattern: Pattern, element: Buffer): Buffer | null {
  const { store, database } = call;
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
  if (countMembers(hash) === 0 || findMember(store, hash) === 0) return null;
  return Buffer.from(store.bytes.subarray(memberEndOf(store), memberValueEndOf(store)));
}

function parseOptions(call: Call, mayStore: boolean): Options | undefined {
  const options: Options = {
    isDescending: false,
    isAlpha: false,
    by: null,
    gets: [],
    limitStart: 0,
    limitCount: -1,
    storeAt: 0,
  };
  for (let i = 2; i < call.argc; i++) {
    const left = call.argc - i - 1;
    if (call.is(i, 'asc')) options.isDescending = false;
    else if (call.is(i, 'desc')) options.isDescending = true;
    else if (call.is(i, 'alpha')) options.isAlpha = true;
    else if (call.is(i, 'limit') && left >= 2) {
      const start = call.integer(++i);
      const count = start === undefined ? undefined : call.integer(++i);
      if (start === undefined || count === undefined) return undefined;
      options.limitStart = Number(start);
      options.limitCount = Number(count);
    } else if (mayStore && call.is(i, 'store') && left >= 1) options.storeAt = ++i;
    else if (call.is(i, 'by') && left >= 1) options.by = patternOf(call, ++i);
    else if (call.is(i, 'get') && left >= 1) options.gets.push(patternOf(call, ++i));
    else {
      call.reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return options;
}

function patternOf(call: Call, i: number): Pattern {
  const bytes = Buffer.from(call.bytes.subarray(call.starts[i], call.ends[i]));
  const star = bytes.indexOf(STAR);
  const isElement = bytes.length === 1 && bytes[0] === 0x23;
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
