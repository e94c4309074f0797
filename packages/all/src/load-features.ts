/**
 * Features by their names, as `ferrite-server --features tls,otel` and distributions have them: one of the table, the name
 * of an installed package, or the path of a module. A module exports `feature`, which makes the feature when it is called.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Feature, FerriteError } from '@ferrite/core/module';
import type { FeatureWish } from '@ferrite/core/server';
import { featureTable } from './feature-table.ts';

/** Stands for all that the table has, and for none of them. */
const ALL = 'all';
const NONE = 'none';

/**
 * Loads the features that a text such as `tls,otel` names; packages and paths are looked for from the working directory.
 * Throws FERRITE_FEATURE for one that is not there.
 */
export function loadFeaturesOf(text: string): Promise<Feature[]> {
  return loadFeatures(text.split(/[\s,]+/).filter((name) => name !== ''));
}

/**
 * Loads the features of a server: those that its configuration names, `none`, or, where it does not say, those of the table
 * whose parameters it sets. So every feature is there, and costs nothing until it is used.
 */
export function loadFeaturesFor({ named, mentioned }: FeatureWish): Promise<Feature[]> {
  if (named === undefined) return loadFeatures(Object.keys(featureTable).filter((name) => mentioned.has(name)));
  return loadFeaturesOf(named === NONE ? '' : named);
}

/** Loads features by their names; those of packages and paths are looked for from the directory `from`. */
export async function loadFeatures(names: readonly string[], from: string = process.cwd()): Promise<Feature[]> {
  const all = new Set(names.flatMap((name) => (name === ALL ? Object.keys(featureTable) : [name])));
  const loaded: Feature[] = [];
  for (const name of all) loaded.push(await loadFeature(name, from));
  return loaded;
}

async function loadFeature(name: string, from: string): Promise<Feature> {
  const loaded: unknown = Object.hasOwn(featureTable, name) ? await featureTable[name]() : await importFrom(name, from);
  const { feature: make } = loaded as { feature?: unknown };
  if (typeof make !== 'function') {
    throw new FerriteError('FERRITE_FEATURE', `'${name}' is no feature: its module exports no function 'feature'`);
  }
  return make() as Feature;
}

async function importFrom(name: string, from: string): Promise<unknown> {
  const isPath = /^(\.{1,2}[/\\]|[/\\]|[A-Za-z]:[/\\])/.test(name);
  const target = isPath ? pathToFileURL(resolve(from, name)).href : resolvePackage(name, from);
  try {
    return await import(target);
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' && !isPath;
    const known = Object.keys(featureTable).join(', ') || 'none';
    const why = isMissing ? `there is neither a feature of this name (built in: ${known}) nor a package` : message;
    throw new FerriteError('FERRITE_FEATURE', `unknown feature '${name}': ${why}`, cause);
  }
}

/** The file of a package as seen from `from`; the name itself if only this program can see it. */
function resolvePackage(name: string, from: string): string {
  try {
    return pathToFileURL(createRequire(join(resolve(from), 'any.js')).resolve(name)).href;
  } catch {
    return name;
  }
}
