/**
 * The collector: takes uploads, keeps the book, and can be told to fail in the ways of real networks and servers.
 *
 * | mode | what a gateway meets |
 * |---|---|
 * | `up` | an answer after the time that the link takes |
 * | `down` | connection refused; connections that were open are cut |
 * | `slow` | answers after 0.3 to 2 s, some too late; the readings are in the book all the same |
 * | `failing` | status 500; every second time the readings are in the book before it fails, the nastiest way |
 *
 * `POST /readings {readings, gaps}` enters an upload, `POST /audit {acknowledged}` answers what is lost, `POST /counts`
 * how the book stands.
 */
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, jsonServer, listen } from './http.ts';
import type { Ledger } from './ledger.ts';
import type { Gap, Reading } from './reading.ts';
import type { Positions } from './sensor-field.ts';

export type CollectorMode = 'up' | 'down' | 'slow' | 'failing';

/** Answers of the mode `slow` take these times in turn. */
const SLOW_MS = [300, 700, 1_400, 500, 900, 2_000] as const;

export class Collector {
  readonly #ledger: Ledger;
  readonly #linkMs: number;
  readonly #server: Server;
  #mode: CollectorMode = 'up';
  #port = 0;
  #uploads = 0;

  constructor(ledger: Ledger, linkMs: number) {
    this.#ledger = ledger;
    this.#linkMs = linkMs;
    this.#server = jsonServer((path, body) => this.#answer(path, body));
  }

  /** Starts listening; returns the port. */
  async start(port: number): Promise<number> {
    this.#port = await listen(this.#server, port);
    return this.#port;
  }

  async setMode(mode: CollectorMode): Promise<void> {
    const before = this.#mode;
    this.#mode = mode;
    if (mode === 'down' && before !== 'down') await this.#close();
    if (mode !== 'down' && before === 'down') await listen(this.#server, this.#port);
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.#close();
  }

  async #answer(path: string, body: unknown): Promise<Answer> {
    if (path === '/counts') return { status: 200, body: this.#ledger.counts };
    if (path === '/audit') {
      return { status: 200, body: this.#ledger.audit((body as { acknowledged: Positions }).acknowledged) };
    }
    if (path !== '/readings') return { status: 404, body: { error: 'POST /readings, /audit or /counts' } };
    return this.#takeUpload(body as { readings: Reading[]; gaps: Gap[] });
  }

  async #takeUpload(upload: { readings: Reading[]; gaps: Gap[] }): Promise<Answer> {
    const turn = this.#uploads++;
    const fails = this.#mode === 'failing';
    const answerMs = this.#mode === 'slow' ? SLOW_MS[turn % SLOW_MS.length] : this.#linkMs;
    if (!fails || turn % 2 === 1) {
      for (const reading of upload.readings) this.#ledger.enter(reading);
      for (const gap of upload.gaps) this.#ledger.enterGap(gap);
    }
    await sleep(answerMs);
    if (fails) return { status: 500, body: { error: 'Internal Server Error' } };
    return { status: 200, body: { accepted: upload.readings.length } };
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
