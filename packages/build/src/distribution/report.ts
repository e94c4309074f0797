/** What a distribution weighs, by feature: an object for programs, and the lines that are shown. */
import type { Metafile } from 'esbuild';
import type { Executable } from '../executable/make-executable.ts';
import { attribute, type ModuleWeight, type Origin, type OriginWeight } from '../weight/attribution.ts';
import { kilobytes, type Sizes, sizesOf } from '../weight/sizes.ts';
import { textTable } from '../weight/text-table.ts';
import type { FeatureRequest } from './features.ts';
import type { Distribution, DistributionBase, DistributionFormat } from './options.ts';

const MODULES_SHOWN = 10;

export interface DistributionReport {
  readonly out: string;
  readonly format: DistributionFormat;
  readonly base: DistributionBase;
  readonly minify: boolean;
  /** Bytes of the file that was written. */
  readonly fileBytes: number;
  /** Of the code, as it is and compressed. */
  readonly code: Sizes;
  /** The base first, then the features as they were asked for. */
  readonly features: readonly OriginWeight[];
  readonly sharedBytes: number;
  /** The entry, and the bundler's own helpers. */
  readonly frameBytes: number;
  readonly heaviestModules: readonly ModuleWeight[];
  /** Only in a single executable: the Node.js in it. */
  readonly node?: { readonly version: string; readonly target: string; readonly bytes: number };
}

interface ReportParts {
  readonly distribution: Distribution;
  readonly features: readonly FeatureRequest[];
  readonly code: Uint8Array;
  readonly metafile: Metafile;
  readonly executable: Executable | undefined;
}

export function reportOf({ distribution, features, code, metafile, executable }: ReportParts): DistributionReport {
  const { base, format, out, minify, docs } = distribution;
  const weights = attribute(metafile, code.length, originsOf(base, docs, features));
  return {
    out,
    format,
    base,
    minify,
    fileBytes: executable?.bytes.length ?? code.length,
    code: sizesOf([code]),
    features: weights.origins,
    sharedBytes: weights.sharedBytes,
    frameBytes: weights.frameBytes,
    heaviestModules: weights.modules.slice(0, MODULES_SHOWN),
    ...(executable === undefined ? {} : { node: executable.node }),
  };
}

function originsOf(base: DistributionBase, docs: boolean, features: readonly FeatureRequest[]): Origin[] {
  const docsEntry = '@ferrite/core/docs';
  const isBase = (specifier: string): boolean =>
    /^@ferrite\/(core|server)(\/|$)/.test(specifier) && specifier !== docsEntry;
  const origins: Origin[] = [{ name: base, packageName: '@ferrite/core', isImport: isBase }];
  if (docs) origins.push({ name: 'docs', packageName: '@ferrite/core', isImport: (each) => each === docsEntry });
  for (const { name, packageName } of features) {
    origins.push({ name, packageName, isImport: (each) => each === packageName });
  }
  return origins;
}

/** The report as a table and two lines, for a terminal. */
export function formatDistributionReport(report: DistributionReport): string {
  const rows = report.features.map(({ name, packageName, version, ownBytes, inheritedBytes }) => [
    name,
    `${packageName} ${version}`,
    kilobytes(ownBytes),
    kilobytes(inheritedBytes),
  ]);
  if (report.sharedBytes > 0) rows.push(['shared', 'by several features', '', kilobytes(report.sharedBytes)]);
  rows.push(['frame', 'entry and helpers', kilobytes(report.frameBytes), '']);
  const { minifiedBytes, gzipBytes, brotliBytes } = report.code;
  const lines = [
    textTable(['feature', 'package', 'own', 'inherited'], rows),
    '',
    `code ${kilobytes(minifiedBytes)}, gzip ${kilobytes(gzipBytes)}, brotli ${kilobytes(brotliBytes)}`,
  ];
  if (report.node !== undefined) {
    const share = ((100 * minifiedBytes) / report.fileBytes).toFixed(1);
    lines.push(
      `Node.js ${report.node.version} for ${report.node.target} ${kilobytes(report.node.bytes)}: Ferrite is ${share} % of this file`,
    );
  }
  lines.push(`${report.out} ${kilobytes(report.fileBytes)}`);
  return `${lines.join('\n')}\n`;
}
