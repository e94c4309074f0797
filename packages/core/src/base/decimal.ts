/**
 * Signed 64-bit integers in decimal, read as strictly as redis reads them, and printed.
 *
 * What is accepted is exactly what would be printed: no plus, no space, no zero in front, no `-0`. So a value that
 * parses may be kept as a number and printed again without a difference. Called for arguments and for values that
 * INCR and its kin change, on the hot path: a number needs no allocation; a bigint appears only beyond 2^53.
 */

const DIGIT_0 = 0x30;
const MINUS = 0x2d;
/** Digits that fit a number whatever they are. */
const NUMBER_DIGITS_MAX = 15;
const INT64_DIGITS_MAX = 19;
const INT32_MAX = 2_147_483_647;

export const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
export const INT64_MIN = -INT64_MAX - 1n;

/** The most that `formatInteger` writes. */
export const INTEGER_SIZE_MAX_BYTES = 20;

/**
 * The integer from `start` to `end`: a number if it is safe, a bigint if only 64 bits hold it, `undefined` if the
 * bytes are anything else.
 */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  const digitCount = end - first;
  if (digitCount < 1 || digitCount > INT64_DIGITS_MAX) return undefined;
  if (bytes[first] === DIGIT_0) return digitCount === 1 && !isNegative ? 0 : undefined;
  const numberEnd = digitCount > NUMBER_DIGITS_MAX ? first + NUMBER_DIGITS_MAX : end;
  let value = 0;
  for (let i = first; i < numberEnd; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (numberEnd < end) return parseRest(bytes, numberEnd, end, value, isNegative);
  return isNegative ? -value : value;
}

/** Prints a safe integer or a bigint of 64 bits at `at`; gives the end. */
export function formatInteger(value: number | bigint, into: Buffer, at: number): number {
  if (typeof value !== 'number') return at + into.write(String(value), at, 'latin1');
  let rest = value;
  if (rest < 0) {
    into[at++] = MINUS;
    rest = -rest;
  }
  let end = at + 1;
  for (let bound = 10; bound <= rest; bound *= 10) end++;
  let position = end - 1;
  while (rest > INT32_MAX) {
    const tenth = Math.floor(rest / 10);
    into[position--] = DIGIT_0 + (rest - tenth * 10);
    rest = tenth;
  }
  do {
    const tenth = (rest / 10) | 0;
    into[position--] = DIGIT_0 + (rest - tenth * 10);
    rest = tenth;
  } while (rest > 0);
  return end;
}

/** The up to four digits after the first fifteen, whose value is `high`. */
function parseRest(
  bytes: Uint8Array,
  start: number,
  end: number,
  high: number,
  isNegative: boolean,
): number | bigint | undefined {
  let low = 0;
  let scale = 1;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return undefined;
    low = low * 10 + digit;
    scale *= 10;
  }
  const value = high * scale + low;
  if (value <= Number.MAX_SAFE_INTEGER) return isNegative ? -value : value;
  const exact = BigInt(high) * BigInt(scale) + BigInt(low);
  if (exact > INT64_MAX + (isNegative ? 1n : 0n)) return undefined;
  return isNegative ? -exact : exact;
}
