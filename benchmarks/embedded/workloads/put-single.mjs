/** Question: how fast is one put of a new key, and how many bytes does it write? Ids ascend, as readings do. */
import { rate } from '../lib/measure.mjs';
import { bytesWritten, bytesWrittenSince, directorySize } from '../lib/process-figures.mjs';
import { sequentialIds } from '../lib/samplers.mjs';
import { latencies, Model, newHistogram, putPass, verifySample, verifyStored } from './common.mjs';

export const question = 'Single put: new keys in ascending order, one call each';
export const engineNames = ['ferrite', 'lmdb', 'lmdb-writemap', 'lmdb-queued', 'sqlite', 'level', 'map'];
export const quickEngineNames = ['ferrite', 'lmdb', 'lmdb-queued', 'sqlite', 'map'];
export const phases = [putSingle];

async function putSingle(session) {
  const { sizes, seed } = session;
  const before = bytesWritten();
  const db = await session.open(session.path);
  const model = new Model(sizes.warmOps + sizes.ops + sizes.latencyOps);
  let next = 0;
  const pass = async (ops, histogram) => {
    const ids = sequentialIds(next, ops);
    const total = await putPass(db, ids, (id) => model.write(id), { opsMax: ops, timeMaxMs: sizes.passMs }, histogram);
    next += total.ops;
    return total;
  };
  await pass(sizes.warmOps, null);
  const total = await pass(sizes.ops, null);
  const histogram = newHistogram();
  if (!db.readsLag) await pass(sizes.latencyOps, histogram);
  await verifySample(db, model, seed, next);
  const figures = db.figures?.().flash;
  await db.close();
  const written = bytesWrittenSince(before);
  const { diskBytes } = directorySize(session.path);
  await verifyStored(session, model, seed, next);
  return {
    ...rate(total),
    ...latencies(histogram),
    turnMaxMs: total.turnMaxMs,
    askedPerByte: written.askedBytes / model.payloadBytes,
    dirtiedPerByte: written.dirtiedBytes / model.payloadBytes,
    diskPerByte: diskBytes / model.payloadBytes,
    ...(figures === undefined ? {} : { flash: figures }),
  };
}
