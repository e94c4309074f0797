/** Copies a directory of files so that the copy appears complete, durable, or not at all. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const STEP_BYTES = 1024 * 1024;

/** Bytes copied. Lock files stay behind: they are of who had the source open. */
export async function copyDirectory(
  from: string,
  to: string,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<number> {
  const target = resolve(to);
  if (existsSync(target)) throw new Error(`${to} is there already: name a directory that is not`);
  const unfinished = `${target}.unfinished-${randomBytes(4).toString('hex')}`;
  await mkdir(unfinished, { recursive: true });
  try {
    const entries = await readdir(from, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile() && !/^lock($|\.)/.test(entry.name)).map(({ name }) => name);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(from, name))).size));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let done = 0;
    for (const name of names) {
      await copyFile(join(from, name), join(unfinished, name), (bytes) => {
        done += bytes;
        onProgress(done, total);
      });
    }
    await syncFolder(unfinished);
    await rename(unfinished, target);
    await syncFolder(dirname(target));
    return done;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** Stretches of zeros are left out of the copy's blocks, as they are of a segment that is not full. */
async function copyFile(from: string, to: string, onBytes: (bytes: number) => void): Promise<void> {
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      await copyBytes(source, target, onBytes);
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyBytes(source: FileHandle, target: FileHandle, onBytes: (bytes: number) => void): Promise<void> {
  const buffer = Buffer.allocUnsafe(STEP_BYTES);
  const zeros = Buffer.alloc(STEP_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await source.read(buffer, 0, STEP_BYTES, at);
    if (bytesRead === 0) {
      await target.truncate(at);
      return;
    }
    const isEmpty = buffer.compare(zeros, 0, bytesRead, 0, bytesRead) === 0;
    for (let done = 0; !isEmpty && done < bytesRead; ) {
      const { bytesWritten } = await target.write(buffer, done, bytesRead - done, at + done);
      done += bytesWritten;
    }
    at += bytesRead;
    onBytes(bytesRead);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some systems cannot, and make names durable in another way.
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].includes((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await folder.close();
  }
}
