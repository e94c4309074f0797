/** Hot backup: what the copy holds, that it is durable, and what refuses it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Database, type FerriteError, open } from '@ferrite/core';
import { copyStore, type Driven, type OpenOptions, openDriven, Prng } from '@ferrite/core/module';
import { SimClock, SimDevice } from '@ferrite/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const PAGE_BYTES = 128 * 1024;
const SIZES = { segmentMinBytes: PAGE_BYTES, segmentMaxBytes: PAGE_BYTES * 2 };
const OPTIONS: OpenOptions = { pageSize: PAGE_BYTES, mutableRegionSize: '256kb', readOnlyRegionSize: '512kb' };

describe('backup of files', () => {
  let home = '';
  let opened: Database[] = [];
  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'ferrite-backup-'));
  });
  afterEach(() => {
    for (const db of opened) db.close();
    opened = [];
    fs.rmSync(home, { recursive: true });
  });
  const at = (name: string) => path.join(home, name);
  const openAt = (name: string, options: OpenOptions = {}): Database => {
    const db = open({ preset: 'tiny', ...options, path: at(name) });
    opened.push(db);
    return db;
  };

  test('opens as a store of its own with everything written before the call, while writes went on', async () => {
    const db = openAt('store');
    for (let i = 0; i < 3000; i++) db.set(`k${i}`, `v${i}${'.'.repeat(500)}`);
    for (let i = 0; i < 3000; i += 3) db.del(`k${i}`);
    db.set('large', 'L'.repeat(3_000_000));
    db.set('brief', 'x', { ttlMs: 3_600_000 });
    let after = 0;
    const writing = setInterval(() => {
      for (let i = 0; i < 50; i++) db.set(`after${after++}`, 'y'.repeat(2000));
    }, 1);
    const report = await db.backup(at('copies/today'));
    clearInterval(writing);
    expect(after).toBeGreaterThan(0);
    expect(report.bytes).toBeGreaterThan(3_000_000);
    expect(fs.readdirSync(at('copies'))).toEqual(['today']);
    db.set('k1', 'changed');

    const copy = openAt('copies/today');
    for (let i = 0; i < 3000; i++) expect(copy.get(`k${i}`)).toBe(i % 3 === 0 ? undefined : `v${i}${'.'.repeat(500)}`);
    expect(copy.get('large') === 'L'.repeat(3_000_000)).toBe(true);
    expect(copy.ttl('brief')).toBeGreaterThan(3_000_000);
    // A prefix of what came during the backup.
    const counted = [...copy.keys({ gte: 'after', lt: 'aftes' })].length;
    for (let i = 0; i < after; i++) expect(copy.has(`after${i}`)).toBe(i < counted);
    copy.set('k1', 'own');
    expect(db.get('k1')).toBe('changed');
    expect(copy.stats().recovery.damage).toEqual([]);
  });

  test('refuses a target that exists, and leaves nothing behind when it fails', async () => {
    const db = openAt('store');
    db.set('a', '1');
    await db.backup(at('copy'));
    await expect(db.backup(at('copy'))).rejects.toMatchObject({ code: 'FERRITE_EXISTS' });
    fs.writeFileSync(at('file'), '');
    await expect(db.backup(at('file'))).rejects.toMatchObject({ code: 'FERRITE_EXISTS' });
    await expect(db.backup(at('file/below'))).rejects.toThrow(/backing up to/);
    const closing = db.backup(at('late'));
    db.close();
    await expect(closing).rejects.toMatchObject({ code: 'FERRITE_CLOSED' });
    expect(fs.readdirSync(home).sort()).toEqual(['copy', 'file', 'store']);
  });

  test('has nothing to do in memory or for a read-only store', async () => {
    const memory = open();
    await expect(memory.backup(at('x'))).rejects.toMatchObject({ code: 'FERRITE_UNSUPPORTED' });
    memory.close();
    openAt('store').set('a', '1');
    opened.pop()?.close();
    await expect(openAt('store', { readOnly: true }).backup(at('x'))).rejects.toMatchObject({
      code: 'FERRITE_READ_ONLY',
    });
  });
});

describe('backup on a simulated disk', () => {
  const openOn = (device: SimDevice, clock: SimClock, options: OpenOptions): Driven<string> =>
    openDriven<string>({ ...OPTIONS, ...options }, { device, clock, prng: new Prng(1), ...SIZES });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is a prefix of the writes, durable, whatever compaction does meanwhile (seed %i)',
    async (seed) => {
      const prng = new Prng(seed);
      const clock = new SimClock();
      const durability = (['everysec', 'always', 'interval', 'none'] as const)[seed % 4];
      const source = openOn(new SimDevice({ clock, seed }), clock, { durability });
      // Write i sets key i mod 40 and the counter: a prefix is told by the counter.
      const valueOf = (i: number) => `${i}${'.'.repeat((i * 37) % 5000)}`;
      let written = 0;
      const write = (count: number) => {
        for (let i = 0; i < count; i++, written++) {
          source.db
            .batch()
            .set(`k${written % 40}`, valueOf(written))
            .set('count', `${written}`)
            .commit();
        }
      };
      write(600);
      for (let copies = 0; copies < 4; copies++) {
        const atCall = written;
        const target = new SimDevice({ clock, seed: seed + 100 });
        let settled = false;
        const copying = copyStore(source.store, target).finally(() => {
          settled = true;
        });
        for (let turn = 0; !settled; turn++) {
          write(prng.nextBelow(10));
          clock.advance(120);
          source.tick();
          for (let i = prng.nextBelow(20); i > 0; i--) source.step();
          if (turn % 3 === 0) source.stepSync();
          await new Promise((resolve) => setImmediate(resolve));
        }
        await copying;
        const copy = openOn(target.crash('nothing', seed), clock, {});
        const count = Number(copy.db.get('count'));
        expect(count).toBeGreaterThanOrEqual(atCall - 1);
        for (let i = 0; i < 40; i++) {
          const last = count - ((count - i + 4000) % 40);
          expect(copy.db.get(`k${i}`)).toBe(valueOf(last));
        }
        copy.db.close();
      }
      expect(source.db.stats().compaction.segments).toBeGreaterThan(0);
      const pinned = [...(source.store.log.segments?.list ?? []), ...(source.store.cold?.segments.list ?? [])];
      expect(pinned.every((segment) => segment.pins === 0)).toBe(true);
      source.db.close();
    },
  );

  test('that meets a full target says so', async () => {
    const clock = new SimClock();
    const source = openOn(new SimDevice({ clock, seed: 1 }), clock, {});
    for (let i = 0; i < 200; i++) source.db.set(`k${i}`, 'x'.repeat(2000));
    const target = new SimDevice({ clock, seed: 2, capacityBytes: 300_000 });
    let failure: FerriteError | undefined;
    copyStore(source.store, target).catch((error) => {
      failure = error as FerriteError;
    });
    for (let turn = 0; failure === undefined && turn < 500; turn++) {
      source.step();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(failure).toMatchObject({ code: 'FERRITE_DISK_FULL' });
    source.db.close();
  });
});
