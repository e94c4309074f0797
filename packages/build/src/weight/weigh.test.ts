import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { acmePackages, makeProject } from '../../test/project.ts';
import { workspaceSources as alias } from '@ferrite/testing/workspace-sources';
import { compareDistributions, formatComparison } from './compare.ts';
import { sizesAsJson, formatSizes } from './size-table.ts';
import { weigh } from './weigh.ts';

/** A feature is an addition to it. */
const beside = ['@ferrite/core'];

it('own is what lies in the package, inherited what its dependencies bring', async () => {
  const directory = makeProject(acmePackages);
  const weight = await weigh({ specifier: 'acme-greeter', directory, beside });
  expect(weight.own.minifiedBytes).toBeGreaterThan(50);
  expect(weight.inherited.minifiedBytes).toBeGreaterThan(50);
  expect(weight.total.minifiedBytes).toBe(weight.own.minifiedBytes + weight.inherited.minifiedBytes);
  expect(weight.modules.map(({ module }) => module).sort()).toEqual([
    'acme-greeter/index.js',
    'acme-shared/index.js',
    'acme-words/index.js',
  ]);
  const all = [...beside, 'acme-words', 'acme-shared'];
  const alone = await weigh({ specifier: 'acme-greeter', directory, beside: all });
  expect(alone.own).toEqual(weight.own);
  expect(alone.inherited.minifiedBytes).toBe(0);
});

it('what is installed counts with all dependencies, each once, and WebAssembly is told apart', async () => {
  const directory = makeProject(acmePackages);
  const { installed, wasmBytes } = await weigh({ specifier: 'acme-greeter', directory, beside });
  expect(installed).toMatchObject({
    fileCount: 7,
    packages: ['acme-greeter@1.2.3', 'acme-shared@2.0.0', 'acme-words@1.0.0'],
  });
  expect(installed!.bytes).toBeGreaterThan(wasmBytes);
  expect(wasmBytes).toBe(1000);
});

it('what is only loaded later is weighed, too', async () => {
  const directory = makeProject({
    'node_modules/lazy/package.json': '{"name":"lazy","version":"1.0.0","type":"module","exports":"./index.js"}',
    'node_modules/lazy/index.js': `export const load = () => import('./later.js');`,
    'node_modules/lazy/later.js': `export const text = '${'later '.repeat(1000)}';`,
  });
  const { own, modules } = await weigh({ specifier: 'lazy', directory });
  expect(own.minifiedBytes).toBeGreaterThan(6000);
  expect(own.gzipBytes).toBeLessThan(1000);
  expect(modules[0].module).toBe('lazy/later.js');
});

it('a package that is not built has no size on disk', async () => {
  const directory = makeProject({});
  mkdirSync(join(directory, 'node_modules'));
  const { installed } = await weigh({ specifier: '@ferrite/lite', directory, alias });
  expect(installed).toBeUndefined();
});

it('rows become a table, and JSON with no more than ten modules', async () => {
  const directory = makeProject(acmePackages);
  const weight = await weigh({ specifier: 'acme-greeter', directory, beside });
  const started = { readyMs: 50, cpuMs: 40, rssBytes: 48e6 };
  const start = { bare: { readyMs: 30, cpuMs: 30, rssBytes: 40e6 }, open: started, serve: started, rounds: 3 };
  const modules = Array.from({ length: 12 }, (_, at) => ({ module: `m${at}`, bytes: 12 - at }));
  const row = { name: 'greeter', what: 'greets', ...weight, modules, start };
  const text = formatSizes([row]);
  expect(text).toMatch(/^greeter( +0\.\d KB){3}( +\d\.\d KB){3} +1\.0 KB +\d\.\d KB$/m);
  expect(text).toMatch(/^greeter +20\.0 ms +10\.0 ms +20\.0 ms +10\.0 ms +48\.0 MB$/m);
  expect(text).toContain('bare Node.js: 30.0 ms, 30.0 ms of processor time, 40.0 MB');
  expect(JSON.parse(JSON.stringify(sizesAsJson([row])))[0].modules).toHaveLength(10);
});

it('distributions stand side by side, by name or configuration', async () => {
  const directory = makeProject(acmePackages);
  writeFileSync(join(directory, 'my.json'), '{ "base": "core", "features": ["acme-other"] }');
  const compared = await compareDistributions({ names: ['core', 'core+acme-greeter', 'my.json'], directory, alias });
  expect(compared.map(({ report }) => report.features.slice(1).map(({ name }) => name))).toEqual([
    [],
    ['acme-greeter'],
    ['acme-other'],
  ]);
  const [, core, greeter] = formatComparison(compared).split('\n').slice(1);
  expect(core).toMatch(/^core +\d+\.\d KB +\d+\.\d KB +\d+\.\d KB$/);
  expect(greeter).toMatch(
    /^core\+acme-greeter +acme-greeter .*\+\d\.\d KB \(\+\d\.\d %\) +\+\d\.\d KB \(\+\d\.\d %\)$/,
  );
  await expect(compareDistributions({ names: ['light'], directory, alias })).rejects.toThrow('one of "lite", "core"');
});
