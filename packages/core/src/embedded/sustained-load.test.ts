/** Space under a load that does not end, on a device that takes its time: compaction has to keep pace with it. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import type { Store } from '../engine/store.ts';
import { type Driven, openDriven } from './driven.ts';

const KEYS = 20_000;
const VALUE = 'v'.repeat(100);
const SETS_PER_MS = 100;
const MEGABYTE = 1024 * 1024;

/** Plays the part of the timers: ticks ten times a second, and a slice whenever the engine says that it may go on. */
class Loop {
  private readonly driven: Driven<string>;
  private readonly clock: SimClock;
  private isAwake = false;
  private nextTickMs = 0;

  constructor(driven: Driven<string>, clock: SimClock) {
    this.driven = driven;
    this.clock = clock;
    driven.store.whenAnswered = () => {
      this.isAwake = true;
    };
  }

  async turn(): Promise<void> {
    this.clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
    const isTick = this.clock.monotonicMs() >= this.nextTickMs;
    if (isTick) {
      this.nextTickMs = this.clock.monotonicMs() + 100;
      this.driven.tick();
    }
    if (!isTick && !this.isAwake) return;
    this.isAwake = false;
    for (let steps = 0; this.driven.step(); steps++) {
      if (steps < 8) continue;
      this.isAwake = true;
      return;
    }
  }
}

function bytesOnDisk({ log, cold, removals, checkpointer }: Store): number {
  const segments = (log.segments?.bytesOnDisk ?? 0) + (cold?.segments.bytesOnDisk ?? 0);
  return segments + (removals?.bytesOnDisk ?? 0) + (checkpointer?.bytesOnDisk ?? 0);
}

it('keys that are overwritten without end take no more space than is promised, though each wait for the device is long', async () => {
  const clock = new SimClock();
  const device = new SimDevice({ clock });
  const driven = openDriven<string>(
    { durability: 'everysec', pageSize: '128kb' },
    { device, clock, prng: new Prng(1), segmentMinBytes: MEGABYTE, segmentMaxBytes: MEGABYTE },
  );
  const { db, store } = driven;
  const loop = new Loop(driven, clock);
  const prng = new Prng(2);
  device.stall('write', 5, 1e9);
  device.stall('sync', 8, 1e9);
  let most = 0;
  for (let ms = 0; ms < 4000; ms++) {
    let written: Promise<unknown> | undefined;
    for (let i = 0; i < SETS_PER_MS; i++) written = db.setAsync(`key:${prng.nextBelow(KEYS)}`, VALUE);
    written?.catch(() => undefined);
    await loop.turn();
    most = Math.max(most, bytesOnDisk(store));
  }
  const liveBytes = KEYS * 136;
  expect(store.log.tail * 8).toBeGreaterThan(40 * MEGABYTE);
  // What a small store may take beyond 1.6 times what is live, two segments, checkpoints, and files made ahead.
  expect(most).toBeLessThan(1.6 * liveBytes + 8 * MEGABYTE + 2 * MEGABYTE + 2 * MEGABYTE + MEGABYTE);
  device.stall('write', 0, 0);
  device.stall('sync', 0, 0);
  db.close();
});
