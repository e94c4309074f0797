/** Where the keys of a call stand, by its row. */
import { parseInteger } from '../base/decimal.ts';
import type { Call } from './call.ts';
import type { KeyRange } from './command.ts';

/** Calls `visit` with the index of each argument that is a key. */
export function forEachKey(call: Call, visit: (index: number) => void): void {
  const { keys, findKeys } = call.row;
  if (findKeys !== undefined) {
    findKeys(call, visit);
    return;
  }
  if (keys !== undefined) visitRange(call, keys, visit);
}

/** The same, with the keys that something else is done with. */
export function forEveryKey(call: Call, visit: (index: number) => void): void {
  forEachKey(call, visit);
  if (call.row.moreKeys !== undefined) visitRange(call, call.row.moreKeys, visit);
}

function visitRange(call: Call, range: KeyRange, visit: (index: number) => void): void {
  const end = lastOf(call, range);
  for (let i = firstOf(call, range); i <= end && i < call.argc; i += range.step) visit(i);
}

/** The first argument of a range. */
export function firstOf(call: Call, { first, keyword }: KeyRange): number {
  if (keyword === undefined) return first;
  let i = first;
  while (i < call.argc && !call.is(i, keyword)) i++;
  return i + 1;
}

/** The last argument of a range; before its first one where there is none, or where the call says no sensible number of them. */
export function lastOf(call: Call, range: KeyRange): number {
  const { first, last, step, countAt, keyword } = range;
  if (keyword !== undefined) {
    const start = firstOf(call, range);
    return start - 1 + Math.max(0, Math.floor((call.argc - start) / 2));
  }
  if (countAt === undefined) return last < 0 ? call.argc + last : last;
  if (countAt >= call.argc) return 0;
  const count = parseInteger(call.bytes, call.starts[countAt], call.ends[countAt]);
  const end = typeof count === 'number' ? first + (count - 1) * step : 0;
  return end < call.argc ? end : 0;
}
