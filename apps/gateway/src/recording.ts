/**
 * What happened during a demo, for the live view, the plots and the table: samples of the backlog, phases, marks.
 *
 * Times are milliseconds since the recording began. Samples come in order; while no gateway lives a sample repeats the
 * last backlog, since the readings lie on the disk, and says so in `alive`.
 */
export type PhaseKind = 'calm' | 'down' | 'slow' | 'failing';

export interface PhaseSpan {
  readonly kind: PhaseKind;
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Sample {
  readonly atMs: number;
  readonly backlog: number;
  readonly delivered: number;
  readonly alive: boolean;
}

export interface Mark {
  readonly kind: 'killed' | 'restarted' | 'caughtUp';
  readonly atMs: number;
}

export class Recording {
  readonly #nowMs: () => number;
  readonly #beganMs: number;
  readonly #samples: Sample[] = [];
  readonly #marks: Mark[] = [];
  readonly #phases: PhaseSpan[] = [];
  #current: { kind: PhaseKind; label: string; fromMs: number } | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#beganMs = nowMs();
  }

  /** Milliseconds since the recording began. */
  get elapsedMs(): number {
    return this.#nowMs() - this.#beganMs;
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** The phases so far; the last one ends now. */
  get phases(): readonly PhaseSpan[] {
    return this.#current === undefined ? this.#phases : [...this.#phases, { ...this.#current, toMs: this.elapsedMs }];
  }

  /** The most readings that ever waited; a gateway may know of more than the samples caught. */
  get peak(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>((top, s) => (top && top.backlog >= s.backlog ? top : s), undefined);
  }

  enterPhase(kind: PhaseKind, label: string): void {
    this.endPhase();
    this.#current = { kind, label, fromMs: this.elapsedMs };
  }

  endPhase(): void {
    if (this.#current !== undefined) this.#phases.push({ ...this.#current, toMs: this.elapsedMs });
    this.#current = undefined;
  }

  mark(kind: Mark['kind']): void {
    this.#marks.push({ kind, atMs: this.elapsedMs });
  }

  sample(now: Omit<Sample, 'atMs'>): void {
    this.#samples.push({ ...now, atMs: this.elapsedMs });
  }
}
