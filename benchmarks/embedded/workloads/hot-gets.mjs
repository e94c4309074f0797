/** The two workloads of hot gets: load, warm up, a pass for throughput, a pass for latency. */
import { rate, settle } from '../lib/measure.mjs';
import { getPass, latencies, load, Model, newHistogram, verifyReopened } from './common.mjs';

export async function hotGets(session, sampler) {
  const { sizes, seed } = session;
  const db = await session.open(session.path);
  const model = new Model(sizes.keys);
  await load(db, model);
  await settle(sizes.settleMs);
  const pass = (ops, number, histogram) => {
    const ids = sampler(sizes.keys, ops, seed + number);
    return getPass(db, model, ids, { opsMax: ops, timeMaxMs: sizes.passMs }, histogram);
  };
  await pass(sizes.warmOps, 1, null);
  await settle(sizes.warmRestMs);
  const total = await pass(sizes.ops, 2, null);
  const histogram = newHistogram();
  await pass(sizes.latencyOps, 3, histogram);
  const hits = db.figures?.().hits;
  await verifyReopened(session, db, model, seed);
  return { ...rate(total), ...latencies(histogram), ...(hits === undefined ? {} : { hits }) };
}
