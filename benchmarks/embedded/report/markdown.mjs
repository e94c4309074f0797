/** `benchmarks/results/embedded.md`: the short tables that the README quotes, the targets, the losses, every figure. */
import { machineLine } from '../lib/machine.mjs';
import { columns } from './columns.mjs';
import { plain, withSpread } from './format.mjs';
import { lossesOf } from './losses.mjs';
import { metricOf } from './statistics.mjs';
import { countLine } from './target-table.mjs';
import { judge } from './targets.mjs';

export function markdownOf(results) {
  const runs = Object.values(results.workloads);
  const dates = [...new Set(runs.map(({ date }) => date))].sort().join(', ');
  const commands = [...new Set(runs.map(({ command }) => `\`${command}\``))].join(', ');
  const parts = [
    '# Embedded benchmark',
    `Taken by ${commands} on ${dates}: ${machineLine(results.machine)}.`,
    'Medians, in brackets the lowest and the highest round. K is 1,000, MB is 1,000,000 bytes.',
    shortTables(results),
    targetTable(results),
    lossList(results),
    chartList(results),
    settings(results),
    ...Object.keys(results.workloads).map((name) => workloadTable(results, name)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The three tables side by side; RocksDB's binding is asynchronous per call, so its batches stand in. */
function shortTables(results) {
  const rows = [
    ['Ferrite', 'ferrite', 'ferrite-16mb'],
    ['lmdb', 'lmdb', 'lmdb'],
    ['SQLite WAL', 'sqlite', 'sqlite'],
    ['LevelDB', 'level', 'level'],
    ['RocksDB *', 'rocksdb', 'rocksdb'],
  ];
  const lines = rows.map(([label, engine, memoryEngine]) => {
    const isBatched = engine === 'rocksdb';
    const put = metricOf(results, isBatched ? 'put-batch' : 'put-single', engine, 'opsPerSecond');
    const get = isBatched
      ? metricOf(results, 'get-many', engine, 'keysPerSecond256')
      : metricOf(results, 'get-uniform', engine, 'opsPerSecond');
    const rss = metricOf(results, 'memory', memoryEngine, 'rssBytes');
    const cells = [
      [label, plain(put, 'perSecond'), plain(metricOf(results, 'put-single', engine, 'p99Us'), 'us')],
      [label, plain(get, 'perSecond'), plain(metricOf(results, 'get-uniform', engine, 'p99Us'), 'us')],
      [label, plain(rss, 'mb')],
    ];
    return `| ${cells.map((cell) => cell.join(' | ')).join(' | | ')} |`;
  });
  return [
    '## In short',
    '',
    '| sequential write | ops/s | p99 | | random read, hot | ops/s | p99 | | RSS, 1 M keys x 100 B | |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
    'Single synchronous puts and gets; Ferrite `everysec`, the others without fsync: all survive a kill of the process.',
    'Memory: Ferrite with 16 MB of regions, the others with their defaults. Garbage collected first.',
    '',
    '\\* RocksDB\u2019s binding is asynchronous per call: batches of 1,000 puts and of 256 gets.',
  ].join('\n');
}

function targetTable(results) {
  const judged = judge(results);
  const lines = judged.map(
    ({ title, summary, unit, must, aim, verdict, note }) =>
      `| ${title} | ${withSpread(summary, unit)} | ${must} | ${aim} | ${verdict} | ${note} |`,
  );
  const head = ['| target | measured | must | aim | verdict | |', '|---|---|---|---|---|---|'];
  return ['## Targets', '', ...head, ...lines, '', `${countLine(judged)}.`].join('\n');
}

function lossList(results) {
  const losses = lossesOf(results);
  if (losses.length === 0) return '';
  const lines = losses.map(
    ({ workload, heading, ferriteText, otherText }) => `| ${workload} | ${heading} | ${ferriteText} | ${otherText} |`,
  );
  return [
    '## Where another store is better',
    '',
    'The best of Ferrite\u2019s settings against the best of the others, in every figure that has a better side.',
    '',
    '| workload | figure | Ferrite | best of the others |',
    '|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function chartList(results) {
  const names = ['reads', 'writes', 'mixed', 'wear', 'memory', 'reopen'];
  if (Object.keys(results.workloads).length < Object.keys(columns).length) return '';
  return ['## Charts', '', ...names.map((name) => `![${name}](embedded-${name}.svg)`)].join('\n');
}

function settings(results) {
  const used = new Set(Object.values(results.workloads).flatMap(({ samples }) => Object.keys(samples)));
  const lines = Object.entries(results.engines)
    .filter(([name]) => used.has(name))
    .map(([, { label, version, durability }]) => `| ${label} | ${version} | ${durability} |`);
  return ['## Engines and what they promise', '', '| engine | version | durability |', '|---|---|---|', ...lines].join(
    '\n',
  );
}

function workloadTable(results, name) {
  const { question, rounds, mode, samples, errors } = results.workloads[name];
  const heads = columns[name].map(([heading]) => heading);
  const lines = Object.keys(samples).map((engine) => {
    const cells = columns[name].map(([, metric, unit]) => withSpread(metricOf(results, name, engine, metric), unit));
    const { label, durability } = results.engines[engine];
    return `| ${label} (${durability}) | ${cells.join(' | ')} |`;
  });
  const failures = errors.map(({ engine, round, error }) => `- ${engine}, round ${round + 1}: ${error.split('\n')[0]}`);
  return [
    `## ${name}`,
    '',
    `${question}. ${rounds} ${rounds === 1 ? 'round' : 'rounds'}${mode === 'full' ? '' : ` (${mode})`}.`,
    '',
    `| engine | ${heads.join(' | ')} |`,
    `|---|${heads.map(() => '---').join('|')}|`,
    ...lines,
    ...(failures.length === 0 ? [] : ['', 'Failed:', ...failures]),
  ].join('\n');
}
