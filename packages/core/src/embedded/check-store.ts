/** `checkStore`: what is wrong with the files of a store, for a program that looks after stores. Nothing is changed. */

import { systemClock } from '../base/clock.ts';
import { FerriteError } from '../base/errors.ts';
import { FileDevice } from '../device/file-device.ts';
import type { DeviceLock } from '../device/device.ts';
import { toFerriteError } from '../engine/device-io.ts';
import { bytesToCheck, checkFiles, type StoreFindings } from '../engine/store-check.ts';

/** The loop is let go after so long. */
const TURN_MS = 20;
const CANNOT_LOCK = new Set(['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT']);

/**
 * Reads and checks every file of the store in a directory. The store must not be open: FERRITE_LOCKED says who has it.
 * `onProgress` is told now and then how many bytes have been read, of how many.
 */
export async function checkStore(
  path: string,
  onProgress: (doneBytes: number, totalBytes: number) => void = () => {},
): Promise<StoreFindings> {
  let lock: DeviceLock | null = null;
  try {
    const device = FileDevice.open(path, { create: false, readOnly: false });
    lock = takeLock(device);
    const totalBytes = bytesToCheck(device);
    const check = checkFiles(device);
    let doneBytes = 0;
    let turnEndMs = systemClock.monotonicMs() + TURN_MS;
    for (let next = check.next(); ; next = check.next()) {
      if (next.done === true) return next.value;
      doneBytes += next.value;
      if (systemClock.monotonicMs() < turnEndMs) continue;
      onProgress(doneBytes, totalBytes);
      await new Promise((resolve) => setImmediate(resolve));
      turnEndMs = systemClock.monotonicMs() + TURN_MS;
    }
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') {
      throw new FerriteError('FERRITE_NOT_A_STORE', `there is no store at ${path}`, error);
    }
    throw toFerriteError(error, `checking ${path}`);
  } finally {
    lock?.releaseSync();
  }
}

/** Where nothing can be written nobody else can write either. */
function takeLock(device: FileDevice): DeviceLock | null {
  try {
    return device.lockSync('fail');
  } catch (error) {
    if (CANNOT_LOCK.has((error as { code?: string }).code ?? '')) return null;
    throw error;
  }
}
