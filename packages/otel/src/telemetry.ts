/**
 * What this package does for one store: finds providers, and hooks up to the store and its server what they want to know.
 * Metrics are read when they are collected, and cost nothing before.
 */
import { basename } from 'node:path';
import type { FeatureContext, ServerView } from '@ferrite/core/module';
import type { HistogramSource } from './histograms.ts';
import { bridgeTo } from './logs.ts';
import { publishMetrics } from './metrics.ts';
import type { OtelProviders, otelConfig } from './options.ts';
import { findMeterProvider } from './providers.ts';
import { startTracing } from './tracing.ts';
import { OTEL_VERSION, SCOPE } from './version.ts';

export interface Telemetry {
  /** Looks for providers that were set meanwhile. Whether spans and metrics have somewhere to go. */
  detect(): { spans: boolean; metrics: boolean };
  /** Where its histograms come from, or null while no server runs. */
  histogramSource(): HistogramSource | null;
}

export function startTelemetry(context: FeatureContext<typeof otelConfig>, providers: OtelProviders): Telemetry {
  const { config, path, clock } = context;
  const storeName = config.get('name') || (path === null ? 'memory' : basename(path));
  const tracing = startTracing(context, storeName, providers.tracerProvider);
  let server: ServerView | null = null;
  let servedFromMs = 0;
  let endMetrics: (() => void) | null = null;
  const detect = () => {
    const meterProvider = config.get('metrics') ? (providers.meterProvider ?? findMeterProvider()) : null;
    if (endMetrics === null && meterProvider !== null) {
      const meter = meterProvider.getMeter(SCOPE, OTEL_VERSION);
      endMetrics = publishMetrics(meter, storeName, () => ({ store: context.statistics(), server }));
    }
    return { spans: tracing.detect(), metrics: endMetrics !== null };
  };
  detect();
  const logger = providers.loggerProvider?.getLogger(SCOPE, OTEL_VERSION);
  if (logger !== undefined)
    context.on(
      'log',
      bridgeTo(logger, storeName, () => clock.nowMs()),
    );
  context.on('serve', (view) => {
    server = view;
    servedFromMs = clock.nowMs();
    tracing.serve(view);
    detect();
  });
  context.on('unserve', () => {
    server = null;
  });
  context.on('close', () => endMetrics?.());
  const histogramSource = () =>
    server && { storeName, commands: server.commands(), fromMs: servedFromMs, nowMs: clock.nowMs() };
  return { detect, histogramSource };
}
