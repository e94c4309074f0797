/** A table for a terminal: the first two columns to the left, figures to the right. */

export function textTable(head: readonly string[], rows: readonly (readonly string[])[], leftColumns = 2): string {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at < leftColumns ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
