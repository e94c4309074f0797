/**
 * The program that runs on the emulated processor: `node suite-main.js FILE...`, each a bundled test file.
 *
 * It prints a JSON line for each file as it ends: tests passed and skipped, and failures with their messages. A file that
 * is not told of did not come to its end. Bundled with the tests by `bundle.mjs`, so that there is one copy of the runner.
 *
 * `FERRITE_ARCH_NODE` is a program that starts this Node emulated: tests that start processes of their own take it from
 * `process.execPath`, as ever. `FERRITE_ARCH_TIMEOUT_FACTOR` says how much longer than usual a test may take.
 */
import { pathToFileURL } from 'node:url';
import { startTests } from '@vitest/runner';

const factor = Number(process.env.FERRITE_ARCH_TIMEOUT_FACTOR ?? 1);
const timeoutMs = 30_000 * factor;
const emulated = process.env.FERRITE_ARCH_NODE;
if (emulated !== undefined) process.execPath = emulated;

const config = {
  root: process.cwd(),
  setupFiles: [],
  name: undefined,
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { shuffle: false, concurrent: false, seed: 1, hooks: 'stack', setupFiles: 'list' },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: timeoutMs,
  hookTimeout: timeoutMs,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};
const runner = { config, importFile: (path) => import(pathToFileURL(path).href), pool: 'forks' };

for (const path of process.argv.slice(2)) {
  const startedMs = Date.now();
  const [file] = await startTests([path], runner);
  const told = { file: path, passed: 0, skipped: 0, failures: [], durationMs: Date.now() - startedMs };
  collect(file, '', told);
  process.stdout.write(`\n${JSON.stringify(told)}\n`);
}
process.exit(0);

function collect(task, name, told) {
  const { state, errors } = task.result ?? { state: task.mode };
  if (state === 'fail' && (task.type === 'test' || errors?.length > 0)) {
    told.failures.push({ name, message: errors?.map(({ message }) => message).join('\n') ?? '' });
  } else if (task.type === 'test') told[state === 'pass' ? 'passed' : 'skipped'] += 1;
  for (const child of task.tasks ?? []) collect(child, name === '' ? child.name : `${name} > ${child.name}`, told);
}
