/** `ferrite bench`: how fast a server is, or the database within this process. */
import { existsSync } from 'node:fs';
import { open } from '@ferrite/core';
import type { CliCall } from '@ferrite/core/module';
import { measureEmbedded } from '../bench/bench-embedded.ts';
import { measureServer } from '../bench/bench-server.ts';
import { type BenchOptions, type Measured, table } from '../bench/measure.ts';
import { type BenchTest, benchTests } from '../bench/tests.ts';
import { connectTo, targetName, targetOf } from '../client/server-target.ts';
import { OK } from '../exit-codes.ts';
import { didYouMean } from '../suggest.ts';

type Measure = (test: BenchTest, onProgress: (done: number) => void) => Promise<Measured>;

export async function run(call: CliCall): Promise<number> {
  const options: BenchOptions = {
    clients: positive(call, 'clients'),
    requests: positive(call, 'requests'),
    pipeline: positive(call, 'pipeline'),
    sizeBytes: call.number('size') ?? 0,
    keyspace: call.number('keyspace') ?? 0,
  };
  const tests = testsOf(call);
  const path = call.text('path');
  return call.flag('embedded') || path !== undefined
    ? runEmbedded(call, tests, options, path)
    : runServer(call, tests, options);
}

async function runServer(call: CliCall, tests: readonly BenchTest[], options: BenchOptions): Promise<number> {
  const target = targetOf(call);
  const control = await connectTo(target);
  try {
    const measure: Measure = (test, onProgress) => measureServer(target, control, test, options, onProgress);
    return await runAll(call, targetName(target), tests, options, measure);
  } finally {
    control.close();
  }
}

async function runEmbedded(
  call: CliCall,
  tests: readonly BenchTest[],
  options: BenchOptions,
  path: string | undefined,
): Promise<number> {
  // A measurement writes: never into somebody's store.
  if (path !== undefined && existsSync(path)) throw new Error(`${path} is there already: name a directory that is not`);
  const missing = tests.find((test) => test.call === undefined);
  if (missing !== undefined)
    throw call.usageError(`${missing.name} is for servers: the embedded door has no such call`);
  const db = path === undefined ? open({ codec: 'buffer' }) : open({ path, codec: 'buffer' });
  try {
    const measure: Measure = (test, onProgress) => measureEmbedded(db, test, options, onProgress);
    return await runAll(call, path ?? 'in memory', tests, options, measure);
  } finally {
    db.close();
  }
}

async function runAll(
  call: CliCall,
  where: string,
  tests: readonly BenchTest[],
  options: BenchOptions,
  measure: Measure,
): Promise<number> {
  const results: Measured[] = [];
  for (const test of tests) {
    const progress = call.progress(test.name);
    results.push(await measure(test, (done) => progress.update(done, options.requests)).finally(() => progress.end()));
  }
  call.result(table(results), { where, ...options, node: process.version, results });
  return OK;
}

function testsOf(call: CliCall): BenchTest[] {
  const names = (call.text('tests') ?? '').split(',').filter((name) => name !== '');
  return names.map((name) => {
    const test = benchTests.find((each) => each.name === name.toLowerCase());
    const known = benchTests.map((each) => each.name);
    if (test === undefined)
      throw call.usageError(`there is no test ${name}${didYouMean(name, known)} There are ${known.join(', ')}`);
    return test;
  });
}

function positive(call: CliCall, name: string): number {
  const value = call.number(name) ?? 0;
  if (value < 1) throw call.usageError(`--${name} must be 1 or more`);
  return value;
}
