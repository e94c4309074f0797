/**
 * Each rule fires on a bad sample and is quiet on a good one. A sample is a few files made up from path and text; the
 * rules about heads and dead exports would talk in between, so each test asks for the problems of its own rule.
 */
import { describe, expect, test } from 'vitest';
import { checkAll } from '../src/check.ts';
import { parseFile } from '../src/source-file.ts';

const core = 'packages/core/src';

function problems(rule: string, samples: Record<string, string>): string[] {
  const files = Object.entries(samples).map(([path, text]) => parseFile(path, text));
  return checkAll(files)
    .filter((problem) => problem.rule === rule)
    .map((problem) => `${problem.path}:${problem.line} ${problem.text}`);
}

const lines = (count: number): string => 'work();\n'.repeat(count);

describe('import-direction', () => {
  const direction = (from: string, text: string): string[] => problems('import-direction', { [from]: text });

  test('a room may import from its left', () => {
    expect(direction(`${core}/engine/log.ts`, "import { a } from '../base/a.ts';")).toEqual([]);
    expect(direction(`${core}/embedded/db.ts`, "import type { A } from '../keyspace/a.ts';")).toEqual([]);
    expect(direction(`${core}/engine/log.ts`, "import { a } from './hash/a.ts';")).toEqual([]);
  });

  test('a room may not import from its right, not even a type, a re-export or an import()', () => {
    const expected = (line: number) => [`${core}/base/a.ts:${line} base/ may not import engine/, a room to its right`];
    expect(direction(`${core}/base/a.ts`, "\nimport { b } from '../engine/b.ts';")).toEqual(expected(2));
    expect(direction(`${core}/base/a.ts`, "import type { B } from '../engine/b.ts';")).toEqual(expected(1));
    expect(direction(`${core}/base/a.ts`, "export { b } from '../engine/b.ts';")).toEqual(expected(1));
    expect(direction(`${core}/base/a.ts`, "const b = await import('../engine/b.ts');")).toEqual(expected(1));
    expect(direction(`${core}/base/a.ts`, "let b: import('../engine/b.ts').B;")).toEqual(expected(1));
  });

  test('siblings may not import each other', () => {
    expect(direction(`${core}/device/a.ts`, "import { b } from '../protocol/b.ts';")).toHaveLength(1);
    expect(direction(`${core}/server/a.ts`, "import { b } from '../embedded/b.ts';")).toHaveLength(1);
  });

  test('a room may not import an entry point, and an unknown room is reported', () => {
    expect(direction(`${core}/engine/a.ts`, "import { b } from '../index.ts';")).toHaveLength(1);
    expect(direction(`${core}/misc/a.ts`, '')).toEqual([`${core}/misc/a.ts:1 "misc" is not a room of the core`]);
  });

  test('tests may import any room', () => {
    expect(direction(`${core}/base/a.test.ts`, "import { b } from '../engine/b.ts';")).toEqual([]);
  });

  test('packages meet by name, and the core imports none', () => {
    expect(direction('apps/gateway/src/a.ts', "import { b } from '../../../packages/lite/src/b.ts';")).toHaveLength(1);
    expect(direction('packages/lite/test/a.test.ts', "import { b } from '../../core/src/b.ts';")).toHaveLength(1);
    expect(direction('apps/gateway/src/a.ts', "import { b } from '@ferrite/lite';")).toEqual([]);
    expect(direction(`${core}/engine/a.ts`, "import { b } from 'left-pad';")).toHaveLength(1);
    expect(direction(`${core}/engine/a.ts`, "import { b } from 'node:crypto';")).toEqual([]);
    expect(direction('packages/lite/src/a.ts', "import { b } from '@ferrite/testing';")).toHaveLength(1);
  });
});

describe('import-cycle', () => {
  test('files that need each other to load are reported with the way around', () => {
    const found = problems('import-cycle', {
      [`${core}/base/a.ts`]: "import { b } from './b.ts';",
      [`${core}/base/b.ts`]: "import { c } from './c.ts';",
      [`${core}/base/c.ts`]: "import { a } from './a.ts';",
    });
    expect(found).toEqual([`${core}/base/c.ts:1 files need each other to load: a.ts -> b.ts -> c.ts -> a.ts`]);
  });

  test('types may point both ways', () => {
    const found = problems('import-cycle', {
      [`${core}/base/a.ts`]: "import { b } from './b.ts';",
      [`${core}/base/b.ts`]: "import type { A } from './a.ts';",
    });
    expect(found).toEqual([]);
  });
});

describe('platform-module', () => {
  const platform = (path: string, name: string): string[] =>
    problems('platform-module', { [path]: `import '${name}';` });

  test('the file system is imported in device/ and server/ only', () => {
    expect(platform(`${core}/engine/a.ts`, 'node:fs')).toEqual([
      `${core}/engine/a.ts:1 "node:fs" may be imported only in device/ and server/`,
    ]);
    expect(platform(`${core}/embedded/a.ts`, 'fs/promises')).toHaveLength(1);
    expect(platform('packages/lite/src/a.ts', 'node:fs')).toHaveLength(1);
    expect(platform(`${core}/device/a.ts`, 'node:fs')).toEqual([]);
    expect(platform(`${core}/server/a.ts`, 'node:fs')).toEqual([]);
    expect(platform('apps/gateway/src/a.ts', 'node:fs')).toEqual([]);
    expect(platform(`${core}/engine/a.test.ts`, 'node:fs')).toEqual([]);
  });

  test('the network is imported in server/ only', () => {
    expect(platform(`${core}/device/a.ts`, 'node:net')).toHaveLength(1);
    expect(platform(`${core}/engine/a.ts`, 'http')).toHaveLength(1);
    expect(platform(`${core}/server/a.ts`, 'node:net')).toEqual([]);
    expect(platform('apps/gateway/src/a.ts', 'node:http')).toEqual([]);
  });
});

describe('length', () => {
  test('a file has at most 800 lines', () => {
    expect(problems('file-length', { 'apps/a/src/a.ts': lines(800) })).toEqual([]);
    expect(problems('file-length', { 'apps/a/src/a.ts': lines(801) })).toEqual([
      'apps/a/src/a.ts:1 801 lines; the limit is 800',
    ]);
  });

  test('a function, method or closure has at most 70 lines', () => {
    const long = (open: string, close: string, count: number) => ({
      'apps/a/src/a.ts': `${open}\n${lines(count)}${close}`,
    });
    expect(problems('function-length', long('function f() {', '}', 68))).toEqual([]);
    expect(problems('function-length', long('function f() {', '}', 69))).toEqual([
      'apps/a/src/a.ts:1 71 lines; the limit is 70',
    ]);
    expect(problems('function-length', long('class A { f() {', '} }', 69))).toHaveLength(1);
    expect(problems('function-length', long('const f = () => {', '};', 69))).toHaveLength(1);
  });

  test('the callback of a test is no function in this sense, but a helper inside it is', () => {
    const inTest = (text: string) => problems('function-length', { 'apps/a/src/a.test.ts': text });
    expect(inTest(`describe('x', () => {\nit.each([1])('y', () => {\n${lines(80)}});\n});`)).toEqual([]);
    expect(inTest(`describe('x', () => {\nfunction f() {\n${lines(80)}}\n});`)).toHaveLength(1);
  });
});

describe('dead-export', () => {
  const dead = (other: Record<string, string>): string[] =>
    problems('dead-export', { [`${core}/base/a.ts`]: 'export const a = 1;\nexport interface B { c: 1 }', ...other });

  test('an exported name needs an importer in another file', () => {
    expect(dead({})).toHaveLength(2);
    expect(dead({ [`${core}/base/b.ts`]: "import { a } from './a.ts';" })).toEqual([
      `${core}/base/a.ts:2 "B" is exported, and no file but tests imports it`,
    ]);
    expect(dead({ [`${core}/base/b.ts`]: "import { a as x, type B } from './a.ts';" })).toEqual([]);
    expect(dead({ [`${core}/base/b.ts`]: "import * as all from './a.ts';" })).toEqual([]);
  });

  test('an entry point counts as use, a test does not', () => {
    expect(dead({ [`${core}/index.ts`]: "export { a, type B } from './base/a.ts';" })).toEqual([]);
    expect(dead({ [`${core}/base/a.test.ts`]: "import { a, type B } from './a.ts';" })).toHaveLength(2);
  });

  test('a name that is passed on by a file without importers is dead there', () => {
    expect(dead({ [`${core}/base/b.ts`]: "export { a, type B } from './a.ts';" })).toEqual([
      `${core}/base/b.ts:1 "a" is exported, and no file but tests imports it`,
      `${core}/base/b.ts:1 "B" is exported, and no file but tests imports it`,
    ]);
  });
});

describe('forbidden', () => {
  const shipped = (text: string, path = `${core}/engine/a.ts`): string[] => problems('forbidden', { [path]: text });

  test.each([
    ['any', 'const a: any = 1;'],
    ['enum', 'enum A { b }'],
    ['namespace', 'namespace A { }'],
    ['parameter properties', 'class A { constructor(readonly b: number) {} }'],
    ['default exports', 'export default 1;'],
    ['default exports', 'export default function a() {}'],
    ['do it now', `// ${'TO'}${'DO'}: later`],
    ['do it now', `/* ${'FIX'}${'ME'} */`],
    ['do it now', `// ${'XX'}${'X'}`],
    ['switches tests off', "it.only('a', () => {});"],
    ['switches tests off', "describe.skip('a', () => {});"],
    ['switches tests off', "test.concurrent.todo('a');"],
  ])('%s: not in any file', (message, text) => {
    expect(shipped(text)).toEqual([expect.stringContaining(message)]);
    expect(shipped(text, 'apps/gateway/src/a.test.ts')).toHaveLength(1);
  });

  test.each([
    'Math.random()',
    'Date.now()',
    'performance.now()',
    'process.hrtime()',
    'new Date()',
    'setTimeout(f, 1)',
    'setImmediate(f)',
  ])('%s: not in what is shipped, but in its seams, tests and applications', (text) => {
    expect(shipped(text)).toHaveLength(1);
    expect(shipped(text, `${core}/base/clock.ts`)).toEqual([]);
    expect(shipped(text, `${core}/engine/a.test.ts`)).toEqual([]);
    expect(shipped(text, 'packages/testing/src/a.ts')).toEqual([]);
    expect(shipped(text, 'apps/gateway/src/a.ts')).toEqual([]);
  });

  test('timers may be used in embedded/ and server/, the clock may not', () => {
    expect(shipped('setInterval(f, 1);', `${core}/embedded/a.ts`)).toEqual([]);
    expect(shipped('globalThis.setInterval(f, 1);')).toHaveLength(1);
    expect(shipped('Date.now();', `${core}/embedded/a.ts`)).toHaveLength(1);
  });

  test('things that only look alike are left alone', () => {
    expect(
      shipped('const company = "any"; many(); new Date(5); clock.now(); timers.setTimeout(f); list.only;'),
    ).toEqual([]);
    expect(shipped('declare module "x" { interface A {} }\ndeclare global { interface B {} }\nexport {};')).toEqual([]);
    expect(shipped('export default {};', 'packages/core/tsup.config.ts')).toEqual([]);
  });
});

describe('head-comment and file-name', () => {
  test('a source file starts with a comment', () => {
    expect(problems('head-comment', { [`${core}/base/a.ts`]: 'const a = 1;' })).toHaveLength(1);
    expect(problems('head-comment', { [`${core}/base/a.ts`]: '/** What it is. */\nconst a = 1;' })).toEqual([]);
    expect(problems('head-comment', { 'apps/a/src/a.ts': '#!/usr/bin/env node\n// What it is.\n' })).toEqual([]);
  });

  test('names are kebab-case', () => {
    const named = (path: string) => problems('file-name', { [path]: '' });
    expect(named(`${core}/base/hash-index.ts`)).toEqual([]);
    expect(named(`${core}/base/hash-index.fuzz.test.ts`)).toEqual([]);
    expect(named(`${core}/base/hashIndex.ts`)).toEqual([
      `${core}/base/hashIndex.ts:1 "hashIndex.ts" is not kebab-case`,
    ]);
    expect(named(`${core}/base/hash_index.ts`)).toHaveLength(1);
    expect(named(`${core}/Base/a.ts`)).toHaveLength(1);
  });
});
