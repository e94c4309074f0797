/**
 * Commands that intersect, unite and subtract sets, and those that store the result, whatever the key held before.
 *
 * A key that is not there is an empty set. The result is gathered in memory before anything is written (`keyspace/sets.ts`).
 */
import { type LargeValue, TYPE_SET } from '../engine/large-values.ts';
import { MemberBag } from '../keyspace/member-bag.ts';
import { differenceOf, intersectionOf, storeSet, unionOf } from '../keyspace/sets.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, WRONG } from './collection-call.ts';
import { type CommandRow, countedKeys, DENYOOM, firstKey, type KeyRange, READONLY, WRITE } from './command.ts';

const group = 'set';
const all: KeyRange = { first: 1, last: -1, step: 1, flags: 'RO access' };
const sources: KeyRange = { first: 2, last: -1, step: 1, flags: 'RO access' };
const updates = firstKey('OW update');
const flags = WRITE | DENYOOM;
const NO_KEYS = 'numkeys should be greater than 0';
const NEGATIVE_LIMIT = "LIMIT can't be negative";

export const setAlgebraCommands: readonly CommandRow[] = [
  { name: 'sinter', arity: -2, flags: READONLY, group, keys: all, run: (call) => replyResult(call, intersect) },
  { name: 'sunion', arity: -2, flags: READONLY, group, keys: all, run: (call) => replyResult(call, unite) },
  { name: 'sdiff', arity: -2, flags: READONLY, group, keys: all, run: (call) => replyResult(call, subtract) },
  { name: 'sintercard', arity: -3, flags: READONLY, group, keys: countedKeys(1, 'RO access'), run: sInterCard },
  {
    name: 'sinterstore',
    arity: -3,
    flags,
    group,
    keys: firstKey('RW update'),
    moreKeys: sources,
    run: (call) => storeResult(call, intersect),
  },
  {
    name: 'sunionstore',
    arity: -3,
    flags,
    group,
    keys: updates,
    moreKeys: sources,
    run: (call) => storeResult(call, unite),
  },
  {
    name: 'sdiffstore',
    arity: -3,
    flags,
    group,
    keys: updates,
    moreKeys: sources,
    run: (call) => storeResult(call, subtract),
  },
];

/** Sets in the order of their keys; null for a key that is not there. */
type Found = readonly (LargeValue | null)[];

function intersect({ store }: Call, sets: Found, countMax = Number.POSITIVE_INFINITY): MemberBag {
  const found = sets.filter((set) => set !== null);
  return found.length < sets.length ? new MemberBag() : intersectionOf(store, found, countMax);
}

function unite({ store }: Call, sets: Found): MemberBag {
  return unionOf(
    store,
    sets.filter((set) => set !== null),
  );
}

function subtract({ store }: Call, [first, ...others]: Found): MemberBag {
  if (first === null) return new MemberBag();
  return differenceOf(
    store,
    first,
    others.filter((set) => set !== null),
  );
}

/** The sets of arguments `first` up to `end`; undefined after replying that one of them is of another type. */
function findSets(call: Call, first: number, end: number): Found | undefined {
  const sets: (LargeValue | null)[] = [];
  for (let i = first; i < end; i++) {
    const set = findCollection(call, i, TYPE_SET);
    if (set === WRONG) return undefined;
    sets.push(set);
  }
  return sets;
}

function replyResult(call: Call, combine: (call: Call, sets: Found) => MemberBag): void {
  const sets = findSets(call, 1, call.argc);
  if (sets !== undefined) replyBag(call, combine(call, sets));
}

/** Replies with the members of a bag, as a set. */
export function replyBag({ reply }: Call, bag: MemberBag): void {
  reply.set(bag.count);
  for (let place = 0; place < bag.size; place++) {
    if (bag.has(place)) reply.bulk(bag.bytes, bag.startOf(place), bag.endOf(place));
  }
}

/** Stores the result in the key of the first argument; without members, the key goes. */
function storeResult(call: Call, combine: (call: Call, sets: Found) => MemberBag): void {
  const sets = findSets(call, 2, call.argc);
  if (sets === undefined) return;
  const bag = combine(call, sets);
  call.peekKey(1);
  storeSet(call.store, call.database, call.found, bag, call.host.valueLimits.sets);
  if (bag.count > 0) call.changed('s', call.row.name);
  else if (call.found !== 0) call.changed('g', 'del');
  call.reply.integer(bag.count);
}

function sInterCard(call: Call): void {
  const { reply } = call;
  const keys = call.integer(1, NO_KEYS);
  if (keys === undefined) return;
  if (keys < 1) {
    reply.error(NO_KEYS);
    return;
  }
  if (keys > call.argc - 2) {
    reply.error("Number of keys can't be greater than number of args");
    return;
  }
  const end = 2 + Number(keys);
  let limit = 0;
  for (let i = end; i < call.argc; i += 2) {
    if (!call.is(i, 'limit') || i + 1 === call.argc) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    const parsed = call.integer(i + 1, NEGATIVE_LIMIT);
    if (parsed === undefined) return;
    if (parsed < 0) {
      reply.error(NEGATIVE_LIMIT);
      return;
    }
    limit = Number(parsed);
  }
  const sets = findSets(call, 2, end);
  if (sets !== undefined) reply.integer(intersect(call, sets, limit === 0 ? undefined : limit).count);
}
