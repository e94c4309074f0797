/**
 * Where telemetry goes: the providers that were named, else the global ones, if a program has set any.
 *
 * Without an SDK the API answers with objects that do nothing. They are told apart here, so that then nothing is hooked up
 * at all, instead of calling into the void for each command. Asking costs two comparisons.
 */
import {
  createNoopMeter,
  metrics,
  type MeterProvider,
  ProxyTracerProvider,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { SCOPE } from './version.ts';

/** What stands behind every provider of tracers that nobody has set up. */
const nothingTraced: TracerProvider = new ProxyTracerProvider().getDelegate();
const nothingMetered = createNoopMeter();

/** The global provider of tracers, or null while there is none. */
export function findTracerProvider(): TracerProvider | null {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider && provider.getDelegate() === nothingTraced ? null : provider;
}

/** The global provider of meters, or null while there is none. */
export function findMeterProvider(): MeterProvider | null {
  const provider = metrics.getMeterProvider();
  return provider.getMeter(SCOPE) === nothingMetered ? null : provider;
}
