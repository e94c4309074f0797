/** Arguments of commands on sorted sets: intervals of scores and of members, as redis reads them. */
import { parseDouble } from '../base/double.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { memberFault } from '../keyspace/collections.ts';
import type { MemberInterval, ScoreInterval } from '../keyspace/sorted-sets.ts';
import type { Call } from './call.ts';

const OPEN = 0x28;
const CLOSED = 0x5b;
const PLUS = 0x2b;
const MINUS = 0x2d;
/** What C takes for space before a number. */
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d]);
const NO_BYTES = Buffer.alloc(0);
const SCORE_BYTES = 8;

/** Whether arguments from `first` on, in steps of `step`, may be members; replies with an error if one is too long. */
export function areKeyMembers(call: Call, first: number, step: number): boolean {
  for (let i = first; i < call.argc; i += step) {
    if (call.lengthOf(i) <= KEY_SIZE_MAX_BYTES) continue;
    call.reply.error(memberFault(call.store, call.lengthOf(i), SCORE_BYTES));
    return false;
  }
  return true;
}

/** undefined after replying with an error. */
export function parseScoreInterval(call: Call, minAt: number, maxAt: number): ScoreInterval | undefined {
  const min = parseScoreBound(call, minAt);
  const max = parseScoreBound(call, maxAt);
  if (min !== undefined && max !== undefined)
    return { min, max, isMinOpen: isOpen(call, minAt), isMaxOpen: isOpen(call, maxAt) };
  call.reply.error('min or max is not a float');
  return undefined;
}

function isOpen(call: Call, i: number): boolean {
  return call.lengthOf(i) > 0 && call.bytes[call.starts[i]] === OPEN;
}

/** As C's `strtod` reads it: spaces may come first, and nothing at all is 0. */
function parseScoreBound(call: Call, i: number): number | undefined {
  const { bytes } = call;
  const end = call.ends[i];
  let start = call.starts[i] + (isOpen(call, i) ? 1 : 0);
  if (start === end) return 0;
  while (start < end && SPACES.has(bytes[start])) start++;
  return parseDouble(bytes, start, end, true);
}

/** undefined after replying with an error. Bounds are views of the call's bytes. */
export function parseMemberInterval(call: Call, minAt: number, maxAt: number): MemberInterval | undefined {
  const min = parseMemberBound(call, minAt);
  const max = parseMemberBound(call, maxAt);
  if (min !== undefined && max !== undefined) return { min, max };
  call.reply.error('min or max not valid string range item');
  return undefined;
}

function parseMemberBound(call: Call, i: number): MemberInterval['min'] | undefined {
  const view = call.viewOf(i);
  const first = view[0];
  if (first === OPEN || first === CLOSED) return { side: 0, bytes: view.subarray(1), isOpen: first === OPEN };
  if (view.length !== 1 || (first !== PLUS && first !== MINUS)) return undefined;
  return { side: first === MINUS ? -1 : 1, bytes: NO_BYTES, isOpen: true };
}
