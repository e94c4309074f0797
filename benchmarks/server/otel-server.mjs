/**
 * A server in memory with or without `@ferrite/otel`, and with or without an SDK: `node otel-server.mjs VARIANT PORT`.
 *
 * What the SDK keeps goes to an exporter that drops it, so that what is measured is what making it costs. With a count of
 * operations instead of a port, it measures GETs of the embedded door and prints nanoseconds of CPU time for each.
 */
import { open } from '@ferrite/core';
import { serve } from '@ferrite/core/server';
import { otel } from '@ferrite/otel';
import { trace } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import { variants } from './lib/otel-variants.mjs';

const embeddedKeys = 10_000;
const value = 'x'.repeat(100);

const [name, port, mode] = process.argv.slice(2);
const { options, sampledShare } = variants[name];
if (sampledShare !== undefined) registerSdk(sampledShare);
const db = open({ features: options === undefined ? [] : [otel(options)] });
if (mode === 'embedded') measureGets(Number(port));
else await serve(db, { port: Number(port) });

function registerSdk(share) {
  const exporter = { export: (_, done) => done({ code: 0 }), shutdown: async () => {}, forceFlush: async () => {} };
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) });
  const provider = new NodeTracerProvider({ sampler, spanProcessors: [new BatchSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
}

function measureGets(operations) {
  for (let i = 0; i < embeddedKeys; i++) db.set(`key:${i}`, value);
  const keys = Array.from({ length: embeddedKeys }, (_, i) => `key:${i}`);
  get(keys, operations / 10);
  const before = process.cpuUsage();
  get(keys, operations);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${((user + system) * 1000) / operations}\n`);
  db.close();
  process.exit(0);
}

function get(keys, operations) {
  for (let i = 0; i < operations; i++) db.get(keys[i % keys.length]);
}
