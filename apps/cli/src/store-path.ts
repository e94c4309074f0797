/**
 * Where the store is that a path means: the directory itself, or its folder `ferrite`, which is where ferrite-server puts the
 * store when its `dir` holds other things. Nothing is made here: a typing error must not leave an empty store behind.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const STORE_FILE = 'ferrite.store';
const FOLDER = 'ferrite';

/** The directory to look at, whatever is missing in it. */
export function directoryOf(path: string): string {
  return [path, join(path, FOLDER)].find((each) => existsSync(join(each, STORE_FILE))) ?? path;
}

/** Throws when there is no store. */
export function existingStore(path: string): string {
  const place = directoryOf(path);
  if (existsSync(join(place, STORE_FILE))) return place;
  const what = statSync(path, { throwIfNoEntry: false });
  if (what === undefined) throw new Error(`${path} does not exist`);
  if (!what.isDirectory()) throw new Error(`${path} is a file: a store is a directory`);
  throw new Error(`${path} holds no store: there is no ${STORE_FILE} in it`);
}
