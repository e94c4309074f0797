/**
 * CRC-64 of Jones, the sum that ends a DUMP payload: polynomial 0xad93d23594c935a9, reflected, nothing inverted.
 *
 * JavaScript has no 64-bit integers that are fast, so the register is two words, and the tables are two: word `i` of
 * `LOW` and `HIGH` is what a byte `i` leaves behind. Four tables of each let one step take four bytes (slicing, as in
 * M. E. Kounavis and F. L. Berry, 2005). Called by the DUMP codec.
 */

/** The polynomial 0xad93d23594c935a9 with its bits reversed. */
const POLYNOMIAL_LOW = 0xac4bc9b5;
const POLYNOMIAL_HIGH = 0x95ac9329;
const SLICES = 4;

const LOW = new Int32Array(256 * SLICES);
const HIGH = new Int32Array(256 * SLICES);
fillTables();

/** Writes the sum of the bytes from `start` to `end` to `into[at .. at + 8]`, lowest byte first. */
export function writeCrc64(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): void {
  let low = 0;
  let high = 0;
  let i = start;
  for (const whole = end - SLICES; i <= whole; i += SLICES) {
    low ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    const a = (low & 0xff) + 768;
    const b = ((low >>> 8) & 0xff) + 512;
    const c = ((low >>> 16) & 0xff) + 256;
    const d = low >>> 24;
    low = high ^ LOW[a] ^ LOW[b] ^ LOW[c] ^ LOW[d];
    high = HIGH[a] ^ HIGH[b] ^ HIGH[c] ^ HIGH[d];
  }
  for (; i < end; i++) {
    const index = (low ^ bytes[i]) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ LOW[index];
    high = (high >>> 8) ^ HIGH[index];
  }
  for (let byte = 0; byte < 4; byte++) {
    into[at + byte] = low >>> (byte << 3);
    into[at + 4 + byte] = high >>> (byte << 3);
  }
}

/** Table `s` holds what a byte leaves behind `s` bytes later. */
function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) !== 0;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) {
        low ^= POLYNOMIAL_LOW;
        high ^= POLYNOMIAL_HIGH;
      }
    }
    LOW[byte] = low;
    HIGH[byte] = high;
  }
  for (let i = 256; i < LOW.length; i++) {
    const low = LOW[i - 256];
    const high = HIGH[i - 256];
    LOW[i] = ((low >>> 8) | (high << 24)) ^ LOW[low & 0xff];
    HIGH[i] = (high >>> 8) ^ HIGH[low & 0xff];
  }
}
