/** Doubles as redis 7.2 prints them: the fewest digits that read back as the same double, laid out as C's `%.17g` does it. */

const SIGNIFICANT_DIGITS = 17;
/** Below it integers print the same in every form. */
const PLAIN_INTEGER_MAX = 1e15;

/** The fewest digits that read back as `value`. */
export function formatDouble(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < PLAIN_INTEGER_MAX && (magnitude >= 1e-4 || value === 0))
    return Object.is(value, -0) ? '-0' : `${value}`;
  return formatLong(value, value.toExponential());
}

/** Lays out `d.ddde+x` as `%g` with 17 digits does: plain for exponents from -4 to 16, else with two digits of exponent. */
function formatLong(value: number, exponential: string): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  const exponentAt = exponential.indexOf('e');
  const exponent = Number(exponential.slice(exponentAt + 1));
  const sign = value < 0 ? '-' : '';
  const digits = exponential.slice(sign.length, exponentAt).replace('.', '').replace(/0+$/, '');
  if (exponent < -4 || exponent >= SIGNIFICANT_DIGITS) {
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return digits.length > exponent + 1 ? `${sign}${whole}.${digits.slice(exponent + 1)}` : sign + whole;
}
