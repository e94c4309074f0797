/**
 * Operations on sorted sets: what an embedded method and a command both call. The key is in `store.key` and was found; members
 * go through `store.member`.
 */
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import {
  countLoadedMembers,
  countMembers,
  findMember,
  makeCollection,
  memberEndOf,
  memberStartOf,
  copyOfMember,
} from '../engine/members.ts';
import type { RankOrder, ScoreOrder } from '../engine/score-order.ts';
import { type MemberVisitor, type RankRange, ScoreRange } from '../engine/score-range.ts';
import { addScored, expectMembers, moveScored, removeScored, scoreOf } from '../engine/sorted-members.ts';
import type { Store } from '../engine/store.ts';
import { forEachMember } from './collections.ts';

// Conditions under which a member gets a score.
/** Only one that is new. */
export const ADD_NX = 1;
/** Only one that is there. */
export const ADD_XX = 2;
/** One that is there only if its score becomes greater; or less. */
export const ADD_GT = 4;
export const ADD_LT = 8;
/** The score is added to that of one that is there. */
export const ADD_INCR = 16;

// What became of it.
export const MEMBER_KEPT = 0;
const MEMBER_SAME = 1;
export const MEMBER_MOVED = 2;
export const MEMBER_ADDED = 3;
/** The sum is not a number: nothing was changed. */
export const MEMBER_NOT_A_NUMBER = 4;

/** Scores between two bounds, each of which may be left out itself. */
export interface ScoreInterval {
  readonly min: number;
  readonly max: number;
  readonly isMinOpen: boolean;
  readonly isMaxOpen: boolean;
}

/** Members between two bounds; null is before, or after, all of them. */
export interface MemberInterval {
  readonly min: MemberBound;
  readonly max: MemberBound;
}

interface MemberBound {
  /** -1 stands before all members, 1 after all, 0 where `bytes` say. */
  readonly side: -1 | 0 | 1;
  readonly bytes: Uint8Array;
  readonly isOpen: boolean;
}

/** Up to which sizes redis keeps a sorted set as a listpack. */
export interface SortedSetLimits {
  listpackEntriesMax: number;
  listpackLengthMax: number;
}

/** Ranks from the first one on, before the last one. */
export interface Ranks {
  readonly from: number;
  readonly until: number;
}

/** A member by itself, with its score. */
export interface ScoredMember {
  readonly member: Buffer;
  readonly score: number;
}

const ranges = new WeakMap<Store, ScoreRange>();

/**
 * Gives the member in the scratch a score, under conditions (`ADD_...`). Returns what became of it (`MEMBER_...`);
 * `scoreAfter` is the score it has then.
 */
export function setScore(store: Store, set: LargeValue, score: number, conditions: number): number {
  const found = findMember(store, set);
  scoreAfter = score;
  if (found === 0) {
    if ((conditions & ADD_XX) !== 0) return MEMBER_KEPT;
    addScored(store, set, score);
    return MEMBER_ADDED;
  }
  const old = scoreOf(store);
  if ((conditions & ADD_NX) !== 0) return MEMBER_KEPT;
  const next = (conditions & ADD_INCR) !== 0 ? old + score : score;
  if (Number.isNaN(next)) return MEMBER_NOT_A_NUMBER;
  if (((conditions & ADD_GT) !== 0 && next <= old) || ((conditions & ADD_LT) !== 0 && next >= old)) return MEMBER_KEPT;
  scoreAfter = next;
  if (next === old) return MEMBER_SAME;
  moveScored(store, set, found, old, next);
  return MEMBER_MOVED;
}

export let scoreAfter = 0;

/** A new sorted set for so many members. */
export function makeSortedSet(store: Store, countExpected: number): LargeValue {
  const set = makeCollection(store, TYPE_ZSET, countExpected);
  expectMembers(store, set, countExpected);
  return set;
}

/** Removes the member in the scratch; false if there is none. */
export function removeScore(store: Store, set: LargeValue): boolean {
  const found = findMember(store, set);
  if (found !== 0) removeScored(store, set, found);
  return found !== 0;
}

/** The rank of the member in the scratch, -1 if there is none; its score is `scoreAfter`. The set's order is there. */
export function rankOfMember(store: Store, set: LargeValue): number {
  const { member } = store;
  const found = findMember(store, set);
  if (found === 0) return -1;
  scoreAfter = scoreOf(store);
  if (set.packed !== null) return found - 1;
  const order = set.order as ScoreOrder;
  order.seekMember(scoreAfter, member.bytes, 0, member.length, member.hash);
  return order.rank;
}

export function ranksOfScores(order: RankOrder, { min, max, isMinOpen, isMaxOpen }: ScoreInterval): Ranks {
  const from = order.rankOfScore(min, isMinOpen);
  return { from, until: Math.max(from, order.rankOfScore(max, !isMaxOpen)) };
}

export function ranksOfMembers(order: RankOrder, { min, max }: MemberInterval): Ranks {
  const from = rankOfBound(order, min, min.isOpen);
  return { from, until: Math.max(from, rankOfBound(order, max, !max.isOpen)) };
}

function rankOfBound(order: RankOrder, { side, bytes }: MemberBound, isAfter: boolean): number {
  if (side !== 0) return side < 0 ? 0 : order.count;
  return order.rankOfMember(bytes, 0, bytes.length, isAfter);
}

/** Ranks from `start` to `stop`, with both; negative ones count from the end. */
export function ranksOfIndexes(count: number, start: number, stop: number): Ranks {
  const from = Math.max(0, start < 0 ? count + start : start);
  const until = Math.min(count, (stop < 0 ? count + stop : stop) + 1);
  return { from, until: Math.max(from, until) };
}

/** What is left of ranks after an offset and up to a limit (negative: without), upwards or downwards. */
export function cutRanks({ from, until }: Ranks, isDownward: boolean, offset: number, limit: number): RankRange {
  const left = offset < 0 ? 0 : Math.max(0, until - from - offset);
  const count = limit < 0 ? left : Math.min(limit, left);
  return { rank: isDownward ? until - 1 - offset : from + offset, count, isDownward };
}

/** The member in the scratch was added: redis may have given the set another form, in which it stays. */
export function noteScored(store: Store, set: LargeValue, limits: SortedSetLimits): void {
  if (set.isGrown) return;
  const isTooLong = store.member.length > limits.listpackLengthMax;
  if (isTooLong || countLoadedMembers(set) > limits.listpackEntriesMax) set.isGrown = true;
}

/** Whether redis would keep the set as a listpack: few members, none of them long. */
export function isSmallSortedSet(store: Store, set: LargeValue, limits: SortedSetLimits): boolean {
  if (set.isGrown || countMembers(set) > limits.listpackEntriesMax) return false;
  let isSmall = true;
  forEachMember(store, set, () => {
    if (memberEndOf(store) - memberStartOf(store) > limits.listpackLengthMax) isSmall = false;
  });
  return isSmall;
}

/** Calls `visit` with each member of a stretch. The set's order is there. */
export function forEachRanked(store: Store, set: LargeValue, range: RankRange, visit: MemberVisitor): void {
  let reader = ranges.get(store);
  if (reader === undefined) {
    reader = new ScoreRange(store);
    ranges.set(store, reader);
  }
  reader.forEach(set, range, visit);
}

/** Takes members from the lowest or the highest score on, and calls `visit` with each. There are as many. */
export function removeRanked(
  store: Store,
  set: LargeValue,
  range: RankRange,
  visit: (one: ScoredMember) => void,
): void {
  for (let left = range.count; left > 0; left -= REMOVED_AT_ONCE) {
    const count = Math.min(left, REMOVED_AT_ONCE);
    // Those that are removed are not in the way of the next ones, from below; from above, ranks stay what they were.
    const rank = range.isDownward ? range.rank - (range.count - left) : range.rank;
    const members: ScoredMember[] = [];
    forEachRanked(store, set, { rank, count, isDownward: range.isDownward }, (bytes, start, end, score) =>
      members.push({ member: Buffer.from(bytes.subarray(start, end)), score }),
    );
    for (const each of members) {
      store.member.setFrom(each.member, 0, each.member.length);
      removeScore(store, set);
      visit(each);
    }
  }
}
const REMOVED_AT_ONCE = 256;

/** All members with their scores, in order, whether or not the set has been put in order. */
export function membersInOrder(store: Store, set: LargeValue): { member: Buffer; score: number }[] {
  const members: { member: Buffer; score: number }[] = [];
  forEachMember(store, set, () => members.push({ member: copyOfMember(store), score: scoreOf(store) }));
  return members.sort((one, other) =>
    one.score === other.score ? Buffer.compare(one.member, other.member) : one.score < other.score ? -1 : 1,
  );
}
