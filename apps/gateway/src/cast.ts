/**
 * The processes of the demo: a collector, a gateway that gets killed, and the sensors, which live in this process so
 * that they survive it.
 *
 * Knows how to start, kill, restart and order about, and keeps the last word of each; what happens when is the
 * story's affair.
 */
import { Agent, type Server } from 'node:http';
import type { Durability } from '@ferrite/lite';
import { Child } from './child.ts';
import type { CollectorMode } from './collector.ts';
import type { CollectorMessage, CollectorOrder } from './collector-main.ts';
import { fieldServer } from './field-server.ts';
import type { GatewayStatus } from './gateway.ts';
import type { GatewayMessage } from './gateway-main.ts';
import { Generator } from './generator.ts';
import { listen, postJson } from './http.ts';
import type { Audit, LedgerCounts } from './ledger.ts';
import { LIMITS, LOOPBACK } from './limits.ts';
import { loadNormals } from './normals.ts';
import { SensorField } from './sensor-field.ts';

export interface CastOptions {
  /** Directory of the built programs `gateway.js` and `collector.js`. */
  readonly programs: URL;
  /** Directory of the gateway's store. */
  readonly path: string;
  readonly seed: number;
  readonly rate: number;
  readonly stationCount: number;
  readonly durability: Durability;
  readonly collectMs: number;
  readonly uploadMs: number;
  readonly timeoutMs: number;
  /** Time that the collector's answer takes when all is well. */
  readonly linkMs: number;
  readonly nowMs: () => number;
  /** A line from the gateway, for a person. */
  readonly log: (line: string) => void;
}

/** How a start of the gateway went. */
export interface Opening {
  /** From starting the process to its being ready. */
  readonly readyMs: number;
  /** Opening the store, of that. */
  readonly openMs: number;
  /** Readings found in the store. */
  readonly backlog: number;
}

const NO_STATUS: GatewayStatus = {
  backlog: 0,
  highWater: 0,
  stored: 0,
  uploaded: 0,
  dropped: 0,
  drained: 0,
  failures: 0,
  writtenBytes: 0,
  askedBytes: 0,
  fsyncs: 0,
};

export class Cast {
  readonly field: SensorField;
  /** Rejects when a process ends that nobody asked to. */
  readonly failure: Promise<never>;
  readonly #options: CastOptions;
  readonly #fieldServer: Server;
  readonly #agent = new Agent({ keepAlive: false });
  #fail: (why: Error) => void = () => {};
  #collector: Child<CollectorMessage> | undefined;
  #gateway: Child<GatewayMessage> | undefined;
  #collectorUrl = '';
  #fieldUrl = '';
  #counts: LedgerCounts = { delivered: 0, duplicates: 0, altered: 0 };
  #status = NO_STATUS;
  #statusCount = 0;
  /** The last status of each gateway that has ended. */
  readonly #past: GatewayStatus[] = [];

  constructor(options: CastOptions) {
    this.#options = options;
    const { seed, stationCount, rate, nowMs } = options;
    this.field = new SensorField({ generator: new Generator(seed, loadNormals()), stationCount, rate, nowMs });
    this.#fieldServer = fieldServer(this.field);
    this.failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => {});
  }

  get alive(): boolean {
    return this.#gateway !== undefined;
  }

  get gatewayPid(): number | undefined {
    return this.#gateway?.pid;
  }

  get counts(): LedgerCounts {
    return this.#counts;
  }

  /** The gateway's last status; after a kill the last one before it. */
  get status(): GatewayStatus {
    return this.#status;
  }

  /** How many statuses have come so far: two more, and the last one is certainly younger than now. */
  get statusCount(): number {
    return this.#statusCount;
  }

  /** What all gateways so far came to, the present one included. */
  get total(): GatewayStatus {
    return [...this.#past, this.#status].reduce((sum, status) => ({
      ...status,
      highWater: Math.max(sum.highWater, status.highWater),
      stored: sum.stored + status.stored,
      uploaded: sum.uploaded + status.uploaded,
      dropped: sum.dropped + status.dropped,
      writtenBytes: sum.writtenBytes + status.writtenBytes,
      askedBytes: sum.askedBytes + status.askedBytes,
      fsyncs: sum.fsyncs + status.fsyncs,
    }));
  }

  /** Starts sensors and collector, then the gateway. */
  async start(): Promise<Opening> {
    this.#fieldUrl = `http://${LOOPBACK}:${await listen(this.#fieldServer, 0)}`;
    const { programs, seed, linkMs } = this.#options;
    const args = ['--port', '0', '--seed', String(seed), '--link-ms', String(linkMs)];
    const port = await this.#orFail<number>((resolve) => {
      const heard = (message: CollectorMessage): void => {
        if (message.type === 'listening') resolve(message.port);
        else this.#counts = message.counts;
      };
      this.#collector = new Child(new URL('collector.js', programs), args, heard, this.#fail);
    });
    this.#collectorUrl = `http://${LOOPBACK}:${port}`;
    return this.startGateway();
  }

  /** Starts the gateway on the store as it lies there. */
  startGateway(): Promise<Opening> {
    const { programs, nowMs, log } = this.#options;
    const beganMs = nowMs();
    return this.#orFail<Opening>((resolve) => {
      const heard = (message: GatewayMessage): void => {
        if (message.type === 'log') log(message.line);
        else if (message.type === 'status') this.#noteStatus(message.status);
        else {
          this.#noteStatus({ ...NO_STATUS, backlog: message.backlog });
          resolve({ readyMs: nowMs() - beganMs, openMs: message.openMs, backlog: message.backlog });
        }
      };
      this.#gateway = new Child(new URL('gateway.js', programs), this.#gatewayArgs(), heard, this.#fail);
    });
  }

  /** SIGKILL for the gateway. Resolves when it is gone. */
  async killGateway(): Promise<void> {
    const gateway = this.#gateway;
    this.#gateway = undefined;
    await gateway?.kill();
    this.#past.push(this.#status);
    this.#status = { ...NO_STATUS, backlog: this.#status.backlog };
  }

  async stopGateway(): Promise<void> {
    const gateway = this.#gateway;
    this.#gateway = undefined;
    await gateway?.stop();
  }

  setMode(mode: CollectorMode): void {
    this.#collector?.send({ mode } satisfies CollectorOrder);
  }

  /** The collector's answer to the question what is missing, given what the sensors have had acknowledged. */
  async audit(): Promise<Audit> {
    const body = { acknowledged: this.field.acknowledged };
    const options = { agent: this.#agent, timeoutMs: LIMITS.stopGraceMs };
    return (await postJson(new URL('/audit', this.#collectorUrl), body, options)) as Audit;
  }

  /** Ends everything that is left. */
  async end(): Promise<void> {
    await Promise.all([this.stopGateway(), this.#collector?.stop()]);
    this.#fieldServer.close();
    this.#fieldServer.closeAllConnections();
  }

  #noteStatus(status: GatewayStatus): void {
    this.#status = status;
    this.#statusCount++;
  }

  #gatewayArgs(): string[] {
    const { path, durability, collectMs, uploadMs, timeoutMs } = this.#options;
    const options = {
      collector: this.#collectorUrl,
      sensors: this.#fieldUrl,
      path,
      durability,
      'collect-ms': collectMs,
      'upload-ms': uploadMs,
      'timeout-ms': timeoutMs,
    };
    return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  }

  #orFail<T>(body: (resolve: (value: T) => void) => void): Promise<T> {
    return Promise.race([new Promise<T>(body), this.failure]);
  }
}
