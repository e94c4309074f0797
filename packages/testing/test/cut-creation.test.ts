/** A segment whose creation a power cut ended, and which the next open removes, must not come back beside later ones. */
import { openDriven, Prng } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const SEEDS = 8;
const STEPS = 16;

function open(device: SimDevice, clock: SimClock): ReturnType<typeof openDriven<string>> {
  const options = { durability: 'always', pageSize: '128kb', mutableRegionSize: '128kb' } as const;
  const sizes = { segmentMinBytes: 128 * 1024, segmentMaxBytes: 128 * 1024 };
  return openDriven<string>(options, { device, clock, prng: new Prng(1), ...sizes });
}

/** A store whose next segment was being created when the power went; those of the numbers before it have come and gone. */
function makeCutStore(clock: SimClock): SimDevice {
  const device = new SimDevice({ clock });
  const { db } = open(device, clock);
  for (let i = 0; i < 3; i++) db.set('key', 'v'.repeat(100));
  db.close();
  const last = device
    .listSync()
    .filter((name) => name.startsWith('main-'))
    .sort()
    .pop() as string;
  const next = last.replace(/\d+/, (digits) => `${Number(digits) + 6}`.padStart(digits.length, '0'));
  device.openSync(next, 'create').closeSync();
  device.syncDirectorySync();
  return device.crash('nothing');
}

test('what is left of a cut creation is no damage, wherever the power goes again', () => {
  const clock = new SimClock();
  let cuts = 0;
  for (let step = 1; step <= STEPS; step++) {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const device = makeCutStore(clock);
      device.cutAfterStep(device.lastStep.step + step);
      try {
        const { db } = open(device, clock);
        for (let i = 0; i < 4; i++) db.set(`more:${i}`, 'v'.repeat(30_000));
      } catch (error) {
        if (!device.isCut) throw error;
      }
      if (!device.isCut) continue;
      cuts++;
      const { db } = open(device.crash('subset', seed), clock);
      expect(db.get('key')).toBe('v'.repeat(100));
      db.close();
    }
  }
  expect(cuts).toBeGreaterThan(100);
});
