/** What a client is told of a failure that its command met, in redis's words where redis knows such a failure. */
import { FerriteError } from '../base/errors.ts';
import { DiskLimitError } from '../engine/disk-limit.ts';

/** Redis takes keys of up to 512 MB. */
export const KEY_TOO_LONG = 'key is too long';

const OUT_OF_MEMORY = "-OOM command not allowed when used memory > 'maxmemory'.";

export function errorText(error: unknown): string {
  const { code, message } = error instanceof FerriteError ? error : { code: '', message: 'internal error' };
  if (error instanceof DiskLimitError) return OUT_OF_MEMORY;
  switch (code) {
    case 'FERRITE_MEMORY_FULL':
      return OUT_OF_MEMORY;
    case 'FERRITE_READ_ONLY':
      return "-READONLY You can't write against a read only replica.";
    case 'FERRITE_WRONG_TYPE':
      return '-WRONGTYPE Operation against a key holding the wrong kind of value';
    case 'FERRITE_NOT_AN_INTEGER':
      return 'value is not an integer or out of range';
    case 'FERRITE_OVERFLOW':
      return 'increment or decrement would overflow';
    case 'FERRITE_DISK_FULL':
    case 'FERRITE_IO':
    case 'FERRITE_POISONED':
    case 'FERRITE_LOCK_LOST':
    case 'FERRITE_PERMISSION':
      return `-MISCONF ${message}`;
    default:
      return message;
  }
}
