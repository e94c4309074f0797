/** What each durability mode promises, and when: fsyncs counted, stalled, failed and refused on a simulated disk. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { type Driven, openDriven } from './driven.ts';
import type { OpenOptions } from './options.ts';

const SMALL: OpenOptions = { pageSize: '128kb', mutableRegionSize: '128kb', readOnlyRegionSize: '128kb' };

function openOn(device: SimDevice, options: OpenOptions): Driven<string> {
  return openDriven({ ...SMALL, ...options }, { device, clock: device.clock, prng: new Prng(1) });
}

/** What a power cut now would leave: only what is durable. */
function afterPowerCut(device: SimDevice, options: OpenOptions): Driven<string> {
  return openOn(device.crash('nothing'), options);
}

async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
}

describe("durability 'always'", () => {
  const options: OpenOptions = { durability: 'always' };

  it('syncs before a synchronous write returns', () => {
    const device = new SimDevice();
    const { db } = openOn(device, options);
    for (let i = 0; i < 10; i++) {
      db.set(`key ${i}`, 'value');
      expect(afterPowerCut(device, options).db.get(`key ${i}`)).toBe('value');
    }
    db.batch().set('a', '1').del('key 3').commit();
    const { db: left } = afterPowerCut(device, options);
    expect([left.get('a'), left.get('key 3')]).toEqual(['1', undefined]);
  });

  it('lets 256 asynchronous writers of a turn share one fsync', async () => {
    const device = new SimDevice();
    const { db } = openOn(device, options);
    db.set('first', 'makes the segment');
    const before = device.counts().syncs;
    const counted = db.stats().flash.fsyncs;
    const writers = Array.from({ length: 256 }, (_, i) => db.setAsync(`key ${i}`, `value ${i}`));
    expect(await Promise.all(writers)).toEqual(new Array(256).fill(true));
    expect(device.counts().syncs - before).toBe(1);
    expect(db.stats().flash.fsyncs - counted).toBe(1);
    expect(afterPowerCut(device, options).db.stats().keys).toBe(257);
  });

  it('resolves no asynchronous write before its fsync is done', async () => {
    for (const delayMs of [5, 50, 500]) {
      const device = new SimDevice();
      const { db } = openOn(device, options);
      db.set('key', 'before');
      device.stall('sync', delayMs);
      let resolved = 0;
      const count = () => {
        resolved++;
      };
      db.setAsync('key', 'after').then(count);
      db.batch().set('other', '1').commitAsync().then(count);
      db.commit().then(count);
      await turns();
      device.clock.advance(delayMs - 1);
      await turns();
      expect(resolved).toBe(0);
      expect(db.get('key')).toBe('after');
      device.clock.advance(1);
      await turns();
      expect(resolved).toBe(3);
      expect(afterPowerCut(device, options).db.get('other')).toBe('1');
    }
  });

  it('starts another fsync for writers that came while one was under way', async () => {
    const device = new SimDevice();
    const { db } = openOn(device, options);
    db.set('first', '');
    device.hold('sync');
    const first = db.setAsync('a', '1');
    await turns();
    let isSecondDone = false;
    const second = db.setAsync('b', '2').then(() => {
      isSecondDone = true;
    });
    await turns();
    expect(device.pump(1)).toBe(1);
    expect(await first).toBe(true);
    await turns();
    expect(isSecondDone).toBe(false);
    expect(device.pump()).toBe(1);
    await second;
    expect(afterPowerCut(device, options).db.get('b')).toBe('2');
  });

  it('pads synced commits with alignCommits, so that no synced sector is written again', () => {
    for (const alignCommits of [512, 4096] as const) {
      const device = new SimDevice();
      const { db } = openOn(device, { ...options, alignCommits });
      const positions: number[] = [];
      device.onStep = ({ operation, name, positionBytes }) => {
        if (operation === 'write' && name.startsWith('main')) positions.push(positionBytes);
      };
      for (let i = 0; i < 20; i++) db.set(`key ${i}`, 'value');
      const sectors = positions.map((at) => Math.floor(at / alignCommits));
      expect(new Set(sectors).size).toBe(sectors.length);
    }
  });
});

describe("durability 'everysec'", () => {
  const options: OpenOptions = { durability: 'everysec' };

  it('writes before a write returns and syncs once a second', async () => {
    const device = new SimDevice();
    const { db, tick } = openOn(device, options);
    db.set('first', '');
    await turns();
    const before = device.counts();
    for (let i = 0; i < 100; i++) db.set(`key ${i}`, 'value');
    expect(device.counts().writes - before.writes).toBe(100);
    expect(device.counts().syncs).toBe(before.syncs);
    expect(openOn(device.crash('everything'), options).db.stats().keys).toBe(101);
    for (let i = 0; i < 10; i++) {
      device.clock.advance(100);
      tick();
      await turns(1);
    }
    expect(device.counts().syncs - before.syncs).toBe(1);
    expect(afterPowerCut(device, options).db.stats().keys).toBe(101);
  });

  it('is never more than two seconds behind in a loop that never yields', () => {
    const device = new SimDevice();
    const { db } = openOn(device, options);
    const stepMs = 0.25;
    for (let i = 0; i < 40_000; i++) {
      db.set(`key ${i % 500}`, String(i));
      device.clock.advance(stepMs);
      if (i % 4000 !== 3999) continue;
      const oldest = i - 2100 / stepMs;
      const { db: left } = afterPowerCut(device, options);
      const newest = Math.max(-1, ...Array.from({ length: 500 }, (_, key) => Number(left.get(`key ${key}`) ?? -1)));
      expect(newest).toBeGreaterThanOrEqual(oldest);
    }
  });

  it('goes on reading while writes and fsyncs stall', async () => {
    const device = new SimDevice();
    const { db, tick } = openOn(device, options);
    for (let i = 0; i < 2000; i++) db.set(`key ${i}`, `${i} `.repeat(50));
    device.stall('sync', 500);
    device.clock.advance(1000);
    tick();
    await turns();
    const start = device.clock.monotonicMs();
    for (let i = 0; i < 2000; i++) expect(db.get(`key ${i}`)).toBe(`${i} `.repeat(50));
    expect([...db.keys({ limit: 10 })]).toHaveLength(10);
    expect(device.clock.monotonicMs()).toBe(start);
    device.clock.advance(500);
    await turns();
    device.stall('sync', 0);
    device.stall('write', 300);
    db.set('slow', 'write');
    expect(device.clock.monotonicMs() - start).toBe(800);
    expect(db.get('slow')).toBe('write');
  });

  it('lets a writer wait once an fsync has been under way for two seconds', async () => {
    const device = new SimDevice();
    const { db, tick } = openOn(device, options);
    db.set('first', '');
    await turns();
    device.hold('sync');
    for (let i = 0; i < 5000; i++) {
      db.set('key', String(i));
      device.clock.advance(1);
      if (i % 100 === 0) tick();
    }
    // It looks at the clock every 256 writes.
    expect(Number(afterPowerCut(device, options).db.get('key'))).toBeGreaterThan(5000 - 2300);
    device.release();
    await turns();
  });
});

describe("durability 'interval'", () => {
  const options: OpenOptions = { durability: 'interval', commitIntervalMs: 200 };

  it('writes one record for a key that is written again and again, and syncs by time', async () => {
    const device = new SimDevice();
    const { db, tick } = openOn(device, options);
    db.set('hot', '0');
    device.clock.advance(200);
    tick();
    await turns();
    const before = device.counts();
    for (let i = 1; i <= 1000; i++) db.set('hot', String(i));
    expect(device.counts().writes).toBe(before.writes);
    expect(afterPowerCut(device, options).db.get('hot')).toBe('0');
    device.clock.advance(200);
    tick();
    await turns();
    expect(device.counts().writes - before.writes).toBe(1);
    expect(device.counts().syncs - before.syncs).toBe(1);
    expect(db.stats().updatedInPlace).toBeGreaterThanOrEqual(998);
    expect(afterPowerCut(device, options).db.get('hot')).toBe('1000');
  });

  it('writes a long backlog in steps that hold the loop for a moment each', async () => {
    const device = new SimDevice();
    const { db, tick, step } = openOn(device, { ...options, mutableRegionSize: '2mb' });
    db.set('first', 'makes the segment');
    for (let i = 0; i < 1000; i++) db.set(`key ${i}`, 'v'.repeat(1000));
    device.clock.advance(200);
    let longest = 0;
    const measure = (run: () => unknown) => {
      const before = device.counts().writtenBytes;
      const more = run();
      longest = Math.max(longest, device.counts().writtenBytes - before);
      return more;
    };
    measure(tick);
    await turns();
    measure(tick);
    while (measure(step)) await turns(1);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThanOrEqual(132 * 1024);
    await turns();
    expect(afterPowerCut(device, options).db.stats().keys).toBe(1001);
  });

  it('makes everything durable on commit()', async () => {
    const device = new SimDevice();
    const { db } = openOn(device, options);
    await db.setAsync('key', 'value');
    await db.commit();
    expect(afterPowerCut(device, options).db.get('key')).toBe('value');
  });
});

describe("durability 'none'", () => {
  const options: OpenOptions = { durability: 'none' };

  it('keeps everything in memory until commit or close', async () => {
    const device = new SimDevice();
    const { db, tick } = openOn(device, options);
    const before = device.counts().writes;
    for (let i = 0; i < 100; i++) db.set(`key ${i}`, 'value');
    device.clock.advance(60_000);
    tick();
    await turns();
    expect(device.counts().writes).toBe(before);
    expect(openOn(device.crash('everything'), options).db.stats().keys).toBe(0);
    await db.commit();
    expect(afterPowerCut(device, options).db.stats().keys).toBe(100);
    db.set('last', '');
    db.close();
    expect(afterPowerCut(device, options).db.stats().keys).toBe(101);
  });
});

describe('a failed fsync', () => {
  it('refuses every later write until the store is reopened, and reading goes on', async () => {
    const device = new SimDevice();
    const { db } = openOn(device, { durability: 'always' });
    db.set('safe', '1');
    const errors: string[] = [];
    db.on('error', (error) => errors.push(error.code));
    device.fail({ operation: 'sync' });
    await expect(db.setAsync('lost', '2')).rejects.toMatchObject({ code: 'FERRITE_IO' });
    expect(codeOf(() => db.set('more', '3'))).toBe('FERRITE_POISONED');
    expect(codeOf(() => db.del('safe'))).toBe('FERRITE_POISONED');
    expect(codeOf(() => db.batch().set('more', '3').commit())).toBe('FERRITE_POISONED');
    expect(codeOf(() => db.commitSync())).toBe('FERRITE_POISONED');
    await expect(db.commit()).rejects.toMatchObject({ code: 'FERRITE_POISONED' });
    expect(errors).toEqual(['FERRITE_IO']);
    expect(db.get('safe')).toBe('1');
    db.close();
    const { db: again } = openOn(device.crash('subset', 5), { durability: 'always' });
    expect(again.get('safe')).toBe('1');
    expect(again.set('more', '3')).toBe(true);
  });

  it('rejects every writer that waited for it', async () => {
    const device = new SimDevice();
    const { db } = openOn(device, { durability: 'always' });
    db.set('safe', '1');
    device.fail({ operation: 'sync' });
    const writers = [db.setAsync('a', '1'), db.batch().set('b', '2').commitAsync(), db.commit()];
    const results = await Promise.allSettled(writers);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});

describe('a full disk', () => {
  const CAPACITY_BYTES = 400 * 1024;

  function fill(db: Driven<string>['db']): { accepted: string[]; code: string } {
    const accepted: string[] = [];
    for (let i = 0; i < 2000; i++) {
      const code = codeOf(() => db.set(`key ${i}`, `${i} `.repeat(200)));
      if (code !== 'no error') return { accepted, code };
      accepted.push(`key ${i}`);
    }
    return { accepted, code: 'no error' };
  }

  it.each(['always', 'everysec'] as const)(
    "refuses a write with '%s', of which nothing can be seen, and goes on when space returns",
    (durability) => {
      const device = new SimDevice({ capacityBytes: CAPACITY_BYTES });
      const { db } = openOn(device, { durability });
      db.set('old', 'value');
      const { accepted, code } = fill(db);
      const refused = `key ${accepted.length}`;
      expect(code).toBe('FERRITE_DISK_FULL');
      expect(accepted.length).toBeGreaterThan(50);
      expect(codeOf(() => db.set('old', 'x'.repeat(50_000)))).toBe('FERRITE_DISK_FULL');
      expect(codeOf(() => db.set('large', 'x'.repeat(200_000)))).toBe('FERRITE_DISK_FULL');
      expect(codeOf(() => db.batch().set('one', '1').set('two', 'x'.repeat(60_000)).commit())).toBe(
        'FERRITE_DISK_FULL',
      );
      const check = (open: Driven<string>['db']) => {
        expect([open.get(refused), open.get('large'), open.get('one'), open.get('two')]).toEqual(
          new Array(4).fill(undefined),
        );
        expect(open.get('old')).toBe('value');
        expect([...open.keys()].sort()).toEqual([...accepted, 'old'].sort());
        expect(open.stats().keys).toBe(accepted.length + 1);
      };
      check(db);
      device.setCapacity(CAPACITY_BYTES * 4);
      check(openOn(device.crash('everything'), { durability }).db);
      expect(db.set(refused, 'now')).toBe(true);
      expect(db.get(refused)).toBe('now');
      db.del(refused);
      check(db);
      db.close();
      check(openOn(device, { durability }).db);
    },
  );

  it.each(['interval', 'none'] as const)(
    "keeps with '%s' what it accepted, refuses more, and writes it when space returns",
    (durability) => {
      const device = new SimDevice({ capacityBytes: CAPACITY_BYTES });
      const { db } = openOn(device, { durability });
      const { accepted, code } = fill(db);
      expect(code).toBe('FERRITE_DISK_FULL');
      expect(codeOf(() => db.commitSync())).toBe('FERRITE_DISK_FULL');
      for (const key of accepted) expect(db.get(key)).toBeDefined();
      expect(db.get(`key ${accepted.length + 1}`)).toBeUndefined();
      device.setCapacity(CAPACITY_BYTES * 4);
      db.commitSync();
      const { db: left } = afterPowerCut(device, { durability });
      for (const key of accepted) expect(left.get(key)).toBe(db.get(key));
      expect(db.set('more', '1')).toBe(true);
    },
  );

  it('rejects asynchronous writers of a turn together, and has none of their writes', async () => {
    const device = new SimDevice({ capacityBytes: CAPACITY_BYTES });
    const { db } = openOn(device, { durability: 'always' });
    const { accepted } = fill(db);
    const results = await Promise.allSettled([
      db.setAsync('a', 'x'.repeat(60_000)),
      db.setAsync('b', 'y'.repeat(60_000)),
      db.setAsync('key 0', 'z'.repeat(60_000)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(db.get('a')).toBeUndefined();
    expect(db.get('key 0')).toBe('0 '.repeat(200));
    expect(db.stats().keys).toBe(accepted.length);
    device.setCapacity(CAPACITY_BYTES * 4);
    expect(await db.setAsync('a', '1')).toBe(true);
  });
});

describe('the mistake of a caller', () => {
  it('undoes nothing of asynchronous writes that wait for their commit', async () => {
    const device = new SimDevice({ clock: new SimClock() });
    const { db } = openOn(device, { durability: 'always' });
    db.set('text', 'not a number');
    const waiting = db.setAsync('key', 'value');
    expect(codeOf(() => db.incrBy('text'))).toBe('FERRITE_NOT_AN_INTEGER');
    expect(codeOf(() => db.set('k'.repeat(70_000), ''))).toBe('FERRITE_INVALID_ARGUMENT');
    expect(codeOf(() => db.set('key', 5 as never))).toBe('FERRITE_INVALID_ARGUMENT');
    expect(await waiting).toBe(true);
    expect(db.get('key')).toBe('value');
    expect(db.set('more', '')).toBe(true);
  });
});
