import { DataPointType } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { commandFigures, serverFigures, storeFigures } from '../test/figures-of.ts';
import { Metered } from '../test/metered.ts';
import { metricRows } from '../test/names-tables.ts';
import type { Figures } from './figures.ts';
import { publishMetrics } from './metrics.ts';

const get = commandFigures([1, 2, 3, 100], 1, 2);
const configGet = commandFigures([50]);

it('each row of the table is a metric with its unit and kind, of this store', async () => {
  const metered = new Metered();
  const figures: Figures = { store: storeFigures(), server: serverFigures({ get }) };
  publishMetrics(metered.provider.getMeter('test'), 'cache', () => figures);
  const collected = new Map((await metered.collect()).map((metric) => [metric.descriptor.name, metric]));
  const rows = metricRows().filter(({ instrument }) => instrument !== 'histogram');
  expect([...collected.keys()].sort()).toEqual(rows.map(({ name }) => name).sort());
  for (const { name, instrument, unit, labels } of rows) {
    const metric = collected.get(name);
    expect(metric?.descriptor.unit, name).toBe(unit);
    expect(metric?.dataPointType, name).toBe(instrument === 'gauge' ? DataPointType.GAUGE : DataPointType.SUM);
    if (metric?.dataPointType === DataPointType.SUM) expect(metric.isMonotonic, name).toBe(instrument === 'counter');
    for (const { attributes, value } of metric?.dataPoints ?? []) {
      expect(Object.keys(attributes).sort(), name).toEqual(['ferrite.store', ...labels].sort());
      expect(attributes['ferrite.store']).toBe('cache');
      expect(value, name).toEqual(expect.any(Number));
    }
  }
});

it('values are those of the store and of the server', async () => {
  const metered = new Metered();
  const figures: Figures = { store: storeFigures(), server: serverFigures({ get, 'config|get': configGet }) };
  publishMetrics(metered.provider.getMeter('test'), 'cache', () => figures);
  const lines = await metered.lines();
  expect(lines).toEqual(
    expect.arrayContaining([
      'ferrite.command.calls{db.operation.name=GET} 4',
      'ferrite.command.calls{db.operation.name=CONFIG GET} 1',
      'ferrite.command.failed{db.operation.name=GET} 1',
      'ferrite.command.rejected{db.operation.name=GET} 2',
      'ferrite.command.time{db.operation.name=GET} 0.000106',
      'ferrite.command.quantile{db.operation.name=GET,ferrite.quantile=0.5} 0.000002',
      'ferrite.command.quantile{db.operation.name=GET,ferrite.quantile=0.99} 0.0001',
      'ferrite.server.connections 3',
      'ferrite.server.connections_rejected 1',
      'ferrite.server.input 700',
      'ferrite.server.key_misses 2',
      'ferrite.keys 2',
      'ferrite.hits{ferrite.region=mutable} 2',
      'ferrite.hit_share{ferrite.region=mutable} 1',
      'ferrite.hit_share{ferrite.region=read_cache} 0',
      'ferrite.bytes{ferrite.region=files} 0',
      'ferrite.flash.asked 4',
      'ferrite.flash.fsyncs 0',
    ]),
  );
});

it('without a server there are those of the store; the figures are read once a collection, until the end', async () => {
  const metered = new Metered();
  let reads = 0;
  const end = publishMetrics(metered.provider.getMeter('test'), 'cache', () => {
    reads++;
    return { store: storeFigures(), server: null };
  });
  const names = new Set((await metered.collect()).map(({ descriptor }) => descriptor.name));
  expect(names.has('ferrite.keys')).toBe(true);
  expect(names.has('ferrite.command.calls')).toBe(false);
  expect(reads).toBe(1);
  end();
  await metered.collect();
  expect(reads).toBe(1);
});

it('two stores of a process are told apart by their names', async () => {
  const metered = new Metered();
  for (const name of ['one', 'two']) {
    publishMetrics(metered.provider.getMeter('test'), name, () => ({ store: storeFigures(), server: null }));
  }
  const keys = (await metered.collect()).find(({ descriptor }) => descriptor.name === 'ferrite.keys');
  expect(keys?.dataPoints.map(({ attributes }) => attributes['ferrite.store'])).toEqual(['one', 'two']);
});
