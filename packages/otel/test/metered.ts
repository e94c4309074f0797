/** A provider of meters of the real SDK that is read by hand. */
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  MetricReader,
} from '@opentelemetry/sdk-metrics';

type Producers = ConstructorParameters<typeof MetricReader>[0];

class HandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

export class Metered {
  readonly provider: MeterProvider;
  private readonly reader: HandReader;

  constructor(options?: Producers) {
    this.reader = new HandReader(options);
    this.provider = new MeterProvider({ readers: [this.reader] });
  }

  async collect(): Promise<MetricData[]> {
    const { resourceMetrics, errors } = await this.reader.collect();
    if (errors.length > 0) throw errors[0];
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  /** Lines such as `ferrite.log.size{ferrite.region=disk} 0`, without the attribute that all have. */
  async lines(): Promise<string[]> {
    return (await this.collect()).flatMap(({ descriptor, dataPointType, dataPoints }) =>
      dataPointType === DataPointType.HISTOGRAM
        ? dataPoints.map((point) => lineOf(descriptor.name, point as DataPoint<Histogram>, (value) => value.count))
        : dataPoints.map((point) => lineOf(descriptor.name, point as DataPoint<number>, (value) => value)),
    );
  }
}

function lineOf<V>(name: string, { attributes, value }: DataPoint<V>, numberOf: (value: V) => number): string {
  const { 'ferrite.store': _, ...others } = attributes;
  const labels = Object.entries(others).map(([key, text]) => `${key}=${text}`);
  return `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${numberOf(value)}`;
}
