/** Commands that give a key's value to another key, or to another database. */
import { copyValue, findAt, type KeyPlace, moveValue } from '../keyspace/move-value.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, type KeyRange, WRITE } from './command.ts';
import { parseDatabase } from './databases.ts';

const NO_SUCH_KEY = 'no such key';
const SAME_OBJECT = 'source and destination objects are the same';

const second = (flags: string): KeyRange => ({ first: 2, last: 2, step: 1, flags });

export const keyMoveCommands: readonly CommandRow[] = [
  {
    name: 'rename',
    arity: 3,
    flags: WRITE,
    group: 'generic',
    keys: firstKey('RW access delete'),
    moreKeys: second('OW update'),
    run: rename,
  },
  {
    name: 'renamenx',
    arity: 3,
    flags: WRITE | FAST,
    group: 'generic',
    keys: firstKey('RW access delete'),
    moreKeys: second('OW insert'),
    run: renameNx,
  },
  {
    name: 'copy',
    arity: -3,
    flags: WRITE | DENYOOM,
    group: 'generic',
    keys: firstKey('RO access'),
    moreKeys: second('OW update'),
    run: copy,
  },
  { name: 'move', arity: 3, flags: WRITE | FAST, group: 'generic', keys: firstKey('RW access update'), run: move },
];

/** Argument `i` as a key of a database of clients' numbering. */
function placeOf(call: Call, i: number, database: number): KeyPlace {
  return { database: call.store.namespaces.of(database), bytes: call.bytes, start: call.starts[i], end: call.ends[i] };
}

function rename(call: Call): void {
  if (call.findKey(1) === 0) {
    call.reply.error(NO_SUCH_KEY);
    return;
  }
  if (!call.viewOf(1).equals(call.viewOf(2))) renameFound(call);
  call.reply.ok();
}

function renameNx(call: Call): void {
  if (call.findKey(1) === 0) {
    call.reply.error(NO_SUCH_KEY);
    return;
  }
  const isFree = call.peekKey(2) === 0;
  if (isFree) renameFound(call);
  call.reply.integer(isFree ? 1 : 0);
}

function renameFound(call: Call): void {
  const { database } = call.session;
  const to = placeOf(call, 2, database);
  moveValue(call.store, placeOf(call, 1, database), to);
  call.changed('g', 'rename_from');
  findAt(call.store, to);
  call.changed('g', 'rename_to');
}

function copy(call: Call): void {
  const { store, reply } = call;
  const own = call.session.database;
  let database = own;
  let replaces = false;
  for (let i = 3; i < call.argc; i++) {
    if (call.is(i, 'replace')) replaces = true;
    else if (call.is(i, 'db') && i + 1 < call.argc) {
      const parsed = parseDatabase(call, ++i);
      if (parsed === undefined) return;
      database = parsed;
    } else {
      reply.error(SYNTAX_ERROR);
      return;
    }
  }
  const from = placeOf(call, 1, own);
  const to = placeOf(call, 2, database);
  if (database === own && call.viewOf(1).equals(call.viewOf(2))) {
    reply.error(SAME_OBJECT);
    return;
  }
  if (call.findKey(1) === 0 || (!replaces && findAt(store, to) !== 0)) {
    reply.integer(0);
    return;
  }
  copyValue(store, from, to);
  call.changedIn(database, 'g', 'copy_to');
  reply.integer(1);
}

function move(call: Call): void {
  const { store, reply } = call;
  const own = call.session.database;
  const database = parseDatabase(call, 2);
  if (database === undefined) return;
  if (database === own) {
    reply.error(SAME_OBJECT);
    return;
  }
  const to = placeOf(call, 1, database);
  if (call.findKey(1) === 0 || findAt(store, to) !== 0) {
    reply.integer(0);
    return;
  }
  moveValue(store, placeOf(call, 1, own), to);
  call.changed('g', 'move_from');
  call.changedIn(database, 'g', 'move_to');
  reply.integer(1);
}
