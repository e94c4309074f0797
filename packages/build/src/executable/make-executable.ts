/**
 * A single executable: Node.js for the target with the code in it, as Node's own documentation tells (Single executable
 * applications). Such a file is as heavy as Node.js; what it saves is installing one.
 */
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BuildError } from '../distribution/build-error.ts';
import type { DistributionTarget } from '../distribution/options.ts';
import { findNode, findPostject, findTwin, hostTarget, type NodeBinary, SEA_FUSE } from './node-binary.ts';

const run = promisify(execFile);
const BLOB = 'blob';

export interface Executable {
  readonly bytes: Uint8Array;
  readonly node: { readonly version: string; readonly target: DistributionTarget; readonly bytes: number };
}

/** `code` is a script of CommonJS that needs nothing but Node.js. Rejects with `FERRITE_BUILD_TARGET`. */
export async function makeExecutable(code: Uint8Array, target = hostTarget()): Promise<Executable> {
  const node = await findNode(target);
  const twin = await findTwin(node);
  const postject = await findPostject();
  const folder = mkdtempSync(join(tmpdir(), 'ferrite-build-'));
  try {
    await prepare(code, twin, folder);
    const file = join(folder, 'executable');
    copyFileSync(node.path, file);
    chmodSync(file, 0o755);
    // A process of its own, because it prints warnings about sections that nobody needs to see.
    await run(process.execPath, [postject, file, 'NODE_SEA_BLOB', join(folder, BLOB), '--sentinel-fuse', SEA_FUSE]);
    return { bytes: readFileSync(file), node: factsOf(node) };
  } catch (error) {
    throw new BuildError('FERRITE_BUILD_TARGET', `the executable cannot be made: ${(error as Error).message}`, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the code in the form that this version of Node.js expects in itself. */
async function prepare(code: Uint8Array, node: string, folder: string): Promise<void> {
  const [main, output, config] = ['main.cjs', BLOB, 'config.json'].map((name) => join(folder, name));
  writeFileSync(main, code);
  writeFileSync(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true }));
  await run(node, ['--experimental-sea-config', config], { cwd: folder });
}

function factsOf({ path, version, target }: NodeBinary): Executable['node'] {
  return { version, target, bytes: statSync(path).size };
}
