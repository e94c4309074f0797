/**
 * The collector's book: which readings arrived, how often, and which must have arrived and did not.
 *
 * It never asks the gateway. What a reading must say comes from the generator's seed; up to where a station's readings
 * were acknowledged comes from the sensors. A reading acknowledged to its sensor, that the generator says existed, and
 * that is not here, is lost; unless a gap record owns up to having dropped it, and no more of them than it owns up to.
 */
import type { Generator } from './generator.ts';
import type { Gap, Reading } from './reading.ts';
import type { Positions } from './sensor-field.ts';

/** Readings by what became of them. */
export interface LedgerCounts {
  readonly delivered: number;
  /** Arrived again. */
  readonly duplicates: number;
  /** Arrived, but do not say what the sensor said, or never existed. */
  readonly altered: number;
}

export interface Audit extends LedgerCounts {
  /** Acknowledged to the sensors, so they must be here. */
  readonly expected: number;
  /** Dropped from a full buffer, and said so. */
  readonly dropped: number;
  readonly lost: number;
  /** The first few that are lost, as `station/from-to`. */
  readonly examples: readonly string[];
}

const EXAMPLES_MAX = 5;

export class Ledger {
  readonly #generator: Generator;
  /** For each station a bit for each sequence number. */
  readonly #arrived = new Map<string, Uint8Array>();
  readonly #gaps = new Map<string, Gap>();
  #delivered = 0;
  #duplicates = 0;
  #altered = 0;

  constructor(generator: Generator) {
    this.#generator = generator;
  }

  get counts(): LedgerCounts {
    return { delivered: this.#delivered, duplicates: this.#duplicates, altered: this.#altered };
  }

  enter(reading: Reading): void {
    const { station, seq } = reading;
    if (this.#has(station, seq)) {
      this.#duplicates++;
      return;
    }
    const made = this.#generator.reading(station, seq);
    const same = made?.sensor === reading.sensor && made.value === reading.value && made.atMs === reading.atMs;
    if (same) this.#delivered++;
    else this.#altered++;
    this.#mark(station, seq);
  }

  enterGap(gap: Gap): void {
    const key = `${gap.station}/${gap.from}`;
    const known = this.#gaps.get(key);
    if (known === undefined || gap.to > known.to) this.#gaps.set(key, gap);
  }

  /** Compares with what the sensors have had acknowledged. */
  audit(acknowledged: Positions): Audit {
    let expected = 0;
    let dropped = 0;
    let lost = 0;
    const examples: string[] = [];
    for (const [station, upTo] of Object.entries(acknowledged)) {
      const missing: number[] = [];
      for (let seq = 1; seq <= upTo; seq++) {
        if (!this.#generator.has(station, seq)) continue;
        expected++;
        if (!this.#has(station, seq)) missing.push(seq);
      }
      const unexplained = this.#withoutGaps(station, missing);
      dropped += missing.length - unexplained.length;
      lost += unexplained.length;
      if (unexplained.length > 0 && examples.length < EXAMPLES_MAX) {
        examples.push(`${station}/${unexplained[0]}-${unexplained[unexplained.length - 1]}`);
      }
    }
    return { ...this.counts, expected, dropped, lost, examples };
  }

  /** The missing ones that no gap record explains. A record explains no more than it says were dropped. */
  #withoutGaps(station: string, missing: readonly number[]): number[] {
    let left = [...missing];
    for (const gap of this.#gaps.values()) {
      if (gap.station !== station) continue;
      let explains = gap.droppedCount;
      left = left.filter((seq) => seq < gap.from || seq > gap.to || explains-- <= 0);
    }
    return left;
  }

  #has(station: string, seq: number): boolean {
    const bits = this.#arrived.get(station);
    return bits !== undefined && (bits[seq >>> 3] & (1 << (seq & 7))) !== 0;
  }

  #mark(station: string, seq: number): void {
    let bits = this.#arrived.get(station) ?? new Uint8Array(1024);
    while (seq >>> 3 >= bits.length) {
      const grown = new Uint8Array(bits.length * 2);
      grown.set(bits);
      bits = grown;
    }
    bits[seq >>> 3] |= 1 << (seq & 7);
    this.#arrived.set(station, bits);
  }
}
