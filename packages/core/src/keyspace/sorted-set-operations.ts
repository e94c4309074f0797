/**
 * Whole operations on sorted sets, by key: what an embedded method calls. They leave the acknowledgement to the caller
 * (`store.committer`), and throw before anything is changed or undo what they did.
 *
 * Members come as texts (UTF-8) or bytes, and go as bytes of their own.
 */
import { FerriteError } from '../base/errors.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type LargeValue, TYPE_SET, TYPE_ZSET } from '../engine/large-values.ts';
import { countMembers, findMember, makeCollection, copyOfMember } from '../engine/members.ts';
import type { RankRange } from '../engine/score-range.ts';
import { addScored, expectMembers, orderOf, scoreOf } from '../engine/sorted-members.ts';
import type { Store } from '../engine/store.ts';
import {
  collectionOfFound,
  collectMembers,
  drawDifferentMembers,
  drawMembers,
  endChange,
  forEachCollected,
  memberFault,
  storeCollection,
  typeNumberOfFound,
  findOfType,
  orUndo,
} from './collections.ts';
import {
  type Aggregate,
  type AlgebraInput,
  countIntersection,
  differenceOf,
  intersectionOf,
  type ScoreMap,
  sortedMembers,
  sortedSetOf,
  unionOf,
} from './sorted-set-algebra.ts';
import {
  ADD_INCR,
  cutRanks,
  forEachRanked,
  MEMBER_ADDED,
  MEMBER_MOVED,
  MEMBER_NOT_A_NUMBER,
  makeSortedSet,
  type MemberInterval,
  rankOfMember,
  ranksOfIndexes,
  ranksOfMembers,
  ranksOfScores,
  removeRanked,
  removeScore,
  type ScoredMember,
  type ScoreInterval,
  scoreAfter,
  setScore,
} from './sorted-sets.ts';

const RECORD_OVERHEAD_BYTES = 56;
const SCORE_BYTES = 8;

/** Which members of a sorted set: by ranks from `start` to `stop`, by scores or by members; then a part of them. */
export interface MemberRange {
  readonly by:
    | { readonly start: number; readonly stop: number }
    | { readonly scores: ScoreInterval }
    | { readonly members: MemberInterval };
  readonly isDownward: boolean;
  readonly offset: number;
  /** Negative: all of them. */
  readonly limit: number;
}

/** What several sorted sets are made into one by. */
export interface Combining {
  readonly how: 'union' | 'intersection' | 'difference';
  readonly keys: readonly Key[];
  readonly weights: readonly number[];
  readonly aggregate: Aggregate;
}

/** The sorted set of a key, null if there is none. Throws FERRITE_WRONG_TYPE if the key has another value. */
function findSorted(store: Store, database: number, key: Key): LargeValue | null {
  return findOfType(store, database, key, TYPE_ZSET);
}

/** Throws FERRITE_INVALID_ARGUMENT if the member is longer than a record holds; returns its bytes. */
function checkMember(store: Store, member: Key): number {
  const length = typeof member === 'string' ? Buffer.byteLength(member) : member.length;
  const fault = memberFault(store, length, SCORE_BYTES);
  if (fault !== '') throw new FerriteError('FERRITE_INVALID_ARGUMENT', fault);
  return length;
}

/** Gives members scores, under conditions (`ADD_...`); returns how many are new, and how many got another score. */
export function addMembers(
  store: Store,
  database: number,
  key: Key,
  pairs: readonly (readonly [member: Key, score: number])[],
  conditions: number,
): { added: number; moved: number } {
  let growthBytes = 0;
  for (const [member] of pairs) growthBytes += checkMember(store, member) + RECORD_OVERHEAD_BYTES;
  store.checkWritable(growthBytes);
  store.key.set(key);
  const found = find(store, database);
  const old = found === 0 ? null : collectionOfFound(store, TYPE_ZSET);
  const counts = { added: 0, moved: 0 };
  if (pairs.length === 0) return counts;
  return orUndo(store, () => {
    const set = old ?? makeCollection(store, TYPE_ZSET);
    expectMembers(store, set, pairs.length);
    for (const [member, score] of pairs) {
      store.member.set(member);
      const outcome = setScore(store, set, score, conditions);
      if (outcome === MEMBER_ADDED) counts.added++;
      else if (outcome === MEMBER_MOVED) counts.moved++;
    }
    if (counts.added + counts.moved > 0) endChange(store, database, found, set);
    return counts;
  });
}

/** Adds to the score of a member, 0 if it is not there; returns the sum. Throws if that is not a number. */
export function addToScore(store: Store, database: number, key: Key, member: Key, by: number): number {
  store.checkWritable(checkMember(store, member) + RECORD_OVERHEAD_BYTES);
  store.key.set(key);
  const found = find(store, database);
  const old = found === 0 ? null : collectionOfFound(store, TYPE_ZSET);
  return orUndo(store, () => {
    const set = old ?? makeCollection(store, TYPE_ZSET);
    expectMembers(store, set, 1);
    store.member.set(member);
    const outcome = setScore(store, set, by, ADD_INCR);
    if (outcome === MEMBER_NOT_A_NUMBER) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'the sum of infinite scores is not a number');
    }
    const sum = scoreAfter;
    if (outcome === MEMBER_ADDED || outcome === MEMBER_MOVED) endChange(store, database, found, set);
    return sum;
  });
}

/** Removes members; returns how many there were. */
export function removeMembers(store: Store, database: number, key: Key, members: readonly Key[]): number {
  for (const member of members) checkMember(store, member);
  return change(store, database, key, (set) => {
    let removed = 0;
    for (const member of members) {
      store.member.set(member);
      if (removeScore(store, set)) removed++;
    }
    return removed;
  });
}

/** Changes the sorted set of a key, if there is one; `make` returns how many members it has removed. */
function change(store: Store, database: number, key: Key, make: (set: LargeValue) => number): number {
  store.checkWritable(0);
  store.key.set(key);
  const found = find(store, database);
  if (found === 0) return 0;
  const set = collectionOfFound(store, TYPE_ZSET);
  return orUndo(store, () => {
    const removed = make(set);
    if (removed > 0) endChange(store, database, found, set);
    return removed;
  });
}

/** The scores of members, one by one. */
export function scoresOf(store: Store, database: number, key: Key, members: readonly Key[]): (number | undefined)[] {
  for (const member of members) checkMember(store, member);
  const set = findSorted(store, database, key);
  return members.map((member) => {
    if (set === null) return undefined;
    store.member.set(member);
    return findMember(store, set) === 0 ? undefined : scoreOf(store);
  });
}

/** The number of members, 0 if there is no such key. */
export function sizeOfSorted(store: Store, database: number, key: Key): number {
  const set = findSorted(store, database, key);
  return set === null ? 0 : countMembers(set);
}

/** How many members come before one, or after it; -1 if it is not there. */
export function rankIn(store: Store, database: number, key: Key, member: Key, isDownward: boolean): number {
  checkMember(store, member);
  const set = findSorted(store, database, key);
  if (set === null) return -1;
  const order = orderOf(store, set);
  store.member.set(member);
  const rank = rankOfMember(store, set);
  return rank >= 0 && isDownward ? order.count - 1 - rank : rank;
}

/** How many members there are in a range. */
export function countRange(store: Store, database: number, key: Key, range: MemberRange): number {
  const set = findSorted(store, database, key);
  return set === null ? 0 : rankRangeOf(store, set, range).count;
}

/** The members in a range. */
export function membersInRange(store: Store, database: number, key: Key, range: MemberRange): ScoredMember[] {
  const set = findSorted(store, database, key);
  const members: ScoredMember[] = [];
  if (set === null) return members;
  forEachRanked(store, set, rankRangeOf(store, set, range), (bytes, start, end, score) =>
    members.push({ member: Buffer.from(bytes.subarray(start, end)), score }),
  );
  return members;
}

function rankRangeOf(store: Store, set: LargeValue, { by, isDownward, offset, limit }: MemberRange): RankRange {
  const order = orderOf(store, set);
  if ('scores' in by) return cutRanks(ranksOfScores(order, by.scores), isDownward, offset, limit);
  if ('members' in by) return cutRanks(ranksOfMembers(order, by.members), isDownward, offset, limit);
  const { from, until } = ranksOfIndexes(order.count, by.start, by.stop);
  const ranks = isDownward ? { from: order.count - until, until: order.count - from } : { from, until };
  return cutRanks(ranks, isDownward, offset, limit);
}

/** Removes the members in a range, and calls `visit` with each; returns how many there were. */
export function removeRange(
  store: Store,
  database: number,
  key: Key,
  range: MemberRange,
  visit: (one: ScoredMember) => void,
): number {
  return change(store, database, key, (set) => {
    const found = rankRangeOf(store, set, range);
    removeRanked(store, set, found, visit);
    return found.count;
  });
}

/** Stores the members in a range as the value of a key, whatever that was; returns how many there are. */
export function storeRange(store: Store, database: number, target: Key, key: Key, range: MemberRange): number {
  const set = findSorted(store, database, key);
  const found = set === null ? null : rankRangeOf(store, set, range);
  const count = found?.count ?? 0;
  store.checkWritable(count * RECORD_OVERHEAD_BYTES);
  return orUndo(store, () => {
    const made = set === null || found === null || count === 0 ? null : makeSortedSet(store, count);
    if (set !== null && found !== null && made !== null) {
      forEachRanked(store, set, found, (bytes, start, end, score) => {
        store.member.setFrom(bytes, start, end - start);
        addScored(store, made, score);
      });
    }
    store.key.set(target);
    storeCollection(store, database, find(store, database), made);
    return count;
  });
}

/** Some members from a position on, 0 for the first, and where to go on, 0 at the end; see `collectMembers`. */
export function membersFrom(
  store: Store,
  database: number,
  key: Key,
  position: number,
  countMin: number,
): { members: ScoredMember[]; next: number } {
  const set = findSorted(store, database, key);
  const members: ScoredMember[] = [];
  if (set === null) return { members, next: 0 };
  const next = collectMembers(store, set, position, countMin);
  forEachCollected(store, () => members.push(copyOfLocated(store)));
  return { members, next };
}

function copyOfLocated(store: Store): ScoredMember {
  return { member: copyOfMember(store), score: scoreOf(store) };
}

/** `count` members drawn at random, each anew; or, with `areDifferent`, up to `count` different ones. */
export function drawFromSorted(
  store: Store,
  database: number,
  key: Key,
  count: number,
  areDifferent: boolean,
): ScoredMember[] {
  const set = findSorted(store, database, key);
  if (set === null || count === 0) return [];
  const members: ScoredMember[] = [];
  const draw = areDifferent ? drawDifferentMembers : drawMembers;
  draw(store, set, count, store.prng.nextUint32(), () => members.push(copyOfLocated(store)));
  return members;
}

/** What several sorted sets, or sets, come to, in order; a key that is not there is an empty one. */
export function combineSorted(store: Store, database: number, combining: Combining): [member: Buffer, score: number][] {
  const map = resultOf(store, database, combining);
  return sortedMembers(map).map(([member, score]) => [Buffer.from(member, 'latin1'), score]);
}

/** The same, stored as the value of a key, whatever that was; returns how many members there are. */
export function storeCombined(store: Store, database: number, target: Key, combining: Combining): number {
  const map = resultOf(store, database, combining);
  store.checkWritable(map.size * RECORD_OVERHEAD_BYTES);
  return orUndo(store, () => {
    const made = sortedSetOf(store, map);
    store.key.set(target);
    storeCollection(store, database, find(store, database), made);
    return map.size;
  });
}

/** How many members all of these have, counted up to a limit (0: without). */
export function countCommon(store: Store, database: number, keys: readonly Key[], limit: number): number {
  return countIntersection(store, inputsOf(store, database, keys, []), limit);
}

function resultOf(store: Store, database: number, { how, keys, weights, aggregate }: Combining): ScoreMap {
  const inputs = inputsOf(store, database, keys, weights);
  if (how === 'difference') return differenceOf(store, inputs);
  return (how === 'union' ? unionOf : intersectionOf)(store, inputs, aggregate);
}

function inputsOf(store: Store, database: number, keys: readonly Key[], weights: readonly number[]): AlgebraInput[] {
  return keys.map((key, i) => {
    store.key.set(key);
    const weight = weights[i] ?? 1;
    if (find(store, database) === 0) return { set: null, weight };
    const type = typeNumberOfFound(store) === TYPE_SET ? TYPE_SET : TYPE_ZSET;
    return { set: collectionOfFound(store, type), weight };
  });
}
