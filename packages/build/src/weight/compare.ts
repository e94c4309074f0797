/** Distributions side by side: what each weighs, and by how much it differs from the first. */
import { resolve } from 'node:path';
import { composeDistribution } from '../distribution/build-distribution.ts';
import { knownFeatures } from '../distribution/features.ts';
import type { DistributionOptions } from '../distribution/options.ts';
import type { DistributionReport } from '../distribution/report.ts';
import { kilobytes } from './sizes.ts';
import { textTable } from './text-table.ts';

export interface CompareRequest {
  /** `core`, `lite`, `all`, `lite+tls` with features by name, or the path of a configuration file (`.json`). */
  readonly names: readonly string[];
  readonly directory?: string;
  readonly alias?: Readonly<Record<string, string>>;
}

export interface Compared {
  readonly name: string;
  readonly report: DistributionReport;
}

/** Builds each and writes none. Rejects with `BuildError` as `buildDistribution` does. */
export async function compareDistributions({ names, directory, alias }: CompareRequest): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const name of names) {
    const options = { ...optionsOf(name, directory), alias };
    compared.push({ name, report: (await composeDistribution(options)).report });
  }
  return compared;
}

function optionsOf(name: string, directory: string | undefined): DistributionOptions {
  if (name.endsWith('.json')) return { from: resolve(directory ?? '.', name) };
  if (name === 'all') return { directory, docs: true, features: [...knownFeatures.keys()] };
  const [base, ...features] = name.split('+');
  return { directory, base: base as DistributionOptions['base'], features };
}

export function formatComparison(compared: readonly Compared[]): string {
  const [first] = compared;
  const difference = (bytes: number, from: number): string => {
    if (bytes === from) return '';
    const share = `${bytes > from ? '+' : ''}${((100 * (bytes - from)) / from).toFixed(1)} %`;
    return `${bytes > from ? '+' : '-'}${kilobytes(Math.abs(bytes - from))} (${share})`;
  };
  return textTable(
    ['distribution', 'features', 'minified', 'gzip', 'brotli', `minified, to ${first.name}`, 'gzip'],
    compared.map(({ name, report: { code, features } }) => [
      name,
      features
        .slice(1)
        .map((feature) => feature.name)
        .join(', '),
      kilobytes(code.minifiedBytes),
      kilobytes(code.gzipBytes),
      kilobytes(code.brotliBytes),
      difference(code.minifiedBytes, first.report.code.minifiedBytes),
      difference(code.gzipBytes, first.report.code.gzipBytes),
    ]),
  );
}
