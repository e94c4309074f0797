/** ZUNION, ZINTER, ZDIFF, what stores their results, and ZINTERCARD. */
import { parseDouble } from '../base/double.ts';
import { type LargeValue, TYPE_SET, TYPE_ZSET } from '../engine/large-values.ts';
import { collectionAt } from '../engine/members.ts';
import { typeNumberOfFound } from '../keyspace/collections.ts';
import {
  type Aggregate,
  type AlgebraInput,
  countIntersection,
  differenceOf,
  intersectionOf,
  type ScoreMap,
  sortedMembers,
  sortedSetOf,
  unionOf,
} from '../keyspace/sorted-set-algebra.ts';
import { type Call, SYNTAX_ERROR, WRONG_TYPE } from './call.ts';
import { finishStore } from './collection-store.ts';
import { type CommandRow, countedKeys, DENYOOM, firstKey, READONLY, WRITE } from './command.ts';

type Operation = 'union' | 'inter' | 'diff';

interface AlgebraOptions {
  inputs: AlgebraInput[];
  aggregate: Aggregate;
  withScores: boolean;
  limit: number;
}

const group = 'sorted-set';

export const sortedSetAlgebraCommands: readonly CommandRow[] = [
  asking('union'),
  asking('inter'),
  asking('diff'),
  storing('union'),
  storing('inter'),
  storing('diff'),
  { name: 'zintercard', arity: -3, flags: READONLY, group, keys: countedKeys(1, 'RO access'), run: zInterCard },
];

function asking(operation: Operation): CommandRow {
  const run = (call: Call): void => {
    const options = parseAlgebra(call, 1, operation);
    if (options !== undefined) replyMembers(call, resultOf(call, operation, options), options.withScores);
  };
  return { name: `z${operation}`, arity: -3, flags: READONLY, group, keys: countedKeys(1, 'RO access'), run };
}

function storing(operation: Operation): CommandRow {
  const name = `z${operation}store`;
  const run = (call: Call): void => {
    const options = parseAlgebra(call, 2, operation);
    if (options === undefined) return;
    const result = resultOf(call, operation, options);
    finishStore(call, 1, sortedSetOf(call.store, result), 'z', name);
    call.reply.integer(result.size);
  };
  return {
    name,
    arity: -4,
    flags: WRITE | DENYOOM,
    group,
    keys: firstKey('OW update'),
    moreKeys: countedKeys(2, 'RO access'),
    run,
  };
}

function resultOf(call: Call, operation: Operation, { inputs, aggregate }: AlgebraOptions): ScoreMap {
  if (operation === 'diff') return differenceOf(call.store, inputs);
  return (operation === 'union' ? unionOf : intersectionOf)(call.store, inputs, aggregate);
}

/** In RESP3, members with their scores are pairs. */
function replyMembers(call: Call, map: ScoreMap, withScores: boolean): void {
  const { reply } = call;
  const arePairs = withScores && reply.proto === 3;
  reply.array(withScores && !arePairs ? map.size * 2 : map.size);
  for (const [member, score] of sortedMembers(map)) {
    if (arePairs) reply.array(2);
    reply.bulkLatin1(member);
    if (withScores) reply.double(score);
  }
}

function zInterCard(call: Call): void {
  const options = parseAlgebra(call, 1, 'card');
  if (options !== undefined) call.reply.integer(countIntersection(call.store, options.inputs, options.limit));
}

/** From the number of keys on, which argument `countAt` says; undefined after replying with an error. */
function parseAlgebra(call: Call, countAt: number, operation: Operation | 'card'): AlgebraOptions | undefined {
  const count = call.integer(countAt);
  if (count === undefined) return undefined;
  if (count < 1) {
    call.reply.error(`at least 1 input key is needed for '${call.row.name}' command`);
    return undefined;
  }
  if (count > call.argc - (countAt + 1)) {
    call.reply.error(SYNTAX_ERROR);
    return undefined;
  }
  const end = countAt + 1 + Number(count);
  const sets: (LargeValue | null)[] = [];
  for (let i = countAt + 1; i < end; i++) {
    const set = findInput(call, i);
    if (set === undefined) return undefined;
    sets.push(set);
  }
  return parseOptions(call, end, operation, sets);
}

/** null if there is no such key; undefined after replying that it is of another type. */
function findInput(call: Call, i: number): LargeValue | null | undefined {
  if (call.findKey(i) === 0) return null;
  const type = typeNumberOfFound(call.store);
  if (type === TYPE_ZSET || type === TYPE_SET) return collectionAt(call.store);
  call.reply.error(WRONG_TYPE);
  return undefined;
}

function parseOptions(
  call: Call,
  first: number,
  operation: Operation | 'card',
  sets: (LargeValue | null)[],
): AlgebraOptions | undefined {
  const isWeighted = operation === 'union' || operation === 'inter';
  const isStored = call.row.moreKeys !== undefined;
  const options: AlgebraOptions = { inputs: [], aggregate: 'sum', withScores: false, limit: 0 };
  let weights: number[] | undefined = sets.map(() => 1);
  for (let i = first; i < call.argc; i++) {
    const left = call.argc - i;
    if (isWeighted && left > sets.length && call.is(i, 'weights')) {
      weights = parseWeights(call, i + 1, sets.length);
      if (weights === undefined) return undefined;
      i += sets.length;
    } else if (isWeighted && left >= 2 && call.is(i, 'aggregate') && isAggregate(call.latin1(i + 1).toLowerCase())) {
      options.aggregate = call.latin1(++i).toLowerCase() as Aggregate;
    } else if (operation !== 'card' && !isStored && call.is(i, 'withscores')) options.withScores = true;
    else if (operation === 'card' && left >= 2 && call.is(i, 'limit')) {
      const limit = parseLimit(call, ++i);
      if (limit === undefined) return undefined;
      options.limit = limit;
    } else {
      call.reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  const given = weights;
  return { ...options, inputs: sets.map((set, i) => ({ set, weight: given[i] })) };
}

function isAggregate(word: string): word is Aggregate {
  return word === 'sum' || word === 'min' || word === 'max';
}

function parseWeights(call: Call, first: number, count: number): number[] | undefined {
  const weights: number[] = [];
  for (let i = first; i < first + count; i++) {
    const weight = parseDouble(call.bytes, call.starts[i], call.ends[i]);
    if (weight === undefined) {
      call.reply.error('weight value is not a float');
      return undefined;
    }
    weights.push(weight);
  }
  return weights;
}

function parseLimit(call: Call, i: number): number | undefined {
  const error = "LIMIT can't be negative";
  const limit = call.integer(i, error);
  if (limit === undefined || limit >= 0) return limit === undefined ? undefined : Number(limit);
  call.reply.error(error);
  return undefined;
}
