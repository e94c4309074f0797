import { connect } from 'node:net';
import { open } from '@ferrite/core';
import { serve } from '@ferrite/core/server';
import { context, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Metered } from '../test/metered.ts';
import { Traced } from '../test/traced.ts';
import { durationHistograms, otel } from './index.ts';

let traced: Traced;

beforeEach(() => {
  traced = new Traced();
});

afterEach(() => {
  trace.disable();
  metrics.disable();
  context.disable();
});

/** Sends a text to a server, and resolves with all that it answers. */
function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let reply = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(text));
    socket.on('data', (chunk) => (reply += chunk.toString()));
    socket.on('end', () => resolve(reply));
    socket.on('error', reject);
  });
}

/** The tree of spans without how long they took. */
function shapes(): string[] {
  return traced.takeTree().map((line) => line.replace(/ [\d.]+ ms/, ''));
}

describe('clients of a server', () => {
  it('get a span for each pipeline, and EXEC for what it ran', async () => {
    const db = open({ features: [otel({ tracerProvider: traced.provider, name: 'cache' })] });
    const served = await serve(db, { port: 0 });
    await ask(served.port, 'SET a 1\r\nSET b 2\r\n');
    await ask(served.port, 'CONFIG GET port\r\n');
    await ask(served.port, 'MULTI\r\nINCR a\r\nINCR b\r\nEXEC\r\nNOSUCH\r\n');
    await ask(served.port, 'SELECT 3\r\nGET a\r\n');
    const { attributes } = traced.take().at(-1) ?? {};
    expect(attributes).toEqual({
      'db.system.name': 'ferrite',
      'db.operation.name': 'PIPELINE',
      'db.operation.batch.size': 2,
      'db.namespace': '3',
      'ferrite.store': 'cache',
      'server.address': '127.0.0.1',
      'server.port': served.port,
    });
    await ask(served.port, 'SET a 1\r\nSET b 2\r\n');
    await ask(served.port, 'CONFIG GET port\r\n');
    await ask(served.port, 'MULTI\r\nINCR a\r\nINCR b\r\nEXEC\r\nNOSUCH\r\n');
    expect(shapes()).toEqual([
      'PIPELINE SET of 2 SERVER',
      'CONFIG GET SERVER',
      'PIPELINE of 5 SERVER',
      '  MULTI INCR of 2 INTERNAL',
    ]);
    await served.close();
    db.close();
  });

  it("get one for each command with 'commands', failed ones by the first word of their error", async () => {
    const db = open({ features: [otel({ tracerProvider: traced.provider, spans: 'commands' })] });
    const served = await serve(db, { port: 0 });
    await ask(served.port, 'SET a x\r\nINCR a\r\nGET a\r\n');
    expect(shapes()).toEqual([
      'PIPELINE of 3 SERVER failed ERR',
      '  SET INTERNAL',
      '  INCR INTERNAL failed ERR',
      '  GET INTERNAL',
    ]);
    await served.close();
    db.close();
  });

  it('change the threshold by CONFIG SET; a value that is none is refused', async () => {
    const db = open({ features: [otel({ tracerProvider: traced.provider, slowMs: 0.25 })] });
    const served = await serve(db, { port: 0 });
    expect(await ask(served.port, 'CONFIG GET otel.slow-ms\r\n')).toContain('$4\r\n0.25\r\n');
    expect(await ask(served.port, 'CONFIG SET otel.slow-ms -1\r\n')).toMatch(/^-ERR .*argument must be milliseconds/);
    expect(await ask(served.port, 'CONFIG SET otel.slow-ms 60000\r\n')).toBe('+OK\r\n');
    traced.take();
    await ask(served.port, 'SET a 1\r\n');
    expect(shapes()).toEqual([]);
    expect(await ask(served.port, 'CONFIG SET otel.spans commands\r\n')).toMatch(/^-ERR /);
    await served.close();
    db.close();
  });
});

describe('a program', () => {
  it('has its calls and batches below its own spans', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const db = open({ features: [otel({ tracerProvider: traced.provider, spans: 'commands' })] });
    const span = traced.provider.getTracer('program').startSpan('request', {}, ROOT_CONTEXT);
    await context.with(trace.setSpan(ROOT_CONTEXT, span), async () => {
      db.set('a', '1');
      expect(db.get('a')).toBe('1');
      expect(() => db.incrBy('a', 0.5)).toThrow();
      await db.batch().set('b', '2').del('a').commitAsync();
      await db.setAsync('c', '3');
    });
    span.end();
    expect(shapes()).toEqual([
      'request INTERNAL',
      '  set INTERNAL',
      '  get INTERNAL',
      '  incrBy INTERNAL failed FERRITE_NOT_AN_INTEGER',
      '  BATCH of 2 INTERNAL',
      '  setAsync INTERNAL',
    ]);
    db.close();
  });

  it("gets spans of its batches only with 'batches', and none with 'none'", () => {
    for (const spans of ['batches', 'none'] as const) {
      const db = open({ features: [otel({ tracerProvider: traced.provider, spans })] });
      db.set('a', '1');
      db.batch().set('b', '2').set('c', '3').commit();
      expect(shapes()).toEqual(spans === 'none' ? [] : ['BATCH of 2 INTERNAL']);
      db.close();
    }
  });
});

describe('metrics', () => {
  it('are of the store and its server, to the global provider or the one that is named', async () => {
    const global = new Metered();
    const named = new Metered();
    metrics.setGlobalMeterProvider(global.provider);
    const one = open({ features: [otel()] });
    const other = open({ features: [otel({ meterProvider: named.provider, name: 'other' })] });
    const served = await serve(one, { port: 0 });
    await ask(served.port, 'SET a 1\r\nGET a\r\nGET missing\r\nGET\r\n');
    expect(await global.lines()).toEqual(
      expect.arrayContaining([
        'ferrite.command.calls{db.operation.name=GET} 2',
        'ferrite.command.rejected{db.operation.name=GET} 1',
        'ferrite.server.key_misses 1',
        'ferrite.server.connections_accepted 1',
        'ferrite.keys 1',
      ]),
    );
    other.set('x', '1');
    other.set('y', '1');
    expect(await named.lines()).toContain('ferrite.keys 2');
    await served.close();
    one.close();
    other.close();
  });

  it('are not made with `metrics: false`', async () => {
    const metered = new Metered();
    const db = open({ features: [otel({ meterProvider: metered.provider, metrics: false })] });
    expect(db.features.otel.detect()).toEqual({ spans: false, metrics: false });
    expect(await metered.lines()).toEqual([]);
    db.close();
  });

  it('have the durations of commands as histograms where a reader takes them', async () => {
    const metered = new Metered({ metricProducers: [durationHistograms] });
    const db = open({ features: [otel()] });
    expect(await metered.lines()).toEqual([]);
    const served = await serve(db, { port: 0 });
    await ask(served.port, 'SET a 1\r\nGET a\r\nGET a\r\n');
    expect((await metered.lines()).sort()).toEqual([
      'ferrite.command.duration{db.operation.name=GET} 2',
      'ferrite.command.duration{db.operation.name=SET} 1',
    ]);
    await served.close();
    expect(await metered.lines()).toEqual([]);
    db.close();
  });
});

describe('without an SDK', () => {
  it("nothing looks at commands and calls: the methods of the database are the class's own", () => {
    const db = open({ features: [otel()] });
    const plain = open();
    expect(db.features.otel.detect()).toEqual({ spans: false, metrics: false });
    expect(db.get).toBe(plain.get);
    expect(db.batch).toBe(plain.batch);
    db.close();
    plain.close();
  });

  it('that comes later, metrics begin with a server or with detect(), spans only with `late`', async () => {
    const early = open({ features: [otel()] });
    const late = open({ features: [otel({ late: true })] });
    late.batch().set('a', '1').set('b', '1').commit();
    const metered = new Metered();
    trace.setGlobalTracerProvider(traced.provider);
    metrics.setGlobalMeterProvider(metered.provider);
    for (const db of [early, late]) db.batch().set('a', '1').set('b', '2').commit();
    expect(shapes()).toEqual(['BATCH of 2 INTERNAL']);
    expect(await metered.lines()).toEqual([]);
    const served = await serve(early, { port: 0 });
    expect(await metered.lines()).toContain('ferrite.keys 2');
    expect(early.features.otel.detect()).toEqual({ spans: false, metrics: true });
    expect(late.features.otel.detect()).toEqual({ spans: true, metrics: true });
    await served.close();
    const lateServed = await serve(late, { port: 0 });
    await ask(lateServed.port, 'PING\r\n');
    expect(shapes()).toEqual(['PING SERVER']);
    await lateServed.close();
    early.close();
    late.close();
  });

  it('with `late`, a server finds the provider at the next batch', async () => {
    const db = open({ features: [otel({ late: true })] });
    const served = await serve(db, { port: 0 });
    await ask(served.port, 'PING\r\n');
    trace.setGlobalTracerProvider(traced.provider);
    await ask(served.port, 'ECHO a\r\n');
    expect(traced.takeAttributes()).toEqual([
      expect.objectContaining({ 'db.operation.name': 'ECHO', 'server.port': served.port }),
    ]);
    await served.close();
    db.close();
  });
});

it('lines of the log go to a provider of loggers', async () => {
  const exporter = new InMemoryLogRecordExporter();
  const loggerProvider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  const lines: string[] = [];
  const db = open({ features: [otel({ loggerProvider, name: 'cache' })] });
  const served = await serve(db, { port: 0, log: (level, text) => lines.push(`${level} ${text}`) });
  await ask(served.port, 'POST / HTTP/1.1\r\nHost: a\r\n\r\n');
  const records = exporter.getFinishedLogRecords();
  expect(records.map(({ body }) => `warning ${body}`)).toEqual(lines);
  expect(records[0]).toMatchObject({ severityText: 'WARN', attributes: { 'ferrite.store': 'cache' } });
  await served.close();
  db.close();
});

it('an option that there is not, or a value or provider that is none, is a clear error', () => {
  const wrong = (options: object) => () => otel(options);
  expect(wrong({ colour: 'red' })).toThrow(/feature 'otel' has no option 'colour'; there are name, spans, slowMs/);
  expect(wrong({ spans: 'all' })).toThrow(/spans.*none, batches, commands/);
  expect(wrong({ slowMs: -1 })).toThrow(/slowMs/);
  expect(wrong({ tracerProvider: {} })).toThrow(/tracerProvider.*getTracer/);
});

it('the store is named by the last part of its path, or `memory`', async () => {
  const metered = new Metered();
  const db = open({ features: [otel({ meterProvider: metered.provider })] });
  const [metric] = await metered.collect();
  expect(metric.dataPoints[0].attributes['ferrite.store']).toBe('memory');
  db.close();
});
