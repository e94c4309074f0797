import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { acmePackages, makeProject } from '../../test/project.ts';
import { workspaceSources as alias } from '@ferrite/testing/workspace-sources';
import { buildDistribution } from './build-distribution.ts';
import type { DistributionOptions } from './options.ts';
import { type DistributionReport, formatDistributionReport } from './report.ts';

const build = (options: DistributionOptions) => buildDistribution({ alias, ...options });

/** One distribution for the tests that only look at it, or run it. */
const shared = { project: '', out: '', report: undefined as DistributionReport | undefined };
beforeAll(async () => {
  shared.project = makeProject(acmePackages);
  shared.out = join(shared.project, 'out', 'my-ferrite.mjs');
  shared.report = await build({
    features: ['acme-greeter', 'acme-other'],
    docs: true,
    directory: shared.project,
    out: shared.out,
    report: join(shared.project, 'reports', 'weights.json'),
  });
}, 60_000);

/** An empty directory with nothing but the file. */
function moved(file: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ferrite-build-moved-'));
  copyFileSync(file, join(folder, 'my-ferrite.mjs'));
  return folder;
}

function ask(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.end(text));
    let reply = '';
    socket.on('data', (chunk) => (reply += chunk)).on('error', reject);
    socket.on('close', () => resolve(reply));
  });
}

/** Starts the server in the folder and waits until it is ready. */
async function start(folder: string): Promise<{ end: () => Promise<unknown> }> {
  const args = ['my-ferrite.mjs', '--port', '0', '--unixsocket', 'socket', '--dir', 'data'];
  const server = spawn(process.execPath, args, { cwd: folder });
  const exited = new Promise((resolve) => server.once('exit', resolve));
  let log = '';
  for await (const chunk of server.stdout) {
    log += chunk;
    if (log.includes('Ready to accept')) break;
  }
  const end = (): Promise<unknown> => {
    server.kill('SIGTERM');
    return exited;
  };
  return { end };
}

it('runs as a server in an empty directory: it starts, answers and shuts down', async () => {
  const folder = moved(shared.out);
  const server = await start(folder);
  const reply = await ask(join(folder, 'socket'), 'SET city Seattle\r\nGET city\r\nINFO greeter\r\n');
  expect(reply).toContain('+OK\r\n$7\r\nSeattle\r\n');
  // What a feature of the distribution adds.
  expect(reply).toContain('greeting:Good day,');
  expect(await server.end()).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['data', 'my-ferrite.mjs']);
});

it('a server that holds its features can load no other', () => {
  const { status, stderr } = spawnSync(process.execPath, [shared.out, '--port', '0', '--features', 'tls'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe("unknown feature 'tls': this program holds greeter, other, and can load no other\n");
  expect(status).toBe(1);
});

it('runs as a library, with the features it holds', async () => {
  const program = `
    import { Database, features, open, serve } from './my-ferrite.mjs';
    const db = open({ path: 'store', features });
    db.set('a', '1');
    const served = await serve(db, { port: 0 });
    await served.close();
    db.close();
    console.log(Database.open('store').get('a'), features.map(({ name }) => name).join(), db.features.greeter.greet('you'));
    process.exit();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: moved(shared.out),
    encoding: 'utf8',
  });
  expect(output).toBe('1 greeter,other Good day, <you>\n');
});

it('core alone has no server in it, and is a library only', async () => {
  const project = makeProject({});
  const out = join(project, 'core.mjs');
  const report = await build({ base: 'core', directory: project, out });
  expect(readFileSync(out, 'utf8')).not.toContain('node:net');
  expect(report.features).toMatchObject([{ name: 'core', packageName: '@ferrite/core', inheritedBytes: 0 }]);
  expect(execFileSync(process.execPath, [out], { cwd: project, encoding: 'utf8' })).toBe('');
});

it.each([true, false])('the same packages give the same bytes in another directory (minify: %s)', async (minify) => {
  const files = [makeProject(acmePackages), makeProject(acmePackages, ['somewhere', 'else', 'deeper'])].map(
    (directory) => ({
      directory,
      out: join(directory, 'out.mjs'),
    }),
  );
  for (const { directory, out } of files) {
    await build({ features: ['acme-greeter', 'acme-other'], directory, out, minify });
  }
  const [first, second] = files.map(({ out }) => readFileSync(out));
  expect(first.equals(second)).toBe(true);
  // Without minifying, the names of modules stay.
  expect(first.includes('ferrite:acme-words@1.0.0/index.js')).toBe(!minify);
  for (const { directory } of files) expect(first.includes(directory)).toBe(false);
});

it('weighs each feature by what lies in it and what it brings, and the rows add up', async () => {
  const report = shared.report!;
  const [lite, docs, greeter, other] = report.features;
  expect(lite).toMatchObject({ name: 'lite', packageName: '@ferrite/core' });
  expect(lite.ownBytes).toBeGreaterThan(100_000);
  expect(docs.ownBytes).toBeGreaterThan(10_000);
  expect(greeter).toMatchObject({ name: 'acme-greeter', packageName: 'acme-greeter', version: '1.2.3' });
  for (const bytes of [greeter.ownBytes, greeter.inheritedBytes, other.ownBytes, report.sharedBytes]) {
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(1000);
  }
  expect(other.inheritedBytes).toBe(0);
  const rows = report.features.reduce((sum, { ownBytes, inheritedBytes }) => sum + ownBytes + inheritedBytes, 0);
  expect(rows + report.sharedBytes + report.frameBytes).toBe(report.fileBytes);
  expect(readFileSync(report.out).length).toBe(report.fileBytes);
  expect(JSON.parse(readFileSync(join(shared.project, 'reports', 'weights.json'), 'utf8'))).toEqual(report);
  expect(formatDistributionReport(report)).toMatch(/^acme-greeter {2}acme-greeter 1\.2\.3 +0\.\d KB +0\.\d KB$/m);
});

it.each<[string, string]>([
  [
    'colour',
    'there is no feature "colour": it is none of Ferrite\'s (tls, otel), and no package of that name is installed in',
  ],
  ['../evil', 'there is no feature "../evil"'],
])('the unknown feature %s is refused, and the known ones are named', async (name, message) => {
  const project = makeProject({});
  await expect(build({ features: [name], directory: project, out: join(project, 'x.mjs') })).rejects.toThrow(message);
  expect(readdirSync(project)).toEqual([]);
});

it('a feature of Ferrite that is not installed is refused with the way to install it', async () => {
  const project = makeProject({});
  const building = buildDistribution({ alias: {}, features: ['tls'], directory: project, out: join(project, 'x.mjs') });
  await expect(building).rejects.toThrow(
    `the feature "tls" is the package @ferrite/tls, which is not installed in ${project}: npm install @ferrite/tls`,
  );
});

it.each([
  [`export { feature } from 'not-there';`, 'Could not resolve "not-there"'],
  [`import './native.node'; export const feature = () => ({});`, 'native.node'],
  [`export const other = 1;`, 'No matching export'],
  [`export const feature = (`, 'acme-broken'],
])('a feature that cannot be put into one file is refused: %s', async (source, message) => {
  const project = makeProject({
    'node_modules/acme-broken/package.json':
      '{"name":"acme-broken","version":"1.0.0","type":"module","exports":"./index.js"}',
    'node_modules/acme-broken/index.js': source,
    'node_modules/acme-broken/native.node': '\u007fELF',
  });
  const building = build({ features: ['acme-broken'], directory: project, out: join(project, 'x.mjs') });
  await expect(building).rejects.toMatchObject({
    code: 'FERRITE_BUILD_BUNDLE',
    message: expect.stringContaining(message),
  });
});
