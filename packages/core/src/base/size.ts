/**
 * `parseSize`: reads a size in bytes as people write it in options: `65536`, `'64mb'`, `'1.5 GB'`.
 *
 * The units are redis's, letter case ignored: `b` or nothing is bytes; `k`, `m`, `g` are powers of 1000 and `kb`,
 * `mb`, `gb` powers of 1024. Beyond redis, spaces around the unit and a decimal point are allowed; a fraction of a
 * byte is dropped. Called when options are validated, so it takes anything and never throws.
 */

const UNIT_BYTES = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1024],
  ['m', 1000 ** 2],
  ['mb', 1024 ** 2],
  ['g', 1000 ** 3],
  ['gb', 1024 ** 3],
]);
const PATTERN = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/;

/** The size in bytes, a safe integer that is not negative; `undefined` when it cannot be read as one. */
export function parseSize(size: unknown): number | undefined {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
  if (typeof size !== 'string') return undefined;
  const match = PATTERN.exec(size.toLowerCase());
  if (match === null) return undefined;
  const unitBytes = UNIT_BYTES.get(match[2]);
  if (unitBytes === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * unitBytes);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
