/**
 * What a store takes on disk and in open files, beside what it should take for the data in it.
 *
 * The bound is what the architecture promises: twice what is live, or `auto-aof-rewrite-min-size` where that is more, and
 * some room for a small store's slack, segments made ahead and two checkpoints. The soak compares while its load goes on.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { handlesOf } from './process-figures.mjs';

const mebibyte = 1024 * 1024;
const floorBytes = 64 * mebibyte;
const spareBytes = 24 * mebibyte;
/** Of a record besides key and value: its header, an expiry, and what rounding and frames add. */
const recordBytes = 48;
const segmentMinBytes = mebibyte;
/** The lock, checkpoints, the reserve, the ordered index. */
const otherFiles = 16;

/** Bytes of the files of the folder, as long as they are. */
export function storeBytesOf(folder) {
  let bytes = 0;
  for (const name of readdirSync(folder)) bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

/** Files of the folder that the process has open. */
export function storeFilesOf(pid, folder) {
  let files = 0;
  for (const [kind, count] of handlesOf(pid)) if (kind.startsWith(folder)) files += count;
  return files;
}

/** What the keys of the writers, as they believe them to be, take as records. */
export function liveBytesOf(writers) {
  let bytes = 0;
  for (const { keyspace } of writers) {
    for (const [key, { value }] of keyspace) bytes += recordBytes + key.length + value.length;
  }
  return bytes;
}

export function spaceMaxOf(liveBytes) {
  const bytes = Math.max(floorBytes, 2 * liveBytes) + spareBytes;
  return { bytes, files: Math.ceil(bytes / segmentMinBytes) + otherFiles };
}
