/** Loads a package from `peers/`, the manifest outside of the workspace that pins what Ferrite is compared with. */
import { createRequire } from 'node:module';

const require = createRequire(new URL('../peers/package.json', import.meta.url));

export function loadPeer(name) {
  return require(name);
}
