/**
 * The disk of a real machine: a `Device` over `node:fs`.
 *
 * One directory holds one store. The synchronous calls are the hot path of the engine and cost what `fs.readSync` and
 * `fs.writeSync` cost. The asynchronous ones run in libuv's thread pool. Errors are passed on as Node gives them; that there
 * is none it says by null, and Deno also by undefined.
 *
 * What always holds:
 * 1. A file descriptor is closed only after every operation started on it has settled. Otherwise the number could be
 *    given to another file while a write to it still waits in the pool.
 * 2. `fdatasync` reaches the medium: libuv asks macOS for F_FULLFSYNC, Windows for FlushFileBuffers.
 * 3. A directory made by `open` is itself durable before `open` returns: its parents are synced.
 *
 * Called by whoever opens a store with a path; the engine only sees the interface.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Device, DeviceFile, DeviceLock, OpenMode } from './device.ts';
import { isLockName, LockFile } from './lock-file.ts';

const FILE_MODE = 0o600;
const FLAGS: Record<OpenMode, string> = { read: 'r', write: 'r+', create: 'wx+' };

/** What platforms and file systems answer that cannot sync a directory; they make names durable in another way. */
const CANNOT_SYNC_DIRECTORY = new Set(['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP']);

export class FileDevice implements Device {
  /** The directory's real path: the same for every way to spell it. */
  readonly path: string;
  readonly #readOnly: boolean;

  /** Opens a directory; with `create` (and not `readOnly`) makes it, parents included, if it is missing. */
  static open(directory: string, options: { create: boolean; readOnly: boolean }): FileDevice {
    if (options.create && !options.readOnly) makeDirectory(path.resolve(directory));
    const real = fs.realpathSync.native(directory);
    fs.opendirSync(real).closeSync();
    return new FileDevice(real, options.readOnly);
  }

  private constructor(real: string, readOnly: boolean) {
    this.path = real;
    this.#readOnly = readOnly;
  }

  openSync(name: string, mode: OpenMode): DeviceFile {
    if (mode !== 'read') this.#assertWritable('open', name);
    return new DiskFile(fs.openSync(this.#fileOf(name), FLAGS[mode], FILE_MODE));
  }

  listSync(): string[] {
    const names: string[] = [];
    for (const entry of fs.readdirSync(this.path, { withFileTypes: true })) {
      if (!entry.isDirectory() && !isLockName(entry.name)) names.push(entry.name);
    }
    return names;
  }

  renameSync(from: string, to: string): void {
    this.#assertWritable('rename', from);
    fs.renameSync(this.#fileOf(from), this.#fileOf(to));
  }

  removeSync(name: string): void {
    this.#assertWritable('unlink', name);
    fs.unlinkSync(this.#fileOf(name));
  }

  remove(name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#assertWritable('unlink', name);
      fs.unlink(path.join(this.path, name), (error) => (error ? reject(error) : resolve()));
    });
  }

  syncDirectorySync(): void {
    syncDirectoryAt(this.path);
  }

  syncDirectory(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: NodeJS.ErrnoException | null): void => {
        if (!error || CANNOT_SYNC_DIRECTORY.has(String(error.code))) resolve();
        else reject(error);
      };
      fs.open(this.path, 'r', (openError, fd) => {
        if (openError !== null) return settle(openError);
        fs.fsync(fd, (syncError) => fs.close(fd, (closeError) => settle(syncError ?? closeError ?? null)));
      });
    });
  }

  lockSync(how: 'fail' | 'steal'): DeviceLock {
    this.#assertWritable('lock', '.');
    return LockFile.takeSync(this.path, how);
  }

  /** Names have no parts to be joined and tidied up: a store may have hundreds of files to open. */
  #fileOf(name: string): string {
    return `${this.path}${path.sep}${name}`;
  }

  #assertWritable(call: string, name: string): void {
    if (!this.#readOnly) return;
    const message = `EROFS: the store was opened read-only, ${call} '${this.#fileOf(name)}'`;
    throw Object.assign(new Error(message), { code: 'EROFS', syscall: call });
  }
}

class DiskFile implements DeviceFile {
  #fd: number;
  #inFlight = 0;
  #closing = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    const count = fs.readSync(this.#fd, target, offset, length, position);
    return count === length ? count : this.#readRestSync(target, offset, length, position, count);
  }

  /** A short read is the end of the file only if the next one brings nothing. */
  #readRestSync(target: Uint8Array, offset: number, length: number, position: number, done: number): number {
    for (let count = done; count > 0 && done < length; done += count) {
      count = fs.readSync(this.#fd, target, offset + done, length - done, position + done);
    }
    return done;
  }

  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      let done = 0;
      const next = (error: NodeJS.ErrnoException | null, count: number): void => {
        if (!error) done += count;
        if (!error && count > 0 && done < length) {
          fs.read(this.#fd, target, offset + done, length - done, position + done, next);
          return;
        }
        this.#settled();
        if (!error) resolve(done);
        else reject(error);
      };
      fs.read(this.#usable(), target, offset, length, position, next);
      this.#inFlight++;
    });
  }

  writeSync(source: Uint8Array, offset: number, length: number, position: number): number {
    return fs.writeSync(this.#fd, source, offset, length, position);
  }

  write(source: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#usable(), source, offset, length, position, (error, count) => {
        this.#settled();
        if (!error) resolve(count);
        else reject(error);
      });
      this.#inFlight++;
    });
  }

  truncateSync(sizeBytes: number): void {
    fs.ftruncateSync(this.#fd, sizeBytes);
  }

  sizeSync(): number {
    return fs.fstatSync(this.#fd).size;
  }

  syncSync(): void {
    fs.fdatasyncSync(this.#fd);
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#usable(), (error) => {
        this.#settled();
        if (!error) resolve();
        else reject(error);
      });
      this.#inFlight++;
    });
  }

  closeSync(): void {
    this.#closing = true;
    if (this.#inFlight === 0) this.#closeNow();
  }

  #settled(): void {
    this.#inFlight--;
    if (this.#closing && this.#inFlight === 0) this.#closeNow();
  }

  /** The descriptor, or -1, which Node refuses, when the file is closed or about to be. */
  #usable(): number {
    return this.#closing ? -1 : this.#fd;
  }

  #closeNow(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd !== -1) fs.closeSync(fd);
  }
}

/** `mkdir -p`, then a sync of each directory that got a new entry. */
function makeDirectory(directory: string): void {
  const first = fs.mkdirSync(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; ; made = path.dirname(made)) {
    syncParentOf(made);
    if (made === first || made === path.dirname(made)) return;
  }
}

/** A parent that may be entered but not read cannot be opened for a sync, and need not stop us. */
function syncParentOf(directory: string): void {
  try {
    syncDirectoryAt(path.dirname(directory));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}

function syncDirectoryAt(directory: string): void {
  try {
    const fd = fs.openSync(directory, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    if (!CANNOT_SYNC_DIRECTORY.has(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}
