/**
 * Runs one workload with one engine once: a fresh directory, a child process per phase, the directory deleted. Used by
 * `run.mjs` and by the test of the checks.
 */
import { fork, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const childPath = fileURLToPath(new URL('../child.mjs', import.meta.url));
const overheadMsMax = 240_000;
let runCount = 0;
let active = null;

/**
 * With `isSynced` the file system is synced each second while the workload runs, so that the bytes written by engines
 * that leave it to the kernel compare with those of an engine that syncs by itself. Resolves to `{ metrics }` with the
 * metrics of all phases joined, or to `{ error }`.
 */
export async function runOnce({ workload, engine, phaseCount, isSynced, sizes, seed, scratchPath, execArgv = [] }) {
  runCount += 1;
  const path = join(scratchPath, `${process.pid}-${runCount}`);
  mkdirSync(path, { recursive: true });
  const stopSyncing = isSynced ? syncEachSecond(path) : () => {};
  try {
    let metrics = {};
    for (let phase = 0; phase < phaseCount; phase += 1) {
      const answer = await runPhase({ workload, engine, phase, sizes, seed, path: join(path, 'data') }, execArgv);
      if (answer.error !== undefined) return { error: answer.error };
      metrics = { ...metrics, ...answer.metrics };
    }
    return { metrics };
  } finally {
    stopSyncing();
    rmSync(path, { recursive: true, force: true });
  }
}

/** Ends the child that is running, if any: for Ctrl-C. */
export function stopActive() {
  active?.kill('SIGKILL');
}

function syncEachSecond(path) {
  let isSyncing = false;
  const timer = setInterval(() => {
    if (isSyncing) return;
    isSyncing = true;
    const done = () => {
      isSyncing = false;
    };
    spawn('sync', ['-f', path], { stdio: 'ignore' }).on('close', done).on('error', done);
  }, 1000);
  return () => clearInterval(timer);
}

function runPhase(job, execArgv) {
  return new Promise((resolve) => {
    const child = fork(childPath, [JSON.stringify(job)], {
      execArgv: ['--expose-gc', ...execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    active = child;
    let answer = null;
    let complaint = '';
    const timer = setTimeout(
      () => {
        complaint += `\nno end within the time limit`;
        child.kill('SIGKILL');
      },
      overheadMsMax + 2 * job.sizes.mixedMs,
    );
    child.stderr.on('data', (text) => {
      complaint = `${complaint}${text}`.slice(-4000);
    });
    child.on('message', (message) => {
      answer = message;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      active = null;
      resolve(answer ?? { error: `ended with ${signal ?? code} before it reported: ${complaint.trim()}` });
    });
  });
}
