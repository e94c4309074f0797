/** A collector of OpenTelemetry as far as a test needs one: it takes OTLP as JSON over HTTP and keeps it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Value {
  stringValue?: string;
  intValue?: number;
}

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: Value }[];
  status: { code: number };
}

export interface OtlpMetric {
  name: string;
  unit: string;
  sum?: { dataPoints: { asInt?: number; asDouble?: number }[] };
  histogram?: { dataPoints: { count: number }[] };
}

export class Collector {
  readonly spans: OtlpSpan[] = [];
  /** The latest of each name. */
  readonly metrics = new Map<string, OtlpMetric>();
  /** Values of `service.name`. */
  readonly services = new Set<string>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => {
        this.take(JSON.parse(text));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private take({ resourceSpans = [], resourceMetrics = [] }: Sent): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      this.takeResource(resource);
      for (const { spans } of scopeSpans) this.spans.push(...spans);
    }
    for (const { resource, scopeMetrics } of resourceMetrics) {
      this.takeResource(resource);
      for (const { metrics } of scopeMetrics) for (const metric of metrics) this.metrics.set(metric.name, metric);
    }
  }

  private takeResource({ attributes }: Resource): void {
    const name = attributes.find(({ key }) => key === 'service.name')?.value.stringValue;
    if (name !== undefined) this.services.add(name);
  }
}

interface Resource {
  attributes: { key: string; value: Value }[];
}

interface Sent {
  resourceSpans?: { resource: Resource; scopeSpans: { spans: OtlpSpan[] }[] }[];
  resourceMetrics?: { resource: Resource; scopeMetrics: { metrics: OtlpMetric[] }[] }[];
}
