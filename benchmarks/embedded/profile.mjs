/**
 * Where Ferrite's time goes in a workload: runs it once under V8's sampling profiler and prints the functions with the
 * most time of their own. `node benchmarks/embedded/profile.mjs get-uniform put-batch` writes
 * `benchmarks/results/profiles.md`. The figures explain; they are not for comparing engines.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine, machineLine } from './lib/machine.mjs';
import { choose, modes } from './lib/plan.mjs';
import { runOnce } from './lib/runner.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const scratchPath = join(here, '.scratch');
const resultPath = join(here, '..', 'results', 'profiles.md');
const rowsMax = 12;

const names = process.argv.slice(2);
const planned = await choose([...names, 'ferrite'], new Set(['ferrite']), 'quick');
const parts = [
  '# Where the time goes\n',
  `\`node benchmarks/embedded/profile.mjs ${names.join(' ')}\` on ${machineLine(describeMachine(here))}\n`,
];
for (const { name, question, phaseCount, isSynced } of planned) {
  const directory = join(scratchPath, `profile-${name}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const execArgv = ['--cpu-prof', '--cpu-prof-dir', directory];
  const job = {
    workload: name,
    engine: 'ferrite',
    phaseCount,
    isSynced,
    sizes: modes.quick.sizes,
    seed: 1,
    scratchPath,
  };
  const { error } = await runOnce({ ...job, execArgv });
  if (error !== undefined) throw new Error(error);
  parts.push(`## ${name}: ${question}\n`, '| share of the process | function |\n|---|---|\n');
  parts.push(`${tableOf(directory)}\n`);
  rmSync(directory, { recursive: true, force: true });
}
writeFileSync(resultPath, parts.join('\n').replaceAll('|\n\n|', '|\n|'));
process.stdout.write(`${readFileSync(resultPath, 'utf8')}\n`);

/** Of all phases together. Idle time does not count. */
function tableOf(directory) {
  const ownUs = new Map();
  for (const file of readdirSync(directory)) addProfile(ownUs, JSON.parse(readFileSync(join(directory, file), 'utf8')));
  ownUs.delete('(idle)');
  const totalUs = [...ownUs.values()].reduce((sum, us) => sum + us, 0);
  const rows = [...ownUs].sort((a, b) => b[1] - a[1]).slice(0, rowsMax);
  return rows.map(([name, us]) => `| ${((us / totalUs) * 100).toFixed(1)} % | ${name} |`).join('\n');
}

function addProfile(ownUs, { nodes, samples, timeDeltas }) {
  const nameOf = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName || '(anonymous)']));
  for (const [i, id] of samples.entries()) {
    const name = nameOf.get(id);
    ownUs.set(name, (ownUs.get(name) ?? 0) + timeDeltas[i]);
  }
}
