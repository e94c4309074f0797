/**
 * Bundles the programs of the gateway from their sources for a test that needs real processes, engine included, so that
 * such a test runs without a build before it. The bundles go beside a link to `data`, where the programs look for it.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { workspaceSources } from '@ferrite/testing/workspace-sources';
import { build } from 'tsup';

const from = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export interface BuiltPrograms {
  /** Directory of `gateway.js` and `collector.js`. */
  readonly programs: URL;
  /** A directory for stores, removed with the rest. */
  readonly scratch: string;
  remove(): void;
}

export async function buildPrograms(): Promise<BuiltPrograms> {
  const root = mkdtempSync(join(tmpdir(), 'ferrite-programs-'));
  const scratch = join(root, 'stores');
  mkdirSync(scratch);
  symlinkSync(from('../data'), join(root, 'data'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}\n');
  await build({
    config: false,
    silent: true,
    entry: { gateway: from('../src/gateway-main.ts'), collector: from('../src/collector-main.ts') },
    outDir: join(root, 'dist'),
    format: 'esm',
    platform: 'node',
    target: 'node20.11',
    noExternal: [/^@ferrite\//],
    esbuildOptions: (options) => {
      options.alias = workspaceSources;
    },
  });
  const programs = pathToFileURL(`${join(root, 'dist')}/`);
  return { programs, scratch, remove: () => rmSync(root, { recursive: true, force: true }) };
}
