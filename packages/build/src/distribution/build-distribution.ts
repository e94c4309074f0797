/**
 * `buildDistribution`: a list of features becomes one file.
 *
 * The same packages give the same bytes, wherever and whenever it runs: nothing of the folder, the time or the machine
 * gets into the file.
 */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeExecutable } from '../executable/make-executable.ts';
import { bundle } from './bundle.ts';
import { type EntryParts, moduleSource, scriptSource } from './entry-source.ts';
import { findFeature } from './features.ts';
import { homesFrom } from './homes.ts';
import { type DistributionOptions, resolveOptions } from './options.ts';
import { type DistributionReport, reportOf } from './report.ts';

/**
 * Builds a distribution and writes it to `out`. Returns what it weighs, by feature.
 *
 * Rejects with `BuildError` if an option makes no sense, a feature is unknown or not installed, something cannot be put
 * into one file, or Node.js for the target is not to be had. `out` is only replaced by a whole file.
 */
export async function buildDistribution(options: DistributionOptions): Promise<DistributionReport> {
  const { bytes, report, reportPath } = await composeDistribution(options);
  write(report.out, bytes);
  if (reportPath !== undefined) {
    mkdirSync(dirname(reportPath), { recursive: true });
    writeFileSync(reportPath, `${JSON.stringify(report, null, 2)}\n`);
  }
  return report;
}

interface Composed {
  readonly bytes: Uint8Array;
  readonly report: DistributionReport;
  readonly reportPath: string | undefined;
}

/** All of it but the writing. */
export async function composeDistribution(options: DistributionOptions): Promise<Composed> {
  const distribution = resolveOptions(options);
  const { base, docs, directory, alias, format } = distribution;
  const features = distribution.features.map((name) => findFeature(name, directory, alias));
  const parts: EntryParts = { base, docs, features };
  const { files, metafile } = await bundle({
    source: format === 'mjs' ? moduleSource(parts) : scriptSource(parts),
    folder: directory,
    homeOf: homesFrom(directory),
    minify: distribution.minify,
    form: format === 'mjs' ? 'esm' : 'cjs',
    banner: format === 'mjs' ? '#!/usr/bin/env node' : undefined,
    alias,
  });
  const [code] = files;
  const executable = format === 'sea' ? await makeExecutable(code, distribution.target) : undefined;
  const report = reportOf({ distribution, features, code, metafile, executable });
  return { bytes: executable?.bytes ?? code, report, reportPath: distribution.report };
}

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  chmodSync(temporary, 0o755);
  renameSync(temporary, path);
}
