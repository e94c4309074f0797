/** Folders that are gone when the tests of a file are over, and the openssl program, where there is one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export function scratchFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ferrite-tls-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** What openssl prints, good or bad. */
export function openssl(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return `${stdout}${stderr}`;
}
