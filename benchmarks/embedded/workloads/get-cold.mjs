/**
 * Question: how fast is a get when the store is nine times its memory? The pages are in the kernel's cache, so this is
 * the engine's own work: finding the place, reading it, checking it. Caches of 16 MB where an engine has one.
 */
import { rate, settle } from '../lib/measure.mjs';
import { uniformIds } from '../lib/samplers.mjs';
import { getPass, latencies, load, Model, newHistogram, verifyReopened } from './common.mjs';

export const question = 'Cold get: 1 M keys, uniform, 16 MB of memory, page cache warm';
export const engineNames = ['ferrite-16mb', 'lmdb', 'sqlite-16mb', 'level-16mb'];
export const quickEngineNames = ['ferrite-16mb', 'lmdb'];
export const phases = [getCold];

async function getCold(session) {
  const { sizes, seed } = session;
  const db = await session.open(session.path);
  const model = new Model(sizes.keys);
  await load(db, model);
  await settle(sizes.settleMs);
  const limits = { opsMax: sizes.ops, timeMaxMs: sizes.passMs };
  await getPass(db, model, uniformIds(sizes.keys, sizes.warmOps, seed + 1), { ...limits, opsMax: sizes.warmOps });
  const hitsBefore = db.figures?.().hits;
  const total = await getPass(db, model, uniformIds(sizes.keys, sizes.ops, seed + 2), limits);
  const hits = db.figures?.().hits;
  const histogram = newHistogram();
  const ids = uniformIds(sizes.keys, sizes.latencyOps, seed + 3);
  await getPass(db, model, ids, { ...limits, opsMax: ids.length }, histogram);
  await verifyReopened(session, db, model, seed);
  return { ...rate(total), ...latencies(histogram), ...(hitsBefore === undefined ? {} : { hitsBefore, hits }) };
}
