/**
 * Proves that the packages work for somebody who installs them: `node tooling/pack-check.mjs [--floor] [--runtimes] [--keep]`.
 *
 * It builds and packs all published packages, looks at the tarballs (publint, are-the-types-wrong, what they hold and
 * ask for), installs them with npm into an empty project, type-checks programs there, and runs others with this Node: a
 * store on disk, a program that serves its database, the server, the command line, the feature of the guide. With `--floor` they also run with the
 * oldest Node that the packages promise; with `--runtimes` with newer Nodes, Bun and Deno, with more data, in a project of
 * pnpm, and type-checked with each of TypeScript's ways to find modules. `--keep` leaves the project behind, and says where.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGuide } from './guide-feature.mjs';
import { checkTypes, installWithNpm, installWithPnpm, resolutions } from './release/src/projects.mjs';
import { publishedPackages } from './release/src/published.mjs';
import { floorNode, otherRuntimes, thisNode } from './release/src/runtimes.mjs';
import { root, run, tool } from './release/src/shell.mjs';
import { build, checkTarball, pack, packBorrowed } from './release/src/tarballs.mjs';

const workFolder = mkdtempSync(join(tmpdir(), 'ferrite-pack-'));
/** Of the data that the server is tried with: `npm test` is to be quick. */
const quickScale = '0.2';
const env = process.argv.includes('--runtimes') ? {} : { FERRITE_CHECK_SCALE: quickScale };
const keeps = process.argv.includes('--keep');
try {
  main(process.argv.includes('--floor'), process.argv.includes('--runtimes'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  if (keeps) console.log(`Kept in ${workFolder}`);
  else rmSync(workFolder, { recursive: true, force: true });
}

function main(withFloor, withRuntimes) {
  const packages = publishedPackages();
  build(packages);
  const tarballs = new Map(packages.map((one) => [one.name, pack(one, workFolder)]));
  const versions = new Map(packages.map(({ name, manifest }) => [name, manifest.version]));
  for (const one of packages) checkTarball(one, tarballs.get(one.name), versions);
  console.log(`Packed: ${packages.map(({ name }) => name).join(', ')}`);

  const project = join(workFolder, 'project');
  for (const [name, tarball] of packBorrowed(packages, workFolder)) tarballs.set(name, tarball);
  installWithNpm(project, packages, tarballs);
  checkTypes(project, withRuntimes ? Object.keys(resolutions) : ['nodenext']);
  use(project, thisNode());
  runGuide(root, project, compile, (title, args, folder) => run(title, [process.execPath, ...args], folder));
  if (withFloor) {
    const floor = floorNode();
    if (floor === null) console.log('The oldest Node cannot be had here: skipped');
    else use(project, floor);
  }
  if (withRuntimes) useEverywhere(project, packages, tarballs);
}

/** Type-checks programs of TypeScript, and leaves JavaScript and declarations beside them. */
function compile(folder, files) {
  const options = ['--strict', '--target', 'es2022', '--types', 'node', '--declaration'];
  run('compile', [...tool('typescript', 'tsc'), ...options, ...resolutions.nodenext, ...files], folder);
}

function useEverywhere(project, packages, tarballs) {
  const { runtimes, missing } = otherRuntimes();
  for (const runtime of runtimes) use(project, runtime);
  for (const name of missing) console.log(`${name} cannot be had here: skipped`);
  const ofPnpm = join(workFolder, 'project-pnpm');
  installWithPnpm(ofPnpm, packages, tarballs);
  checkTypes(ofPnpm, ['nodenext']);
  use(ofPnpm, { ...thisNode(), name: 'In a project of pnpm' });
}

/** The server's clients always run with this Node: it is the server that is tried. */
function use(project, { name: runtime, command }) {
  for (const name of ['store', 'imported', 'store.resp', 'served', 'socket']) {
    rmSync(join(project, name), { recursive: true, force: true });
  }
  const programs = [
    [...command, 'entries.js'],
    [...command, 'smoke.js'],
    [...command, 'serve.js'],
    [process.execPath, 'server-check.js', ...command],
    [process.execPath, 'cli.js', ...command],
  ];
  for (const program of programs) {
    const output = run(`${runtime}: ${program.find((word) => word.endsWith('.js'))}`, program, project, env);
    if (output.trim() !== 'ok') throw new Error(`${program.join(' ')} printed:\n${output}`);
  }
  console.log(`${runtime}: ok`);
}
