/** The packages as their users get them, with the runtimes that take long to fetch and to run: newer Nodes, Bun and Deno. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('./pack-check.mjs', import.meta.url));
const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

test.runIf(isLinuxX64)(
  'the packed tarballs run under Node 20.11.0 and newer Nodes, Bun and Deno, and in a project of pnpm',
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--floor', '--runtimes'], {
      encoding: 'utf8',
    });
    for (const name of ['Node 20\\.11\\.0', 'Node 22', 'Node 24', 'Node 26', 'Bun', 'Deno', 'In a project of pnpm']) {
      expect(`${stdout}${stderr}`).toMatch(new RegExp(`^${name}.*: ok$`, 'm'));
    }
    expect(status).toBe(0);
  },
);
