/**
 * A directory that appears under its name only when it is complete: it is filled under another name beside it, then
 * renamed. So nobody takes half of it for the whole, however the power goes.
 *
 * Called by whoever makes a directory of a store's files that is not opened in place, such as a backup.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FerriteError } from '../base/errors.ts';
import { unpredictableBytes } from './entropy.ts';
import { FileDevice } from './file-device.ts';

const UNFINISHED = 'unfinished';

export class NewDirectory {
  /** Where the files go until `publishSync`. */
  readonly device: FileDevice;
  readonly #target: string;

  /** Throws FERRITE_EXISTS when there is something under that name. Missing parents are made. */
  static create(target: string): NewDirectory {
    const resolved = path.resolve(target);
    if (fs.lstatSync(resolved, { throwIfNoEntry: false }) !== undefined) throw exists(resolved);
    return new NewDirectory(resolved);
  }

  private constructor(target: string) {
    this.#target = target;
    const unfinished = `${target}.${UNFINISHED}-${unpredictableBytes(4).toString('hex')}`;
    this.device = FileDevice.open(unfinished, { create: true, readOnly: false });
  }

  /** Gives the directory its name, durably. The caller has synced what is in it. */
  publishSync(): void {
    const { device } = this;
    try {
      fs.renameSync(device.path, this.#target);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') throw exists(this.#target, error);
      throw error;
    }
    FileDevice.open(path.dirname(this.#target), { create: false, readOnly: true }).syncDirectorySync();
  }

  /** Removes everything again. */
  discardSync(): void {
    fs.rmSync(this.device.path, { recursive: true, force: true });
  }
}

function exists(target: string, cause?: unknown): FerriteError {
  return new FerriteError('FERRITE_EXISTS', `${target} is there already: name a directory that is not`, cause);
}
