/** The packages of this workspace as their sources, as `tsconfig.json` has them: what a test bundles with, so that it needs no build. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { paths } = JSON.parse(readFileSync(`${root}tsconfig.json`, 'utf8')).compilerOptions as {
  paths: Record<string, [string]>;
};

export const workspaceSources: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(paths).map(([name, [path]]) => [name, `${root}${path.slice(2)}`]),
);
