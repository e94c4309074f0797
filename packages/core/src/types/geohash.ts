/**
 * Positions as scores of sorted sets: redis's geohash of 52 bits, and the cells that cover a search.
 *
 * A position is a pair of integers of 26 bits, where longitude and latitude lie between their bounds, whose bits alternate in
 * the score, latitude in the even ones. A cell of step `n` is the first `n` bits of both, and so a stretch of scores. What is
 * computed, and in which order, follows redis's `geohash.c` and `geohash_helper.c`, so that results are the same.
 */

const LONGITUDE_MAX = 180;
/** That of the Mercator projection: beyond it are the poles. */
const LATITUDE_MAX = 85.05112878;
const STEP_MAX = 26;
const SCORE_BITS = 2 * STEP_MAX;
const HALF_BITS = 13;
const HALF_MASK = 2 ** HALF_BITS - 1;
const HALF_SCORE = 2 ** (2 * HALF_BITS);
const EXACT_MAX = 2 ** 53;
const RADIANS = Math.PI / 180;
const EARTH_RADIUS_METERS = 6372797.560856;
const MERCATOR_MAX_METERS = 20037726.37;
/** Beyond these latitudes cells are so narrow that larger ones are needed. */
const POLAR_LATITUDE = 66;
const ARCTIC_LATITUDE = 80;
const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';
const TEXT_LENGTH = 11;
const TEXT_BITS = 5;
const UINT64_BITS = 64;

export interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

/** What is searched around a position: a circle, or a box whose sides run north and east. In meters. */
export type SearchShape = { readonly center: Position } & (
  | { readonly radiusMeters: number }
  | { readonly widthMeters: number; readonly heightMeters: number }
);

/** A cell of the grid of `2 ** step` by `2 ** step`; the world's edge itself has a number of its own. */
interface Cell {
  readonly x: number;
  readonly y: number;
  readonly step: number;
}

interface Area {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** A stretch of scores: `max` is not in it. */
interface ScoreStretch {
  readonly min: number;
  readonly max: number;
}

export function isPosition({ longitude, latitude }: Position): boolean {
  return Math.abs(longitude) <= LONGITUDE_MAX && Math.abs(latitude) <= LATITUDE_MAX;
}

/** The score of a position. */
export function scoreOfPosition(position: Position): number {
  return bitsOf(cellOf(position, STEP_MAX, LATITUDE_MAX));
}

/** The middle of the smallest cell that has this score. */
export function positionOfScore(score: number): Position {
  const cell = score >= 0 && score < EXACT_MAX ? cellOfExact(Math.trunc(score)) : cellOfWide(score);
  const { west, east, south, north } = areaOf(cell);
  return {
    longitude: clamp((west + east) / 2, LONGITUDE_MAX),
    latitude: clamp((south + north) / 2, LATITUDE_MAX),
  };
}

/** The text of a position as other systems have it: 11 characters, with latitudes from pole to pole. */
export function textOfPosition(position: Position): string {
  const bits = bitsOf(cellOf(position, STEP_MAX, 90));
  let text = '';
  for (let i = 1; i < TEXT_LENGTH; i++) text += ALPHABET[Math.floor(bits / 2 ** (SCORE_BITS - i * TEXT_BITS)) % 32];
  // The last one has no bits left.
  return `${text}0`;
}

/** Along a great circle. */
export function distanceMeters(from: Position, to: Position): number {
  const half = Math.sin((to.longitude * RADIANS - from.longitude * RADIANS) / 2);
  if (half === 0) return latitudeDistanceMeters(from.latitude, to.latitude);
  const [south, north] = [from.latitude * RADIANS, to.latitude * RADIANS];
  const other = Math.sin((north - south) / 2);
  const chord = other * other + Math.cos(south) * Math.cos(north) * half * half;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.sqrt(chord));
}

function latitudeDistanceMeters(from: number, to: number): number {
  return EARTH_RADIUS_METERS * Math.abs(to * RADIANS - from * RADIANS);
}

/** How far a position is from the centre of a shape; undefined if it is outside. */
export function distanceWithin(shape: SearchShape, position: Position): number | undefined {
  const { center } = shape;
  if ('radiusMeters' in shape) {
    const distance = distanceMeters(center, position);
    return distance > shape.radiusMeters ? undefined : distance;
  }
  if (latitudeDistanceMeters(position.latitude, center.latitude) > shape.heightMeters / 2) return undefined;
  const beside = { longitude: center.longitude, latitude: position.latitude };
  if (distanceMeters(position, beside) > shape.widthMeters / 2) return undefined;
  return distanceMeters(center, position);
}

/** The stretches of scores that may have what is in the shape, in the order in which redis goes through them. */
export function stretchesOf(shape: SearchShape): ScoreStretch[] {
  const stretches: ScoreStretch[] = [];
  let last: Cell | null = null;
  coveringCells(shape).forEach((cell, i) => {
    if (cell === null || (last !== null && cell.x === last.x && cell.y === last.y)) return;
    const width = 2 ** (SCORE_BITS - 2 * cell.step);
    const bits = bitsOf(cell);
    stretches.push({ min: bits * width, max: (bits + 1) * width });
    // Of large areas neighbours are the same; but the middle one is not compared with, as in redis.
    if (i > 0) last = cell;
  });
  return stretches;
}

/** The cell of the centre and its neighbours; null for those that the shape does not reach. */
function coveringCells(shape: SearchShape): (Cell | null)[] {
  const bounds = boundsOf(shape);
  let step = stepFor(shape);
  let cell = cellOf(shape.center, step, LATITUDE_MAX);
  if (step > 1 && !isCovered(cell, bounds)) {
    step--;
    cell = cellOf(shape.center, step, LATITUDE_MAX);
  }
  const area = areaOf(cell);
  const isLarge = step < 2;
  const north = isLarge || area.north <= bounds.north;
  const south = isLarge || area.south >= bounds.south;
  const east = isLarge || area.east <= bounds.east;
  const west = isLarge || area.west >= bounds.west;
  const at = (dx: number, dy: number, isNeeded: boolean): Cell | null => (isNeeded ? neighbour(cell, dx, dy) : null);
  return [
    cell,
    at(0, 1, north),
    at(0, -1, south),
    at(1, 0, east),
    at(-1, 0, west),
    at(1, 1, north && east),
    at(-1, 1, north && west),
    at(1, -1, south && east),
    at(-1, -1, south && west),
  ];
}

/** Whether a cell and its neighbours reach as far as the bounds. */
function isCovered(cell: Cell, bounds: Area): boolean {
  return (
    areaOf(neighbour(cell, 0, 1)).north >= bounds.north &&
    areaOf(neighbour(cell, 0, -1)).south <= bounds.south &&
    areaOf(neighbour(cell, 1, 0)).east >= bounds.east &&
    areaOf(neighbour(cell, -1, 0)).west <= bounds.west
  );
}

function boundsOf(shape: SearchShape): Area {
  const { longitude, latitude } = shape.center;
  const height = 'radiusMeters' in shape ? shape.radiusMeters : shape.heightMeters / 2;
  const width = 'radiusMeters' in shape ? shape.radiusMeters : shape.widthMeters / 2;
  const up = height / EARTH_RADIUS_METERS / RADIANS;
  // The edge that is nearer to a pole is the wider one, in degrees.
  const edge = latitude < 0 ? latitude - up : latitude + up;
  const aside = width / EARTH_RADIUS_METERS / Math.cos(edge * RADIANS) / RADIANS;
  return { west: longitude - aside, east: longitude + aside, south: latitude - up, north: latitude + up };
}

/** The step whose cells are about as large as the shape. */
function stepFor(shape: SearchShape): number {
  const radiusMeters =
    'radiusMeters' in shape ? shape.radiusMeters : cornerMeters(shape.widthMeters / 2, shape.heightMeters / 2);
  if (radiusMeters === 0) return STEP_MAX;
  let step = 1;
  for (let reach = radiusMeters; reach < MERCATOR_MAX_METERS; reach *= 2) step++;
  step -= 2;
  const latitude = Math.abs(shape.center.latitude);
  if (latitude > POLAR_LATITUDE) step--;
  if (latitude > ARCTIC_LATITUDE) step--;
  return Math.min(STEP_MAX, Math.max(1, step));
}

/** From the centre of a box to its corners. */
function cornerMeters(width: number, height: number): number {
  return Math.sqrt(width * width + height * height);
}

function cellOf({ longitude, latitude }: Position, step: number, latitudeMax: number): Cell {
  const size = 2 ** step;
  const x = Math.trunc(((longitude + LONGITUDE_MAX) / (2 * LONGITUDE_MAX)) * size);
  const y = Math.trunc(((latitude + latitudeMax) / (2 * latitudeMax)) * size);
  return { x, y, step };
}

/** The world is round in both directions here. */
function neighbour({ x, y, step }: Cell, dx: number, dy: number): Cell {
  const mask = 2 ** step - 1;
  return { x: dx === 0 ? x : (x + dx) & mask, y: dy === 0 ? y : (y + dy) & mask, step };
}

function areaOf({ x, y, step }: Cell): Area {
  const size = 2 ** step;
  return {
    west: -LONGITUDE_MAX + (x / size) * 2 * LONGITUDE_MAX,
    east: -LONGITUDE_MAX + ((x + 1) / size) * 2 * LONGITUDE_MAX,
    south: -LATITUDE_MAX + (y / size) * 2 * LATITUDE_MAX,
    north: -LATITUDE_MAX + ((y + 1) / size) * 2 * LATITUDE_MAX,
  };
}

/** The bits of both, one after the other. */
function bitsOf({ x, y }: Cell): number {
  const low = spread(y & HALF_MASK) + 2 * spread(x & HALF_MASK);
  const high = spread(y >>> HALF_BITS) + 2 * spread(x >>> HALF_BITS);
  return high * HALF_SCORE + low;
}

function cellOfExact(bits: number): Cell {
  const low = bits % HALF_SCORE;
  const high = Math.floor(bits / HALF_SCORE);
  return {
    x: gathered(low >>> 1) + gathered(high >>> 1) * 2 ** HALF_BITS,
    y: gathered(low) + gathered(high) * 2 ** HALF_BITS,
    step: STEP_MAX,
  };
}

/** Of a score that no position has: its 64 bits, as C on x86 converts the number. */
function cellOfWide(score: number): Cell {
  let bits = score === Number.NEGATIVE_INFINITY ? 2n ** BigInt(UINT64_BITS - 1) : 0n;
  if (Number.isFinite(score)) bits = BigInt.asUintN(UINT64_BITS, BigInt(Math.trunc(score)));
  let x = 0;
  let y = 0;
  for (let i = 0; i < UINT64_BITS / 2; i++) {
    y += Number((bits >> BigInt(2 * i)) & 1n) * 2 ** i;
    x += Number((bits >> BigInt(2 * i + 1)) & 1n) * 2 ** i;
  }
  return { x, y, step: STEP_MAX };
}

/** Puts a zero before each of up to 14 bits. */
function spread(bits: number): number {
  let word = (bits | (bits << 8)) & 0x00ff00ff;
  word = (word | (word << 4)) & 0x0f0f0f0f;
  word = (word | (word << 2)) & 0x33333333;
  return (word | (word << 1)) & 0x55555555;
}

/** Every second bit, from the lowest on. */
function gathered(bits: number): number {
  let word = bits & 0x55555555;
  word = (word | (word >>> 1)) & 0x33333333;
  word = (word | (word >>> 2)) & 0x0f0f0f0f;
  word = (word | (word >>> 4)) & 0x00ff00ff;
  return (word | (word >>> 8)) & 0x0000ffff;
}

function clamp(degrees: number, max: number): number {
  return Math.min(max, Math.max(-max, degrees));
}
