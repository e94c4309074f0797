/** The charts: which workloads and figures stand together on one picture. */
import { machineLine } from '../lib/machine.mjs';
import { units } from './format.mjs';
import { metricOf } from './statistics.mjs';
import { barChart } from './svg.mjs';

/** name: [title, [panel title, workload, metric, unit]...]; panels whose workload did not run are left out. */
const charts = {
  reads: [
    'Reads from memory',
    ['One key a call, uniform: gets per second', 'get-uniform', 'opsPerSecond', 'perSecond'],
    ['One key a call, zipf: gets per second', 'get-zipf', 'opsPerSecond', 'perSecond'],
    ['64 keys a call: keys per second', 'get-many', 'keysPerSecond64', 'perSecond'],
    ['Scan of 1,000 keys and values: scans per second', 'scan', 'scansPerSecond', 'perSecond'],
  ],
  writes: [
    'Writes',
    ['One new key a call: puts per second', 'put-single', 'opsPerSecond', 'perSecond'],
    ['Atomic batches of 1000: puts per second', 'put-batch', 'opsPerSecond', 'perSecond'],
    ['256 writers, each put fsynced: puts per second', 'put-durable', 'opsPerSecond', 'perSecond'],
  ],
  mixed: [
    'Half gets, half overwrites, zipf over a million keys',
    ['Operations per second', 'mixed', 'opsPerSecond', 'perSecond'],
    ['p99.99 of one operation (less is better)', 'mixed', 'p9999Us', 'us'],
  ],
  wear: [
    'Page bytes dirtied per byte of payload (less is better)',
    ['Loading in batches of 1000', 'put-batch', 'dirtiedPerByte', 'ratio'],
    ['Single puts of new keys', 'put-single', 'dirtiedPerByte', 'ratio'],
    ['Steady overwrite, uniform', 'overwrite-uniform', 'dirtiedPerByte', 'ratio'],
    ['Steady overwrite, zipf', 'overwrite-zipf', 'dirtiedPerByte', 'ratio'],
  ],
  memory: [
    'Memory (less is better)',
    ['Resident with 1 M keys of 100 bytes', 'memory', 'rssBytes', 'mb'],
    ['Idle, empty store', 'startup', 'idleRssBytes', 'mb'],
  ],
  reopen: [
    'From a fresh process to the first get from a million keys (less is better)',
    ['After a clean close', 'reopen-clean', 'firstGetMs', 'ms'],
    ['After SIGKILL', 'reopen-killed', 'firstGetMs', 'ms'],
  ],
};

/** `[[name, svg]...]` */
export function chartsOf(results) {
  const drawn = [];
  for (const [name, [title, ...panelSpecs]] of Object.entries(charts)) {
    const panels = panelSpecs.map((spec) => panelOf(results, spec)).filter(({ bars }) => bars.length > 0);
    if (panels.length === 0) continue;
    const rounds = Math.max(...panelSpecs.map(([, workload]) => results.workloads[workload]?.rounds ?? 0));
    const spread = rounds > 1 ? `Median of ${rounds} rounds; whiskers: lowest and highest round.` : 'One round.';
    drawn.push([name, barChart({ title, subtitle: spread, footer: machineLine(results.machine), panels })]);
  }
  return drawn;
}

function panelOf(results, [title, workload, metric, unit]) {
  const engineNames = Object.keys(results.workloads[workload]?.samples ?? {});
  const bars = [];
  for (const name of engineNames) {
    const summary = metricOf(results, workload, name, metric);
    if (summary === null || summary.max === 0) continue;
    const { label, durability } = results.engines[name];
    bars.push({ label, detail: durability.split(';')[0], kind: kindOf(name), summary });
  }
  return { title, bars, format: units[unit] };
}

function kindOf(name) {
  if (name.startsWith('ferrite')) return 'ferrite';
  return name === 'map' ? 'limit' : 'other';
}
