/**
 * What every `Device` has to do, asked of the real one and of the simulated one.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SimDevice } from '@ferrite/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Device } from './device.ts';
import { FileDevice } from './file-device.ts';

let directory: string;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ferrite-device-'));
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true, force: true });
});

const makers: [string, () => Device][] = [
  ['FileDevice', () => FileDevice.open(directory, { create: true, readOnly: false })],
  ['SimDevice', () => new SimDevice()],
];

describe.each(makers)('%s', (_, make) => {
  it('gives back what was written, synchronously and asynchronously', async () => {
    const file = make().openSync('a', 'create');
    expect(file.writeSync(Buffer.from('..hello..'), 2, 5, 5000)).toBe(5);
    expect(await file.write(Buffer.from('world'), 0, 5, 5005)).toBe(5);
    expect(file.sizeSync()).toBe(5010);
    const target = Buffer.alloc(12, '-');
    expect(file.readSync(target, 1, 10, 5000)).toBe(10);
    expect(target.toString()).toBe('-helloworld-');
    expect(await file.read(target, 1, 5, 5005)).toBe(5);
    expect(target.toString()).toBe('-worldworld-');
    file.closeSync();
  });

  it('reads fewer bytes at the end of a file and none behind it', async () => {
    const file = make().openSync('a', 'create');
    file.writeSync(Buffer.from('abc'), 0, 3, 0);
    const target = Buffer.alloc(8, '-');
    expect(file.readSync(target, 0, 8, 1)).toBe(2);
    expect(await file.read(target, 2, 6, 2)).toBe(1);
    expect(target.toString()).toBe('bcc-----');
    expect(file.readSync(target, 0, 8, 3)).toBe(0);
    expect(await file.read(target, 0, 8, 9000)).toBe(0);
    file.closeSync();
  });

  it('cuts a file, and extends it with zeros, not with what was there before', () => {
    const file = make().openSync('a', 'create');
    file.writeSync(Buffer.alloc(10_000, 'x'), 0, 10_000, 0);
    file.truncateSync(100);
    file.truncateSync(9000);
    expect(file.sizeSync()).toBe(9000);
    const target = Buffer.alloc(9000, '-');
    expect(file.readSync(target, 0, 9000, 0)).toBe(9000);
    expect(target.subarray(0, 100).every((byte) => byte === 0x78)).toBe(true);
    expect(target.subarray(100).every((byte) => byte === 0)).toBe(true);
    file.closeSync();
  });

  it('reads zeros from a hole', () => {
    const file = make().openSync('a', 'create');
    file.writeSync(Buffer.from('end'), 0, 3, 6_000_000_000);
    const target = Buffer.alloc(6, '-');
    expect(file.readSync(target, 0, 6, 5_999_999_997)).toBe(6);
    expect(target.toString()).toBe('\0\0\0end');
    file.closeSync();
  });

  it('refuses to create a file that exists and to open one that does not', async () => {
    const device = make();
    device.openSync('a', 'create').closeSync();
    expect(() => device.openSync('a', 'create')).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(() => device.openSync('b', 'read')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => device.openSync('b', 'write')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => device.removeSync('b')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    await expect(device.remove('b')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(() => device.renameSync('b', 'c')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  it('does not write to a file opened for reading', async () => {
    const device = make();
    device.openSync('a', 'create').closeSync();
    const file = device.openSync('a', 'read');
    expect(() => file.writeSync(Buffer.from('x'), 0, 1, 0)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    await expect(file.write(Buffer.from('x'), 0, 1, 0)).rejects.toMatchObject({ code: 'EBADF' });
    file.closeSync();
  });

  it('lists, renames over and removes files', async () => {
    const device = make();
    for (const name of ['a', 'b', 'c', 'd']) {
      const file = device.openSync(name, 'create');
      file.writeSync(Buffer.from(name), 0, 1, 0);
      file.closeSync();
    }
    device.renameSync('a', 'b');
    device.removeSync('c');
    await device.remove('d');
    device.syncDirectorySync();
    expect(device.listSync()).toEqual(['b']);
    const target = Buffer.alloc(1);
    const file = device.openSync('b', 'write');
    file.readSync(target, 0, 1, 0);
    expect(target.toString()).toBe('a');
    file.closeSync();
  });

  it('reads on from an open file that was removed', () => {
    const device = make();
    const file = device.openSync('a', 'create');
    file.writeSync(Buffer.from('still'), 0, 5, 0);
    device.removeSync('a');
    const target = Buffer.alloc(5);
    expect(file.readSync(target, 0, 5, 0)).toBe(5);
    expect(target.toString()).toBe('still');
    file.closeSync();
  });

  it('settles what is in flight after a close and starts nothing new', async () => {
    const file = make().openSync('a', 'create');
    const source = Buffer.alloc(100_000, 'y');
    const pending = [file.write(source, 0, source.length, 0), file.sync()];
    file.closeSync();
    await expect(Promise.all(pending)).resolves.toEqual([100_000, undefined]);
    await expect(file.sync()).rejects.toThrow();
    await expect(file.read(source, 0, 1, 0)).rejects.toThrow();
    await expect(file.write(source, 0, 1, 0)).rejects.toThrow();
    expect(() => file.readSync(source, 0, 1, 0)).toThrow();
    expect(() => file.syncSync()).toThrow();
  });

  it('syncs files and the directory', async () => {
    const device = make();
    const file = device.openSync('a', 'create');
    file.writeSync(Buffer.from('x'), 0, 1, 0);
    file.syncSync();
    await file.sync();
    device.syncDirectorySync();
    await device.syncDirectory();
    file.closeSync();
  });

  it('has one lock, which can be given back or stolen, and is not listed', () => {
    const device = make();
    const first = device.lockSync('fail');
    expect(first.isHeldSync()).toBe(true);
    expect(() => device.lockSync('fail')).toThrow(expect.objectContaining({ code: 'FERRITE_LOCKED' }));
    const thief = device.lockSync('steal');
    expect(first.isHeldSync()).toBe(false);
    first.releaseSync();
    expect(thief.isHeldSync()).toBe(true);
    expect(device.listSync()).toEqual([]);
    thief.releaseSync();
    expect(thief.isHeldSync()).toBe(false);
    device.lockSync('fail').releaseSync();
  });
});
