/**
 * Installs the engines to compare with, on demand, from their own lockfile with `npm ci`. They are native add-ons: one
 * of them compiles for two to three minutes, so an install that fits the lockfile is left alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const peersPath = fileURLToPath(new URL('../peers', import.meta.url));

/** True when every pinned peer is there in its pinned version. */
export function arePeersInstalled() {
  const { dependencies } = readManifest(join(peersPath, 'package.json'));
  return Object.entries(dependencies).every(([name, version]) => {
    const path = join(peersPath, 'node_modules', name, 'package.json');
    return existsSync(path) && readManifest(path).version === version;
  });
}

export function installPeers() {
  const npmCli = process.env.npm_execpath ?? join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  const command = npmCli.endsWith('npm-cli.js') && existsSync(npmCli) ? [process.execPath, npmCli] : ['npm'];
  const [file, ...first] = command;
  const ended = spawnSync(file, [...first, 'ci', '--no-audit', '--no-fund'], { cwd: peersPath, stdio: 'inherit' });
  if (ended.status !== 0) throw new Error('npm ci in benchmarks/embedded/peers failed; its output is above');
}

function readManifest(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
