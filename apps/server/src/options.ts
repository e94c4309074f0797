/**
 * What the server is started with: a file in the form of redis.conf, standard input, and `--name value` on the command line.
 * The parameters are those of CONFIG; texts of the configuration have a character for each byte.
 */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  Config,
  type ConfigFile,
  configFileOf,
  type ConfigName,
  type ConfigSources,
  featuresOf,
  type FeatureWish,
  loadConfig,
} from '@ferrite/core/server';
import type { Feature } from '@ferrite/core/module';

/** The server cannot start like this; the message is for whoever started it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const STDIN = 0;

export interface Settings {
  readonly config: Config;
  /** With the values that the configuration has for them. */
  readonly features: readonly Feature[];
}

/**
 * Reads the configuration, and loads the features that it asks for. Throws `UsageError` if a file cannot be read,
 * `ConfigFileError` for a line that makes no sense, and FERRITE_FEATURE for a feature that is not there.
 */
export async function readSettings(
  argv: readonly string[],
  loadFeatures: (wish: FeatureWish) => Promise<readonly Feature[]> = noFeatures,
): Promise<Settings> {
  const sources = makeSources();
  const loaded = await loadFeatures(featuresOf(argv, sources));
  const config = readConfig(argv, sources, loaded);
  return { config, features: loaded.map((feature) => config.configure(feature)) };
}

async function noFeatures({ named = '' }: FeatureWish): Promise<readonly Feature[]> {
  if (named !== '') throw new UsageError(`unknown feature '${named}': this program has none`);
  return [];
}

function makeSources(): ConfigSources {
  // Standard input can be read once.
  let input: string | undefined;
  return {
    readFile: (path) => readText(path, path),
    readInput: () => (input ??= readText(STDIN, 'standard input')),
  };
}

export function readConfig(
  argv: readonly string[],
  sources: ConfigSources = makeSources(),
  features: readonly Feature[] = [],
): Config {
  const config = new Config(features);
  loadConfig(config, argv, sources);
  const path = configFileOf(argv);
  if (path !== undefined) config.file = new FileOnDisk(resolve(path));
  const dir = pathOf(config, 'dir');
  if (dir === '') config.assign('durability', 'none');
  else config.assign('dir', Buffer.from(resolve(dir), 'utf8').toString('latin1'));
  return config;
}

/** The value of a parameter that is a path. */
export function pathOf(config: Config, name: ConfigName): string {
  return Buffer.from(config.text(name), 'latin1').toString('utf8');
}

function readText(source: string | number, name: string): string {
  try {
    return readFileSync(source, 'latin1');
  } catch (error) {
    throw new UsageError(`Fatal error, can't open config file '${name}': ${(error as Error).message}`);
  }
}

class FileOnDisk implements ConfigFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  read(): string {
    return readFileSync(this.path, 'latin1');
  }

  /** Written beside the file, synced, and put in its place. */
  replace(text: string): void {
    const target = realpathSync(this.path);
    const temporary = `${target}.${process.pid}.tmp`;
    removeIfThere(temporary);
    try {
      const file = openSync(temporary, 'wx', 0o600);
      try {
        // It may hold a password: nobody is to read it who could not read the old one.
        fchmodSync(file, statSync(target).mode & 0o777);
        writeFileSync(file, Buffer.from(text, 'latin1'));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, target);
      syncFolder(dirname(target));
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
  }
}

/** A rename is durable once its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // There is none.
  }
}
