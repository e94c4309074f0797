/**
 * Doubles as text the way C's `printf("%.17g")` writes them, which is how redis 7.0 shows scores: 17 significant digits,
 * so that every double reads back as itself, and no zeros at the end. 0.1 comes out as `0.10000000000000001`.
 */

const SIGNIFICANT_DIGITS = 17;

/** `value` in at most 17 significant digits; `inf`, `-inf`, `nan` and `-0` for those. */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 ? '-' : '';
  const [mantissa, power] = rounded(Math.abs(value)).split('e');
  const exponent = Number(power);
  const digits = mantissa.replace('.', '').replace(/0+$/, '');
  return (
    sign + (exponent >= -4 && exponent < SIGNIFICANT_DIGITS ? plain(digits, exponent) : scientific(digits, exponent))
  );
}

/** `d.ddd...e±x`. JavaScript rounds what lies halfway up; C rounds it to the even digit. */
function rounded(value: number): string {
  const up = value.toExponential(SIGNIFICANT_DIGITS - 1);
  const [mantissa, power] = value.toExponential(SIGNIFICANT_DIGITS + 30).split('e');
  const isHalfway = /^50*$/.test(mantissa.slice(SIGNIFICANT_DIGITS + 1));
  const down = mantissa.slice(0, SIGNIFICANT_DIGITS + 1);
  return isHalfway && Number(down.at(-1)) % 2 === 0 ? `${down}e${power}` : up;
}

function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function scientific(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
}
