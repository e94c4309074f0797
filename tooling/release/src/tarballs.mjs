/** Packs the published packages and looks at what came out. */
import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, filesOf } from './published.mjs';
import { pnpm, root, run, tool } from './shell.mjs';

const always = ['package.json', 'README.md', 'LICENSE'];
const stray =
  /(^|\/)(src|test|testdata|fixtures|node_modules)\/|\.(test|fuzz|bench)\.|tsbuildinfo|\.log$|(^|\/)\.env|\.map$/;
const dependencyKinds = ['dependencies', 'peerDependencies', 'optionalDependencies'];

export function build(packages) {
  const filters = packages.map(({ name }) => `--filter=${name}...`);
  pnpm('build', ['exec', 'turbo', 'run', 'build', ...filters, '--ui=stream', '--no-color']);
}

/** Returns the path of the tarball. */
export function pack({ folder }, workFolder) {
  const destination = join(workFolder, `tarball-${folder.replace('/', '-')}`);
  mkdirSync(destination);
  pnpm(`pack ${folder}`, ['pack', '--pack-destination', destination], join(root, folder));
  return join(destination, readdirSync(destination)[0]);
}

/**
 * What the packages need of others, from where the workspace has it, so that a project is installed without a network: tarballs
 * by the name of their package.
 */
export function packBorrowed(packages, workFolder) {
  const own = new Set(packages.map(({ name }) => name));
  const borrowed = new Map();
  for (const { folder, manifest } of packages) {
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const installed = join(root, folder, 'node_modules', name);
      if (own.has(name) || borrowed.has(name) || !existsSync(installed)) continue;
      const target = join(workFolder, `tarball-${name.replace(/[@/]/g, '-')}`);
      cpSync(realpathSync(installed), join(target, 'package'), { recursive: true });
      run(`pack ${name}`, ['tar', '-czf', 'package.tgz', 'package'], target);
      borrowed.set(name, join(target, 'package.tgz'));
    }
  }
  return borrowed;
}

export function checkTarball(packed, tarball, versions) {
  run('publint', [...tool('publint', 'publint'), 'run', tarball, '--strict']);
  if (entriesOf(packed).length > 0) {
    run('attw', [...tool('@arethetypeswrong/cli', 'attw'), tarball, '--profile', 'esm-only', '--no-emoji']);
  }
  const listed = run('list the tarball', ['tar', '-tzf', tarball]).trim().split('\n');
  const files = listed.map((path) => path.replace(/^package\//, ''));
  for (const file of [...always, ...filesOf(packed)]) {
    if (!files.includes(file)) throw new Error(`${tarball} does not hold ${file}`);
  }
  const unwanted = files.find((path) => stray.test(path));
  if (unwanted !== undefined) throw new Error(`${tarball} holds ${unwanted}, which no user needs`);
  checkManifest(JSON.parse(run('read the manifest', ['tar', '-xzOf', tarball, 'package/package.json'])), versions);
}

/** `versions`: of all published packages, by name. Those that go together are asked for by their exact version. */
function checkManifest(manifest, versions) {
  const { name } = manifest;
  for (const field of ['description', 'license', 'engines', 'type', 'files']) {
    if (manifest[field] === undefined) throw new Error(`${name}: its manifest has no "${field}"`);
  }
  for (const kind of dependencyKinds) {
    for (const [needed, range] of Object.entries(manifest[kind] ?? {})) {
      if (/^(workspace|link|file|portal|catalog):/.test(range))
        throw new Error(`${name}: ${needed} is asked for by ${range}`);
      const own = versions.get(needed);
      if (own === undefined && needed.startsWith('@ferrite/'))
        throw new Error(`${name} needs ${needed}, which is private`);
      if (own !== undefined && kind === 'dependencies' && range !== own) {
        throw new Error(`${name} asks for ${needed} ${range}, not for exactly ${own}`);
      }
    }
  }
}
