/**
 * Whole operations on sets, by key: what an embedded method calls. They leave the acknowledgement to the caller
 * (`store.committer`), and throw before anything is changed or undo what they did.
 *
 * Members come as texts (UTF-8) or bytes, and go as bytes of their own.
 */
import { FerriteError } from '../base/errors.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type LargeValue, TYPE_SET } from '../engine/large-values.ts';
import { countMembers, findMember, makeCollection, copyOfMember } from '../engine/members.ts';
import { remove } from '../engine/remove.ts';
import type { Store } from '../engine/store.ts';
import {
  collectionOfFound,
  collectMembers,
  drawMembers,
  endChange,
  forEachCollected,
  forEachMember,
  memberFault,
  findOfType,
  orUndo,
} from './collections.ts';
import { MemberBag } from './member-bag.ts';
import {
  addToSet,
  differenceOf,
  drawnFrom,
  intersectionOf,
  removeAll,
  removeFromSet,
  storeSet,
  unionOf,
} from './sets.ts';

const RECORD_OVERHEAD_BYTES = 48;

/** What several sets come to. */
export type Combination = 'intersection' | 'union' | 'difference';

/** The set of a key, null if there is none. Throws FERRITE_WRONG_TYPE if the key has another value. */
function findSet(store: Store, database: number, key: Key): LargeValue | null {
  return findOfType(store, database, key, TYPE_SET);
}

/** Throws FERRITE_INVALID_ARGUMENT if a member is longer than a record holds; returns the bytes that all of them have. */
function checkMembers(store: Store, members: readonly Key[]): number {
  let bytes = 0;
  for (const member of members) {
    const length = typeof member === 'string' ? Buffer.byteLength(member) : member.length;
    const fault = memberFault(store, length, 0);
    if (fault !== '') throw new FerriteError('FERRITE_INVALID_ARGUMENT', fault);
    bytes += length;
  }
  return bytes;
}

/** Adds members; returns how many are new. */
export function addMembers(store: Store, database: number, key: Key, members: readonly Key[]): number {
  const bytes = checkMembers(store, members);
  store.checkWritable(bytes + members.length * RECORD_OVERHEAD_BYTES);
  store.key.set(key);
  const found = find(store, database);
  const old = found === 0 ? null : collectionOfFound(store, TYPE_SET);
  if (members.length === 0) return 0;
  return orUndo(store, () => {
    const set = old ?? makeCollection(store, TYPE_SET);
    let added = 0;
    for (const member of members) {
      store.member.set(member);
      if (addToSet(store, set)) added++;
    }
    if (added > 0) endChange(store, database, found, set);
    return added;
  });
}

/** Removes members; returns how many there were. */
export function removeMembers(store: Store, database: number, key: Key, members: readonly Key[]): number {
  checkMembers(store, members);
  store.checkWritable(0);
  store.key.set(key);
  const found = find(store, database);
  if (found === 0) return 0;
  const set = collectionOfFound(store, TYPE_SET);
  return orUndo(store, () => {
    let removed = 0;
    for (const member of members) {
      store.member.set(member);
      if (removeFromSet(store, set)) removed++;
    }
    if (removed > 0) endChange(store, database, found, set);
    return removed;
  });
}

/** Whether the set of a key has these members, one by one. */
export function hasMembers(store: Store, database: number, key: Key, members: readonly Key[]): boolean[] {
  checkMembers(store, members);
  const set = findSet(store, database, key);
  return members.map((member) => {
    if (set === null) return false;
    store.member.set(member);
    return findMember(store, set) !== 0;
  });
}

/** The number of members, 0 if there is no such key. */
export function sizeOfSet(store: Store, database: number, key: Key): number {
  const set = findSet(store, database, key);
  return set === null ? 0 : countMembers(set);
}

/** All members. */
export function membersOfSet(store: Store, database: number, key: Key): Buffer[] {
  const set = findSet(store, database, key);
  const members: Buffer[] = [];
  if (set !== null) forEachMember(store, set, () => members.push(copyOfMember(store)));
  return members;
}

/** Some members from a position on, 0 for the first, and where to go on, 0 at the end; see `collectMembers`. */
export function membersFrom(
  store: Store,
  database: number,
  key: Key,
  position: number,
  countMin: number,
): { members: Buffer[]; next: number } {
  const set = findSet(store, database, key);
  const members: Buffer[] = [];
  if (set === null) return { members, next: 0 };
  const next = collectMembers(store, set, position, countMin);
  forEachCollected(store, () => members.push(copyOfMember(store)));
  return { members, next };
}

/** `count` members drawn at random, each anew; or, with `areDifferent`, up to `count` different ones. */
export function drawFromSet(store: Store, database: number, key: Key, count: number, areDifferent: boolean): Buffer[] {
  const set = findSet(store, database, key);
  if (set === null || count === 0) return [];
  const seed = store.prng.nextUint32();
  if (areDifferent) return buffersOf(drawnFrom(store, set, count, seed));
  const members: Buffer[] = [];
  drawMembers(store, set, count, seed, () => members.push(copyOfMember(store)));
  return members;
}

/** Removes up to `count` members, drawn at random, and returns them. */
export function popFromSet(store: Store, database: number, key: Key, count: number): Buffer[] {
  store.checkWritable(0);
  store.key.set(key);
  const found = find(store, database);
  if (found === 0) return [];
  const set = collectionOfFound(store, TYPE_SET);
  if (count === 0) return [];
  return orUndo(store, () => {
    if (count >= countMembers(set)) {
      const members = buffersOf(unionOf(store, [set]));
      store.relocate(database, found);
      remove(store, database, found);
      return members;
    }
    const bag = drawnFrom(store, set, count, store.prng.nextUint32());
    removeAll(store, set, bag);
    endChange(store, database, found, set);
    return buffersOf(bag);
  });
}

/** Moves a member from one set to another; false if the first does not have it. */
export function moveMember(store: Store, database: number, from: Key, to: Key, member: Key): boolean {
  const bytes = checkMembers(store, [member]);
  store.checkWritable(bytes + RECORD_OVERHEAD_BYTES);
  const target = findSet(store, database, to);
  const source = findSet(store, database, from);
  store.member.set(member);
  const isThere = source !== null && findMember(store, source) !== 0;
  if (!isThere) return false;
  const foundTarget = addressOf(store, database, to);
  const foundSource = addressOf(store, database, from);
  if (foundTarget === foundSource) return true;
  return orUndo(store, () => {
    removeFromSet(store, source);
    endChange(store, database, foundSource, source);
    const found = addressOf(store, database, to);
    const set = target ?? makeCollection(store, TYPE_SET);
    if (addToSet(store, set)) endChange(store, database, found, set);
    return true;
  });
}

/** The key becomes the one at hand. Address of its record, 0 for none. */
function addressOf(store: Store, database: number, key: Key): number {
  store.key.set(key);
  return find(store, database);
}

/** What the sets of several keys come to; a key that is not there is an empty set. At most `countMax` of an intersection. */
export function combineSets(
  store: Store,
  database: number,
  keys: readonly Key[],
  how: Combination,
  countMax = Number.POSITIVE_INFINITY,
): MemberBag {
  const sets = keys.map((key) => findSet(store, database, key));
  const found = sets.filter((set) => set !== null);
  if (how === 'union') return unionOf(store, found);
  const isEmpty = how === 'intersection' ? found.length < sets.length : sets[0] === null;
  if (isEmpty || found.length === 0) return new MemberBag();
  return how === 'intersection'
    ? intersectionOf(store, found, countMax)
    : differenceOf(store, found[0], found.slice(1));
}

/** The same, stored as the value of a key, whatever that was; returns how many members there are. */
export function storeCombination(
  store: Store,
  database: number,
  target: Key,
  keys: readonly Key[],
  how: Combination,
): number {
  const bag = combineSets(store, database, keys, how);
  const growthBytes = bag.count === 0 ? 0 : bag.sizeBytes + bag.count * RECORD_OVERHEAD_BYTES;
  store.checkWritable(growthBytes);
  store.key.set(target);
  const found = find(store, database);
  return orUndo(store, () => {
    storeSet(store, database, found, bag);
    return bag.count;
  });
}

/** The members of a bag, as bytes of their own. */
export function buffersOf(bag: MemberBag): Buffer[] {
  const members: Buffer[] = [];
  for (let place = 0; place < bag.size; place++) {
    if (bag.has(place)) members.push(Buffer.from(bag.bytes.subarray(bag.startOf(place), bag.endOf(place))));
  }
  return members;
}
