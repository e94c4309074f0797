/** Commands that take strings for numbers. */
import { formatInteger, INT64_MAX, INT64_MIN, INTEGER_SIZE_MAX_BYTES, parseInteger } from '../base/decimal.ts';
import { formatSum, parseLongDouble } from '../base/long-double.ts';
import { putBytes } from '../engine/put.ts';
import { expiryOf } from '../engine/record.ts';
import { isLargeString, lengthOfString, valueStartOf } from '../engine/string-value.ts';
import { type Call, NOT_AN_INTEGER } from './call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, WRITE } from './command.ts';

const OVERFLOW = 'increment or decrement would overflow';

const digits = Buffer.alloc(INTEGER_SIZE_MAX_BYTES);
const zero = Buffer.from('0');

const row = {
  flags: WRITE | DENYOOM | FAST,
  group: 'string',
  keys: firstKey('RW access update'),
} as const;

export const stringNumberCommands: readonly CommandRow[] = [
  { ...row, name: 'incr', arity: 2, run: (call) => increment(call, 1) },
  { ...row, name: 'decr', arity: 2, run: (call) => increment(call, -1) },
  { ...row, name: 'incrby', arity: 3, run: incrementBy },
  { ...row, name: 'decrby', arity: 3, run: decrementBy },
  { ...row, name: 'incrbyfloat', arity: 3, run: incrementByFloat },
];

function incrementBy(call: Call): void {
  const by = call.integer(2);
  if (by !== undefined) increment(call, by);
}

function decrementBy(call: Call): void {
  const by = call.integer(2);
  if (by === undefined) return;
  if (by === INT64_MIN) call.reply.error('decrement would overflow');
  else increment(call, -by);
}

/** Adds to the integer under the first argument; a key that is missing counts as 0. */
function increment(call: Call, by: number | bigint): void {
  if (!call.findString(1)) return;
  const { store, found, reply } = call;
  const value = found === 0 ? 0 : valueAsInteger(call);
  if (value === undefined) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const sum = tryAdd(value, by);
  if (sum === undefined) {
    reply.error(OVERFLOW);
    return;
  }
  const expiresAtMs = found === 0 ? 0 : expiryOf(store.words, store.word);
  putBytes(store, call.database, found, digits, 0, formatInteger(sum, digits, 0), expiresAtMs);
  call.changed('$', 'incrby');
  reply.integer(sum);
}

/** The found string as an integer of 64 bits, undefined if it is none. */
function valueAsInteger({ store }: Call): number | bigint | undefined {
  if (isLargeString(store)) return undefined;
  const start = valueStartOf(store);
  return parseInteger(store.bytes, start, start + lengthOfString(store));
}

/** The sum, undefined if 64 bits do not hold it. */
export function tryAdd(a: number | bigint, b: number | bigint): number | bigint | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  return sum > INT64_MAX || sum < INT64_MIN ? undefined : sum;
}

function incrementByFloat(call: Call): void {
  if (!call.findString(1)) return;
  const { store, found, reply } = call;
  const value = found === 0 ? parseLongDouble(zero, 0, 1) : valueAsFloat(call);
  const by = parseLongDouble(call.bytes, call.starts[2], call.ends[2]);
  if (value === undefined || by === undefined) {
    reply.error('value is not a valid float');
    return;
  }
  const sum = formatSum(value, by);
  if (sum === undefined) {
    reply.error('increment would produce NaN or Infinity');
    return;
  }
  const bytes = Buffer.from(sum, 'latin1');
  const expiresAtMs = found === 0 ? 0 : expiryOf(store.words, store.word);
  putBytes(store, call.database, found, bytes, 0, bytes.length, expiresAtMs);
  call.changed('$', 'incrbyfloat');
  reply.bulk(bytes, 0, bytes.length);
}

function valueAsFloat({ store }: Call): ReturnType<typeof parseLongDouble> {
  if (isLargeString(store)) return undefined;
  const start = valueStartOf(store);
  return parseLongDouble(store.bytes, start, start + lengthOfString(store));
}
