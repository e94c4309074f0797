/** The packages under the oldest Node that they promise to run on. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('./pack-check.mjs', import.meta.url));

test.runIf(process.platform === 'linux' && process.arch === 'x64')('the packed tarballs run under Node 20.11.0', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--floor'], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toMatch(/^Node 20\.11\.0: ok$/m);
  expect(status).toBe(0);
});
