/**
 * Repeatable randomness without state: a number that depends on nothing but its arguments.
 *
 * The generator asks for "the noise of station 7, reading 1234" in any order and from several processes, so a stream
 * of random numbers would not do; a hash of the coordinates does. The mixing is the 32-bit finalizer of MurmurHash3.
 */

/** A number in [0, 1) from a seed and coordinates; the same arguments give the same number in every process. */
export function unitAt(seed: number, a: number, b: number, c: number): number {
  let hash = scramble(seed ^ 0x9e3779b9);
  hash = scramble(hash ^ a);
  hash = scramble(hash ^ b);
  hash = scramble(hash ^ c);
  return hash / 0x1_0000_0000;
}

/** A bell-shaped number around 0, within -1 and 1: the sum of three even ones. */
export function bellAt(seed: number, a: number, b: number, c: number): number {
  const sum = unitAt(seed, a, b, c) + unitAt(seed ^ 0x5bd1e995, a, b, c) + unitAt(seed ^ 0x1b873593, a, b, c);
  return (sum - 1.5) / 1.5;
}

/** A 32-bit hash of a short text (FNV-1a), to give a station's name coordinates of its own. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function scramble(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
