import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject } from '../../test/project.ts';
import { type DistributionConfig, type DistributionOptions, resolveOptions } from './options.ts';

const schema = JSON.parse(readFileSync(new URL('../../schema/distribution.schema.json', import.meta.url), 'utf8'));

function failure(options: object): string {
  try {
    resolveOptions(options as DistributionOptions);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return 'no error';
}

function fromFile(text: string): { from: string; folder: string } {
  const folder = makeProject({ 'my.json': text });
  return { from: join(folder, 'my.json'), folder };
}

it('what is not said has a default', () => {
  expect(resolveOptions({ directory: '/there' })).toEqual({
    features: [],
    base: 'lite',
    docs: false,
    out: join(process.cwd(), 'ferrite.mjs'),
    format: 'mjs',
    target: undefined,
    minify: true,
    report: undefined,
    directory: '/there',
    alias: {},
  });
  expect(resolveOptions({ format: 'sea' }).out).toBe(join(process.cwd(), 'ferrite'));
});

it('a configuration file says what options leave open, and its paths are relative to it', () => {
  const config: DistributionConfig = {
    features: ['tls', 'acme-greeter'],
    base: 'lite',
    docs: true,
    out: 'dist/mine',
    format: 'sea',
    target: 'linux-arm64',
    minify: false,
    report: 'dist/weights.json',
  };
  const { from, folder } = fromFile(JSON.stringify({ $schema: 'https://example.org/schema.json', ...config }));
  expect(resolveOptions({ from })).toEqual({
    ...config,
    out: join(folder, 'dist/mine'),
    report: join(folder, 'dist/weights.json'),
    directory: folder,
    alias: {},
  });
  const { minify, features, out } = resolveOptions({ from, minify: true, features: [], out: 'other' });
  expect({ minify, features, out }).toEqual({ minify: true, features: [], out: join(process.cwd(), 'other') });
});

it.each<[object, string]>([
  [{ colour: 'green' }, 'there is no option "colour"; there are features, base, docs'],
  [{ features: 'tls' }, '"features" must be a list of names, and is "tls"'],
  [{ features: ['tls', ''] }, '"features[1]" must be a text that is not empty, and is ""'],
  [{ features: ['tls', 'tls'] }, '"features" has "tls" twice'],
  [{ base: 'all' }, '"base" must be one of "lite", "core", and is "all"'],
  [{ docs: 'yes' }, '"docs" must be true or false, and is "yes"'],
  [{ out: '' }, '"out" must be a text that is not empty, and is ""'],
  [{ format: 'exe' }, '"format" must be one of "mjs", "sea", and is "exe"'],
  [{ format: 'sea', target: 'win-x64' }, '"target" must be one of "linux-x64", "linux-arm64", "linux-armv7"'],
  [{ target: 'linux-x64' }, 'an ES module is the same on every machine'],
  [{ base: 'core', docs: true }, '"docs" is for the server, and "core" has none'],
  [{ base: 'core', format: 'sea' }, 'a single executable is the server, and "core" has none'],
  [{ out: 'a', report: './a' }, '"report" and "out" are the same file'],
  [{ alias: { a: 1 } }, `"alias["a"]" must be a text that is not empty, and is 1`],
  [{ from: '/nowhere/my.json' }, '/nowhere/my.json cannot be read: ENOENT'],
])('%j is refused with what is wrong', (options, message) => {
  expect(failure(options)).toContain(`FERRITE_BUILD_OPTION: `);
  expect(failure(options)).toContain(message);
});

it.each([
  ['{ "features": ["tls"', 'my.json cannot be read: '],
  ['["tls"]', 'my.json: a configuration is an object, such as { "features": ["tls"] }'],
  ['{ "feature": ["tls"] }', 'my.json: there is no key "feature"; there are features, base'],
  ['{ "from": "other.json" }', 'my.json: there is no key "from"'],
  ['{ "minify": "no" }', 'my.json: "minify" must be true or false, and is "no"'],
  ['{ "out": null }', 'my.json: "out" must be a text that is not empty, and is null'],
  ['{ "$schema": 1 }', 'my.json: "$schema" must be a text that is not empty, and is 1'],
])('the file %s is refused with its name and what is wrong', (text, message) => {
  expect(failure({ from: fromFile(text).from })).toContain(message);
});

it('the published schema has the keys, words and defaults that are enforced', () => {
  const { $schema, ...properties } = schema.properties as Record<
    string,
    { enum?: string[]; default?: unknown; type: string }
  >;
  expect($schema.type).toBe('string');
  const wrongOf: Record<string, unknown> = { array: 'x', string: 1, boolean: 'x' };
  for (const [key, { enum: words, default: initial, type }] of Object.entries(properties)) {
    // A value of another type than the schema's is refused, so the key exists and has that type.
    expect(failure({ from: fromFile(JSON.stringify({ [key]: wrongOf[type] })).from })).toContain(`"${key}" must be`);
    for (const word of words ?? []) {
      expect(failure({ format: 'sea', [key]: word, ...(word === 'core' ? { format: 'mjs' } : {}) })).toMatch(
        /^no error|an ES module/,
      );
    }
    if (words !== undefined)
      expect(failure({ [key]: 'another' })).toContain(words.map((word) => `"${word}"`).join(', '));
    if (initial !== undefined) expect(resolveOptions({})[key as keyof DistributionConfig]).toEqual(initial);
  }
  const known = /there are (.*)$/.exec(failure({ from: fromFile('{ "x": 1 }').from }))![1].split(', ');
  expect(Object.keys(properties)).toEqual(known);
});
