/**
 * Question: how much memory does a process hold with a million keys, loaded, read and scanned?
 * Ferrite has 16 MB of regions here; the others have their default caches. Garbage is collected before each look, and the
 * process rests until V8 has given back the 30 MB that it takes for new objects while a program is busy.
 */
import { setTimeout as rest } from 'node:timers/promises';
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
/** After a collection V8 gives pages back on other threads. */
const unmapMs = 300;

async function holdMemory(session) {
  const { sizes, seed } = session;
  const bare = memory();
  const db = await session.open(session.path);
  const model = new Model(sizes.keys);
  await load(db, model);
  const loaded = await memoryAtRest(sizes);
  if (db.get !== undefined) {
    const ids = uniformIds(sizes.keys, sizes.latencyOps, seed);
    await getPass(db, model, ids, { opsMax: ids.length, timeMaxMs: sizes.passMs });
  }
  await verifySample(db, model, seed);
  const read = await memoryAtRest(sizes);
  const metrics = { ...loaded, bareRssBytes: bare.rssBytes, readRssBytes: read.rssBytes };
  if (db.scan !== undefined) {
    await scanPass(db, sizes.scans, seed, sizes.keys);
    metrics.scannedRssBytes = (await memoryAtRest(sizes)).rssBytes;
  }
  await verifyReopened(session, db, model, seed);
  return metrics;
}

async function memoryAtRest({ restMs }) {
  await settle(restMs);
  await rest(unmapMs);
  return memory();
}
