/** The few figures that a line of progress shows. */
import { columns } from './columns.mjs';
import { units } from './format.mjs';

const shownMax = 4;

export function headline(workload, metrics) {
  const seen = columns[workload].filter(([, metric]) => Number.isFinite(metrics[metric])).slice(0, shownMax);
  return seen.map(([heading, metric, unit]) => `${heading} ${units[unit](metrics[metric])}`).join('   ');
}
