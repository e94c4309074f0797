/**
 * The backlog over time, drawn with braille dots for a terminal: two dots of time and four of height per character.
 *
 * Above the curve a line of marks (killed, restarted, caught up), below it the axis and a lane with the phases. Without
 * colour everything can still be read. Called by the live view while the story runs, and for the last picture.
 */
import type { Paint, Style } from './ansi.ts';
import type { Mark, PhaseKind, PhaseSpan, Recording } from './recording.ts';
import { short, ticksUpTo } from './scale.ts';

export interface PlotSize {
  /** Characters, axis labels included, and rows of the curve itself. */
  readonly width: number;
  readonly rows: number;
  /** The time that the width stands for; more when the recording is longer. */
  readonly spanMs: number;
}

type Cell = readonly [style: Style, char: string];

const AXIS_WIDTH = 7;
/** Bits of a braille cell's four dots from the bottom up, left and right column. */
const DOTS = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const;

const PHASE_STYLE: Readonly<Record<PhaseKind, Style>> = { calm: 'blue', down: 'red', slow: 'amber', failing: 'violet' };
/** Each mark is a sign at its moment, with its words on the one side or, where that is taken, on the other. */
const MARKS: Readonly<Record<Mark['kind'], { sign: string; words: string; side: 'left' | 'right'; style: Style }>> = {
  killed: { sign: '✕', words: 'SIGKILL', side: 'left', style: 'red' },
  restarted: { sign: '↻', words: 'restarted', side: 'right', style: 'blue' },
  caughtUp: { sign: '✓', words: 'caught up', side: 'left', style: 'green' },
};

/** The picture as lines. */
export function plotInTerminal(recording: Recording, size: PlotSize, paint: Paint): string[] {
  const columns = Math.max(20, size.width - AXIS_WIDTH);
  const spanMs = Math.max(size.spanMs, recording.elapsedMs, 1);
  const columnOf = (ms: number): number => Math.min(columns - 1, Math.floor((ms / spanMs) * columns));
  const ticks = ticksUpTo(recording.peak?.backlog ?? 0, 4);
  const heights = dotHeights(recording, columns * 2, spanMs, size.rows * 4, ticks[ticks.length - 1]);
  const killed = recording.marks.filter((mark) => mark.kind === 'killed').map((mark) => columnOf(mark.atMs));

  const styles = Array.from({ length: columns }, (_, x) => styleAt(recording.phases, ((x + 0.5) / columns) * spanMs));
  const lines = [' '.repeat(AXIS_WIDTH) + painted(markCells(recording.marks, columns, columnOf), paint)];
  for (let row = size.rows - 1; row >= 0; row--) {
    const cells = styles.map((style, x): Cell => {
      const char = brailleAt(heights, x, row);
      return char === ' ' && killed.includes(x) ? ['red', '┊'] : [style, char];
    });
    lines.push(paint('grey', axisLabel(row, size.rows, ticks)) + painted(cells, paint));
  }
  lines.push(paint('grey', `${'0'.padStart(AXIS_WIDTH - 2)} └${timeAxis(columns, spanMs)}`));
  lines.push(' '.repeat(AXIS_WIDTH) + painted(laneCells(recording.phases, columns, columnOf), paint));
  return lines.map((line) => line.trimEnd());
}

/** For each column of dots how many dots high the backlog is; -1 where nothing is recorded yet. */
function dotHeights(recording: Recording, dots: number, spanMs: number, full: number, top: number): number[] {
  const { samples } = recording;
  const heights: number[] = [];
  let next = 0;
  for (let x = 0; x < dots; x++) {
    const endMs = ((x + 1) / dots) * spanMs;
    let most = -1;
    while (next < samples.length && samples[next].atMs < endMs) most = Math.max(most, samples[next++].backlog);
    if (most < 0 && next > 0 && next < samples.length) most = samples[next - 1].backlog;
    heights.push(most < 0 ? -1 : Math.max(1, Math.round((most / top) * full)));
  }
  return heights;
}

function brailleAt(heights: readonly number[], x: number, row: number): string {
  let bits = 0;
  for (const side of [0, 1]) {
    const dots = Math.min(4, heights[2 * x + side] - 4 * row);
    for (let dot = 0; dot < dots; dot++) bits |= DOTS[side][dot];
  }
  return bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits);
}

function axisLabel(row: number, rows: number, ticks: readonly number[]): string {
  const top = ticks[ticks.length - 1];
  const tick = ticks.find((value) => value > 0 && Math.ceil((value / top) * rows) - 1 === row);
  return tick === undefined ? `${' '.repeat(AXIS_WIDTH - 1)}│` : `${short(tick).padStart(AXIS_WIDTH - 2)} ┤`;
}

function timeAxis(columns: number, spanMs: number): string {
  const line = Array<string>(columns).fill('─');
  for (const seconds of ticksUpTo(spanMs / 1000, 6)) {
    const text = seconds === 0 ? '' : `${seconds} s`;
    const at = Math.round(((seconds * 1000) / spanMs) * columns) - 1;
    if (at + text.length < columns) line.splice(Math.max(0, at), text.length, ...text);
  }
  return line.join('');
}

function styleAt(phases: readonly PhaseSpan[], atMs: number): Style {
  const phase = phases.find((span) => atMs >= span.fromMs && atMs < span.toMs);
  return PHASE_STYLE[phase?.kind ?? 'calm'];
}

function markCells(marks: readonly Mark[], columns: number, columnOf: (ms: number) => number): Cell[] {
  const cells = blank(columns);
  let free = 0;
  for (const [i, mark] of marks.entries()) {
    const { sign, words, side, style } = MARKS[mark.kind];
    const at = columnOf(mark.atMs);
    const end = i + 1 < marks.length ? columnOf(marks[i + 1].atMs) - 1 : columns;
    const left = at - words.length - 1 >= free ? `${words} ${sign}` : sign;
    const right = at + words.length + 1 < end ? `${sign} ${words}` : sign;
    const shown = (side === 'left' ? [left, right] : [right, left]).find((text) => text !== sign) ?? sign;
    const from = at - shown.indexOf(sign);
    for (let k = 0; k < shown.length; k++) cells[from + k] = [style, shown[k]];
    free = from + shown.length + 1;
  }
  return cells;
}

function laneCells(phases: readonly PhaseSpan[], columns: number, columnOf: (ms: number) => number): Cell[] {
  const cells = blank(columns);
  for (const { kind, label, fromMs, toMs } of phases) {
    const from = columnOf(fromMs);
    const width = columnOf(toMs) - from;
    if (width < 2) continue;
    const words = label.length + 4 <= width ? ` ${label} ` : shortened(label, width - 2);
    const left = Math.floor((width - 2 - words.length) / 2);
    const right = width - 2 - words.length - left;
    const text = kind === 'calm' ? words.padStart(left + 1 + words.length).padEnd(width) : null;
    const line = text ?? `├${'─'.repeat(left)}${words}${'─'.repeat(right)}┤`;
    for (let i = 0; i < width; i++) cells[from + i] = [kind === 'calm' ? 'grey' : PHASE_STYLE[kind], line[i]];
  }
  return cells;
}

/** The last words that fit: they say more of a phase than the beginning does. Of a word that does not fit, its beginning. */
function shortened(label: string, width: number): string {
  let words = label;
  while (words.length > width && words.includes(' ')) words = words.slice(words.indexOf(' ') + 1);
  return words.length + 2 <= width ? ` ${words} ` : words.slice(0, width);
}

function blank(columns: number): Cell[] {
  return Array<Cell>(columns).fill(['grey', ' ']);
}

/** Cells as text, neighbours of one style painted together. */
function painted(cells: readonly Cell[], paint: Paint): string {
  let out = '';
  for (let i = 0; i < cells.length; ) {
    const style = cells[i][0];
    let text = '';
    for (; i < cells.length && cells[i][0] === style; i++) text += cells[i][1];
    out += paint(style, text);
  }
  return out;
}
