/**
 * Spans and metrics of a database, sent to an OpenTelemetry collector: that of OTEL_EXPORTER_OTLP_ENDPOINT, by default one on
 * this machine, http://localhost:4318.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { open, serve } from '@ferrite/lite';
import { durationHistograms, otel } from '@ferrite/otel';
import { metrics, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

// The SDK comes first: Ferrite sends to what is there when a store is opened.
const tracerProvider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
tracerProvider.register();
const exporter = new OTLPMetricExporter();
const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [durationHistograms] });
const meterProvider = new MeterProvider({ readers: [reader] });
metrics.setGlobalMeterProvider(meterProvider);

const db = open({ features: [otel({ name: 'shop', spans: 'commands' })] });

// What the program does with its database is below its own spans.
trace.getTracer('shop').startActiveSpan('take an order', (span) => {
  const number = db.incrBy('orders');
  db.batch().set(`order:${number}`, 'pears').set(`order:${number}:state`, 'open').commit();
  span.end();
});

// What clients do begins traces: a pipeline of three commands, the last of which fails.
const served = await serve(db, { port: 0 });
const client = connect(served.port);
client.end('SET stock:pears 12\r\nDECR stock:pears\r\nINCR order:1\r\n');
client.resume();
await once(client, 'close');

// Metrics are read as long as the server runs; the rest goes out with the shutdown.
await meterProvider.forceFlush();
await served.close();
db.close();
await Promise.all([meterProvider.shutdown(), tracerProvider.shutdown()]);
