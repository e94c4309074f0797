/**
 * The decimal number of a RESP header, by redis's strict rules: no plus sign, no leading zero, no space, no `-0`, and
 * within 64 bits.
 *
 * The parsers read the usual short lengths on their way themselves and come here for everything else.
 */
import { MINUS, ZERO } from './ascii.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_DIGITS = 19;

/**
 * The number that fills `[start, end)`, or NaN if the bytes are not one. Beyond 2^53 the value is rounded, the verdict
 * is not.
 */
export function parseLengthField(bytes: Buffer, start: number, end: number): number {
  const isNegative = start < end && bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  const digits = end - first;
  if (digits < 1 || digits > INT64_DIGITS) return Number.NaN;
  if (bytes[first] === ZERO) return digits === 1 && !isNegative ? 0 : Number.NaN;
  let value = 0;
  for (let i = first; i < end; i++) {
    const digit = bytes[i] - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  if (digits === INT64_DIGITS) {
    const exact = BigInt(bytes.toString('latin1', first, end));
    if (exact > (isNegative ? INT64_MAX + 1n : INT64_MAX)) return Number.NaN;
  }
  return isNegative ? -value : value;
}
