/** `ferrite build`: a distribution with the features that are asked for, by `@ferrite/build`. */
import type { DistributionOptions } from '@ferrite/build';
import type { CliCall } from '@ferrite/core/module';
import { loadBuildPackage } from '../build-package.ts';

export async function run(call: CliCall): Promise<number> {
  const { buildDistribution, formatDistributionReport } = await loadBuildPackage();
  const report = await buildDistribution({
    features: call
      .text('features')
      ?.split(',')
      .filter((name) => name !== ''),
    base: call.text('base') as DistributionOptions['base'],
    docs: call.flag('docs') || undefined,
    out: call.text('out'),
    from: call.text('from'),
    format: call.text('format') as DistributionOptions['format'],
    target: call.text('target') as DistributionOptions['target'],
    report: call.text('report'),
    minify: call.flag('no-minify') ? false : undefined,
  });
  call.result(formatDistributionReport(report), report);
  return 0;
}
