/** `/metrics` over HTTP, for Prometheus. `node:http` is loaded when it is asked for. */
import type { Server } from 'node:http';
import { FerriteError } from '../base/errors.ts';
import type { Instance } from '../instance/instance.ts';
import { metricsText } from '../instance/metrics.ts';

const PATH = '/metrics';
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export class MetricsEndpoint {
  /** 0 while it does not listen. */
  port = 0;
  private readonly instance: Instance;
  private server: Server | null = null;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  async listen(host: string, port: number): Promise<void> {
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => {
      const isKnown = request.url?.split('?')[0] === PATH;
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const status = isKnown ? (isRead ? 200 : 405) : 404;
      const body = status === 200 ? metricsText(this.instance) : `${PATH} is what there is\n`;
      response.writeHead(status, { 'content-type': status === 200 ? CONTENT_TYPE : 'text/plain' });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(new FerriteError('FERRITE_LISTEN', `cannot serve metrics on ${host}:${port}: ${cause.message}`, cause)),
      );
      server.listen(port, host, resolve);
    });
    this.server = server;
    const address = server.address();
    if (address !== null && typeof address !== 'string') this.port = address.port;
  }

  async close(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
