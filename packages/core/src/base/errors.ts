/**
 * Errors the environment or the caller causes, each with a stable code.
 *
 * Three failures, three ways: a bug asserts, a client's mistake or a broken environment throws a `FerriteError`
 * with a code from this table and, where there is one, the cause. The message says what to do.
 */

/** What went wrong. Codes are stable: programs may compare them; messages may change. */
export type FerriteErrorCode =
  | 'FERRITE_INVALID_OPTION'
  | 'FERRITE_INVALID_ARGUMENT'
  | 'FERRITE_CLOSED'
  | 'FERRITE_READ_ONLY'
  | 'FERRITE_LOCKED'
  | 'FERRITE_LOCK_LOST'
  | 'FERRITE_DISK_FULL'
  | 'FERRITE_MEMORY_FULL'
  | 'FERRITE_IO'
  | 'FERRITE_POISONED'
  | 'FERRITE_CORRUPT'
  | 'FERRITE_SEGMENT_MISSING'
  | 'FERRITE_NEWER_FORMAT'
  | 'FERRITE_NOT_A_STORE'
  | 'FERRITE_PERMISSION'
  | 'FERRITE_WRONG_TYPE'
  | 'FERRITE_NO_GROUP'
  | 'FERRITE_NOT_AN_INTEGER'
  | 'FERRITE_OVERFLOW'
  | 'FERRITE_SNAPSHOT_REQUIRED'
  | 'FERRITE_EXISTS'
  | 'FERRITE_LISTEN'
  | 'FERRITE_FEATURE'
  | 'FERRITE_UNSUPPORTED';

/** What every call throws, or rejects with, for a mistake in it or a failure of the environment. */
export class FerriteError extends Error {
  override readonly name = 'FerriteError';
  readonly code: FerriteErrorCode;

  constructor(code: FerriteErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
