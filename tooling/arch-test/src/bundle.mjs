/** The tests as plain JavaScript: a module for each test file, what they share, and the program that runs them. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folders = ['packages/core/src', 'packages/core/test', 'packages/lite/src', 'packages/lite/test'];

/**
 * Bundles every quick test of the core and of lite into `outdir`, which must lie in the workspace: the compilers that a few
 * tests use are found from there. Returns the paths of the modules, and by each the test file it came from.
 */
export async function bundleTests(outdir) {
  const tests = folders.flatMap((folder) => findTests(folder)).sort();
  rmSync(outdir, { recursive: true, force: true });
  const named = (path) => path.replaceAll('/', '-').replace(/\.ts$/, '');
  await build({
    entryPoints: Object.fromEntries([
      ['suite-main', join(here, 'suite-main.mjs')],
      ...tests.map((path) => [named(path), join(root, path)]),
    ]),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.11',
    keepNames: true,
    external: ['typescript', 'esbuild'],
    alias: aliases(),
    plugins: [ownUrls],
    logLevel: 'error',
  });
  return {
    program: join(outdir, 'suite-main.mjs'),
    tests: new Map(tests.map((path) => [join(outdir, `${named(path)}.mjs`), path])),
  };
}

function findTests(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && !name.endsWith('.long.test.ts'))
    .map((name) => join(folder, name));
}

function aliases() {
  const source = (path) => join(root, 'packages', path);
  return {
    vitest: join(here, 'vitest-api.mjs'),
    '@ferrite/core/module': source('core/src/module.ts'),
    '@ferrite/core/server': source('core/src/server.ts'),
    '@ferrite/core/docs': source('core/src/docs.ts'),
    '@ferrite/core': source('core/src/index.ts'),
    '@ferrite/lite': source('lite/src/index.ts'),
    '@ferrite/testing': source('testing/src/index.ts'),
  };
}

/** Tests find their fixtures beside themselves: in a bundle, too, a module says where its source lies. */
const ownUrls = {
  name: 'own-urls',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (relative(root, path).includes('node_modules')) return undefined;
      const source = readFileSync(path, 'utf8');
      return { contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'ts' };
    });
  },
};
