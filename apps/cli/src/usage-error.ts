/** A mistake in the command line. The program shows it with the usage, and exits with 2. */

export class UsageError extends Error {
  override readonly name = 'UsageError';
}
