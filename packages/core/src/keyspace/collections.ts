/**
 * What the operations on all types of collections share: which object a found key has, and how one is made, changed and
 * ended. Both doors use it.
 *
 * The key is in `store.key` all the time, members go through `store.member`. All reads of an operation come before its
 * first write: a command that meets a cold record is run anew (`ReadGate`).
 */
import { FerriteError } from '../base/errors.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { Prng } from '../base/prng.ts';
import {
  type LargeValue,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
  typeOfRoot,
} from '../engine/large-values.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { touchClock } from '../engine/lru-clock.ts';
import { memberExpiryOf } from '../engine/member-expiry.ts';
import { bringChunks, copyElements, countElements } from '../engine/elements.ts';
import {
  addressesOf,
  collectionAt,
  countMembers,
  drawMember,
  isWithoutMembers,
  locateMemberAt,
  locatePacked,
  makeCollection,
  memberEndOf,
  memberValueEndOf,
  membersOf,
  publishCollection,
  putMember,
  takeMember,
  typeOfPacked,
} from '../engine/members.ts';
import type { PackedMembers } from '../engine/packed-members.ts';
import { expiryOf, KIND_PACKED, KIND_ROOT, KIND_STRING, keyLengthOf, kindOf } from '../engine/record.ts';
import { remove } from '../engine/remove.ts';
import { addScored, scoreOf } from '../engine/sorted-members.ts';
import type { Store } from '../engine/store.ts';
import { scanOf } from './key-scan.ts';

/** Names of types, as TYPE says them, by the numbers that root records have. */
const TYPE_NAMES: Record<number, string> = {
  [TYPE_STRING]: 'string',
  [TYPE_HASH]: 'hash',
  [TYPE_SET]: 'set',
  [TYPE_LIST]: 'list',
  [TYPE_ZSET]: 'zset',
  [TYPE_STREAM]: 'stream',
};

/** The type of the found key's value; -1 for one that this version does not know. */
export function typeNumberOfFound(store: Store): number {
  const { words, word } = store;
  const kind = kindOf(words[word + 1]);
  if (kind === KIND_STRING) return TYPE_STRING;
  if (kind === KIND_PACKED) return typeOfPacked(store);
  return kind === KIND_ROOT ? typeOfRoot(words, word, keyLengthOf(words, word)) : -1;
}

/** The same by its name. */
export function typeNameOfFound(store: Store): string {
  return typeNameOf(typeNumberOfFound(store));
}

/** A type's name; `none` for one that this version does not know. */
export function typeNameOf(type: number): string {
  return TYPE_NAMES[type] ?? 'none';
}

/** Whether the found key has a collection. */
export function isCollection(store: Store): boolean {
  return typeNumberOfFound(store) > TYPE_STRING;
}

/** The found key's collection. Throws FERRITE_WRONG_TYPE unless it is of that type. */
export function collectionOfFound(store: Store, type: number): LargeValue {
  if (typeNumberOfFound(store) !== type) {
    throw wrongType(store, type);
  }
  return collectionAt(store);
}

/** The found key has a value that is not of this type. */
export function wrongType(store: Store, type: number): FerriteError {
  const [held, wanted] = [typeNameOfFound(store), typeNameOf(type)];
  return new FerriteError('FERRITE_WRONG_TYPE', `the key holds a value of type ${held}, not ${wanted}`);
}

/** The collection of a key, null if there is none. Throws FERRITE_WRONG_TYPE if the key has another value. */
export function findOfType(store: Store, database: number, key: Key, type: number): LargeValue | null {
  store.key.set(key);
  if (find(store, database) === 0) return null;
  if (store.pages !== null) touchClock(store, store.words, store.word);
  return collectionOfFound(store, type);
}

/** What `write` returns; what it had changed when it threw is undone. */
export function orUndo<T>(store: Store, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw store.failWrite(error);
  }
}

/** What is wrong with a member or its value that is longer than a record holds; empty if it fits. */
export function memberFault(store: Store, memberLength: number, valueLength: number): string {
  if (memberLength <= KEY_SIZE_MAX_BYTES && valueLength <= store.inlineMaxBytes) return '';
  return `a member has at most ${KEY_SIZE_MAX_BYTES} bytes, its value at most ${store.inlineMaxBytes}`;
}

/**
 * Members, or elements, of the collection of the scratch's key have changed: its key is told of, made or removed as need be. Returns
 * whether it was removed.
 */
export function endChange(store: Store, database: number, found: number, object: LargeValue): boolean {
  if (found === 0) publishCollection(store, database, 0, object, 0);
  else if (object.packed?.isPatched === true) store.changed(database, false);
  else if (isEmpty(object)) {
    store.relocate(database, found);
    remove(store, database, found);
    return true;
  } else if (object.rootAddress === 0) {
    store.relocate(database, found);
    publishCollection(store, database, found, object, expiryOf(store.words, store.word));
  } else store.changed(database, false);
  return false;
}

function isEmpty(object: LargeValue): boolean {
  return object.elements === null ? isWithoutMembers(object) : countElements(object) === 0;
}

/**
 * The collection becomes the value of the key in the scratch, whatever that was, without an expiry; null: the key goes.
 * `found`: what `find` just returned for it.
 */
export function storeCollection(store: Store, database: number, found: number, made: LargeValue | null): void {
  if (made !== null) publishCollection(store, database, found, made, 0);
  else if (found !== 0) remove(store, database, found);
}

/**
 * Takes on members from a position on (0: the first) until there are `countMin`; returns where to go on, 0 at the end.
 * Positions are of the order of hashes: who goes from the first to the end meets each member that stays, once. Of a small
 * collection all come at once.
 */
export function collectMembers(store: Store, object: LargeValue, position: number, countMin: number): number {
  collected.packed = object.packed;
  return object.packed === null ? scanOf(store).collectFrom(membersOf(object), position, countMin) : 0;
}

/** Calls `visit` with the record of each member located that was collected. */
export function forEachCollected(store: Store, visit: () => void): void {
  const { packed } = collected;
  if (packed === null) {
    scanOf(store).forEach(visit);
    return;
  }
  for (let place = 0; place < packed.count; place++) {
    locatePacked(store, packed, place);
    visit();
  }
}
const collected: { packed: PackedMembers | null } = { packed: null };

/** All members, in an order of the log's. */
export function forEachMember(store: Store, object: LargeValue, visit: () => void): void {
  collectMembers(store, object, 0, Number.POSITIVE_INFINITY);
  forEachCollected(store, visit);
}

/** Of the draw at hand. */
const prng = new Prng(0);

/** Locates `count` members, drawn one by one: any of them may come again. The same seed draws the same. */
export function drawMembers(store: Store, object: LargeValue, count: number, seed: number, visit: () => void): void {
  prng.reseed(seed);
  for (let i = 0; i < count; i++) {
    locateMemberAt(store, object, drawMember(store, object, prng));
    visit();
  }
}

/** Locates up to `count` different members, drawn at random; all of them if there are no more. The same seed draws the same. */
export function drawDifferentMembers(
  store: Store,
  object: LargeValue,
  count: number,
  seed: number,
  visit: () => void,
): void {
  prng.reseed(seed);
  for (const address of differentAddresses(store, object, count)) {
    locateMemberAt(store, object, address);
    visit();
  }
}

/** Few of many are drawn until they differ; else all are shuffled as far as needed. */
function differentAddresses(store: Store, object: LargeValue, count: number): number[] {
  const total = countMembers(object);
  if (count * 3 < total) {
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(drawMember(store, object, prng));
    return [...drawn];
  }
  const all = addressesOf(object);
  if (count >= total) return all;
  for (let i = 0; i < count; i++) {
    const at = i + prng.nextBelow(total - i);
    [all[i], all[at]] = [all[at], all[i]];
  }
  return all.slice(0, count);
}

/** A copy of the found key's collection, which no key has yet, and the expiry that the key has. */
export function copyCollection(store: Store): { object: LargeValue; expiresAtMs: number } {
  const expiresAtMs = expiryOf(store.words, store.word);
  const source = collectionAt(store);
  if (source.elements !== null) {
    // Before anything is made: all chunks are read first.
    bringChunks(store, source.elements, 0, source.elements.count);
    const copy = makeCollection(store, source.type);
    copyElements(store, source, copy);
    return { object: copy, expiresAtMs };
  }
  const object = makeCollection(store, source.type, countMembers(source));
  object.isGrown = source.isGrown;
  object.isMixed = source.isMixed;
  const addresses = addressesOf(source).sort((a, b) => a - b);
  for (const address of addresses) {
    locateMemberAt(store, source, address);
    copyLocatedMember(store, source, object);
  }
  return { object, expiresAtMs };
}

function copyLocatedMember(store: Store, source: LargeValue, object: LargeValue): void {
  const { valueScratch } = store;
  if (object.type === TYPE_ZSET) {
    const score = scoreOf(store);
    takeMember(store);
    addScored(store, object, score);
    return;
  }
  const start = memberEndOf(store);
  const end = memberValueEndOf(store);
  const expiresAtMs = memberExpiryOf(store, source);
  takeMember(store);
  store.bytes.copy(valueScratch, 0, start, end);
  putMember(store, object, 0, valueScratch, 0, end - start, expiresAtMs);
}
