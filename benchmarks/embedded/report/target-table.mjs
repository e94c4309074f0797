/** The table of targets for the terminal. */
import { withSpread } from './format.mjs';
import { judge } from './targets.mjs';

const marks = { aim: '++', met: '+ ', missed: '- ', 'aim missed': '- ', reported: '  ', 'not measured': '? ' };

export function targetLines(results) {
  const judged = judge(results);
  const cells = judged.map((row) => [
    `${marks[row.verdict]} ${row.title}`,
    withSpread(row.summary, row.unit),
    row.must,
    row.aim,
    row.verdict,
  ]);
  const heads = ['   target', 'measured', 'must', 'aim', 'verdict'];
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at].length)));
  const line = (row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd();
  const lines = [line(heads)];
  for (const [at, row] of cells.entries()) {
    lines.push(line(row));
    if (judged[at].note !== '') lines.push(`      ${judged[at].note}`);
  }
  return [...lines, '', countLine(judged)];
}

/** One line: how many rows are met, missed, not measured. */
export function countLine(judged) {
  const count = (...verdicts) => judged.filter(({ verdict }) => verdicts.includes(verdict)).length;
  return [
    `${count('aim')} rows reach their aim`,
    `${count('met')} meet what they must`,
    `${count('missed', 'aim missed')} miss`,
    `${count('not measured')} not measured`,
  ].join(', ');
}
