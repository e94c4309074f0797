/**
 * The clock of every workload.
 *
 * Work is done in chunks: a chunk's keys and values are built first, then the clock runs while the engine works and
 * while the event loop takes one turn (so that work which an engine puts off to the loop is paid for), then what was
 * read is checked with the clock stopped. Throughput passes read the clock once per chunk. Latency passes read it
 * around each operation, which costs about 50 ns, and are kept apart.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export const chunkSize = 2048;

/**
 * Runs chunks until `opsMax` operations are done or the clock has run for `timeMaxMs`.
 * `prepare(first, count)` and `verify(first, count)` are not timed; `run(first, count)` is and may return a promise.
 */
export async function inChunks({ opsMax, timeMaxMs, opsPerChunk = chunkSize, prepare, run, verify }) {
  const total = { ops: 0, wallMs: 0, cpuUs: 0, turnMaxMs: 0 };
  while (total.ops < opsMax && total.wallMs < timeMaxMs) {
    const count = Math.min(opsPerChunk, opsMax - total.ops);
    prepare(total.ops, count);
    const cpuBefore = process.cpuUsage();
    const startMs = performance.now();
    const pending = run(total.ops, count);
    if (pending !== undefined) await pending;
    const workedMs = performance.now();
    await nextTurn();
    const endMs = performance.now();
    const cpu = process.cpuUsage(cpuBefore);
    total.wallMs += endMs - startMs;
    total.cpuUs += cpu.user + cpu.system;
    total.turnMaxMs = Math.max(total.turnMaxMs, endMs - workedMs);
    verify(total.ops, count);
    total.ops += count;
  }
  return total;
}

/** The throughput and the CPU time of one operation. */
export function rate(total) {
  return { opsPerSecond: (total.ops / total.wallMs) * 1000, cpuUsPerOp: total.cpuUs / total.ops, ops: total.ops };
}

/** Lets garbage and background work of the set-up settle, so that they are not billed to what follows. */
export async function settle(waitMs) {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  globalThis.gc?.();
}

/** A wrong answer: the run is void. */
class WrongAnswer extends Error {}
WrongAnswer.prototype.name = 'WrongAnswer';

export function check(isRight, message) {
  if (!isRight) throw new WrongAnswer(typeof message === 'function' ? message() : message);
}
