/**
 * Question: how much memory does a process hold with a million keys, loaded, read and scanned?
 * Ferrite has 16 MB of regions here; the others have their default caches. Garbage is collected before each look, and the
 * process rests until V8 has given back the 30 MB that it takes for new objects while a program is busy.
 */
import { settle } from '../lib/measure.mjs';
import { memory } from '../lib/process-figures.mjs';
import { uniformIds } from '../lib/samplers.mjs';
import { getPass, load, Model, verifyReopened, verifySample } from './common.mjs';
import { scanPass } from './scan-pass.mjs';

export const question =
  'Resident memory with 1 M keys of 100 bytes; Ferrite with 16 MB of regions, the others by default';
export const engineNames = ['ferrite-16mb', 'ferrite-16mb-lazy', 'lmdb', 'sqlite', 'level', 'rocksdb', 'map'];
export const quickEngineNames = ['ferrite-16mb', 'ferrite-16mb-lazy', 'lmdb'];
export const phases = [holdMemory];

async function holdMemory(session) {
  const { sizes, seed } = session;
  const bare = memory();
  const db = await session.open(session.path);
  const model = new Model(sizes.keys);
  await load(db, model);
  await settle(sizes.restMs);
  const loaded = memory();
  if (db.get !== undefined) {
    const ids = uniformIds(sizes.keys, sizes.latencyOps, seed);
    await getPass(db, model, ids, { opsMax: ids.length, timeMaxMs: sizes.passMs });
  }
  await verifySample(db, model, seed);
  await settle(sizes.settleMs);
  const read = memory();
  const metrics = { ...loaded, bareRssBytes: bare.rssBytes, readRssBytes: read.rssBytes };
  if (db.scan !== undefined) {
    await scanPass(db, sizes.scans, seed, sizes.keys);
    await settle(sizes.restMs);
    metrics.scannedRssBytes = memory().rssBytes;
  }
  await verifyReopened(session, db, model, seed);
  return metrics;
}
