/**
 * What the next release would say and which versions it would bring: `changeset version` is run in a clone, nothing here changes.
 *
 * What must hold: each change that is told of is of a published package; every package that has never been released is told of;
 * all get one version and a changelog; the root's changelog names them all.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, root, run, tool } from './shell.mjs';

const unreleased = '0.0.0';

/** Returns the version that the packages will have, and how many changes are waiting. */
export function checkChangesets(packages, workFolder) {
  const told = namesInChangesets();
  const known = new Set(packages.map(({ name }) => name));
  for (const [name, files] of told) {
    if (!known.has(name)) throw new Error(`${files.join(', ')}: ${name} is no published package`);
  }
  for (const { name, manifest } of packages) {
    if (manifest.version === unreleased && !told.has(name)) throw new Error(`No changeset says what ${name} is`);
  }
  const clone = cloneWithChangesets(packages, workFolder);
  run('changeset version', tool('@changesets/cli', 'changeset').concat('version'), clone);
  const version = checkVersions(packages, clone);
  // Changesets takes a new range of a peer dependency for a breaking change.
  const before = packages[0].manifest.version;
  if (version.split('.')[0] !== before.split('.')[0] && !changesets().some((file) => isBreaking(file))) {
    throw new Error(`${version} would follow ${before}, and no changeset tells of a breaking change`);
  }
  return { version, changeCount: changesets().length };
}

function isBreaking(file) {
  return /^['"]?@ferrite\/[\w-]+['"]?:\s*major\s*$/m.test(readFileSync(join(root, '.changeset', file), 'utf8'));
}

function changesets() {
  return readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
}

/** By package, the files that tell of it. */
function namesInChangesets() {
  const told = new Map();
  for (const file of changesets()) {
    const text = readFileSync(join(root, '.changeset', file), 'utf8');
    const [, front, body] = text.split(/^---$/m);
    if (front === undefined || body === undefined || body.trim() === '')
      throw new Error(`${file} does not tell of a change`);
    for (const [, name] of front.matchAll(/^['"]?(@?[\w/-]+)['"]?:\s*(?:major|minor|patch)\s*$/gm)) {
      told.set(name, [...(told.get(name) ?? []), file]);
    }
  }
  return told;
}

/** The last commit, with the manifests and changesets as they are now. */
function cloneWithChangesets(packages, workFolder) {
  const clone = join(workFolder, 'clone');
  run('clone', ['git', 'clone', '--quiet', '--shared', root, clone]);
  rmSync(join(clone, '.changeset'), { recursive: true });
  cpSync(join(root, '.changeset'), join(clone, '.changeset'), { recursive: true });
  for (const { folder } of packages) cpSync(join(root, folder, 'package.json'), join(clone, folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  return clone;
}

function checkVersions(packages, clone) {
  const before = new Map(packages.map(({ name, manifest }) => [name, manifest.version]));
  const after = packages.map(({ folder, name }) => ({
    folder,
    name,
    ...readJson(join(clone, folder, 'package.json')),
  }));
  const [{ version }] = after;
  const rootChangelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  for (const one of after) {
    if (one.version !== version) throw new Error(`${one.name} would get ${one.version}, the others ${version}`);
    if (changesets().length > 0 && one.version === before.get(one.name))
      throw new Error(`${one.name} would stay at ${version}`);
    const changelog = join(clone, one.folder, 'CHANGELOG.md');
    if (!existsSync(changelog)) throw new Error(`${one.name} would have no changelog`);
    if (!readFileSync(changelog, 'utf8').includes(`## ${version}`))
      throw new Error(`${one.name}: no entry for ${version}`);
    if (!rootChangelog.includes(`${one.folder}/CHANGELOG.md`))
      throw new Error(`CHANGELOG.md does not name ${one.name}`);
  }
  return version;
}
