/** A tracer of the real SDK that keeps its spans, a clock that moves by hand, and spans as texts that a test can read. */
import { type Attributes, SpanKind, SpanStatusCode, type TracerProvider } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

export class Traced {
  readonly provider: TracerProvider;
  private readonly exporter = new InMemorySpanExporter();

  constructor(sampler?: Sampler) {
    this.provider = new BasicTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(this.exporter)] });
  }

  /** What ended since the last call, in the order in which it began. */
  take(): ReadableSpan[] {
    const spans = this.exporter.getFinishedSpans().sort((one, other) => msOf(one.startTime) - msOf(other.startTime));
    this.exporter.reset();
    return spans;
  }

  /** A line for each span, indented below its parent: name, kind, how long, error. */
  takeTree(): string[] {
    const spans = this.take();
    const ids = new Set(spans.map((span) => span.spanContext().spanId));
    const lines: string[] = [];
    const add = (span: ReadableSpan, indent: string): void => {
      const { name, kind, duration, status } = span;
      const error = status.code === SpanStatusCode.ERROR ? ` failed ${span.attributes['error.type']}` : '';
      const size = span.attributes['db.operation.batch.size'];
      const of = size === undefined ? '' : ` of ${size}`;
      lines.push(`${indent}${name}${of} ${SpanKind[kind]} ${Math.round(msOf(duration) * 1000) / 1000} ms${error}`);
      const id = span.spanContext().spanId;
      for (const child of spans) if (child.parentSpanContext?.spanId === id) add(child, `${indent}  `);
    };
    for (const span of spans) if (!ids.has(span.parentSpanContext?.spanId ?? '')) add(span, '');
    return lines;
  }

  takeAttributes(): Attributes[] {
    return this.take().map(({ attributes }) => attributes);
  }
}

export class HandClock {
  ms = 1_000_000;

  nowMs(): number {
    return Math.floor(1_700_000_000_000 + this.ms);
  }

  monotonicMs(): number {
    return this.ms;
  }
}

export function msOf([seconds, nanos]: [number, number]): number {
  return seconds * 1000 + nanos / 1e6;
}
