import { describe, expect, it } from 'vitest';
import { Generator } from './generator.ts';
import { loadNormals } from './normals.ts';

const normals = loadNormals();
const HOUR_MS = 3_600_000;

describe('the normals', () => {
  it('are 8,759 hours of Seattle, beginning at one in the morning of the first of January', () => {
    expect(normals.hours).toBe(8_759);
    expect(new Date(normals.firstMs).toISOString()).toBe('2010-01-01T01:00:00.000Z');
    expect(normals.columns.temperature.slice(0, 3)).toEqual(Float64Array.of(4, 3.9, 3.8));
    expect(normals.columns.pressure[0]).toBe(1016.6);
  });
});

describe('the generator', () => {
  it('gives the same reading for the same seed, station and sequence number, in any order', () => {
    const forwards = new Generator(7, normals);
    const backwards = new Generator(7, normals);
    const seqs = Array.from({ length: 500 }, (_, i) => i + 1);
    const there = seqs.map((seq) => forwards.reading('st-003', seq));
    const back = seqs.toReversed().map((seq) => backwards.reading('st-003', seq));
    expect(back.toReversed()).toEqual(there);
  });

  it('still gives the readings that it gave when this test was written', () => {
    const generator = new Generator(2010, normals);
    expect([1, 2, 3].map((seq) => generator.reading('st-000', seq))).toMatchInlineSnapshot(`
      [
        {
          "atMs": 1262307622201,
          "sensor": "temperature",
          "seq": 1,
          "station": "st-000",
          "value": 3.77,
        },
        {
          "atMs": 1262307622201,
          "sensor": "pressure",
          "seq": 2,
          "station": "st-000",
          "value": 1019.13,
        },
        {
          "atMs": 1262307622201,
          "sensor": "wind",
          "seq": 3,
          "station": "st-000",
          "value": 3.54,
        },
      ]
    `);
  });

  it('gives other readings for another seed and for another station', () => {
    const value = (seed: number, station: string): number[] =>
      [1, 4, 7, 10, 13].map((seq) => new Generator(seed, normals).reading(station, seq)?.value ?? 0);
    expect(value(2, 'st-000')).not.toEqual(value(1, 'st-000'));
    expect(value(1, 'st-001')).not.toEqual(value(1, 'st-000'));
  });

  it('replays an hour with three readings, by a clock of its own for each station that is off and drifts', () => {
    const generator = new Generator(5, normals);
    const offsetsMs = ['st-000', 'st-001', 'st-002'].map((station) =>
      [0, 8_000].map((hour) => {
        const reading = [1, 2, 3].map((k) => generator.reading(station, 3 * hour + k)).find((r) => r !== undefined);
        return (reading?.atMs ?? Number.NaN) - normals.firstMs - hour * HOUR_MS;
      }),
    );
    for (const [early, late] of offsetsMs) {
      expect(Math.abs(early)).toBeLessThanOrEqual(90_000);
      expect(Math.abs(late - early)).toBeLessThanOrEqual(8_000 * 40);
      expect(late).not.toBe(early);
    }
    expect(new Set(offsetsMs.flat()).size).toBe(6);
  });

  it('lets a sensor fall silent for hours now and then, and says so', () => {
    const generator = new Generator(11, normals);
    let disagreements = 0;
    let silent = 0;
    let stretches = 0;
    for (let seq = 1; seq <= 60_000; seq++) {
      if ((generator.reading('st-000', seq) !== undefined) !== generator.has('st-000', seq)) disagreements++;
      if (generator.has('st-000', seq)) continue;
      silent++;
      if (seq <= 3 || generator.has('st-000', seq - 3)) stretches++;
    }
    expect(disagreements).toBe(0);
    expect(silent / 60_000).toBeGreaterThan(0.005);
    expect(silent / 60_000).toBeLessThan(0.03);
    expect(silent / stretches).toBeGreaterThanOrEqual(8);
  });

  it('stays near the normals, and wind is never negative', () => {
    const generator = new Generator(3, normals);
    let furthest = 0;
    let calmest = 99;
    for (let seq = 1; seq <= 9_000; seq++) {
      const reading = generator.reading('st-009', seq);
      if (reading === undefined) continue;
      const normal = normals.columns[reading.sensor][Math.floor((seq - 1) / 3)];
      furthest = Math.max(furthest, Math.abs(reading.value - normal));
      if (reading.sensor === 'wind') calmest = Math.min(calmest, reading.value);
    }
    expect(furthest).toBeLessThan(5);
    expect(calmest).toBeGreaterThanOrEqual(0);
  });
});
