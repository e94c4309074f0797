/**
 * Which package a feature's name means. Ferrite's own have short names; any other feature is asked for by the name of
 * its package.
 */
import { BuildError } from './build-error.ts';
import { isInstalled } from './homes.ts';

/** Ferrite's own, in the order in which they are shown. */
export const knownFeatures: ReadonlyMap<string, { readonly packageName: string; readonly what: string }> = new Map([
  ['tls', { packageName: '@ferrite/tls', what: 'TLS, certificate management' }],
  ['otel', { packageName: '@ferrite/otel', what: 'OpenTelemetry: spans, metrics, logs' }],
]);

/** A feature that is going to be in a distribution. */
export interface FeatureRequest {
  /** As it was asked for. */
  readonly name: string;
  readonly packageName: string;
}

/** Throws `BuildError` with `FERRITE_BUILD_FEATURE` for what is not known, or not installed in `folder` or above. */
export function findFeature(name: string, folder: string, alias: Readonly<Record<string, string>>): FeatureRequest {
  const known = knownFeatures.get(name);
  const packageName = known?.packageName ?? name;
  if (Object.hasOwn(alias, packageName) || isInstalled(packageName, folder)) return { name, packageName };
  if (known !== undefined) {
    throw new BuildError(
      'FERRITE_BUILD_FEATURE',
      `the feature "${name}" is the package ${packageName}, which is not installed in ${folder}: npm install ${packageName}`,
    );
  }
  const names = [...knownFeatures.keys()].join(', ');
  throw new BuildError(
    'FERRITE_BUILD_FEATURE',
    `there is no feature "${name}": it is none of Ferrite's (${names}), and no package of that name is installed in ${folder}`,
  );
}
