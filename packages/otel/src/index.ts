/**
 * OpenTelemetry for a Ferrite database: `open({ path, features: [otel()] })`. What is sent is in the tables of the README.
 */
import { defineFeature, type Feature } from '@ferrite/core/module';
import { collectHistograms, type HistogramCollection } from './histograms.ts';
import { checkProviders, type OtelOptions, type OtelProviders, otelConfig } from './options.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';
import { OTEL_VERSION } from './version.ts';

export type { HistogramCollection } from './histograms.ts';
export type { LoggerProviderLike } from './logs.ts';
export type { OtelOptions, OtelProviders, SpanChoice } from './options.ts';

/** What `db.features.otel` is. */
export interface Otel {
  /**
   * Looks for global providers that were set after the store was opened: metrics go there from now on, and spans, too, where
   * the option `late` is set. Tells whether there is somewhere to send them.
   */
  detect(): { spans: boolean; metrics: boolean };
}

/** Those of the stores that are open. */
const opened = new Set<Telemetry>();

/** Sends spans, metrics and, to a `loggerProvider`, lines of the log. See `OtelOptions`. */
export function otel(options: OtelOptions = {}): Feature<'otel', Otel> {
  const { tracerProvider, meterProvider, loggerProvider, ...values } = options;
  const providers: OtelProviders = { tracerProvider, meterProvider, loggerProvider };
  checkProviders(providers);
  const feature = defineFeature({
    name: 'otel',
    version: OTEL_VERSION,
    config: otelConfig,
    setup: (context): Otel => {
      const telemetry = startTelemetry(context, providers);
      opened.add(telemetry);
      context.on('close', () => opened.delete(telemetry));
      return { detect: () => telemetry.detect() };
    },
  });
  return feature(values);
}

/** As `--features otel` looks for it. */
export { otel as feature };

/**
 * The durations of the commands that servers ran, as histograms, of all open stores with this feature: one of the
 * `metricProducers` of a metric reader of `@opentelemetry/sdk-metrics`.
 */
export const durationHistograms = {
  async collect(): Promise<HistogramCollection> {
    const sources = Array.from(opened, (telemetry) => telemetry.histogramSource());
    return collectHistograms(sources.filter((source) => source !== null));
  },
};
