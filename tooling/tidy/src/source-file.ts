/**
 * One file of the workspace as the rules see it: path, text and syntax tree.
 *
 * Paths are relative to the root and use `/`. What kind of file it is follows from its path alone, so that a test can
 * make any file up from a path and a text.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  /** The folder of the workspace package, such as `packages/core`; empty for files of the root. */
  readonly packageFolder: string;
  /** The room of `packages/core/src`, or empty. */
  readonly room: string;
  /** Tests, fuzzers and benchmarks, wherever they are; the whole of `packages/testing` is there for tests. */
  readonly isTest: boolean;
  /** Sources that run with a store: held to every rule. The builder runs where programs are written. */
  readonly isShipped: boolean;
}

const foldersWithSources = ['packages', 'apps', 'benchmarks', 'tooling'];
const foldersToSkip = new Set([
  'node_modules',
  'dist',
  'peers',
  'results',
  'testdata',
  'fixtures',
  '.turbo',
  '.scratch',
]);

export function parseFile(path: string, text: string): SourceFile {
  const parts = path.split('/');
  const inPackage = foldersWithSources.includes(parts[0]) && parts.length > 2;
  const packageFolder = inPackage ? `${parts[0]}/${parts[1]}` : '';
  const room = path.startsWith('packages/core/src/') && parts.length > 4 ? parts[3] : '';
  const isTest =
    /\.(test|fuzz|bench)\.[a-z]+$/.test(path) || parts.includes('test') || packageFolder === 'packages/testing';
  const isShipped = parts[0] === 'packages' && parts[2] === 'src' && !isTest && packageFolder !== 'packages/build';
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  return { path, text, tree, packageFolder, room, isTest, isShipped };
}

/** Every TypeScript and JavaScript file of the workspace, sorted by path. */
export function readWorkspace(root: string): SourceFile[] {
  const paths = readdirSync(root).filter((name) => isSource(name));
  for (const folder of foldersWithSources) collect(root, folder, paths);
  return paths.sort().map((path) => parseFile(path, readFileSync(join(root, path), 'utf8')));
}

function collect(root: string, folder: string, paths: string[]): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !foldersToSkip.has(entry.name)) collect(root, path, paths);
    else if (entry.isFile() && isSource(entry.name)) paths.push(path);
  }
}

function isSource(path: string): boolean {
  return /\.(ts|mts|js|mjs)$/.test(basename(path));
}
