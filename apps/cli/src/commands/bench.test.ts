import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@ferrite/core';
import { type Served, serve } from '@ferrite/core/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ferrite } from '../../test/run-cli.ts';

let scratch: string;
let served: Served;
const db = open();
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ferrite-bench-'));
  served = await serve(db, { port: 0 });
});
afterAll(async () => {
  await served.close();
  db.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe('ferrite bench', () => {
  it('measures a server, which runs as many commands as it was asked for', async () => {
    const to = ['bench', '-p', String(served.port), '-c', '4', '-n', '1000', '-P', '10', '-d', '20', '-r', '50'];
    const { code, stdout } = await ferrite([...to, '-t', 'set,get,incr', '--json']);
    expect(code).toBe(0);
    const told = JSON.parse(stdout);
    expect(told.results.map(({ test, requests }: { test: string; requests: number }) => [test, requests])).toEqual([
      ['set', 1000],
      ['get', 1000],
      ['incr', 1000],
    ]);
    for (const result of told.results) {
      expect(result.perSecond).toBeGreaterThan(0);
      expect(result.p50Us).toBeLessThanOrEqual(result.p99Us);
      expect(result.p999Us).toBeLessThanOrEqual(result.maxUs);
      expect(result.cpuUs).toBeGreaterThanOrEqual(0);
    }
    const counters = [...db.scanPrefix('counter:key:')];
    // One more for the try before the measurement.
    expect(counters.reduce((sum, [, value]) => sum + Number(value), 0)).toBe(1001);
    expect(counters.length).toBeGreaterThan(30);
    expect(db.get('key:000000000007')).toBe('x'.repeat(20));
  });

  it('shows a table for people', async () => {
    const { stdout } = await ferrite(['bench', '-p', String(served.port), '-n', '10', '-t', 'ping']);
    expect(stdout).toMatch(
      /^test +ops\/s +p50 us +p99 us +p99\.9 us +max us +CPU us\/op +client CPU\nping +[\d,]+ +[\d.]+/,
    );
  });

  it('measures the database within this process, in memory or in a directory of its own', async () => {
    const path = join(scratch, 'store');
    const memory = await ferrite(['bench', '--embedded', '-n', '2000', '-t', 'set,get', '--json']);
    expect(JSON.parse(memory.stdout)).toMatchObject({
      where: 'in memory',
      results: [{ test: 'set' }, { test: 'get' }],
    });
    expect((await ferrite(['bench', '--path', path, '-n', '100', '-r', '10', '-t', 'set'])).code).toBe(0);
    expect(existsSync(path)).toBe(true);
    expect((await ferrite(['bench', '--path', path])).stderr).toMatch('is there already');
    expect(await ferrite(['bench', '--embedded', '-t', 'lpush'])).toMatchObject({ code: 2 });
  });

  it('says what a server answers to a test that it cannot do, and refuses tests that there are not', async () => {
    db.set('list', 'no list');
    const refused = await ferrite(['bench', '-p', String(served.port), '-n', '10', '-t', 'lpush']);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ferrite bench: (WRONGTYPE|ERR unknown command)/),
    });
    expect((await ferrite(['bench', '-t', 'gett'])).stderr).toMatch('there is no test gett; did you mean get?');
    expect((await ferrite(['bench', '-c', '0'])).code).toBe(2);
  });
});
