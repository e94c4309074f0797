/**
 * Where in `dir` the store is. A store has a directory to itself; redis's `dir` often holds other things, too, such as
 * the log. So `dir` is the store if it is one already, or if there is nothing in it; else its folder `ferrite` is.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const STORE_FILE = 'ferrite.store';
const FOLDER = 'ferrite';

export function storeDirectory(dir: string): string {
  let names: string[] = [];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return names.length === 0 || names.includes(STORE_FILE) ? dir : join(dir, FOLDER);
}
