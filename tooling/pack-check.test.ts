/** The packages as their users get them; what is checked is told in `pack-check.mjs`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('./pack-check.mjs', import.meta.url));

test('the packed tarballs install into an empty project and run there, typed', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--floor'], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toContain(`Node ${process.version.slice(1)}: ok`);
  expect(status).toBe(0);
}, 300_000);
