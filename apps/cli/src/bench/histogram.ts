/**
 * Durations by size, in little memory: 64 classes for each doubling, so a percentile is right to 1.6 %. (The idea is that of
 * HdrHistogram.)
 */

const CLASSES = 64;
const CLASS_BITS = 6;
const DOUBLINGS = 44;

export class Histogram {
  private readonly counts = new Uint32Array(CLASSES * DOUBLINGS);
  private count = 0;
  private max = 0;

  /** `ns`: nanoseconds. */
  add(ns: number, times = 1): void {
    this.counts[classOf(ns)] += times;
    this.count += times;
    if (ns > this.max) this.max = ns;
  }

  get maxNs(): number {
    return this.max;
  }

  /** The duration that a share of all, such as 0.99, does not exceed. 0 when there are none. */
  percentileNs(share: number): number {
    const wanted = Math.max(1, Math.ceil(this.count * share));
    let seen = 0;
    for (let i = 0; i < this.counts.length; i++) {
      seen += this.counts[i];
      if (seen >= wanted && this.count > 0) return Math.min(endOf(i), this.max);
    }
    return 0;
  }
}

/** Below 64 ns each has a class of its own. */
function classOf(ns: number): number {
  if (ns < CLASSES) return Math.max(0, Math.floor(ns));
  const doubling = Math.floor(Math.log2(ns)) - CLASS_BITS;
  const within = Math.floor(ns / 2 ** doubling) - CLASSES;
  return Math.min((doubling + 1) * CLASSES + within, CLASSES * DOUBLINGS - 1);
}

/** The largest duration of a class. */
function endOf(index: number): number {
  if (index < CLASSES) return index;
  const doubling = Math.floor(index / CLASSES) - 1;
  return ((index % CLASSES) + CLASSES + 1) * 2 ** doubling - 1;
}
