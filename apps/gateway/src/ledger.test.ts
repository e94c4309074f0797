import { describe, expect, it } from 'vitest';
import { Generator } from './generator.ts';
import { Ledger } from './ledger.ts';
import { loadNormals } from './normals.ts';
import type { Reading } from './reading.ts';

const generator = new Generator(42, loadNormals());
const STATION = 'st-000';

/** All readings that exist among the first `upTo` sequence numbers. */
function readingsUpTo(upTo: number, station = STATION): Reading[] {
  const seqs = Array.from({ length: upTo }, (_, i) => i + 1);
  return seqs.map((seq) => generator.reading(station, seq)).filter((reading) => reading !== undefined);
}

function ledgerWith(readings: readonly Reading[]): Ledger {
  const ledger = new Ledger(generator);
  for (const reading of readings) ledger.enter(reading);
  return ledger;
}

describe('the ledger', () => {
  it('misses nothing when every reading arrived, silent sequence numbers included', () => {
    const readings = readingsUpTo(5_000);
    expect(readings.length).toBeLessThan(5_000);
    const audit = ledgerWith(readings).audit({ [STATION]: 5_000 });
    expect(audit).toMatchObject({ expected: readings.length, delivered: readings.length, lost: 0, dropped: 0 });
  });

  it('finds the one reading that is missing among thousands', () => {
    const readings = readingsUpTo(5_000);
    const gone = readings[1_234];
    const audit = ledgerWith(readings.filter((reading) => reading !== gone)).audit({ [STATION]: 5_000 });
    expect(audit).toMatchObject({ lost: 1, examples: [`${STATION}/${gone.seq}-${gone.seq}`] });
  });

  it('finds that the last readings are missing, and a station that never sent anything', () => {
    const audit = ledgerWith(readingsUpTo(90)).audit({ [STATION]: 100, 'st-001': 50 });
    expect(audit.lost).toBe(readingsUpTo(100).length - readingsUpTo(90).length + readingsUpTo(50, 'st-001').length);
  });

  it('does not miss what was never acknowledged to the sensor', () => {
    expect(ledgerWith(readingsUpTo(90)).audit({ [STATION]: 90, 'st-001': 0 }).lost).toBe(0);
  });

  it('counts a reading that comes again as a duplicate, not as delivered', () => {
    const readings = readingsUpTo(300);
    const ledger = ledgerWith([...readings, ...readings.slice(0, 40), readings[0]]);
    expect(ledger.counts).toEqual({ delivered: readings.length, duplicates: 41, altered: 0 });
  });

  it('notices a reading that says something else than its sensor did, and one that never existed', () => {
    const [first, second, ...rest] = readingsUpTo(2_000);
    const silent = Array.from({ length: 2_000 }, (_, i) => i + 1).find((seq) => !generator.has(STATION, seq)) ?? 0;
    const ledger = ledgerWith([{ ...first, value: first.value + 0.01 }, second, ...rest, { ...first, seq: silent }]);
    expect(ledger.counts).toEqual({ delivered: rest.length + 1, duplicates: 0, altered: 2 });
  });

  it('takes a gap record for what it says, and counts as lost what it does not explain', () => {
    const readings = readingsUpTo(1_000);
    const kept = readings.filter((reading) => reading.seq < 101 || reading.seq > 150);
    const droppedCount = readings.length - kept.length;
    const honest = ledgerWith(kept);
    honest.enterGap({ station: STATION, from: 101, to: 120, droppedCount: 20 });
    honest.enterGap({ station: STATION, from: 101, to: 150, droppedCount });
    expect(honest.audit({ [STATION]: 1_000 })).toMatchObject({ dropped: droppedCount, lost: 0 });

    const sly = ledgerWith(kept);
    sly.enterGap({ station: STATION, from: 101, to: 150, droppedCount: droppedCount - 3 });
    sly.enterGap({ station: 'st-001', from: 1, to: 1_000, droppedCount: 1_000 });
    expect(sly.audit({ [STATION]: 1_000 })).toMatchObject({ dropped: droppedCount - 3, lost: 3 });
  });
});
