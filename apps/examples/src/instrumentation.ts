/**
 * Sets the SDK of OpenTelemetry up before a program that does not do it itself, such as the server:
 *
 *     node --import ./apps/examples/dist/instrumentation.js apps/server/dist/ferrite-server.js --features otel
 *
 * The variables OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and so on are read by the SDK.
 */
import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const METRICS_EVERY_MS = Number(process.env['OTEL_METRIC_EXPORT_INTERVAL'] ?? 60_000);

const resource = defaultResource().merge(detectResources({ detectors: [envDetector] }));
const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter())];
new NodeTracerProvider({ resource, spanProcessors }).register();

const reader = new PeriodicExportingMetricReader({
  exporter: new OTLPMetricExporter(),
  exportIntervalMillis: METRICS_EVERY_MS,
  exportTimeoutMillis: Math.min(METRICS_EVERY_MS, 10_000),
});
metrics.setGlobalMeterProvider(new MeterProvider({ resource, readers: [reader] }));
