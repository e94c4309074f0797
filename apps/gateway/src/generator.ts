/**
 * The readings of every station, as a pure function of (seed, station, sequence number). The data is synthetic: the
 * hourly climate normals of Seattle, replayed by each station with an offset, noise, silences and a wrong clock.
 *
 * Two processes use it and never talk about it: the sensors, to produce; the collector, to know on its own which
 * readings must exist and what they must say. So a reading that vanished or changed on the way cannot hide.
 *
 * Always: sequence numbers 1, 2, 3 are temperature, pressure and wind of the first hour, 4, 5, 6 of the second, ...;
 * a silent sensor uses its sequence numbers up without a reading (`reading` is undefined), in stretches of hours.
 */
import type { Normals } from './normals.ts';
import { type Reading, SENSORS, type Sensor } from './reading.ts';
import { bellAt, textHash, unitAt } from './seeded.ts';

const HOUR_MS = 3_600_000;
/** A sensor is silent for whole stretches of this many hours, each with this chance. */
const SILENCE_HOURS = 8;
const SILENCE_CHANCE = 0.015;
/** Clocks are up to this much off, and drift by up to this much in an hour. */
const CLOCK_OFFSET_MS = 90_000;
const CLOCK_DRIFT_MS = 40;

/** How much a sensor's values differ between stations and from one reading to the next, and below what they cannot go. */
const SCATTER: Readonly<Record<Sensor, { site: number; noise: number; least: number }>> = {
  temperature: { site: 2.5, noise: 0.8, least: -60 },
  pressure: { site: 4, noise: 0.6, least: 850 },
  wind: { site: 0.8, noise: 0.9, least: 0 },
};

export class Generator {
  readonly #seed: number;
  readonly #normals: Normals;
  readonly #stations = new Map<string, number>();

  constructor(seed: number, normals: Normals) {
    this.#seed = seed;
    this.#normals = normals;
  }

  /** Whether the station's sensor was awake for this sequence number, that is, whether the reading exists. */
  has(station: string, seq: number): boolean {
    const stretch = Math.floor((seq - 1) / SENSORS.length / SILENCE_HOURS);
    const sensor = (seq - 1) % SENSORS.length;
    return unitAt(this.#seed, this.#hash(station), 1 + sensor, stretch) >= SILENCE_CHANCE;
  }

  /** The reading with this sequence number; undefined where the sensor was silent. */
  reading(station: string, seq: number): Reading | undefined {
    if (!this.has(station, seq)) return undefined;
    const hash = this.#hash(station);
    const sensor = SENSORS[(seq - 1) % SENSORS.length];
    const hour = Math.floor((seq - 1) / SENSORS.length);
    const { site, noise, least } = SCATTER[sensor];
    const normal = this.#normals.columns[sensor][hour % this.#normals.hours];
    const siteOffset = site * bellAt(this.#seed, hash, 11, (seq - 1) % SENSORS.length);
    const value = Math.max(least, normal + siteOffset + noise * bellAt(this.#seed, hash, 12, seq));
    return { station, seq, sensor, value: Math.round(value * 100) / 100, atMs: this.#clockMs(hash, hour) };
  }

  #clockMs(hash: number, hour: number): number {
    const offsetMs = CLOCK_OFFSET_MS * bellAt(this.#seed, hash, 21, 0);
    const driftMs = CLOCK_DRIFT_MS * bellAt(this.#seed, hash, 22, 0);
    return Math.round(this.#normals.firstMs + hour * HOUR_MS + offsetMs + hour * driftMs);
  }

  #hash(station: string): number {
    let hash = this.#stations.get(station);
    if (hash === undefined) this.#stations.set(station, (hash = textHash(station)));
    return hash;
  }
}
