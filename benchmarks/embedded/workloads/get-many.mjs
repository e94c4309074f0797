/** Question: what does reading many keys in one call gain, against the engine's own single get and between engines? */
import { check, chunkSize, inChunks, rate, settle } from '../lib/measure.mjs';
import { uniformIds } from '../lib/samplers.mjs';
import { Chunk, getPass, load, Model, verifyReopened } from './common.mjs';

export const question = 'Read batches: 1 M keys, uniform, 64 and 256 keys a call';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'rocksdb', 'map'];
export const quickEngineNames = ['ferrite', 'lmdb', 'rocksdb'];
export const phases = [getMany];

async function getMany(session) {
  const { sizes, seed } = session;
  const db = await session.open(session.path);
  const model = new Model(sizes.keys);
  await load(db, model);
  await settle(sizes.settleMs);
  const metrics = {};
  if (db.get !== undefined) {
    await getPass(db, model, uniformIds(sizes.keys, sizes.warmOps, seed + 1), limits(sizes.warmOps, sizes));
    await settle(sizes.warmRestMs);
    const single = await getPass(db, model, uniformIds(sizes.keys, sizes.ops, seed + 2), limits(sizes.ops, sizes));
    metrics.singleOpsPerSecond = rate(single).opsPerSecond;
  }
  for (const width of [64, 256]) {
    await batchPass(db, model, uniformIds(sizes.keys, sizes.warmOps, seed + 3), width, sizes);
    const total = await batchPass(db, model, uniformIds(sizes.keys, sizes.ops, seed + 4), width, sizes);
    metrics[`keysPerSecond${width}`] = rate(total).opsPerSecond;
    metrics[`cpuUsPerKey${width}`] = rate(total).cpuUsPerOp;
  }
  await verifyReopened(session, db, model, seed);
  return metrics;
}

function limits(opsMax, sizes) {
  return { opsMax, timeMaxMs: sizes.passMs };
}

async function batchPass(db, model, ids, width, sizes) {
  const chunk = new Chunk();
  let groups = [];
  let answers = [];
  return inChunks({
    ...limits(ids.length - (ids.length % chunkSize), sizes),
    prepare: (first, count) => {
      chunk.prepareGets(model, ids, first, count);
      groups = [];
      for (let at = 0; at < count; at += width) groups.push(chunk.keys.slice(at, Math.min(at + width, count)));
    },
    run: async () => {
      answers = [];
      for (const group of groups) {
        const found = db.getMany(group);
        answers.push(found instanceof Promise ? await found : found);
      }
    },
    verify: (_first, count) => {
      const found = answers.flat();
      check(found.length === count, `${count} keys asked for, ${found.length} answers`);
      for (let at = 0; at < count; at += 1) chunk.found[at] = found[at];
      chunk.verify(count);
    },
  });
}
