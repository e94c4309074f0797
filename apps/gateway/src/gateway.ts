/**
 * The gateway: visits the sensors, keeps their readings in Ferrite, uploads them when the network lets it.
 *
 * Two loops that share nothing but the store: one collects every `collectMs`, the other uploads every `uploadMs`, each
 * through a handle of its own. When an upload fails its loop waits longer and longer; the collecting loop never
 * notices. A store that refuses writes because the disk is full is left alone and tried again: the readings stay with
 * the sensors meanwhile. Any other error of the store ends the gateway.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Database, type Durability, FerriteError } from '@ferrite/lite';
import { Backlog } from './backlog.ts';
import { Backoff } from './backoff.ts';
import { messageOf } from './http.ts';
import { LIMITS } from './limits.ts';
import { Outbox } from './outbox.ts';
import { Recorder, type WhenFull } from './recorder.ts';
import type { Positions, SensorSource } from './sensor-field.ts';
import { Uploader } from './uploader.ts';

export interface GatewayOptions {
  readonly path: string;
  readonly collector: URL;
  readonly collectMs: number;
  readonly uploadMs: number;
  readonly timeoutMs: number;
  readonly durability: Durability;
  /** Memory for the store, in bytes. */
  readonly memory: number;
  readonly maxBuffer: number;
  readonly whenFull: WhenFull;
  readonly random: () => number;
  /** One line for a person: a failure, or that all is well again. */
  readonly log: (line: string) => void;
}

/** The gateway in figures; counts are of this process, `backlog` and `highWater` of the store. */
export interface GatewayStatus {
  readonly backlog: number;
  readonly highWater: number;
  readonly stored: number;
  readonly uploaded: number;
  readonly dropped: number;
  /** Times that an upload left nothing behind. */
  readonly drained: number;
  readonly failures: number;
  readonly writtenBytes: number;
  readonly askedBytes: number;
  readonly fsyncs: number;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #db: Database;
  readonly #writer: Database;
  readonly #reader: Database;
  readonly #backlog: Backlog;
  readonly #recorder: Recorder;
  readonly #uploader: Uploader;
  readonly #backoff: Backoff;
  readonly #stopping = new AbortController();
  #loops: Promise<unknown> | undefined;
  #drained = 0;
  #collectTrouble = '';

  /** Opens the store and finds out what it holds; nothing runs before `start`. */
  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#db = Database.open({ path: options.path, durability: options.durability, ...regionsFor(options.memory) });
    this.#writer = this.#db.clone();
    this.#reader = this.#db.clone();
    this.#backlog = Backlog.count(this.#db);
    const { maxBuffer, whenFull, collector, timeoutMs } = options;
    this.#recorder = new Recorder(this.#writer, { backlog: this.#backlog, maxBuffer, whenFull });
    this.#uploader = new Uploader({ outbox: new Outbox(this.#reader, this.#backlog), collector, timeoutMs });
    const maxMs = Math.max(LIMITS.retryMaxFloorMs, options.uploadMs);
    this.#backoff = new Backoff({ firstMs: LIMITS.retryFirstMs, maxMs, random: options.random });
  }

  /** Up to where each station's readings are in the store. */
  get storedUpTo(): Positions {
    return this.#recorder.storedUpTo;
  }

  status(): GatewayStatus {
    const { flash } = this.#db.stats();
    return {
      backlog: this.#backlog.size,
      highWater: this.#backlog.highWater,
      stored: this.#recorder.storedCount,
      uploaded: this.#uploader.uploadedCount,
      dropped: this.#recorder.droppedCount,
      drained: this.#drained,
      failures: this.#backoff.failures,
      writtenBytes: flash.writtenBytes,
      askedBytes: flash.askedBytes,
      fsyncs: flash.fsyncs,
    };
  }

  /** Runs both loops until `stop`. Rejects when the store fails for good. */
  async run(source: SensorSource): Promise<void> {
    this.#loops = Promise.all([this.#collectLoop(source), this.#uploadLoop()]);
    await this.#loops;
  }

  /** Stops collecting, tries once more to upload, and closes the store, whatever the upload came to. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loops?.catch(() => {});
    try {
      const deadlineMs = Date.now() + this.#options.timeoutMs;
      await this.#uploader.drain(() => Date.now() > deadlineMs);
    } catch (error) {
      this.#options.log(`last upload failed: ${messageOf(error)}; ${this.#backlog.size} readings stay in the store`);
    }
    this.close();
  }

  /** Closes the store at once. */
  close(): void {
    this.#uploader.close();
    for (const handle of [this.#reader, this.#writer, this.#db]) handle.close();
  }

  async #collectLoop(source: SensorSource): Promise<void> {
    let nextMs = Date.now();
    while (!this.#stopping.signal.aborted) {
      await this.#collect(source);
      nextMs = Math.max(nextMs + this.#options.collectMs, Date.now());
      await this.#pause(nextMs - Date.now());
    }
  }

  async #collect(source: SensorSource): Promise<void> {
    try {
      const readings = await source.collect(this.#recorder.storedUpTo, this.#recorder.room);
      await this.#recorder.store(readings);
      this.#noteCollect('');
    } catch (error) {
      if (error instanceof FerriteError && error.code !== 'FERRITE_DISK_FULL') throw error;
      this.#noteCollect(messageOf(error));
    }
  }

  /** Says what keeps readings from coming in, once, and once that it is over. */
  #noteCollect(trouble: string): void {
    const full = trouble === '' && this.#recorder.room === 0;
    const now = full ? `the buffer is full (${this.#options.maxBuffer} readings): the stations keep theirs` : trouble;
    if (now === this.#collectTrouble) return;
    this.#collectTrouble = now;
    this.#options.log(now === '' ? 'collecting again' : `not collecting: ${now}`);
  }

  async #uploadLoop(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#pause(await this.#upload());
    }
  }

  /** One attempt to upload everything; returns how long to wait before the next. */
  async #upload(): Promise<number> {
    try {
      await this.#uploader.drain(() => this.#stopping.signal.aborted);
      if (this.#backoff.failures > 0) this.#options.log('the collector has answered again');
      this.#backoff.succeeded();
      this.#drained++;
      return this.#options.uploadMs;
    } catch (error) {
      if (error instanceof FerriteError && error.code !== 'FERRITE_DISK_FULL') throw error;
      const waitMs = this.#backoff.failed();
      this.#options.log(`upload failed: ${messageOf(error)}; retrying in ${(waitMs / 1000).toFixed(1)} s`);
      return waitMs;
    }
  }

  async #pause(delayMs: number): Promise<void> {
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

/** How the memory given to the store is shared out: what is not sealed yet, what is, and copies read back from disk. */
function regionsFor(memory: number): { mutableRegionSize: number; readOnlyRegionSize: number; readCacheSize: number } {
  const quarter = Math.floor(memory / 4);
  return { mutableRegionSize: quarter, readOnlyRegionSize: 2 * quarter, readCacheSize: quarter };
}
