/**
 * The numbered operations that a process which will be killed carries out: what the n-th is follows from n alone, so
 * that the parent knows what a store must hold after any number of them.
 */
import { Prng } from '@ferrite/core/module';

const KEYS = 120;
const PAIRS = 6;
/** One value in so many is stored in chunks. */
const LARGE_ONE_IN = 150;
const LARGE_BYTES = 90_000;
const SMALL_BYTES_MAX = 1500;

/** Keys and their new values, undefined for a removed one; more than one key is an atomic batch. */
export type Operation = readonly (readonly [key: string, value: string | undefined])[];

export function operationAt(n: number): Operation {
  const prng = new Prng(n + 1);
  const kind = prng.nextBelow(10);
  if (kind === 0) return [[`key:${prng.nextBelow(KEYS)}`, undefined]];
  if (kind <= 2) {
    const pair = prng.nextBelow(PAIRS);
    const value = valueOf(n, prng.nextBelow(SMALL_BYTES_MAX));
    return [`left:${pair}`, `middle:${pair}`, `right:${pair}`].map((key): [string, string] => [key, value]);
  }
  const size = prng.nextBelow(LARGE_ONE_IN) === 0 ? LARGE_BYTES : prng.nextBelow(SMALL_BYTES_MAX);
  return [[`key:${prng.nextBelow(KEYS)}`, valueOf(n, size)]];
}

function valueOf(n: number, size: number): string {
  return `${n}:${'abcdefghij'.repeat(Math.ceil(size / 10))}`;
}

/** Unreported operations that the killed process may have done beyond the last one it told of. */
export const UNREPORTED_MAX = 64;

/** Kinds of what it tells: 8 bytes each, the kind and the number of operations. */
export const TOLD_ISSUED = 1;
export const TOLD_PROMISED = 2;
