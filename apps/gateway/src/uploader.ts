/**
 * Sends what waits in the outbox to the collector, parcel by parcel, until nothing waits or an upload fails.
 *
 * An upload that got no answer may have arrived all the same: it is sent again, and the collector tells the readings
 * apart by station and sequence number. Called by the gateway's upload loop, one `drain` at a time.
 */
import { Agent } from 'node:http';
import { postJson } from './http.ts';
import { LIMITS } from './limits.ts';
import type { Outbox, Parcel } from './outbox.ts';

export interface UploaderOptions {
  readonly outbox: Outbox;
  readonly collector: URL;
  /** An upload without an answer in this time has failed. */
  readonly timeoutMs: number;
}

export class Uploader {
  readonly #options: UploaderOptions;
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #uploadedCount = 0;

  constructor(options: UploaderOptions) {
    this.#options = options;
    this.#url = new URL('/readings', options.collector);
  }

  /** Readings that the collector has acknowledged to this uploader. */
  get uploadedCount(): number {
    return this.#uploadedCount;
  }

  /**
   * Uploads until nothing is left of what waits, or until `stopped()`. Rejects with the first failure; what was
   * acknowledged before it has left the store.
   */
  async drain(stopped: () => boolean): Promise<void> {
    for (let parcel = this.#options.outbox.next(); parcel !== undefined; parcel = this.#options.outbox.next()) {
      await this.#send(parcel);
      await this.#options.outbox.acknowledge(parcel);
      this.#uploadedCount += parcel.readings.length;
      if (stopped() || parcel.readings.length < LIMITS.uploadMax) return;
    }
  }

  /** Closes the connection; a request under way fails. */
  close(): void {
    this.#agent.destroy();
  }

  async #send({ readings, gaps }: Parcel): Promise<void> {
    await postJson(this.#url, { readings, gaps }, { agent: this.#agent, timeoutMs: this.#options.timeoutMs });
  }
}
