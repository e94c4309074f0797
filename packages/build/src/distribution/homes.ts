/** Where packages are installed, looked for as Node.js does: in the `node_modules` of a folder, and of those above. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HomeOf } from './module-names.ts';

const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
/** This package brings a core and a server, too. */
const OWN_FOLDER = dirname(fileURLToPath(import.meta.url));

/** What the folder has of Ferrite's own is used; what it lacks is taken from this package. */
export function homesFrom(folder: string): HomeOf {
  return (packageName) => (isInstalled(packageName, folder) ? folder : OWN_FOLDER);
}

export function isInstalled(packageName: string, folder: string): boolean {
  return findPackage(packageName, folder) !== undefined;
}

/** The folder of a package, or undefined. */
export function findPackage(packageName: string, folder: string): string | undefined {
  if (!PACKAGE_NAME.test(packageName)) return undefined;
  for (let at = folder; ; at = dirname(at)) {
    const found = join(at, 'node_modules', packageName);
    if (existsSync(join(found, 'package.json'))) return found;
    if (dirname(at) === at) return undefined;
  }
}
