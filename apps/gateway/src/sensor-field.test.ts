import { describe, expect, it } from 'vitest';
import { Generator } from './generator.ts';
import { LIMITS } from './limits.ts';
import { loadNormals } from './normals.ts';
import { type FieldOptions, SensorField } from './sensor-field.ts';

const generator = new Generator(9, loadNormals());

function fieldAt(clock: { ms: number }, more: Partial<FieldOptions> = {}): SensorField {
  return new SensorField({ generator, stationCount: 2, rate: 200, nowMs: () => clock.ms, ...more });
}

describe('the sensors', () => {
  it('make readings by the clock, in sequence for each station', async () => {
    const clock = { ms: 0 };
    const field = fieldAt(clock);
    clock.ms = 500;
    const readings = await field.collect({}, LIMITS.collectMax);
    const seqs = readings.filter((reading) => reading.station === 'st-000').map((reading) => reading.seq);
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, i) => i + 1).filter((seq) => generator.has('st-000', seq)));
    expect(field.produced).toBe(readings.length);
  });

  it('hand a reading out again until it is acknowledged, and never again after that', async () => {
    const clock = { ms: 0 };
    const field = fieldAt(clock, { stationCount: 1, rate: 100 });
    clock.ms = 100;
    const first = await field.collect({}, LIMITS.collectMax);
    expect(await field.collect({}, LIMITS.collectMax)).toEqual(first);
    const half = first[4].seq;
    expect((await field.collect({ 'st-000': half }, LIMITS.collectMax)).map(({ seq }) => seq)).toEqual(
      first.map(({ seq }) => seq).filter((seq) => seq > half),
    );
    // A store that forgot what it had promised does not get the readings back: the station no longer has them.
    expect((await field.collect({}, LIMITS.collectMax))[0].seq).toBeGreaterThan(half);
    expect(field.acknowledged['st-000']).toBeGreaterThanOrEqual(half);
  });

  it('wait for nothing more once the last existing reading is acknowledged', async () => {
    const clock = { ms: 0 };
    const field = fieldAt(clock);
    clock.ms = 20_000;
    const readings = await field.collect({}, LIMITS.collectMax);
    const stored = Object.fromEntries(readings.map(({ station, seq }) => [station, seq]));
    expect(field.waiting).toBe(readings.length);
    field.stopSampling();
    await field.collect(stored, 0);
    expect(field.waiting).toBe(0);
  });

  it('stop sampling while their memory is full, so that nothing is overwritten', async () => {
    const clock = { ms: 0 };
    const field = fieldAt(clock, { stationCount: 1, rate: 1_000 });
    clock.ms = 60_000;
    const full = field.produced;
    expect(full).toBeLessThanOrEqual(LIMITS.stationMemoryMax);
    expect(full).toBeGreaterThan(LIMITS.stationMemoryMax * 0.9);
    clock.ms = 120_000;
    expect(field.produced).toBe(full);
    await field.collect({ 'st-000': 100 }, 0);
    clock.ms = 120_050;
    expect(field.produced).toBeGreaterThan(full);
  });

  it('serve every station even when a gateway takes few readings at a time', async () => {
    const clock = { ms: 0 };
    const field = fieldAt(clock, { stationCount: 4, rate: 4_000 });
    const stored: Record<string, number> = {};
    for (let visit = 0; visit < 8; visit++) {
      clock.ms += 100;
      for (const { station, seq } of await field.collect(stored, 10)) stored[station] = seq;
    }
    expect(Object.keys(stored).sort()).toEqual(['st-000', 'st-001', 'st-002', 'st-003']);
  });

  it('refuse a store that has readings they never made', async () => {
    await expect(fieldAt({ ms: 0 }).collect({ 'st-000': 7 }, 10)).rejects.toThrow(/belongs to other sensors/);
  });

  it('go on where a store ends when they start with it', async () => {
    const clock = { ms: 0 };
    const field = fieldAt(clock, { stationCount: 1, rate: 100, start: { 'st-000': 5_000 } });
    clock.ms = 100;
    expect((await field.collect({ 'st-000': 5_000 }, 100)).every(({ seq }) => seq > 5_000)).toBe(true);
  });
});
