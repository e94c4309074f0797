/**
 * The one door to the workspace for somebody who has only Node and npm: `node tooling/setup.mjs <command> [arguments]`.
 *
 * `npm run demo`, `npm test` and the other scripts of the root manifest all come here. It checks Node's version,
 * installs what the command needs, builds it and runs it. Each step is one line with its time; what the tools print
 * goes to `.setup/<command>.log`, and the end of that file is shown when a step fails. An install is skipped while the
 * lockfile and the manifests are those of the last one. Nothing here may need an installed package.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The manifest names the package manager once, as `pnpm@<version>`. */
const packageManager = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
const logTailLines = 40;
const heartbeatMs = 60_000;

/** What may be asked for: the oldest Node that its tools accept, and the function that does it. */
const commands = {
  demo: { nodeMin: '20.11.0', run: runDemo },
  bench: { nodeMin: '20.11.0', run: runBench },
  build: { nodeMin: '20.11.0', run: runBuild },
  size: { nodeMin: '20.11.0', run: runSize },
  test: { nodeMin: '20.19.0', run: runTest },
  'test-long': { nodeMin: '20.19.0', run: runTestLong },
  'release-check': { nodeMin: '20.19.0', run: runReleaseCheck },
  lint: { nodeMin: '20.19.0', run: runLint },
};

const isTerminal = process.stdout.isTTY === true;
const hasColor = isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const paint = (code, text) => (hasColor ? `\u001b[${code}m${text}\u001b[0m` : text);
const say = (line) => process.stdout.write(`${line}\n`);

/** A step that ended badly; its report is already on the screen. */
class StepFailure extends Error {}

let logPath = '';
let running = null;
const score = { passed: 0, failed: 0 };

await main(process.argv[2], process.argv.slice(3));

async function main(name, args) {
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : null;
  if (command === null) {
    say(`Usage: node tooling/setup.mjs ${Object.keys(commands).join('|')} [arguments]`);
    process.exit(2);
  }
  checkNode(name, command.nodeMin);
  mkdirSync(join(root, '.setup'), { recursive: true });
  logPath = join(root, '.setup', `${name}.log`);
  writeFileSync(logPath, '');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
  say(`\n${paint('1', 'Ferrite')} ${paint('2', name)}\n`);
  try {
    process.exitCode = await command.run(args);
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof StepFailure)) say(String(error?.stack ?? error));
  }
  if (name.startsWith('test')) {
    if (process.exitCode !== 0 && score.failed === 0) score.failed = 1;
    say(`\n${score.passed} passed, ${score.failed} failed`);
  }
}

// --- the commands

async function runDemo(args) {
  await install('gateway');
  await build('@ferrite/gateway...');
  say('');
  return runInForeground([join(root, 'apps', 'gateway', 'dist', 'demo.js'), ...args]);
}

/** The native engines to compare with have a lockfile of their own; the benchmark installs them, and nobody else does. */
async function runBench(args) {
  await install('everything');
  await build('@ferrite/bench-embedded...');
  say('');
  return runInForeground([join(root, 'benchmarks', 'embedded', 'run.mjs'), ...args]);
}

async function runBuild() {
  await install('everything');
  await build();
  return 0;
}

async function runSize(args) {
  await install('everything');
  await build('@ferrite/size-report...');
  say('');
  return runInForeground([join(root, 'tooling', 'size-report', 'report.mjs'), ...args]);
}

async function runTest(args) {
  await install('everything');
  await build();
  const checksOk = await runChecks([]);
  const testsOk = await runVitest('Tests', 'vitest.config.ts', args);
  return checksOk && testsOk ? 0 : 1;
}

async function runTestLong(args) {
  await install('everything');
  await build();
  return (await runVitest('Long tests', 'vitest.long.config.ts', args)) ? 0 : 1;
}

/** What is too heavy for `npm test` and must hold before a release. With names as arguments only those are checked. */
async function runReleaseCheck(args) {
  const checks = {
    changesets: ['Versions and changelogs', ['tooling/release/src/check-changesets.mjs']],
    pack: ['Packages in projects of users', ['tooling/pack-check.mjs', '--floor', '--runtimes']],
    arch: ['Other processors', ['tooling/arch-test/src/arch-test.mjs', '--write']],
    size: ['Sizes', ['tooling/size-report/report.mjs']],
  };
  const unknown = args.find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) {
    say(`There is no check ${unknown}: ${Object.keys(checks).join(', ')}`);
    return 2;
  }
  await install('everything');
  await build();
  let failed = 0;
  for (const name of args.length === 0 ? Object.keys(checks) : args) {
    const [title, [program, ...rest]] = checks[name];
    const { code, logStart } = await step(title, process.execPath, [join(root, program), ...rest], { quiet: true });
    if (code !== 0) failed += 1;
    // What was skipped or left out stands there, too: nothing of it may go unseen.
    showLogTail(logStart);
  }
  return failed === 0 ? 0 : 1;
}

async function runLint(args) {
  await install('everything');
  const checksOk = await runChecks(args.includes('--fix') ? ['--write'] : []);
  const tidyOk = await runVitest('House style', 'vitest.config.ts', ['tooling/tidy']);
  return checksOk && tidyOk ? 0 : 1;
}

/** Runs every check even when one fails, so that one run shows all there is to mend. */
async function runChecks(biomeOptions) {
  const checks = [
    ['Types', [bin('typescript', 'tsc'), '-p', root]],
    ['Format and lint', [bin('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', ...biomeOptions]],
    ['Unused files and packages', [bin('knip', 'knip'), '--no-progress']],
  ];
  let allOk = true;
  for (const [title, args] of checks) {
    const ok = await step(title, process.execPath, args).then(
      () => true,
      (error) => rethrowUnless(error instanceof StepFailure, error),
    );
    if (ok) score.passed += 1;
    else score.failed += 1;
    allOk = allOk && ok;
  }
  return allOk;
}

/** A run without a single test counts as failed: a pattern that matches nothing must not look like success. */
async function runVitest(title, config, args) {
  const resultPath = join(root, '.setup', 'vitest.json');
  rmSync(resultPath, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultPath}`];
  const command = [bin('vitest', 'vitest'), 'run', '--config', config, ...reporters, ...args];
  const ended = await step(title, process.execPath, command, { env: { NO_COLOR: '1' }, quiet: true });
  const result = existsSync(resultPath) ? JSON.parse(readFileSync(resultPath, 'utf8')) : { testResults: [] };
  const { passed, failures } = countTests(result);
  score.passed += passed;
  score.failed += failures.length;
  for (const failure of failures.slice(0, 30)) say(`    ${paint('31', 'failed')} ${failure}`);
  const ok = ended.code === 0 && failures.length === 0 && passed > 0;
  if (!ok) {
    if (failures.length === 0) score.failed += 1;
    if (passed === 0 && failures.length === 0) say('    No test ran.');
    showLogTail(ended.logStart);
  }
  return ok;
}

function countTests(result) {
  let passed = 0;
  const failures = [];
  for (const file of result.testResults) {
    const name = file.name.replace(`${root}/`, '');
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    passed += file.assertionResults.filter((test) => test.status === 'passed').length;
    for (const test of failed) failures.push(`${name}: ${test.fullName}`);
    if (file.status === 'failed' && failed.length === 0) failures.push(`${name}: the file could not be run`);
  }
  return { passed, failures };
}

// --- install and build

/**
 * `scope` is `gateway` (what the demo needs: the runtime, its builders, no test tools) or `everything`. The stamp of
 * an install of everything serves the demo too.
 */
async function install(wanted) {
  // A developer's install of everything must not be pruned to what the demo needs.
  const scope = existsSync(join(root, 'node_modules', 'vitest')) ? 'everything' : wanted;
  const stampPath = join(root, 'node_modules', '.ferrite-setup.json');
  const hash = hashOfManifests();
  const stamp = existsSync(stampPath) ? JSON.parse(readFileSync(stampPath, 'utf8')) : {};
  if (stamp.hash === hash && (stamp.scope === scope || stamp.scope === 'everything')) return;
  rmSync(stampPath, { force: true });
  const filter =
    scope === 'gateway' ? ['--prod', '--filter', '@ferrite/gateway...', '--filter', '@ferrite/workspace'] : [];
  await pnpm('Install packages', ['install', '--frozen-lockfile', '--config.confirm-modules-purge=false', ...filter]);
  mkdirSync(dirname(stampPath), { recursive: true });
  writeFileSync(stampPath, `${JSON.stringify({ hash, scope })}\n`);
}

function hashOfManifests() {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'];
  for (const folder of ['packages', 'apps', 'benchmarks', 'tooling']) {
    for (const name of readdirSync(join(root, folder)).sort()) files.push(join(folder, name, 'package.json'));
  }
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${packageManager}`);
  for (const file of files) {
    if (existsSync(join(root, file))) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

async function build(filter) {
  const scope = filter === undefined ? [] : [`--filter=${filter}`];
  await pnpm('Build', ['exec', 'turbo', 'run', 'build', '--ui=stream', '--no-color', ...scope]);
}

function pnpm(title, pnpmArgs) {
  const { file, args } = npmCommand('npx', ['-y', packageManager, ...pnpmArgs]);
  return step(title, file, args);
}

/** npm's own programs, run by this very Node where npm tells us its place: no shell is needed then, on Windows either. */
function npmCommand(name, args) {
  const npmCli = process.env.npm_execpath ?? '';
  const cli = join(dirname(npmCli), `${name}-cli.js`);
  if (npmCli.endsWith('npm-cli.js') && existsSync(cli)) return { file: process.execPath, args: [cli, ...args] };
  return { file: process.platform === 'win32' ? `${name}.cmd` : name, args };
}

function bin(packageName, name) {
  const directory = join(root, 'node_modules', packageName);
  const { bin: entry } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return join(directory, typeof entry === 'string' ? entry : entry[name]);
}

// --- steps and their display

/**
 * Runs one program with its output in the log. It throws `StepFailure` when the program fails; with `quiet` it returns
 * the exit code instead and leaves the report to the caller.
 */
async function step(title, file, args, options = {}) {
  const startedMs = Date.now();
  const logStart = existsSync(logPath) ? readFileSync(logPath).length : 0;
  appendFileSync(logPath, `\n=== ${title}\n$ ${[file, ...args].join(' ')}\n`);
  const stopDisplay = showProgress(title, startedMs);
  const code = await runLogged(file, args, options);
  stopDisplay();
  say(`  ${code === 0 ? paint('32', '✓') : paint('31', '✗')} ${titleWithTime(title, startedMs)}`);
  if (code !== 0 && options.quiet !== true) {
    showLogTail(logStart);
    throw new StepFailure(title);
  }
  return { code, logStart };
}

function runLogged(file, args, options) {
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    ...options.env,
  };
  return new Promise((resolve) => {
    const shell = file.endsWith('.cmd');
    const child = spawn(file, args, { cwd: options.cwd ?? root, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    running = child;
    child.stdout.on('data', (chunk) => appendFileSync(logPath, chunk));
    child.stderr.on('data', (chunk) => appendFileSync(logPath, chunk));
    child.on('error', (error) => {
      appendFileSync(logPath, `${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** The program that the user came for: it owns the terminal, and Ctrl-C is its own affair. */
function runInForeground(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    running = { kill: (signal) => (isTerminal && signal === 'SIGINT' ? true : child.kill(signal)), isForeground: true };
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

function stop(signal) {
  if (running !== null) running.kill(signal);
  if (running === null || running.isForeground !== true) process.exit(130);
}

/** On a terminal one line that counts the seconds; elsewhere a line a minute, so that nobody takes a long step for dead. */
function showProgress(title, startedMs) {
  if (!isTerminal) {
    const timer = setInterval(() => say(`  … ${titleWithTime(title, startedMs)}`), heartbeatMs);
    return () => clearInterval(timer);
  }
  const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
  let turn = 0;
  const draw = () => {
    turn += 1;
    process.stdout.write(
      `\r\u001b[2K  ${paint('36', frames[turn % frames.length])} ${titleWithTime(title, startedMs)}`,
    );
  };
  draw();
  const timer = setInterval(draw, 100);
  return () => {
    clearInterval(timer);
    process.stdout.write('\r\u001b[2K');
  };
}

function titleWithTime(title, startedMs) {
  const seconds = (Date.now() - startedMs) / 1000;
  const time =
    seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${title.padEnd(32)} ${paint('2', time.padStart(9))}`;
}

function showLogTail(logStart) {
  const lines = readFileSync(logPath).subarray(logStart).toString('utf8').trimEnd().split('\n');
  say('');
  for (const line of lines.slice(-logTailLines)) say(`    ${line}`);
  say(`\n    The whole output is in ${logPath}\n`);
}

// --- small helpers

function checkNode(name, minimum) {
  const parse = (version) => version.replace(/^v/, '').split('.').map(Number);
  const [major, minor] = parse(process.version);
  const [needMajor, needMinor] = parse(minimum);
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  const reason = minimum === '20.11.0' ? 'Ferrite needs' : `The tools behind "${name}" need`;
  say(`${reason} Node.js ${needMajor}.${needMinor} or newer, and this is ${process.version}.`);
  say('Install a current release from https://nodejs.org and try again.');
  if (name.startsWith('test')) say('\n0 passed, 1 failed');
  process.exit(1);
}

function rethrowUnless(expected, error) {
  if (!expected) throw error;
  return false;
}
