/**
 * The table at the end of the demo: what became of every reading, and what it took.
 *
 * "Lost" and everything beside it in the first half comes from the collector's audit; the second half from the gateways.
 */
import type { Durability } from '@ferrite/lite';
import type { Paint } from './ansi.ts';
import { duration, grouped } from './scale.ts';
import type { Outcome } from './story.ts';

type Row = readonly [name: string, value: string, note: string];

/** The table as lines, a rule above, between the halves and below. */
export function resultTable(outcome: Outcome, durability: Durability, paint: Paint): string[] {
  const halves = [readingRows(outcome, durability), effortRows(outcome)];
  const rows = halves.flat();
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const rule = paint('grey', `  ${'─'.repeat(widths[0] + widths[1] + widths[2] + 4)}`);
  const bad = outcome.audit.lost + outcome.audit.altered > 0;
  const format = ([name, value, note]: Row): string => {
    const cells = `${name.padEnd(widths[0])}  ${value.padStart(widths[1])}`;
    const shown = name === 'lost' ? paint(bad ? 'red' : 'green', paint('bold', cells)) : cells;
    return `  ${shown}  ${paint('grey', note)}`.trimEnd();
  };
  return [rule, ...halves.flatMap((half) => [...half.map(format), rule])];
}

function readingRows({ audit, produced }: Outcome, durability: Durability): Row[] {
  const rows: Row[] = [
    ['produced', grouped(produced), 'readings made by the sensors'],
    ['stored', grouped(audit.expected), `acknowledged to the sensors as stored, durability "${durability}"`],
    ['delivered', grouped(audit.delivered), 'different readings at the collector, each as the sensor made it'],
    ['duplicates', grouped(audit.duplicates), 'sent again after an answer that never came; recognised and left out'],
  ];
  if (audit.dropped > 0) rows.push(['dropped', grouped(audit.dropped), 'from a full buffer, with a gap record']);
  if (audit.altered > 0) rows.push(['altered', grouped(audit.altered), 'not as the sensor made them']);
  const where = audit.examples.length === 0 ? '' : `, for instance ${audit.examples[0]}`;
  return [...rows, ['lost', grouped(audit.lost), `counted by the collector from the seed, not by the gateway${where}`]];
}

function effortRows({ total, highWater, recovery, catchUpMs }: Outcome): Row[] {
  const perReading = total.writtenBytes / Math.max(1, total.stored);
  const factor = (total.writtenBytes / Math.max(1, total.askedBytes)).toFixed(2);
  const rows: Row[] = [['most waiting', grouped(highWater), "readings in the gateway's store at one moment"]];
  if (recovery !== undefined) {
    const note = `the store open with ${grouped(recovery.backlog)} readings; process up in ${duration(recovery.readyMs)}`;
    rows.push(['recovery', duration(recovery.openMs), note]);
  }
  return [
    ...rows,
    ['catch-up', duration(catchUpMs), 'from a collector that answers again to an empty buffer'],
    [
      'per reading',
      `${Math.round(perReading)} B`,
      `written to flash; ${factor} x what was stored, ${grouped(total.fsyncs)} fsyncs`,
    ],
  ];
}
