/** Starts the programs that a release is checked with: a failure throws with everything they printed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const { packageManager } = readJson(join(root, 'package.json'));

/** Returns what the program wrote to its standard output. */
export function run(title, [file, ...args], folder = root, env = {}) {
  const { status, output, stdout } = trySpawn([file, ...args], folder, env);
  if (status !== 0) throw new Error(`${title} failed: ${[file, ...args].join(' ')}\n${output}`);
  return stdout;
}

export function trySpawn([file, ...args], folder = root, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd: folder,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', NO_COLOR: '1', ...env },
    shell: process.platform === 'win32' && !file.includes('node'),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, output: `${stdout}${stderr}${error?.message ?? ''}` };
}

export function pnpm(title, args, folder = root) {
  return run(title, ['npx', '-y', packageManager, ...args], folder);
}

/** A program of a package that the workspace has installed, to be run with this Node. */
export function tool(packageName, name) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = readJson(join(folder, 'package.json'));
  return [process.execPath, join(folder, typeof bin === 'string' ? bin : bin[name])];
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
