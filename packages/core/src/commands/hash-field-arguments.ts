/** What commands on the expiry of fields have in common in their arguments: `FIELDS n field ...`, and the time. */
import { FIELD_EXPIRES_AT_MAX_MS } from '../keyspace/hash-expiry.ts';
import type { Call } from './call.ts';

export const COUNT_ERROR = 'Number of fields must be a positive integer';
const NO_FIELDS = 'Mandatory argument FIELDS is missing or not at the right position';
const OTHER_COUNT = 'The `numfields` parameter must match the number of arguments';
const SECOND_MS = 1000;

/** The word FIELDS is argument `i`: where the fields begin that end the arguments; 0 after replying with an error. */
export function parseFields(call: Call, i: number, countError: string): number {
  const { reply } = call;
  if (i + 1 >= call.argc || !call.is(i, 'fields')) {
    reply.error(NO_FIELDS);
    return 0;
  }
  const count = call.integer(i + 1, countError);
  if (count === undefined) return 0;
  if (count < 1) {
    reply.error(countError);
    return 0;
  }
  const first = i + 2;
  if (count === call.argc - first) return first;
  reply.error(OTHER_COUNT);
  return 0;
}

/** Argument `i` as ms since the epoch, counted in `unitMs`, from now on or not; undefined after replying with an error. */
export function parseFieldTime(call: Call, i: number, unitMs: number, isRelative: boolean): number | undefined {
  const value = call.integer(i);
  if (value === undefined) return undefined;
  if (value < 0) {
    call.reply.error('invalid expire time, must be >= 0');
    return undefined;
  }
  const isTooLate = unitMs === SECOND_MS && value > Math.floor(FIELD_EXPIRES_AT_MAX_MS / SECOND_MS);
  const expiresAtMs = Number(value) * unitMs + (isRelative ? call.store.nowMs() : 0);
  if (!isTooLate && expiresAtMs <= FIELD_EXPIRES_AT_MAX_MS) return expiresAtMs;
  call.reply.error(`invalid expire time in '${call.row.name}' command`);
  return undefined;
}
