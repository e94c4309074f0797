/** `ferrite size`: what is installed, weighed, or distributions side by side, by `@ferrite/build`. */
import { writeFileSync } from 'node:fs';
import type { CliCall } from '@ferrite/core/module';
import { loadBuildPackage } from '../build-package.ts';

const START_ROUNDS = 15;

export async function run(call: CliCall): Promise<number> {
  const names = call
    .text('compare')
    ?.split(',')
    .filter((name) => name !== '');
  if (names === undefined) return weighAll(call);
  if (names.length === 0) throw call.usageError('--compare needs names, such as lite,all');
  if (call.flag('start') || call.text('treemap') !== undefined || call.arguments.length > 0) {
    throw call.usageError('--compare stands alone: it takes neither features, --start nor --treemap');
  }
  const { compareDistributions, formatComparison } = await loadBuildPackage();
  const compared = await compareDistributions({ names });
  call.result(formatComparison(compared), { distributions: compared });
  return 0;
}

async function weighAll(call: CliCall): Promise<number> {
  const { drawTreemap, formatSizes, kilobytes, measureSizes, sizesAsJson } = await loadBuildPackage();
  const progress = call.progress('weighing');
  try {
    const rows = await measureSizes({
      features: call.arguments,
      startRounds: call.flag('start') ? START_ROUNDS : 0,
      onProgress: (_name, done, total) => progress.update(done, total),
    });
    progress.end();
    const picture = call.text('treemap');
    if (picture !== undefined) {
      const widest = rows.reduce((best, row) => (row.total.minifiedBytes > best.total.minifiedBytes ? row : best));
      const { minifiedBytes, gzipBytes } = widest.total;
      const subtitle = `${kilobytes(minifiedBytes)} minified, ${kilobytes(gzipBytes)} gzip`;
      writeFileSync(picture, drawTreemap(widest.modules, widest.specifier, subtitle));
      call.note(`${picture}: what ${widest.specifier} is made of`);
    }
    call.result(formatSizes(rows), { sizes: sizesAsJson(rows) });
    return 0;
  } finally {
    progress.end();
  }
}
