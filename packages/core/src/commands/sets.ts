/** Commands on sets, but for those that draw members at random (`set-scans.ts`) or combine several sets (`set-algebra.ts`). */
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { type LargeValue, TYPE_SET } from '../engine/large-values.ts';
import { collectionAt, countMembers } from '../engine/members.ts';
import { typeNumberOfFound } from '../keyspace/collections.ts';
import { addToSet, noteAdded, removeFromSet } from '../keyspace/sets.ts';
import { type Call, WRONG_TYPE } from './call.ts';
import {
  areMembers,
  bringMembers,
  findCollection,
  finishChange,
  isMember,
  orNew,
  replyMembers,
  setMember,
  WRONG,
} from './collection-call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, READONLY, WRITE } from './command.ts';

const group = 'set';

export const setCommands: readonly CommandRow[] = [
  { name: 'sadd', arity: -3, flags: WRITE | DENYOOM | FAST, group, keys: firstKey('RW insert'), run: sAdd },
  { name: 'srem', arity: -3, flags: WRITE | FAST, group, keys: firstKey('RW delete'), run: sRem },
  { name: 'sismember', arity: 3, flags: READONLY | FAST, group, keys: firstKey('RO'), run: sIsMember },
  { name: 'smismember', arity: -3, flags: READONLY | FAST, group, keys: firstKey('RO access'), run: sMIsMember },
  { name: 'scard', arity: 2, flags: READONLY | FAST, group, keys: firstKey('RO'), run: sCard },
  { name: 'smembers', arity: 2, flags: READONLY, group, keys: firstKey('RO access'), run: sMembers },
  {
    name: 'smove',
    arity: 4,
    flags: WRITE | FAST,
    group,
    keys: firstKey('RW access delete'),
    moreKeys: { first: 2, last: 2, step: 1, flags: 'RW insert' },
    run: sMove,
  },
];

function sAdd(call: Call): void {
  if (!areMembers(call, 2, 1)) return;
  const found = findCollection(call, 1, TYPE_SET);
  if (found === WRONG) return;
  bringMembers(call, found, 2, 1);
  const set = orNew(call, found, TYPE_SET);
  const limits = call.host.valueLimits.sets;
  let added = 0;
  for (let i = 2; i < call.argc; i++) {
    setMember(call, i);
    if (!addToSet(call.store, set)) continue;
    added++;
    noteAdded(call.store, set, limits);
  }
  if (added > 0) finishChange(call, set, 's', 'sadd');
  call.reply.integer(added);
}

function sRem(call: Call): void {
  const set = findCollection(call, 1, TYPE_SET);
  if (set === WRONG) return;
  bringMembers(call, set, 2, 1);
  let removed = 0;
  for (let i = 2; set !== null && i < call.argc; i++) {
    if (trySetMember(call, i) && removeFromSet(call.store, set)) removed++;
  }
  if (set !== null && removed > 0) finishChange(call, set, 's', 'srem');
  call.reply.integer(removed);
}

/** Makes argument `i` the member at hand; false for one that is longer than any member is. */
function trySetMember(call: Call, i: number): boolean {
  if (call.lengthOf(i) > KEY_SIZE_MAX_BYTES) return false;
  setMember(call, i);
  return true;
}

function has(call: Call, set: LargeValue | null, i: number): boolean {
  return set !== null && trySetMember(call, i) && isMember(call, set);
}

function sIsMember(call: Call): void {
  const set = findCollection(call, 1, TYPE_SET);
  if (set !== WRONG) call.reply.integer(has(call, set, 2) ? 1 : 0);
}

function sMIsMember(call: Call): void {
  const set = findCollection(call, 1, TYPE_SET);
  if (set === WRONG) return;
  bringMembers(call, set, 2, 1);
  call.reply.array(call.argc - 2);
  for (let i = 2; i < call.argc; i++) call.reply.integer(has(call, set, i) ? 1 : 0);
}

function sCard(call: Call): void {
  const set = findCollection(call, 1, TYPE_SET);
  if (set !== WRONG) call.reply.integer(set === null ? 0 : countMembers(set));
}

function sMembers(call: Call): void {
  const set = findCollection(call, 1, TYPE_SET);
  if (set === WRONG) return;
  call.reply.set(set === null ? 0 : countMembers(set));
  if (set !== null) replyMembers(call, set, true, false);
}

function sMove(call: Call): void {
  const { store, reply } = call;
  const isThere = call.peekKey(2) !== 0;
  const target = isThere && typeNumberOfFound(store) === TYPE_SET ? collectionAt(store) : null;
  const source = findCollection(call, 1, TYPE_SET);
  if (source === WRONG) return;
  if (source !== null && isThere && target === null) {
    reply.error(WRONG_TYPE);
    return;
  }
  const mayMove = source !== null && trySetMember(call, 3);
  // Both are read before either is changed.
  const isInTarget = mayMove && isMember(call, target);
  if (!mayMove || !isMember(call, source)) reply.integer(0);
  else if (call.isSameArgument(1, 2)) reply.integer(1);
  else {
    removeFromSet(store, source);
    finishChange(call, source, 's', 'srem');
    if (!isInTarget) addToTarget(call, target);
    reply.integer(1);
  }
}

function addToTarget(call: Call, target: LargeValue | null): void {
  call.peekKey(2);
  setMember(call, 3);
  const set = orNew(call, target, TYPE_SET);
  addToSet(call.store, set);
  noteAdded(call.store, set, call.host.valueLimits.sets);
  finishChange(call, set, 's', 'sadd');
}
