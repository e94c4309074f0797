/** Single executables, with Node.js and the tool from npm: a hundred megabytes for each target. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject } from '../../test/project.ts';
import { workspaceSources as alias } from '@ferrite/testing/workspace-sources';
import { buildDistribution } from '../distribution/build-distribution.ts';
import type { DistributionTarget } from '../distribution/options.ts';

/** `e_machine` of an ELF file. */
const MACHINES: Readonly<Record<DistributionTarget, number>> = {
  'linux-x64': 62,
  'linux-arm64': 183,
  'linux-armv7': 40,
};

it.runIf(process.platform === 'linux')(
  'an executable for this machine is the server, in an empty directory',
  async () => {
    const directory = makeProject({});
    const out = join(directory, 'ferrite');
    const report = await buildDistribution({ alias, directory, out, format: 'sea' });
    expect(report.fileBytes).toBeGreaterThan(report.node!.bytes + report.code.minifiedBytes);
    const cwd = mkdtempSync(join(tmpdir(), 'ferrite-executable-'));
    expect(execFileSync(out, ['--version'], { cwd, encoding: 'utf8' })).toMatch(/^Ferrite server v=/);
  },
);

it.each(Object.entries(MACHINES))('an executable is for the machine it is asked for: %s', async (target, machine) => {
  const directory = makeProject({});
  const out = join(directory, 'ferrite');
  const report = await buildDistribution({
    alias,
    directory,
    out,
    format: 'sea',
    target: target as DistributionTarget,
  });
  expect(readFileSync(out).readUInt16LE(18)).toBe(machine);
  expect(report.node!.target).toBe(target);
});
