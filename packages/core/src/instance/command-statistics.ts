/**
 * How often commands ran and how long they took, for INFO, SLOWLOG and LATENCY, at next to no cost.
 *
 * Reading the clock twice for each command would cost small ones 5 % and more. So light commands that came in one read are
 * timed together, up to 64 at a time, and share the time equally. A span of them ends early at the last command at hand,
 * at one with many bytes, and before one that is not light: those are timed one by one. What always holds:
 *
 * 1. `calls`, rejected and failed ones are exact; the sum of the times is what passed while commands ran, their parsing
 *    included.
 * 2. A span ends, but for rule 3, while the call still holds its last command: a slow span is put down to that one, which
 *    is the only one or the one with many bytes in all cases but a stall of the process.
 * 3. After a slow span of several commands, and while SLOWLOG or LATENCY look for what takes less than a millisecond, each
 *    command is timed by itself.
 *
 * Called by the executor and by EXEC.
 */
import type { Call } from '../commands/call.ts';
import { type CommandRow, FAST, SKIP_SLOWLOG } from '../commands/command.ts';
import type { CommandFigures, Statistics } from '../commands/statistics.ts';
import type { Client } from './client.ts';
import type { Instance } from './instance.ts';
import { LatencyHistogram } from './latency-histogram.ts';

const SPAN_CALLS_MAX = 64;
const HEAVY_BYTES = 16 * 1024;
const PRECISE_BELOW_US = 1000;
/** How long commands are timed by themselves after a slow span. */
const PRECISE_FOR_MS = 500;
const US_PER_MS = 1000;

class Figures implements CommandFigures {
  calls = 0;
  micros = 0;
  rejected = 0;
  failed = 0;
  readonly histogram = new LatencyHistogram();
}

export class CommandStatistics implements Statistics {
  /** `latency-tracking`: whether INFO and LATENCY HISTOGRAM tell how the times are spread. */
  tracksLatency = true;
  /** `latency-tracking-info-percentiles` */
  percentiles: readonly number[] = [50, 99, 99.9];
  /** Where the span at hand began. EXEC puts it back to its own beginning. */
  fromMs = 0;
  private readonly instance: Instance;
  private figures = new Map<CommandRow, Figures>();
  private readonly spanRows: CommandRow[] = [];
  private spanCalls = 0;
  private spanCallsMax = SPAN_CALLS_MAX;
  private preciseUntilMs = Number.NEGATIVE_INFINITY;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  of(row: CommandRow): CommandFigures | undefined {
    return this.figures.get(row);
  }

  /** Commands of a client are about to run, at `nowMs` of the monotonic clock. */
  begin(nowMs: number): void {
    this.fromMs = nowMs;
  }

  /** Before a command runs. */
  before(row: CommandRow): void {
    if (this.spanCalls > 0 && !isLight(row)) this.close(null, null);
  }

  /** After it; its reply began at `from` of the client's output. */
  ran(call: Call, row: CommandRow, client: Client, from: number): void {
    this.spanRows[this.spanCalls++] = row;
    if (
      this.spanCalls >= this.spanCallsMax ||
      client.reply.length - from > HEAVY_BYTES ||
      call.ends[call.argc - 1] - call.starts[0] > HEAVY_BYTES ||
      client.isInExec ||
      client.parser.pendingBytes === 0 ||
      !isLight(row)
    ) {
      this.close(call, client);
    }
  }

  /** Nothing more runs now. */
  end(): void {
    if (this.spanCalls > 0) this.close(null, null);
  }

  rejected(row: CommandRow): void {
    if (row.name === '') return;
    this.figuresOf(row).rejected++;
    const { errors } = this.instance;
    errors.blamed = errors.total;
  }

  failed(row: CommandRow): void {
    this.figuresOf(row).failed++;
    const { errors } = this.instance;
    errors.blamed = errors.total;
  }

  reset(): void {
    this.figures = new Map();
  }

  private figuresOf(row: CommandRow): Figures {
    let figures = this.figures.get(row);
    if (figures === undefined) {
      figures = new Figures();
      this.figures.set(row, figures);
    }
    return figures;
  }

  /** `call` and `client` if they still are of the last command of the span. */
  private close(call: Call | null, client: Client | null): void {
    const { spanRows, spanCalls, instance } = this;
    const nowMs = instance.store.clock.monotonicMs();
    const micros = (nowMs - this.fromMs) * US_PER_MS;
    this.fromMs = nowMs;
    this.spanCalls = 0;
    const row = spanRows[spanCalls - 1];
    for (let i = 0; i < spanCalls; ) {
      let next = i + 1;
      while (next < spanCalls && spanRows[next] === spanRows[i]) next++;
      const figures = this.figuresOf(spanRows[i]);
      figures.calls += next - i;
      figures.micros += (micros / spanCalls) * (next - i);
      if (this.tracksLatency) figures.histogram.add(micros / spanCalls, next - i);
      i = next;
    }
    if (call !== null && client !== null) this.judge(call, row, client, micros);
    this.choosePrecision(nowMs, micros, spanCalls);
  }

  private judge(call: Call, row: CommandRow, client: Client, micros: number): void {
    const { slowLog, latency } = this.instance;
    latency.note((row.flags & FAST) !== 0 ? 'fast-command' : 'command', micros / US_PER_MS);
    if ((row.flags & SKIP_SLOWLOG) === 0) slowLog.note(call, row, client, micros);
  }

  private choosePrecision(nowMs: number, micros: number, calls: number): void {
    const { slowLog, latency } = this.instance;
    const { thresholdMicros } = slowLog;
    const isSlow = thresholdMicros >= 0 && micros >= thresholdMicros;
    if (calls > 1 && (isSlow || latency.isNotable(micros / US_PER_MS))) this.preciseUntilMs = nowMs + PRECISE_FOR_MS;
    const looksClosely = thresholdMicros >= 0 && thresholdMicros < PRECISE_BELOW_US;
    this.spanCallsMax = looksClosely || nowMs < this.preciseUntilMs ? 1 : SPAN_CALLS_MAX;
  }
}

/** What takes a few microseconds at most, if its bytes are few. */
function isLight(row: CommandRow): boolean {
  return (row.flags & FAST) !== 0 || row.group === 'string';
}
