/**
 * Operations on sets: what an embedded method and a command both call. A set's members are records without a value.
 *
 * What several sets come to is gathered in a `MemberBag` before anything is replied or written: so all reads come before
 * the first write, and a set may be stored over one that it was made of. The bag that an operation returns is empty again
 * with the next operation.
 */
import { parseInteger } from '../base/decimal.ts';
import { type LargeValue, TYPE_SET } from '../engine/large-values.ts';
import {
  bringMembersByHash,
  countLoadedMembers,
  countMembers,
  findMember,
  makeCollection,
  memberEndOf,
  memberStartOf,
  publishCollection,
  putMember,
  removeMember,
  takeMember,
} from '../engine/members.ts';
import { remove } from '../engine/remove.ts';
import type { Store } from '../engine/store.ts';
import { collectMembers, drawDifferentMembers, forEachCollected, forEachMember } from './collections.ts';
import { MemberBag } from './member-bag.ts';

const nothing = new Uint8Array(0);
const result = new MemberBag();
const pieceOfResult = new MemberBag();
/** Members that an intersection with a limit looks at in one go, at least. */
const PIECE_MIN = 256;

/** Up to which size redis keeps a set as an intset, and as a listpack. */
export interface SetLimits {
  intsetEntriesMax: number;
  listpackEntriesMax: number;
  listpackLengthMax: number;
}

/** Adds the member in the scratch; false if it is there. */
export function addToSet(store: Store, set: LargeValue): boolean {
  if (findMember(store, set) !== 0) return false;
  putMember(store, set, 0, nothing, 0, 0);
  return true;
}

/** Removes the member in the scratch; false if there is none. */
export function removeFromSet(store: Store, set: LargeValue): boolean {
  const found = findMember(store, set);
  if (found !== 0) removeMember(store, set, found);
  return found !== 0;
}

/** The member in the scratch was added: redis may have given the set another form, in which it stays. */
export function noteAdded(store: Store, set: LargeValue, limits: SetLimits): void {
  if (set.isGrown) return;
  const { member } = store;
  const count = countLoadedMembers(set);
  if (!set.isMixed) {
    const isInteger = parseInteger(member.bytes, 0, member.length) !== undefined;
    if (isInteger && count <= limits.intsetEntriesMax) return;
    set.isMixed = true;
  }
  if (count > limits.listpackEntriesMax || member.length > limits.listpackLengthMax) set.isGrown = true;
}

/** The name of the form in which redis would keep the set. */
export function encodingOfSet(store: Store, set: LargeValue, limits: SetLimits): 'intset' | 'listpack' | 'hashtable' {
  if (set.isGrown) return 'hashtable';
  const count = countMembers(set);
  const mayBeIntset = !set.isMixed && count <= limits.intsetEntriesMax;
  const mayBeListpack = count <= limits.listpackEntriesMax;
  if (!mayBeIntset && !mayBeListpack) return 'hashtable';
  let areIntegers = mayBeIntset;
  let longest = 0;
  forEachMember(store, set, () => {
    const start = memberStartOf(store);
    const end = memberEndOf(store);
    longest = Math.max(longest, end - start);
    areIntegers &&= parseInteger(store.bytes, start, end) !== undefined;
  });
  if (areIntegers) return 'intset';
  return mayBeListpack && longest <= limits.listpackLengthMax ? 'listpack' : 'hashtable';
}

/** Up to `count` different members, drawn at random. The same seed draws the same. */
export function drawnFrom(store: Store, set: LargeValue, count: number, seed: number): MemberBag {
  const bag = result.clear();
  drawDifferentMembers(store, set, count, seed, () => {
    takeMember(store);
    bag.push(store.member);
  });
  return bag;
}

/** Removes the members of a bag, which the set has. */
export function removeAll(store: Store, set: LargeValue, bag: MemberBag): void {
  for (let place = 0; place < bag.size; place++) {
    bag.load(place, store.member);
    removeFromSet(store, set);
  }
}

/** The members that all sets have, `countMax` of them if there are more. There is a set. */
export function intersectionOf(store: Store, sets: readonly LargeValue[], countMax: number): MemberBag {
  const [smallest, ...others] = [...new Set(sets)].sort((one, other) => countMembers(one) - countMembers(other));
  const whole = result.clear();
  // Without a limit all at once: so the records on disk are read in their order.
  const pieceCount = countMax === Number.POSITIVE_INFINITY ? countMax : Math.max(countMax, PIECE_MIN);
  let position = 0;
  do {
    const piece = pieceCount === Number.POSITIVE_INFINITY ? whole : pieceOfResult.clear();
    position = collectMembers(store, smallest, position, pieceCount);
    forEachCollected(store, () => {
      takeMember(store);
      piece.push(store.member);
    });
    for (const other of others) dropUnless(store, piece, other, true);
    if (piece !== whole) moveUpTo(store, piece, whole, countMax);
  } while (position !== 0 && whole.count < countMax);
  return whole;
}

/** Drops from the bag whatever the set does not have, or, unless `isToHave`, what it has. */
function dropUnless(store: Store, bag: MemberBag, set: LargeValue, isToHave: boolean): void {
  bringMembersByHash(store, set, bag.hashes, bag.size);
  for (let place = 0; place < bag.size && bag.count > 0; place++) {
    if (!bag.has(place)) continue;
    bag.load(place, store.member);
    if ((findMember(store, set) !== 0) !== isToHave) bag.drop(place);
  }
}

function moveUpTo(store: Store, from: MemberBag, to: MemberBag, countMax: number): void {
  for (let place = 0; place < from.size && to.count < countMax; place++) {
    if (!from.has(place)) continue;
    from.load(place, store.member);
    to.push(store.member);
  }
}

/** The members that any of the sets has. */
export function unionOf(store: Store, sets: readonly LargeValue[]): MemberBag {
  const bag = result.clear();
  const different = new Set(sets);
  for (const set of different) {
    forEachMember(store, set, () => {
      takeMember(store);
      if (different.size === 1) bag.push(store.member);
      else bag.add(store.member);
    });
  }
  return bag;
}

/**
 * The members of the first set that no other has. As redis does it: either each member is looked for in the other sets, or,
 * where that is more work, each member of the others in what is left of the first.
 */
export function differenceOf(store: Store, first: LargeValue, others: readonly LargeValue[]): MemberBag {
  const bag = result.clear();
  if (others.includes(first)) return bag;
  const total = others.reduce((sum, set) => sum + countMembers(set), countMembers(first));
  const isLookedFor = (countMembers(first) * (others.length + 1)) / 2 <= total;
  forEachMember(store, first, () => {
    takeMember(store);
    if (isLookedFor) bag.push(store.member);
    else bag.add(store.member);
  });
  for (const set of others) {
    if (bag.count === 0) break;
    if (isLookedFor) dropUnless(store, bag, set, false);
    else {
      forEachMember(store, set, () => {
        takeMember(store);
        bag.dropMember(store.member);
      });
    }
  }
  return bag;
}

/**
 * The members of a bag become the value of the key in the scratch, whatever it was; without any the key goes. `found`: what
 * `find` returned for it; other records may have been located since. `limits`: for who asks for the form that redis has.
 */
export function storeSet(store: Store, database: number, found: number, bag: MemberBag, limits?: SetLimits): void {
  if (bag.count === 0) {
    if (found === 0) return;
    store.relocate(database, found);
    remove(store, database, found);
    return;
  }
  const set = makeCollection(store, TYPE_SET, bag.count);
  for (let place = 0; place < bag.size; place++) {
    if (!bag.has(place)) continue;
    bag.load(place, store.member);
    putMember(store, set, 0, nothing, 0, 0);
    if (limits !== undefined) noteAdded(store, set, limits);
  }
  publishCollection(store, database, found, set, 0);
}
