/** Ranges of sorted sets by rank, score or member: ZRANGE and its kin, ZRANGESTORE, ZREMRANGEBY... */
import { type LargeValue, TYPE_ZSET } from '../engine/large-values.ts';
import { countMembers } from '../engine/members.ts';
import type { RankRange } from '../engine/score-range.ts';
import { addScored, orderOf } from '../engine/sorted-members.ts';
import {
  cutRanks,
  forEachRanked,
  makeSortedSet,
  type MemberInterval,
  type Ranks,
  ranksOfIndexes,
  ranksOfMembers,
  ranksOfScores,
  removeRanked,
  type ScoreInterval,
} from '../keyspace/sorted-sets.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, finishChange, WRONG } from './collection-call.ts';
import { type CommandRow, DENYOOM, firstKey, READONLY, WRITE } from './command.ts';
import { finishStore } from './collection-store.ts';
import { parseMemberInterval, parseScoreInterval } from './score-arguments.ts';

type RangeKind = 'rank' | 'score' | 'member';

/** What a command's name says already; null: its options say it. */
interface RangeForm {
  readonly kind: RangeKind | null;
  readonly isDownward: boolean | null;
}

interface RangeOptions {
  kind: RangeKind;
  isDownward: boolean;
  withScores: boolean;
  offset: number;
  limit: number;
}

/** Which members are asked for: indexes, scores or members. */
type Wanted =
  | { kind: 'rank'; start: number; stop: number }
  | { kind: 'score'; interval: ScoreInterval }
  | { kind: 'member'; interval: MemberInterval };

const group = 'sorted-set';
const flags = READONLY;
const keys = firstKey('RO access');
const removal = firstKey('RW delete');

export const sortedSetRangeCommands: readonly CommandRow[] = [
  { name: 'zrange', arity: -4, flags, group, keys, run: ranger(null, null) },
  { name: 'zrevrange', arity: -4, flags, group, keys, run: ranger('rank', true) },
  { name: 'zrangebyscore', arity: -4, flags, group, keys, run: ranger('score', false) },
  { name: 'zrevrangebyscore', arity: -4, flags, group, keys, run: ranger('score', true) },
  { name: 'zrangebylex', arity: -4, flags, group, keys, run: ranger('member', false) },
  { name: 'zrevrangebylex', arity: -4, flags, group, keys, run: ranger('member', true) },
  {
    name: 'zrangestore',
    arity: -5,
    flags: WRITE | DENYOOM,
    group,
    keys: firstKey('OW update'),
    moreKeys: { first: 2, last: 2, step: 1, flags: 'RO access' },
    run: zRangeStore,
  },
  { name: 'zremrangebyrank', arity: 4, flags: WRITE, group, keys: removal, run: remover('rank') },
  { name: 'zremrangebyscore', arity: 4, flags: WRITE, group, keys: removal, run: remover('score') },
  { name: 'zremrangebylex', arity: 4, flags: WRITE, group, keys: removal, run: remover('member') },
];

function ranger(kind: RangeKind | null, isDownward: boolean | null): (call: Call) => void {
  const form = { kind, isDownward };
  return (call) => {
    const options = parseOptions(call, 4, form, true);
    if (options === undefined) return;
    const wanted = parseWanted(call, 2, options);
    if (wanted === undefined) return;
    const set = findCollection(call, 1, TYPE_ZSET);
    if (set === WRONG) return;
    if (set === null) call.reply.array(0);
    else replyRange(call, set, rangeOf(call, set, wanted, options), options.withScores);
  };
}

/** In RESP3 a member with its score is a pair. */
function replyRange(call: Call, set: LargeValue, range: RankRange, withScores: boolean): void {
  const { reply, store } = call;
  const arePairs = withScores && reply.proto === 3;
  reply.array(withScores && !arePairs ? range.count * 2 : range.count);
  forEachRanked(store, set, range, (bytes, start, end, score, view) => {
    if (arePairs) reply.array(2);
    reply.bulk(bytes, start, end, view);
    if (withScores) reply.double(score);
  });
}

function rangeOf(call: Call, set: LargeValue, wanted: Wanted, options: RangeOptions): RankRange {
  const { offset, limit, isDownward } = options;
  return cutRanks(ranksOf(call, set, wanted, isDownward), isDownward, offset, limit);
}

function ranksOf(call: Call, set: LargeValue, wanted: Wanted, isDownward: boolean): Ranks {
  const order = orderOf(call.store, set);
  if (wanted.kind === 'score') return ranksOfScores(order, wanted.interval);
  if (wanted.kind === 'member') return ranksOfMembers(order, wanted.interval);
  const count = countMembers(set);
  const ranks = ranksOfIndexes(count, wanted.start, wanted.stop);
  return isDownward ? { from: count - ranks.until, until: count - ranks.from } : ranks;
}

/** undefined after replying with an error. */
function parseOptions(call: Call, first: number, form: RangeForm, mayHaveScores: boolean): RangeOptions | undefined {
  let { kind, isDownward } = form;
  let withScores = false;
  let offset = 0;
  let limit = -1;
  for (let i = first; i < call.argc; i++) {
    if (mayHaveScores && call.is(i, 'withscores')) withScores = true;
    else if (call.is(i, 'limit') && i + 2 < call.argc) {
      const from = call.integer(i + 1);
      if (from === undefined) return undefined;
      const most = call.integer(i + 2);
      if (most === undefined) return undefined;
      offset = Number(from);
      limit = Number(most);
      i += 2;
    } else if (isDownward === null && call.is(i, 'rev')) isDownward = true;
    else if (kind === null && call.is(i, 'bylex')) kind = 'member';
    else if (kind === null && call.is(i, 'byscore')) kind = 'score';
    else {
      call.reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  const error = faultOf(kind ?? 'rank', limit, withScores);
  if (error === '') return { kind: kind ?? 'rank', isDownward: isDownward ?? false, withScores, offset, limit };
  call.reply.error(error);
  return undefined;
}

function faultOf(kind: RangeKind, limit: number, withScores: boolean): string {
  if (limit !== -1 && kind === 'rank')
    return 'syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX';
  if (withScores && kind === 'member') return 'syntax error, WITHSCORES not supported in combination with BYLEX';
  return '';
}

/** From arguments `first` and the one after it: downwards, the greater bound comes first. undefined after an error. */
function parseWanted(call: Call, first: number, { kind, isDownward }: RangeOptions): Wanted | undefined {
  const minAt = isDownward ? first + 1 : first;
  const maxAt = isDownward ? first : first + 1;
  if (kind === 'score') {
    const interval = parseScoreInterval(call, minAt, maxAt);
    return interval === undefined ? undefined : { kind, interval };
  }
  if (kind === 'member') {
    const interval = parseMemberInterval(call, minAt, maxAt);
    return interval === undefined ? undefined : { kind, interval };
  }
  const start = call.integer(first);
  if (start === undefined) return undefined;
  const stop = call.integer(first + 1);
  return stop === undefined ? undefined : { kind, start: Number(start), stop: Number(stop) };
}

function zRangeStore(call: Call): void {
  const { store } = call;
  const options = parseOptions(call, 5, { kind: null, isDownward: null }, false);
  if (options === undefined) return;
  const wanted = parseWanted(call, 3, options);
  if (wanted === undefined) return;
  const set = findCollection(call, 2, TYPE_ZSET);
  if (set === WRONG) return;
  const range = set === null ? null : rangeOf(call, set, wanted, options);
  if (set === null || range === null || range.count === 0) {
    finishStore(call, 1, null, 'z', 'zrangestore');
    call.reply.integer(0);
    return;
  }
  // What it reads is brought before anything is made.
  let made: LargeValue | null = null;
  forEachRanked(store, set, range, (bytes, start, end, score) => {
    made ??= makeSortedSet(store, range.count);
    store.member.setFrom(bytes, start, end - start);
    addScored(store, made, score);
  });
  finishStore(call, 1, made, 'z', 'zrangestore');
  call.reply.integer(range.count);
}

function remover(kind: RangeKind): (call: Call) => void {
  const options: RangeOptions = { kind, isDownward: false, withScores: false, offset: 0, limit: -1 };
  const event = `zremrangeby${kind === 'member' ? 'lex' : kind}`;
  return (call) => {
    const wanted = parseWanted(call, 2, options);
    if (wanted === undefined) return;
    const set = findCollection(call, 1, TYPE_ZSET);
    if (set === WRONG) return;
    const range = set === null ? null : rangeOf(call, set, wanted, options);
    if (set !== null && range !== null && range.count > 0) {
      removeRanked(call.store, set, range, () => {});
      finishChange(call, set, 'z', event);
    }
    call.reply.integer(range === null ? 0 : range.count);
  };
}
