/** Commands that read and store whole strings. */
import { putBytes } from '../engine/put.ts';
import { putExpiry } from '../engine/put-expiry.ts';
import { expiryOf } from '../engine/record.ts';
import { remove } from '../engine/remove.ts';
import type { Call } from './call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, hasWord, READONLY, WRITE } from './command.ts';
import { readExpiry, StringOptions } from './string-options.ts';

const options = new StringOptions();

export const stringCommands: readonly CommandRow[] = [
  {
    name: 'get',
    arity: 2,
    flags: READONLY | FAST,
    group: 'string',
    keys: firstKey('RO access'),
    run: get,
  },
  {
    name: 'set',
    arity: -3,
    flags: WRITE | DENYOOM,
    group: 'string',
    keys: firstKey('RW access update variable_flags'),
    keyFlags: (call) => (hasWord(call, 'get') ? 'RW access update' : 'OW update'),
    run: set,
  },
  {
    name: 'setnx',
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    group: 'string',
    keys: firstKey('OW insert'),
    run: setNx,
  },
  {
    name: 'setex',
    arity: 4,
    flags: WRITE | DENYOOM,
    group: 'string',
    keys: firstKey('OW update'),
    run: (call) => setExpiring(call, readExpiry(call, 2, 'ex')),
  },
  {
    name: 'psetex',
    arity: 4,
    flags: WRITE | DENYOOM,
    group: 'string',
    keys: firstKey('OW update'),
    run: (call) => setExpiring(call, readExpiry(call, 2, 'px')),
  },
  {
    name: 'getset',
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    group: 'string',
    keys: firstKey('RW access update'),
    run: getSet,
  },
  {
    name: 'getdel',
    arity: 2,
    flags: WRITE | FAST,
    group: 'string',
    keys: firstKey('RW access delete'),
    run: getDel,
  },
  {
    name: 'getex',
    arity: -2,
    flags: WRITE | FAST,
    group: 'string',
    keys: firstKey('RW access update'),
    run: getEx,
  },
  {
    name: 'mget',
    arity: -2,
    flags: READONLY | FAST,
    group: 'string',
    keys: { first: 1, last: -1, step: 1, flags: 'RO access' },
    run: mGet,
  },
  {
    name: 'mset',
    arity: -3,
    flags: WRITE | DENYOOM,
    group: 'string',
    keys: { first: 1, last: -1, step: 2, flags: 'OW update' },
    run: mSet,
  },
  {
    name: 'msetnx',
    arity: -3,
    flags: WRITE | DENYOOM,
    group: 'string',
    keys: { first: 1, last: -1, step: 2, flags: 'OW insert' },
    run: mSetNx,
  },
];

function get(call: Call): void {
  if (call.findString(1)) replyFound(call);
}

/** Replies with the string that was found, or null. */
function replyFound(call: Call): void {
  if (call.found === 0) call.reply.null();
  else call.replyValue();
}

/** Stores argument `i` under the key that was found. */
function storeArgument(call: Call, i: number, expiresAtMs: number): void {
  putBytes(call.store, call.database, call.found, call.bytes, call.starts[i], call.ends[i], expiresAtMs);
  call.changed('$', 'set');
}

function set(call: Call): void {
  if (call.argc > 3) {
    setWithOptions(call);
    return;
  }
  call.findKey(1);
  storeArgument(call, 2, 0);
  call.reply.ok();
}

function setWithOptions(call: Call): void {
  if (!options.parse(call, 3, true)) return;
  let expiresAtMs = options.expiresAtMs(call);
  if (expiresAtMs === undefined) return;
  if (options.returnsOld) {
    if (!call.findString(1)) return;
    replyFound(call);
  } else call.findKey(1);
  const isMissing = call.found === 0;
  if (isMissing ? options.ifPresent : options.ifAbsent) {
    if (!options.returnsOld) call.reply.null();
    return;
  }
  if (options.keepsTtl && !isMissing) expiresAtMs = expiryOf(call.store.words, call.store.word);
  storeArgument(call, 2, expiresAtMs);
  if (options.unit !== undefined) call.alsoNotify('g', 'expire');
  if (!options.returnsOld) call.reply.ok();
}

function setNx(call: Call): void {
  const isMissing = call.findKey(1) === 0;
  if (isMissing) storeArgument(call, 2, 0);
  call.reply.integer(isMissing ? 1 : 0);
}

function setExpiring(call: Call, expiresAtMs: number | undefined): void {
  if (expiresAtMs === undefined) return;
  call.findKey(1);
  storeArgument(call, 3, expiresAtMs);
  call.alsoNotify('g', 'expire');
  call.reply.ok();
}

function getSet(call: Call): void {
  if (!call.findString(1)) return;
  replyFound(call);
  storeArgument(call, 2, 0);
}

function getDel(call: Call): void {
  if (!call.findString(1)) return;
  replyFound(call);
  if (call.found === 0) return;
  remove(call.store, call.database, call.found);
  call.changed('g', 'del');
}

function getEx(call: Call): void {
  if (!options.parse(call, 2, false) || !call.findString(1)) return;
  const expiresAtMs = call.found === 0 ? 0 : options.expiresAtMs(call);
  if (expiresAtMs === undefined) return;
  replyFound(call);
  if (call.found !== 0) changeExpiry(call, expiresAtMs);
}

/** Does to the found key what the options of GETEX say. */
function changeExpiry(call: Call, expiresAtMs: number): void {
  const { store, database, found } = call;
  if (options.isAbsolute && expiresAtMs <= store.nowMs()) {
    remove(store, database, found);
    call.changed('g', 'del');
  } else if (options.unit !== undefined) {
    putExpiry(store, database, found, expiresAtMs);
    call.changed('g', 'expire');
  } else if (options.persists && expiryOf(store.words, store.word) !== 0) {
    putExpiry(store, database, found, 0);
    call.changed('g', 'persist');
  }
}

function mGet(call: Call): void {
  const { reply, argc } = call;
  reply.array(argc - 1);
  for (let i = 1; i < argc; i++) {
    call.foresee(i, 1);
    if (call.findKey(i) !== 0 && call.holdsString()) call.replyValue();
    else reply.null();
  }
}

/** Whether each key of MSET and MSETNX has a value; replies with an error if not. */
function hasPairs(call: Call): boolean {
  if (call.argc % 2 === 1) return true;
  call.reply.error(`wrong number of arguments for '${call.row.name}' command`);
  return false;
}

function storePairs(call: Call): void {
  for (let i = 1; i < call.argc; i += 2) {
    call.foresee(i, 2);
    call.findKey(i);
    storeArgument(call, i + 1, 0);
  }
}

function mSet(call: Call): void {
  if (!hasPairs(call)) return;
  storePairs(call);
  call.reply.ok();
}

function mSetNx(call: Call): void {
  if (!hasPairs(call)) return;
  for (let i = 1; i < call.argc; i += 2) {
    if (call.findKey(i) === 0) continue;
    call.reply.integer(0);
    return;
  }
  storePairs(call);
  call.reply.integer(1);
}
