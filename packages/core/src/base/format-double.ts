/**
 * Doubles as text the way C's `printf("%.17g")` writes them, which is how redis 7.0 shows scores: 17 significant digits,
 * so that every double reads back as itself, and no zeros at the end. 0.1 comes out as `0.10000000000000001`.
 */

const SIGNIFICANT_DIGITS = 17;
/** More digits than any double has that lies halfway between two texts. */
const EXACT_DIGITS = 60;
/** What lies halfway has 18 digits, and so at most 25 bits after the point, for 5^26 has 19 digits. */
const HALFWAY_SCALE = 2 ** 25;

/** `value` in at most 17 significant digits; `inf`, `-inf`, `nan` and `-0` for those. */
export function formatDouble(value: number): string {
  const magnitude = Math.abs(value);
  // At most 15 digits are needed to write it exactly, and then JavaScript writes these.
  if (magnitude < 1e9 && Number.isInteger(value * 64)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 ? '-' : '';
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}inf`;
  const isHalfwayLikely = Number.isInteger(magnitude * HALFWAY_SCALE);
  const text = isHalfwayLikely ? roundedToEven(magnitude) : withDigits(magnitude, SIGNIFICANT_DIGITS);
  const [mantissa, power] = text.split('e');
  const shortest = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return power === undefined ? sign + shortest : `${sign}${shortest}e${power[0]}${power.slice(1).padStart(2, '0')}`;
}

/** C and JavaScript disagree on when to use an exponent. */
function withDigits(magnitude: number, digits: number): string {
  const isPlain = magnitude >= 1e-4 && magnitude < 10 ** SIGNIFICANT_DIGITS;
  return isPlain ? magnitude.toPrecision(digits) : magnitude.toExponential(digits - 1);
}

/** JavaScript rounds what lies halfway up; C rounds it to the even digit. */
function roundedToEven(magnitude: number): string {
  const up = withDigits(magnitude, SIGNIFICANT_DIGITS);
  const exact = withDigits(magnitude, EXACT_DIGITS).replace(/0+(e|$)/, '$1');
  const [mantissa, power] = exact.split('e');
  const digits = mantissa.replace('.', '').replace(/^0+/, '');
  const isHalfway = digits.length === SIGNIFICANT_DIGITS + 1 && digits.endsWith('5');
  if (!isHalfway || Number(digits.at(-2)) % 2 === 1) return up;
  return mantissa.slice(0, -1) + (power === undefined ? '' : `e${power}`);
}
