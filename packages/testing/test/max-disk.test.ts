/** `maxDisk`: the files stay within it, by eviction or by refusing writes, and removing keys always works. */
import { type Driven, type FerriteError, type OpenOptions, openDriven, Prng } from '@ferrite/core/module';
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, test } from 'vitest';

const KB = 1024;
const PAGE_BYTES = 128 * KB;
const MAX_DISK = 32 * PAGE_BYTES;
const OPTIONS: OpenOptions = {
  pageSize: PAGE_BYTES,
  mutableRegionSize: '256kb',
  readOnlyRegionSize: '512kb',
  maxDisk: MAX_DISK,
};
/** How a program's loop leaves the engine its time. */
const LOOPS = ['never yields', 'has turns'] as const;

class Host {
  readonly clock: SimClock;
  readonly device: SimDevice;
  readonly driven: Driven<string>;
  mostBytes = 0;

  constructor(options: OpenOptions, segmentPages = 1, before?: Host) {
    this.clock = before?.clock ?? new SimClock();
    this.device = before?.device ?? new SimDevice({ clock: this.clock, seed: 1 });
    this.mostBytes = before?.mostBytes ?? 0;
    const segmentMaxBytes = PAGE_BYTES * segmentPages;
    this.driven = openDriven<string>(
      { ...OPTIONS, ...options },
      { device: this.device, clock: this.clock, prng: new Prng(1), segmentMinBytes: PAGE_BYTES, segmentMaxBytes },
    );
  }

  reopened(options: OpenOptions, segmentPages: number): Host {
    this.driven.db.close();
    return new Host(options, segmentPages, this);
  }

  /** After each write. */
  async pass(i: number, loop: (typeof LOOPS)[number]): Promise<void> {
    this.clock.advance(1);
    if (i % 64 === 0) this.measure();
    if (loop === 'never yields' || i % 20 !== 0) return;
    this.driven.tick();
    for (let j = 0; j < 10 && this.driven.step(); j++);
    await new Promise((resolve) => setImmediate(resolve));
  }

  measure(): void {
    let bytes = 0;
    for (const name of this.device.listSync()) {
      const file = this.device.openSync(name, 'read');
      bytes += file.sizeSync();
      file.closeSync();
    }
    this.mostBytes = Math.max(this.mostBytes, bytes);
  }
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as FerriteError).code;
  }
  return 'nothing thrown';
}

describe.each(LOOPS)('maxDisk under a loop that %s', (loop) => {
  test.each(['allkeys-lru', 'allkeys-random', 'volatile-ttl'] as const)(
    'is kept by %s, whatever is written',
    async (evictionPolicy) => {
      const host = new Host({ evictionPolicy });
      const { db } = host.driven;
      const prng = new Prng(7);
      let evicted = 0;
      db.on('evicted', () => evicted++);
      const count = 6000;
      for (let i = 0; i < count; i++) {
        db.set(
          `k${i}`,
          'x'.repeat(200 + prng.nextBelow(2000)),
          evictionPolicy === 'volatile-ttl' ? { ttlMs: 10_000_000 - i } : {},
        );
        await host.pass(i, loop);
      }
      const { keys } = db.stats();
      expect(host.mostBytes).toBeLessThanOrEqual(MAX_DISK);
      expect(keys + evicted).toBe(count);
      // What may be live is (32 - 4 segments) / 1.5, less checkpoints, which hold expiries too, of keys evicted as well.
      expect(keys * 1200).toBeGreaterThan(MAX_DISK * (evictionPolicy === 'volatile-ttl' ? 0.3 : 0.4));
      if (evictionPolicy === 'allkeys-lru')
        for (let i = count - 100; i < count; i++) expect(db.has(`k${i}`)).toBe(true);
      db.close();
      host.measure();
      expect(host.mostBytes).toBeLessThanOrEqual(MAX_DISK);
    },
  );

  test('is kept without a policy by refusing writes; deletes, and then writes, go on', async () => {
    const host = new Host({});
    const { db } = host.driven;
    let stored = 0;
    for (; stored < 12_000; stored++) {
      const code = codeOf(() => db.set(`k${stored}`, 'x'.repeat(1000)));
      if (code !== 'nothing thrown') {
        expect(code).toBe('FERRITE_DISK_FULL');
        break;
      }
      await host.pass(stored, loop);
    }
    expect(stored * 1000).toBeGreaterThan(MAX_DISK * 0.4);
    expect(stored).toBeLessThan(12_000);
    expect(() => db.set('one more', 'x'.repeat(1000))).toThrow(/maxDisk \(4194304 bytes\)/);
    expect(codeOf(() => db.batch().set('a', 'b').commit())).toBe('FERRITE_DISK_FULL');
    expect(db.has('a')).toBe(false);
    for (let i = 0; i < stored; i += 2) {
      if (i % 4 === 0) db.del(`k${i}`);
      else db.batch().del(`k${i}`).commit();
      await host.pass(i, loop);
    }
    for (let i = 0; i < stored / 3; i++) {
      db.set(`again${i}`, 'y'.repeat(1000));
      await host.pass(i, loop);
    }
    for (let i = 1; i < stored; i += 2) expect(db.get(`k${i}`)).toBe('x'.repeat(1000));
    expect(host.mostBytes).toBeLessThanOrEqual(MAX_DISK);
    db.close();
  });

  test.each(['everysec', 'always', 'interval', 'none'] as const)(
    'leaves room to overwrite for ever (%s)',
    async (durability) => {
      const host = new Host({ durability });
      const { db } = host.driven;
      const prng = new Prng(3);
      const keys = 1700;
      for (let i = 0; i < 8000; i++) {
        const key = i < keys ? i : prng.nextBelow(keys);
        db.set(`k${key}`, `${i}${'x'.repeat(950)}`);
        await host.pass(i, loop);
      }
      expect(db.stats().keys).toBe(keys);
      expect(db.stats().evicted).toBe(0);
      expect(host.mostBytes).toBeLessThanOrEqual(MAX_DISK);
      db.close();
    },
  );
});

describe('maxDisk', () => {
  test('is not exceeded by one large batch or value', () => {
    const host = new Host({});
    const { db } = host.driven;
    expect(codeOf(() => db.set('large', 'x'.repeat(MAX_DISK)))).toBe('FERRITE_DISK_FULL');
    const batch = db.batch();
    for (let i = 0; i < 5000; i++) batch.set(`k${i}`, 'x'.repeat(1000));
    expect(codeOf(() => batch.commit())).toBe('FERRITE_DISK_FULL');
    expect(db.stats().keys).toBe(0);
    for (const letter of 'abcdefghijy') db.set('large', letter.repeat(MAX_DISK / 5));
    host.measure();
    expect(host.mostBytes).toBeLessThanOrEqual(MAX_DISK);
    expect(db.get('large')).toBe('y'.repeat(MAX_DISK / 5));
    db.close();
  });

  test('goes before what readers of changes hold', async () => {
    const host = new Host({ evictionPolicy: 'allkeys-lru' });
    const { db } = host.driven;
    const feed = db.changes({ from: 'now', name: 'slow' });
    for (let i = 0; i < 8000; i++) {
      db.set(`k${i % 50}`, 'x'.repeat(1000));
      await host.pass(i, 'has turns');
    }
    expect(host.mostBytes).toBeLessThanOrEqual(MAX_DISK);
    await expect(feed.next()).rejects.toMatchObject({ code: 'FERRITE_SNAPSHOT_REQUIRED' });
    db.close();
  });
});

/** A seeded mix of everything that takes and gives room; returns the most bytes that the files took, per byte allowed. */
async function runMix(seed: number, isPlanted = false): Promise<number> {
  const prng = new Prng(seed);
  const maxDisk = PAGE_BYTES * (16 + prng.nextBelow(60));
  const segmentPages = 1 + prng.nextBelow(2);
  const options: OpenOptions = {
    maxDisk,
    durability: (['everysec', 'always', 'interval', 'none'] as const)[seed % 4],
    evictionPolicy: (['allkeys-lru', 'noeviction', 'allkeys-random'] as const)[prng.nextBelow(3)],
  };
  const keys = 20 + prng.nextBelow(5000);
  const size = 20 + prng.nextBelow(5000);
  const loop = LOOPS[prng.nextBelow(2)];
  let host = new Host(options, segmentPages);
  const key = () => `k${prng.nextBelow(keys)}`;
  const value = () => 'x'.repeat(prng.nextBelow(size));
  const operate = () => {
    const { db } = host.driven;
    const what = prng.nextBelow(100);
    if (what < 70) db.set(key(), value());
    else if (what < 80) {
      const batch = db.batch();
      for (let j = prng.nextBelow(60); j >= 0; j--) batch.set(key(), value());
      batch.commit();
    } else if (what < 81) db.set(key(), 'L'.repeat(prng.nextBelow(maxDisk / 10)));
    else if (what < 90) expect(codeOf(() => db.del(key()))).toBe('nothing thrown');
    else db.expire(key(), 100_000);
  };
  for (let i = 0; i < 3000; i++) {
    // The planted bug: no write waits for space.
    if (isPlanted) (host.driven.store.diskLimit as unknown as { relieve(): boolean }).relieve = () => true;
    const code = codeOf(operate);
    if (options.evictionPolicy !== 'noeviction' && !isPlanted) expect(code).toBe('nothing thrown');
    else expect(['nothing thrown', 'FERRITE_DISK_FULL']).toContain(code);
    await host.pass(i, loop);
    if (i % 8 === 0) host.measure();
    if (i === 1500) host = host.reopened(options, segmentPages);
  }
  host.driven.db.close();
  return host.mostBytes / maxDisk;
}

describe('maxDisk over a seeded mix of writes', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('is kept (seed %i)', async (seed) => {
    expect(await runMix(seed)).toBeLessThanOrEqual(1);
  });

  test('is exceeded when no write waits for space (canary)', async () => {
    let most = 0;
    for (let seed = 1; seed <= 4; seed++) most = Math.max(most, await runMix(seed, true));
    expect(most).toBeGreaterThan(1);
  });
});

test('maxMemory without a policy refuses writes, but not deletes', () => {
  const { db } = openDriven<string>(
    { maxMemory: '4mb', pageSize: PAGE_BYTES },
    { device: null, clock: new SimClock(), prng: new Prng(1) },
  );
  let stored = 0;
  while (codeOf(() => db.set(`k${stored}`, 'x'.repeat(1000))) === 'nothing thrown') stored++;
  expect(codeOf(() => db.set('more', 'x'))).toBe('FERRITE_MEMORY_FULL');
  for (let i = 0; i < stored; i += 2) expect(db.del(`k${i}`)).toBe(true);
  expect(codeOf(() => db.set('more', 'x'))).toBe('nothing thrown');
});
