/** Says which version the next release will bring, or what is missing for it: `node tooling/release/src/check-changesets.mjs`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkChangesets } from './changesets.mjs';
import { publishedPackages } from './published.mjs';

const workFolder = mkdtempSync(join(tmpdir(), 'ferrite-changesets-'));
try {
  const packages = publishedPackages();
  const { version, changeCount } = checkChangesets(packages, workFolder);
  console.log(`${packages.length} packages will be ${version}; changes that wait to be told: ${changeCount}`);
  const silent = packages.filter(({ manifest }) => manifest.repository === undefined).map(({ name }) => name);
  if (silent.length > 0)
    console.log(`Without a repository in the manifest, provenance cannot be shown: ${silent.join(', ')}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(workFolder, { recursive: true, force: true });
}
