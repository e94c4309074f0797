/**
 * Addresses: where a record lives, in units of 8 bytes.
 *
 * An address is a Number below 2^48. The top bit says which log: clear for the main log, set for the cold log. Address
 * 0 is no record (the first units of a log hold a segment header). The only place that splits an address into words.
 */

export const UNIT_BYTES = 8;
export const COLD_BASE = 2 ** 47;
const WORD = 2 ** 32;

export function isCold(address: number): boolean {
  return address >= COLD_BASE;
}

/** Bits 32 to 47, the top one saying "cold". */
export function highOf(address: number): number {
  return Math.floor(address / WORD);
}

/** The low word as int32, the form typed arrays keep. */
export function lowOf(address: number): number {
  return address | 0;
}

export function joinAddress(high: number, low: number): number {
  return high * WORD + (low >>> 0);
}
