/** Commands that read entries of streams: XRANGE, XREVRANGE, XREAD and, with what it changes in a group, XREADGROUP. */
import { StreamId } from '../base/stream-id.ts';
import { type LargeValue, TYPE_STREAM } from '../engine/large-values.ts';
import { EntryParts, findEntry, readEntry } from '../engine/stream-records.ts';
import { forEachInRange, hasAfter, streamOf } from '../keyspace/streams.ts';
import { ANY_CHANGE } from './blocking.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, WRONG } from './collection-call.ts';
import { BLOCKING, type CommandRow, firstKey, READONLY } from './command.ts';
import { parseId, parseInterval } from './stream-arguments.ts';
import { replyId } from './stream-reply.ts';

const group = 'stream';
const parts = new EntryParts();

export const streamReadCommands: readonly CommandRow[] = [
  {
    name: 'xrange',
    arity: -4,
    flags: READONLY,
    group,
    keys: firstKey('RO access'),
    run: (call) => xRange(call, false),
  },
  {
    name: 'xrevrange',
    arity: -4,
    flags: READONLY,
    group,
    keys: firstKey('RO access'),
    run: (call) => xRange(call, true),
  },
  {
    name: 'xread',
    arity: -4,
    flags: READONLY | BLOCKING,
    group,
    keys: { first: 1, last: -1, step: 1, flags: 'RO access', keyword: 'streams' },
    run: xRead,
  },
];

function xRange(call: Call, isDownward: boolean): void {
  const start = new StreamId();
  const end = new StreamId();
  if (!parseInterval(call, isDownward ? 3 : 2, isDownward ? 2 : 3, start, end)) return;
  let countMax = Number.POSITIVE_INFINITY;
  for (let i = 4; i < call.argc; i += 2) {
    if (i + 1 === call.argc || !call.is(i, 'count')) {
      call.reply.error(SYNTAX_ERROR);
      return;
    }
    const count = call.integer(i + 1);
    if (count === undefined) return;
    countMax = Math.max(0, Number(count));
  }
  const stream = findCollection(call, 1, TYPE_STREAM);
  if (stream === WRONG) return;
  if (stream === null) call.reply.array(0);
  else if (countMax === 0) call.reply.nullArray();
  else replyRange(call, stream, start, end, countMax, isDownward);
}

/** Replies with the entries of `[start, end]`, at most so many. Both IDs are changed. */
export function replyRange(
  call: Call,
  stream: LargeValue,
  start: StreamId,
  end: StreamId,
  countMax: number,
  isDownward: boolean,
): void {
  const { store, reply } = call;
  const place = reply.defer();
  const visit = (each: StreamId): void => replyEntry(call, stream, each);
  reply.resolveArray(place, forEachInRange(store, stream, start, end, countMax, isDownward, visit));
}

/** Replies with an entry, which is there: its ID, and its fields and values. */
export function replyEntry(call: Call, stream: LargeValue, own: StreamId): void {
  const { store, reply } = call;
  if (!findEntry(store, stream, own)) throw new Error(`an entry of a stream of ${store.path} has no record`);
  readEntry(store, parts);
  reply.array(2);
  replyId(reply, own);
  reply.array(parts.count);
  for (let i = 0; i < parts.count; i++) reply.bulk(store.bytes, parts.starts[i], parts.ends[i], store.view);
}

function xRead(call: Call): void {
  const options = parseReadOptions(call, false);
  if (options === undefined) return;
  const { first, streams } = options;
  const ids: StreamId[] = [];
  const kept = call.host.blocking.fromOf(call);
  const found: (LargeValue | null)[] = [];
  for (let i = 0; i < streams; i++) {
    const stream = findCollection(call, first + i, TYPE_STREAM);
    if (stream === WRONG) return;
    const own = new StreamId();
    const at = first + streams + i;
    if (kept !== undefined) own.set(kept[i]);
    else if (call.is(at, '$')) {
      if (stream !== null) own.set(streamOf(call.store, stream).lastId);
    } else if (call.is(at, '>')) {
      call.reply.error(
        'The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
      );
      return;
    } else if (!parseId(call, at, own)) return;
    ids.push(own);
    found.push(stream);
  }
  const has = (i: number): boolean => hasNew(call, found[i], ids[i]);
  if (tryWait(call, options, has, ids)) return;
  serve(call, options, has, (i) => {
    const end = new StreamId();
    end.setMax();
    ids[i].increment();
    replyRange(call, found[i] as LargeValue, ids[i], end, options.countMax, false);
  });
}

/** Whether a stream, if there is one, has an entry above an ID. */
export function hasNew(call: Call, stream: LargeValue | null, own: StreamId): boolean {
  return stream !== null && hasAfter(streamOf(call.store, stream), own);
}

export interface ReadOptions {
  /** The argument with the first key. */
  first: number;
  streams: number;
  countMax: number;
  /** -1: it does not wait. */
  blockMs: number;
  /** The argument with the group's name, 0 for none; its consumer's follows. */
  groupAt: number;
  acknowledges: boolean;
}

/** Lets the command wait as BLOCK says, where no stream has something; false if it must reply now. */
export function tryWait(
  call: Call,
  { first, streams, blockMs, groupAt }: ReadOptions,
  has: (i: number) => boolean,
  from?: readonly StreamId[],
): boolean {
  if (blockMs < 0) return false;
  for (let i = 0; i < streams; i++) if (has(i)) return false;
  const type = groupAt > 0 ? ANY_CHANGE : TYPE_STREAM;
  return call.host.blocking.tryWait(call, first, streams, type, blockMs, from);
}

/** Replies with what there is of the streams that have something, by their keys; or with null. */
export function serve(
  call: Call,
  { first, streams }: ReadOptions,
  has: (i: number) => boolean,
  replyStream: (i: number) => void,
): void {
  const { reply } = call;
  let place = -1;
  let count = 0;
  for (let i = 0; i < streams; i++) {
    if (!has(i)) continue;
    if (count++ === 0) place = reply.defer();
    if (reply.proto === 2) reply.array(2);
    reply.bulk(call.bytes, call.starts[first + i], call.ends[first + i]);
    replyStream(i);
  }
  if (count > 0) {
    if (reply.proto === 2) reply.resolveArray(place, count);
    else reply.resolveMap(place, count);
  } else reply.nullArray();
}

/** The options of XREAD, or of XREADGROUP; undefined after replying with an error. */
export function parseReadOptions(call: Call, hasGroup: boolean): ReadOptions | undefined {
  const { reply } = call;
  const options = {
    first: 0,
    streams: 0,
    countMax: Number.POSITIVE_INFINITY,
    blockMs: -1,
    groupAt: 0,
    acknowledges: false,
  };
  for (let i = 1; i < call.argc && options.first === 0; i++) {
    const left = call.argc - 1 - i;
    if (left > 0 && call.is(i, 'block')) {
      const blockMs = parseTimeout(call, ++i);
      if (blockMs === undefined) return undefined;
      options.blockMs = blockMs;
    } else if (left > 0 && call.is(i, 'count')) {
      const count = call.integer(++i);
      if (count === undefined) return undefined;
      options.countMax = count > 0 ? Number(count) : Number.POSITIVE_INFINITY;
    } else if (left > 0 && call.is(i, 'streams')) {
      options.first = i + 1;
      options.streams = left / 2;
    } else if (left > 1 && call.is(i, 'group')) {
      if (!hasGroup) {
        reply.error('The GROUP option is only supported by XREADGROUP. You called XREAD instead.');
        return undefined;
      }
      options.groupAt = i + 1;
      i += 2;
    } else if (call.is(i, 'noack')) {
      if (!hasGroup) {
        reply.error('The NOACK option is only supported by XREADGROUP. You called XREAD instead.');
        return undefined;
      }
      options.acknowledges = true;
    } else {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return checked(call, options, hasGroup) ? options : undefined;
}

function checked(call: Call, { first, streams, groupAt }: ReadOptions, hasGroup: boolean): boolean {
  if (first === 0) call.reply.error(SYNTAX_ERROR);
  else if (streams % 1 !== 0) {
    call.reply.error(
      `Unbalanced '${call.row.name}' list of streams: for each stream key an ID or '${hasGroup ? '>' : '$'}' must be specified.`,
    );
  } else if (hasGroup && groupAt === 0) call.reply.error('Missing GROUP option for XREADGROUP');
  else return true;
  return false;
}

function parseTimeout(call: Call, i: number): number | undefined {
  const timeout = call.integer(i, 'timeout is not an integer or out of range');
  if (timeout === undefined) return undefined;
  if (timeout >= 0) return Number(timeout);
  call.reply.error('timeout is negative');
  return undefined;
}
