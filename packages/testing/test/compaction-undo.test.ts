/** A commit that the device refuses gives records back that compaction had taken for garbage: they must still be copied. */
import { openDriven, Prng } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const PAGE_BYTES = 128 * 1024;

test('a segment whose records were replaced only by a refused commit stays until they have been copied', async () => {
  const clock = new SimClock();
  const device = new SimDevice({ clock });
  const options = {
    pageSize: PAGE_BYTES,
    mutableRegionSize: '128kb',
    readOnlyRegionSize: '128kb',
    durability: 'everysec',
  } as const;
  const { db, store, tick, step } = openDriven<string>(options, {
    device,
    clock,
    prng: new Prng(1),
    segmentMinBytes: PAGE_BYTES,
    segmentMaxBytes: PAGE_BYTES,
  });
  const turns = async (count: number, until = (): boolean => false): Promise<void> => {
    for (let turn = 0; turn < count && !until(); turn++) {
      clock.advance(100);
      tick();
      step();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const fill = (): void => {
    for (let i = 0; i < 300; i++) db.set(`busy:${i % 100}`, 'x'.repeat(1000));
  };
  const checkpoint = async (): Promise<void> => {
    store.checkpointer?.request();
    await turns(400, () => store.checkpointer?.isRequested === false && store.checkpointer.isIdle);
  };
  fill();
  db.set('kept', 'as it was');
  fill();
  await checkpoint();
  await checkpoint();

  store.committer.pace.isSlow = true;
  device.hold('write');
  device.fail({ operation: 'write', code: 'ENOSPC' });
  const refused = db.setAsync('kept', 'refused');
  refused.catch(() => {});
  await Promise.resolve();
  const compacted = db.compact();
  await turns(30);
  device.release();
  await expect(refused).rejects.toMatchObject({ code: 'FERRITE_DISK_FULL' });
  store.committer.pace.isSlow = false;
  fill();
  fill();
  await turns(400);
  await compacted;
  expect(db.stats().compaction.segments).toBeGreaterThan(0);
  expect(db.get('kept')).toBe('as it was');
  db.close();
});
