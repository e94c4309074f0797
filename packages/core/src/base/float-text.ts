/**
 * What counts as a floating-point number in an argument: the language of C's `strtod`, without its leniency about
 * spaces, the end of the text and `nan`, as redis asks.
 *
 * | form | examples |
 * |---|---|
 * | decimal | `1`, `+1.`, `-.5`, `1e5`, `1.25E-3` |
 * | hexadecimal | `0x10`, `0x1.8p3` |
 * | infinity, any case | `inf`, `+Infinity`, `-INF` |
 *
 * The long way for everything that `parseDouble` does not read at once, and the way of `parseLongDouble`.
 */

/** A number, exactly: `mantissa * base ** exponent`, negated if `isNegative`. */
export interface FloatText {
  /** What was read, as text. */
  readonly text: string;
  readonly isNegative: boolean;
  readonly isInfinite: boolean;
  /** Digits of the mantissa, without sign and point. */
  readonly digits: string;
  readonly base: 2 | 10;
  readonly exponent: number;
}

const INFINITE = /^([-+]?)inf(?:inity)?$/i;
const DECIMAL = /^([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/i;
const HEXADECIMAL = /^([-+]?)0x([\da-f]*)(?:\.([\da-f]*))?(?:p([-+]?\d+))?$/i;

/** Reads the whole range as a number; `undefined` if it is none. */
export function parseFloatText(bytes: Uint8Array, start: number, end: number): FloatText | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const infinite = INFINITE.exec(text);
  if (infinite !== null) {
    return { text, isNegative: infinite[1] === '-', isInfinite: true, digits: '', base: 10, exponent: 0 };
  }
  const decimal = DECIMAL.exec(text);
  const match = decimal ?? HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const base = decimal !== null ? 10 : 2;
  const digits = base === 10 ? whole + fraction : `0x${whole}${fraction}`;
  const shift = base === 10 ? fraction.length : 4 * fraction.length;
  return { text, isNegative: sign === '-', isInfinite: false, digits, base, exponent: Number(exponent) - shift };
}
