/**
 * How many readings the store holds that the collector has not acknowledged, by station, and the most it ever held.
 *
 * The recorder adds, the outbox takes away, both change it together with the store, so it always equals the number of
 * `reading:` keys. After a restart it is counted from the store.
 */
import type { Database } from '@ferrite/lite';
import { endOf, parseReadingKey, READING_PREFIX } from './reading.ts';

export class Backlog {
  readonly #held = new Map<string, number>();
  #size = 0;
  #highWater = 0;

  /** Counts what the store holds. */
  static count(db: Database): Backlog {
    const backlog = new Backlog();
    for (const key of db.keys({ gte: READING_PREFIX, lt: endOf(READING_PREFIX) })) {
      backlog.change(parseReadingKey(key).station, 1);
    }
    return backlog;
  }

  get size(): number {
    return this.#size;
  }

  get highWater(): number {
    return this.#highWater;
  }

  /** Each station with the number of its readings that wait. */
  byStation(): Iterable<[station: string, held: number]> {
    return this.#held;
  }

  change(station: string, by: number): void {
    this.#held.set(station, (this.#held.get(station) ?? 0) + by);
    this.#size += by;
    this.#highWater = Math.max(this.#highWater, this.#size);
  }
}
