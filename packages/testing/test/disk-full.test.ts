/**
 * A disk that is really full: a small tmpfs, with a ballast file that takes the room and gives it back. Writes are
 * refused, reads go on, nothing acknowledged is lost, writes resume without a restart, and a full disk can be cleaned.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, type Durability, FerriteError, type OpenOptions, open } from '@ferrite/core';
import { afterAll, describe, expect, test } from 'vitest';

const DISK_MB = 24;
const VALUE = 'v'.repeat(2000);
const KEYS_MAX = 50_000;
/** The reserve is tried once a second. */
const RESUME_WITHIN_MS = 8000;

const mountPoint = mkdtempSync(join(tmpdir(), 'ferrite-full-'));
const isMounted = mountSmallDisk();

function mountSmallDisk(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'ferrite-full', mountPoint], { stdio: 'pipe' });
    return true;
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    console.log(
      `skipped: no small disk can be mounted here (${String(stderr ?? error).trim()}); this needs root on Linux`,
    );
    return false;
  }
}

afterAll(() => {
  if (isMounted) execFileSync('umount', ['-l', mountPoint]);
  rmSync(mountPoint, { recursive: true, force: true });
});

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(mountPoint);
  return bavail * bsize;
}

/** Takes room until `leftBytes` are left. */
function placeBallast(leftBytes: number): void {
  writeFileSync(join(mountPoint, 'ballast'), Buffer.alloc(Math.max(0, freeBytes() - leftBytes), 1));
}

function removeBallast(): void {
  rmSync(join(mountPoint, 'ballast'), { force: true });
}

function emptyDisk(name: string): string {
  for (const each of readdirSync(mountPoint)) rmSync(join(mountPoint, each), { recursive: true });
  const path = join(mountPoint, name);
  mkdirSync(path);
  return path;
}

function openFull(path: string, options: Partial<OpenOptions>): Database {
  const db = open({ path, preset: 'small', mutableRegionSize: '256kb', readOnlyRegionSize: '1mb', ...options });
  db.on('error', () => undefined);
  return db;
}

/** Writes until the disk is full; returns how many writes were acknowledged. */
function fill(db: Database, prefix: string): number {
  for (let i = 0; i < KEYS_MAX; i++) {
    const refused = codeOf(() => db.set(`${prefix}:${i}`, `${i} ${VALUE}`));
    if (refused === undefined) continue;
    expect(refused).toBe('FERRITE_DISK_FULL');
    return i;
  }
  throw new Error('the disk does not get full');
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof FerriteError) return error.code;
    throw error;
  }
}

function expectAll(db: Database, prefix: string, from: number, until: number): void {
  for (let i = from; i < until; i++) {
    if (db.get(`${prefix}:${i}`) !== `${i} ${VALUE}`) throw new Error(`${prefix}:${i} is lost`);
  }
}

/** Tries a write again and again, as a program does that was refused. */
async function untilWritten(db: Database, key: string): Promise<void> {
  const until = Date.now() + RESUME_WITHIN_MS;
  while (codeOf(() => db.set(key, VALUE)) !== undefined) {
    if (Date.now() > until) throw new Error('writes do not resume');
    await sleep(50);
  }
}

describe.skipIf(!isMounted)('on a full disk', () => {
  test.each<Durability>(['always', 'everysec', 'interval', 'none'])(
    'writes are refused, reads go on, and writes resume by themselves when room is there again: durability %s',
    async (durability) => {
      const path = emptyDisk(durability);
      placeBallast(6 * 1024 * 1024);
      const db = openFull(path, { durability, compaction: false });
      const acknowledged = fill(db, 'key');
      expect(acknowledged).toBeGreaterThan(500);
      expect(codeOf(() => db.set('one more', VALUE))).toBe('FERRITE_DISK_FULL');
      expectAll(db, 'key', 0, acknowledged);
      expect([...db.scanPrefix('key:')].length).toBeGreaterThanOrEqual(acknowledged);
      removeBallast();
      await untilWritten(db, 'after');
      await db.commit();
      db.close();
      const again = openFull(path, { durability });
      expect(again.stats().recovery.damage).toEqual([]);
      expectAll(again, 'key', 0, acknowledged);
      expect(again.get('after')).toBe(VALUE);
      again.close();
    },
    30_000,
  );

  test('nothing acknowledged is lost when the process is closed while the disk is full', () => {
    const path = emptyDisk('closed');
    placeBallast(6 * 1024 * 1024);
    const db = openFull(path, { compaction: false });
    const acknowledged = fill(db, 'key');
    db.close();
    const again = openFull(path, { readOnly: true });
    expectAll(again, 'key', 0, acknowledged);
    again.close();
  });

  test('a batch is there whole or not at all', () => {
    const path = emptyDisk('batch');
    placeBallast(4 * 1024 * 1024);
    const db = openFull(path, { compaction: false });
    let whole = 0;
    for (; whole < KEYS_MAX; whole++) {
      const batch = db.batch();
      for (let i = 0; i < 20; i++) batch.set(`batch:${whole}:${i}`, VALUE);
      if (codeOf(() => batch.commit()) !== undefined) break;
    }
    expect([...db.scanPrefix('batch:')]).toHaveLength(whole * 20);
    db.close();
    const again = openFull(path, { readOnly: true });
    expect([...again.scanPrefix('batch:')]).toHaveLength(whole * 20);
    again.close();
  });

  test('keys can be deleted and compaction gives the space back, by the reserve', async () => {
    const path = emptyDisk('clean');
    const db = openFull(path, {});
    for (let i = 0; i < 4500; i++) db.set(`old:${i}`, `${i} ${VALUE}`);
    const reserve = join(path, 'reserve');
    for (let i = 0; i < 50 && !existsSync(reserve); i++) await sleep(20);
    expect(statSync(reserve).size).toBe(1024 * 1024);
    expect(statSync(reserve).blocks * 512).toBeGreaterThanOrEqual(1024 * 1024);
    placeBallast(500_000);
    const more = fill(db, 'new');
    placeMoreBallast();
    expect(existsSync(reserve)).toBe(true);
    const batch = db.batch();
    for (let i = 0; i < 500; i++) batch.del(`old:${i}`);
    batch.commit();
    expect(existsSync(reserve)).toBe(false);
    for (let i = 500; i < 4000; i++) expect(db.del(`old:${i}`)).toBe(true);
    expect(codeOf(() => db.set('not yet', VALUE))).toBe('FERRITE_DISK_FULL');
    await db.compact();
    await untilWritten(db, 'after');
    expect(existsSync(reserve)).toBe(true);
    expect(db.stats().compaction.segments).toBeGreaterThan(4);
    db.close();
    const again = openFull(path, {});
    expectAll(again, 'old', 4000, 4500);
    expectAll(again, 'new', 0, more);
    expect(again.get('old:0')).toBeUndefined();
    again.close();
  }, 30_000);

  test.each<Durability>(['always', 'everysec', 'interval', 'none'])(
    'a store of which every other key was deleted is cleaned by what the reserve gave: durability %s',
    async (durability) => {
      const path = emptyDisk('half');
      placeBallast(12 * 1024 * 1024);
      const db = openFull(path, { durability });
      for (let i = 0; i < 4500; i++) db.set(`old:${i}`, `${i} ${VALUE}`);
      await db.commit();
      for (let i = 0; i < 50 && !existsSync(join(path, 'reserve')); i++) await sleep(20);
      const more = fill(db, 'new');
      for (let i = 0; i < 4500; i += 2) expect(db.del(`old:${i}`)).toBe(true);
      await db.compact();
      await untilWritten(db, 'after');
      await db.commit();
      db.close();
      const again = openFull(path, { durability });
      for (let i = 1; i < 4500; i += 2) expectAll(again, 'old', i, i + 1);
      expectAll(again, 'new', 0, more);
      again.close();
    },
    30_000,
  );
});

describe.skipIf(!isMounted)('on a read-only file system', () => {
  /** Waits for syncs of directories that stores closed before have under way. */
  const remount = async (how: 'ro' | 'rw'): Promise<void> => {
    for (let left = 60; ; left--) {
      try {
        execFileSync('mount', ['-o', `remount,${how}`, mountPoint], { stdio: 'pipe' });
        return;
      } catch (error) {
        if (left === 0) throw error;
        await sleep(50);
      }
    }
  };

  test.each(['closed', 'killed'])(
    'a store that was %s is refused with FERRITE_PERMISSION, and readOnly reads it',
    async (how) => {
      const path = emptyDisk(how);
      const db = openFull(path, {});
      for (let i = 0; i < 100; i++) db.set(`key:${i}`, `${i} ${VALUE}`);
      // What a killed process leaves: the files as they are before a close.
      const left = join(mountPoint, 'left');
      if (how === 'killed') cpSync(path, left, { recursive: true, filter: (name) => !name.endsWith('/lock') });
      db.close();
      if (how === 'closed') renameSync(path, left);
      await remount('ro');
      try {
        expect(codeOf(() => openFull(left, {}))).toBe('FERRITE_PERMISSION');
        expect(codeOf(() => openFull(join(mountPoint, 'new'), {}))).toBe('FERRITE_PERMISSION');
        const reader = openFull(left, { readOnly: true });
        expectAll(reader, 'key', 0, 100);
        expect([...reader.keys()]).toHaveLength(100);
        expect(codeOf(() => reader.set('key', 'x'))).toBe('FERRITE_READ_ONLY');
        reader.close();
      } finally {
        await remount('rw');
      }
    },
  );
});

/** Takes what little is left, so that not even a small record finds room. */
function placeMoreBallast(): void {
  for (let size = 65_536; size >= 4096; size /= 2) {
    try {
      for (let i = 0; i < 4; i++) writeFileSync(join(mountPoint, `ballast-${size}-${i}`), Buffer.alloc(size, 1));
    } catch {
      // That much is not left: a smaller piece.
    }
  }
}
