/**
 * Files of certificates and keys. What was written is on disk when a call returns, and is there whole or not at all;
 * private keys can be read by their owner alone from the first byte on.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FerriteError } from '@ferrite/core/module';

export const PUBLIC_MODE = 0o644;
export const PRIVATE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Throws FERRITE_IO, which names the file. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw cannot('read', path, cause);
  }
}

/** Throws FERRITE_EXISTS if there is such a file. */
export function createFile(path: string, text: string, mode: number): void {
  writeBeside(path, text, mode, (temporary) => {
    // A link, unlike a rename, never replaces.
    linkSync(temporary, path);
    rmSync(temporary);
  });
}

export function replaceFile(path: string, text: string, mode: number): void {
  writeBeside(path, text, mode, (temporary) => renameSync(temporary, path));
}

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
  } catch (cause) {
    throw cannot('create', path, cause);
  }
}

export function fileExists(path: string): boolean {
  return existsSync(path);
}

/** Names in a folder that end like this, sorted; none where there is no such folder. */
export function filesIn(path: string, ending: string): string[] {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path)
      .filter((name) => name.endsWith(ending))
      .sort();
  } catch (cause) {
    throw cannot('read', path, cause);
  }
}

function writeBeside(path: string, text: string, mode: number, publish: (temporary: string) => void): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    rmSync(temporary, { force: true });
    const file = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    publish(temporary);
    syncFolder(dirname(path));
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cannot('write', path, cause);
  }
}

/** A name is durable once its folder is. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function cannot(verb: string, path: string, cause: unknown): FerriteError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST') return new FerriteError('FERRITE_EXISTS', `${path} is there already`, cause);
  const why = code === 'ENOENT' ? 'it, or its folder, is not there' : code === 'EACCES' ? 'not permitted' : message;
  return new FerriteError('FERRITE_IO', `cannot ${verb} ${path}: ${why}`, cause);
}
