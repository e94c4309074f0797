/**
 * How long something took, counted by nanoseconds in buckets: sixteen to each power of two, so that what is read from them
 * is off by 6 % at most. What takes longer than a second counts as one.
 */

const MIN_NS = 1;
const MAX_NS = 1_000_000_000;
const SUB_BITS = 4;
const SUBS = 1 << SUB_BITS;
const BUCKETS = 32 * SUBS;
const NS_PER_US = 1000;

export class LatencyHistogram {
  total = 0;
  private readonly counts = new Float64Array(BUCKETS);

  add(micros: number, count: number): void {
    this.counts[bucketOf(Math.round(micros * NS_PER_US))] += count;
    this.total += count;
  }

  /** Microseconds that `percent` of all took at most. */
  percentile(percent: number): number {
    const wanted = (this.total * percent) / 100;
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.counts[i];
      if (seen >= wanted && seen > 0) return topOf(i) / NS_PER_US;
    }
    return 0;
  }

  /** Powers of two of microseconds with how many took less, from the first that some did to the first that all did. */
  byPowerOfTwo(): [micros: number, count: number][] {
    const found: [number, number][] = [];
    let seen = 0;
    let i = 0;
    for (let micros = 1; seen < this.total; micros *= 2) {
      while (i < BUCKETS && topOf(i) <= micros * NS_PER_US) seen += this.counts[i++];
      if (i === BUCKETS) seen = this.total;
      const last = found.at(-1);
      if (seen > 0 && (last === undefined || last[1] !== seen)) found.push([micros, seen]);
    }
    return found;
  }
}

function bucketOf(ns: number): number {
  const clamped = Math.min(Math.max(ns, MIN_NS), MAX_NS);
  if (clamped < SUBS) return clamped;
  const shift = 31 - Math.clz32(clamped) - SUB_BITS;
  return (shift + 1) * SUBS + (clamped >>> shift) - SUBS;
}

/** The longest time that falls into a bucket, in nanoseconds. */
function topOf(bucket: number): number {
  if (bucket < SUBS) return bucket;
  const shift = Math.floor(bucket / SUBS) - 1;
  return (SUBS + (bucket % SUBS) + 1) * 2 ** shift - 1;
}
