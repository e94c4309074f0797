/**
 * Runs the quick tests of the core and of lite, and the packed packages, on other processors:
 * `node tooling/arch-test/src/arch-test.mjs [--targets arm64,armv7] [--only TEXT] [--all] [--jobs N] [--no-packages] [--write]`.
 *
 * The tests are the suite's own, with vitest's own runner and matchers (`bundle.mjs`), and not a selection made to pass:
 * what is left out is named in `leftOut`, with the reason, and in the results. After them the packages, packed and
 * installed as users have them, run on the emulated Node: a store on disk, a served database, the server with its kill.
 * A target that cannot be emulated here is skipped, with a line that says why. `--only` takes test files whose path holds
 * the text; `--all` takes the long ones, too; `--write` puts the results into `benchmarks/results/arch.json`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { installWithNpm } from '@ferrite/release/projects';
import { publishedPackages } from '@ferrite/release/published';
import { readJson, root, run } from '@ferrite/release/shell';
import { build, pack } from '@ferrite/release/tarballs';
import { bundleTests } from './bundle.mjs';
import { leftOut } from './left-out.mjs';
import { CannotEmulate, prepare, targets } from './targets.mjs';

const resultsPath = join(root, 'benchmarks', 'results', 'arch.json');
/** So many files share a process: its start takes seconds, and a crash takes the rest of them with it. */
const filesPerProcess = 6;
const processTimeoutMs = 3_600_000;
/** An emulated processor is ten to thirty times slower. */
const timeoutFactor = 40;
const facts = `const os = require('node:os'); const { constants } = require('node:buffer'); console.log(JSON.stringify({
  node: process.versions.node, arch: process.arch, endianness: os.endianness(), bufferMaxBytes: constants.MAX_LENGTH }))`;

const { values: options } = parseArgs({
  options: {
    targets: { type: 'string', default: Object.keys(targets).join(',') },
    only: { type: 'string', default: '' },
    all: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
    packages: { type: 'boolean', default: true },
    write: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const workFolder = mkdtempSync(join(tmpdir(), 'ferrite-arch-'));
try {
  await main();
} finally {
  rmSync(workFolder, { recursive: true, force: true });
}

async function main() {
  const names = options.targets.split(',');
  const unknown = names.find((name) => !Object.hasOwn(targets, name));
  if (unknown !== undefined) throw new Error(`There is no target ${unknown}: ${Object.keys(targets).join(', ')}`);
  const suite = await bundleTests(join(root, '.setup', 'arch', 'suite'));
  const chosen = [...suite.tests].filter(([, path]) => path.includes(options.only));
  const isIn = ([, path]) => options.all || leftOut[path] === undefined;
  const project = options.packages ? installPackages() : null;
  const results = [];
  for (const name of names) {
    const result = await tryTarget(name, suite.program, chosen.filter(isIn), project);
    if (result !== null) results.push(result);
  }
  const named = chosen.filter((one) => !isIn(one)).map(([, path]) => ({ file: path, reason: leftOut[path] }));
  if (options.write) write(results, named);
  if (results.some(({ failures, packages }) => failures.length > 0 || packages.failure !== undefined))
    process.exitCode = 1;
}

/** The project of a user: this Node packs and installs, the emulated one only runs what is in it. */
function installPackages() {
  const packages = publishedPackages();
  build(packages);
  const project = join(workFolder, 'project');
  installWithNpm(project, packages, new Map(packages.map((one) => [one.name, pack(one, workFolder)])));
  return project;
}

/** Null when the target was skipped. */
async function tryTarget(name, program, tests, project) {
  let emulated;
  try {
    emulated = prepare(name);
  } catch (error) {
    if (!(error instanceof CannotEmulate)) throw error;
    console.log(`${name}: skipped: ${error.message}`);
    return null;
  }
  const startedMs = Date.now();
  const known = JSON.parse(run(`facts of ${name}`, [emulated.node, '-e', facts]));
  console.log(`${name}: Node ${known.node}, ${emulated.emulator}, ${tests.length} test files`);
  const told = await runTests(emulated.node, program, new Map(tests));
  const packages = project === null ? { run: [] } : usePackages(project, emulated.node);
  const count = (key) => told.reduce((sum, one) => sum + one[key], 0);
  const failures = told.flatMap(({ file, failures: ofFile }) => ofFile.map((failure) => ({ file, ...failure })));
  const result = {
    target: name,
    ...known,
    emulator: emulated.emulator,
    files: told.length,
    passed: count('passed'),
    skipped: count('skipped'),
    failures,
    packages,
    durationMs: Date.now() - startedMs,
  };
  for (const { file, name: test, message } of failures) console.log(`  failed ${file}: ${test}\n    ${message}`);
  if (packages.failure !== undefined) console.log(`  failed ${packages.failure}`);
  console.log(`${name}: ${result.passed} passed, ${failures.length} failed, ${result.skipped} skipped`);
  return result;
}

/** What each file came to; one of a process that ended early counts as failed. */
async function runTests(node, program, tests) {
  const waiting = [...tests.keys()];
  const told = [];
  const work = async () => {
    while (waiting.length > 0) {
      const files = waiting.splice(0, filesPerProcess);
      const reports = await runProcess(node, program, files);
      for (const file of files) {
        const report = reports.get(file) ?? lost(reports.get('end'));
        told.push({ ...report, file: tests.get(file) });
      }
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, work));
  return told.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function lost(how) {
  return { passed: 0, skipped: 0, failures: [{ name: '(the whole file)', message: `the process ended with ${how}` }] };
}

function runProcess(node, program, files) {
  return new Promise((resolve) => {
    const child = spawn(node, [program, ...files], {
      cwd: root,
      env: {
        ...process.env,
        FERRITE_ARCH_NODE: node,
        FERRITE_ARCH_TIMEOUT_FACTOR: String(timeoutFactor),
        ESBUILD_BINARY_PATH: ownEsbuild(),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: processTimeoutMs,
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors = `${errors}${text}`.slice(-1000);
    });
    child.on('close', (code, signal) => {
      const reports = output.split('\n').filter((line) => line.startsWith('{"file":'));
      const byFile = new Map(reports.map((line) => JSON.parse(line)).map((report) => [report.file, report]));
      resolve(byFile.set('end', `${signal ?? code}: ${errors.trim()}`));
    });
  });
}

/** A test that bundles something does so with this machine's esbuild, whose process needs no emulation. */
function ownEsbuild() {
  const require = createRequire(createRequire(import.meta.url).resolve('esbuild'));
  return require.resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
}

function usePackages(project, node) {
  const env = { FERRITE_CHECK_TIMEOUT_MS: '900000', FERRITE_CHECK_SCALE: '0.1' };
  const programs = [
    [node, 'entries.js'],
    [node, 'smoke.js'],
    [node, 'serve.js'],
    [process.execPath, 'server-check.js', node],
  ];
  for (const name of ['store', 'served', 'socket']) rmSync(join(project, name), { recursive: true, force: true });
  const done = [];
  for (const command of programs) {
    const name = basename(command.find((word) => word.endsWith('.js')));
    try {
      const output = run(name, command, project, env).trim();
      if (output !== 'ok') throw new Error(`${name} printed ${output}`);
      done.push(name);
    } catch (error) {
      return { run: done, failure: error.message };
    }
  }
  return { run: done };
}

/** Targets that were not run now keep what was written of them. */
function write(results, notRun) {
  const before = existsSync(resultsPath) ? readJson(resultsPath).targets : [];
  const kept = before.filter(({ target }) => !results.some((result) => result.target === target));
  const all = [...kept, ...results].sort((a, b) => (a.target < b.target ? -1 : 1));
  const command = 'npm run release:check -- arch';
  writeFileSync(resultsPath, `${JSON.stringify({ command, leftOut: notRun, targets: all }, null, 2)}\n`);
  console.log(`Written to ${relative(root, resultsPath)}`);
}
