/** Whether features fit together and this core, and the order in which they are set up. Each refusal names both sides. */
import { FerriteError } from '../base/errors.ts';
import { FERRITE_VERSION } from '../base/version.ts';
import { configName } from './config-key.ts';
import { coreNames } from './core-names.ts';
import type { Feature } from './feature.ts';
import { satisfies } from './semver.ts';

/** The features, each after those that it requires; else in the order in which they were given. Throws FERRITE_FEATURE. */
export function resolveFeatures(features: readonly Feature[]): readonly Feature[] {
  const byName = new Map<string, Feature>();
  for (const feature of features) {
    const other = byName.get(feature.name);
    if (other !== undefined) {
      throw misfit(`feature '${feature.name}' was given twice, in versions ${other.version} and ${feature.version}`);
    }
    byName.set(feature.name, feature);
  }
  for (const feature of features) checkRequired(feature, byName);
  checkConfigNames(features);
  checkContributions(features);
  return inOrder(features, byName);
}

function checkRequired({ name, version, requires }: Feature, byName: ReadonlyMap<string, Feature>): void {
  const who = `feature '${name}' ${version}`;
  for (const [needed, range] of Object.entries(requires)) {
    const found = needed === 'core' ? FERRITE_VERSION : byName.get(needed)?.version;
    if (found === undefined) throw misfit(`${who} requires feature '${needed}' ${range}: add it to features`);
    if (satisfies(found, range)) continue;
    const what = needed === 'core' ? 'the core' : `feature '${needed}'`;
    throw misfit(`${who} requires ${what} ${range}, but this is ${found}: install versions that fit`);
  }
}

function checkConfigNames(features: readonly Feature[]): void {
  const owners = new Map<string, string>();
  for (const { name, config } of features) {
    for (const [key, { alias }] of Object.entries(config)) {
      for (const each of [configName(name, key), alias]) {
        if (each === undefined) continue;
        if (coreNames['configuration key'].has(each))
          throw misfit(`feature '${name}' has a configuration key '${each}', which the core has, too`);
        const owner = owners.get(each);
        if (owner !== undefined)
          throw misfit(`features '${owner}' and '${name}' both have a configuration key '${each}'`);
        owners.set(each, name);
      }
    }
  }
}

function checkContributions(features: readonly Feature[]): void {
  for (const kind of ['cli', 'panels'] as const) {
    const owners = new Map<string, string>();
    for (const feature of features) {
      for (const { name } of feature[kind]) {
        const owner = owners.get(name);
        const what = kind === 'cli' ? 'subcommand' : 'panel';
        if (owner !== undefined)
          throw misfit(`features '${owner}' and '${feature.name}' both have a ${what} '${name}'`);
        owners.set(name, feature.name);
      }
    }
  }
}

function inOrder(features: readonly Feature[], byName: ReadonlyMap<string, Feature>): Feature[] {
  const ordered = new Set<Feature>();
  const path: string[] = [];
  const visit = (feature: Feature): void => {
    if (ordered.has(feature)) return;
    if (path.includes(feature.name)) {
      throw misfit(`features require each other: ${[...path, feature.name].join(' -> ')}`);
    }
    path.push(feature.name);
    for (const needed of Object.keys(feature.requires)) {
      const found = byName.get(needed);
      if (found !== undefined) visit(found);
    }
    path.pop();
    ordered.add(feature);
  };
  for (const feature of features) visit(feature);
  return [...ordered];
}

export function misfit(message: string): FerriteError {
  return new FerriteError('FERRITE_FEATURE', message);
}
