/**
 * Question: how many fsynced puts does a process get through, when 256 asynchronous writers each wait for their own?
 * Every engine acknowledges only after its fsync; what differs is how well it groups the writers of a moment.
 */
import { keyOf, valueOf } from '../lib/dataset.mjs';
import { latencies, Model, newHistogram, verifyReopened, verifySample } from './common.mjs';

export const question = 'Group commit: 256 asynchronous writers, each put fsynced before it is acknowledged';
export const engineNames = ['ferrite-always', 'lmdb-fsync', 'level-fsync'];
export const quickEngineNames = ['ferrite-always', 'lmdb-fsync'];
export const phases = [putDurable];

const writerCount = 256;

async function putDurable(session) {
  const { sizes, seed } = session;
  const db = await session.open(session.path);
  const model = new Model(sizes.durableKeysMax);
  const counter = { next: 0 };
  await writers(db, model, counter, sizes.writersMs / 4, null);
  const histogram = newHistogram();
  const total = await writers(db, model, counter, sizes.writersMs, histogram);
  await verifySample(db, model, seed, counter.next);
  await verifyReopened(session, db, model, seed, counter.next);
  return { ...total, ...latencies(histogram) };
}

async function writers(db, model, counter, timeMs, histogram) {
  const first = counter.next;
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + timeMs;
  const writer = async () => {
    while (performance.now() < endMs && counter.next < model.keyCount) {
      const id = counter.next;
      counter.next += 1;
      const value = valueOf(model.write(id));
      const putMs = performance.now();
      await db.putDurable(keyOf(id), value);
      if (histogram !== null) histogram.record((performance.now() - putMs) * 1e6);
    }
  };
  await Promise.all(Array.from({ length: writerCount }, writer));
  const wallMs = performance.now() - startMs;
  const cpu = process.cpuUsage(cpuBefore);
  const ops = counter.next - first;
  return { opsPerSecond: (ops / wallMs) * 1000, cpuUsPerOp: (cpu.user + cpu.system) / ops, ops };
}
