/** ZPOPMIN, ZPOPMAX and ZMPOP, and their forms that wait for members. */
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import { countMembers } from '../engine/members.ts';
import { orderOf } from '../engine/sorted-members.ts';
import { cutRanks, removeRanked } from '../keyspace/sorted-sets.ts';
import { timeoutOf } from './blocking.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, finishChange, WRONG } from './collection-call.ts';
import { BLOCKING, type CommandRow, countedKeys, FAST, firstKey, type KeyRange, NOSCRIPT, WRITE } from './command.ts';

const NOT_POSITIVE = 'value is out of range, must be positive';

const group = 'sorted-set';
const keys = firstKey('RW access delete');
const many: KeyRange = { first: 1, last: -2, step: 1, flags: 'RW access delete' };
const waiting = WRITE | NOSCRIPT | BLOCKING;

export const sortedSetPopCommands: readonly CommandRow[] = [
  { name: 'zpopmin', arity: -2, flags: WRITE | FAST, group, keys, run: (call) => zPop(call, false) },
  { name: 'zpopmax', arity: -2, flags: WRITE | FAST, group, keys, run: (call) => zPop(call, true) },
  {
    name: 'zmpop',
    arity: -4,
    flags: WRITE,
    group,
    keys: countedKeys(1, 'RW access delete'),
    run: zMPop,
  },
  { name: 'bzpopmin', arity: -3, flags: waiting | FAST, group, keys: many, run: (call) => popOrWait(call, false) },
  { name: 'bzpopmax', arity: -3, flags: waiting | FAST, group, keys: many, run: (call) => popOrWait(call, true) },
  {
    name: 'bzmpop',
    arity: -5,
    flags: WRITE | BLOCKING,
    group,
    keys: countedKeys(2, 'RW access delete'),
    run: bZMPop,
  },
];

function zPop(call: Call, isMax: boolean): void {
  const { reply } = call;
  if (call.argc > 3) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const count = call.argc === 3 ? call.integer(2, NOT_POSITIVE) : 1;
  if (count === undefined) return;
  if (count < 0) {
    reply.error(NOT_POSITIVE);
    return;
  }
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  const popped = set === null ? 0 : Math.min(Number(count), countMembers(set));
  const arePairs = reply.proto === 3 && call.argc === 3;
  reply.array(arePairs ? popped : popped * 2);
  if (set !== null && popped > 0) popInto(call, set, isMax, popped, arePairs);
}

/** Removes members from one end, replies with each of them, and tells of it. */
function popInto(call: Call, set: LargeValue, isMax: boolean, count: number, arePairs: boolean): void {
  const { store, reply } = call;
  const order = orderOf(store, set);
  const range = cutRanks({ from: 0, until: order.count }, isMax, 0, count);
  removeRanked(store, set, range, ({ member, score }) => {
    if (arePairs) reply.array(2);
    reply.bulk(member, 0, member.length);
    reply.double(score);
  });
  finishChange(call, set, 'z', isMax ? 'zpopmax' : 'zpopmin');
}

function zMPop(call: Call): void {
  const options = parsePopOptions(call, 1);
  if (options !== undefined && !tryPopMany(call, 2, options)) call.reply.nullArray();
}

/** From the first key that has members; false if none has. */
function tryPopMany(call: Call, first: number, { end, isMax, count }: PopOptions): boolean {
  const { reply } = call;
  const found = findFirst(call, first, end);
  if (found === null) return false;
  if (found === WRONG) return true;
  const { set, i } = found;
  const popped = Math.min(count, countMembers(set));
  reply.array(2);
  reply.bulk(call.bytes, call.starts[i], call.ends[i]);
  reply.array(popped);
  popInto(call, set, isMax, popped, true);
  return true;
}

/** The first of arguments `[first, end)` that is a key of a sorted set; WRONG after replying that one is of another type. */
function findFirst(call: Call, first: number, end: number): { set: LargeValue; i: number } | null | typeof WRONG {
  for (let i = first; i < end; i++) {
    const set = findCollection(call, i, TYPE_ZSET);
    if (set === WRONG) return WRONG;
    if (set !== null) return { set, i };
  }
  return null;
}

function popOrWait(call: Call, isMax: boolean): void {
  const { reply, host } = call;
  const last = call.argc - 1;
  const timeoutMs = timeoutOf(call, last);
  if (timeoutMs === undefined) return;
  const found = findFirst(call, 1, last);
  if (found === WRONG) return;
  if (found === null) {
    if (!host.blocking.tryWait(call, 1, last - 1, TYPE_ZSET, timeoutMs)) reply.nullArray();
    return;
  }
  const { set, i } = found;
  reply.array(3);
  reply.bulk(call.bytes, call.starts[i], call.ends[i]);
  popInto(call, set, isMax, 1, false);
}

function bZMPop(call: Call): void {
  const first = 3;
  const options = parsePopOptions(call, first - 1);
  if (options === undefined) return;
  const timeoutMs = timeoutOf(call, 1);
  if (timeoutMs === undefined || tryPopMany(call, first, options)) return;
  if (!call.host.blocking.tryWait(call, first, options.end - first, TYPE_ZSET, timeoutMs)) call.reply.nullArray();
}

interface PopOptions {
  /** The argument after the last key. */
  end: number;
  isMax: boolean;
  count: number;
}

/** From the number of keys on, which argument `countAt` says; undefined after replying with an error. */
function parsePopOptions(call: Call, countAt: number): PopOptions | undefined {
  const keyCount = positive(call, countAt, 'numkeys should be greater than 0');
  if (keyCount === undefined) return undefined;
  const end = countAt + 1 + keyCount;
  const isMax = end < call.argc && call.is(end, 'max');
  if (end >= call.argc || (!isMax && !call.is(end, 'min'))) {
    call.reply.error(SYNTAX_ERROR);
    return undefined;
  }
  if (call.argc === end + 1) return { end, isMax, count: 1 };
  if (!call.is(end + 1, 'count') || call.argc === end + 2) {
    call.reply.error(SYNTAX_ERROR);
    return undefined;
  }
  const count = positive(call, end + 2, 'count should be greater than 0');
  if (count === undefined) return undefined;
  if (call.argc === end + 3) return { end, isMax, count };
  call.reply.error(SYNTAX_ERROR);
  return undefined;
}

function positive(call: Call, i: number, error: string): number | undefined {
  const value = call.integer(i, error);
  if (value === undefined || value > 0) return value === undefined ? undefined : Number(value);
  call.reply.error(error);
  return undefined;
}
