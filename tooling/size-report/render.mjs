/** The committed pages made from `size.json`: the tables in the README, and `size.md`. */
import { kilobytes } from '@ferrite/build';
import { compareWithBudgets, weightOf } from './budgets.mjs';

const BEGIN = '<!-- sizes: begin, written by `npm run size` -->';
const END = '<!-- sizes: end -->';
const START_MUST_MS = 60;
const START_AIM_MS = 30;
const RSS_MUST_BYTES = 60e6;
const RSS_AIM_BYTES = 50e6;
/** Rows that are shown as additions. */
const isAddition = ({ name }) => !['core', 'lite', 'all', 'server'].includes(name);

/** The README with its section on sizes written anew. */
export function withSizes(readme, report) {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the README lacks the lines ${BEGIN} and ${END}`);
  return `${readme.slice(0, begin)}${BEGIN}\n${sizeTables(report)}${readme.slice(end)}`;
}

function sizeTables({ rows, targets }) {
  const shown = rows.filter(({ name }) => name !== 'server' && name !== 'core');
  const cell = (row, bytes) => `${isAddition(row) ? '+' : ''}${kilobytes(bytes)}`;
  const lines = [
    '',
    '| feature | minified | gzip | what |',
    '|---|---|---|---|',
    ...shown.map((row) => {
      const { minifiedBytes, gzipBytes } = weightOf(row);
      const label = row.name === 'lite' ? 'lite (baseline)' : isAddition(row) ? `+${row.name}` : row.name;
      return `| ${label} | ${cell(row, minifiedBytes)} | ${cell(row, gzipBytes)} | ${row.what} |`;
    }),
    '',
  ];
  if (targets.length > 0) {
    lines.push(
      "| target | module for the device's Node.js | single executable | Node.js in it |",
      '|---|---|---|---|',
      ...targets.map(
        ({ target, moduleBytes, fileBytes, nodeVersion }) =>
          `| ${target} | ${kilobytes(moduleBytes)} | ${kilobytes(fileBytes)} | ${nodeVersion} |`,
      ),
      '',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** `size.md`: everything that was measured, and what was aimed at. */
export function sizePage(report, budgets) {
  return [
    '# What Ferrite weighs',
    '',
    'Written by `npm run size`; the data are in [size.json](size.json). A package is weighed as a program has it that imports all of',
    'it (`import * as x`), with all chunks and dynamic imports, minified by esbuild. *Own* lies in the package itself, *inherited* is what',
    'its dependencies add; features inherit nothing of the core. KB are 1,000 bytes.',
    '',
    ...weightTable(report.rows),
    '',
    '![The modules of lite, by their weight](size.svg)',
    '',
    '![Weight by release](size-history.svg)',
    '',
    '## Budgets',
    '',
    ...budgetTable(report.rows, budgets),
    '',
    ...startSection(report),
    '## The heaviest modules',
    '',
    ...report.rows.flatMap(moduleLine),
  ].join('\n');
}

function weightTable(rows) {
  const sizes = ({ minifiedBytes, gzipBytes, brotliBytes }) =>
    `${kilobytes(minifiedBytes)} / ${kilobytes(gzipBytes)} / ${kilobytes(brotliBytes)}`;
  return [
    '| | own: minified / gzip / brotli | inherited | WebAssembly | on disk, with dependencies | what |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ name, own, inherited, wasmBytes, installed, what }) => {
      const disk =
        installed === undefined ? 'not built' : `${kilobytes(installed.bytes)}, ${installed.packages.length} packages`;
      return `| ${name} | ${sizes(own)} | ${sizes(inherited)} | ${wasmBytes === 0 ? 'none' : kilobytes(wasmBytes)} | ${disk} | ${what} |`;
    }),
  ];
}

function budgetTable(rows, budgets) {
  return [
    '| | weighs | must | aim | |',
    '|---|---|---|---|---|',
    ...compareWithBudgets(rows, budgets).map(({ name, kind, bytes, must, aim, isMet, isAimMet }) => {
      const verdict = isAimMet
        ? 'met'
        : isMet
          ? `met, ${kilobytes(must - bytes)} left`
          : `**missed by ${kilobytes(bytes - must)}**`;
      return `| ${name}, ${kind} | ${kilobytes(bytes)} | ${kilobytes(must)} | ${kilobytes(aim)} | ${verdict} |`;
    }),
  ];
}

function startSection({ rows, startedOn }) {
  const started = rows.filter(({ start }) => start !== undefined);
  if (started.length === 0) return [];
  const ms = (value) => `${value.toFixed(1)} ms`;
  const verdict = (value, must, aim) => (value <= aim ? 'met' : value <= must ? 'met, not the aim' : '**missed**');
  return [
    '## Start and memory',
    '',
    `${startedOn}. Beyond bare Node.js, with an empty store on disk; times are those of the fastest round, processor time and memory`,
    `are medians. Must ${START_MUST_MS} ms and ${RSS_MUST_BYTES / 1e6} MB, aim ${START_AIM_MS} ms and ${RSS_AIM_BYTES / 1e6} MB.`,
    '',
    '| | opened | processor time | and served | processor time | idle | start | memory |',
    '|---|---|---|---|---|---|---|---|',
    ...started.map(({ name, start: { bare, open, serve } }) => {
      const time = serve.readyMs - bare.readyMs;
      return `| ${name} | ${ms(open.readyMs - bare.readyMs)} | ${ms(open.cpuMs - bare.cpuMs)} | ${ms(time)} | ${ms(serve.cpuMs - bare.cpuMs)} | ${kilobytes(serve.rssBytes)} | ${verdict(time, START_MUST_MS, START_AIM_MS)} | ${verdict(serve.rssBytes, RSS_MUST_BYTES, RSS_AIM_BYTES)} |`;
    }),
    '',
    `Bare Node.js: ${ms(started[0].start.bare.readyMs)}, ${ms(started[0].start.bare.cpuMs)} of processor time, ${kilobytes(started[0].start.bare.rssBytes)}.`,
    '',
  ];
}

function moduleLine({ name, modules }) {
  const list = modules.map(({ module, bytes }) => `\`${module.replace('/src/', '/')}\` ${kilobytes(bytes)}`);
  return [`**${name}**: ${list.join(', ')}.`, ''];
}
