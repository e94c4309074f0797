/** Several databases on a simulated disk: flushed, swapped, reopened, followed by a feed, and on a disk that is full. */
import { type Driven, openDriven, type OpenOptions, Prng } from '../module.ts';
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Instance } from '../instance/instance.ts';
import { TestClient } from '../../test/test-client.ts';

const PAGE_BYTES = 128 * 1024;
const OPTIONS: OpenOptions = { pageSize: PAGE_BYTES, mutableRegionSize: '256kb', readOnlyRegionSize: '512kb' };
const SIZES = { segmentMinBytes: PAGE_BYTES, segmentMaxBytes: PAGE_BYTES };

class Host {
  readonly clock = new SimClock();
  readonly device: SimDevice;
  driven!: Driven<string>;
  client!: TestClient;

  constructor() {
    this.device = new SimDevice({ clock: this.clock });
    this.open();
  }

  open(): void {
    this.driven = openDriven<string>(OPTIONS, {
      device: this.device,
      clock: this.clock,
      prng: new Prng(1),
      ...SIZES,
    });
    this.client = new TestClient(new Instance(this.driven.store));
  }

  reopen(): void {
    this.driven.db.close();
    this.open();
  }

  /** A reply that a write holds back is there after the turn. */
  async send(...parts: (string | number)[]): Promise<unknown> {
    return this.client.send(...parts) ?? (await this.client.settled())[0];
  }

  async fill(database: number, count: number, value: string): Promise<void> {
    await this.send('SELECT', database);
    for (let i = 0; i < count; i++) this.client.send('SET', `key:${i}`, value);
    await this.client.settled();
  }

  async sizes(databases: readonly number[]): Promise<unknown[]> {
    const sizes: unknown[] = [];
    for (const database of databases) {
      await this.send('SELECT', database);
      sizes.push(await this.send('DBSIZE'));
    }
    return sizes;
  }

  checkpoint(): void {
    this.driven.store.checkpointer?.writeSync();
  }
}

describe('a database that is flushed', () => {
  it.each([
    ['without a checkpoint', false, false],
    ['after a checkpoint', true, false],
    ['before a checkpoint', false, true],
  ])('is empty after a reopen, and keeps what came later: %s', async (_, before, after) => {
    const host = new Host();
    await host.fill(0, 500, 'a');
    await host.fill(5, 500, 'x'.repeat(1000));
    await host.fill(5, 1, 'y'.repeat(100_000));
    if (before) host.checkpoint();
    expect(await host.send('FLUSHDB')).toBe('OK');
    await host.fill(5, 3, 'later');
    if (after) host.checkpoint();
    host.reopen();
    expect(await host.sizes([0, 5])).toEqual([500, 3]);
    expect(await host.send('GET', 'key:2')).toBe('later');
    expect(await host.send('FLUSHALL')).toBe('OK');
    host.reopen();
    expect(await host.sizes([0, 5])).toEqual([0, 0]);
  });

  it('is empty after a kill in the middle of a checkpoint, and the checkpoint holds for what stays', async () => {
    const host = new Host();
    const { store } = host.driven;
    await host.fill(0, 20_000, 'a');
    await host.fill(1, 20_000, 'b');
    store.checkpointer?.request();
    for (let steps = 0; store.checkpointer?.slicesOf(1) === 1 && steps < 100; steps++) host.driven.step();
    for (let steps = 0; steps < 7; steps++) host.driven.step();
    await host.send('FLUSHDB');
    await host.fill(1, 100, 'later');
    host.checkpoint();
    const killed = host.device.crash('everything', 1);
    const again = openDriven<string>(OPTIONS, { device: killed, clock: host.clock, prng: new Prng(2), ...SIZES });
    expect(again.store.countKeys()).toBe(20_100);
    expect(again.db.get('key:19999')).toBe('a');
  });

  it('gives its space back', async () => {
    const host = new Host();
    await host.fill(0, 100, 'a');
    await host.fill(1, 2000, 'x'.repeat(1000));
    const { store } = host.driven;
    store.compactionMinBytes = 0;
    const full = store.log.segments?.bytesOnDisk ?? 0;
    await host.send('FLUSHDB');
    for (let i = 0; i < 50; i++) {
      host.clock.advance(1000);
      host.driven.tick();
      host.driven.stepSync();
    }
    const left = (store.log.segments?.bytesOnDisk ?? 0) + (store.cold?.segments.bytesOnDisk ?? 0);
    expect(left).toBeLessThan(full / 2);
    expect(await host.sizes([0, 1])).toEqual([100, 0]);
  });

  it('has its keys again when the disk refuses the flush, and so have databases that were to be swapped', async () => {
    const host = new Host();
    await host.fill(0, 5, 'zero');
    await host.fill(1, 300, 'one');
    await host.send('SET', 'large', 'x'.repeat(100_000));
    expect([...host.driven.db.keys()]).toHaveLength(5);
    const misconf = { message: expect.stringMatching(/^MISCONF/) };
    for (const command of [['FLUSHDB'], ['FLUSHALL'], ['SWAPDB', 0, 1]]) {
      host.device.fail({ operation: 'write', code: 'ENOSPC' });
      expect(await host.send(...command)).toMatchObject(misconf);
      host.device.repair();
      expect(await host.sizes([0, 1])).toEqual([5, 301]);
      expect(await host.send('GET', 'large')).toBe('x'.repeat(100_000));
      expect([...host.driven.db.keys()]).toHaveLength(5);
    }
    host.reopen();
    expect(await host.sizes([0, 1])).toEqual([5, 301]);
    expect(await host.send('GET', 'large')).toBe('x'.repeat(100_000));
  });
});

describe('databases that are swapped', () => {
  it.each([false, true])('stay so after a reopen; with a checkpoint: %s', async (withCheckpoint) => {
    const host = new Host();
    await host.fill(0, 3, 'zero');
    await host.fill(7, 5, 'seven');
    expect(await host.send('SWAPDB', 0, 7)).toBe('OK');
    expect(await host.send('SWAPDB', 7, 3)).toBe('OK');
    expect(host.driven.db.get('key:4')).toBe('seven');
    if (withCheckpoint) host.checkpoint();
    host.reopen();
    expect(await host.sizes([0, 3, 7])).toEqual([5, 3, 0]);
    expect(host.driven.db.get('key:4')).toBe('seven');
    expect([...host.driven.db.keys()]).toEqual(['key:0', 'key:1', 'key:2', 'key:3', 'key:4']);
  });

  it('change what ordered scans see, and end those under way', async () => {
    const host = new Host();
    await host.fill(0, 600, 'zero');
    await host.fill(1, 2, 'one');
    const keys = host.driven.db.keys();
    expect(keys.next().value).toBe('key:0');
    await host.send('SWAPDB', 0, 1);
    expect([...keys].length).toBeLessThan(600);
    expect([...host.driven.db.keys()]).toEqual(['key:0', 'key:1']);
    await host.send('SELECT', 0);
    await host.send('FLUSHDB');
    expect([...host.driven.db.keys()]).toEqual([]);
    host.driven.db.set('new', 'key');
    expect([...host.driven.db.keys()]).toEqual(['new']);
  });
});

describe('a feed of changes', () => {
  async function read(host: Host, from: string): Promise<string[]> {
    const shown: string[] = [];
    for await (const change of host.driven.db.changes({ from })) {
      shown.push(change.type === 'clear' ? 'clear' : `${change.type} ${change.key}`);
    }
    return shown;
  }

  it('gives a flush as one change, and nothing of other databases', async () => {
    const host = new Host();
    await host.fill(0, 2, 'a');
    await host.fill(1, 2, 'b');
    await host.send('FLUSHDB');
    await host.send('SELECT', 0);
    await host.send('FLUSHDB');
    await host.send('SET', 'later', 'c');
    host.driven.db.commitSync();
    expect(await read(host, 'start')).toEqual(['set key:0', 'set key:1', 'clear', 'set later']);
  });

  it('ends where the database was exchanged for another', async () => {
    const host = new Host();
    await host.fill(0, 2, 'a');
    host.driven.db.commitSync();
    const feed = host.driven.db.changes({ from: 'start' });
    await feed.next();
    const { token } = feed;
    await host.send('SWAPDB', 0, 1);
    await host.send('SELECT', 0);
    await host.send('SET', 'other', 'b');
    host.driven.db.commitSync();
    await expect(read(host, token)).rejects.toMatchObject({ code: 'FERRITE_SNAPSHOT_REQUIRED' });
    await expect(read(host, 'start')).rejects.toMatchObject({ code: 'FERRITE_SNAPSHOT_REQUIRED' });
    const now = host.driven.db.changes({ from: 'now' }).token;
    await host.send('SET', 'more', 'c');
    host.driven.db.commitSync();
    expect(await read(host, now)).toEqual(['set more']);
  });
});
