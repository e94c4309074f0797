import { DataPointType } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { commandFigures } from '../test/figures-of.ts';
import { Metered } from '../test/metered.ts';
import { collectHistograms, type HistogramSource } from './histograms.ts';

const source: HistogramSource = {
  storeName: 'cache',
  commands: Object.entries({ get: commandFigures([0.5, 1.5, 1.6, 100, 5_000_000]) }),
  fromMs: 1_700_000_000_000,
  nowMs: 1_700_000_060_500,
};

it("a reader of the SDK that takes them as a producer's has the server's own histograms", async () => {
  const metered = new Metered({ metricProducers: [{ collect: async () => collectHistograms([source]) }] });
  const [metric] = await metered.collect();
  if (metric?.dataPointType !== DataPointType.HISTOGRAM) throw new Error('that is no histogram');
  expect(metric.descriptor).toMatchObject({ name: 'ferrite.command.duration', unit: 's' });
  const [{ attributes, startTime, endTime, value }] = metric.dataPoints;
  expect(attributes).toEqual({ 'db.operation.name': 'GET', 'ferrite.store': 'cache' });
  expect([startTime, endTime]).toEqual([
    [1_700_000_000, 0],
    [1_700_000_060, 500_000_000],
  ]);
  expect(value.count).toBe(5);
  expect(value.sum).toBeCloseTo(5.0001036, 9);
  const { boundaries, counts } = value.buckets;
  expect(boundaries.slice(0, 3)).toEqual([0.000001, 0.000002, 0.000004]);
  expect(boundaries).toHaveLength(21);
  expect(counts).toEqual([1, 2, 0, 0, 0, 0, 0, 1, ...new Array(13).fill(0), 1]);
});

it('where no server runs there is nothing to collect', async () => {
  const metered = new Metered({ metricProducers: [{ collect: async () => collectHistograms([]) }] });
  expect(await metered.collect()).toEqual([]);
});
