/** Every option of `open` does something, and a bad or contradictory one says so. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { type Driven, openDriven } from './driven.ts';
import { type OpenOptions, resolveOptions } from './options.ts';

const KB = 1024;
const MB = 1024 * KB;
const SMALL: OpenOptions = { pageSize: '128kb', mutableRegionSize: '128kb', readOnlyRegionSize: '128kb' };

function openOn(device: SimDevice, options: OpenOptions): Driven<string> {
  return openDriven({ ...SMALL, ...options }, { device, clock: device.clock, prng: new Prng(1) });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
}

function fill(db: Driven<string>['db'], count: number, valueBytes: number): void {
  for (let i = 0; i < count; i++) db.set(`key ${i}`, 'x'.repeat(valueBytes));
}

async function settle(driven: Driven<string>): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (driven.step()) continue;
    await new Promise((resolve) => setImmediate(resolve));
    driven.tick();
    if (i > 200) return;
  }
}

describe('bad options', () => {
  const path = 'store';
  it.each<[string, unknown]>([
    ['an unknown name', { path, durabilty: 'always' }],
    ['an empty path', { path: '' }],
    ['a path that was not set', { path: undefined }],
    ['a path with a NUL', { path: 'store\0' }],
    ['a URL', new URL('file:///store')],
    ['a map', new Map([['path', path]])],
    ['an array', [path]],
    ['null', null],
    ['a number', 5],
    ['a value that has no JSON', { path, lock: { by: 5n } }],
    ['an unknown preset', { preset: 'huge' }],
    ['a size that is no size', { mutableRegionSize: '64 potatoes' }],
    ['a negative size', { readCacheSize: -1 }],
    ['a size that is not a whole number', { readOnlyRegionSize: 1.5 }],
    ['a page that is no power of two', { path, pageSize: '300kb' }],
    ['a page that is too small', { path, pageSize: '64kb' }],
    ['a page that is too large', { path, pageSize: '2mb' }],
    ['a mutable region smaller than a page', { path, pageSize: '1mb', mutableRegionSize: '128kb' }],
    ['a region that is too large', { path, readOnlyRegionSize: '9gb' }],
    ['a cache that is too large', { path, readCacheSize: '300mb' }],
    ['an unknown durability', { path, durability: 'sometimes' }],
    ['a flag that is no boolean', { path, enableFsync: 1 }],
    ['an interval of 0', { path, durability: 'interval', commitIntervalMs: 0 }],
    ['an alignment that is none', { path, alignCommits: 1024 }],
    ['an unknown policy', { maxMemory: '8mb', evictionPolicy: 'lru' }],
    ['an unknown order', { ordered: 'eager' }],
    ['an unknown recovery', { path, recovery: 'hope' }],
    ['an unknown lock', { path, lock: 'break' }],
    ['an unknown codec', { codec: 'xml' }],
    ['a codec without decode', { codec: { encode: String } }],
    ['maxMemory below 1 MB', { maxMemory: '512kb' }],
    ['fewer than 8 pages of maxMemory', { maxMemory: '4mb', pageSize: '1mb' }],
    ['enableFsync with another durability', { path, enableFsync: true, durability: 'none' }],
    ['fsyncOnCommit with another durability', { path, fsyncOnCommit: true, durability: 'everysec' }],
    ['durability without a path', { durability: 'always' }],
    ['enableFsync without a path', { enableFsync: true }],
    ["commitIntervalMs without 'interval'", { path, commitIntervalMs: 100 }],
    ['alignCommits without a path', { alignCommits: 512 }],
    ['maxDisk without a path', { maxDisk: '1gb' }],
    ['readOnly without a path', { readOnly: true }],
    ['recovery without a path', { recovery: 'salvage' }],
    ['lock without a path', { lock: 'steal' }],
    ['feedRetention without a path', { feedRetention: '1mb' }],
    ['compaction without a path', { compaction: false }],
    ['maxMemory with a path', { path, maxMemory: '64mb' }],
    ['evictionPolicy without a limit', { evictionPolicy: 'allkeys-lru' }],
    ['maxDisk without compaction', { path, maxDisk: '1gb', compaction: false }],
  ])('%s is FERRITE_INVALID_OPTION', (_, options) => {
    expect(codeOf(() => resolveOptions(options as OpenOptions))).toBe('FERRITE_INVALID_OPTION');
  });

  it('name the option, its value, and what there is', () => {
    expect(() => resolveOptions({ cache: 1 } as OpenOptions)).toThrow(/'cache'.*readCacheSize/);
    expect(() => resolveOptions({ path, pageSize: '12 potatoes' })).toThrow(/'pageSize'.*12 potatoes/);
  });

  it('that are undefined count as not given', () => {
    expect(resolveOptions({ path, durability: undefined, maxMemory: undefined }).durability).toBe('everysec');
  });
});

describe('defaults', () => {
  it('are everysec, pages of 1 MB, a lazy order', () => {
    const { durability, pageBytes, mutableBytes, ordered, compaction, evictionPolicy } = resolveOptions({
      path: 'store',
    });
    expect({ durability, pageBytes, mutableBytes, ordered, compaction, evictionPolicy }).toEqual({
      durability: 'everysec',
      pageBytes: MB,
      mutableBytes: 32 * MB,
      ordered: 'lazy',
      compaction: true,
      evictionPolicy: 'noeviction',
    });
  });

  it.each([
    ['tiny', 128 * KB, MB, 2 * MB, 256 * KB],
    ['small', 256 * KB, 4 * MB, 16 * MB, 2 * MB],
  ] as const)("come smaller with preset '%s', and each can be set apart", (preset, page, mutable, readOnly, cache) => {
    const resolved = resolveOptions({ path: 'store', preset });
    expect([resolved.pageBytes, resolved.mutableBytes, resolved.readOnlyBytes, resolved.readCacheBytes]).toEqual([
      page,
      mutable,
      readOnly,
      cache,
    ]);
    expect(resolveOptions({ path: 'store', preset, readCacheSize: '5mb' }).readCacheBytes).toBe(5 * MB);
  });

  it('cut small regions into at least 48 pages, none larger than the mutable region', () => {
    const pageOf = (mutableRegionSize: string, readOnlyRegionSize: string) =>
      resolveOptions({ path: 'store', mutableRegionSize, readOnlyRegionSize }).pageBytes;
    expect(pageOf('16mb', '32mb')).toBe(MB);
    expect(pageOf('16mb', '31mb')).toBe(512 * KB);
    expect(pageOf('4mb', '12mb')).toBe(256 * KB);
    expect(pageOf('300kb', '256mb')).toBe(256 * KB);
    expect(pageOf('128kb', '0')).toBe(128 * KB);
  });

  it('cut maxMemory into about 32 pages', () => {
    expect(resolveOptions({ maxMemory: '1mb' }).pageBytes).toBe(128 * KB);
    expect(resolveOptions({ maxMemory: '8mb' }).pageBytes).toBe(256 * KB);
    expect(resolveOptions({ maxMemory: '1gb' }).pageBytes).toBe(MB);
  });
});

describe('an option', () => {
  it.each(['enableFsync', 'fsyncOnCommit'] as const)('%s syncs each write', (name) => {
    const device = new SimDevice();
    const { db } = openOn(device, { [name]: true });
    db.set('first', '');
    const before = device.counts().syncs;
    for (let i = 0; i < 5; i++) db.set('key', String(i));
    expect(device.counts().syncs - before).toBe(5);
  });

  it('mutableRegionSize is how much waits in memory', () => {
    const written = [128 * KB, MB].map((mutableRegionSize) => {
      const device = new SimDevice();
      const { db } = openOn(device, { durability: 'none', mutableRegionSize, readOnlyRegionSize: MB });
      fill(db, 400, 1000);
      return device.counts().writtenBytes;
    });
    expect(written[0]).toBeGreaterThan(100 * KB);
    expect(written[1]).toBeLessThan(10 * KB);
  });

  it('readOnlyRegionSize is how much is read from memory, once it is read', async () => {
    const tierOf = async (readOnlyRegionSize: number) => {
      const { db, step } = openOn(new SimDevice(), { readOnlyRegionSize });
      fill(db, 1500, 1000);
      expect(db.getEntry('key 0')?.tier).toBe('disk');
      for (let i = 0; i < 1500; i++) db.get(`key ${i}`);
      for (let i = 0; i < 20; i++) {
        step();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return db.getEntry('key 0')?.tier;
    };
    expect(await tierOf(128 * KB)).toBe('disk');
    expect(await tierOf(2 * MB)).toBe('read-only');
  });

  it('readCacheSize keeps what was read from disk', () => {
    const [without, cached] = ['0', '1mb'].map((readCacheSize) => {
      const device = new SimDevice();
      const { db } = openOn(device, { readCacheSize });
      fill(db, 1000, 1000);
      db.get('key 3');
      const before = device.counts().reads;
      for (let i = 0; i < 10; i++) expect(db.get('key 3')).toHaveLength(1000);
      return { reads: device.counts().reads - before, hits: db.stats().hits.readCache };
    });
    expect(without.reads).toBeGreaterThanOrEqual(10);
    expect(without.hits).toBe(0);
    expect(cached).toEqual({ reads: 0, hits: 10 });
  });

  it('pageSize is kept with the store, whatever it is opened with later', () => {
    const device = new SimDevice();
    const first = openOn(device, { pageSize: '256kb', mutableRegionSize: '1mb' });
    expect(first.store.pageBytes).toBe(256 * KB);
    first.db.set('key', 'value');
    first.db.close();
    const second = openOn(device, {});
    expect(second.store.pageBytes).toBe(256 * KB);
    expect(second.db.get('key')).toBe('value');
  });

  it('ordered: false refuses scans and takes no memory, true builds without being asked, lazy on the first scan', async () => {
    const held: number[] = [];
    for (const ordered of [false, 'lazy', true] as const) {
      const device = new SimDevice();
      const before = openOn(device, { ordered: false });
      fill(before.db, 100, 10);
      before.db.close();
      const driven = openOn(device, { ordered });
      await settle(driven);
      held.push(driven.db.stats().bytes.orderedIndex);
      if (ordered === false) expect(codeOf(() => driven.db.keys().next())).toBe('FERRITE_UNSUPPORTED');
      else expect([...driven.db.keys()]).toHaveLength(100);
    }
    expect(held[0]).toBe(0);
    expect(held[1]).toBe(0);
    expect(held[2]).toBeGreaterThan(0);
  });

  it('compaction gives space back, and false does not', async () => {
    const files: number[] = [];
    for (const compaction of [true, false]) {
      const driven = openOn(new SimDevice(), { compaction });
      for (let i = 0; i < 20; i++) fill(driven.db, 200, 1000);
      const done = driven.db.compact();
      await settle(driven);
      driven.db.set('more', '');
      await settle(driven);
      await done;
      files.push(driven.db.stats().bytes.files);
    }
    expect(files[0]).toBeLessThan(1.5 * MB);
    expect(files[1]).toBeGreaterThan(4 * MB);
  });

  it('readOnly refuses every write and changes no byte', () => {
    const device = new SimDevice();
    const before = openOn(device, {});
    fill(before.db, 10, 10);
    before.db.close();
    const steps = device.lastStep.step;
    const { db } = openOn(device, { readOnly: true });
    expect(db.get('key 3')).toBe('x'.repeat(10));
    expect([...db.keys()]).toHaveLength(10);
    const writes = [
      () => db.set('key', ''),
      () => db.del('key 1'),
      () => db.incrBy('n'),
      () => db.expire('key 1', 1),
      () => db.batch().set('key', '').commit(),
    ];
    for (const write of writes) expect(codeOf(write)).toBe('FERRITE_READ_ONLY');
    db.close();
    expect(device.lastStep.step).toBe(steps);
  });

  it("recovery: 'salvage' opens what 'strict' refuses", () => {
    const device = new SimDevice();
    const before = openOn(device, { durability: 'always' });
    fill(before.db, 300, 1000);
    before.db.close();
    for (let i = 0; i < 8; i++) device.flipBit('main-00000001.seg', 60_000 + i * 100, 3);
    expect(codeOf(() => openOn(device, {}))).toBe('FERRITE_CORRUPT');
    const { db } = openOn(device, { recovery: 'salvage' });
    expect(db.stats().recovery.damage.length).toBeGreaterThan(0);
    expect(db.get('key 1')).toBe('x'.repeat(1000));
    expect(db.set('more', '')).toBe(true);
  });

  it("lock: 'steal' opens what somebody else holds, who then no longer writes", async () => {
    const device = new SimDevice();
    const holder = openOn(device, {});
    holder.db.set('key', 'value');
    expect(codeOf(() => openOn(device, {}))).toBe('FERRITE_LOCKED');
    const errors: string[] = [];
    holder.db.on('error', (error) => errors.push(error.code));
    openOn(device, { lock: 'steal' });
    for (let i = 0; i < 20; i++) holder.tick();
    expect(codeOf(() => holder.db.set('key', 'other'))).toBe('FERRITE_LOCK_LOST');
    await Promise.resolve();
    await Promise.resolve();
    expect(errors).toContain('FERRITE_LOCK_LOST');
  });

  it('codec decides how values look', () => {
    const device = new SimDevice({ clock: new SimClock() });
    const { db } = openOn(device, {});
    db.set('key', '{"a":1}');
    db.close();
    const asJson = openOn(device, { codec: 'json' });
    expect(asJson.db.get('key')).toEqual({ a: 1 });
    asJson.db.close();
    expect(openOn(device, { codec: 'buffer' }).db.get('key')).toEqual(Buffer.from('{"a":1}'));
  });
});
