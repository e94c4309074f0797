/**
 * The sensors over HTTP, so that they outlive a gateway that is killed. The demo serves them; `HttpSource` is the
 * gateway's side. `POST /collect {stored, limit}` acknowledges and answers `{readings}`.
 */
import { Agent, type Server } from 'node:http';
import { type Handler, jsonServer, postJson } from './http.ts';
import { LIMITS } from './limits.ts';
import type { Reading } from './reading.ts';
import type { Positions, SensorField, SensorSource } from './sensor-field.ts';

export function fieldServer(field: SensorField): Server {
  const handler: Handler = async (path, body) => {
    if (path !== '/collect') return { status: 404, body: { error: 'only POST /collect is here' } };
    const { stored, limit } = body as { stored: Positions; limit: number };
    return { status: 200, body: { readings: await field.collect(stored, limit) } };
  };
  return jsonServer(handler);
}

export class HttpSource implements SensorSource {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: URL) {
    this.#url = new URL('/collect', url);
  }

  async collect(stored: Positions, limit: number): Promise<Reading[]> {
    const options = { agent: this.#agent, timeoutMs: LIMITS.collectTimeoutMs };
    return ((await postJson(this.#url, { stored, limit }, options)) as { readings: Reading[] }).readings;
  }
}
