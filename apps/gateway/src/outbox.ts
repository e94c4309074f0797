/**
 * What waits for the collector: takes the next readings out of the store, and removes them once they are acknowledged.
 *
 * Nothing leaves the store before the collector has said that it has it; a gateway that dies in between sends the same
 * readings again, and the collector knows them by station and sequence number. At least once, never less.
 *
 * The outbox goes round the stations: each time it goes on behind the last reading that was acknowledged, and starts
 * over at the end. So a busy station does not keep the others waiting.
 */
import type { Database } from '@ferrite/lite';
import type { Backlog } from './backlog.ts';
import { LIMITS } from './limits.ts';
import { decodeReading, endOf, GAP_PREFIX, type Gap, READING_PREFIX, type Reading, readingKey } from './reading.ts';

/** One upload: readings and gap records, with what is needed to remove them afterwards. */
export interface Parcel {
  readonly readings: readonly Reading[];
  readonly gaps: readonly Gap[];
  readonly gapEntries: readonly (readonly [key: string, text: string])[];
}

export class Outbox {
  readonly #db: Database;
  readonly #backlog: Backlog;
  #after = READING_PREFIX;

  constructor(db: Database, backlog: Backlog) {
    this.#db = db;
    this.#backlog = backlog;
  }

  /** The next upload; undefined when nothing waits. One that is not full holds all that waits. */
  next(): Parcel | undefined {
    const entries = this.#take({ gt: this.#after, lt: endOf(READING_PREFIX) }, LIMITS.uploadMax);
    entries.push(...this.#take({ gte: READING_PREFIX, lte: this.#after }, LIMITS.uploadMax - entries.length));
    const gapEntries = [...this.#db.scanPrefix(GAP_PREFIX, { limit: LIMITS.gapsPerUploadMax })];
    if (entries.length === 0 && gapEntries.length === 0) return undefined;
    return {
      readings: entries.map(([key, text]) => decodeReading(key, text)),
      gaps: gapEntries.map(([, text]) => JSON.parse(text) as Gap),
      gapEntries,
    };
  }

  /** Removes what the collector has acknowledged, in one atomic batch. */
  async acknowledge(parcel: Parcel): Promise<void> {
    const batch = this.#db.batch();
    // Meanwhile a full buffer may have dropped some of it, or joined more to a gap that then must go out again.
    const kept = parcel.readings.filter(({ station, seq }) => this.#db.has(readingKey(station, seq)));
    for (const { station, seq } of kept) batch.del(readingKey(station, seq));
    for (const [key, text] of parcel.gapEntries) if (this.#db.get(key) === text) batch.del(key);
    const last = parcel.readings[parcel.readings.length - 1];
    if (last !== undefined) this.#after = readingKey(last.station, last.seq);
    for (const { station } of kept) this.#backlog.change(station, -1);
    try {
      await batch.commitAsync();
    } catch (error) {
      for (const { station } of kept) this.#backlog.change(station, 1);
      throw error;
    }
  }

  #take(bounds: { gt?: string; gte?: string; lt?: string; lte?: string }, limit: number): [string, string][] {
    return limit === 0 ? [] : [...this.#db.range({ ...bounds, limit })];
  }
}
