/**
 * Doubles as redis 7.2 prints them: the fewest digits that read back as the same double, laid out as C's `%.17g` does it, but
 * whole numbers up to 2^62 with all their digits. And as it reads them.
 */
import { parseFloatText } from './float-text.ts';

const SIGNIFICANT_DIGITS = 17;
/** Below it integers print the same in every form. */
const PLAIN_INTEGER_MAX = 1e15;
const WHOLE_MAX = 2 ** 62;
const SHORT_DIGITS_MAX = 15;
const POWERS_OF_TEN = Float64Array.from({ length: SHORT_DIGITS_MAX + 1 }, (_, i) => 10 ** i);
const DIGIT_0 = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;

/** The fewest digits that read back as `value`. */
export function formatDouble(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < PLAIN_INTEGER_MAX && (magnitude >= 1e-4 || value === 0))
    return Object.is(value, -0) ? '-0' : `${value}`;
  if (magnitude <= WHOLE_MAX && Number.isInteger(value)) return `${BigInt(value)}`;
  return formatLong(value, value.toExponential());
}

/** All 17 digits that C's `%.17g` prints, without trailing zeros. */
export function formatAllDigits(value: number): string {
  return value === 0 ? formatDouble(value) : formatLong(value, value.toExponential(SIGNIFICANT_DIGITS - 1));
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

/**
 * Reads the whole range as a double; `undefined` if it is none, or one that is too large or too small for a double. It may be
 * infinite. With `isLenient` what is too large is infinite, what is too small 0, as C's `strtod` has it.
 */
export function parseDouble(bytes: Uint8Array, start: number, end: number, isLenient = false): number | undefined {
  const short = parseShort(bytes, start, end);
  if (short !== undefined) return short;
  const parsed = parseFloatText(bytes, start, end);
  if (parsed === undefined) return undefined;
  if (parsed.isInfinite) return parsed.isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = parsed.base === 10 ? Number(parsed.text) : scaled(parsed.digits, parsed.exponent, parsed.isNegative);
  if (isLenient) return value;
  const isLost = !Number.isFinite(value) || (value === 0 && /[1-9a-f]/i.test(parsed.digits.replace(/^0x/, '')));
  return isLost ? undefined : value;
}

/** A plain decimal of up to 15 digits: exact in numerator and denominator, so that its quotient is rounded once. */
function parseShort(bytes: Uint8Array, start: number, end: number): number | undefined {
  const sign = bytes[start];
  const first = sign === MINUS || sign === PLUS ? start + 1 : start;
  let units = 0;
  let pointAt = -1;
  for (let i = first; i < end; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit >= 0 && digit <= 9) units = units * 10 + digit;
    else if (bytes[i] === POINT && pointAt < 0) pointAt = i;
    else return undefined;
  }
  const digitCount = end - first - (pointAt < 0 ? 0 : 1);
  if (digitCount < 1 || digitCount > SHORT_DIGITS_MAX) return undefined;
  const magnitude = pointAt < 0 ? units : units / POWERS_OF_TEN[end - pointAt - 1];
  return sign === MINUS ? -magnitude : magnitude;
}

/** A hexadecimal mantissa times a power of two, which is exact or of no consequence. */
function scaled(digits: string, exponent: number, isNegative: boolean): number {
  const half = Math.trunc(exponent / 2);
  const magnitude = Number(BigInt(digits)) * 2 ** half * 2 ** (exponent - half);
  return isNegative ? -magnitude : magnitude;
}
