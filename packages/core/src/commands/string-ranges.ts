/** Commands that read and change parts of strings. */
import { fromStart } from '../base/range-index.ts';
import { putBytes } from '../engine/put.ts';
import { putRange } from '../engine/put-range.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import type { Call } from './call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, READONLY, WRITE } from './command.ts';
import { checkStringSize } from './string-size.ts';

const EMPTY = Buffer.alloc(0);

export const stringRangeCommands: readonly CommandRow[] = [
  {
    name: 'append',
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    group: 'string',
    keys: firstKey('RW insert'),
    run: append,
  },
  {
    name: 'strlen',
    arity: 2,
    flags: READONLY | FAST,
    group: 'string',
    keys: firstKey('RO'),
    run: strLen,
  },
  {
    name: 'getrange',
    arity: 4,
    flags: READONLY,
    group: 'string',
    keys: firstKey('RO access'),
    run: getRange,
  },
  {
    name: 'substr',
    arity: 4,
    flags: READONLY,
    group: 'string',
    keys: firstKey('RO access'),
    run: getRange,
  },
  {
    name: 'setrange',
    arity: 4,
    flags: WRITE | DENYOOM,
    group: 'string',
    keys: firstKey('RW update'),
    run: setRange,
  },
];

/** Length of the string that `findString` found, 0 for none. */
function lengthOfFound(call: Call): number {
  return call.found === 0 ? 0 : lengthOfString(call.store);
}

/** Writes argument `i` at `offset` of the string that was found, and replies with its new length. */
function write(call: Call, offset: number, i: number, event: string): void {
  const { store, database, found, bytes, starts, ends } = call;
  const length = putRange(store, database, found, offset, bytes, starts[i], ends[i]);
  call.changed('$', event);
  call.reply.integer(length);
}

function append(call: Call): void {
  if (!call.findString(1)) return;
  const length = lengthOfFound(call);
  if (call.found === 0) makeString(call);
  else if (length === 0 || checkStringSize(call, length + call.lengthOf(2))) write(call, length, 2, 'append');
}

/** A string made by APPEND is like one that SET makes. */
function makeString(call: Call): void {
  const { store, database, bytes, starts, ends } = call;
  putBytes(store, database, 0, bytes, starts[2], ends[2], 0);
  call.changed('$', 'append');
  call.reply.integer(call.lengthOf(2));
}

function strLen(call: Call): void {
  if (call.findString(1)) call.reply.integer(lengthOfFound(call));
}

function getRange(call: Call): void {
  const from = call.integer(2);
  if (from === undefined) return;
  const to = call.integer(3);
  if (to === undefined || !call.findString(1)) return;
  const length = lengthOfFound(call);
  const start = fromStart(Number(from), length);
  const end = Math.min(fromStart(Number(to), length), length - 1) + 1;
  const isEmpty = (from < 0 && to < 0 && from > to) || start >= end;
  const view = isEmpty ? EMPTY : viewOfString(call.store, start, end);
  call.reply.bulk(view, 0, view.length);
}

function setRange(call: Call): void {
  const offset = call.integer(2);
  if (offset === undefined) return;
  if (offset < 0) {
    call.reply.error('offset is out of range');
    return;
  }
  if (!call.findString(1)) return;
  if (call.lengthOf(3) === 0) call.reply.integer(lengthOfFound(call));
  else if (checkStringSize(call, Number(offset) + call.lengthOf(3))) write(call, Number(offset), 3, 'setrange');
}
