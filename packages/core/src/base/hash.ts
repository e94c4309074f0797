/**
 * `halfSipHash`: the keyed hash of the index, HalfSipHash-1-3 with 32 bits of output.
 *
 * Why keyed: keys come from clients, and with a hash they can compute they could choose keys that all fall into one
 * bucket. Why this one: SipHash works on 64-bit words, which JavaScript lacks; HalfSipHash is its 32-bit form
 * (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", and the authors' reference code). One round
 * per word and three at the end is the variant that Linux and Rust chose for hash tables.
 *
 * It must give the same value on every machine and in every version: hashes stand in checkpoints. Hot path: called
 * for every key of every operation, so the round is written out twice instead of being called.
 */

const FINAL_ROUNDS = 3;

/**
 * Hash of `lengthBytes` bytes that begin at `words[wordOffset]`, as an int32. `words` is a view of little-endian
 * memory; bytes after the end, up to the end of the last word, may hold anything. `k0`, `k1` are the secret as int32.
 */
export function halfSipHash(
  words: Int32Array,
  wordOffset: number,
  lengthBytes: number,
  k0: number,
  k1: number,
): number {
  let v0 = k0 | 0;
  let v1 = k1 | 0;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const last = wordOffset + (lengthBytes >>> 2);
  for (let i = wordOffset; i <= last; i++) {
    // The word at `last` holds the 0 to 3 bytes left over and, in its highest byte, the length.
    const word = i < last ? words[i] : lastWord(words, last, lengthBytes);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  v2 ^= 0xff;
  for (let round = 0; round < FINAL_ROUNDS; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}

function lastWord(words: Int32Array, index: number, lengthBytes: number): number {
  const left = lengthBytes & 3;
  const length = lengthBytes << 24;
  return left === 0 ? length : length | (words[index] & ((1 << (left << 3)) - 1));
}
