/** Where the keys of a call stand, by its row. */
import type { Call } from './call.ts';

/** Calls `visit` with the index of each argument that is a key. */
export function forEachKey(call: Call, visit: (index: number) => void): void {
  const { keys, findKeys } = call.row;
  if (findKeys !== undefined) {
    findKeys(call, visit);
    return;
  }
  if (keys === undefined) return;
  const last = keys.last < 0 ? call.argc + keys.last : keys.last;
  for (let i = keys.first; i <= last && i < call.argc; i += keys.step) visit(i);
}
