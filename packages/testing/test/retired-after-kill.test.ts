/** An open that removes a compacted segment after a process was killed: no power cut may take back why it could go. */
import { openDriven, Prng } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const PAGE_BYTES = 128 * 1024;
const SEEDS = 40;

function open(device: SimDevice, clock: SimClock): ReturnType<typeof openDriven<string>> {
  const options = {
    pageSize: PAGE_BYTES,
    mutableRegionSize: PAGE_BYTES,
    readOnlyRegionSize: PAGE_BYTES,
    durability: 'everysec',
    lock: 'steal',
  } as const;
  const sizes = { segmentMinBytes: PAGE_BYTES, segmentMaxBytes: PAGE_BYTES };
  return openDriven<string>(options, { device, clock, prng: new Prng(1), ...sizes });
}

/** A device on which a segment was retired, with nothing of that synced, when the process was killed. */
async function makeKilled(clock: SimClock): Promise<SimDevice> {
  const device = new SimDevice({ clock });
  const { db, store, tick, step } = open(device, clock);
  const isRetired = (): boolean => store.log.segments?.list.some((segment) => segment.isLeaving) === true;
  for (let i = 0; i < 3000 && !isRetired(); i++) {
    db.set(`key:${i % 50}`, `${i}`.padEnd(2000, '-'));
    if (i % 400 === 399) store.checkpointer?.request();
    if (i % 10 !== 0) continue;
    clock.advance(100);
    tick();
    for (let left = 0; left < 10 && !isRetired(); left++) step();
    if (!isRetired()) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(isRetired()).toBe(true);
  return device;
}

test('what says that the segment was retired is durable before the segment goes', async () => {
  const clock = new SimClock();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const device = await makeKilled(clock);
    const before = device.lastStep.step;
    // The cut comes while the next process opens the store, or right after that.
    device.cutAfterStep(before + 1 + (seed % 12));
    try {
      open(device, clock);
    } catch (error) {
      if (!device.isCut) throw error;
    }
    const { db } = open(device.crash('subset', seed), clock);
    expect(db.has('key:1')).toBe(true);
    db.close();
  }
});
