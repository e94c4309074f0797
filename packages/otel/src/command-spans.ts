/**
 * Spans of the server's commands: one for what a connection ran in one go, below it what EXEC ran, and, where they are asked
 * for, the commands.
 *
 * Nothing outside lasts longer than a command, so nothing has to be a child while it runs: what ran is noted, and spans are
 * made when the run is over. In between, a command costs a few assignments; the clock is read for each one only where
 * commands get spans of their own.
 */
import { type Attributes, type Context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { MULTI, PIPELINE } from './names.ts';
import { INTERNAL, SERVER, type SpanFacts, type SpanMaker } from './span-maker.ts';

/** Of a batch, so many commands get a span. */
const CHILDREN_MAX = 128;
const MIXED = -1;

/** A command, or, with its commands, what EXEC ran, or a run. */
interface Noted extends SpanFacts {
  inner: Noted[] | null;
}

export class CommandSpans {
  slowMs = 0;
  /** `server.address` and `server.port`. */
  place: Attributes = {};
  private readonly maker: SpanMaker;
  private readonly ofEach: boolean;
  private run = emptyBatch(0);
  /** What EXEC has run so far. */
  private multi = emptyBatch(0);
  /** When the last command ended, where each is timed. */
  private lastMs = 0;

  /** `ofEach`: also a span for each command. */
  constructor(maker: SpanMaker, ofEach: boolean) {
    this.maker = maker;
    this.ofEach = ofEach;
  }

  /** Commands of a connection are about to run. */
  begin(): void {
    this.lastMs = this.maker.clock.monotonicMs();
    this.run = emptyBatch(this.lastMs);
    this.multi = emptyBatch(this.lastMs);
  }

  /** A command has run; `isInner`: for EXEC. `error` is the first word of the error that answered it, or empty. */
  ran(name: string, database: number, error: string, isInner: boolean): void {
    const { multi, maker, ofEach } = this;
    const fromMs = this.lastMs;
    if (ofEach) this.lastMs = maker.clock.monotonicMs();
    if (isInner && multi.size === 0) multi.fromMs = ofEach ? fromMs : maker.clock.monotonicMs();
    if (!isInner && multi.size > 0) this.endMulti();
    const batch = isInner ? multi : this.run;
    add(batch, name, database, error);
    if (!ofEach) return;
    this.note(batch, { name, kind: INTERNAL, database, size: 1, error, fromMs, toMs: this.lastMs, inner: null });
  }

  /** EXEC has run what was queued. */
  private endMulti(): void {
    const { multi, maker } = this;
    multi.toMs = maker.clock.monotonicMs();
    multi.name = batchName(MULTI, multi.name);
    this.note(this.run, multi);
    this.multi = emptyBatch(multi.toMs);
  }

  private note({ inner }: Noted, noted: Noted): void {
    if (inner !== null && inner.length < CHILDREN_MAX && noted.toMs - noted.fromMs >= this.slowMs) inner.push(noted);
  }

  /** All of them have run; `answered` counts also those that were refused, or queued by MULTI. */
  end(answered: number): void {
    const { run, maker } = this;
    run.toMs = maker.clock.monotonicMs();
    if (run.size === 0 || run.toMs - run.fromMs < this.slowMs) return;
    if (answered > run.size) {
      run.size = answered;
      run.name = '';
    }
    if (run.size > 1) run.name = batchName(PIPELINE, run.name);
    // A command that came alone is the run.
    else run.inner = run.inner?.filter(({ inner }) => inner !== null) ?? null;
    run.kind = SERVER;
    maker.look();
    this.make(run, ROOT_CONTEXT, this.place);
  }

  private make(noted: Noted, parent: Context, own?: Attributes): void {
    const { inner, toMs } = noted;
    const span = this.maker.begin(noted, parent, own);
    // What is below a span that nobody keeps is not kept either.
    if (inner?.length && span.isRecording()) {
      const below = trace.setSpan(parent, span);
      for (const each of inner) this.make(each, below);
    }
    this.maker.end(span, toMs);
  }
}

function emptyBatch(fromMs: number): Noted {
  return { name: '', kind: INTERNAL, database: MIXED, size: 0, error: '', fromMs, toMs: fromMs, inner: [] };
}

/** Its name and database are those of its commands, while these have the same. */
function add(batch: Noted, name: string, database: number, error: string): void {
  const isFirst = batch.size++ === 0;
  if (isFirst) batch.name = name;
  else if (batch.name !== name) batch.name = '';
  if (isFirst) batch.database = database;
  else if (batch.database !== database) batch.database = MIXED;
  if (batch.error === '') batch.error = error;
}

function batchName(word: string, operation: string): string {
  return operation === '' ? word : `${word} ${operation}`;
}
