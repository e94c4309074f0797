/** Where the keys of a call stand, by its row. */
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

function visitRange(call: Call, { first, last, step }: KeyRange, visit: (index: number) => void): void {
  const end = last < 0 ? call.argc + last : last;
  for (let i = first; i <= end && i < call.argc; i += step) visit(i);
}
