/**
 * How many elements a HyperLogLog has seen, from how many of its registers have each value: the improved estimator of
 * O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), which redis uses, too.
 */
import { REGISTER_COUNT } from './hyperloglog-sparse.ts';

/** Bits of the hash that give the rank; ranks go from 1 to one more than that. */
const RANK_BITS = 50;
/** 1 / (2 ln 2). */
const ALPHA = 0.7213475204444817;

/** The estimate, a whole number; `histogram[v]` registers have the value v. */
export function estimate(histogram: Int32Array): number {
  let sum = REGISTER_COUNT * tau((REGISTER_COUNT - histogram[RANK_BITS + 1]) / REGISTER_COUNT);
  for (let value = RANK_BITS; value >= 1; value--) sum = (sum + histogram[value]) * 0.5;
  sum += REGISTER_COUNT * sigma(histogram[0] / REGISTER_COUNT);
  // Only forged registers, all as high as can be, give more.
  return Math.min(Math.round((ALPHA * REGISTER_COUNT * REGISTER_COUNT) / sum), Number.MAX_SAFE_INTEGER);
}

/** The paper's series for registers that are full. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let y = 1;
  let z = 1 - x;
  for (let before = Number.NaN; z !== before; ) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

/** The paper's series for registers that are 0. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let y = 1;
  let z = x;
  for (let before = Number.NaN; z !== before; ) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}
