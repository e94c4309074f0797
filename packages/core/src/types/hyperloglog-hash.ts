/**
 * Which register of a HyperLogLog an element falls into, and which rank it has there: what redis computes, to the bit.
 *
 * The hash is MurmurHash64A (A. Appleby) with redis's seed. Its low 14 bits are the register; the rank is the position
 * of the lowest set bit among the other 50, from 1, or 51 if none is set. 64-bit words are held as two halves; there is
 * no allocation. Called for every element of PFADD.
 */

export const REGISTER_BITS = 14;
const SEED = 0xadc83b19 | 0;
/** The multiplier 0xc6a4a7935bd1e995, in halves and the lower half in quarters. */
const M_HIGH = 0xc6a4a793 | 0;
const M_LOW = 0x5bd1e995;
const M_LOW_1 = 0x5bd1;
const M_LOW_0 = 0xe995;
const TWO_16 = 0x1_0000;
/** In the upper half of the 50 bits: a bit above them, so that a rank is found for zero, too. */
const STOP_BIT = 1 << 18;

/** Register and rank of the bytes from `start` to `end`, as `rank << REGISTER_BITS | register`. */
export function placeOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let low = SEED ^ Math.imul(length, M_LOW);
  let high = (mulHigh(length) + Math.imul(length, M_HIGH)) | 0;
  let at = start;
  for (const whole = end - 8; at <= whole; at += 8) {
    let wordLow = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    let wordHigh = bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
    wordHigh = timesHigh(wordLow, wordHigh);
    wordLow = Math.imul(wordLow, M_LOW) ^ (wordHigh >>> 15);
    wordHigh = timesHigh(wordLow, wordHigh);
    wordLow = Math.imul(wordLow, M_LOW);
    low ^= wordLow;
    high = timesHigh(low, high ^ wordHigh);
    low = Math.imul(low, M_LOW);
  }
  if (at < end) {
    for (let shift = 0; at < end; at++, shift += 8) {
      if (shift < 32) low ^= bytes[at] << shift;
      else high ^= bytes[at] << (shift - 32);
    }
    high = timesHigh(low, high);
    low = Math.imul(low, M_LOW);
  }
  low ^= high >>> 15;
  high = timesHigh(low, high);
  low = Math.imul(low, M_LOW) ^ (high >>> 15);
  return placeFromHash(low, high);
}

function placeFromHash(low: number, high: number): number {
  const restLow = (low >>> REGISTER_BITS) | (high << (32 - REGISTER_BITS));
  const restHigh = (high >>> REGISTER_BITS) | STOP_BIT;
  const rank = restLow !== 0 ? 1 + trailingZeros(restLow) : 33 + trailingZeros(restHigh);
  return (rank << REGISTER_BITS) | (low & ((1 << REGISTER_BITS) - 1));
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Upper half of the product of a 64-bit word and the multiplier. */
function timesHigh(low: number, high: number): number {
  return (mulHigh(low) + Math.imul(high, M_LOW) + Math.imul(low, M_HIGH)) | 0;
}

/** Upper 32 of the 64 bits of `word * M_LOW`, both unsigned. */
function mulHigh(word: number): number {
  const word0 = word & 0xffff;
  const word1 = word >>> 16;
  const middle = word1 * M_LOW_0 + ((word0 * M_LOW_0) >>> 16);
  const other = word0 * M_LOW_1 + (middle & 0xffff);
  return (word1 * M_LOW_1 + Math.floor(middle / TWO_16) + Math.floor(other / TWO_16)) | 0;
}
