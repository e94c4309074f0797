/**
 * Question: how fast is a prefix scan of 1,000 keys and values, and what does the first one cost after reopening?
 * Three processes: one fills the store and scans it; one opens it and scans for the first time; one opens it again.
 */
import { rate, settle } from '../lib/measure.mjs';
import { load, Model, verifySample } from './common.mjs';
import { scanPass } from './scan-pass.mjs';

export const question = 'Prefix scan of 1,000 keys and values in 1 M, and the first scan after reopening';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'rocksdb'];
export const quickEngineNames = ['ferrite', 'lmdb'];
export const phases = [fillAndScan, first, firstAgain];

async function fillAndScan(session) {
  const { sizes, seed } = session;
  const db = await session.open(session.path);
  const model = new Model(sizes.keys);
  await load(db, model);
  await verifySample(db, model, seed);
  await scanPass(db, Math.ceil(sizes.scans / 4), seed + 1, sizes.keys);
  await settle(sizes.warmRestMs);
  const steady = await scanPass(db, sizes.scans, seed + 2, sizes.keys);
  const sorted = steady.scanMs.toSorted((a, b) => a - b);
  const { opsPerSecond, cpuUsPerOp } = rate(steady);
  const figures = db.figures?.();
  await db.close();
  return {
    scansPerSecond: opsPerSecond,
    cpuUsPerScan: cpuUsPerOp,
    scanP50Ms: sorted[Math.floor(sorted.length / 2)],
    scanMaxMs: sorted.at(-1),
    ...(figures === undefined ? {} : { figures }),
  };
}

async function first(session) {
  const { sizes, seed } = session;
  const db = await session.open(session.path);
  const pass = await scanPass(db, 1, seed, sizes.keys);
  await verifySample(db, new Model(sizes.keys), seed);
  await db.close();
  return { firstScanMs: pass.scanMs[0] };
}

async function firstAgain(session) {
  const db = await session.open(session.path);
  const again = await scanPass(db, 1, session.seed + 3, session.sizes.keys);
  await db.close();
  return { secondReopenScanMs: again.scanMs[0] };
}
