/** What a client is told of a failure that its command met, in redis's words where redis knows such a failure. */
import { FerriteError } from '../base/errors.ts';

/** Redis takes keys of up to 512 MB. */
export const KEY_TOO_LONG = 'key is too long';

export function errorText(error: unknown): string {
  const { code, message } = error instanceof FerriteError ? error : { code: '', message: 'internal error' };
  switch (code) {
    case 'FERRITE_MEMORY_FULL':
      return "-OOM command not allowed when used memory > 'maxmemory'.";
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
