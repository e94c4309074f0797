/** Searches around positions: what a command calls on a sorted set whose scores are positions. */
import type { LargeValue } from '../engine/large-values.ts';
import { addScored, orderOf } from '../engine/sorted-members.ts';
import type { Store } from '../engine/store.ts';
import { distanceWithin, type Position, positionOfScore, type SearchShape, stretchesOf } from '../types/geohash.ts';
import { forEachRanked, makeSortedSet, ranksOfScores } from './sorted-sets.ts';

/** Members that are looked at before it is asked whether there are enough. */
const PIECE = 256;

export interface FoundPlace {
  readonly member: Buffer;
  readonly score: number;
  readonly position: Position;
  /** From the centre of the search. */
  readonly distanceMeters: number;
}

/** Units of distances, as commands name them. */
export const METERS_OF: readonly (readonly [unit: string, meters: number])[] = [
  ['m', 1],
  ['km', 1000],
  ['ft', 0.3048],
  ['mi', 1609.34],
];

/** Which places of a shape are wanted, and in what order. */
export interface PlacesWanted {
  readonly order: 'none' | 'near' | 'far';
  /** 0: all. */
  readonly count: number;
  /** The first ones found, be there nearer ones or not. */
  readonly isAny: boolean;
}

/** The members in a shape. Where not all are asked for, the nearest ones are meant. */
export function findPlaces(store: Store, set: LargeValue, shape: SearchShape, wanted: PlacesWanted): FoundPlace[] {
  const { count, isAny } = wanted;
  const places = placesWithin(store, set, shape, isAny ? count : Number.POSITIVE_INFINITY);
  const order = count !== 0 && wanted.order === 'none' && !isAny ? 'near' : wanted.order;
  if (order === 'near') places.sort((a, b) => a.distanceMeters - b.distanceMeters);
  else if (order === 'far') places.sort((a, b) => b.distanceMeters - a.distanceMeters);
  if (count !== 0 && places.length > count) places.length = count;
  return places;
}

/** A sorted set of places, which no key has yet, by their positions, or by how far away they are; null for none. */
export function setOfPlaces(
  store: Store,
  places: readonly FoundPlace[],
  /** 0: by positions. */
  metersPerUnit: number,
): LargeValue | null {
  if (places.length === 0) return null;
  const made = makeSortedSet(store, places.length);
  for (const { member, score, distanceMeters } of places) {
    store.member.setFrom(member, 0, member.length);
    addScored(store, made, metersPerUnit === 0 ? score : distanceMeters / metersPerUnit);
  }
  return made;
}

/** The members in a shape, in the order in which redis finds them; no more than `countMax`. */
function placesWithin(store: Store, set: LargeValue, shape: SearchShape, countMax: number): FoundPlace[] {
  const order = orderOf(store, set);
  const places: FoundPlace[] = [];
  for (const { min, max } of stretchesOf(shape)) {
    const { from, until } = ranksOfScores(order, { min, max, isMinOpen: false, isMaxOpen: true });
    for (let rank = from; rank < until && places.length < countMax; rank += PIECE) {
      const count = Math.min(PIECE, until - rank);
      forEachRanked(store, set, { rank, count, isDownward: false }, (bytes, start, end, score) => {
        if (places.length >= countMax) return;
        const position = positionOfScore(score);
        const distanceMeters = distanceWithin(shape, position);
        if (distanceMeters === undefined) return;
        places.push({ member: Buffer.from(bytes.subarray(start, end)), score, position, distanceMeters });
      });
    }
  }
  return places;
}
