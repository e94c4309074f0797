/** What is counted of each command. Implemented in `instance/`. */
import type { CommandRow } from './command.ts';

/** Times in microseconds. */
export interface CommandFigures {
  readonly calls: number;
  readonly micros: number;
  /** Not run, say for wrong arguments or for lack of memory. */
  readonly rejected: number;
  /** Run, and answered with an error. */
  readonly failed: number;
  readonly histogram: Histogram;
}

interface Histogram {
  readonly total: number;
  percentile(percent: number): number;
  byPowerOfTwo(): [micros: number, count: number][];
}

export interface Statistics {
  readonly tracksLatency: boolean;
  readonly percentiles: readonly number[];
  /** undefined: it was never called. */
  of(row: CommandRow): CommandFigures | undefined;
}
