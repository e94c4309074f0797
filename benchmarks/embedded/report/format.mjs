/** Numbers as people read them, in decimal units. Used by tables, charts and the lines of progress. */

/** Three significant digits, no exponent. */
export function digits(value) {
  if (value === 0) return '0';
  const size = Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(0, 2 - size), 3));
}

export const units = {
  perSecond: (value) => (value >= 1e6 ? `${digits(value / 1e6)} M/s` : `${digits(value / 1e3)} K/s`),
  us: (value) => (value >= 1000 ? `${digits(value / 1000)} ms` : `${digits(value)} us`),
  ms: (value) => `${digits(value)} ms`,
  mb: (value) => `${digits(value / 1e6)} MB`,
  times: (value) => `${digits(value)}x`,
  ratio: (value) => digits(value),
};

/** `median (min to max)`, or a dash; without a spread when there was one round. */
export function withSpread(summary, unit) {
  if (summary === null) return '–';
  const text = units[unit](summary.median);
  return summary.rounds < 2 ? text : `${text} (${units[unit](summary.min)} to ${units[unit](summary.max)})`;
}

export function plain(summary, unit) {
  return summary === null ? '–' : units[unit](summary.median);
}
