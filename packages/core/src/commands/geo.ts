/** Commands on positions, which are scores of sorted sets: GEOADD, GEOPOS, GEODIST and GEOHASH. */
import { parseDouble } from '../base/double.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import { findMember } from '../engine/members.ts';
import { scoreOf } from '../engine/sorted-members.ts';
import { METERS_OF } from '../keyspace/geo.ts';
import { ADD_NX, ADD_XX } from '../keyspace/sorted-sets.ts';
import {
  distanceMeters,
  isPosition,
  type Position,
  positionOfScore,
  scoreOfPosition,
  textOfPosition,
} from '../types/geohash.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, setMember, WRONG } from './collection-call.ts';
import { type CommandRow, DENYOOM, firstKey, READONLY, WRITE } from './command.ts';
import { addScores } from './sorted-sets.ts';

const NOT_A_FLOAT = 'value is not a valid float';
const DISTANCE_DIGITS = 4;
const COORDINATE_DIGITS = 17;
/** Longitude, latitude, member. */
const ARGUMENTS_PER_MEMBER = 3;

const group = 'geo';
const keys = firstKey('RO access');

export const geoCommands: readonly CommandRow[] = [
  { name: 'geoadd', arity: -5, flags: WRITE | DENYOOM, group, keys: firstKey('RW update'), run: geoAdd },
  { name: 'geopos', arity: -2, flags: READONLY, group, keys, run: geoPos },
  { name: 'geodist', arity: -4, flags: READONLY, group, keys, run: geoDist },
  { name: 'geohash', arity: -2, flags: READONLY, group, keys, run: geoHash },
];

function geoAdd(call: Call): void {
  let conditions = 0;
  let countsChanges = false;
  let first = 2;
  for (; first < call.argc; first++) {
    if (call.is(first, 'nx')) conditions |= ADD_NX;
    else if (call.is(first, 'xx')) conditions |= ADD_XX;
    else if (call.is(first, 'ch')) countsChanges = true;
    else break;
  }
  const count = (call.argc - first) / ARGUMENTS_PER_MEMBER;
  if (count === 0 || !Number.isInteger(count) || conditions === (ADD_NX | ADD_XX)) {
    call.reply.error(SYNTAX_ERROR);
    return;
  }
  const scores = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const position = parsePosition(call, first + i * ARGUMENTS_PER_MEMBER);
    if (position === undefined) return;
    scores[i] = scoreOfPosition(position);
  }
  addScores(call, { conditions, countsChanges, memberAt: first + 2, step: ARGUMENTS_PER_MEMBER }, scores);
}

/** The position that arguments `i` and the next one say; undefined after replying with an error. */
export function parsePosition(call: Call, i: number): Position | undefined {
  const longitude = parseDouble(call.bytes, call.starts[i], call.ends[i]);
  const latitude = parseDouble(call.bytes, call.starts[i + 1], call.ends[i + 1]);
  if (longitude === undefined || latitude === undefined) {
    call.reply.error(NOT_A_FLOAT);
    return undefined;
  }
  const position = { longitude, latitude };
  if (isPosition(position)) return position;
  call.reply.error(`invalid longitude,latitude pair ${plain(longitude)},${plain(latitude)}`);
  return undefined;
}

/** As C's `%f` prints it. */
function plain(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** How many meters the unit of argument `i` has; undefined after replying with an error. */
export function parseUnit(call: Call, i: number): number | undefined {
  const unit = METERS_OF.find(([name]) => call.is(i, name));
  if (unit !== undefined) return unit[1];
  call.reply.error('unsupported unit provided. please use M, KM, FT, MI');
  return undefined;
}

function geoPos(call: Call): void {
  const { reply } = call;
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  reply.array(call.argc - 2);
  for (let i = 2; i < call.argc; i++) {
    const position = positionOf(call, set, i);
    if (position === undefined) reply.nullArray();
    else replyPosition(call, position);
  }
}

/** The position of the member that argument `i` names. */
export function positionOf(call: Call, set: LargeValue | null, i: number): Position | undefined {
  if (set === null || call.lengthOf(i) > KEY_SIZE_MAX_BYTES) return undefined;
  setMember(call, i);
  return findMember(call.store, set) === 0 ? undefined : positionOfScore(scoreOf(call.store));
}

export function replyPosition({ reply }: Call, { longitude, latitude }: Position): void {
  reply.array(2);
  reply.decimal(coordinate(longitude));
  reply.decimal(coordinate(latitude));
}

/** With 17 decimals, as far as they are not zeros. */
function coordinate(degrees: number): string {
  const text = degrees.toFixed(COORDINATE_DIGITS).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

/** A distance with 4 decimals, a half rounded to the even one. */
export function replyDistance({ reply }: Call, distance: number): void {
  const scale = 10 ** DISTANCE_DIGITS;
  const scaled = distance * scale;
  const down = Math.floor(scaled);
  const isUp = scaled - down > 0.5 || (scaled - down === 0.5 && down % 2 === 1);
  const units = isUp ? down + 1 : down;
  reply.bulkLatin1(`${Math.floor(units / scale)}.${String(units % scale).padStart(DISTANCE_DIGITS, '0')}`);
}

function geoDist(call: Call): void {
  const { reply } = call;
  const meters = call.argc === 5 ? parseUnit(call, 4) : 1;
  if (meters === undefined) return;
  if (call.argc > 5) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  const from = positionOf(call, set, 2);
  const to = positionOf(call, set, 3);
  if (from === undefined || to === undefined) reply.null();
  else replyDistance(call, distanceMeters(from, to) / meters);
}

function geoHash(call: Call): void {
  const { reply } = call;
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  reply.array(call.argc - 2);
  for (let i = 2; i < call.argc; i++) {
    const position = positionOf(call, set, i);
    if (position === undefined) reply.null();
    else reply.bulkLatin1(textOfPosition(position));
  }
}
