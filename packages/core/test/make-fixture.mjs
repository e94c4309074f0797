/**
 * Makes the fixture of a format version: `node packages/core/test/make-fixture.mjs 1`. Run once, when a version is new;
 * what it made is kept for ever, because every later version must open it. Files are kept gzipped: they are mostly
 * zeros.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const version = process.argv[2];
if (!/^\d+$/.test(version ?? '')) throw new Error('usage: make-fixture.mjs <format version>');

const scratch = mkdtempSync(join(tmpdir(), 'ferrite-fixture-'));
const program = join(scratch, 'fixture-store.mjs');
await build({
  entryPoints: [join(here, 'fixture-store.ts')],
  outfile: program,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
});
const { makeFixture } = await import(pathToFileURL(program).href);
const made = join(scratch, 'made');
makeFixture(made);
for (const store of readdirSync(made)) {
  const target = join(here, 'fixtures', `format-${version}`, store);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(join(made, store))) {
    if (name.startsWith('lock')) continue;
    writeFileSync(join(target, `${name}.gz`), gzipSync(readFileSync(join(made, store, name)), { level: 9 }));
  }
}
rmSync(scratch, { recursive: true });
