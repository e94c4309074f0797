/** Calls of the device made whole: writes that are never short, and what a failure means to the program, said once. */

import { FerriteError, type FerriteErrorCode } from '../base/errors.ts';
import type { DeviceFile } from '../device/device.ts';

const CODES: Record<string, [FerriteErrorCode, string]> = {
  ENOSPC: [
    'FERRITE_DISK_FULL',
    'the disk is full: free space, delete keys or run compact(); writes resume by themselves',
  ],
  EDQUOT: ['FERRITE_DISK_FULL', 'the disk quota is used up: raise it, delete keys or run compact()'],
  EFBIG: ['FERRITE_DISK_FULL', 'a file would be larger than the file system or ulimit allows'],
  EACCES: ['FERRITE_PERMISSION', 'the process may not access this file: check owner and mode'],
  EPERM: ['FERRITE_PERMISSION', 'the process may not access this file: check owner and mode'],
  EROFS: ['FERRITE_PERMISSION', 'the file system is read-only: open with readOnly: true'],
};

export function toFerriteError(error: unknown, doing: string): FerriteError {
  if (error instanceof FerriteError) return error;
  const code = (error as { code?: string } | null)?.code ?? '';
  const other: [FerriteErrorCode, string] =
    code === '' ? ['FERRITE_IO', 'unexpected error'] : ['FERRITE_IO', 'the device reported an error: check the disk'];
  const [ferriteCode, advice] = CODES[code] ?? other;
  return new FerriteError(ferriteCode, `${doing}: ${advice} (${code || String(error)})`, error);
}

export function isDiskFull(error: unknown): boolean {
  return error instanceof FerriteError && error.code === 'FERRITE_DISK_FULL';
}

/** Writes all of it, however short the device's writes are. */
export function writeFully(
  file: DeviceFile,
  source: Uint8Array,
  offset: number,
  length: number,
  position: number,
): void {
  let done = 0;
  while (done < length) {
    const written = file.writeSync(source, offset + done, length - done, position + done);
    if (written <= 0) throw new FerriteError('FERRITE_IO', 'the device accepted no byte of a write');
    done += written;
  }
}

/** The same in the pool. */
export async function writeFullyInPool(
  file: DeviceFile,
  source: Uint8Array,
  length: number,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < length) {
    const written = await file.write(source, done, length - done, position + done);
    if (written <= 0) throw new FerriteError('FERRITE_IO', 'the device accepted no byte of a write');
    done += written;
  }
}
