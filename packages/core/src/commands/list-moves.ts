/**
 * Commands that move an element from one list to another, or take elements off the first list that has any; and those that do
 * the same as soon as there is one.
 */
import { ElementReader } from '../engine/element-codec.ts';
import { cutElements, pushElement, readEnd } from '../engine/elements.ts';
import { type LargeValue, TYPE_LIST } from '../engine/large-values.ts';
import { withKeysFor } from '../keyspace/lists.ts';
import { timeoutOf } from './blocking.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, finishChange, orNew, WRONG } from './collection-call.ts';
import {
  BLOCKING,
  type CommandRow,
  countedKeys,
  DENYOOM,
  firstKey,
  type KeyRange,
  NOSCRIPT,
  WRITE,
} from './command.ts';
import { popMany } from './lists.ts';

const group = 'list';
const from = firstKey('RW access delete');
const to: KeyRange = { first: 2, last: 2, step: 1, flags: 'RW insert' };
const many: KeyRange = { first: 1, last: -2, step: 1, flags: 'RW access delete' };
const waiting = WRITE | NOSCRIPT | BLOCKING;
const NO_KEYS = 'numkeys should be greater than 0';
const NO_COUNT = 'count should be greater than 0';

export const listMoveCommands: readonly CommandRow[] = [
  { name: 'lmove', arity: 5, flags: WRITE | DENYOOM, group, keys: from, moreKeys: to, run: lMove },
  {
    name: 'rpoplpush',
    arity: 3,
    flags: WRITE | DENYOOM,
    group,
    keys: from,
    moreKeys: to,
    run: (call) => {
      if (!tryMove(call, false, true)) call.reply.null();
    },
  },
  { name: 'lmpop', arity: -4, flags: WRITE, group, keys: countedKeys(1, 'RW access delete'), run: lMPop },
  { name: 'blpop', arity: -3, flags: waiting, group, keys: many, run: (call) => popOrWait(call, true) },
  { name: 'brpop', arity: -3, flags: waiting, group, keys: many, run: (call) => popOrWait(call, false) },
  { name: 'blmove', arity: 6, flags: waiting | DENYOOM, group, keys: from, moreKeys: to, run: bLMove },
  { name: 'brpoplpush', arity: 4, flags: waiting | DENYOOM, group, keys: from, moreKeys: to, run: bRPopLPush },
  {
    name: 'blmpop',
    arity: -5,
    flags: WRITE | BLOCKING,
    group,
    keys: countedKeys(2, 'RW access delete'),
    run: bLMPop,
  },
];

const reader = new ElementReader();

/** Whether argument `i` says the head; undefined after replying that it says no end. */
function headOf(call: Call, i: number): boolean | undefined {
  if (call.is(i, 'left')) return true;
  if (call.is(i, 'right')) return false;
  call.reply.error(SYNTAX_ERROR);
  return undefined;
}

function lMove(call: Call): void {
  const isFromHead = headOf(call, 3);
  if (isFromHead === undefined) return;
  const isToHead = headOf(call, 4);
  if (isToHead === undefined) return;
  if (!tryMove(call, isFromHead, isToHead)) call.reply.null();
}

/** Moves an element from the list of argument 1 to that of argument 2, and replies with it or an error; false if there is none. */
function tryMove(call: Call, isFromHead: boolean, isToHead: boolean): boolean {
  const { reply, store } = call;
  const source = findCollection(call, 1, TYPE_LIST);
  if (source === WRONG) return true;
  if (source === null) return false;
  readEnd(store, source, isFromHead, reader);
  const length = reader.end - reader.start;
  const element = store.valueScratch;
  store.bytes.copy(element, 0, reader.start, reader.end);
  const target = findCollection(call, 2, TYPE_LIST);
  if (target === WRONG) return true;
  reply.bulk(element, 0, length);
  pushTo(call, target, element, length, isToHead);
  call.findKey(1);
  // Of one list the other end may be the only element, or it may have been written anew.
  const list = store.large.ofRoot(store);
  cutElements(store, list, 1, isFromHead);
  finishChange(call, list, 'l', isFromHead ? 'lpop' : 'rpop');
  return true;
}

function pushTo(call: Call, target: LargeValue | null, element: Uint8Array, length: number, atHead: boolean): void {
  const { store } = call;
  const list = withKeysFor(store, call.database, call.found, orNew(call, target, TYPE_LIST), 1);
  pushElement(store, list, atHead, element, 0, length);
  finishChange(call, list, 'l', atHead ? 'lpush' : 'rpush');
}

/** What LMPOP asks for. */
interface Taken {
  firstKey: number;
  keys: number;
  atHead: boolean;
  count: number;
}

/** Reads the arguments of LMPOP from the number of keys on, at `i`; undefined after replying what is wrong. */
function takenFrom(call: Call, i: number): Taken | undefined {
  const { reply } = call;
  const keys = call.integer(i, NO_KEYS);
  if (keys === undefined) return undefined;
  if (keys <= 0) {
    reply.error(NO_KEYS);
    return undefined;
  }
  const where = i + 1 + Number(keys);
  if (where >= call.argc) {
    reply.error(SYNTAX_ERROR);
    return undefined;
  }
  const atHead = headOf(call, where);
  if (atHead === undefined) return undefined;
  const taken = { firstKey: i + 1, keys: Number(keys), atHead, count: 1 };
  if (where + 1 === call.argc) return taken;
  if (where + 3 !== call.argc || !call.is(where + 1, 'count')) {
    reply.error(SYNTAX_ERROR);
    return undefined;
  }
  const count = call.integer(where + 2, NO_COUNT);
  if (count === undefined) return undefined;
  if (count <= 0) {
    reply.error(NO_COUNT);
    return undefined;
  }
  taken.count = Number(count);
  return taken;
}

function lMPop(call: Call): void {
  const taken = takenFrom(call, 1);
  if (taken !== undefined && !tryTake(call, taken)) call.reply.nullArray();
}

/** Takes elements off the first list that there is, and replies with its key and them, or an error; false if there is none. */
function tryTake(call: Call, { firstKey, keys, atHead, count }: Taken): boolean {
  const { reply } = call;
  for (let i = firstKey; i < firstKey + keys; i++) {
    const list = findCollection(call, i, TYPE_LIST);
    if (list === WRONG) return true;
    if (list === null) continue;
    reply.array(2);
    reply.bulk(call.bytes, call.starts[i], call.ends[i]);
    popMany(call, list, count, atHead);
    return true;
  }
  return false;
}

/** Takes an element off the first list that there is, and replies with its key and it; else waits for one. */
function popOrWait(call: Call, atHead: boolean): void {
  const { host, reply, store } = call;
  const timeoutMs = timeoutOf(call, call.argc - 1);
  if (timeoutMs === undefined) return;
  const keys = call.argc - 2;
  for (let i = 1; i <= keys; i++) {
    const list = findCollection(call, i, TYPE_LIST);
    if (list === WRONG) return;
    if (list === null) continue;
    readEnd(store, list, atHead, reader);
    reply.array(2);
    reply.bulk(call.bytes, call.starts[i], call.ends[i]);
    reply.bulk(store.bytes, reader.start, reader.end, store.view);
    cutElements(store, list, 1, atHead);
    finishChange(call, list, 'l', atHead ? 'lpop' : 'rpop');
    return;
  }
  if (!host.blocking.tryWait(call, 1, keys, TYPE_LIST, timeoutMs)) reply.nullArray();
}

function bLMove(call: Call): void {
  const isFromHead = headOf(call, 3);
  if (isFromHead === undefined) return;
  const isToHead = headOf(call, 4);
  if (isToHead !== undefined) moveOrWait(call, isFromHead, isToHead, 5);
}

function bRPopLPush(call: Call): void {
  moveOrWait(call, false, true, 3);
}

function moveOrWait(call: Call, isFromHead: boolean, isToHead: boolean, timeoutAt: number): void {
  const timeoutMs = timeoutOf(call, timeoutAt);
  if (timeoutMs === undefined || tryMove(call, isFromHead, isToHead)) return;
  if (!call.host.blocking.tryWait(call, 1, 1, TYPE_LIST, timeoutMs)) call.reply.null();
}

function bLMPop(call: Call): void {
  const timeoutMs = timeoutOf(call, 1);
  if (timeoutMs === undefined) return;
  const taken = takenFrom(call, 2);
  if (taken === undefined || tryTake(call, taken)) return;
  const { firstKey: first, keys } = taken;
  if (!call.host.blocking.tryWait(call, first, keys, TYPE_LIST, timeoutMs)) call.reply.nullArray();
}
