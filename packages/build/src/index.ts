/** Ferrite made to measure: custom distributions, and what they and their parts weigh. */
export { BuildError, type BuildErrorCode } from './distribution/build-error.ts';
export { buildDistribution } from './distribution/build-distribution.ts';
export type {
  DistributionBase,
  DistributionConfig,
  DistributionFormat,
  DistributionOptions,
  DistributionTarget,
} from './distribution/options.ts';
export { type DistributionReport, formatDistributionReport } from './distribution/report.ts';
export type { ModuleWeight, OriginWeight } from './weight/attribution.ts';
export { type Compared, compareDistributions, type CompareRequest, formatComparison } from './weight/compare.ts';
export type { InstalledSize } from './weight/installed-size.ts';
export { measureSizes, type SizeRequest, type SizeRow } from './weight/size-report.ts';
export { formatSizes, sizesAsJson } from './weight/size-table.ts';
export { kilobytes, type Sizes } from './weight/sizes.ts';
export { measureStart, type Start, type StartCost } from './weight/start-cost.ts';
export { drawTreemap } from './weight/treemap.ts';
export { weigh, type WeighRequest, type Weight } from './weight/weigh.ts';
