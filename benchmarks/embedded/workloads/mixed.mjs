/**
 * Question: what does a busy store do over a minute: half gets, half overwrites, zipf over a million keys?
 *
 * Quarter seconds with the clock read around each operation alternate with quarter seconds without; throughput comes
 * from the latter, latencies from the former. The longest turn of the event loop between two chunks shows the work that
 * an engine puts off to the loop.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isKnownValue, keyOf, valueOf } from '../lib/dataset.mjs';
import { check, chunkSize, settle } from '../lib/measure.mjs';
import { bytesWritten, bytesWrittenSince, directorySize } from '../lib/process-figures.mjs';
import { Random } from '../lib/random.mjs';
import { zipfIds } from '../lib/samplers.mjs';
import { checkValue, latencies, load, Model, newHistogram, verifyReopened, verifySample } from './common.mjs';

export const question = 'Half gets, half overwrites, zipf 0.99 over 1 M keys';
export const engineNames = ['ferrite-interval', 'ferrite', 'lmdb', 'lmdb-queued', 'sqlite', 'level'];
export const quickEngineNames = ['ferrite-interval', 'ferrite', 'lmdb', 'lmdb-queued'];
export const phases = [mixed];

const sliceMs = 250;

async function mixed(session) {
  const { sizes, seed } = session;
  const db = await session.open(session.path);
  const model = new Model(sizes.keys);
  await load(db, model);
  await settle(sizes.settleMs);
  const plan = new Plan(zipfIds(sizes.keys, sizes.zipfSamples, seed), new Random(seed + 1));
  await runFor(db, model, plan, sizes.mixedMs / 10, null);
  await db.commit?.();
  const payloadBefore = model.payloadBytes;
  const bytesBefore = bytesWritten();
  const histogram = newHistogram();
  const total = await runFor(db, model, plan, sizes.mixedMs, histogram);
  await db.commit?.();
  const written = bytesWrittenSince(bytesBefore);
  const payloadBytes = model.payloadBytes - payloadBefore;
  await db.settle?.();
  await verifySample(db, model, seed);
  const figures = db.figures?.();
  const { diskBytes } = directorySize(session.path);
  await verifyReopened(session, db, model, seed);
  return {
    ...total,
    ...latencies(histogram),
    askedPerByte: written.askedBytes / payloadBytes,
    dirtiedPerByte: written.dirtiedBytes / payloadBytes,
    diskBytes,
    ...(figures === undefined ? {} : { figures }),
  };
}

/** The operations of one chunk after another: which key, and whether it is read or written. */
class Plan {
  keys = new Array(chunkSize);
  values = new Array(chunkSize);
  found = new Array(chunkSize);
  expected = new Uint16Array(chunkSize);
  isPut = new Uint8Array(chunkSize);
  #ids;
  #random;
  #at = 0;

  constructor(ids, random) {
    this.#ids = ids;
    this.#random = random;
  }

  prepare(model) {
    for (let at = 0; at < chunkSize; at += 1) {
      const id = this.#ids[this.#at];
      this.#at = (this.#at + 1) % this.#ids.length;
      this.keys[at] = keyOf(id);
      this.isPut[at] = this.#random.int32() & 1;
      if (this.isPut[at] === 1) this.values[at] = valueOf(model.next(id));
      else this.expected[at] = model.expected(id);
    }
  }

  verify(readsLag) {
    for (let at = 0; at < chunkSize; at += 1) {
      if (this.isPut[at] === 1) continue;
      if (readsLag) check(isKnownValue(this.found[at]), () => `${this.keys[at]}: not a value that was ever written`);
      else checkValue(this.keys[at], this.found[at], this.expected[at]);
    }
  }
}

async function runFor(db, model, plan, timeMs, histogram) {
  const run = db.putWaits ? mixWaiting : mix;
  const plain = { ops: 0, wallMs: 0, cpuUs: 0 };
  let turnMaxMs = 0;
  for (let spentMs = 0; spentMs < timeMs; ) {
    const isTimed = histogram !== null && Math.floor(spentMs / sliceMs) % 2 === 1;
    plan.prepare(model);
    const cpuBefore = process.cpuUsage();
    const startMs = performance.now();
    const pending = run(db, plan, isTimed ? histogram : null) ?? db.settle?.();
    if (pending !== undefined) await pending;
    const workedMs = performance.now();
    await nextTurn();
    const endMs = performance.now();
    const cpu = process.cpuUsage(cpuBefore);
    plan.verify(db.readsLag === true);
    turnMaxMs = Math.max(turnMaxMs, endMs - workedMs);
    spentMs += endMs - startMs;
    if (isTimed) continue;
    plain.ops += chunkSize;
    plain.wallMs += endMs - startMs;
    plain.cpuUs += cpu.user + cpu.system;
  }
  return { opsPerSecond: (plain.ops / plain.wallMs) * 1000, cpuUsPerOp: plain.cpuUs / plain.ops, turnMaxMs };
}

function mix(db, { keys, values, found, isPut }, histogram) {
  for (let at = 0; at < chunkSize; at += 1) {
    const startMs = histogram === null ? 0 : performance.now();
    if (isPut[at] === 1) db.put(keys[at], values[at]);
    else found[at] = db.get(keys[at]);
    if (histogram !== null) histogram.record((performance.now() - startMs) * 1e6);
  }
}

async function mixWaiting(db, { keys, values, found, isPut }, histogram) {
  for (let at = 0; at < chunkSize; at += 1) {
    const startMs = histogram === null ? 0 : performance.now();
    if (isPut[at] === 1) await db.put(keys[at], values[at]);
    else found[at] = db.get(keys[at]);
    if (histogram !== null) histogram.record((performance.now() - startMs) * 1e6);
  }
}
