/**
 * BITFIELD: integers of 1 to 64 bits at any bit of a string, highest bit first.
 *
 * A type is a number: 8 is `u8`, -8 is `i8`; unsigned ones have at most 63 bits, as in redis. Values are numbers while
 * they are safe integers and bigints beyond, like those of `parseInteger`; fields of up to 52 bits are computed without
 * bigints. Bits past the end of the string read as 0. Called by BITFIELD and BITFIELD_RO; the offsets by SETBIT and
 * GETBIT, too.
 */
import { parseInteger } from '../base/decimal.ts';

const UNSIGNED = 0x75;
const SIGNED = 0x69;
const HASH = 0x23;
const UNSIGNED_BITS_MAX = 63;
const SIGNED_BITS_MAX = 64;
/** With so many bits the sum of two values is a safe integer or one more. */
const NUMBER_BITS_MAX = 52;
const ADDEND_MAX = 2 ** NUMBER_BITS_MAX;
const LOW_BITS = 32;
const BITS_PER_BYTE = 8;

export type Overflow = 'wrap' | 'sat' | 'fail';

/** The type written from `start` to `end`: bits, negative if signed; 0 if it is none. */
export function parseFieldType(bytes: Uint8Array, start: number, end: number): number {
  const isSigned = bytes[start] === SIGNED;
  if (start >= end || (!isSigned && bytes[start] !== UNSIGNED)) return 0;
  const bits = parseInteger(bytes, start + 1, end);
  if (typeof bits !== 'number' || bits < 1 || bits > (isSigned ? SIGNED_BITS_MAX : UNSIGNED_BITS_MAX)) return 0;
  return isSigned ? -bits : bits;
}

/**
 * The offset in bits written from `start` to `end`; -1 if it is none, or in a byte past `sizeMaxBytes`. With a `type`, `#n`
 * means n times its bits; with 0 it is refused.
 */
export function parseBitOffset(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: number,
  sizeMaxBytes: number,
): number {
  const isMultiple = type !== 0 && start < end && bytes[start] === HASH;
  const number = parseInteger(bytes, isMultiple ? start + 1 : start, end);
  if (typeof number !== 'number') return -1;
  const offset = isMultiple ? number * Math.abs(type) : number;
  return offset < 0 || Math.floor(offset / BITS_PER_BYTE) >= sizeMaxBytes ? -1 : offset;
}

/** Bytes that a string must have to hold a field of `type` at `offset`. */
export function fieldEndBytes(offset: number, type: number): number {
  return Math.ceil((offset + Math.abs(type)) / BITS_PER_BYTE);
}

export function getField(bytes: Uint8Array, offset: number, type: number): number | bigint {
  const bits = Math.abs(type);
  if (bits > NUMBER_BITS_MAX) {
    const high = BigInt(readBits(bytes, offset, bits - LOW_BITS));
    const wide = (high << BigInt(LOW_BITS)) | BigInt(readBits(bytes, offset + bits - LOW_BITS, LOW_BITS));
    return narrow(type < 0 ? BigInt.asIntN(bits, wide) : wide);
  }
  const value = readBits(bytes, offset, bits);
  return type < 0 && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

/** Writes a value that the type can hold to where `fieldEndBytes` has made room. */
export function setField(bytes: Uint8Array, offset: number, type: number, value: number | bigint): void {
  const bits = Math.abs(type);
  if (bits > NUMBER_BITS_MAX) {
    const wide = BigInt.asUintN(bits, BigInt(value));
    writeBits(bytes, offset, bits - LOW_BITS, Number(wide >> BigInt(LOW_BITS)));
    writeBits(bytes, offset + bits - LOW_BITS, LOW_BITS, Number(BigInt.asUintN(LOW_BITS, wide)));
  } else {
    const number = Number(value);
    writeBits(bytes, offset, bits, number < 0 ? number + 2 ** bits : number);
  }
}

/**
 * What SET stores for a 64-bit argument: `undefined` if it does not fit and `overflow` is `fail`. For an unsigned type a
 * negative one counts as the unsigned number with the same 64 bits, as in redis.
 */
export function fitField(value: number | bigint, type: number, overflow: Overflow): number | bigint | undefined {
  return type > 0 && value < 0
    ? fitWide(BigInt.asUintN(64, BigInt(value)), type, overflow)
    : addToField(value, 0, type, overflow);
}

/** What INCRBY stores, also when it overflows; `undefined` if it does and `overflow` is `fail`. */
export function addToField(
  value: number | bigint,
  by: number | bigint,
  type: number,
  overflow: Overflow,
): number | bigint | undefined {
  const bits = Math.abs(type);
  if (bits > NUMBER_BITS_MAX || !isAddend(value) || !isAddend(by)) {
    return fitWide(BigInt(value) + BigInt(by), type, overflow);
  }
  const sum = value + by;
  const min = type < 0 ? -(2 ** (bits - 1)) : 0;
  const max = min + 2 ** bits - 1;
  if (sum >= min && sum <= max) return sum;
  if (overflow === 'fail') return undefined;
  if (overflow === 'sat') return sum < min ? min : max;
  const range = 2 ** bits;
  const wrapped = sum - Math.floor(sum / range) * range;
  return wrapped > max ? wrapped - range : wrapped;
}

function fitWide(sum: bigint, type: number, overflow: Overflow): number | bigint | undefined {
  const bits = Math.abs(type);
  const min = type < 0 ? -(1n << BigInt(bits - 1)) : 0n;
  const max = min + (1n << BigInt(bits)) - 1n;
  if (sum >= min && sum <= max) return narrow(sum);
  if (overflow === 'fail') return undefined;
  if (overflow === 'sat') return narrow(sum < min ? min : max);
  return narrow(type < 0 ? BigInt.asIntN(bits, sum) : BigInt.asUintN(bits, sum));
}

/** Whether the sum of two such is exact. */
function isAddend(value: number | bigint): value is number {
  return typeof value === 'number' && value <= ADDEND_MAX && value >= -ADDEND_MAX;
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Up to 52 bits, as an unsigned number. */
function readBits(bytes: Uint8Array, offset: number, count: number): number {
  let at = Math.floor(offset / BITS_PER_BYTE);
  let skip = offset % BITS_PER_BYTE;
  let value = 0;
  for (let left = count; left > 0; at++, skip = 0) {
    const take = Math.min(BITS_PER_BYTE - skip, left);
    const byte = at < bytes.length ? bytes[at] : 0;
    left -= take;
    value = value * (1 << take) + ((byte >>> (BITS_PER_BYTE - skip - take)) & ((1 << take) - 1));
  }
  return value;
}

function writeBits(bytes: Uint8Array, offset: number, count: number, value: number): void {
  let at = Math.floor(offset / BITS_PER_BYTE);
  let skip = offset % BITS_PER_BYTE;
  for (let left = count; left > 0; at++, skip = 0) {
    const take = Math.min(BITS_PER_BYTE - skip, left);
    const shift = BITS_PER_BYTE - skip - take;
    const mask = (1 << take) - 1;
    left -= take;
    const part = Math.floor(value / 2 ** left) & mask;
    bytes[at] = (bytes[at] & ~(mask << shift)) | (part << shift);
  }
}
