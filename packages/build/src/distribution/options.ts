/**
 * What a distribution is made of: the options of `buildDistribution`, checked and with their defaults.
 *
 * The same names stand in a configuration file. `schema/distribution.schema.json` describes that file to editors; a test
 * holds it equal to the table below, which is what is enforced. Options win over the file.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { BuildError } from './build-error.ts';

export type DistributionBase = 'lite' | 'core';
export type DistributionFormat = 'mjs' | 'sea';
export type DistributionTarget = 'linux-x64' | 'linux-arm64' | 'linux-armv7';

/** What may also stand in a configuration file. Paths in a file are relative to it. */
export interface DistributionConfig {
  /** Short names of Ferrite's own features (`tls`), or names of packages. Default: none. */
  features?: readonly string[];
  /** `lite`: the engine, its embedded API and the server. `core`: without the server. Default `lite`. */
  base?: DistributionBase;
  /** Whether the texts of COMMAND DOCS are in it. Default false. */
  docs?: boolean;
  /** The file that is written. Default `ferrite.mjs`, or `ferrite` for a single executable. */
  out?: string;
  /** `mjs`: an ES module for the device's Node.js. `sea`: one executable that holds Node.js. Default `mjs`. */
  format?: DistributionFormat;
  /** The machine that a single executable is for. Default: this one. */
  target?: DistributionTarget;
  /** Without blanks and long names. Default true. */
  minify?: boolean;
  /** A file for the weights, as JSON. Default: none is written. */
  report?: string;
}

export interface DistributionOptions extends DistributionConfig {
  /** A configuration file, for what the options leave open. */
  from?: string;
  /** Where the packages of features are installed: that folder or one above. Default: the file's folder, or the current one. */
  directory?: string;
  /** Import names to take from elsewhere, as esbuild's `alias`. Default: none. */
  alias?: Readonly<Record<string, string>>;
}

/** Everything decided. */
export interface Distribution {
  readonly features: readonly string[];
  readonly base: DistributionBase;
  readonly docs: boolean;
  readonly out: string;
  readonly format: DistributionFormat;
  readonly target: DistributionTarget | undefined;
  readonly minify: boolean;
  readonly report: string | undefined;
  readonly directory: string;
  readonly alias: Readonly<Record<string, string>>;
}

type Check = (name: string, value: unknown) => void;

const oneOf =
  (...words: string[]): Check =>
  (name, value) => {
    if (!words.includes(value as string))
      throw wrong(name, `one of ${words.map((word) => `"${word}"`).join(', ')}`, value);
  };
const text: Check = (name, value) => {
  if (typeof value !== 'string' || value === '') throw wrong(name, 'a text that is not empty', value);
};
const flag: Check = (name, value) => {
  if (typeof value !== 'boolean') throw wrong(name, 'true or false', value);
};

/** The keys of a configuration, and what each may be. */
const configChecks: Readonly<Record<keyof DistributionConfig, Check>> = {
  features: checkFeatures,
  base: oneOf('lite', 'core'),
  docs: flag,
  out: text,
  format: oneOf('mjs', 'sea'),
  target: oneOf('linux-x64', 'linux-arm64', 'linux-armv7'),
  minify: flag,
  report: text,
};
const optionChecks: Readonly<Record<string, Check>> = {
  ...configChecks,
  from: text,
  directory: text,
  alias: (name, value) => {
    if (typeof value !== 'object' || value === null) throw wrong(name, 'an object', value);
    for (const [key, path] of Object.entries(value)) text(`${name}["${key}"]`, path);
  },
};

/** Throws `BuildError` with `FERRITE_BUILD_OPTION` for what is wrong, and names the option or the line's key. */
export function resolveOptions(options: DistributionOptions): Distribution {
  checkKeys(options, optionChecks, 'option');
  const file = options.from === undefined ? {} : readConfig(options.from);
  const given = { ...file, ...withoutUndefined(options) };
  const format = given.format ?? 'mjs';
  const distribution: Distribution = {
    features: given.features ?? [],
    base: given.base ?? 'lite',
    docs: given.docs ?? false,
    out: resolve(given.out ?? (format === 'mjs' ? 'ferrite.mjs' : 'ferrite')),
    format,
    target: given.target,
    minify: given.minify ?? true,
    report: given.report === undefined ? undefined : resolve(given.report),
    directory: resolve(options.directory ?? (options.from === undefined ? '.' : dirname(options.from))),
    alias: options.alias ?? {},
  };
  checkTogether(distribution);
  return distribution;
}

function checkTogether({ format, target, base, docs, out, report }: Distribution): void {
  if (target !== undefined && format === 'mjs') {
    throw new BuildError(
      'FERRITE_BUILD_OPTION',
      `"target" is for single executables: an ES module is the same on every machine. Leave it out, or set "format" to "sea".`,
    );
  }
  if (base === 'core' && (docs || format === 'sea')) {
    const what = docs ? '"docs" is for' : 'a single executable is';
    throw new BuildError('FERRITE_BUILD_OPTION', `${what} the server, and "core" has none: set "base" to "lite".`);
  }
  if (report === out) throw new BuildError('FERRITE_BUILD_OPTION', `"report" and "out" are the same file, ${out}.`);
}

/** A configuration file's values, with paths made absolute. */
function readConfig(path: string): DistributionConfig {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new BuildError('FERRITE_BUILD_OPTION', `${path} cannot be read: ${(error as Error).message}`, error);
  }
  try {
    return checkConfig(config, dirname(path));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `${path}: ${error.message}`);
  }
}

function checkConfig(config: unknown, folder: string): DistributionConfig {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new BuildError('FERRITE_BUILD_OPTION', 'a configuration is an object, such as { "features": ["tls"] }');
  }
  const { $schema, ...values } = config as Record<string, unknown>;
  if ($schema !== undefined) text('$schema', $schema);
  checkKeys(values, configChecks, 'key');
  const known = values as DistributionConfig;
  return {
    ...known,
    ...(known.out === undefined ? {} : { out: resolve(folder, known.out) }),
    ...(known.report === undefined ? {} : { report: resolve(folder, known.report) }),
  };
}

function checkKeys(values: object, checks: Readonly<Record<string, Check>>, what: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined && what === 'option') continue;
    if (!Object.hasOwn(checks, name)) {
      const known = Object.keys(checks).join(', ');
      throw new BuildError('FERRITE_BUILD_OPTION', `there is no ${what} "${name}"; there are ${known}`);
    }
    checks[name](name, value);
  }
}

function checkFeatures(name: string, value: unknown): void {
  if (!Array.isArray(value)) throw wrong(name, 'a list of names', value);
  for (const [at, each] of value.entries()) text(`${name}[${at}]`, each);
  const twice = value.find((each, at) => value.indexOf(each) !== at);
  if (twice !== undefined) throw new BuildError('FERRITE_BUILD_OPTION', `"${name}" has "${twice}" twice`);
}

function wrong(name: string, wanted: string, value: unknown): BuildError {
  return new BuildError('FERRITE_BUILD_OPTION', `"${name}" must be ${wanted}, and is ${JSON.stringify(value)}`);
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
