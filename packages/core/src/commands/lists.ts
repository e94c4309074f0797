/** Commands on one list; those that move elements, or take them off the first list that has any, are in `list-moves.ts`. */
import { ElementReader } from '../engine/element-codec.ts';
import { countElements, cutElements, pushElement, readEnd } from '../engine/elements.ts';
import { type LargeValue, TYPE_LIST } from '../engine/large-values.ts';
import {
  AFTER,
  BEFORE,
  elementAt,
  elementFault,
  forEachRun,
  fromEnd,
  IN_PLACE,
  indexOfElement,
  positionsOf,
  putElement,
  removeElements,
  trimList,
  withKeysFor,
} from '../keyspace/lists.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, finishChange, orNew, WRONG } from './collection-call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, READONLY, WRITE } from './command.ts';

const group = 'list';
const insert = firstKey('RW insert');
const access = firstKey('RO access');
const pop = firstKey('RW access delete');
const remove = firstKey('RW delete');
const pushes = WRITE | DENYOOM | FAST;

const NOT_POSITIVE = 'value is out of range, must be positive';
const NO_RANK =
  "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";
const BEYOND = 'value is out of range, value must between -9223372036854775807 and 9223372036854775807';
const INTEGER_MIN = -(2n ** 63n);

export const listCommands: readonly CommandRow[] = [
  { name: 'lpush', arity: -3, flags: pushes, group, keys: insert, run: (call) => push(call, true, false) },
  { name: 'rpush', arity: -3, flags: pushes, group, keys: insert, run: (call) => push(call, false, false) },
  { name: 'lpushx', arity: -3, flags: pushes, group, keys: insert, run: (call) => push(call, true, true) },
  { name: 'rpushx', arity: -3, flags: pushes, group, keys: insert, run: (call) => push(call, false, true) },
  { name: 'lpop', arity: -2, flags: WRITE | FAST, group, keys: pop, run: (call) => popOne(call, true) },
  { name: 'rpop', arity: -2, flags: WRITE | FAST, group, keys: pop, run: (call) => popOne(call, false) },
  { name: 'llen', arity: 2, flags: READONLY | FAST, group, keys: firstKey('RO'), run: lLen },
  { name: 'lrange', arity: 4, flags: READONLY, group, keys: access, run: lRange },
  { name: 'lindex', arity: 3, flags: READONLY, group, keys: access, run: lIndex },
  { name: 'lset', arity: 4, flags: WRITE | DENYOOM, group, keys: firstKey('RW update'), run: lSet },
  { name: 'linsert', arity: 5, flags: WRITE | DENYOOM, group, keys: insert, run: lInsert },
  { name: 'lrem', arity: 4, flags: WRITE, group, keys: remove, run: lRem },
  { name: 'ltrim', arity: 4, flags: WRITE, group, keys: remove, run: lTrim },
  { name: 'lpos', arity: -3, flags: READONLY, group, keys: access, run: lPos },
];

const reader = new ElementReader();

/** Whether the arguments from `first` on may be elements; else the error was replied. */
function areElements(call: Call, first: number, until: number): boolean {
  for (let i = first; i < until; i++) {
    const fault = elementFault(call.store, call.lengthOf(i));
    if (fault === '') continue;
    call.reply.error(fault);
    return false;
  }
  return true;
}

function push(call: Call, atHead: boolean, mustBeThere: boolean): void {
  if (!areElements(call, 2, call.argc)) return;
  const { store } = call;
  const found = findCollection(call, 1, TYPE_LIST);
  if (found === WRONG) return;
  if (found === null && mustBeThere) {
    call.reply.integer(0);
    return;
  }
  const list = withKeysFor(store, call.database, call.found, orNew(call, found, TYPE_LIST), call.argc);
  for (let i = 2; i < call.argc; i++) pushElement(store, list, atHead, call.bytes, call.starts[i], call.ends[i]);
  finishChange(call, list, 'l', atHead ? 'lpush' : 'rpush');
  call.reply.integer(countElements(list));
}

function popOne(call: Call, atHead: boolean): void {
  const { reply, store } = call;
  if (call.argc > 3) {
    reply.error(`wrong number of arguments for '${call.row.name}' command`);
    return;
  }
  const hasCount = call.argc === 3;
  const count = hasCount ? call.integer(2, NOT_POSITIVE) : 1;
  if (count === undefined) return;
  if (count < 0) {
    reply.error(NOT_POSITIVE);
    return;
  }
  const list = findCollection(call, 1, TYPE_LIST);
  if (list === WRONG) return;
  if (list === null) {
    if (hasCount) reply.nullArray();
    else reply.null();
  } else if (hasCount) popMany(call, list, Number(count), atHead);
  else {
    readEnd(store, list, atHead, reader);
    reply.bulk(store.bytes, reader.start, reader.end, store.view);
    cutElements(store, list, 1, atHead);
    finishChange(call, list, 'l', atHead ? 'lpop' : 'rpop');
  }
}

/** Replies with up to `count` elements of an end, and takes them off. */
export function popMany(call: Call, list: LargeValue, count: number, atHead: boolean): void {
  const { reply, store } = call;
  const total = countElements(list);
  const taken = Math.min(count, total);
  reply.array(taken);
  if (taken === 0) return;
  replyRange(call, list, atHead ? 0 : total - 1, taken, !atHead);
  cutElements(store, list, taken, atHead);
  finishChange(call, list, 'l', atHead ? 'lpop' : 'rpop');
}

function replyRange(call: Call, list: LargeValue, index: number, count: number, isBackward: boolean): void {
  const { reply, store } = call;
  forEachRun(store, list, index, count, isBackward, (run) => {
    reply.bulks(store.bytes, store.view, run.starts, run.ends, run.count);
  });
}

function lLen(call: Call): void {
  const list = findCollection(call, 1, TYPE_LIST);
  if (list !== WRONG) call.reply.integer(list === null ? 0 : countElements(list));
}

function lRange(call: Call): void {
  const start = call.integer(2);
  if (start === undefined) return;
  const stop = call.integer(3);
  if (stop === undefined) return;
  const list = findCollection(call, 1, TYPE_LIST);
  if (list === WRONG) return;
  if (list === null) {
    call.reply.array(0);
    return;
  }
  const first = Math.max(0, fromEnd(list, Number(start)));
  const count = Math.max(0, Math.min(fromEnd(list, Number(stop)) + 1, countElements(list)) - first);
  call.reply.array(count);
  if (count > 0) replyRange(call, list, first, count, false);
}

function lIndex(call: Call): void {
  const { reply, store } = call;
  const list = findCollection(call, 1, TYPE_LIST);
  if (list === WRONG) return;
  if (list === null) {
    reply.null();
    return;
  }
  const given = call.integer(2);
  if (given === undefined) return;
  const index = fromEnd(list, Number(given));
  if (index < 0 || index >= countElements(list)) reply.null();
  else {
    const { start, end } = elementAt(store, list, index);
    reply.bulk(store.bytes, start, end, store.view);
  }
}

function lSet(call: Call): void {
  const { reply, store } = call;
  if (!areElements(call, 3, 4)) return;
  const list = findCollection(call, 1, TYPE_LIST);
  if (list === WRONG) return;
  if (list === null) {
    reply.error('no such key');
    return;
  }
  const given = call.integer(2);
  if (given === undefined) return;
  const index = fromEnd(list, Number(given));
  if (index < 0 || index >= countElements(list)) {
    reply.error('index out of range');
    return;
  }
  const { bytes, starts, ends } = call;
  const changed = putElement(store, call.database, call.found, list, index, IN_PLACE, bytes, starts[3], ends[3]);
  finishChange(call, changed, 'l', 'lset');
  reply.ok();
}

function lInsert(call: Call): void {
  const { bytes, starts, ends, reply, store } = call;
  const isAfter = call.is(2, 'after');
  if (!isAfter && !call.is(2, 'before')) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  if (!areElements(call, 4, 5)) return;
  const list = findCollection(call, 1, TYPE_LIST);
  if (list === WRONG) return;
  const index = list === null ? -1 : indexOfElement(store, list, bytes, starts[3], ends[3]);
  if (list === null || index < 0) {
    reply.integer(list === null ? 0 : -1);
    return;
  }
  const where = isAfter ? AFTER : BEFORE;
  const changed = putElement(store, call.database, call.found, list, index, where, bytes, starts[4], ends[4]);
  finishChange(call, changed, 'l', 'linsert');
  reply.integer(countElements(changed));
}

function lRem(call: Call): void {
  const { bytes, starts, ends, reply, store } = call;
  const count = call.integer(2);
  if (count === undefined) return;
  if (BigInt(count) === INTEGER_MIN) {
    reply.error(BEYOND);
    return;
  }
  const list = findCollection(call, 1, TYPE_LIST);
  if (list === WRONG) return;
  const removed = list === null ? 0 : removeElements(store, list, Number(count), bytes, starts[3], ends[3]);
  if (list !== null && removed > 0) finishChange(call, list, 'l', 'lrem');
  reply.integer(removed);
}

function lTrim(call: Call): void {
  const start = call.integer(2);
  if (start === undefined) return;
  const stop = call.integer(3);
  if (stop === undefined) return;
  const list = findCollection(call, 1, TYPE_LIST);
  if (list === WRONG) return;
  if (list !== null) {
    const first = Math.max(0, fromEnd(list, Number(start)));
    trimList(call.store, list, first, Math.min(fromEnd(list, Number(stop)) + 1, countElements(list)));
    finishChange(call, list, 'l', 'ltrim');
  }
  call.reply.ok();
}

function lPos(call: Call): void {
  const { bytes, starts, ends, reply, store } = call;
  const wanted = { rank: 1, countMax: 1, lookedAtMax: 0 };
  let hasCount = false;
  for (let i = 3; i < call.argc; i += 2) {
    const name = optionOf(call, i);
    if (name === undefined || i + 1 === call.argc) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    const value = positionOption(call, i + 1, name);
    if (value === undefined) return;
    if (name === 'rank') wanted.rank = value;
    else if (name === 'maxlen') wanted.lookedAtMax = value;
    else {
      wanted.countMax = value;
      hasCount = true;
    }
  }
  const list = findCollection(call, 1, TYPE_LIST);
  if (list === WRONG) return;
  const found = list === null ? [] : positionsOf(store, list, bytes, starts[2], ends[2], wanted);
  if (hasCount) {
    reply.array(found.length);
    for (const index of found) reply.integer(index);
  } else if (found.length === 0) reply.null();
  else reply.integer(found[0]);
}

function optionOf(call: Call, i: number): 'rank' | 'count' | 'maxlen' | undefined {
  return (['rank', 'count', 'maxlen'] as const).find((name) => call.is(i, name));
}

/** The value of an option of LPOS; undefined after its error was replied. */
function positionOption(call: Call, i: number, name: 'rank' | 'count' | 'maxlen'): number | undefined {
  const negative = `${name.toUpperCase()} can't be negative`;
  const value = name === 'rank' ? call.integer(i) : call.integer(i, negative);
  if (value === undefined) return undefined;
  let fault = '';
  if (name === 'rank') fault = value === 0 ? NO_RANK : BigInt(value) === INTEGER_MIN ? BEYOND : '';
  else if (value < 0) fault = negative;
  if (fault === '') return Number(value);
  call.reply.error(fault);
  return undefined;
}
