/**
 * What runs: which engines meet in which workload, how large, how often and in which order.
 *
 * Engines take turns within a workload, and the one that starts moves on from round to round, so that slow drifts of the
 * machine do not favour anybody. All engines of a round get the same seed.
 */
import { workloads } from '../workloads/index.mjs';

const sizesFull = {
  keys: 1_000_000,
  warmOps: 200_000,
  ops: 600_000,
  latencyOps: 300_000,
  passMs: 4000,
  writersMs: 3000,
  durableKeysMax: 4_000_000,
  settleMs: 300,
  warmRestMs: 4000,
  restMs: 9000,
  idleMs: 1500,
  mixedMs: 60_000,
  zipfSamples: 4_000_000,
  overwriteKeys: 250_000,
  overwriteMs: 8000,
  scans: 400,
};

export const modes = {
  full: { rounds: 7, sizes: sizesFull },
  quick: {
    rounds: 1,
    sizes: {
      ...sizesFull,
      warmOps: 100_000,
      ops: 300_000,
      latencyOps: 100_000,
      passMs: 1500,
      writersMs: 1500,
      idleMs: 700,
      mixedMs: 10_000,
      zipfSamples: 1_000_000,
      overwriteMs: 4000,
      scans: 200,
    },
  },
  /** Seconds in all: whether everything runs and every check checks. The figures mean nothing. */
  smoke: {
    rounds: 1,
    sizes: {
      keys: 20_000,
      warmOps: 2000,
      ops: 4000,
      latencyOps: 2000,
      passMs: 200,
      writersMs: 60,
      durableKeysMax: 100_000,
      settleMs: 10,
      warmRestMs: 10,
      restMs: 10,
      idleMs: 20,
      mixedMs: 600,
      zipfSamples: 20_000,
      overwriteKeys: 2000,
      overwriteMs: 200,
      scans: 5,
    },
  },
};

/**
 * The workloads asked for, each with its engines; a quick run leaves out engines that no target names. Returns
 * `[{ name, question, engineNames, phaseCount, isSynced }]`.
 */
export async function choose(names, installed, mode) {
  const wantedWorkloads = names.filter((name) => Object.hasOwn(workloads, name));
  const wantedEngines = names.filter((name) => !Object.hasOwn(workloads, name));
  const chosen = [];
  for (const [name, loadWorkload] of Object.entries(workloads)) {
    if (wantedWorkloads.length > 0 && !wantedWorkloads.includes(name)) continue;
    const { question, engineNames, quickEngineNames, phases, isSynced = false } = await loadWorkload();
    const usual = mode === 'quick' ? quickEngineNames : engineNames;
    const asked = wantedEngines.length > 0 ? engineNames.filter((engine) => isAsked(engine, wantedEngines)) : usual;
    const available = asked.filter((engine) => installed.has(engine));
    if (available.length === 0) continue;
    chosen.push({ name, question, engineNames: available, phaseCount: phases.length, isSynced });
  }
  return chosen;
}

/** `lmdb` stands for all settings of lmdb, `lmdb-fsync` for that one. */
function isAsked(engine, wanted) {
  return wanted.some((name) => engine === name || engine.startsWith(`${name}-`));
}

/** The engines of one round, starting with another one each time. */
export function rotated(engineNames, round) {
  const start = round % engineNames.length;
  return [...engineNames.slice(start), ...engineNames.slice(0, start)];
}
