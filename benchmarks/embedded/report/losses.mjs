/** The rows in which another store is better than Ferrite: found from the results, so that none is forgotten. */
import { columns } from './columns.mjs';
import { plain } from './format.mjs';
import { metricOf } from './statistics.mjs';

/** `[{ workload, heading, ferrite, other, otherText, ferriteText }]`, each with the best of the others. */
export function lossesOf(results) {
  const losses = [];
  for (const [workload, { samples }] of Object.entries(results.workloads)) {
    const names = Object.keys(samples);
    const own = names.filter((name) => name.startsWith('ferrite'));
    const others = names.filter((name) => !name.startsWith('ferrite') && name !== 'map');
    for (const [heading, metric, unit, better] of columns[workload]) {
      if (better === undefined) continue;
      const ferrite = best(results, workload, own, metric, better);
      const other = best(results, workload, others, metric, better);
      if (ferrite === null || other === null || !isBetter(other.summary, ferrite.summary, better)) continue;
      const text = ({ name, summary }) => `${results.engines[name].label} ${plain(summary, unit)}`;
      losses.push({ workload, heading, ferriteText: text(ferrite), otherText: text(other) });
    }
  }
  return losses;
}

function best(results, workload, names, metric, better) {
  let found = null;
  for (const name of names) {
    const summary = metricOf(results, workload, name, metric);
    if (summary === null) continue;
    if (found === null || isBetter(summary, found.summary, better)) found = { name, summary };
  }
  return found;
}

function isBetter(one, other, better) {
  return better === 'more' ? one.median > other.median : one.median < other.median;
}
