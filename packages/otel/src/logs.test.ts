import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterEach, expect, it } from 'vitest';
import { Traced } from '../test/traced.ts';
import { bridgeTo, type LoggerProviderLike } from './logs.ts';

afterEach(() => context.disable());

it('lines of the log become records of the SDK, with their severity, time and the span they were said in', () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new InMemoryLogRecordExporter();
  // The real provider is one as the option asks for it.
  const provider: LoggerProviderLike = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  let nowMs = 1_700_000_000_000;
  const log = bridgeTo(provider.getLogger('test'), 'cache', () => nowMs);
  const span = new Traced().provider.getTracer('test').startSpan('shutdown');
  for (const level of ['debug', 'verbose', 'notice'] as const) log(level, `${level} line`);
  nowMs += 250;
  context.with(trace.setSpan(ROOT_CONTEXT, span), () => log('warning', 'the disk is full'));
  const records = exporter.getFinishedLogRecords();
  expect(records.map(({ body, severityNumber, severityText }) => [body, severityNumber, severityText])).toEqual([
    ['debug line', 5, 'DEBUG'],
    ['verbose line', 9, 'INFO'],
    ['notice line', 10, 'INFO2'],
    ['the disk is full', 13, 'WARN'],
  ]);
  expect(records[3].hrTime).toEqual([1_700_000_000, 250_000_000]);
  expect(records[3].attributes).toEqual({ 'ferrite.store': 'cache' });
  expect(records[3].spanContext?.traceId).toBe(span.spanContext().traceId);
});
