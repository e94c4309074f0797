/** A damaged slice of the newest index checkpoint, found only when the slice is needed: told, set aside, and made anew. */
import type { FerriteError } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { copyOf, makePlainStore, openSample } from './damaged-stores.ts';

/** Where the first section of a checkpoint, a slice, begins. */
const FIRST_SLICE_OFFSET = 64;

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as FerriteError).code;
  }
}

test('a damaged slice of the index is told to whoever needs it, set aside, and made anew by the next open', async () => {
  const sample = makePlainStore(2);
  const device = copyOf(sample.device);
  const newest = device
    .listSync()
    .filter((name) => name.startsWith('checkpoint-'))
    .sort()
    .pop() as string;
  device.flipBit(newest, FIRST_SLICE_OFFSET, 3);
  const damaged = openSample(device);
  const errors: string[] = [];
  damaged.db.on('error', (error) => errors.push(error.code));
  for (let i = 0; i < 5; i++) damaged.stepSync();
  expect(codeOf(() => damaged.db.get('key:0'))).toBe('FERRITE_CORRUPT');
  expect(codeOf(() => damaged.db.set('key:0', 'other'))).toBe('FERRITE_CORRUPT');
  for (let i = 0; i < 5; i++) damaged.step();
  await Promise.resolve();
  expect(errors).toEqual(['FERRITE_CORRUPT']);
  expect(device.listSync()).toContain(`damaged-${newest}`);
  damaged.db.close();
  const healed = openSample(device);
  for (const [key, value] of sample.expected) expect(healed.db.get(key), key).toBe(value);
  healed.db.close();
});
