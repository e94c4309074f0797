/**
 * Weighs the packages of this workspace by their sources, so that each module shows by its name and no build is needed.
 * Only the size on disk is that of what is built; a package that is not built has none.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measureSizes } from '@ferrite/build';

export const folder = fileURLToPath(new URL('.', import.meta.url));
export const root = fileURLToPath(new URL('../..', import.meta.url));

const { paths } = JSON.parse(readFileSync(`${root}tsconfig.json`, 'utf8')).compilerOptions;
/** The names of packages and the sources that stand for them. */
export const alias = Object.fromEntries(Object.entries(paths).map(([name, [path]]) => [name, root + path.slice(2)]));

export function measure(options = {}) {
  return measureSizes({ directory: folder, alias, ...options });
}
