/**
 * The benchmark checks what it measures. Here every workload meets two broken engines, one that answers wrongly and one
 * that keeps nothing, and must refuse both; an honest one must pass. The figures themselves are not looked at.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const here = new URL('../', import.meta.url);
const load = async (path: string) => import(new URL(path, here).href);
const { workloads } = await load('workloads/index.mjs');
const { modes } = await load('lib/plan.mjs');
const sizes = { ...modes.smoke.sizes, keys: 3000, warmOps: 1000, ops: 2100, latencyOps: 1000, mixedMs: 60, passMs: 40 };
const honest = ['get-uniform', 'get-zipf', 'get-many', 'put-single', 'put-batch', 'mixed', 'memory'];

let scratchPath = '';
let runCount = 0;

beforeAll(() => {
  scratchPath = mkdtempSync(join(tmpdir(), 'ferrite-bench-'));
});

afterAll(() => {
  rmSync(scratchPath, { recursive: true, force: true });
});

describe.each(Object.keys(workloads))('the workload %s', (workload) => {
  test('refuses an engine that answers wrongly', async () => {
    expect(await run(workload, 'liar-confuses')).toMatch(/^WrongAnswer: /);
  });

  test('refuses an engine that keeps nothing', async () => {
    expect(await run(workload, 'liar-forgets')).toMatch(/^WrongAnswer: .*(got undefined|0 entries instead)/);
  });
});

test.each(honest)('the workload %s accepts an engine that answers rightly', async (workload) => {
  expect(await run(workload, 'map')).toBe('');
});

test('the histogram finds quantiles within 2 %', async () => {
  const { Histogram } = await load('lib/histogram.mjs');
  const histogram = new Histogram();
  for (let value = 1; value <= 100_000; value += 1) histogram.record(value * 37);
  for (const share of [0.5, 0.99, 0.9999]) {
    const exact = share * 100_000 * 37;
    expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThan(exact * 0.02);
  }
  expect(histogram.summary().maxUs).toBe(3700);
});

test('the zipf sampler draws the most popular key as often as theta says', async () => {
  const { zipfIds } = await load('lib/samplers.mjs');
  const counts = new Map<number, number>();
  for (const id of zipfIds(10_000, 200_000, 7)) counts.set(id, (counts.get(id) ?? 0) + 1);
  let zeta = 0;
  for (let rank = 1; rank <= 10_000; rank += 1) zeta += 1 / rank ** 0.99;
  const top = Math.max(...counts.values()) / 200_000;
  expect(Math.abs(top - 1 / zeta)).toBeLessThan(0.005);
});

/** Runs all phases; the error of the first that fails, or an empty text. */
async function run(workload: string, engine: string): Promise<string> {
  const { phases } = await workloads[workload]();
  runCount += 1;
  const path = join(scratchPath, String(runCount));
  for (let phase = 0; phase < phases.length; phase += 1) {
    const error = await runPhase({ workload, engine, phase, sizes, seed: 1, path });
    if (error !== '') return error;
  }
  return '';
}

function runPhase(job: object): Promise<string> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('child.mjs', here)), [JSON.stringify(job)], { execArgv: ['--expose-gc'] });
    let error = 'ended without a report';
    child.on('message', (message: { error?: string }) => {
      error = message.error ?? '';
    });
    child.on('close', () => resolve(error));
  });
}
