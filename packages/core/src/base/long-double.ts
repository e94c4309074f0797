/**
 * The arithmetic of INCRBYFLOAT and HINCRBYFLOAT: x86's 80-bit long double, in which redis adds there.
 *
 * JavaScript has no such type, but its result is defined to the bit: both texts are rounded to 64 bits of mantissa (half
 * to even), so is their sum, and the sum is printed with 17 decimals, rounded exactly, without trailing zeros. All of
 * that is done here with bigints, so results equal redis on x86-64 to the byte. On ARM redis has a long double of 128
 * bits and answers differently in the last digits; Ferrite answers the same everywhere. Not imitated: numbers below
 * 2^-16382, which x86 holds with fewer bits; they print as 0 either way.
 */
import { type FloatText, parseFloatText } from './float-text.ts';

/** The value `mantissa * 2 ** exponent`; an infinite one has the exponent Infinity. */
export interface LongDouble {
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

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

/** Reads a float; `undefined` if the bytes are none, or one that is too large or too small. It may be infinite. */
export function parseLongDouble(bytes: Uint8Array, start: number, end: number): LongDouble | undefined {
  if (end - start > TEXT_SIZE_MAX_BYTES) return undefined;
  const parsed = parseFloatText(bytes, start, end);
  if (parsed === undefined) return undefined;
  if (parsed.isInfinite) return { mantissa: parsed.isNegative ? -1n : 1n, exponent: Number.POSITIVE_INFINITY };
  const magnitude = BigInt(parsed.digits);
  if (magnitude === 0n) return ZERO;
  const value = toLongDouble(parsed, parsed.isNegative ? -magnitude : magnitude);
  return value !== undefined && isInRange(value) ? value : undefined;
}

/** Text of the sum; `undefined` if it is infinite or not a number. */
export function formatSum(a: LongDouble, b: LongDouble): string | undefined {
  if (a.exponent === Number.POSITIVE_INFINITY || b.exponent === Number.POSITIVE_INFINITY) return undefined;
  const exponent = Math.min(a.exponent, b.exponent);
  const aligned = (each: LongDouble): bigint => each.mantissa << BigInt(each.exponent - exponent);
  const mantissa = aligned(a) + aligned(b);
  if (mantissa === 0n) return '0';
  const sum = round(mantissa, 1n, exponent);
  return binaryExponent(sum) > BINARY_EXPONENT_MAX ? undefined : format(sum);
}

function toLongDouble({ base, exponent }: FloatText, mantissa: bigint): LongDouble | undefined {
  if (base === 2) return round(mantissa, 1n, exponent);
  if (Math.abs(exponent) > DECIMAL_EXPONENT_MAX) return undefined;
  return exponent >= 0
    ? round(mantissa * 10n ** BigInt(exponent), 1n, 0)
    : round(mantissa, 10n ** BigInt(-exponent), 0);
}

function isInRange(value: LongDouble): boolean {
  const exponent = binaryExponent(value);
  return exponent <= BINARY_EXPONENT_MAX && exponent >= BINARY_EXPONENT_MIN;
}

/** The power of two at or below the value's magnitude. */
function binaryExponent({ mantissa, exponent }: LongDouble): number {
  return exponent + bitLength(magnitudeOf(mantissa)) - 1;
}

/** `numerator / denominator * 2 ** exponent` with a mantissa of 64 bits; the numerator is not 0. */
function round(numerator: bigint, denominator: bigint, exponent: number): LongDouble {
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
function format({ mantissa, exponent }: LongDouble): string {
  const scaled = magnitudeOf(mantissa) * 10n ** BigInt(DECIMALS);
  const units = exponent >= 0 ? scaled << BigInt(exponent) : shiftRightToEven(scaled, -exponent);
  if (units === 0n) return '0';
  const digits = units.toString().padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  const whole = (mantissa < 0n ? '-' : '') + digits.slice(0, -DECIMALS);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Bits of a number that is not negative. */
function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}
