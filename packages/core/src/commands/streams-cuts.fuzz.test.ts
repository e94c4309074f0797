/**
 * Streams and their groups through power cuts at any write, with checkpoints and compaction: after each cut the store holds
 * what a store in memory holds that was told the same, with or without the command that was cut.
 */
import { SimClock, SimDevice } from '@ferrite/testing';
import { expect, it } from 'vitest';
import { TestClient } from '../../test/test-client.ts';
import { IndexLoader } from '../engine/index-loader.ts';
import { Instance } from '../instance/instance.ts';
import { type Driven, openDriven, Prng } from '../module.ts';

const PAGE_BYTES = 128 * 1024;
const OPERATIONS = 500;
const CUT_ONE_IN = 8;
const STEPS_MAX = 300;
const KEYS = ['s0', 's1', 's2'];
const GROUPS = ['g0', 'g1'];

class World {
  readonly prng: Prng;
  readonly clock = new SimClock();
  private device: SimDevice;
  private driven!: Driven<string>;
  private client!: TestClient;
  private reader!: TestClient;
  private readonly reference: TestClient;
  private lastMs = 1;
  cuts = 0;
  checkpoints = 0;
  entriesSeen = 0;

  constructor(seed: number) {
    this.prng = new Prng(seed);
    this.device = new SimDevice({ clock: this.clock, seed });
    this.open();
    const memory = openDriven<string>({}, { device: null, clock: this.clock, prng: new Prng(seed) });
    this.reference = new TestClient(new Instance(memory.store));
  }

  private open(): void {
    const options = { durability: 'always', pageSize: PAGE_BYTES, mutableRegionSize: PAGE_BYTES, readCacheSize: 0 };
    this.driven = openDriven<string>(options as Parameters<typeof openDriven<string>>[0], {
      device: this.device,
      clock: this.clock,
      prng: new Prng(1),
      hashBits: 8,
      segmentMinBytes: PAGE_BYTES,
      segmentMaxBytes: PAGE_BYTES,
    });
    const instance = new Instance(this.driven.store);
    this.client = new TestClient(instance);
    // Replies to the writer are held until the device has answered.
    this.reader = new TestClient(instance);
  }

  private below(bound: number): number {
    return this.prng.nextBelow(bound);
  }

  private pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)];
  }

  private entryId(key: string): string {
    const ids = (this.reference.send('XRANGE', key, '-', '+') as [string][]).map(([id]) => id);
    return ids.length === 0 ? '1-1' : this.pick(ids);
  }

  private command(): (string | number)[] {
    const key = this.pick(KEYS);
    const group = this.pick(GROUPS);
    const consumer = `c${this.below(3)}`;
    const dice = this.below(100);
    if (dice < 40) {
      const length = this.below(4) === 0 ? this.below(4000) : this.below(50);
      const trim = this.below(6) === 0 ? ['MAXLEN', '=', String(this.below(30))] : [];
      this.lastMs += this.below(3);
      return ['XADD', key, ...trim, `${this.lastMs}-*`, 'f', 'v'.repeat(length), 'g', `${dice}`];
    }
    if (dice < 50) return ['XDEL', key, this.entryId(key), this.entryId(key)];
    if (dice < 53) return ['XTRIM', key, 'MAXLEN', this.below(20)];
    if (dice < 60) return ['XGROUP', 'CREATE', key, group, this.pick(['0', '$']), 'MKSTREAM'];
    if (dice < 61) return ['XGROUP', 'DESTROY', key, group];
    if (dice < 62) return ['XGROUP', 'DELCONSUMER', key, group, consumer];
    if (dice < 78) return ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1 + this.below(5), 'STREAMS', key, '>'];
    if (dice < 88) return ['XACK', key, group, this.entryId(key), this.entryId(key)];
    if (dice < 92) return ['XCLAIM', key, group, consumer, 0, this.entryId(key), this.entryId(key)];
    if (dice < 94) return ['XAUTOCLAIM', key, group, consumer, 0, '0', 'COUNT', 3];
    if (dice < 95) return ['COPY', key, this.pick(KEYS), 'REPLACE'];
    if (dice < 96) return ['RENAME', key, this.pick(KEYS)];
    if (dice < 97) return ['DEL', key];
    return ['PEXPIRE', key, 10_000_000];
  }

  /** All that the keys hold; when consumers were last seen aside. */
  private stateOf(client: TestClient): string {
    return JSON.stringify(
      KEYS.map((key) => [
        client.send('XRANGE', key, '-', '+'),
        client.send('TYPE', key),
        client.send('PEXPIRETIME', key),
        ...(client.send('EXISTS', key) === 0
          ? []
          : [
              (client.send('XINFO', 'STREAM', key) as unknown[]).filter((_, i, all) => !isOfTree(all, i)),
              client.send('XINFO', 'GROUPS', key),
              ...GROUPS.map((group) => errorless(client.send('XPENDING', key, group, '-', '+', 1000))),
            ]),
      ]),
    );
  }

  step(): void {
    const { device, client, reference } = this;
    this.clock.advance(this.below(50));
    const before = this.stateOf(reference);
    const command = this.command();
    reference.send(...command);
    const after = this.stateOf(reference);
    if (this.below(CUT_ONE_IN) === 0) device.cutAfterStep(device.lastStep.step + 1 + this.below(10));
    let isDone = false;
    try {
      client.send(...command);
      this.driven.store.committer.commitSync();
      isDone = true;
      this.work();
    } catch (error) {
      if (!device.isCut) throw error;
    }
    if (!device.isCut) {
      expect(this.stateOf(this.reader)).toBe(after);
      return;
    }
    this.cuts++;
    this.checkpoints += this.driven.store.counters.checkpoints;
    this.device = device.crash(this.pick(['nothing', 'subset', 'everything'] as const), this.prng.nextUint32());
    this.open();
    const found = this.stateOf(this.reader);
    if (!isDone && found === before && found !== after) {
      this.client.send(...command);
      this.driven.store.committer.commitSync();
      expect(this.stateOf(this.reader)).toBe(after);
    } else expect(found).toBe(after);
    this.entriesSeen += found.length;
  }

  private work(): void {
    const { driven } = this;
    const dice = this.below(30);
    if (dice < 4) driven.store.checkpointer?.request();
    if (dice === 4) driven.db.compact().catch(() => undefined);
    if (dice === 5) {
      this.checkpoints += driven.store.counters.checkpoints;
      driven.db.close();
      this.open();
    } else for (let left = this.below(STEPS_MAX); left > 0 && this.workOnce(); left--);
  }

  private workOnce(): boolean {
    const { store } = this.driven;
    const isMore = store.checkpointer?.step('now') === true;
    return store.compactor?.step('now') === true || isMore || store.backgroundStep();
  }
}

/** Numbers of redis's radix tree are guesses. */
function isOfTree(all: unknown[], i: number): boolean {
  const name = String(all[i - (i % 2)]);
  return name.startsWith('radix-tree');
}

function errorless(reply: unknown): unknown {
  return reply instanceof Error || (reply as { message?: string } | null)?.message !== undefined ? 'error' : reply;
}

function run(seed: number): World {
  const world = new World(seed);
  for (let i = 0; i < OPERATIONS; i++) {
    try {
      world.step();
    } catch (cause) {
      throw new Error(`seed ${seed}, operation ${i}: ${(cause as Error).message}`, { cause });
    }
  }
  return world;
}

it.each([1, 2, 3])('streams survive power cuts (seed %i)', { timeout: 60_000 }, (seed) => {
  const world = run(seed);
  expect(world.cuts).toBeGreaterThan(20);
  expect(world.checkpoints).toBeGreaterThan(5);
  expect(world.entriesSeen).toBeGreaterThan(10_000);
});

it('would show a replay that passes over removals', () => {
  const { noteMain } = IndexLoader.prototype;
  IndexLoader.prototype.noteMain = function (this: IndexLoader, ...args: Parameters<typeof noteMain>) {
    if (args[3] !== true) noteMain.apply(this, args);
  } as typeof noteMain;
  try {
    expect(() => [1, 2, 3].map(run)).toThrow(/seed/);
  } finally {
    IndexLoader.prototype.noteMain = noteMain;
  }
});
