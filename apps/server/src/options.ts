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
import { Config, type ConfigFile, configFileOf, type ConfigName, loadConfig } from '@ferrite/core/server';

/** The server cannot start like this; the message is for whoever started it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const STDIN = 0;

/** Throws `UsageError` if a file cannot be read, and `ConfigFileError` for a line that makes no sense. */
export function readConfig(argv: readonly string[]): Config {
  const config = new Config();
  loadConfig(config, argv, {
    readFile: (path) => readText(path, path),
    readInput: () => readText(STDIN, 'standard input'),
  });
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
