/** Commands on sorted sets: scores of members, their ranks, how many there are. */
import { parseDouble } from '../base/double.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import { countMembers, findMember } from '../engine/members.ts';
import { bringPlace, expectMembers, orderOf, scoreOf } from '../engine/sorted-members.ts';
import {
  ADD_GT,
  ADD_INCR,
  ADD_LT,
  ADD_NX,
  ADD_XX,
  MEMBER_ADDED,
  MEMBER_KEPT,
  MEMBER_MOVED,
  MEMBER_NOT_A_NUMBER,
  noteScored,
  rankOfMember,
  ranksOfMembers,
  ranksOfScores,
  removeScore,
  scoreAfter,
  setScore,
} from '../keyspace/sorted-sets.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { bringMembers, findCollection, finishChange, orNew, setMember, WRONG } from './collection-call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, READONLY, WRITE } from './command.ts';
import { areKeyMembers, parseMemberInterval, parseScoreInterval } from './score-arguments.ts';

const NOT_A_FLOAT = 'value is not a valid float';

const group = 'sorted-set';
const access = firstKey('RO access');
const add = firstKey('RW update');
const increment = firstKey('RW access update');

export const sortedSetCommands: readonly CommandRow[] = [
  { name: 'zadd', arity: -4, flags: WRITE | DENYOOM | FAST, group, keys: add, run: (call) => zAdd(call, 0) },
  {
    name: 'zincrby',
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    group,
    keys: increment,
    run: (call) => zAdd(call, ADD_INCR),
  },
  { name: 'zrem', arity: -3, flags: WRITE | FAST, group, keys: firstKey('RW delete'), run: zRem },
  { name: 'zcard', arity: 2, flags: READONLY | FAST, group, keys: firstKey('RO'), run: zCard },
  { name: 'zscore', arity: 3, flags: READONLY | FAST, group, keys: access, run: zScore },
  { name: 'zmscore', arity: -3, flags: READONLY | FAST, group, keys: access, run: zMScore },
  { name: 'zrank', arity: -3, flags: READONLY | FAST, group, keys: access, run: (call) => zRank(call, false) },
  { name: 'zrevrank', arity: -3, flags: READONLY | FAST, group, keys: access, run: (call) => zRank(call, true) },
  { name: 'zcount', arity: 4, flags: READONLY | FAST, group, keys: access, run: zCount },
  { name: 'zlexcount', arity: 4, flags: READONLY | FAST, group, keys: access, run: zLexCount },
];

/** How members get their scores; the first one is argument `memberAt`, the others follow in steps of `step`. */
interface Adding {
  conditions: number;
  countsChanges: boolean;
  memberAt: number;
  step: number;
}

/** One pair without options: what most calls are. */
const ONE: Adding = { conditions: 0, countsChanges: false, memberAt: 3, step: 2 };
const oneScore = new Float64Array(1);
/** No number begins with what comes from here on; options do. */
const LETTER_A = 0x41;

function zAdd(call: Call, conditions: number): void {
  const isOne = conditions === 0 && call.argc === 4 && call.bytes[call.starts[2]] < LETTER_A;
  const adding = isOne ? ONE : parseAdding(call, conditions);
  if (adding === undefined) return;
  const scores = parseScores(call, adding.memberAt - 1);
  if (scores !== undefined) addScores(call, adding, scores);
}

/** Gives the members that a call names these scores, and replies. */
export function addScores(call: Call, adding: Adding, scores: Float64Array): void {
  if (!areKeyMembers(call, adding.memberAt, adding.step)) return;
  const found = findCollection(call, 1, TYPE_ZSET);
  if (found === WRONG) return;
  if (found === null && (adding.conditions & ADD_XX) !== 0) {
    replyAdded(call, adding, 0, 0, false);
    return;
  }
  if (found !== null) bringPlaces(call, found, adding, scores);
  const set = orNew(call, found, TYPE_ZSET);
  if (found === null) expectMembers(call.store, set, scores.length);
  addAll(call, set, adding, scores);
}

function addAll(call: Call, set: LargeValue, adding: Adding, scores: Float64Array): void {
  const { store } = call;
  let added = 0;
  let moved = 0;
  let isKept = false;
  for (let i = 0; i < scores.length; i++) {
    setMember(call, adding.memberAt + adding.step * i);
    const outcome = setScore(store, set, scores[i], adding.conditions);
    if (outcome === MEMBER_NOT_A_NUMBER) {
      call.reply.error('resulting score is not a number (NaN)');
      return;
    }
    if (outcome === MEMBER_ADDED) {
      added++;
      noteScored(store, set, call.host.valueLimits.sortedSets);
    } else if (outcome === MEMBER_MOVED) moved++;
    isKept = outcome === MEMBER_KEPT;
  }
  const sum = scoreAfter;
  const isIncrement = (adding.conditions & ADD_INCR) !== 0;
  if (added + moved > 0) finishChange(call, set, 'z', isIncrement ? 'zincr' : 'zadd');
  replyAdded(call, adding, added, moved, !isKept, sum);
}

function replyAdded(call: Call, adding: Adding, added: number, moved: number, isDone: boolean, score = 0): void {
  const { reply } = call;
  if ((adding.conditions & ADD_INCR) === 0) reply.integer(adding.countsChanges ? added + moved : added);
  else if (isDone) reply.double(score);
  else reply.null();
}

/** undefined after replying with an error. */
function parseAdding(call: Call, given: number): Adding | undefined {
  let conditions = given;
  let countsChanges = false;
  let first = 2;
  for (; first < call.argc; first++) {
    if (call.is(first, 'nx')) conditions |= ADD_NX;
    else if (call.is(first, 'xx')) conditions |= ADD_XX;
    else if (call.is(first, 'ch')) countsChanges = true;
    else if (call.is(first, 'incr')) conditions |= ADD_INCR;
    else if (call.is(first, 'gt')) conditions |= ADD_GT;
    else if (call.is(first, 'lt')) conditions |= ADD_LT;
    else break;
  }
  const error = faultOf(conditions, call.argc - first);
  if (error === '') return { conditions, countsChanges, memberAt: first + 1, step: 2 };
  call.reply.error(error);
  return undefined;
}

function faultOf(conditions: number, argumentsLeft: number): string {
  const has = (condition: number): boolean => (conditions & condition) !== 0;
  if (argumentsLeft === 0 || argumentsLeft % 2 !== 0) return SYNTAX_ERROR;
  if (has(ADD_NX) && has(ADD_XX)) return 'XX and NX options at the same time are not compatible';
  if ((has(ADD_NX) && has(ADD_GT | ADD_LT)) || (has(ADD_GT) && has(ADD_LT)))
    return 'GT, LT, and/or NX options at the same time are not compatible';
  if (has(ADD_INCR) && argumentsLeft > 2) return 'INCR option supports a single increment-element pair';
  return '';
}

/** Every second argument from `first` on; undefined after replying with an error. */
function parseScores(call: Call, first: number): Float64Array | undefined {
  const count = (call.argc - first) / 2;
  const scores = count === 1 ? oneScore : new Float64Array(count);
  for (let i = 0; i < scores.length; i++) {
    const at = first + 2 * i;
    const score = parseDouble(call.bytes, call.starts[at], call.ends[at]);
    if (score === undefined) {
      call.reply.error(NOT_A_FLOAT);
      return undefined;
    }
    scores[i] = score;
  }
  return scores;
}

/** Before the first of several members is put: all of them are looked at, and where they are to go. */
function bringPlaces(call: Call, set: LargeValue, { memberAt, step }: Adding, scores: Float64Array): void {
  const { store } = call;
  expectMembers(store, set, scores.length);
  if (!store.hasRecordsOnDisk || scores.length === 1) return;
  bringMembers(call, set, memberAt, step);
  for (let i = 0; i < scores.length; i++) {
    setMember(call, memberAt + step * i);
    bringPlace(store, set, scores[i]);
  }
}

function zRem(call: Call): void {
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  if (set === null) {
    call.reply.integer(0);
    return;
  }
  bringMembers(call, set, 2, 1);
  let removed = 0;
  for (let i = 2; i < call.argc; i++) {
    if (call.lengthOf(i) > KEY_SIZE_MAX_BYTES) continue;
    setMember(call, i);
    if (removeScore(call.store, set)) removed++;
  }
  if (removed > 0) finishChange(call, set, 'z', 'zrem');
  call.reply.integer(removed);
}

function zCard(call: Call): void {
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set !== WRONG) call.reply.integer(set === null ? 0 : countMembers(set));
}

function zScore(call: Call): void {
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set !== WRONG) replyScore(call, set, 2);
}

/** Replies with the score of the member that argument `i` names, or null. */
function replyScore(call: Call, set: LargeValue | null, i: number): void {
  if (isScored(call, set, i)) call.reply.double(scoreOf(call.store));
  else call.reply.null();
}

/** Whether argument `i` is a member, whose record is located then. */
function isScored(call: Call, set: LargeValue | null, i: number): set is LargeValue {
  if (set === null || call.lengthOf(i) > KEY_SIZE_MAX_BYTES) return false;
  setMember(call, i);
  return findMember(call.store, set) !== 0;
}

function zMScore(call: Call): void {
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  call.reply.array(call.argc - 2);
  for (let i = 2; i < call.argc; i++) replyScore(call, set, i);
}

function zRank(call: Call, isReversed: boolean): void {
  const { store, reply } = call;
  if (call.argc > 4) {
    reply.error(`wrong number of arguments for '${call.row.name}' command`);
    return;
  }
  const withScore = call.argc === 4;
  if (withScore && !call.is(3, 'withscore')) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  let rank = -1;
  if (set !== null && call.lengthOf(2) <= KEY_SIZE_MAX_BYTES) {
    if (set.packed === null) orderOf(store, set);
    setMember(call, 2);
    rank = rankOfMember(store, set);
  }
  if (rank < 0) {
    if (withScore) reply.nullArray();
    else reply.null();
    return;
  }
  if (isReversed && set !== null) rank = countMembers(set) - 1 - rank;
  if (withScore) reply.array(2);
  reply.integer(rank);
  if (withScore) reply.double(scoreAfter);
}

function zCount(call: Call): void {
  const interval = parseScoreInterval(call, 2, 3);
  if (interval === undefined) return;
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  if (set === null) {
    call.reply.integer(0);
    return;
  }
  const { from, until } = ranksOfScores(orderOf(call.store, set), interval);
  call.reply.integer(until - from);
}

function zLexCount(call: Call): void {
  const interval = parseMemberInterval(call, 2, 3);
  if (interval === undefined) return;
  const set = findCollection(call, 1, TYPE_ZSET);
  if (set === WRONG) return;
  if (set === null) {
    call.reply.integer(0);
    return;
  }
  const { from, until } = ranksOfMembers(orderOf(call.store, set), interval);
  call.reply.integer(until - from);
}
