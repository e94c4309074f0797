/**
 * Writes down what Ferrite weighs: `npm run size -- [--start] [--targets] [--release VERSION]`.
 *
 * Writes `benchmarks/results/size.{json,md,svg}` and the tables of the README. `--start` also measures start and memory, and
 * `--targets` makes a single executable for each target, with Node.js from npm; without them, the figures that are there
 * stay. `--release` appends what the version weighs to `size-history.jsonl` and draws its chart. Ends with 1 if a budget is missed.
 */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDistribution, drawTreemap, formatSizes, kilobytes, sizesAsJson } from '@ferrite/build';
import { checkBudgets } from './budgets.mjs';
import { drawHistory, historyLine, lastRelease, parseHistory } from './history.mjs';
import { alias, folder, measure, root } from './measure.mjs';
import { sizePage, withSizes } from './render.mjs';

const START_ROUNDS = 15;
const TARGETS = ['linux-x64', 'linux-arm64', 'linux-armv7'];
const results = join(root, 'benchmarks', 'results');
const path = (name) => join(results, name);

await main(process.argv.slice(2));

async function main(args) {
  const version = args.includes('--release') ? args[args.indexOf('--release') + 1] : undefined;
  if (args.includes('--release') && !/^\d+\.\d+\.\d+/.test(version ?? ''))
    throw new Error('--release needs a version, such as 1.2.0');
  const before = existsSync(path('size.json'))
    ? JSON.parse(readFileSync(path('size.json'), 'utf8'))
    : { rows: [], targets: [] };
  const rows = await measure({ startRounds: args.includes('--start') ? START_ROUNDS : 0 });
  const report = {
    startedOn: args.includes('--start') ? machine() : before.startedOn,
    rows: sizesAsJson(rows).map((row) => ({ ...row, start: row.start ?? startOf(before, row.name) })),
    targets: args.includes('--targets') ? await measureTargets() : before.targets,
  };
  const budgets = JSON.parse(readFileSync(join(folder, 'budgets.json'), 'utf8'));
  const history = existsSync(path('size-history.jsonl'))
    ? parseHistory(readFileSync(path('size-history.jsonl'), 'utf8'))
    : [];
  const problems = checkBudgets(rows, budgets, lastRelease(history), changesets());
  write(report, rows, budgets);
  if (version !== undefined) release(version, rows);
  console.log(formatSizes(rows));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function write(report, rows, budgets) {
  writeFileSync(path('size.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(path('size.md'), sizePage(JSON.parse(JSON.stringify(report)), budgets));
  const { modules, total } = rows.find(({ name }) => name === 'lite');
  const subtitle = `${kilobytes(total.minifiedBytes)} minified, ${kilobytes(total.gzipBytes)} gzip; areas are minified bytes`;
  writeFileSync(path('size.svg'), drawTreemap(modules, '@ferrite/lite', subtitle));
  const readme = join(root, 'README.md');
  writeFileSync(readme, withSizes(readFileSync(readme, 'utf8'), report));
}

function release(version, rows) {
  appendFileSync(path('size-history.jsonl'), historyLine(version, new Date().toISOString().slice(0, 10), rows));
  writeFileSync(path('size-history.svg'), drawHistory(parseHistory(readFileSync(path('size-history.jsonl'), 'utf8'))));
}

async function measureTargets() {
  const scratch = mkdtempSync(join(tmpdir(), 'ferrite-size-'));
  try {
    const common = { directory: folder, alias };
    const { fileBytes: moduleBytes } = await buildDistribution({ ...common, out: join(scratch, 'ferrite.mjs') });
    const targets = [];
    for (const target of TARGETS) {
      const { fileBytes, node } = await buildDistribution({
        ...common,
        format: 'sea',
        target,
        out: join(scratch, target),
      });
      targets.push({ target, moduleBytes, fileBytes, nodeVersion: node.version });
    }
    return targets;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function changesets() {
  const directory = join(root, '.changeset');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(directory, name), 'utf8'));
}

function startOf(before, name) {
  return before.rows.find((row) => row.name === name)?.start;
}

function machine() {
  return `Measured with Node.js ${process.versions.node} on ${cpus().length} x ${cpus()[0].model.trim()}, ${START_ROUNDS} rounds`;
}
