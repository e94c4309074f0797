/**
 * What a person sees while the story runs: in a terminal a picture that redraws itself, elsewhere plain lines.
 *
 * The redrawn picture never scrolls: it moves up by as many lines as it drew before. Plain lines are for build servers,
 * files and pipes: every event, and a line of figures every few seconds.
 */
import {
  CLEAR_BELOW,
  CLEAR_LINE_END,
  CURSOR_HIDE,
  CURSOR_SHOW,
  canRedraw,
  cursorUp,
  inColour,
  type Paint,
} from './ansi.ts';
import type { Recording } from './recording.ts';
import { grouped } from './scale.ts';
import { plotInTerminal } from './terminal-plot.ts';

/** The figures of this moment. */
export interface Snapshot {
  readonly recording: Recording;
  readonly expectedMs: number;
  readonly stationCount: number;
  readonly rate: number;
  readonly produced: number;
  readonly waiting: number;
  readonly delivered: number;
  readonly duplicates: number;
  /** Process id of the gateway; undefined while none lives. */
  readonly pid: number | undefined;
}

export interface View {
  update(snapshot: Snapshot): void;
  event(line: string): void;
  /** Leaves the terminal as a person wants it back. */
  close(): void;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const PLAIN_EVERY_MS = 3_000;
const COLUMNS_MIN = 64;
const ROWS_MIN = 20;
/** Lines of the picture besides the rows of the curve. */
const FRAME_ROWS = 11;
const CURVE_ROWS_MAX = 10;

export function createView(screen: Screen, env: NodeJS.ProcessEnv): View {
  const roomy = (screen.columns ?? 80) >= COLUMNS_MIN && (screen.rows ?? 24) >= ROWS_MIN;
  return canRedraw(screen, env) && roomy ? new RedrawnView(screen) : new PlainView(screen);
}

class PlainView implements View {
  readonly #screen: Screen;
  #elapsedMs = 0;
  #printedMs = Number.NEGATIVE_INFINITY;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  update(snapshot: Snapshot): void {
    this.#elapsedMs = snapshot.recording.elapsedMs;
    if (this.#elapsedMs - this.#printedMs < PLAIN_EVERY_MS) return;
    this.#printedMs = this.#elapsedMs;
    const { produced, waiting, delivered } = snapshot;
    this.event(`produced ${grouped(produced)}, waiting ${grouped(waiting)}, delivered ${grouped(delivered)}`);
  }

  event(line: string): void {
    this.#screen.write(`${clock(this.#elapsedMs)}  ${line}\n`);
  }

  close(): void {}
}

class RedrawnView implements View {
  readonly #screen: Screen;
  #drawnLines = 0;
  #lastEvent = '';
  readonly #restore = (): void => this.close();

  constructor(screen: Screen) {
    this.#screen = screen;
    screen.write(CURSOR_HIDE);
    process.once('exit', this.#restore);
  }

  update(snapshot: Snapshot): void {
    const width = Math.min(110, (this.#screen.columns ?? 80) - 1);
    const rows = Math.min(CURVE_ROWS_MAX, (this.#screen.rows ?? 24) - FRAME_ROWS - 1);
    const { recording, expectedMs } = snapshot;
    const lines = [
      ...headLines(snapshot, width, inColour),
      inColour('grey', `  ${this.#lastEvent}`.slice(0, width)),
      '',
      ...plotInTerminal(recording, { width, rows, spanMs: expectedMs }, inColour),
    ];
    const text = lines.map((line) => `${line}${CLEAR_LINE_END}\n`).join('');
    this.#screen.write(cursorUp(this.#drawnLines) + text + CLEAR_BELOW);
    this.#drawnLines = lines.length;
  }

  event(line: string): void {
    this.#lastEvent = line;
  }

  close(): void {
    process.removeListener('exit', this.#restore);
    this.#screen.write(cursorUp(this.#drawnLines) + CLEAR_BELOW + CURSOR_SHOW);
    this.#drawnLines = 0;
  }
}

function headLines(snapshot: Snapshot, width: number, paint: Paint): string[] {
  const { recording, expectedMs, stationCount, rate, produced, waiting, delivered, duplicates, pid } = snapshot;
  const phase = recording.phases.at(-1);
  const time = `${clock(recording.elapsedMs)} of about ${clock(expectedMs)}`;
  const title = 'Ferrite gateway: keep every reading, whatever fails';
  const states = {
    calm: paint('green', 'answers'),
    down: paint('red', 'cannot be reached: the network is down'),
    slow: paint('amber', 'answers slowly, sometimes too late'),
    failing: paint('violet', 'answers 500 Internal Server Error'),
  };
  const gateway =
    pid === undefined ? paint('red', 'killed with SIGKILL') : `${paint('green', 'runs')} as process ${pid}`;
  const figure = (value: number, word: string): string =>
    `${paint('bold', grouped(value).padStart(9))} ${word.padEnd(10)}`;
  return [
    `  ${paint('bold', title)}${paint('grey', time.padStart(width - title.length - 2))}`,
    '',
    `  sensors   ${figure(produced, 'produced')}${stationCount} stations, ${grouped(rate)} readings per second`,
    `  gateway   ${figure(waiting, 'waiting')}${gateway}`,
    `  collector ${figure(delivered, 'delivered')}${states[phase?.kind ?? 'calm']}, ${grouped(duplicates)} duplicates so far`,
  ];
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
