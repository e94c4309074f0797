import { Database } from '@ferrite/lite';
import { beforeEach, describe, expect, it } from 'vitest';
import { Backlog } from './backlog.ts';
import { LIMITS } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { Gap, Reading } from './reading.ts';
import { Recorder, type WhenFull } from './recorder.ts';

let db: Database;
let backlog: Backlog;
beforeEach(() => {
  db = Database.open();
  backlog = Backlog.count(db);
  return () => db.close();
});

function recorder(maxBuffer = 1_000, whenFull: WhenFull = 'reject'): Recorder {
  return new Recorder(db, { backlog, maxBuffer, whenFull });
}

/** Readings `from` to `to` of a station; the value is the sequence number. */
function readings(from: number, to: number, station = 'st-000'): Reading[] {
  return Array.from({ length: to - from + 1 }, (_, i) => {
    return { station, seq: from + i, sensor: 'wind', value: from + i, atMs: Date.UTC(2010, 0, 1, 1) + i };
  });
}

function keysWith(prefix: string): string[] {
  return [...db.scanPrefix(prefix)].map(([key]) => key);
}

function gaps(): Gap[] {
  return [...db.scanPrefix('gap:')].map(([, text]) => JSON.parse(text) as Gap);
}

describe('storing', () => {
  it('keeps readings, the latest value and the summary under the keys of the design', async () => {
    await recorder().store(readings(8, 11));
    expect(keysWith('')).toEqual([
      'latest:st-000:wind',
      'reading:st-000:0000000008',
      'reading:st-000:0000000009',
      'reading:st-000:0000000010',
      'reading:st-000:0000000011',
      'summary:st-000:wind',
    ]);
    expect(JSON.parse(db.get('latest:st-000:wind') ?? '')).toMatchObject({ seq: 11, value: 11 });
    expect(JSON.parse(db.get('summary:st-000:wind') ?? '')).toMatchObject({ count: 4, min: 8, max: 11, sum: 38 });
  });

  it('goes on after a restart where the store ends, neither taking a reading twice nor skipping one', async () => {
    await recorder().store([...readings(1, 5), ...readings(1, 3, 'st-001')]);
    const again = recorder();
    expect(again.storedUpTo).toEqual({ 'st-000': 5, 'st-001': 3 });
    await again.store(readings(4, 7));
    expect(again.storedCount).toBe(2);
    expect(JSON.parse(db.get('summary:st-000:wind') ?? '')).toMatchObject({ count: 7, sum: 28 });
    expect(backlog.size).toBe(10);
    expect(Backlog.count(db).size).toBe(10);
  });

  it('still knows where it ended when all readings have been uploaded', async () => {
    await recorder().store(readings(1, 5));
    const outbox = new Outbox(db, backlog);
    const parcel = outbox.next();
    await outbox.acknowledge(parcel ?? expect.fail('nothing to send'));
    expect([keysWith('reading:'), backlog.size, recorder().storedUpTo]).toEqual([[], 0, { 'st-000': 5 }]);
  });

  it('starts the summary of a day over, while the recent value goes on', async () => {
    const subject = recorder();
    await subject.store(readings(1, 3));
    await subject.store([{ ...readings(4, 4)[0], value: 10, atMs: Date.UTC(2010, 0, 2, 1) }]);
    const summary = JSON.parse(db.get('summary:st-000:wind') ?? '');
    expect(summary).toMatchObject({ day: '2010-01-02', count: 1, min: 10, max: 10, sum: 10 });
    expect(summary.recent).toBeGreaterThan(1);
    expect(summary.recent).toBeLessThan(10);
  });
});

describe('a full buffer', () => {
  it('has room for nothing more with "reject", until something is uploaded', async () => {
    const subject = recorder(10, 'reject');
    expect(subject.room).toBe(10);
    await subject.store(readings(1, 10));
    expect(subject.room).toBe(0);
    const outbox = new Outbox(db, backlog);
    await outbox.acknowledge(outbox.next() ?? expect.fail('nothing to send'));
    expect(subject.room).toBe(10);
    expect([subject.droppedCount, gaps()]).toEqual([0, []]);
  });

  it('drops the oldest with "dropOldest" and leaves one growing gap record', async () => {
    const subject = recorder(10, 'dropOldest');
    await subject.store(readings(1, 10));
    await subject.store(readings(11, 13));
    expect(gaps()).toEqual([{ station: 'st-000', from: 1, to: 3, droppedCount: 3 }]);
    await subject.store(readings(14, 17));
    expect(gaps()).toEqual([{ station: 'st-000', from: 1, to: 7, droppedCount: 7 }]);
    expect(keysWith('reading:')[0]).toBe('reading:st-000:0000000008');
    expect([backlog.size, Backlog.count(db).size, subject.droppedCount]).toEqual([10, 10, 7]);
  });

  it('takes from each station in proportion to what it has', async () => {
    const subject = recorder(100, 'dropOldest');
    await subject.store([...readings(1, 80, 'st-000'), ...readings(1, 20, 'st-001')]);
    await subject.store(readings(81, 90, 'st-000'));
    expect(gaps().map(({ station, droppedCount }) => [station, droppedCount])).toEqual([
      ['st-000', 8],
      ['st-001', 2],
    ]);
    expect([backlog.size, Backlog.count(db).size]).toEqual([100, 100]);
  });

  it('starts a new gap record behind readings that were delivered in between', async () => {
    const subject = recorder(4, 'dropOldest');
    const outbox = new Outbox(db, backlog);
    await subject.store(readings(1, 4));
    await subject.store(readings(5, 6));
    await outbox.acknowledge(outbox.next() ?? expect.fail('nothing to send'));
    expect(gaps()).toEqual([]);
    await subject.store(readings(7, 10));
    await subject.store(readings(11, 11));
    expect(gaps()).toEqual([{ station: 'st-000', from: 7, to: 7, droppedCount: 1 }]);
  });

  it('keeps a gap record that grew while it was being uploaded', async () => {
    const subject = recorder(4, 'dropOldest');
    const outbox = new Outbox(db, backlog);
    await subject.store(readings(1, 4));
    await subject.store(readings(5, 5));
    const onItsWay = outbox.next() ?? expect.fail('nothing to send');
    await subject.store(readings(6, 6));
    await outbox.acknowledge(onItsWay);
    expect(gaps()).toEqual([{ station: 'st-000', from: 1, to: 2, droppedCount: 2 }]);
    expect(keysWith('reading:')).toEqual(['reading:st-000:0000000006']);
    expect([backlog.size, Backlog.count(db).size]).toEqual([1, 1]);
  });
});

describe('the outbox', () => {
  it('keeps everything until it is acknowledged', async () => {
    await recorder().store(readings(1, 3));
    const outbox = new Outbox(db, backlog);
    expect(outbox.next()?.readings).toEqual(readings(1, 3));
    expect(outbox.next()?.readings).toEqual(readings(1, 3));
    expect(backlog.size).toBe(3);
  });

  it('has nothing to send when nothing waits', () => {
    expect(new Outbox(db, backlog).next()).toBeUndefined();
  });

  it('goes round the stations, and a parcel that is not full holds all that waits', async () => {
    const many = LIMITS.uploadMax;
    const subject = recorder(10 * many);
    const outbox = new Outbox(db, backlog);
    await subject.store([...readings(1, many, 'st-000'), ...readings(1, 10, 'st-001')]);
    const first = outbox.next() ?? expect.fail('nothing to send');
    expect(first.readings.at(-1)).toMatchObject({ station: 'st-000', seq: many });
    await outbox.acknowledge(first);
    await subject.store(readings(many + 1, many + 5, 'st-000'));
    const second = outbox.next() ?? expect.fail('nothing to send');
    expect(second.readings.map(({ station }) => station)).toEqual([
      ...Array(5).fill('st-000'),
      ...Array(10).fill('st-001'),
    ]);
    await outbox.acknowledge(second);
    await subject.store([...readings(many + 6, many + 7, 'st-000'), ...readings(11, 11, 'st-001')]);
    const third = outbox.next() ?? expect.fail('nothing to send');
    expect(third.readings.map(({ station }) => station)).toEqual(['st-001', 'st-000', 'st-000']);
    await outbox.acknowledge(third);
    expect(backlog.size).toBe(0);
  });
});
