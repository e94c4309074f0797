import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@ferrite/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storeDirectory } from './store-directory.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ferrite-dir-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

it('the directory is the store if it is missing or empty, and stays so', () => {
  expect(storeDirectory(join(dir, 'missing'))).toBe(join(dir, 'missing'));
  expect(storeDirectory(dir)).toBe(dir);
  open(dir).close();
  writeFileSync(join(dir, 'server.log'), '');
  expect(storeDirectory(dir)).toBe(dir);
});

it('the store has a folder of its own beside other things, and stays there', () => {
  writeFileSync(join(dir, 'server.log'), '');
  const path = storeDirectory(dir);
  expect(path).toBe(join(dir, 'ferrite'));
  mkdirSync(path);
  open(path).close();
  expect(storeDirectory(dir)).toBe(path);
});
