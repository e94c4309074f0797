/** ZSCAN and ZRANDMEMBER. */
import { formatDouble } from '../base/double.ts';
import { matchGlob } from '../base/glob.ts';
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import { memberEndOf, memberStartOf } from '../engine/members.ts';
import { scoreOf } from '../engine/sorted-members.ts';
import { collectMembers, drawDifferentMembers, drawMembers, forEachCollected } from '../keyspace/collections.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, replyMember, WRONG } from './collection-call.ts';
import { type CommandRow, firstKey, READONLY } from './command.ts';
import { parseCursor, parseScanOptions } from './scan.ts';

const RANGE_ERROR = 'value is out of range';
const COUNT_MAX = 2 ** 62;

const group = 'sorted-set';
const keys = firstKey('RO access');

export const sortedSetScanCommands: readonly CommandRow[] = [
  { name: 'zscan', arity: -3, flags: READONLY, group, keys, run: zScan },
  { name: 'zrandmember', arity: -2, flags: READONLY, group, keys, run: zRandMember },
];

function zScan(call: Call): void {
  const { store, reply } = call;
  const cursor = parseCursor(call.latin1(2));
  if (cursor === undefined) {
    reply.error('invalid cursor');
    return;
  }
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  const options = parseScanOptions(call, 3, null);
  if (options === undefined) return;
  const next = set === null ? 0 : collectMembers(store, set, cursor, options.count);
  reply.array(2);
  reply.bulkLatin1(String(next));
  const place = reply.defer();
  let given = 0;
  if (set !== null) {
    const { pattern } = options.filter;
    forEachCollected(store, () => {
      if (pattern !== null && !matchGlob(pattern, store.bytes, memberStartOf(store), memberEndOf(store))) return;
      replyMember(call);
      // A text in both protocols, as redis has it.
      reply.bulkLatin1(formatDouble(scoreOf(store)));
      given += 2;
    });
  }
  reply.resolveArray(place, given);
}

function zRandMember(call: Call): void {
  const { reply } = call;
  const count = call.argc > 2 ? call.integer(2) : 1;
  if (count === undefined) return;
  const withScores = call.argc === 4 && call.is(3, 'withscores');
  if (call.argc > 4 || (call.argc === 4 && !withScores)) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  if (count > COUNT_MAX || count < -COUNT_MAX) {
    reply.error(RANGE_ERROR);
    return;
  }
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  if (call.seed === 0) call.seed = call.store.prng.nextUint32();
  if (call.argc === 2) replyOne(call, set);
  else if (set === null || count === 0) reply.array(0);
  else replyDrawn(call, set, Number(count), withScores);
  call.seed = 0;
}

function replyOne(call: Call, set: LargeValue | null): void {
  if (set === null) call.reply.null();
  else drawMembers(call.store, set, 1, call.seed, () => replyMember(call));
}

/** In RESP3, members with their scores are pairs. */
function replyDrawn(call: Call, set: LargeValue, count: number, withScores: boolean): void {
  const { store, reply } = call;
  const arePairs = withScores && reply.proto === 3;
  const place = reply.defer();
  let given = 0;
  const visit = (): void => {
    if (arePairs) reply.array(2);
    replyMember(call);
    if (withScores) reply.double(scoreOf(store));
    given += withScores && !arePairs ? 2 : 1;
  };
  if (count < 0) drawMembers(store, set, -count, call.seed, visit);
  else drawDifferentMembers(store, set, count, call.seed, visit);
  reply.resolveArray(place, given);
}
