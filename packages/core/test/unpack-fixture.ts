/** Unpacks a store of `fixtures` into a directory, which is made. Returns its path. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));

export function unpackFixture(format: string, store: string, path: string): string {
  mkdirSync(path);
  for (const file of readdirSync(join(fixtures, format, store))) {
    const bytes = gunzipSync(readFileSync(join(fixtures, format, store, file)));
    writeFileSync(join(path, file.replace(/\.gz$/, '')), bytes);
  }
  return path;
}
