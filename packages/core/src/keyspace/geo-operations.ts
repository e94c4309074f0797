/**
 * Whole operations on positions, by key: what an embedded method calls. They leave the acknowledgement to the caller
 * (`store.committer`), and throw before anything is changed or undo what they did.
 */
import { FerriteError } from '../base/errors.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import type { Store } from '../engine/store.ts';
import { type Position, positionOfScore, type SearchShape } from '../types/geohash.ts';
import { findOfType, orUndo, storeCollection } from './collections.ts';
import { type FoundPlace, findPlaces, type PlacesWanted, setOfPlaces } from './geo.ts';
import { scoresOf } from './sorted-set-operations.ts';

const RECORD_OVERHEAD_BYTES = 56;

/** What is searched, in meters, around a position or a member of the set. */
export interface PlaceSearch extends PlacesWanted {
  readonly center: Position | { readonly member: Key };
  readonly size: { readonly radius: number } | { readonly width: number; readonly height: number };
}

/** The positions of members, one by one. */
export function positionsOf(
  store: Store,
  database: number,
  key: Key,
  members: readonly Key[],
): (Position | undefined)[] {
  return scoresOf(store, database, key, members).map((score) =>
    score === undefined ? undefined : positionOfScore(score),
  );
}

/** The members that a search finds. Throws FERRITE_INVALID_ARGUMENT if the member in its centre is not there. */
export function searchPlaces(store: Store, database: number, key: Key, search: PlaceSearch): FoundPlace[] {
  const shape = shapeOf(store, database, key, search);
  const set = findOfType(store, database, key, TYPE_ZSET);
  return set === null || shape === null ? [] : findPlaces(store, set, shape, search);
}

/** Null if the key of a member in the centre is not there. */
function shapeOf(store: Store, database: number, key: Key, { center, size }: PlaceSearch): SearchShape | null {
  const position = 'member' in center ? positionsOf(store, database, key, [center.member])[0] : center;
  if (position === undefined) {
    if (findOfType(store, database, key, TYPE_ZSET) === null) return null;
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'the member in the centre of the search has no position');
  }
  if ('radius' in size) return { center: position, radiusMeters: size.radius };
  return { center: position, widthMeters: size.width, heightMeters: size.height };
}

/**
 * Stores what a search finds as the value of a key, whatever that was; returns how many members there are. Their scores are
 * positions, or distances in a unit of so many meters if that is not 0.
 */
export function storePlaces(
  store: Store,
  database: number,
  target: Key,
  key: Key,
  search: PlaceSearch,
  metersPerUnit: number,
): number {
  const places = searchPlaces(store, database, key, search);
  store.checkWritable(places.reduce((sum, { member }) => sum + member.length + RECORD_OVERHEAD_BYTES, 0));
  return orUndo(store, () => {
    const made: LargeValue | null = setOfPlaces(store, places, metersPerUnit);
    store.key.set(target);
    storeCollection(store, database, find(store, database), made);
    return places.length;
  });
}
