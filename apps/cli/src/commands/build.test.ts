import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ferrite } from '../../test/run-cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ferrite-cli-build-'));

it('an unknown feature ends the build, and the known ones are named', async () => {
  const { code, stderr } = await ferrite(['build', '--features', 'colour', '--out', join(scratch, 'x.mjs')]);
  expect(code).toBe(1);
  expect(stderr).toContain(`there is no feature "colour": it is none of Ferrite's (tls, otel`);
});

it('options and the configuration file reach the builder', async () => {
  const from = join(scratch, 'my.json');
  writeFileSync(from, '{ "features": ["colour"], "base": "core", "minify": "no" }');
  expect((await ferrite(['build', '--from', from])).stderr).toContain('my.json: "minify" must be true or false');
  expect((await ferrite(['build', '--target', 'linux-x64'])).stderr).toContain('"target" is for single executables');
  expect((await ferrite(['build', '--base', 'core', '--docs'])).stderr).toContain('"docs" is for the server');
  expect((await ferrite(['build', '--out', 'a', '--report', 'a'])).stderr).toContain('are the same file');
  expect((await ferrite(['build', '--format', 'exe'])).code).toBe(2);
});

it('size --compare stands alone', async () => {
  expect(await ferrite(['size', '--compare', 'lite', '--start'])).toMatchObject({ code: 2 });
  expect((await ferrite(['size', '--compare', ','])).stderr).toContain('--compare needs names');
  expect((await ferrite(['size', '--compare', 'light'])).stderr).toContain('must be one of "lite", "core"');
});

it('every option that the help names is read', async () => {
  const source = readFileSync(new URL('./build.ts', import.meta.url), 'utf8');
  const { stdout } = await ferrite(['build', '--help']);
  const names = [...stdout.matchAll(/^ +--([a-z-]+)/gm)]
    .map(([, name]) => name)
    .filter((name) => !/^(json|help)$/.test(name));
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(source).toContain(`'${name}'`);
});
