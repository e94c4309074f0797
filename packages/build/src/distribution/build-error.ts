/** What a build ends with when it cannot be made: a stable code, and a message that says what to do. */

export type BuildErrorCode =
  /** An option or the configuration makes no sense. */
  | 'FERRITE_BUILD_OPTION'
  /** A feature is not known, or its package is not installed. */
  | 'FERRITE_BUILD_FEATURE'
  /** The modules cannot be put into one. */
  | 'FERRITE_BUILD_BUNDLE'
  /** Node.js for the target, or a tool, is not to be had. */
  | 'FERRITE_BUILD_TARGET';

export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly code: BuildErrorCode;

  constructor(code: BuildErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
