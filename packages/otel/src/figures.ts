/**
 * What metrics are read from: the figures that the store and its server keep for themselves anyway. Nothing is counted for
 * the sake of metrics, so what runs on the hot path does not know whether anybody collects them.
 */
import type { Stats } from '@ferrite/core/module';

export interface Figures {
  store: Stats;
  /** null while no server runs on the store. */
  server: ServerFigures | null;
}

/** What is read of a server: since it began, or since CONFIG RESETSTAT. */
export interface ServerFigures {
  readonly connections: number;
  readonly connectionsAccepted: number;
  readonly connectionsRejected: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly keyHits: number;
  readonly keyMisses: number;
  /** Commands that were called, by name: in lower case, of a subcommand `config|get`. */
  commands(): Iterable<readonly [name: string, figures: CommandFigures]>;
}

/** Times in microseconds. */
export interface CommandFigures {
  readonly calls: number;
  readonly micros: number;
  /** Run, and answered with an error. */
  readonly failed: number;
  /** Not run, say for wrong arguments. */
  readonly rejected: number;
  /** How the times of the calls are spread. */
  readonly histogram: DurationHistogram;
}

interface DurationHistogram {
  readonly total: number;
  /** Microseconds that `percent` of all took at most. */
  percentile(percent: number): number;
  /** Powers of two of microseconds with how many took less; those where nothing changes may be left out. */
  byPowerOfTwo(): [micros: number, count: number][];
}
