/**
 * What the kernel says about this process: bytes written and memory held (Linux; zeros elsewhere), and the size of a
 * directory.
 *
 * `askedBytes` (wchar) is what was handed to write calls; a memory-mapped engine shows nothing there.
 * `dirtiedBytes` (write_bytes) is whole pages made dirty for the disk, whichever way; it misses nothing but counts a
 * page that is written twice between two write-backs once. Both are printed for every engine.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function bytesWritten() {
  const text = existsSync('/proc/self/io') ? readFileSync('/proc/self/io', 'latin1') : '';
  return { askedBytes: field(text, 'wchar'), dirtiedBytes: field(text, 'write_bytes') };
}

export function bytesWrittenSince(before) {
  const now = bytesWritten();
  return { askedBytes: now.askedBytes - before.askedBytes, dirtiedBytes: now.dirtiedBytes - before.dirtiedBytes };
}

/** Resident memory in bytes: all of it, the process's own, and pages of mapped files. */
export function memory() {
  const text = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'latin1') : '';
  return {
    rssBytes: process.memoryUsage.rss(),
    rssOwnBytes: field(text, 'RssAnon') * 1024,
    rssFileBytes: field(text, 'RssFile') * 1024,
  };
}

/** Length of all files below, and the space that they take on the disk. */
export function directorySize(path) {
  const size = { sizeBytes: 0, diskBytes: 0 };
  if (!existsSync(path)) return size;
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const stat = statSync(join(entry.parentPath ?? entry.path, entry.name), { throwIfNoEntry: false });
    size.sizeBytes += stat?.size ?? 0;
    size.diskBytes += (stat?.blocks ?? 0) * 512;
  }
  return size;
}

function field(text, name) {
  const found = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text);
  return found === null ? 0 : Number(found[1]);
}
