/**
 * Makes spans when what they are about is over: name, size and outcome are known then, so that the SDK's sampler sees all of
 * it, and what nobody wants to see was never begun.
 *
 * Durations come from a clock that never goes back, and the SDK wants milliseconds since 1970: the date is added here. The
 * wall clock counts whole milliseconds, so the highest difference of the two that was ever seen is the best one; when it is
 * off by more than that explains, somebody has set the clock.
 */
import type { Clock } from '@ferrite/core/module';
import type { Attributes, Context, Span, SpanKind, SpanStatusCode, Tracer } from '@opentelemetry/api';
import { BATCH_SIZE, DATABASE, ERROR_TYPE, OPERATION, STATUS, STORE, SYSTEM, SYSTEM_NAME } from './names.ts';

// As the API counts them: its enums would weigh more than these.
export const INTERNAL: SpanKind.INTERNAL = 0;
export const SERVER: SpanKind.SERVER = 1;
const ERROR: SpanStatusCode.ERROR = 2;

const CLOCK_WAS_SET_MS = 2;

export interface SpanFacts {
  name: string;
  kind: SpanKind;
  /** Negative: none, or several. */
  database: number;
  /** Operations, if there is more than one. */
  size: number;
  /** Empty if nothing failed. */
  error: string;
  /** By the monotonic clock. */
  fromMs: number;
  toMs: number;
}

export interface SpanMaker {
  readonly clock: Clock;
  /** Asks for the date: once for all spans of a batch, so that they fit together. */
  look(): void;
  /** A span below `parent`, `own` its further attributes, to be ended by `end`. */
  begin(facts: SpanFacts, parent: Context, own?: Attributes): Span;
  end(span: Span, toMs: number): void;
}

export function spanMaker(tracer: Tracer, storeName: string, clock: Clock): SpanMaker {
  /** What is added to a time of the monotonic clock. */
  let epochMs = 0;
  return {
    clock,
    look() {
      const seenMs = clock.nowMs() - clock.monotonicMs();
      if (seenMs > epochMs || seenMs < epochMs - CLOCK_WAS_SET_MS) epochMs = seenMs;
    },
    begin({ name, kind, database, size, error, fromMs }, parent, own) {
      const attributes: Attributes = { [SYSTEM]: SYSTEM_NAME, [OPERATION]: name, [STORE]: storeName, ...own };
      if (database >= 0) attributes[DATABASE] = String(database);
      if (size > 1) attributes[BATCH_SIZE] = size;
      if (error !== '') attributes[STATUS] = attributes[ERROR_TYPE] = error;
      const span = tracer.startSpan(name, { kind, attributes, startTime: fromMs + epochMs }, parent);
      if (error !== '') span.setStatus({ code: ERROR });
      return span;
    },
    end(span, toMs) {
      span.end(toMs + epochMs);
    },
  };
}
