/**
 * Doubles as redis reads and prints them: scores of sorted sets and arguments that are floats.
 *
 * Reading is correctly rounded, as `strtod` is, and on the hot path (a plain decimal of up to 15 digits) without a
 * string: two exact numbers and one division round once (W. D. Clinger, 1990). Printed are the fewest digits that read
 * back as the same double, as by redis 7.2, laid out as C's `%.17g` does it.
 */
import { parseFloatText } from './float-text.ts';

const DIGIT_0 = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const SIGNIFICANT_DIGITS = 17;
/** Digits that are exact in a double; 10 to this power is exact, too. */
const EXACT_DIGITS_MAX = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS_MAX + 1 }, (_, i) => 10 ** i);
/** Below it integers print the same in every form. */
const PLAIN_INTEGER_MAX = 1e15;

/** The double from `start` to `end`, which may be infinite; NaN if the bytes are no number or one that no double holds. */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start];
  const first = sign === MINUS || sign === PLUS ? start + 1 : start;
  if (end - first > EXACT_DIGITS_MAX + 1) return parseSlowly(bytes, start, end);
  let value = 0;
  let digitCount = 0;
  let pointAt = -1;
  for (let i = first; i < end; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digitCount++;
    } else if (bytes[i] === POINT && pointAt < 0) {
      pointAt = i;
    } else {
      return parseSlowly(bytes, start, end);
    }
  }
  if (digitCount === 0) return Number.NaN;
  if (digitCount > EXACT_DIGITS_MAX) return parseSlowly(bytes, start, end);
  if (pointAt >= 0) value /= POWERS_OF_TEN[end - pointAt - 1];
  return sign === MINUS ? -value : value;
}

/** The fewest digits that read back as `value`. */
export function formatDouble(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < PLAIN_INTEGER_MAX && (magnitude >= 1e-4 || value === 0))
    return Object.is(value, -0) ? '-0' : `${value}`;
  return formatLong(value, value.toExponential());
}

/** Lays out `d.ddde+x` as `%g` with 17 digits does: plain for exponents from -4 to 16, else with two digits of exponent. */
function formatLong(value: number, exponential: string): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  const exponentAt = exponential.indexOf('e');
  const exponent = Number(exponential.slice(exponentAt + 1));
  const sign = value < 0 ? '-' : '';
  const digits = exponential.slice(sign.length, exponentAt).replace('.', '').replace(/0+$/, '');
  if (exponent < -4 || exponent >= SIGNIFICANT_DIGITS) {
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return digits.length > exponent + 1 ? `${sign}${whole}.${digits.slice(exponent + 1)}` : sign + whole;
}

function parseSlowly(bytes: Uint8Array, start: number, end: number): number {
  const parsed = parseFloatText(bytes, start, end);
  if (parsed === undefined) return Number.NaN;
  const { isNegative, isInfinite } = parsed;
  if (isInfinite) return isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = parsed.base === 10 ? Number(parsed.text) : scale(BigInt(parsed.digits), parsed.exponent, isNegative);
  const isOutOfRange = !Number.isFinite(value) || (value === 0 && /[1-9a-f]/i.test(parsed.digits));
  return isOutOfRange ? Number.NaN : value;
}

/** `mantissa * 2 ** exponent`, in two steps, so that neither power is out of range when the product is not. */
function scale(mantissa: bigint, exponent: number, isNegative: boolean): number {
  const half = Math.trunc(exponent / 2);
  const value = Number(mantissa) * 2 ** half * 2 ** (exponent - half);
  return isNegative ? -value : value;
}
