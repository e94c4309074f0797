/**
 * Unions, intersections and differences of sorted sets, and of sets, whose members count with score 1.
 *
 * All of it is read before anything is made of it. Members are texts with a character for each byte, so that their order is that
 * of their bytes.
 */
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import { countMembers, findMember, memberEndOf, memberStartOf, takeMember } from '../engine/members.ts';
import { addScored, scoreOf } from '../engine/sorted-members.ts';
import type { Store } from '../engine/store.ts';
import { forEachMember } from './collections.ts';
import { makeSortedSet } from './sorted-sets.ts';

/** How scores of a member that several inputs have become one. */
export type Aggregate = 'sum' | 'min' | 'max';

export interface AlgebraInput {
  /** null: no such key. */
  readonly set: LargeValue | null;
  readonly weight: number;
}

/** Members with their scores. */
export type ScoreMap = Map<string, number>;

/** Members that any input has. */
export function unionOf(store: Store, inputs: readonly AlgebraInput[], aggregate: Aggregate): ScoreMap {
  const result: ScoreMap = new Map();
  for (const { set, weight } of bySize(inputs)) {
    if (set === null) continue;
    forEachMember(store, set, () => {
      const member = memberTextOf(store);
      const score = weighted(scoreIn(store, set), weight);
      const old = result.get(member);
      result.set(member, old === undefined ? score : joined(old, score, aggregate));
    });
  }
  return result;
}

/** Members that all inputs have. */
export function intersectionOf(store: Store, inputs: readonly AlgebraInput[], aggregate: Aggregate): ScoreMap {
  const result: ScoreMap = new Map();
  const [first, ...others] = bySize(inputs);
  const { set } = first;
  if (set === null) return result;
  forEachMember(store, set, () => {
    const member = memberTextOf(store);
    const own = scoreIn(store, set);
    let score = weighted(own, first.weight);
    takeMember(store);
    for (const other of others) {
      const theirs = other.set === set ? own : scoreOfMember(store, other.set);
      if (theirs === undefined) return;
      score = joined(score, theirs * other.weight, aggregate);
    }
    result.set(member, score);
  });
  return result;
}

/** How many members all inputs have, up to a limit (0: none). */
export function countIntersection(store: Store, inputs: readonly AlgebraInput[], limit: number): number {
  const [{ set }, ...others] = bySize(inputs);
  let count = 0;
  if (set === null) return count;
  forEachMember(store, set, () => {
    if (limit !== 0 && count >= limit) return;
    takeMember(store);
    if (others.every((other) => other.set === set || scoreOfMember(store, other.set) !== undefined)) count++;
  });
  return count;
}

/** Members of the first input that no other one has. */
export function differenceOf(store: Store, inputs: readonly AlgebraInput[]): ScoreMap {
  const result: ScoreMap = new Map();
  const [{ set }, ...others] = inputs;
  if (set === null || others.some((other) => other.set === set)) return result;
  forEachMember(store, set, () => {
    const member = memberTextOf(store);
    const score = scoreIn(store, set);
    takeMember(store);
    if (others.every((other) => scoreOfMember(store, other.set) === undefined)) result.set(member, score);
  });
  return result;
}

/** The members in order. */
export function sortedMembers(map: ScoreMap): [member: string, score: number][] {
  return [...map].sort(([member, score], [other, theirs]) => {
    if (score !== theirs) return score < theirs ? -1 : 1;
    return member < other ? -1 : 1;
  });
}

/** A sorted set of these members, which no key has yet; null if there are none. */
export function sortedSetOf(store: Store, map: ScoreMap): LargeValue | null {
  if (map.size === 0) return null;
  const made = makeSortedSet(store, map.size);
  for (const [member, score] of sortedMembers(map)) {
    store.member.set(Buffer.from(member, 'latin1'));
    addScored(store, made, score);
  }
  return made;
}

/** The smallest first: so redis goes through them, and so sums are rounded. */
function bySize(inputs: readonly AlgebraInput[]): AlgebraInput[] {
  const sizeOf = ({ set }: AlgebraInput): number => (set === null ? 0 : countMembers(set));
  return [...inputs].sort((a, b) => sizeOf(a) - sizeOf(b));
}

function memberTextOf(store: Store): string {
  return store.bytes.latin1Slice(memberStartOf(store), memberEndOf(store));
}

/** Of the located member. */
function scoreIn(store: Store, set: LargeValue): number {
  return set.type === TYPE_ZSET ? scoreOf(store) : 1;
}

/** Of the member in the scratch. */
function scoreOfMember(store: Store, set: LargeValue | null): number | undefined {
  return set === null || findMember(store, set) === 0 ? undefined : scoreIn(store, set);
}

/** Zero times infinity is zero here. */
function weighted(score: number, weight: number): number {
  const product = score * weight;
  return Number.isNaN(product) ? 0 : product;
}

function joined(score: number, other: number, aggregate: Aggregate): number {
  if (aggregate === 'min') return other < score ? other : score;
  if (aggregate === 'max') return other > score ? other : score;
  const sum = score + other;
  // Infinity and minus infinity cancel out.
  return Number.isNaN(sum) ? 0 : sum;
}
