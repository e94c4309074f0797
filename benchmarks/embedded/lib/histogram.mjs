/**
 * Latencies in nanoseconds, counted in buckets of 1.6 % width (64 per power of two), so that recording allocates nothing
 * and a run of a minute fits in a few kilobytes. The maximum is kept exactly. Used by every latency pass.
 */
const subBits = 6;
const subCount = 1 << subBits;

export class Histogram {
  #counts = new Float64Array(40 * subCount);
  #max = 0;
  count = 0;

  record(nanoseconds) {
    this.count += 1;
    if (nanoseconds > this.#max) this.#max = nanoseconds;
    this.#counts[bucketOf(nanoseconds)] += 1;
  }

  /** The value below which the given share of the latencies lies; NaN when nothing was recorded. */
  quantile(share) {
    const rank = Math.ceil(share * this.count);
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket += 1) {
      seen += this.#counts[bucket];
      if (seen >= rank && seen > 0) return Math.min(upperEdge(bucket), this.#max);
    }
    return Number.NaN;
  }

  /** What every table prints, in microseconds. */
  summary() {
    const micros = (share) => this.quantile(share) / 1000;
    return {
      p50Us: micros(0.5),
      p99Us: micros(0.99),
      p999Us: micros(0.999),
      p9999Us: micros(0.9999),
      maxUs: this.#max / 1000,
      timedOps: this.count,
    };
  }
}

function bucketOf(nanoseconds) {
  const value = Math.max(0, Math.floor(nanoseconds));
  if (value < subCount) return value;
  const exponent = 31 - Math.clz32(value > 0xffffffff ? 0xffffffff : value);
  const high = value > 0xffffffff ? Math.floor(Math.log2(value)) : exponent;
  const sub = Math.floor(value / 2 ** (high - subBits)) - subCount;
  return (high - subBits + 1) * subCount + sub;
}

function upperEdge(bucket) {
  if (bucket < subCount) return bucket + 1;
  const high = Math.floor(bucket / subCount) - 1 + subBits;
  const sub = bucket % subCount;
  return (subCount + sub + 1) * 2 ** (high - subBits);
}
