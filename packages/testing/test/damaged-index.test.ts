/** A damaged slice of the newest index checkpoint, found only when the slice is needed: told, set aside, and made anew. */
import type { FerriteError } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import type { SimDevice } from '../src/index.ts';
import { copyOf, makePlainStore, openSample } from './damaged-stores.ts';

const FOOTER_BYTES = 128;
const ENTRY_BYTES = 64;
const SECTION_SLICE = 1;

/** Where the slice of the first table begins in a checkpoint, as its directory says, which ends with the file's footer. */
function sliceOffset(device: SimDevice, name: string): number {
  const file = device.openSync(name, 'read');
  const bytes = Buffer.alloc(file.sizeSync());
  file.readSync(bytes, 0, bytes.length, 0);
  file.closeSync();
  for (let at = bytes.length - FOOTER_BYTES - ENTRY_BYTES; at > 0; at -= ENTRY_BYTES) {
    if (bytes.readUInt32LE(at) === SECTION_SLICE && bytes.readUInt32LE(at + 4) === 0)
      return bytes.readUInt32LE(at + 40);
  }
  throw new Error(`no slice in ${name}`);
}

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
  device.flipBit(newest, sliceOffset(device, newest), 3);
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
