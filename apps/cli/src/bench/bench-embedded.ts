/** Measures calls of a database that this very process has open, one after the other. */
import type { Database } from '@ferrite/core';
import { Histogram } from './histogram.ts';
import { type BenchOptions, keyText, type Measured, randomKey, summarize } from './measure.ts';
import type { BenchTest } from './tests.ts';

/** Calls between two turns of the loop, in which commits and background work go on. */
const TURN_CALLS = 1000;

export async function measureEmbedded(
  db: Database<Buffer>,
  { name, call }: BenchTest,
  { requests, sizeBytes, keyspace }: BenchOptions,
  onProgress: (done: number) => void,
): Promise<Measured> {
  if (call === undefined) throw new Error(`the embedded door has no call for ${name}`);
  const value = Buffer.alloc(sizeBytes, 'x');
  const histogram = new Histogram();
  const cpuBefore = process.cpuUsage();
  const begin = process.hrtime.bigint();
  for (let done = 0; done < requests; ) {
    const until = Math.min(requests, done + TURN_CALLS);
    for (; done < until; done++) {
      const key = keyText(randomKey(keyspace));
      const from = performance.now();
      call(db, key, value);
      histogram.add((performance.now() - from) * 1e6);
    }
    onProgress(done);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const { user, system } = process.cpuUsage(cpuBefore);
  return summarize(name, requests, seconds, histogram, { serverUs: user + system, clientUs: null });
}
