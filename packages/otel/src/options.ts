/**
 * Options of `otel()`. Those that are texts, numbers and words are configuration keys, too (`otel.spans` and so on), so that a
 * server's file may hold them; providers are objects, and only a program can pass them.
 */
import { cfg, type ConfigKey, FerriteError } from '@ferrite/core/module';
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { LoggerProviderLike } from './logs.ts';

const MILLISECONDS = /^\d+(\.\d+)?$/;
const SPAN_CHOICES = ['none', 'batches', 'commands'] as const;

/** What gets a span. */
export type SpanChoice = (typeof SPAN_CHOICES)[number];

export interface OtelOptions extends OtelProviders {
  /** How telemetry names the store, as `ferrite.store` (default: the last part of its path, or `memory`). */
  name?: string;
  /**
   * What gets a span (default `batches`): nothing; what came together, which is the pipeline of a connection, EXEC, and a
   * batch of the embedded door; or each command and each call of a method, too. Which of them are kept is up to the SDK's
   * sampler.
   */
  spans?: SpanChoice;
  /** Only what took at least so many milliseconds gets a span (default 0: all). CONFIG SET may change it. */
  slowMs?: number;
  /** Whether there are metrics (default true). */
  metrics?: boolean;
  /**
   * Whether a provider of tracers that is set up after the store was opened gets spans, too (default false: without one at
   * `open`, commands are not looked at).
   */
  late?: boolean;
}

export interface OtelProviders {
  /** Where spans go (default: the global provider, if there is one). */
  tracerProvider?: TracerProvider;
  /** Where metrics go (default: the global provider, once there is one). */
  meterProvider?: MeterProvider;
  /** Where lines of the log go (default: nowhere), such as `logs.getLoggerProvider()` of `@opentelemetry/api-logs`. */
  loggerProvider?: LoggerProviderLike;
}

const slowMs: ConfigKey<number> = {
  default: 0,
  parse: (text) => {
    if (!MILLISECONDS.test(text)) throw new Error('argument must be milliseconds, such as 5 or 0.25');
    return Number(text);
  },
  format: String,
};

export const otelConfig = {
  name: cfg.text({ default: '', fixed: true }),
  spans: cfg.enum(SPAN_CHOICES, { default: 'batches', fixed: true }),
  slowMs,
  metrics: cfg.bool({ default: true, fixed: true }),
  late: cfg.bool({ default: false, fixed: true }),
};

/** A provider that is none is an error where it is passed, not when the first span is due. */
export function checkProviders(providers: OtelProviders): void {
  for (const [name, value] of Object.entries(providers)) {
    // `tracerProvider` has `getTracer`.
    const method = `get${name[0].toUpperCase()}${name.slice(1, -'Provider'.length)}`;
    if (value === undefined || typeof value?.[method] === 'function') continue;
    throw new FerriteError('FERRITE_INVALID_OPTION', `feature 'otel': ${name} has no ${method}`);
  }
}
