/** Listeners, codecs, locks and closes that come at the wrong moment: none of them may harm the store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { open } from './database.ts';
import { type Driven, openDriven } from './driven.ts';
import type { OpenOptions } from './options.ts';

const SMALL: OpenOptions = { pageSize: '128kb', mutableRegionSize: '128kb', readOnlyRegionSize: '128kb' };

function openOn<V = string>(device: SimDevice, options: OpenOptions<V> = {}): Driven<V> {
  const host = { device, clock: device.clock, prng: new Prng(1), segmentMaxBytes: 128 * 1024 };
  return openDriven<V>({ ...(SMALL as OpenOptions<V>), ...options }, host);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'no error';
}

describe('a listener', () => {
  it('may use the database while a key expires', async () => {
    const clock = new SimClock();
    const { db } = openOn(new SimDevice({ clock }));
    for (let i = 0; i < 10; i++) db.set(`key ${i}`, `value ${i}`);
    db.set('short', 'lived', { ttlMs: 10 });
    const seen: (string | undefined)[] = [];
    db.on('expired', (key) => {
      seen.push(key.toString(), db.get('key 3'));
      db.set('noted', 'yes');
    });
    clock.advance(11);
    expect(db.get('short')).toBeUndefined();
    await Promise.resolve();
    expect(seen).toEqual(['short', 'value 3']);
    for (let i = 0; i < 10; i++) expect(db.get(`key ${i}`)).toBe(`value ${i}`);
    expect([db.get('noted'), db.stats().keys]).toEqual(['yes', 11]);
  });

  it('hears nothing once its handle is closed', async () => {
    const clock = new SimClock();
    const { db } = openOn(new SimDevice({ clock }));
    const other = db.clone();
    db.set('short', 'lived', { ttlMs: 10 });
    let heard = 0;
    db.on('expired', () => heard++);
    clock.advance(11);
    other.get('short');
    db.close();
    await Promise.resolve();
    expect(heard).toBe(0);
    other.close();
  });
});

describe('a codec', () => {
  it('that cannot read the old value leaves the store writable', () => {
    const { db } = openOn<unknown>(new SimDevice(), { codec: 'json' });
    db.set('key', Buffer.from('no JSON'));
    expect(() => db.set('key', { a: 1 }, { returnOld: true })).toThrow(SyntaxError);
    expect(db.set('key', { a: 2 })).toBe(true);
    expect(db.get('key')).toEqual({ a: 2 });
  });
});

describe('a lock taken by force', () => {
  it('keeps the old holder from writing, also at close', () => {
    const device = new SimDevice();
    const old = openOn(device);
    for (let i = 0; i < 100; i++) old.db.set(`key ${i}`, 'old');
    const thief = openOn(device, { lock: 'steal' });
    for (let i = 0; i < 100; i++) thief.db.set(`key ${i}`, 'thief');
    for (let i = 0; i < 10; i++) old.tick();
    expect(codeOf(() => old.db.set('key', 'late'))).toBe('FERRITE_LOCK_LOST');
    expect(codeOf(() => old.db.commitSync())).toBe('FERRITE_LOCK_LOST');
    old.db.close();
    thief.db.close();
    const { db } = openOn(device);
    for (let i = 0; i < 100; i++) expect(db.get(`key ${i}`)).toBe('thief');
    expect(db.stats().recovery.damage).toEqual([]);
  });
});

describe('compact', () => {
  it('gives back at once what was overwritten before it', async () => {
    const { db, step, store } = openOn(new SimDevice());
    for (let i = 0; i < 4000; i++) db.set(`key ${i % 50}`, 'v'.repeat(1000));
    await db.commit();
    let isDone = false;
    const done = db.compact().then(() => {
      isDone = true;
    });
    for (let i = 0; i < 100_000 && !isDone; i++) {
      step();
      await Promise.resolve();
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    expect(store.counters.compactedSegments).toBeGreaterThan(20);
    expect(db.stats().bytes.files).toBeLessThan(1024 * 1024);
    db.close();
  });

  it('is told when the database is closed meanwhile', async () => {
    const { db } = openOn(new SimDevice());
    db.set('key', 'value');
    const done = db.compact().catch((error) => error.code);
    db.close();
    expect(await done).toBe('FERRITE_CLOSED');
  });
});

describe('a full disk', () => {
  it('does not keep a store from being closed when everything is durable', () => {
    const device = new SimDevice();
    const { db } = openOn(device);
    for (let i = 0; i < 10; i++) db.set(`key ${i}`, 'value');
    db.commitSync();
    device.fail({ operation: 'write', code: 'ENOSPC' });
    expect(codeOf(() => db.close())).toBe('no error');
    device.repair();
    expect(openOn(device).db.stats().keys).toBe(10);
  });
});

describe('opening a path twice', () => {
  it('shares the store unless another durability is named', () => {
    const path = mkdtempSync(join(tmpdir(), 'ferrite-twice-'));
    try {
      const first = open({ path, enableFsync: true });
      const second = open(path);
      second.set('key', 'value');
      expect(first.get('key')).toBe('value');
      expect(codeOf(() => open({ path, durability: 'none' }))).toBe('FERRITE_INVALID_OPTION');
      expect(codeOf(() => open({ path, readOnly: true }))).toBe('FERRITE_INVALID_OPTION');
      first.close();
      expect(second.get('key')).toBe('value');
      second.close();
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});

describe('a change feed', () => {
  it('does not pass over a large value whose successor a power cut could take away', async () => {
    const device = new SimDevice();
    const { db } = openOn(device);
    db.set('before', 'b');
    db.set('large', 'A'.repeat(100_000));
    db.commitSync();
    db.set('large', 'B'.repeat(100_000));
    const feed = db.changes();
    const seen: string[] = [];
    for await (const change of feed) seen.push(change.type === 'clear' ? 'clear' : change.key);
    expect(seen).toEqual(['before']);
    const left = openOn(device.crash('nothing')).db;
    const rest: string[] = [];
    for await (const change of left.changes({ from: feed.token })) {
      if (change.type !== 'clear') rest.push(change.type === 'set' ? `${change.key} ${change.value[0]}` : change.key);
    }
    expect(rest).toEqual(['large A']);
  });
});
