import { metrics, trace } from '@opentelemetry/api';
import { afterEach, expect, it } from 'vitest';
import { Metered } from '../test/metered.ts';
import { Traced } from '../test/traced.ts';
import { findMeterProvider, findTracerProvider } from './providers.ts';

afterEach(() => {
  trace.disable();
  metrics.disable();
});

it('without an SDK there is nothing to send to', () => {
  expect(findTracerProvider()).toBeNull();
  expect(findMeterProvider()).toBeNull();
});

it('providers are found once they are set, and are gone when the API is disabled', () => {
  trace.setGlobalTracerProvider(new Traced().provider);
  expect(findTracerProvider()).not.toBeNull();
  expect(findMeterProvider()).toBeNull();
  const { provider } = new Metered();
  metrics.setGlobalMeterProvider(provider);
  expect(findMeterProvider()).toBe(provider);
  trace.disable();
  metrics.disable();
  expect([findTracerProvider(), findMeterProvider()]).toEqual([null, null]);
});
