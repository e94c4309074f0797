/**
 * Runs an example of `apps/examples` as its reader would: a program of its own, in an empty directory.
 *
 * The program is bundled from its source and the packages' sources, so that no build is needed first. `replace` changes
 * single pieces of its text, such as a path; each piece must be there exactly once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workspaceSources } from '@ferrite/testing/workspace-sources';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const sources = join(root, 'apps', 'examples', 'src');

export async function startExample(
  name: string,
  directory: string,
  replace: Record<string, string> = {},
  env: Record<string, string> = {},
): Promise<ChildProcess> {
  let text = readFileSync(join(sources, `${name}.ts`), 'utf8');
  for (const [piece, other] of Object.entries(replace)) {
    const parts = text.split(piece);
    if (parts.length !== 2) throw new Error(`${name}.ts holds ${piece} ${parts.length - 1} times`);
    text = parts.join(other);
  }
  const program = join(directory, `${name}.mjs`);
  await build({
    stdin: { contents: text, resolveDir: sources, sourcefile: `${name}.ts`, loader: 'ts' },
    alias: workspaceSources,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.11',
    outfile: program,
    logLevel: 'silent',
  });
  return spawn(process.execPath, [program], { cwd: directory, env: { ...process.env, ...env } });
}

/** What the program printed, once it has ended by itself; it must end with success. */
export function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`The program ended with ${signal ?? code}:\n${output}${errors}`));
    });
  });
}
