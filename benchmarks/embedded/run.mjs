/**
 * The embedded benchmark: `node benchmarks/embedded/run.mjs [options]`.
 *
 * Runs every workload with every engine in turn, each in its own process and directory, for seven rounds; prints the
 * table of targets; writes raw results, tables and charts. Its README describes method and options.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engines, versionOf } from './engines/index.mjs';
import { describeMachine, machineLine } from './lib/machine.mjs';
import { arePeersInstalled, installPeers } from './lib/peers.mjs';
import { choose, modes, rotated } from './lib/plan.mjs';
import { runOnce, stopActive } from './lib/runner.mjs';
import { chartsOf } from './report/charts.mjs';
import { headline } from './report/headline.mjs';
import { markdownOf } from './report/markdown.mjs';
import { targetLines } from './report/target-table.mjs';
import { workloads } from './workloads/index.mjs';

const usage = `Usage: node benchmarks/embedded/run.mjs [options]
  --quick            one shorter round with the engines that targets name, under five minutes
  --smoke            seconds: does everything run? (figures mean nothing)
  --only a,b         only these workloads and engines (lmdb stands for all settings of lmdb)
  --rounds n         rounds instead of 7 (quick: 1)
  --merge            put the workloads that run into the stored results, and keep the others
  --report           measure nothing: print and write the report of the stored results again
  --help             workloads: ${Object.keys(workloads).join(', ')}
                     engines: ${Object.keys(engines)
                       .filter((name) => !name.startsWith('liar'))
                       .join(', ')}`;

const here = fileURLToPath(new URL('.', import.meta.url));
const publishedPath = fileURLToPath(new URL('../results', import.meta.url));
const scratchPath = join(here, '.scratch');
const dataPath = join(scratchPath, `data-${process.pid}`);
const say = (line) => process.stdout.write(`${line}\n`);

process.exitCode = await main(readOptions());

function readOptions() {
  const flag = { type: 'boolean', default: false };
  const options = {
    quick: flag,
    smoke: flag,
    merge: flag,
    report: flag,
    help: flag,
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
  };
  try {
    const { values } = parseArgs({ options });
    const only = values.only.split(',').filter((name) => name !== '');
    for (const name of only) {
      if (!Object.hasOwn(workloads, name) && !Object.hasOwn(engines, name)) throw new Error(`unknown: ${name}`);
    }
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds needs a number');
    return { ...values, only, rounds };
  } catch (error) {
    say(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

async function main(options) {
  if (options.help) {
    say(usage);
    return 0;
  }
  const isPublished = options.report || options.merge || !(options.quick || options.smoke || options.only.length > 0);
  const outPath = isPublished ? publishedPath : join(scratchPath, 'results');
  const stored = options.report || options.merge ? readResults(outPath) : null;
  if (options.report) return report(stored, outPath);
  const versions = await installedVersions();
  const obstacle = isPublished ? obstacleTo(options, versions, stored) : '';
  if (obstacle !== '') {
    say(obstacle);
    return 2;
  }
  const mode = options.smoke ? 'smoke' : options.quick ? 'quick' : 'full';
  const results = await measure(options, mode, versions);
  if (stored !== null) mergeInto(results, stored);
  return report(results, outPath);
}

/** Why results of this run must not be put into `benchmarks/results`, or an empty text. */
function obstacleTo(options, versions, stored) {
  if (!versions.has('ferrite')) return 'Ferrite is not built; npm run bench builds it first.';
  if (stored === null) return '';
  if (options.smoke || options.only.some((name) => Object.hasOwn(engines, name))) {
    return '--merge replaces whole workloads: name workloads only, and not with --smoke.';
  }
  const here = machineLine(describeMachine(scratchPath));
  return machineLine(stored.machine) === here ? '' : `The stored results are of another machine: this is ${here}.`;
}

async function measure(options, mode, versions) {
  const { rounds: defaultRounds, sizes } = modes[mode];
  const rounds = options.rounds ?? defaultRounds;
  const chosen = await choose(options.only, versions, mode);
  mkdirSync(scratchPath, { recursive: true });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, abandon);
  const machine = describeMachine(scratchPath);
  say(`${machineLine(machine)}\n${rounds} round(s), ${mode}; one line per workload and engine\n`);
  const results = newResults(chosen, versions, machine, { mode, rounds, sizes });
  const startedMs = Date.now();
  for (let round = 0; round < rounds; round += 1) {
    for (const workload of chosen) await runRound(workload, round, results, { rounds, sizes, startedMs });
  }
  rmSync(dataPath, { recursive: true, force: true });
  return results;
}

async function runRound({ name, engineNames, phaseCount, isSynced }, round, results, { rounds, sizes, startedMs }) {
  for (const engine of rotated(engineNames, round)) {
    const job = { workload: name, engine, phaseCount, isSynced, sizes, seed: 1000 * (round + 1) };
    const { metrics, error } = await runOnce({ ...job, scratchPath: dataPath });
    const { samples, errors } = results.workloads[name];
    if (error === undefined) samples[engine].push({ round, ...metrics });
    else errors.push({ engine, round, error });
    const seconds = String(Math.round((Date.now() - startedMs) / 1000)).padStart(5);
    const outcome = error === undefined ? headline(name, metrics) : `FAILED: ${error.split('\n')[0]}`;
    say(`${seconds} s  ${round + 1}/${rounds}  ${name.padEnd(18)} ${engine.padEnd(18)} ${outcome}`);
  }
}

async function installedVersions() {
  if (!arePeersInstalled()) {
    say('Installing the engines to compare with; one compiles, which takes a few minutes ...');
    installPeers();
  }
  const versions = new Map();
  for (const name of Object.keys(engines)) {
    if (name.startsWith('liar')) continue;
    const version = await versionOf(name);
    if (version !== null) versions.set(name, version);
  }
  if (!versions.has('ferrite')) say('Ferrite is not built: only the other engines are measured.');
  return versions;
}

function newResults(chosen, versions, machine, { mode, rounds, sizes }) {
  const described = {};
  for (const [name, version] of versions) {
    const { label, durability } = engines[name];
    described[name] = { label, durability, version };
  }
  const date = new Date().toISOString().slice(0, 10);
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const entries = chosen.map(({ name, question, engineNames }) => {
    const samples = Object.fromEntries(engineNames.map((engine) => [engine, []]));
    return [name, { question, date, command, mode, rounds, samples, errors: [] }];
  });
  return { machine, sizes, engines: described, workloads: Object.fromEntries(entries) };
}

function mergeInto(results, stored) {
  results.engines = { ...stored.engines, ...results.engines };
  const order = Object.keys(workloads);
  const all = { ...stored.workloads, ...results.workloads };
  results.workloads = Object.fromEntries(order.filter((name) => all[name]).map((name) => [name, all[name]]));
}

/** Writes and prints everything; returns the exit code: 1 when an engine failed or answered wrongly. */
function report(results, outPath) {
  mkdirSync(outPath, { recursive: true });
  writeFileSync(join(outPath, 'embedded.json'), `${JSON.stringify(results, null, 1)}\n`);
  for (const [name, svg] of chartsOf(results)) writeFileSync(join(outPath, `embedded-${name}.svg`), svg);
  writeFileSync(join(outPath, 'embedded.md'), markdownOf(results));
  say(`\n${targetLines(results).join('\n')}`);
  const failures = Object.entries(results.workloads).flatMap(([name, { errors }]) =>
    errors.map(({ engine, error }) => `${name}, ${engine}: ${error}`),
  );
  for (const failure of failures) say(`\nFAILED ${failure}`);
  say(`\nResults: ${join(outPath, 'embedded.md')}`);
  return failures.length > 0 ? 1 : 0;
}

function readResults(path) {
  if (!existsSync(join(path, 'embedded.json'))) {
    say('There are no stored results yet: run the benchmark without --merge or --report first.');
    process.exit(2);
  }
  return JSON.parse(readFileSync(join(path, 'embedded.json'), 'utf8'));
}

function abandon() {
  stopActive();
  rmSync(dataPath, { recursive: true, force: true });
  process.exit(130);
}
