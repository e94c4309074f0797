/**
 * The methods of a `Database` for positions: what commands of the same names do, without RESP in between. Positions are the
 * scores of a sorted set, whose methods work on it, too.
 */
import { FerriteError } from '../base/errors.ts';
import { nameOfKind } from '../base/name-of-kind.ts';
import type { Key } from '../engine/key-scratch.ts';
import { METERS_OF } from '../keyspace/geo.ts';
import { type PlaceSearch, positionsOf, searchPlaces, storePlaces } from '../keyspace/geo-operations.ts';
import { addMembers } from '../keyspace/sorted-set-operations.ts';
import { distanceMeters, isPosition, type Position, scoreOfPosition, textOfPosition } from '../types/geohash.ts';
import { SortedSetMethods } from './sorted-set-methods.ts';
import { conditionsOf } from './sorted-set-options.ts';
import { checkOptions, pairsOf } from './values.ts';

/** Of distances: meters, kilometers, feet, miles. */
export type GeoUnit = 'm' | 'km' | 'ft' | 'mi';

export interface GeoaddOptions {
  /** Only members that are new. */
  nx?: boolean;
  /** Only members that are there. */
  xx?: boolean;
  /** Members with another position count, too. */
  ch?: boolean;
}

/** What is searched: a circle or a box, around a position or a member. */
export interface GeosearchOptions<V> {
  /** The member in the centre; or else a position is. */
  member?: V | Uint8Array;
  longitude?: number;
  latitude?: number;
  /** Of a circle; or else a box has a width and a height. */
  radius?: number;
  width?: number;
  height?: number;
  /** Of these lengths, and of the distances given: meters, if left out. */
  unit?: GeoUnit;
  /** The nearest first, or last; in no order if left out, unless there is a count. */
  order?: 'asc' | 'desc';
  /** Most members given: the nearest ones. */
  count?: number;
  /** With a count: the first ones found, be there nearer ones or not. */
  any?: boolean;
}

export interface GeoPlace<V> extends Position {
  member: V;
  /** From the centre of the search, in its unit. */
  distance: number;
}

const NUMBERS = {
  longitude: 'number',
  latitude: 'number',
  radius: 'number',
  width: 'number',
  height: 'number',
} as const;
const SEARCH = { ...NUMBERS, unit: 'string', order: 'string', count: 'number', any: 'boolean' } as const;

export abstract class GeoMethods<V> extends SortedSetMethods<V> {
  /**
   * Gives members of the sorted set under a key their positions, within some 0.6 m; returns how many members are new, or with
   * `ch` how many are new or have moved. Longitudes go from -180 to 180, latitudes from -85.05112878 to 85.05112878.
   */
  geoadd(
    key: Key,
    members: Readonly<Record<string, Position>> | Iterable<readonly [V | Uint8Array, Position]>,
    options: GeoaddOptions = {},
  ): number {
    this.checkOpen();
    checkOptions(options, { nx: 'boolean', xx: 'boolean', ch: 'boolean' });
    const conditions = conditionsOf(options);
    const pairs: [string | Uint8Array, number][] = [];
    for (const [member, position] of pairsOf<V | Uint8Array, Position>(members)) {
      checkPosition(position);
      pairs.push([this.encode(member), scoreOfPosition(position)]);
    }
    const { added, moved } = addMembers(this.store, this.namespace, key, pairs, conditions);
    if (added + moved > 0) this.store.committer.afterWrite();
    return options.ch === true ? added + moved : added;
  }

  /** The positions of members, in their order; `undefined` for each that is not there. */
  geopos(key: Key, ...members: (V | Uint8Array)[]): (Position | undefined)[] {
    this.checkOpen();
    const encoded = members.map((member) => this.encode(member));
    return positionsOf(this.store, this.namespace, key, encoded);
  }

  /** How far two members are from each other; `undefined` if one of them is not there. */
  geodist(key: Key, from: V | Uint8Array, to: V | Uint8Array, unit: GeoUnit = 'm'): number | undefined {
    const meters = metersOf(unit);
    const [one, other] = this.geopos(key, from, to);
    return one === undefined || other === undefined ? undefined : distanceMeters(one, other) / meters;
  }

  /** The positions of members as geohashes of 11 characters, as other systems have them, too. */
  geohash(key: Key, ...members: (V | Uint8Array)[]): (string | undefined)[] {
    return this.geopos(key, ...members).map((position) =>
      position === undefined ? undefined : textOfPosition(position),
    );
  }

  /**
   * The members in a circle or a box, with their positions and distances. Throws `FERRITE_INVALID_ARGUMENT` if `member` is
   * not in the set; without the set nothing is found.
   */
  geosearch(key: Key, search: GeosearchOptions<V>): GeoPlace<V>[] {
    this.checkOpen();
    const meters = metersOf(search?.unit ?? 'm');
    const found = searchPlaces(this.store, this.namespace, key, this.searchOf(search, meters));
    return found.map((place) => ({
      member: this.decode(place.member),
      ...place.position,
      distance: place.distanceMeters / meters,
    }));
  }

  /**
   * Stores what `geosearch` finds as a sorted set under a key, whatever it held before; returns how many members there are.
   * With `storeDistance` their scores are distances instead of positions.
   */
  geosearchstore(
    destination: Key,
    key: Key,
    search: GeosearchOptions<V>,
    options: { storeDistance?: boolean } = {},
  ): number {
    this.checkOpen();
    checkOptions(options, { storeDistance: 'boolean' });
    const meters = metersOf(search?.unit ?? 'm');
    const wanted = this.searchOf(search, meters);
    const unit = options.storeDistance === true ? meters : 0;
    const count = storePlaces(this.store, this.namespace, destination, key, wanted, unit);
    this.store.committer.afterWrite();
    return count;
  }

  private searchOf(search: GeosearchOptions<V>, meters: number): PlaceSearch {
    if (typeof search !== 'object' || search === null) throw wrong(`a search is an object, not ${nameOfKind(search)}`);
    const { member, ...others } = search;
    checkOptions(others, SEARCH);
    const { longitude, latitude, order, count = 0, any: isAny = false } = search;
    if ((member === undefined) === (longitude === undefined && latitude === undefined)) {
      throw wrong('the centre of a search is either a member or a longitude and latitude');
    }
    const position = { longitude: longitude ?? Number.NaN, latitude: latitude ?? Number.NaN };
    if (member === undefined) checkPosition(position);
    if (order !== undefined && order !== 'asc' && order !== 'desc')
      throw wrong(`order is 'asc' or 'desc', not '${order}'`);
    if (!Number.isSafeInteger(count) || count < 0) throw wrong(`${count} is no number of members`);
    if (isAny && count === 0) throw wrong('any needs a count');
    return {
      center: member === undefined ? position : { member: this.encode(member) },
      size: sizeOf(search, meters),
      order: order === undefined ? 'none' : order === 'asc' ? 'near' : 'far',
      count,
      isAny,
    };
  }
}

function sizeOf<V>({ radius, width, height }: GeosearchOptions<V>, meters: number): PlaceSearch['size'] {
  for (const length of [radius, width, height]) {
    if (length !== undefined && !(length >= 0)) throw wrong(`a length is a number of 0 or more, not ${length}`);
  }
  if (radius !== undefined && width === undefined && height === undefined) return { radius: radius * meters };
  if (radius === undefined && width !== undefined && height !== undefined) {
    return { width: width * meters, height: height * meters };
  }
  throw wrong('a search has either a radius or a width and a height');
}

function checkPosition(position: Position): void {
  const { longitude, latitude } = position ?? {};
  const areNumbers = typeof longitude === 'number' && typeof latitude === 'number';
  if (areNumbers && isPosition(position)) return;
  throw wrong(
    `a position is { longitude: -180 to 180, latitude: -85.05112878 to 85.05112878 }, not ${longitude}, ${latitude}`,
  );
}

function metersOf(unit: GeoUnit): number {
  const found = METERS_OF.find(([name]) => name === unit);
  if (found === undefined) throw wrong(`a unit is m, km, ft or mi, not ${String(unit)}`);
  return found[1];
}

function wrong(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', message);
}
