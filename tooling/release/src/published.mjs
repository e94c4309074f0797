/** The packages that are published: all of the workspace that are not private, with what their manifests promise. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, root } from './shell.mjs';

/** Each has its `folder`, `name` and `manifest`; those that others depend on come first. */
export function publishedPackages() {
  const found = ['packages', 'apps'].flatMap((room) =>
    readdirSync(join(root, room))
      .map((name) => `${room}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => ({ folder, manifest: readJson(join(root, folder, 'package.json')) })),
  );
  const published = found.filter(({ manifest }) => manifest.private !== true);
  const names = new Set(published.map(({ manifest }) => manifest.name));
  const depth = ({ manifest }) => Object.keys(manifest.dependencies ?? {}).filter((name) => names.has(name)).length;
  return published
    .sort((a, b) => depth(a) - depth(b))
    .map(({ folder, manifest }) => ({ folder, name: manifest.name, manifest }));
}

/** What a program can import: `@ferrite/core`, `@ferrite/core/server` and so on, of one package. */
export function entriesOf({ name, manifest }) {
  return Object.keys(manifest.exports)
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => name + entry.slice(1));
}

/** The files that a manifest names: without them the package cannot be used. */
export function filesOf({ manifest }) {
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  return [...new Set([...targets, ...Object.values(manifest.bin ?? {})])].map((path) => path.replace(/^\.\//, ''));
}
