/** SSCAN, SRANDMEMBER and SPOP. */
import { matchGlob } from '../base/glob.ts';
import { INT64_MAX } from '../base/decimal.ts';
import { type LargeValue, TYPE_SET } from '../engine/large-values.ts';
import { countMembers, memberEndOf, memberStartOf, takeMember } from '../engine/members.ts';
import { remove } from '../engine/remove.ts';
import {
  collectMembers,
  drawDifferentMembers,
  drawMembers,
  forEachCollected,
  forEachMember,
} from '../keyspace/collections.ts';
import { drawnFrom, removeAll, removeFromSet } from '../keyspace/sets.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, finishChange, replyMember, WRONG } from './collection-call.ts';
import { type CommandRow, FAST, firstKey, READONLY, WRITE } from './command.ts';
import { parseCursor, parseScanOptions } from './scan.ts';
import { replyBag } from './set-algebra.ts';

const NOT_POSITIVE = 'value is out of range, must be positive';
const OUT_OF_RANGE = `value is out of range, value must between -${INT64_MAX} and ${INT64_MAX}`;
/** One in so many and one more. */
const REST_SHARE = 5;
const group = 'set';

export const setScanCommands: readonly CommandRow[] = [
  { name: 'sscan', arity: -3, flags: READONLY, group, keys: firstKey('RO access'), run: sScan },
  { name: 'srandmember', arity: -2, flags: READONLY, group, keys: firstKey('RO access'), run: sRandMember },
  { name: 'spop', arity: -2, flags: WRITE | FAST, group, keys: firstKey('RW access delete'), run: sPop },
];

function sScan(call: Call): void {
  const { store, reply } = call;
  const cursor = parseCursor(call.latin1(2));
  if (cursor === undefined) {
    reply.error('invalid cursor');
    return;
  }
  const set = findCollection(call, 1, TYPE_SET);
  if (set === WRONG) return;
  // As in redis, the options are not looked at where there is nothing to scan.
  const options = set === null ? null : parseScanOptions(call, 3, null);
  if (options === undefined) return;
  const next = set === null || options === null ? 0 : collectMembers(store, set, cursor, options.count);
  reply.array(2);
  reply.bulkLatin1(String(next));
  const place = reply.defer();
  let given = 0;
  if (options !== null) {
    const { pattern } = options.filter;
    forEachCollected(store, () => {
      if (pattern !== null && !matchGlob(pattern, store.bytes, memberStartOf(store), memberEndOf(store))) return;
      replyMember(call);
      given++;
    });
  }
  reply.resolveArray(place, given);
}

function sRandMember(call: Call): void {
  const { reply, store } = call;
  if (call.argc > 3) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const count = call.argc === 3 ? call.integer(2) : 1;
  if (count === undefined) return;
  if (count < -INT64_MAX) {
    reply.error(OUT_OF_RANGE);
    return;
  }
  const set = findCollection(call, 1, TYPE_SET);
  if (set === WRONG) return;
  const isOne = call.argc === 2;
  if (set === null || count === 0) {
    if (isOne) reply.null();
    else reply.array(0);
    return;
  }
  // Run anew once records were read, it must come to the same members.
  if (call.seed === 0) call.seed = store.prng.nextUint32();
  if (isOne) drawMembers(store, set, 1, call.seed, () => replyMember(call));
  else replyDrawn(call, set, Number(count));
  call.seed = 0;
}

/** `count` different members, or, if it is negative, members of which each may come again. */
function replyDrawn(call: Call, set: LargeValue, count: number): void {
  const { store, reply } = call;
  if (count < 0) {
    reply.array(-count);
    drawMembers(store, set, -count, call.seed, () => replyMember(call));
  } else {
    reply.array(Math.min(count, countMembers(set)));
    drawDifferentMembers(store, set, count, call.seed, () => replyMember(call));
  }
}

function sPop(call: Call): void {
  const { reply, store } = call;
  if (call.argc > 3) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  if (call.argc === 3) {
    popMany(call);
    return;
  }
  const set = findCollection(call, 1, TYPE_SET);
  if (set === WRONG) return;
  if (set === null) {
    reply.null();
    return;
  }
  if (call.seed === 0) call.seed = store.prng.nextUint32();
  drawMembers(store, set, 1, call.seed, () => takeMember(store));
  removeFromSet(store, set);
  call.seed = 0;
  reply.bulk(store.member.bytes, 0, store.member.length);
  finishChange(call, set, 's', 'spop');
}

function popMany(call: Call): void {
  const { reply, store } = call;
  const count = call.integer(2, NOT_POSITIVE);
  if (count === undefined) return;
  if (count < 0) {
    reply.error(NOT_POSITIVE);
    return;
  }
  const set = findCollection(call, 1, TYPE_SET);
  if (set === WRONG) return;
  if (set === null || count === 0) reply.set(0);
  else if (count >= countMembers(set)) popAll(call, set);
  else {
    if (call.seed === 0) call.seed = store.prng.nextUint32();
    const bag = drawnFrom(store, set, Number(count), call.seed);
    call.seed = 0;
    removeAll(store, set, bag);
    // Where most are taken, redis makes a new set of the rest.
    if (countMembers(set) * REST_SHARE <= bag.count) set.isGrown = set.isMixed = false;
    replyBag(call, bag);
    finishChange(call, set, 's', 'spop');
  }
}

function popAll(call: Call, set: LargeValue): void {
  const { reply, store } = call;
  reply.set(countMembers(set));
  forEachMember(store, set, () => replyMember(call));
  call.relocate();
  remove(store, call.database, call.found);
  call.changed('s', 'spop');
  call.alsoNotify('g', 'del');
}
