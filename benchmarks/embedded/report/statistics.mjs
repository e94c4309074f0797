/** Medians and spreads of stored samples, and ratios between engines taken round by round. Used by all reports. */

/** `{ median, min, max, rounds }`, or null when nothing was measured. */
export function summarize(values) {
  const sorted = values.filter((value) => typeof value === 'number' && Number.isFinite(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1), rounds: sorted.length };
}

/** The samples of one engine in one workload, by round. */
export function samplesOf(results, workload, engine) {
  return results.workloads[workload]?.samples[engine] ?? [];
}

/** `metric` is a name or a function of a sample. */
export function metricOf(results, workload, engine, metric) {
  return summarize(samplesOf(results, workload, engine).map((sample) => read(sample, metric)));
}

/** The ratio of two engines within each round: a drift of the machine between rounds cancels out. */
export function ratioOf(results, workload, engine, other, metric) {
  const others = new Map(samplesOf(results, workload, other).map((sample) => [sample.round, read(sample, metric)]));
  const ratios = samplesOf(results, workload, engine).map((sample) => read(sample, metric) / others.get(sample.round));
  return summarize(ratios);
}

function read(sample, metric) {
  return typeof metric === 'function' ? metric(sample) : sample[metric];
}
