/** Searches around positions: GEOSEARCH and GEOSEARCHSTORE, and GEORADIUS and its kin, which came before. */
import { parseDouble } from '../base/double.ts';
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import { type FoundPlace, findPlaces, setOfPlaces } from '../keyspace/geo.ts';
import type { Position, SearchShape } from '../types/geohash.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, WRONG } from './collection-call.ts';
import { finishStore } from './collection-store.ts';
import { type CommandRow, DENYOOM, firstKey, MOVABLE_KEYS, READONLY, WRITE } from './command.ts';
import { parsePosition, parseUnit, positionOf, replyDistance, replyPosition } from './geo.ts';

/** What a command's name says of its arguments. */
interface SearchForm {
  /** The argument with the key that is searched. */
  readonly source: number;
  /** Where GEORADIUS's centre comes from, in front of the options; null: an option says it. */
  readonly center: 'position' | 'member' | null;
  readonly mayStore: boolean;
}

interface SearchOptions {
  /** What says where the centre is. */
  from: 'position' | 'member' | null;
  /** null as long as nothing has said it, and if the key with the member is not there. */
  center: Position | null;
  size: { radius: number } | { width: number; height: number } | null;
  unitMeters: number;
  withDistance: boolean;
  withHash: boolean;
  withPosition: boolean;
  order: 'none' | 'near' | 'far';
  /** 0: all. */
  count: number;
  isAny: boolean;
  /** The argument with the key that the result is stored under, 0 for none. */
  target: number;
  storesDistance: boolean;
}

const group = 'geo';
const read = firstKey('RO access');

export const geoSearchCommands: readonly CommandRow[] = [
  searcher('geosearch', -7, { source: 1, center: null, mayStore: false }),
  {
    ...searcher('geosearchstore', -8, { source: 2, center: null, mayStore: true }),
    keys: firstKey('OW update'),
    moreKeys: { first: 2, last: 2, step: 1, flags: 'RO access' },
  },
  { ...searcher('georadius', -6, { source: 1, center: 'position', mayStore: true }), findKeys: findRadiusKeys(6) },
  searcher('georadius_ro', -6, { source: 1, center: 'position', mayStore: false }),
  {
    ...searcher('georadiusbymember', -5, { source: 1, center: 'member', mayStore: true }),
    findKeys: findRadiusKeys(5),
  },
  searcher('georadiusbymember_ro', -5, { source: 1, center: 'member', mayStore: false }),
];

function searcher(name: string, arity: number, form: SearchForm): CommandRow {
  const movable = form.mayStore && form.center !== null ? MOVABLE_KEYS : 0;
  const flags = form.mayStore ? WRITE | DENYOOM | movable : READONLY;
  return { name, arity, flags, group, keys: read, run: (call) => search(call, form) };
}

/** GEORADIUS may store its result under a key that comes last, after one of its options. */
function findRadiusKeys(first: number): (call: Call, push: (index: number) => void) => void {
  return (call, push) => {
    push(1);
    let target = 0;
    for (let i = first; i + 1 < call.argc; i++) if (call.is(i, 'store') || call.is(i, 'storedist')) target = ++i;
    if (target !== 0) push(target);
  };
}

function search(call: Call, form: SearchForm): void {
  const set = findCollection(call, form.source, TYPE_ZSET);
  if (set === WRONG) return;
  const options: SearchOptions = {
    from: form.center,
    center: null,
    size: null,
    unitMeters: 1,
    withDistance: false,
    withHash: false,
    withPosition: false,
    order: 'none',
    count: 0,
    isAny: false,
    target: form.center === null && form.mayStore ? 1 : 0,
    storesDistance: false,
  };
  const first = form.center === null ? form.source + 1 : parseRadius(call, set, form.center, options);
  if (first < 0 || !parseOptions(call, set, first, form, options)) return;
  const error = faultOf(call, form, options);
  if (error !== '') call.reply.error(error);
  else if (set === null) replyNothing(call, options);
  else finish(call, set, options);
}

/** Centre and radius of GEORADIUS and its kin; returns where options begin, -1 after replying with an error. */
function parseRadius(
  call: Call,
  set: LargeValue | null,
  center: 'position' | 'member',
  options: SearchOptions,
): number {
  const radiusAt = center === 'position' ? 4 : 3;
  if (center === 'position' || set !== null) {
    const found = center === 'position' ? parsePosition(call, 2) : findCenter(call, set, 2);
    if (found === undefined || !parseSize(call, radiusAt, 1, options)) return -1;
    options.center = found;
  }
  return radiusAt + 2;
}

function findCenter(call: Call, set: LargeValue | null, i: number): Position | undefined {
  const position = positionOf(call, set, i);
  if (position === undefined) call.reply.error('could not decode requested zset member');
  return position;
}

/** One length is a radius, two are width and height; their unit follows. False after replying with an error. */
function parseSize(call: Call, first: number, lengths: 1 | 2, options: SearchOptions): boolean {
  const names = lengths === 1 ? ['radius'] : ['width', 'height'];
  const parsed: number[] = [];
  for (let i = 0; i < lengths; i++) {
    const length = parseDouble(call.bytes, call.starts[first + i], call.ends[first + i]);
    if (length === undefined) {
      call.reply.error(`need numeric ${names[i]}`);
      return false;
    }
    parsed.push(length);
  }
  if (parsed.some((length) => length < 0)) {
    call.reply.error(lengths === 1 ? 'radius cannot be negative' : 'height or width cannot be negative');
    return false;
  }
  const unitMeters = parseUnit(call, first + lengths);
  if (unitMeters === undefined) return false;
  options.unitMeters = unitMeters;
  options.size = lengths === 1 ? { radius: parsed[0] } : { width: parsed[0], height: parsed[1] };
  return true;
}

/** False after replying with an error. */
function parseOptions(
  call: Call,
  set: LargeValue | null,
  first: number,
  form: SearchForm,
  options: SearchOptions,
): boolean {
  for (let i = first; i < call.argc; ) {
    const taken = parseFlag(call, i, options) || parsePart(call, set, i, form, options);
    if (taken < 0) return false;
    if (taken === 0) {
      call.reply.error(SYNTAX_ERROR);
      return false;
    }
    i += taken;
  }
  return true;
}

/** Options of one word: 1 if argument `i` is one. */
function parseFlag(call: Call, i: number, options: SearchOptions): number {
  if (call.is(i, 'withdist')) options.withDistance = true;
  else if (call.is(i, 'withhash')) options.withHash = true;
  else if (call.is(i, 'withcoord')) options.withPosition = true;
  else if (call.is(i, 'any')) options.isAny = true;
  else if (call.is(i, 'asc')) options.order = 'near';
  else if (call.is(i, 'desc')) options.order = 'far';
  else return 0;
  return 1;
}

/** The other options: how many arguments it has, 0 if it is none, -1 after replying with an error. */
function parsePart(call: Call, set: LargeValue | null, i: number, form: SearchForm, options: SearchOptions): number {
  const left = call.argc - i - 1;
  const isSearch = form.center === null;
  if (left >= 1 && call.is(i, 'count')) return parseCount(call, i + 1, options) ? 2 : -1;
  if (isSearch && form.mayStore && call.is(i, 'storedist')) {
    options.storesDistance = true;
    return 1;
  }
  if (!isSearch && form.mayStore && left >= 1 && (call.is(i, 'store') || call.is(i, 'storedist'))) {
    options.target = i + 1;
    options.storesDistance = call.is(i, 'storedist');
    return 2;
  }
  return isSearch ? parseShape(call, set, i, options) : 0;
}

function parseCount(call: Call, i: number, options: SearchOptions): boolean {
  const count = call.integer(i);
  if (count === undefined) return false;
  if (count <= 0) {
    call.reply.error('COUNT must be > 0');
    return false;
  }
  options.count = Number(count);
  return true;
}

/** GEOSEARCH's centre and shape, each of which may be given in one way only. */
function parseShape(call: Call, set: LargeValue | null, i: number, options: SearchOptions): number {
  const left = call.argc - i - 1;
  const { size } = options;
  const hasRadius = size !== null && 'radius' in size;
  if (left >= 1 && call.is(i, 'frommember') && options.from !== 'position') {
    return parseMember(call, set, i + 1, options) ? 2 : -1;
  }
  if (left >= 2 && call.is(i, 'fromlonlat') && options.from !== 'member') {
    const position = parsePosition(call, i + 1);
    if (position === undefined) return -1;
    options.from = 'position';
    options.center = position;
    return 3;
  }
  if (left >= 2 && call.is(i, 'byradius') && (size === null || hasRadius)) {
    return parseSize(call, i + 1, 1, options) ? 3 : -1;
  }
  if (left >= 3 && call.is(i, 'bybox') && !hasRadius) return parseSize(call, i + 1, 2, options) ? 4 : -1;
  return 0;
}

function parseMember(call: Call, set: LargeValue | null, i: number, options: SearchOptions): boolean {
  options.from = 'member';
  if (set === null) return true;
  const center = findCenter(call, set, i);
  if (center === undefined) return false;
  options.center = center;
  return true;
}

function faultOf(call: Call, form: SearchForm, options: SearchOptions): string {
  const { from, size, target } = options;
  if (target !== 0 && (options.withDistance || options.withHash || options.withPosition)) {
    const name = form.center === null ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS';
    return `${name} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`;
  }
  if (from === null) return `exactly one of FROMMEMBER or FROMLONLAT can be specified for ${call.latin1(0)}`;
  if (size === null && form.center === null)
    return `exactly one of BYRADIUS and BYBOX can be specified for ${call.latin1(0)}`;
  return options.isAny && options.count === 0 ? 'the ANY argument requires COUNT argument' : '';
}

function replyNothing(call: Call, { target }: SearchOptions): void {
  if (target === 0) {
    call.reply.array(0);
    return;
  }
  finishStore(call, target, null, '', '');
  call.reply.integer(0);
}

function finish(call: Call, set: LargeValue, options: SearchOptions): void {
  const { target } = options;
  const places = findPlaces(call.store, set, shapeOf(options), options);
  if (target === 0) replyPlaces(call, places, options);
  else storePlaces(call, places, options);
}

function shapeOf({ center, size, unitMeters }: SearchOptions): SearchShape {
  if (center === null || size === null) throw new Error('a search has a centre and a size');
  if ('radius' in size) return { center, radiusMeters: size.radius * unitMeters };
  return { center, widthMeters: size.width * unitMeters, heightMeters: size.height * unitMeters };
}

function replyPlaces(call: Call, places: readonly FoundPlace[], options: SearchOptions): void {
  const { reply } = call;
  const { withDistance, withHash, withPosition, unitMeters } = options;
  const more = Number(withDistance) + Number(withHash) + Number(withPosition);
  reply.array(places.length);
  for (const { member, score, position, distanceMeters } of places) {
    if (more > 0) reply.array(1 + more);
    reply.bulk(member, 0, member.length);
    if (withDistance) replyDistance(call, distanceMeters / unitMeters);
    if (withHash) reply.integer(BigInt.asIntN(64, BigInt(Math.trunc(score))));
    if (withPosition) replyPosition(call, position);
  }
}

function storePlaces(call: Call, places: readonly FoundPlace[], options: SearchOptions): void {
  const made = setOfPlaces(call.store, places, options.storesDistance ? options.unitMeters : 0);
  finishStore(
    call,
    options.target,
    made,
    'z',
    call.row.name.startsWith('georadius') ? 'georadiusstore' : 'geosearchstore',
  );
  call.reply.integer(places.length);
}
