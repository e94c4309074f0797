/**
 * The stations with their sensors: they sample by the clock, keep what nobody has taken yet, and hand it to a gateway.
 *
 * The hand-over is what makes "lost" an honest word. The gateway says with each visit up to which sequence number it
 * has stored each station's readings; that is the acknowledgement, and the station forgets what lies below. From then
 * on only the gateway has those readings. A reading that no gateway acknowledged is still in the station's memory and
 * is handed out again, so it cannot be lost by a dead gateway; a station with a full memory stops sampling.
 *
 * Always, for each station: acknowledged <= issued; an acknowledgement never moves back, even if a gateway returns
 * with a store that has forgotten readings: the station no longer has them, and the collector will miss them.
 */
import type { Generator } from './generator.ts';
import { LIMITS } from './limits.ts';
import { type Reading, stationName } from './reading.ts';

/** Sequence numbers by station, each meaning "up to and including this one". */
export type Positions = Readonly<Record<string, number>>;

/** Where a gateway gets its readings: the field itself in the same process, or one reached over HTTP. */
export interface SensorSource {
  /** Acknowledges everything up to `stored` and returns at most `limit` of the readings that follow. */
  collect(stored: Positions, limit: number): Promise<Reading[]>;
}

interface Station {
  readonly name: string;
  issued: number;
  acknowledged: number;
  /** The part of the next reading that has become due. */
  due: number;
}

export interface FieldOptions {
  readonly generator: Generator;
  readonly stationCount: number;
  /** Readings per second of all stations together. */
  readonly rate: number;
  readonly nowMs: () => number;
  /** Where the stations go on; absent: at the beginning. */
  readonly start?: Positions;
}

export class SensorField implements SensorSource {
  readonly #generator: Generator;
  readonly #stations: Station[];
  readonly #ratePerStation: number;
  readonly #nowMs: () => number;
  #sampledMs: number;
  #sampling = true;
  #produced = 0;
  #next = 0;

  constructor(options: FieldOptions) {
    this.#generator = options.generator;
    this.#ratePerStation = options.rate / options.stationCount;
    this.#nowMs = options.nowMs;
    this.#sampledMs = options.nowMs();
    this.#stations = Array.from({ length: options.stationCount }, (_, index) => {
      const name = stationName(index);
      const at = options.start?.[name] ?? 0;
      return { name, issued: at, acknowledged: at, due: index / options.stationCount };
    });
  }

  /** Readings that the stations have made. */
  get produced(): number {
    this.#sample();
    return this.#produced;
  }

  /** Readings made that no gateway has acknowledged. */
  get waiting(): number {
    this.#sample();
    let count = 0;
    for (const station of this.#stations) {
      for (let seq = station.acknowledged + 1; seq <= station.issued; seq++) {
        if (this.#generator.has(station.name, seq)) count++;
      }
    }
    return count;
  }

  /** Up to where each station's readings have been acknowledged: from here on they are the gateway's. */
  get acknowledged(): Positions {
    return Object.fromEntries(this.#stations.map((station) => [station.name, station.acknowledged]));
  }

  /** No station makes another reading. What waits can still be collected. */
  stopSampling(): void {
    this.#sample();
    this.#sampling = false;
  }

  async collect(stored: Positions, limit: number): Promise<Reading[]> {
    this.#sample();
    for (const station of this.#stations) this.#acknowledge(station, stored[station.name] ?? 0);
    const readings: Reading[] = [];
    const most = Math.min(limit, LIMITS.collectMax);
    // Start with another station each time, so that a small limit serves them all.
    for (let i = 0; i < this.#stations.length && readings.length < most; i++) {
      this.#handOut(this.#stations[(this.#next + i) % this.#stations.length], readings, most);
    }
    this.#next = (this.#next + 1) % this.#stations.length;
    return readings;
  }

  #acknowledge(station: Station, stored: number): void {
    if (stored > station.issued) {
      throw new RangeError(
        `the store is ahead of the sensors: ${station.name} has made ${station.issued} readings, ${stored} are stored. ` +
          'It belongs to other sensors: start with an empty --path',
      );
    }
    station.acknowledged = Math.max(station.acknowledged, stored);
    // Nothing will ever be stored for a silent sequence number: step over it.
    while (station.acknowledged < station.issued && !this.#generator.has(station.name, station.acknowledged + 1)) {
      station.acknowledged++;
    }
  }

  #handOut(station: Station, readings: Reading[], most: number): void {
    for (let seq = station.acknowledged + 1; seq <= station.issued && readings.length < most; seq++) {
      const reading = this.#generator.reading(station.name, seq);
      if (reading !== undefined) readings.push(reading);
    }
  }

  #sample(): void {
    const nowMs = this.#nowMs();
    const elapsedMs = Math.max(0, nowMs - this.#sampledMs);
    this.#sampledMs = nowMs;
    if (!this.#sampling) return;
    for (const station of this.#stations) {
      station.due += (elapsedMs / 1000) * this.#ratePerStation;
      while (station.due >= 1 && station.issued - station.acknowledged < LIMITS.stationMemoryMax) {
        station.due--;
        station.issued++;
        if (this.#generator.has(station.name, station.issued)) this.#produced++;
      }
      station.due = Math.min(station.due, 1);
    }
  }
}
