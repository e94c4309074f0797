/**
 * `assert`: stops at a bug.
 *
 * For what can only be false when this code is wrong. What a caller, a file or the disk can get wrong is never
 * asserted: it is answered with an error value or a `FerriteError`. Called from every room.
 */

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
