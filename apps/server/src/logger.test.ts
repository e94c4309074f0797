import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isLogged, makeLog } from './logger.ts';

const at = new Date(2026, 10, 7, 9, 5, 3, 42);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferrite-log-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

it('a line has the form of redis, or is an object of JSON', () => {
  const file = join(folder, 'log');
  makeLog({ format: 'redis', isLogged: () => true, file }, () => at)('warning', 'it is late');
  makeLog({ format: 'json', isLogged: () => true, file }, () => at)('notice', 'it is "late"');
  const [redis, json] = readFileSync(file, 'utf8').split('\n');
  expect(redis).toBe(`${process.pid}:M 07 Nov 2026 09:05:03.042 # it is late`);
  expect(JSON.parse(json)).toEqual({
    time: at.toISOString(),
    level: 'notice',
    pid: process.pid,
    message: 'it is "late"',
  });
});

it('lines below the level are left out', () => {
  const file = join(folder, 'log');
  let lowest = 'notice';
  const log = makeLog({ format: 'redis', isLogged: (level) => isLogged(level, lowest), file });
  for (const level of ['debug', 'verbose', 'notice', 'warning'] as const) log(level, level);
  lowest = 'nothing';
  log('warning', 'never');
  expect(readFileSync(file, 'utf8').match(/\w+$/gm)).toEqual(['notice', 'warning']);
});

it('a file that cannot be written stops nothing', () => {
  expect(() => makeLog({ format: 'redis', isLogged: () => true, file: folder })('warning', 'lost')).not.toThrow();
});
