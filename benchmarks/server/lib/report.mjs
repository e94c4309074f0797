/** The results as a table: medians, the lowest and the highest round in brackets, and what the targets ask for. */
import { cells, profiles } from './cells.mjs';

export function markdownOf(results) {
  const { machine, command, date, versions, keys, clients, rounds } = results;
  const parts = [
    '# Server benchmark',
    `Taken by \`${command}\` on ${date}: ${machine}; redis ${versions.redis}.`,
    `${clients} connections, values of 100 bytes, ${rounds} rounds, both servers in turns. CPU time is that of the server's ` +
      'whole process, as the kernel counts it; the ratio is redis divided by Ferrite within a round, above 1 Ferrite is ' +
      'cheaper. Medians, in brackets the lowest and the highest round.',
    ...keys.flatMap((count) => Object.keys(profiles).map((profile) => profileTable(results, profile, count))),
    ioredisTable(results),
    processTable(results),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function profileTable(results, profile, keys) {
  const lines = cells.flatMap(({ name, command, depth, targets }) => {
    const samples = results.samples.filter(
      (each) => each.cell === name && each.profile === profile && each.keys === keys,
    );
    if (samples.length === 0) return [];
    const of = (server, metric) => samples.filter((each) => each.server === server).map((each) => each[metric]);
    const ratio = summarize(ratiosOf(samples, 'cpuUsPerOp'));
    const [must, aim] = targets[profile] ?? [];
    const verdict = must === undefined ? '' : ratio.median >= aim ? 'aim' : ratio.median >= must ? 'met' : 'missed';
    const row = [
      `${command.toUpperCase()}, ${depth} deep`,
      spread(ratio, 2),
      must === undefined ? '' : `>= ${must} / ${aim}`,
      verdict,
      `${spread(summarize(of('redis', 'cpuUsPerOp')), 2)} / ${spread(summarize(of('ferrite', 'cpuUsPerOp')), 2)}`,
      `${kilo(of('redis', 'opsPerSecond'))} / ${kilo(of('ferrite', 'opsPerSecond'))}`,
      `${median(of('redis', 'p99Us')).toFixed(0)} / ${median(of('ferrite', 'p99Us')).toFixed(0)}`,
    ];
    return [`| ${row.join(' | ')} |`];
  });
  if (lines.length === 0) return '';
  return [
    `## ${keys.toLocaleString('en-US')} keys, ${profiles[profile]}`,
    '',
    '| | CPU ratio | must / aim | verdict | CPU per operation, us, redis / Ferrite | K ops/s | p99, us |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function ioredisTable({ ioredis }) {
  if (ioredis.length === 0) return '';
  const of = (server) => ioredis.filter((each) => each.server === server);
  const redis = of('redis');
  const ferrite = of('ferrite');
  const ratio = summarize(redis.map((each, i) => ferrite[i].opsPerSecond / each.opsPerSecond));
  const verdict = ratio.median >= 1.2 ? 'aim' : ratio.median >= 1 ? 'met' : 'missed';
  const rate = (samples) => kilo(samples.map((each) => each.opsPerSecond));
  return [
    '## A Node program: ioredis with autopipelining, 500 requests in flight, half of them SET, half GET',
    '',
    '| K requests/s, redis | Ferrite | Ferrite / redis | must / aim | verdict |',
    '|---|---|---|---|---|',
    `| ${rate(redis)} | ${rate(ferrite)} | ${spread(ratio, 2)} | >= 1 / 1.2 | ${verdict} |`,
  ].join('\n');
}

function processTable({ processes }) {
  if (processes.length === 0) return '';
  const of = (server, metric) => median(processes.filter((each) => each.server === server).map((each) => each[metric]));
  const line = (title, metric, show) => `| ${title} | ${show(of('redis', metric))} | ${show(of('ferrite', metric))} |`;
  return [
    '## The process',
    '',
    '| | redis | Ferrite |',
    '|---|---|---|',
    line('from start to first reply', 'startMs', (ms) => `${ms.toFixed(0)} ms`),
    line('RSS, empty', 'emptyRssBytes', (bytes) => `${(bytes / 1e6).toFixed(1)} MB`),
    line('an idle connection', 'connectionBytes', (bytes) => `${(bytes / 1024).toFixed(1)} KB`),
  ].join('\n');
}

/** Redis divided by Ferrite, within each round. */
export function ratiosOf(samples, metric) {
  const ferrite = new Map(
    samples.filter(({ server }) => server === 'ferrite').map((each) => [each.round, each[metric]]),
  );
  return samples.filter(({ server }) => server === 'redis').map((each) => each[metric] / ferrite.get(each.round));
}

export function ratioLine(samples) {
  return spread(summarize(ratiosOf(samples, 'cpuUsPerOp')), 2);
}

export function summarize(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  return { median: median(sorted), min: sorted[0], max: sorted.at(-1) };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function spread(summary, decimals) {
  if (summary === null) return '–';
  const show = (value) => value.toFixed(decimals);
  return `${show(summary.median)} (${show(summary.min)} to ${show(summary.max)})`;
}

function kilo(values) {
  return values.length === 0 ? '–' : (median(values) / 1000).toFixed(0);
}
