/** Searches around positions: what a command calls on a sorted set whose scores are positions. */
import type { LargeValue } from '../engine/large-values.ts';
import { orderOf } from '../engine/sorted-members.ts';
import type { Store } from '../engine/store.ts';
import { distanceWithin, type Position, positionOfScore, type SearchShape, stretchesOf } from '../types/geohash.ts';
import { forEachRanked, ranksOfScores } from './sorted-sets.ts';

/** Members that are looked at before it is asked whether there are enough. */
const PIECE = 256;

export interface FoundPlace {
  readonly member: Buffer;
  readonly score: number;
  readonly position: Position;
  /** From the centre of the search. */
  readonly distanceMeters: number;
}

/** The members in a shape, in the order in which redis finds them; no more than `countMax`. */
export function placesWithin(store: Store, set: LargeValue, shape: SearchShape, countMax: number): FoundPlace[] {
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
