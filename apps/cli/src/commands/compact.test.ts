import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@ferrite/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ferrite } from '../../test/run-cli.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'ferrite-cli-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('compact gives the space of what was overwritten back, and says how much', async () => {
  const path = join(scratch, 'data', 'ferrite');
  const db = open({ path, preset: 'tiny' });
  for (let i = 0; i < 400; i++) db.set(`key:${i % 20}`, 'x'.repeat(60_000));
  db.close();
  // The directory of a server, which has the store in a folder of its own.
  const { code, stdout } = await ferrite(['compact', join(scratch, 'data'), '--json']);
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  expect(result.path).toBe(path);
  expect(result.bytesAfter).toBeLessThan(result.bytesBefore / 2);
  const again = open({ path, readOnly: true });
  expect(again.get('key:19')?.length).toBe(60_000);
  again.close();
});

it('compact makes no store where there is none', async () => {
  const missing = join(scratch, 'missing');
  expect(await ferrite(['compact', missing])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `ferrite compact: ${missing} does not exist\n`,
  });
  expect((await ferrite(['compact', scratch])).stderr).toMatch('holds no store: there is no ferrite.store in it');
});
