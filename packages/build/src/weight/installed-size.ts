/**
 * What a package takes on a disk once it is installed, with all that it depends on.
 *
 * A package of a workspace counts with what it publishes, not with its sources. Files count with their length, without
 * what a file system adds.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { findPackage } from '../distribution/homes.ts';

export interface InstalledSize {
  readonly bytes: number;
  readonly fileCount: number;
  /** The package itself, and what it depends on. */
  readonly packages: readonly string[];
}

interface Manifest {
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Undefined if it is not installed, or is a package of a workspace that has not been built. */
export function measureInstalled(packageName: string, directory: string): InstalledSize | undefined {
  const folders = closureOf(packageName, directory);
  if (folders === undefined) return undefined;
  if ([...folders.values()].some(isUnbuilt)) return undefined;
  const files = [...folders.values()].flatMap(filesOf);
  return {
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
    fileCount: files.length,
    packages: [...folders.keys()].sort(),
  };
}

/** Bytes of the WebAssembly that it installs. */
export function findWasm(packageName: string, directory: string): number {
  const files = [...(closureOf(packageName, directory)?.values() ?? [])].flatMap(filesOf);
  return files.filter((file) => file.endsWith('.wasm')).reduce((sum, file) => sum + statSync(file).size, 0);
}

/** The folders of a package and of what it depends on, by name and version. */
function closureOf(packageName: string, directory: string): Map<string, string> | undefined {
  const first = findPackage(packageName, directory);
  if (first === undefined) return undefined;
  const folders = new Map<string, string>();
  const waiting = [realpathSync(first)];
  for (const folder of waiting) {
    const manifest = readManifest(folder);
    const name = `${manifest.name}@${manifest.version}`;
    if (folders.has(name)) continue;
    folders.set(name, folder);
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const found = findPackage(dependency, folder);
      if (found !== undefined) waiting.push(realpathSync(found));
    }
  }
  return folders;
}

function readManifest(folder: string): Manifest & { name: string; version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function isUnbuilt(folder: string): boolean {
  return (readManifest(folder).files ?? []).includes('dist') && !existsSync(join(folder, 'dist'));
}

function filesOf(folder: string): string[] {
  if (folder.split(sep).includes('node_modules')) return walk(folder);
  const always = readdirSync(folder).filter((name) => /^(package\.json|readme|licen[sc]e)/i.test(name));
  const published = [...always, ...(readManifest(folder).files ?? [])].map((name) => join(folder, name));
  return published
    .filter((path) => existsSync(path))
    .flatMap((path) => (statSync(path).isDirectory() ? walk(path) : [path]));
}

function walk(folder: string): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(entry.name === 'node_modules' ? [] : walk(path)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}
