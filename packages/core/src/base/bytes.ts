/**
 * Comparing ranges of bytes in place, without making a view for either side.
 *
 * Keys are short, and for short ranges a loop beats the call into the runtime; long ranges go through
 * `Buffer.compare`. Called by the index (is this the key?) and wherever keys are put in order.
 */

const LOOP_SIZE_MAX_BYTES = 256;

/** Order of two ranges as `memcmp` has it, the shorter first when one begins with the other: -1, 0 or 1. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): number {
  if (aLength > LOOP_SIZE_MAX_BYTES && bLength > LOOP_SIZE_MAX_BYTES) {
    return Buffer.compare(a.subarray(aStart, aStart + aLength), b.subarray(bStart, bStart + bLength));
  }
  const common = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < common; i++) {
    const difference = a[aStart + i] - b[bStart + i];
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return aLength === bLength ? 0 : aLength < bLength ? -1 : 1;
}

/** Whether `length` bytes are the same in both. */
export function equalBytes(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  if (length > LOOP_SIZE_MAX_BYTES) {
    return Buffer.compare(a.subarray(aStart, aStart + length), b.subarray(bStart, bStart + length)) === 0;
  }
  for (let i = 0; i < length; i++) {
    if (a[aStart + i] !== b[bStart + i]) return false;
  }
  return true;
}
