/**
 * The disk seam: everything the engine asks of a disk, and nothing more.
 *
 * Only implementations of this interface touch a file system, so that the whole engine can run on a simulated disk
 * that loses power at any write. A device is one flat directory of files. Positions and sizes are in bytes. Errors
 * are thrown as the platform gives them, with a `code` such as `ENOSPC`; the engine turns them into `FerriteError`s.
 * Written bytes are durable only after `sync`, a created, renamed or removed name only after `syncDirectory`.
 */

export type OpenMode = 'read' | 'write' | 'create';

export interface DeviceFile {
  /** Reads `length` bytes at `position` into `target` from `offset`; returns how many, fewer only at the file's end. */
  readSync(target: Uint8Array, offset: number, length: number, position: number): number;
  /** The same off the loop. */
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Writes at `position`; returns the bytes written, which may be fewer than asked (the caller goes on with the rest). */
  writeSync(source: Uint8Array, offset: number, length: number, position: number): number;
  /** The same off the loop; `source` must not change until it settles. */
  write(source: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Cuts or extends the file; an extension reads as zeros. */
  truncateSync(sizeBytes: number): void;
  sizeSync(): number;
  /** fdatasync: contents and size are durable when it returns. */
  syncSync(): void;
  /** The same off the loop. */
  sync(): Promise<void>;
  /** Nothing can be started after it; what is in flight settles first. Does not sync. */
  closeSync(): void;
}

export interface DeviceLock {
  /** False when another process has taken the lock by force, or after the release. */
  isHeldSync(): boolean;
  /** Gives the lock back, if it is still ours. */
  releaseSync(): void;
}

export interface Device {
  /** What errors call this directory. */
  readonly path: string;
  /** `read` and `write` (which also reads) need an existing file; `create` fails with EEXIST on one. Files are 0600. */
  openSync(name: string, mode: OpenMode): DeviceFile;
  /** Names of the files, in no order, without those of the lock. */
  listSync(): string[];
  /** Replaces `to` if it exists, in one step. */
  renameSync(from: string, to: string): void;
  removeSync(name: string): void;
  /** The same off the loop: giving back the blocks of a large file takes milliseconds. */
  remove(name: string): Promise<void>;
  syncDirectorySync(): void;
  syncDirectory(): Promise<void>;
  /** Takes the single-writer lock, or throws `FERRITE_LOCKED` naming the holder. `steal` takes it whoever holds it. */
  lockSync(how: 'fail' | 'steal'): DeviceLock;
}
