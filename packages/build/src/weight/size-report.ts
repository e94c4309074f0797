/** All that Ferrite consists of, weighed: the core, the distributions and each feature that is installed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildDistribution } from '../distribution/build-distribution.ts';
import { knownFeatures } from '../distribution/features.ts';
import { isInstalled } from '../distribution/homes.ts';
import { measureStart, type StartCost } from './start-cost.ts';
import { weigh, type Weight } from './weigh.ts';

export interface SizeRequest {
  /** The folder that packages are found from. Default: the current one. */
  readonly directory?: string;
  /** Further features, by the names of their packages. Default: none. */
  readonly features?: readonly string[];
  /** Import names to take from elsewhere, as esbuild's `alias`. */
  readonly alias?: Readonly<Record<string, string>>;
  /** How often each program is started to measure what that takes; 0 leaves it out. Default 0. */
  readonly startRounds?: number;
  /** Told what is being weighed, and how far it is. */
  readonly onProgress?: (name: string, done: number, total: number) => void;
}

/** A row of the report. */
export interface SizeRow extends Weight {
  readonly name: string;
  readonly what: string;
  /** A distribution of it: lite alone, or with the feature. Undefined where nothing is started. */
  readonly start: StartCost | undefined;
}

interface Subject {
  readonly name: string;
  readonly specifier: string;
  readonly what: string;
  /** Packages that a program has before this one is added. */
  readonly beside: readonly string[];
  /** The features of the distribution that is started; undefined: none is. */
  readonly started?: readonly string[];
}

const BESIDE_FEATURES = ['@ferrite/core'];

/** Rejects with `BuildError` if something cannot be found or bundled. */
export async function measureSizes(request: SizeRequest = {}): Promise<SizeRow[]> {
  const directory = resolve(request.directory ?? '.');
  const { alias = {}, startRounds = 0, onProgress = () => {} } = request;
  const isThere = (name: string): boolean => Object.hasOwn(alias, name) || isInstalled(name, directory);
  const subjects = subjectsFor(request.features ?? [], isThere);
  const rows: SizeRow[] = [];
  for (const [at, { name, specifier, what, beside, started }] of subjects.entries()) {
    onProgress(name, at, subjects.length);
    const weight = await weigh({ specifier, directory, beside, alias });
    const isStarted = started !== undefined && startRounds > 0;
    const start = isStarted ? await startOf(started, directory, alias, startRounds) : undefined;
    rows.push({ name, what, ...weight, start });
  }
  return rows;
}

function subjectsFor(further: readonly string[], isThere: (packageName: string) => boolean): Subject[] {
  const own = [...knownFeatures].filter(([, { packageName }]) => isThere(packageName));
  const features = [
    ...own.map(([name, { packageName, what }]) => ({ name, specifier: packageName, what })),
    ...further.map((name) => ({ name, specifier: name, what: 'a feature of another maker' })),
  ];
  const subjects: Subject[] = [
    { name: 'core', specifier: '@ferrite/core', what: 'engine and embedded API, without the server', beside: [] },
    {
      name: 'lite',
      specifier: '@ferrite/lite',
      what: 'engine, protocol, basic types, embedded API, server',
      beside: [],
      started: [],
    },
    { name: 'docs', specifier: '@ferrite/core/docs', what: 'texts of COMMAND DOCS', beside: [] },
    ...features.map((feature) => ({ ...feature, beside: BESIDE_FEATURES, started: [feature.name] })),
    { name: 'all', specifier: '@ferrite/all', what: 'everything', beside: [] },
    { name: 'server', specifier: '@ferrite/server', what: 'the program ferrite-server', beside: [] },
  ];
  return subjects.filter(({ specifier }) => isThere(specifier) || specifier.startsWith('@ferrite/core'));
}

async function startOf(
  features: readonly string[],
  directory: string,
  alias: Readonly<Record<string, string>>,
  rounds: number,
): Promise<StartCost> {
  const folder = mkdtempSync(join(tmpdir(), 'ferrite-size-'));
  try {
    const out = join(folder, 'ferrite.mjs');
    await buildDistribution({ features, directory, alias, out });
    return await measureStart(out, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
