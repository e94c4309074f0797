/**
 * Writes readings into the store: the reading itself, its sensor's latest value and its sensor's summary, all readings
 * of one visit to the sensors in one atomic batch. So the three never disagree, whenever the power goes.
 *
 * Up to which sequence number a station's readings are stored is not kept anywhere: it is the greatest one among the
 * station's latest values. A restart finds it there, hence neither takes a reading twice nor skips one.
 *
 * When the buffer is full, `reject` takes nothing more (the stations keep their readings and stop sampling when their
 * memory is full), and `dropOldest` makes room and leaves a gap record in the same batch, which is uploaded like a
 * reading: what was dropped is never silently missing.
 */
import type { Batch, Database } from '@ferrite/lite';
import type { Backlog } from './backlog.ts';
import { LIMITS } from './limits.ts';
import {
  encodeReading,
  type Gap,
  gapKey,
  LATEST_PREFIX,
  latestKey,
  parseReadingKey,
  type Reading,
  readingKey,
  stationPrefix,
  summaryKey,
} from './reading.ts';
import type { Positions } from './sensor-field.ts';
import { rollSummary, type Summary } from './summary.ts';

export type WhenFull = 'reject' | 'dropOldest';

export interface RecorderOptions {
  readonly backlog: Backlog;
  /** The most readings that may wait for the collector. */
  readonly maxBuffer: number;
  readonly whenFull: WhenFull;
}

/** What one `latest:` key holds. */
interface Latest {
  readonly seq: number;
  readonly value: number;
  readonly atMs: number;
}

/** Readings dropped by one write, and the gap record that tells of them, perhaps of earlier ones too. */
interface Drop {
  readonly gap: Gap;
  readonly count: number;
}

export class Recorder {
  readonly #db: Database;
  readonly #options: RecorderOptions;
  readonly #storedUpTo = new Map<string, number>();
  readonly #summaries = new Map<string, Summary>();
  readonly #lastGaps = new Map<string, Gap>();
  #storedCount = 0;
  #droppedCount = 0;

  constructor(db: Database, options: RecorderOptions) {
    this.#db = db;
    this.#options = options;
    for (const [key, text] of db.scanPrefix(LATEST_PREFIX)) {
      const station = key.slice(LATEST_PREFIX.length, key.lastIndexOf(':'));
      const { seq } = JSON.parse(text) as Latest;
      if (seq > (this.#storedUpTo.get(station) ?? 0)) this.#storedUpTo.set(station, seq);
    }
  }

  /** Readings stored since this recorder began. */
  get storedCount(): number {
    return this.#storedCount;
  }

  /** Readings dropped from a full buffer since this recorder began. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Up to where each station's readings are stored, as far as the durability mode promises. */
  get storedUpTo(): Positions {
    return Object.fromEntries(this.#storedUpTo);
  }

  /** How many readings may be brought now. */
  get room(): number {
    if (this.#options.whenFull === 'dropOldest') return Math.min(LIMITS.collectMax, this.#options.maxBuffer);
    return Math.min(LIMITS.collectMax, Math.max(0, this.#options.maxBuffer - this.#options.backlog.size));
  }

  /**
   * Stores readings; resolves when they are as durable as the store's mode promises. Readings that are stored already
   * are left out. When it rejects, nothing of them is stored and nothing here has changed.
   */
  async store(readings: readonly Reading[]): Promise<void> {
    const fresh = readings.filter((reading) => reading.seq > (this.#storedUpTo.get(reading.station) ?? 0));
    if (fresh.length === 0) return;
    const batch = this.#db.batch();
    const latest = new Map<string, Reading>();
    const summaries = new Map<string, Summary>();
    for (const reading of fresh) {
      batch.set(readingKey(reading.station, reading.seq), encodeReading(reading));
      latest.set(latestKey(reading.station, reading.sensor), reading);
      const key = summaryKey(reading.station, reading.sensor);
      summaries.set(key, rollSummary(summaries.get(key) ?? this.#summary(key), reading));
    }
    for (const [key, { seq, value, atMs }] of latest)
      batch.set(key, JSON.stringify({ seq, value, atMs } satisfies Latest));
    for (const [key, summary] of summaries) batch.set(key, JSON.stringify(summary));
    const drops = this.#makeRoom(batch, fresh.length);

    const settle = (sign: 1 | -1): void => {
      for (const { gap, count } of drops) this.#options.backlog.change(gap.station, -sign * count);
      for (const { station } of fresh) this.#options.backlog.change(station, sign);
    };
    settle(1);
    try {
      await batch.commitAsync();
    } catch (error) {
      settle(-1);
      throw error;
    }
    for (const { station, seq } of fresh) this.#storedUpTo.set(station, seq);
    for (const [key, summary] of summaries) this.#summaries.set(key, summary);
    for (const { gap, count } of drops) {
      this.#lastGaps.set(gap.station, gap);
      this.#droppedCount += count;
    }
    this.#storedCount += fresh.length;
  }

  #summary(key: string): Summary | undefined {
    const known = this.#summaries.get(key);
    if (known !== undefined) return known;
    const text = this.#db.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as Summary);
  }

  /** Adds to `batch` what must go so that `incoming` readings fit, with gap records for it. */
  #makeRoom(batch: Batch<string>, incoming: number): Drop[] {
    const { backlog, maxBuffer } = this.#options;
    const excess = backlog.size + incoming - maxBuffer;
    const drops: Drop[] = [];
    let left = excess;
    for (const [station, held] of excess > 0 ? backlog.byStation() : []) {
      // Each station gives in proportion to what it has in the buffer, so that none goes dark.
      const limit = Math.min(left, Math.ceil((held / backlog.size) * excess));
      if (limit === 0) continue;
      const keys = [...this.#db.scanPrefix(stationPrefix(station), { limit })].map(([key]) => key);
      for (const key of keys) batch.del(key);
      left -= keys.length;
      const gap = this.#gapOver(station, keys);
      batch.set(gapKey(station, gap.from), JSON.stringify(gap));
      drops.push({ gap, count: keys.length });
    }
    return drops;
  }

  /** A gap over these keys, joined to the station's last one when that is still stored and ends right before. */
  #gapOver(station: string, keys: readonly string[]): Gap {
    const from = parseReadingKey(keys[0]).seq;
    const to = parseReadingKey(keys[keys.length - 1]).seq;
    const last = this.#lastGaps.get(station);
    if (last !== undefined && last.to + 1 === from && this.#db.has(gapKey(station, last.from))) {
      return { station, from: last.from, to, droppedCount: last.droppedCount + keys.length };
    }
    return { station, from, to, droppedCount: keys.length };
  }
}
