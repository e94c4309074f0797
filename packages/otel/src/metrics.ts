/** Metrics: an instrument for each row of the table, all observed in one go when the SDK collects. */
import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import type { CommandFigures, Figures } from './figures.ts';
import { METRICS, metricName, OPERATION, STORE, shownName, snakeCase } from './names.ts';

type Values = number | Readonly<Record<string, number>>;

const MICROS_PER_SECOND = 1e6;
const PERCENTS = [50, 99, 99.9];

/** Begins to publish what `read` gives at each collection; returns what ends it. */
export function publishMetrics(meter: Meter, storeName: string, read: () => Figures): () => void {
  const instruments = new Map<string, Observable>();
  for (const [prefix, rows] of Object.entries(METRICS)) {
    for (const [path, instrument, unit] of rows) {
      instruments.set(prefix + path, meter[`createObservable${instrument}`](metricName(prefix, path), { unit }));
    }
  }
  const observables = [...instruments.values()];
  const observe = (result: BatchObservableResult): void => {
    const observeAll = (prefix: string, figures: object, attributes: Attributes): void => {
      for (const [path, , , label = ''] of METRICS[prefix]) {
        const instrument = instruments.get(prefix + path) as Observable;
        const values = valuesAt(figures, path);
        if (typeof values === 'number') result.observe(instrument, values, attributes);
        else for (const of in values) result.observe(instrument, values[of], { ...attributes, [label]: snakeCase(of) });
      }
    };
    const { store, server } = read();
    const attributes = { [STORE]: storeName };
    observeAll('', { ...store, hitShare: sharesOf(store.hits) }, attributes);
    if (server === null) return;
    observeAll('server.', server, attributes);
    for (const [name, figures] of server.commands()) {
      observeAll('command.', shownFigures(figures), { ...attributes, [OPERATION]: shownName(name) });
    }
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

function valuesAt(figures: object, path: string): Values {
  return path
    .split('.')
    .reduce((at, name) => at[name] as never, figures as Record<string, unknown>) as unknown as Values;
}

function sharesOf(counts: Readonly<Record<string, number>>): Values {
  const all = Object.values(counts).reduce((sum, count) => sum + count);
  return Object.fromEntries(Object.entries(counts).map(([of, count]) => [of, count / (all || 1)]));
}

function shownFigures({ calls, failed, rejected, micros, histogram }: CommandFigures): Record<string, Values> {
  const quantile = PERCENTS.map((percent) => [percent / 100, histogram.percentile(percent) / MICROS_PER_SECOND]);
  return { calls, failed, rejected, time: micros / MICROS_PER_SECOND, quantile: Object.fromEntries(quantile) };
}
