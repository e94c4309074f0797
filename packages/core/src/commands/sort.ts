/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in the order of themselves or of other keys' values.
 */
import { elementFault } from '../keyspace/lists.ts';
import {
  isSortable,
  listOfSorted,
  type Sorting,
  type SortPattern,
  sortFound,
  sortPatternOf,
} from '../keyspace/sort.ts';
import { type Call, SYNTAX_ERROR, WRONG_TYPE } from './call.ts';
import { finishStore } from './collection-store.ts';
import { type CommandRow, DENYOOM, firstKey, MOVABLE_KEYS, READONLY, WRITE } from './command.ts';

const NOT_A_NUMBER = "One or more scores can't be converted into double";
/** Keys that BY and GET name, and the one to store under. */
const LOOKED_UP = 'RO access';
const STORED = 'OW update';

const categories = ['set', 'sortedset', 'list', 'dangerous'];

export const sortCommands: readonly CommandRow[] = [
  {
    name: 'sort',
    arity: -2,
    flags: WRITE | DENYOOM | MOVABLE_KEYS,
    group: 'generic',
    categories,
    keys: firstKey('RO access'),
    unknownKeys: [LOOKED_UP, STORED],
    findKeys: findSortKeys,
    run: (call) => sort(call, true),
  },
  {
    name: 'sort_ro',
    arity: -2,
    flags: READONLY | MOVABLE_KEYS,
    group: 'generic',
    categories,
    keys: firstKey('RO access'),
    unknownKeys: [LOOKED_UP],
    run: (call) => sort(call, false),
  },
];

/** As redis finds them: options that take arguments are passed over, and of STORE the last one counts. */
function findSortKeys(call: Call, push: (index: number, flags?: string) => void): void {
  push(1);
  let target = 0;
  for (let i = 2; i < call.argc; i++) {
    if (call.is(i, 'limit')) i += 2;
    else if (call.is(i, 'get') || call.is(i, 'by')) i++;
    else if (call.is(i, 'store') && i + 1 < call.argc) target = ++i;
  }
  if (target !== 0) push(target, STORED);
}

interface Options extends Sorting {
  /** The argument with the key to store under, 0 for none. */
  storeAt: number;
}

function sort(call: Call, mayStore: boolean): void {
  const options = parseOptions(call, mayStore);
  if (options === undefined) return;
  const { store } = call;
  if (call.findKey(1) !== 0 && !isSortable(store)) {
    call.reply.error(WRONG_TYPE);
    return;
  }
  options.isStored = options.storeAt !== 0;
  const values = sortFound(store, call.database, call.found, options);
  if (values === null) call.reply.error(NOT_A_NUMBER);
  else finish(call, values, options.storeAt);
}

function finish(call: Call, values: readonly (Buffer | null)[], storeAt: number): void {
  const { reply, store } = call;
  if (storeAt === 0) {
    reply.array(values.length);
    for (const value of values) {
      if (value === null) reply.null();
      else reply.bulk(value, 0, value.length);
    }
    return;
  }
  for (const value of values) {
    const fault = elementFault(store, value?.length ?? 0);
    if (fault === '') continue;
    reply.error(fault);
    return;
  }
  // The last read before the first write.
  call.peekKey(storeAt);
  finishStore(call, storeAt, listOfSorted(store, values), 'l', 'sortstore');
  reply.integer(values.length);
}

function parseOptions(call: Call, mayStore: boolean): Options | undefined {
  const options: Options = {
    isDescending: false,
    isAlpha: false,
    by: null,
    gets: [],
    limitStart: 0,
    limitCount: -1,
    isStored: false,
    storeAt: 0,
  };
  for (let i = 2; i < call.argc; i++) {
    const left = call.argc - i - 1;
    if (call.is(i, 'asc')) options.isDescending = false;
    else if (call.is(i, 'desc')) options.isDescending = true;
    else if (call.is(i, 'alpha')) options.isAlpha = true;
    else if (call.is(i, 'limit') && left >= 2) {
      const start = call.integer(++i);
      const count = start === undefined ? undefined : call.integer(++i);
      if (start === undefined || count === undefined) return undefined;
      options.limitStart = Number(start);
      options.limitCount = Number(count);
    } else if (mayStore && call.is(i, 'store') && left >= 1) options.storeAt = ++i;
    else if (call.is(i, 'by') && left >= 1) options.by = patternOf(call, ++i);
    else if (call.is(i, 'get') && left >= 1) options.gets.push(patternOf(call, ++i));
    else {
      call.reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return options;
}

function patternOf(call: Call, i: number): SortPattern {
  return sortPatternOf(Buffer.from(call.bytes.subarray(call.starts[i], call.ends[i])));
}
