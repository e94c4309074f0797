/**
 * The durations of commands as real histograms, for a metric reader of the SDK.
 *
 * The API can only observe single numbers; a histogram would have to be fed on the hot path. But the server keeps its own,
 * and the SDK's readers take further producers of metrics (`metricProducers`): this is one. The types are those that
 * `MetricProducer` of `@opentelemetry/sdk-metrics` asks for, said here so that the SDK is no dependency.
 */
import type { HrTime, ValueType } from '@opentelemetry/api';
import type { CommandFigures, ServerFigures } from './figures.ts';
import { DURATION, OPERATION, STORE, shownName } from './names.ts';
import { SCOPE } from './version.ts';

const MICROS_PER_SECOND = 1e6;
const MS_PER_SECOND = 1e3;
const NANOS_PER_MS = 1e6;
/** In microseconds, powers of two: 1 us to 1.05 s. */
const BOUNDARIES = Array.from({ length: 21 }, (_, power) => 2 ** power);
// As the API and the SDK count them.
const DOUBLE: ValueType.DOUBLE = 1;
const HISTOGRAM = 0;
const CUMULATIVE = 1;

interface DataPoint {
  startTime: HrTime;
  endTime: HrTime;
  attributes: Record<string, string>;
  value: { buckets: { boundaries: number[]; counts: number[] }; sum: number; count: number };
}

/** The commands of a server, and the times they are of, in whole milliseconds since 1970. */
export interface HistogramSource {
  storeName: string;
  commands: ReturnType<ServerFigures['commands']>;
  fromMs: number;
  nowMs: number;
}

/** What a `MetricProducer` collects. */
export interface HistogramCollection {
  resourceMetrics: {
    resource: EmptyResource;
    scopeMetrics: {
      scope: { name: string };
      metrics: {
        descriptor: { name: string; description: string; unit: string; valueType: ValueType };
        aggregationTemporality: typeof CUMULATIVE;
        dataPointType: typeof HISTOGRAM;
        dataPoints: DataPoint[];
      }[];
    }[];
  };
  errors: unknown[];
}

/** The reader has the resource: of a further producer it is not asked. */
interface EmptyResource {
  attributes: Record<string, never>;
  merge(): EmptyResource;
  getRawAttributes(): [];
}

const noResource: EmptyResource = { attributes: {}, merge: () => noResource, getRawAttributes: () => [] };

export function collectHistograms(sources: readonly HistogramSource[]): HistogramCollection {
  const metric = {
    descriptor: { name: DURATION, description: '', unit: 's', valueType: DOUBLE },
    aggregationTemporality: CUMULATIVE,
    dataPointType: HISTOGRAM,
    dataPoints: sources.flatMap((source) =>
      Array.from(source.commands, ([name, figures]) => dataPointOf(source, name, figures)),
    ),
  } as const;
  const scopeMetrics = sources.length === 0 ? [] : [{ scope: { name: SCOPE }, metrics: [metric] }];
  return { resourceMetrics: { resource: noResource, scopeMetrics }, errors: [] };
}

function dataPointOf(
  { storeName, fromMs, nowMs }: HistogramSource,
  name: string,
  { micros, histogram }: CommandFigures,
): DataPoint {
  const known = histogram.byPowerOfTwo();
  let at = 0;
  let below = 0;
  const counts = BOUNDARIES.map((boundary) => {
    const before = below;
    while (at < known.length && known[at][0] <= boundary) below = known[at++][1];
    return below - before;
  });
  counts.push(histogram.total - below);
  return {
    startTime: hrTimeOf(fromMs),
    endTime: hrTimeOf(nowMs),
    attributes: { [OPERATION]: shownName(name), [STORE]: storeName },
    value: {
      buckets: { boundaries: BOUNDARIES.map((each) => each / MICROS_PER_SECOND), counts },
      sum: micros / MICROS_PER_SECOND,
      count: histogram.total,
    },
  };
}

function hrTimeOf(ms: number): HrTime {
  return [Math.floor(ms / MS_PER_SECOND), (ms % MS_PER_SECOND) * NANOS_PER_MS];
}
