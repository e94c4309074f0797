/**
 * The arithmetic of INCRBYFLOAT and HINCRBYFLOAT: x86's 80-bit long double, in which redis adds there.
 *
 * JavaScript has no such type, but its result is defined to the bit: both texts are rounded to 64 bits of mantissa (half
 * to even), so is their sum, and the sum is printed with 17 decimals, rounded exactly, without trailing zeros. All of
 * that is done here with bigints, so results equal redis on x86-64 to the byte. On ARM redis has a long double of 128
 * bits and answers differently in the last digits; Ferrite answers the same everywhere. Not imitated: numbers below
 * 2^-16382, which x86 holds with fewer bits; they print as 0 either way.
 *
 * Most sums need none of it: of short decimals that are small, or that are exact in binary, too, the long double is
 * printed as the exact sum, which numbers can compute. So a decimal of up to 15 digits is kept as it is until then.
 */
import { type FloatText, parseFloatText } from './float-text.ts';

/** A number that was read, still exact if it was short. */
type LongDouble = ShortDecimal | BinaryFloat;

/** The value `units / 10 ** decimals`, before rounding. */
interface ShortDecimal {
  readonly units: number;
  readonly decimals: number;
}

/** The value `mantissa * 2 ** exponent`; an infinite one has the exponent Infinity. */
interface BinaryFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const MANTISSA_BITS = 64;
/** With two more bits than are kept, what was cut off needs no closer look than "anything or nothing". */
const QUOTIENT_BITS_MIN = MANTISSA_BITS + 2;
/** Powers of two above the largest and below the smallest long double. */
const BINARY_EXPONENT_MAX = 16_383;
const BINARY_EXPONENT_MIN = -16_446;
/** Longer texts are refused, as in redis. */
const TEXT_SIZE_MAX_BYTES = 5119;
/** Powers of ten surely beyond them whatever the digits; without this limit a short text could ask for gigabytes. */
const DECIMAL_EXPONENT_MAX = TEXT_SIZE_MAX_BYTES + 5000;
const DECIMALS = 17;

const ZERO: BinaryFloat = { mantissa: 0n, exponent: 0 };

const DIGIT_0 = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const SHORT_DIGITS_MAX = 15;
/** Below it the three roundings of a sum, each of at most 2^-64 of it, stay below half of the last decimal printed. */
const PRINTED_EXACTLY_MAX = 40;
const POWERS_OF_TEN = Float64Array.from({ length: SHORT_DIGITS_MAX + 1 }, (_, i) => 10 ** i);
const POWERS_OF_FIVE = Float64Array.from({ length: SHORT_DIGITS_MAX + 1 }, (_, i) => 5 ** i);

/** Reads a float; `undefined` if the bytes are none, or one that is too large or too small. It may be infinite. */
export function parseLongDouble(bytes: Uint8Array, start: number, end: number): LongDouble | undefined {
  const short = parseShort(bytes, start, end);
  if (short !== undefined) return short;
  if (end - start > TEXT_SIZE_MAX_BYTES) return undefined;
  const parsed = parseFloatText(bytes, start, end);
  if (parsed === undefined) return undefined;
  if (parsed.isInfinite) return { mantissa: parsed.isNegative ? -1n : 1n, exponent: Number.POSITIVE_INFINITY };
  const magnitude = BigInt(parsed.digits);
  if (magnitude === 0n) return ZERO;
  const value = roundText(parsed, parsed.isNegative ? -magnitude : magnitude);
  return value !== undefined && isInRange(value) ? value : undefined;
}

/** Text of the sum; `undefined` if it is infinite or not a number. */
export function formatSum(a: LongDouble, b: LongDouble): string | undefined {
  if ('units' in a && 'units' in b) {
    const text = trySumShort(a, b);
    if (text !== undefined) return text;
  }
  return formatBinarySum(toBinary(a), toBinary(b));
}

/** A plain decimal of up to 15 digits, else `undefined`. */
function parseShort(bytes: Uint8Array, start: number, end: number): ShortDecimal | undefined {
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
  return { units: sign === MINUS ? -units : units, decimals: pointAt < 0 ? 0 : end - pointAt - 1 };
}

/** The exact sum, if it is known to be what the long double would print. */
function trySumShort(a: ShortDecimal, b: ShortDecimal): string | undefined {
  const decimals = Math.max(a.decimals, b.decimals);
  const left = a.units * POWERS_OF_TEN[decimals - a.decimals];
  const right = b.units * POWERS_OF_TEN[decimals - b.decimals];
  const size = Math.abs(left) + Math.abs(right);
  if (size > Number.MAX_SAFE_INTEGER) return undefined;
  const five = POWERS_OF_FIVE[decimals];
  const isBinary = left % five === 0 && right % five === 0;
  if (!isBinary && size > PRINTED_EXACTLY_MAX * POWERS_OF_TEN[decimals]) return undefined;
  return formatUnits(String(Math.abs(left + right)), decimals, left + right < 0);
}

function toBinary(value: LongDouble): BinaryFloat {
  if ('mantissa' in value) return value;
  return value.units === 0 ? ZERO : round(BigInt(value.units), 10n ** BigInt(value.decimals), 0);
}

function formatBinarySum(a: BinaryFloat, b: BinaryFloat): string | undefined {
  if (a.exponent === Number.POSITIVE_INFINITY || b.exponent === Number.POSITIVE_INFINITY) return undefined;
  const exponent = Math.min(a.exponent, b.exponent);
  const aligned = (each: BinaryFloat): bigint => each.mantissa << BigInt(each.exponent - exponent);
  const mantissa = aligned(a) + aligned(b);
  if (mantissa === 0n) return '0';
  const sum = round(mantissa, 1n, exponent);
  return binaryExponent(sum) > BINARY_EXPONENT_MAX ? undefined : format(sum);
}

function roundText({ base, exponent }: FloatText, mantissa: bigint): BinaryFloat | undefined {
  if (base === 2) return round(mantissa, 1n, exponent);
  if (Math.abs(exponent) > DECIMAL_EXPONENT_MAX) return undefined;
  return exponent >= 0
    ? round(mantissa * 10n ** BigInt(exponent), 1n, 0)
    : round(mantissa, 10n ** BigInt(-exponent), 0);
}

function isInRange(value: BinaryFloat): boolean {
  const exponent = binaryExponent(value);
  return exponent <= BINARY_EXPONENT_MAX && exponent >= BINARY_EXPONENT_MIN;
}

/** The power of two at or below the value's magnitude. */
function binaryExponent({ mantissa, exponent }: BinaryFloat): number {
  return exponent + bitLength(magnitudeOf(mantissa)) - 1;
}

/** `numerator / denominator * 2 ** exponent` with a mantissa of 64 bits; the numerator is not 0. */
function round(numerator: bigint, denominator: bigint, exponent: number): BinaryFloat {
  const magnitude = magnitudeOf(numerator);
  const shift = Math.max(0, QUOTIENT_BITS_MIN - bitLength(magnitude) + bitLength(denominator));
  const scaled = magnitude << BigInt(shift);
  const quotient = scaled / denominator;
  const isInexact = quotient * denominator !== scaled;
  const dropped = bitLength(quotient) - MANTISSA_BITS;
  const mantissa = shiftRightToEven((quotient << 1n) | (isInexact ? 1n : 0n), dropped + 1);
  return { mantissa: numerator < 0n ? -mantissa : mantissa, exponent: exponent - shift + dropped };
}

/** `value / 2 ** bits`, rounded to the nearest integer, half to even; `value` is not negative. */
function shiftRightToEven(value: bigint, bits: number): bigint {
  const kept = value >> BigInt(bits);
  const rest = value - (kept << BigInt(bits));
  const half = 1n << BigInt(bits - 1);
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
}

/** With 17 decimals, without trailing zeros. */
function format({ mantissa, exponent }: BinaryFloat): string {
  const scaled = magnitudeOf(mantissa) * 10n ** BigInt(DECIMALS);
  const units = exponent >= 0 ? scaled << BigInt(exponent) : shiftRightToEven(scaled, -exponent);
  return formatUnits(units.toString(), DECIMALS, mantissa < 0n);
}

/** A number of which the last `decimals` digits are after the point, without trailing zeros and without `-0`. */
function formatUnits(units: string, decimals: number, isNegative: boolean): string {
  if (units === '0') return '0';
  const digits = units.padStart(decimals + 1, '0');
  const wholeEnd = digits.length - decimals;
  let end = digits.length;
  while (end > wholeEnd && digits.charCodeAt(end - 1) === DIGIT_0) end--;
  const whole = (isNegative ? '-' : '') + digits.slice(0, wholeEnd);
  return end === wholeEnd ? whole : `${whole}.${digits.slice(wholeEnd, end)}`;
}

function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Bits of a number that is not negative. */
function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}
