/**
 * Prefix scans of a thousand keys and values. A prefix `reading:<three digits>` stands for 1,111 of a million keys, so
 * a limit of a thousand always returns as many; each answer is compared whole, order and values included.
 */
import { idOf, valueNumber } from '../lib/dataset.mjs';
import { check, inChunks } from '../lib/measure.mjs';
import { Random } from '../lib/random.mjs';
import { checkValue } from './common.mjs';

const limit = 1000;

/** Runs `scanCount` scans; the result's operations are entries, and `scanMs` has the time of each scan. */
export async function scanPass(db, scanCount, seed, keyCount) {
  const random = new Random(seed);
  const scanMs = [];
  let prefix = '';
  let keys = [];
  let values = [];
  const total = await inChunks({
    opsMax: scanCount,
    timeMaxMs: Number.POSITIVE_INFINITY,
    opsPerChunk: 1,
    prepare: () => {
      prefix = `reading:${100 + random.below(900)}`;
      keys = [];
      values = [];
    },
    run: async () => {
      const startMs = performance.now();
      const pending = db.scan(prefix, limit, keys, values);
      if (pending !== undefined) await pending;
      scanMs.push(performance.now() - startMs);
    },
    verify: () => verifyScan(prefix, keys, values, keyCount),
  });
  return { ...total, scanMs };
}

function verifyScan(prefix, keys, values, keyCount) {
  const expected = expectedKeys(prefix, keyCount);
  check(keys.length === expected.length, () => `${prefix}: ${keys.length} entries instead of ${expected.length}`);
  for (let at = 0; at < expected.length; at += 1) {
    check(keys[at] === expected[at], () => `${prefix}: ${keys[at]} where ${expected[at]} belongs`);
    checkValue(keys[at], values[at], valueNumber(idOf(keys[at]), 0));
  }
}

function expectedKeys(prefix, keyCount) {
  const first = idOf(prefix);
  const keys = [];
  for (let width = 1; first * width < keyCount; width *= 10) {
    const end = Math.min((first + 1) * width, keyCount);
    for (let id = first * width; id < end; id += 1) keys.push(`reading:${id}`);
  }
  return keys.sort().slice(0, limit);
}
