/**
 * Surviving disks whose checkpoints were damaged or removed by hand: opening must then give the same contents.
 */
import type { Prng } from '@ferrite/core/module';
import type { SimDevice } from '../../src/index.ts';

const CHECKPOINT = /^checkpoint-\d+/;
const FIRST_SEGMENT = 'main-00000001.seg';

function checkpoints(device: SimDevice): string[] {
  return device
    .listSync()
    .filter((name) => CHECKPOINT.test(name))
    .sort();
}

/** A copy with one bit of the newest checkpoint flipped; undefined unless an older one is there. */
export function damagedCheckpoint(image: SimDevice, prng: Prng): SimDevice | undefined {
  const names = checkpoints(image);
  if (names.length < 2) return undefined;
  const copy = image.crash('everything');
  const newest = names[names.length - 1];
  const file = copy.openSync(newest, 'read');
  copy.flipBit(newest, prng.nextBelow(file.sizeSync()), prng.nextBelow(8));
  file.closeSync();
  return copy;
}

/** A copy without checkpoints; undefined when there is none, or the log no longer tells everything. */
export function withoutCheckpoints(image: SimDevice): SimDevice | undefined {
  const names = checkpoints(image);
  const isWhole = image.listSync().includes(FIRST_SEGMENT) && !image.listSync().some((name) => name.startsWith('cold'));
  if (names.length === 0 || !isWhole) return undefined;
  const copy = image.crash('everything');
  for (const name of names) copy.removeSync(name);
  copy.syncDirectorySync();
  return copy;
}
