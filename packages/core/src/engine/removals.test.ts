/** Files that go in the pool: in order, and at once when somebody waits for them. */
import { SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Removals } from './removals.ts';

function removalsOf(names: string[]) {
  const device = new SimDevice();
  for (const name of names) device.openSync(name, 'create').closeSync();
  const flash = { writtenBytes: 0, fsyncs: 0 };
  const errors: string[] = [];
  const removals = new Removals(device, flash, (error) => errors.push(error.code));
  return { device, flash, errors, removals };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('removals', () => {
  it('remove one file after the other off the loop, then sync the directory once', async () => {
    const { device, flash, errors, removals } = removalsOf(['a', 'b', 'c']);
    device.hold('remove');
    removals.add('a', 10);
    removals.add('b', 20);
    await settled();
    expect(device.listSync()).toEqual(['a', 'b', 'c']);
    expect(device.pump(1)).toBe(1);
    await settled();
    expect(device.listSync()).toEqual(['b', 'c']);
    expect(removals.bytesOnDisk).toBe(20);
    expect(removals.isBusy).toBe(true);
    device.pump(1);
    await settled();
    expect(device.crash('nothing').listSync()).toEqual(['c']);
    expect(removals.bytesOnDisk).toBe(0);
    expect(removals.isBusy).toBe(false);
    expect(flash.fsyncs).toBe(1);
    expect(errors).toEqual([]);
  });

  it('are finished on the spot, the one under way included', async () => {
    const { device, errors, removals } = removalsOf(['a', 'b', 'c']);
    device.hold('remove');
    removals.add('a', 1);
    removals.add('b', 1);
    removals.finishSync();
    expect(device.crash('nothing').listSync()).toEqual(['c']);
    removals.add('c', 1);
    device.release();
    await settled();
    expect(device.listSync()).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('tell of a file that does not go, and go on with the next', async () => {
    const { device, errors, removals } = removalsOf(['a', 'b']);
    device.fail({ operation: 'remove', name: 'a' });
    removals.add('a', 1);
    removals.add('b', 1);
    await settled();
    expect(device.listSync()).toEqual(['a']);
    expect(errors).toEqual(['FERRITE_IO']);
    expect(removals.bytesOnDisk).toBe(0);
  });
});
