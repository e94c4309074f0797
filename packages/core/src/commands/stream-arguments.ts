/** Arguments of commands on streams: IDs, intervals of IDs, how to trim. Each replies with redis's error where one is wrong. */
import { StreamId } from '../base/stream-id.ts';
import type { Trim } from '../keyspace/streams.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';

const INVALID_ID = 'Invalid stream ID specified as stream command argument';
const TWICE = 'syntax error, MAXLEN and MINID options at the same time are not compatible';
/** Nodes that `~` without LIMIT goes through. */
const NODES_MAX = 100;
const LIMIT_DEFAULT = 10_000;
const LIMIT_MAX = 1_000_000;
const DASH = 0x2d;
const STAR = 0x2a;
const PARENTHESIS = 0x28;

/** Argument `i` as an ID; false after replying that it is none. Without a sequence number it is the first of its ms. */
export function parseId(call: Call, i: number, into: StreamId): boolean {
  if (into.parse(call.bytes, call.starts[i], call.ends[i], false)) return true;
  call.reply.error(INVALID_ID);
  return false;
}

/** Whether argument `i` is an ID. */
export function isId(call: Call, i: number, into: StreamId): boolean {
  return into.parse(call.bytes, call.starts[i], call.ends[i], false);
}

/** Argument `i` as the start of an interval without an end. */
export function parseStart(call: Call, i: number, start: StreamId): boolean {
  const isStartOpen = isOpen(call, i);
  if (!parseEnd(call, i, isStartOpen, false, start)) return false;
  if (!isStartOpen || start.increment()) return true;
  call.reply.error('invalid start ID for the interval');
  return false;
}

/** Argument `i` as the ID of a new entry, with `<ms>-*` for a sequence number that is to be found: 'sequence'. */
function parseNewId(call: Call, i: number, into: StreamId): 'whole' | 'sequence' | undefined {
  const { bytes, starts, ends } = call;
  const end = ends[i];
  if (end - starts[i] > 2 && bytes[end - 1] === STAR && bytes[end - 2] === DASH) {
    if (into.parse(bytes, starts[i], end - 2, false) && !bytes.subarray(starts[i], end - 2).includes(DASH)) {
      return 'sequence';
    }
    call.reply.error(INVALID_ID);
    return undefined;
  }
  return parseId(call, i, into) ? 'whole' : undefined;
}

/** Arguments `from` and `to` as an interval: `-` and `+` for its ends, `(` for one without its end. */
export function parseInterval(call: Call, from: number, to: number, start: StreamId, end: StreamId): boolean {
  const isStartOpen = isOpen(call, from);
  if (!parseEnd(call, from, isStartOpen, false, start)) return false;
  if (isStartOpen && !start.increment()) {
    call.reply.error('invalid start ID for the interval');
    return false;
  }
  const isEndOpen = isOpen(call, to);
  if (!parseEnd(call, to, isEndOpen, true, end)) return false;
  if (isEndOpen && !end.decrement()) {
    call.reply.error('invalid end ID for the interval');
    return false;
  }
  return true;
}

function isOpen(call: Call, i: number): boolean {
  return call.lengthOf(i) > 1 && call.bytes[call.starts[i]] === PARENTHESIS;
}

function parseEnd(call: Call, i: number, isOpenEnd: boolean, isLast: boolean, into: StreamId): boolean {
  if (!isOpenEnd && call.is(i, '-')) into.setMin();
  else if (!isOpenEnd && call.is(i, '+')) into.setMax();
  else if (!into.parse(call.bytes, call.starts[i] + (isOpenEnd ? 1 : 0), call.ends[i], isLast)) {
    call.reply.error(INVALID_ID);
    return false;
  }
  return true;
}

/** What XADD and XTRIM say before the ID. One for all calls: filled anew by `parseAddOrTrim`. */
export interface AddOptions {
  /** The argument with the ID. */
  idAt: number;
  /** How the ID is given: `*`, `<ms>-*`, or whole. */
  form: 'none' | 'sequence' | 'whole';
  readonly id: StreamId;
  makesStream: boolean;
  trims: boolean;
  readonly trim: Trim;
}

const options: AddOptions = {
  idAt: 0,
  form: 'none',
  id: new StreamId(),
  makesStream: true,
  trims: false,
  trim: { by: 'length', lengthMax: 0, minId: new StreamId(), isApproximate: false, limit: 0 },
};

/** The options from argument 2 on; undefined after replying with an error. */
export function parseAddOrTrim(call: Call, isAdd: boolean): AddOptions | undefined {
  options.form = 'none';
  options.makesStream = true;
  options.trims = false;
  options.idAt = 2;
  if (isAdd && call.is(2, '*')) return options;
  options.trim.isApproximate = false;
  let limit: number | undefined;
  let i = 2;
  for (; i < call.argc; i++) {
    const hasValue = i + 1 < call.argc;
    if (isAdd && call.is(i, '*')) break;
    if (hasValue && (call.is(i, 'maxlen') || call.is(i, 'minid'))) {
      const next = parseThreshold(call, i);
      if (next === 0) return undefined;
      i = next;
    } else if (hasValue && call.is(i, 'limit')) {
      limit = parseLimit(call, ++i);
      if (limit === undefined) return undefined;
    } else if (isAdd && call.is(i, 'nomkstream')) options.makesStream = false;
    else if (isAdd) {
      const form = parseNewId(call, i, options.id);
      if (form === undefined) return undefined;
      options.form = form;
      break;
    } else {
      call.reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  options.idAt = i;
  return setLimit(call, isAdd, limit) ? options : undefined;
}

/** MAXLEN or MINID at argument `at`: returns its last argument, 0 after replying with an error. */
function parseThreshold(call: Call, at: number): number {
  const { trim } = options;
  if (options.trims) {
    call.reply.error(TWICE);
    return 0;
  }
  let i = at + 1;
  trim.isApproximate = i + 1 < call.argc && call.is(i, '~');
  if (trim.isApproximate || (i + 1 < call.argc && call.is(i, '='))) i++;
  options.trims = true;
  trim.by = call.is(at, 'maxlen') ? 'length' : 'id';
  if (trim.by === 'id') return parseId(call, i, trim.minId) ? i : 0;
  const lengthMax = call.integer(i);
  if (lengthMax === undefined) return 0;
  if (lengthMax < 0) {
    call.reply.error('The MAXLEN argument must be >= 0.');
    return 0;
  }
  trim.lengthMax = Number(lengthMax);
  return i;
}

function parseLimit(call: Call, i: number): number | undefined {
  const limit = call.integer(i);
  if (limit === undefined) return undefined;
  if (limit >= 0) return Number(limit);
  call.reply.error('The LIMIT argument must be >= 0.');
  return undefined;
}

function setLimit(call: Call, isAdd: boolean, limit: number | undefined): boolean {
  const { trim, trims } = options;
  if (limit !== undefined && limit > 0 && !trims) {
    call.reply.error('syntax error, LIMIT cannot be used without specifying a trimming strategy');
    return false;
  }
  if (!isAdd && !trims) {
    call.reply.error('syntax error, XTRIM must be called with a trimming strategy');
    return false;
  }
  if (limit !== undefined && !trim.isApproximate) {
    call.reply.error('syntax error, LIMIT cannot be used without the special ~ option');
    return false;
  }
  trim.limit = limit ?? (trim.isApproximate ? defaultLimit(call) : 0);
  return true;
}

function defaultLimit(call: Call): number {
  const limit = NODES_MAX * call.host.valueLimits.streams.nodeEntriesMax;
  return limit <= 0 ? LIMIT_DEFAULT : Math.min(limit, LIMIT_MAX);
}
