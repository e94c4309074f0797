/** The results of the data types as tables: medians, the lowest and the highest round in brackets, and the targets. */
import { profiles } from './cells.mjs';
import { median, ratiosOf, spread, summarize } from './report.mjs';
import { depths, groups } from './type-cells.mjs';

export function markdownOf(results) {
  const { machine, command, date, versions, clients, rounds, members, profile } = results;
  const parts = [
    '# Benchmark of the data types',
    `Taken by \`${command}\` on ${date}: ${machine}; redis ${versions.redis}, ${profiles[profile]}.`,
    `${clients} connections, ${rounds} rounds, both servers in turns, ${members.toLocaleString('en-US')} members in a large collection. ` +
      "CPU time is that of the server's whole process, as the kernel counts it; the ratio is redis divided by Ferrite within " +
      'a round, above 1 Ferrite is cheaper. Medians, in brackets the lowest and the highest round.',
    ...Object.entries(depths)
      .reverse()
      .map(([depth, { targets }]) => depthTable(results, depth, targets)),
    memoryTable(results.memory),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function depthTable({ samples, members }, depth, depthTargets) {
  const lines = groups(members).flatMap((group) =>
    group.cells.flatMap(({ name, targets }) => {
      const own = samples.filter((each) => each.group === group.name && each.cell === name && each.depth === depth);
      if (own.length === 0) return [];
      const ratio = summarize(ratiosOf(own, 'cpuUsPerOp'));
      const of = (server, metric) => own.filter((each) => each.server === server).map((each) => each[metric]);
      const wanted = depthTargets ?? targets;
      const row = [
        `${name}, ${group.name}`,
        spread(ratio, 2),
        wanted.length === 0 ? '' : `>= ${wanted.join(' / ')}`,
        wanted.length === 0 ? '' : verdictOf(ratio.median, wanted),
        `${spread(summarize(of('redis', 'cpuUsPerOp')), 2)} / ${spread(summarize(of('ferrite', 'cpuUsPerOp')), 2)}`,
        `${median(of('redis', 'p99Us')).toFixed(0)} / ${median(of('ferrite', 'p99Us')).toFixed(0)}`,
      ];
      return [`| ${row.join(' | ')} |`];
    }),
  );
  if (lines.length === 0) return '';
  const head = [
    '| | CPU ratio | must / aim | verdict | CPU per operation, us, redis / Ferrite | p99, us |',
    '|---|---|---|---|---|---|',
  ];
  return [`## ${depth} deep`, '', ...head, ...lines].join('\n');
}

function memoryTable(memory) {
  if (memory.length === 0) return '';
  const lines = memory
    .filter(({ server }) => server === 'redis')
    .map(({ name, targets, bytesPerMember }) => {
      const ferrite = memory.find((each) => each.name === name && each.server === 'ferrite').bytesPerMember;
      const share = ferrite / bytesPerMember;
      const wanted =
        targets.length === 0
          ? ['', '']
          : [
              `<= ${targets.join(' / ')}`,
              verdictOf(
                -share,
                targets.map((each) => -each),
              ),
            ];
      return `| ${name} | ${bytesPerMember.toFixed(1)} | ${ferrite.toFixed(1)} | ${share.toFixed(2)} | ${wanted.join(' | ')} |`;
    });
  return [
    '## Memory: what resident memory grows by, for each member, in bytes',
    '',
    '| | redis | Ferrite | Ferrite / redis | must / aim | verdict |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function verdictOf(figure, [must, aim = Number.POSITIVE_INFINITY]) {
  return figure >= aim ? 'aim' : figure >= must ? 'met' : 'missed';
}
