/**
 * What the workloads share: a model of what the store must hold, loading, passes of gets and puts, and the checks.
 *
 * A get that answers wrongly throws `WrongAnswer`, and the run of that engine counts as failed.
 */
import { keyOf, keySizeBytes, valueNumber, valueOf, valueSizeBytes } from '../lib/dataset.mjs';
import { Histogram } from '../lib/histogram.mjs';
import { check, chunkSize, inChunks } from '../lib/measure.mjs';
import { uniformIds } from '../lib/samplers.mjs';

const loadBatchSize = 1000;
const sampleSize = 2000;

/** How often each key was written since it was loaded: from that follows the value that it must have. */
export class Model {
  #writes;
  payloadBytes = 0;

  constructor(keyCount) {
    this.keyCount = keyCount;
    this.#writes = new Uint16Array(keyCount);
  }

  expected(id) {
    return valueNumber(id, this.#writes[id]);
  }

  /** Notes one more write and returns the number of the value to write. */
  next(id) {
    this.#writes[id] += 1;
    return this.write(id);
  }

  /** Notes the first write of a key. */
  write(id) {
    this.payloadBytes += keySizeBytes(id) + valueSizeBytes;
    return this.expected(id);
  }
}

/** The keys, values and answers of one chunk, reused from chunk to chunk. */
export class Chunk {
  keys = new Array(chunkSize);
  values = new Array(chunkSize);
  found = new Array(chunkSize);
  expected = new Uint16Array(chunkSize);

  prepareGets(model, ids, first, count) {
    for (let at = 0; at < count; at += 1) {
      const id = ids[(first + at) % ids.length];
      this.keys[at] = keyOf(id);
      this.expected[at] = model.expected(id);
    }
  }

  prepareWrites(ids, first, count, numberOf) {
    for (let at = 0; at < count; at += 1) {
      const id = ids[(first + at) % ids.length];
      this.keys[at] = keyOf(id);
      this.values[at] = valueOf(numberOf(id));
    }
  }

  verify(count) {
    for (let at = 0; at < count; at += 1) checkValue(this.keys[at], this.found[at], this.expected[at]);
  }
}

export function checkValue(key, found, expected) {
  check(found === valueOf(expected), () => `${key}: wrong value, got ${JSON.stringify(found)?.slice(0, 40)}`);
}

/** Puts keys 0 to keyCount in order, a thousand to a batch. */
export async function load(db, model, keyCount = model.keyCount) {
  const keys = new Array(loadBatchSize);
  const values = new Array(loadBatchSize);
  return inChunks({
    opsMax: keyCount,
    timeMaxMs: Number.POSITIVE_INFINITY,
    opsPerChunk: loadBatchSize,
    prepare: (first, count) => {
      for (let at = 0; at < count; at += 1) {
        keys[at] = keyOf(first + at);
        values[at] = valueOf(model.write(first + at));
      }
    },
    run: (_first, count) => db.batch(keys, values, count),
    verify: noCheck,
  });
}

/** One pass of single gets. With a histogram each is timed. */
export async function getPass(db, model, ids, limits, histogram = null) {
  const chunk = new Chunk();
  return inChunks({
    ...limits,
    prepare: (first, count) => chunk.prepareGets(model, ids, first, count),
    run: (_first, count) =>
      histogram === null
        ? getEach(db, chunk.keys, chunk.found, count)
        : getEachTimed(db, chunk.keys, chunk.found, count, histogram),
    verify: (_first, count) => chunk.verify(count),
  });
}

/** One pass of single puts; `numberOf(id)` notes the write and gives the number of the value. */
export async function putPass(db, ids, numberOf, limits, histogram = null) {
  const chunk = new Chunk();
  const putAll = db.putWaits ? putEachWaiting : putEach;
  return inChunks({
    ...limits,
    prepare: (first, count) => chunk.prepareWrites(ids, first, count, numberOf),
    run: (_first, count) => putAll(db, chunk.keys, chunk.values, count, histogram) ?? db.settle?.(),
    verify: noCheck,
  });
}

function getEach(db, keys, found, count) {
  for (let at = 0; at < count; at += 1) found[at] = db.get(keys[at]);
}

function getEachTimed(db, keys, found, count, histogram) {
  for (let at = 0; at < count; at += 1) {
    const startMs = performance.now();
    found[at] = db.get(keys[at]);
    histogram.record((performance.now() - startMs) * 1e6);
  }
}

function putEach(db, keys, values, count, histogram) {
  if (histogram === null) {
    for (let at = 0; at < count; at += 1) db.put(keys[at], values[at]);
    return;
  }
  for (let at = 0; at < count; at += 1) {
    const startMs = performance.now();
    db.put(keys[at], values[at]);
    histogram.record((performance.now() - startMs) * 1e6);
  }
}

async function putEachWaiting(db, keys, values, count, histogram) {
  for (let at = 0; at < count; at += 1) {
    const startMs = histogram === null ? 0 : performance.now();
    await db.put(keys[at], values[at]);
    if (histogram !== null) histogram.record((performance.now() - startMs) * 1e6);
  }
}

/** Reads a sample of the first `keyCount` keys and compares it with the model. */
export async function verifySample(db, model, seed, keyCount = model.keyCount) {
  const ids = uniformIds(keyCount, Math.min(sampleSize, keyCount), seed);
  const keys = Array.from(ids, keyOf);
  const found = await db.getMany(keys);
  for (let at = 0; at < ids.length; at += 1) checkValue(keys[at], found[at], model.expected(ids[at]));
}

/** Closes the store, opens it again and checks a sample: what was not stored is found out here. */
export async function verifyReopened(session, db, model, seed, keyCount = model.keyCount) {
  await db.close();
  await verifyStored(session, model, seed, keyCount);
}

/** The same for a store that is closed already. */
export async function verifyStored(session, model, seed, keyCount = model.keyCount) {
  if (session.isVolatile) return;
  const again = await session.open(session.path);
  await verifySample(again, model, seed, keyCount);
  await again.close();
}

/** Latency figures of one histogram; `queued` engines have none worth printing. */
export function latencies(histogram) {
  return histogram.count === 0 ? {} : histogram.summary();
}

export function newHistogram() {
  return new Histogram();
}

export function noCheck() {}
