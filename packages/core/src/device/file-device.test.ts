/**
 * What only the real device does: directories, permissions, paths, and the errors of a real file system.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileDevice } from './file-device.ts';

const windows = process.platform === 'win32';
let base: string;

beforeEach(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'ferrite-file-device-'));
});

afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(base, { recursive: true, force: true });
});

function open(name = '.', options = { create: true, readOnly: false }): FileDevice {
  return FileDevice.open(path.join(base, name), options);
}

it('makes missing directories, parents included, only when it may', () => {
  expect(() => open('a/b', { create: false, readOnly: false })).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => open('a/b', { create: true, readOnly: true })).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(fs.readdirSync(base)).toEqual([]);
  expect(open('a/b').path).toBe(path.join(fs.realpathSync(base), 'a', 'b'));
});

it('syncs every directory that got a new entry', () => {
  const opened = new Map<number, string>();
  const synced: string[] = [];
  const openSync = fs.openSync;
  vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
    const fd = openSync(...args);
    opened.set(fd, String(args[0]));
    return fd;
  });
  vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
    synced.push(String(opened.get(fd)));
  });
  open('a/b/c');
  expect(synced).toEqual([path.join(base, 'a', 'b'), path.join(base, 'a'), base]);
});

it('refuses a path that is a file', () => {
  fs.writeFileSync(path.join(base, 'file'), '');
  expect(() => open('file', { create: false, readOnly: false })).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  expect(() => open('file')).toThrow(expect.objectContaining({ code: 'EEXIST' }));
});

it.skipIf(windows)('has one path for every way to spell it', () => {
  fs.mkdirSync(path.join(base, 'real'));
  fs.symlinkSync('real', path.join(base, 'link'));
  expect(open('link').path).toBe(open('real/../real/.').path);
});

it.skipIf(windows)('makes files that only their owner can read', () => {
  const device = open();
  device.openSync('a', 'create').closeSync();
  expect(fs.statSync(path.join(base, 'a')).mode & 0o777).toBe(0o600);
});

it('changes nothing when opened read-only', async () => {
  open().openSync('a', 'create').closeSync();
  const device = open('.', { create: false, readOnly: true });
  const refused = expect.objectContaining({ code: 'EROFS' });
  expect(() => device.openSync('a', 'write')).toThrow(refused);
  expect(() => device.openSync('b', 'create')).toThrow(refused);
  expect(() => device.renameSync('a', 'b')).toThrow(refused);
  expect(() => device.removeSync('a')).toThrow(refused);
  await expect(device.remove('a')).rejects.toMatchObject({ code: 'EROFS' });
  expect(() => device.lockSync('steal')).toThrow(refused);
  device.openSync('a', 'read').closeSync();
  expect(fs.readdirSync(base)).toEqual(['a']);
});

it('does not list directories', () => {
  const device = open();
  fs.mkdirSync(path.join(base, 'sub'));
  fs.writeFileSync(path.join(base, 'a'), '');
  expect(device.listSync()).toEqual(['a']);
});

it('reads on after a short read', async () => {
  const file = open().openSync('a', 'create');
  file.writeSync(Buffer.from('0123456789'), 0, 10, 0);
  const { read, readSync } = fs;
  const shortSync = (fd: number, target: NodeJS.ArrayBufferView, offset: number, length: number, position: number) =>
    readSync(fd, target, offset, Math.min(length, 3), position);
  vi.spyOn(fs, 'readSync').mockImplementation(shortSync as typeof readSync);
  type Done = (error: Error | null, count: number) => void;
  const short = (fd: number, bytes: Buffer, offset: number, length: number, position: number, done: Done) =>
    read(fd, bytes, offset, Math.min(length, 3), position, done);
  vi.spyOn(fs, 'read').mockImplementation(short as unknown as typeof read);
  const target = Buffer.alloc(12, '-');
  expect(file.readSync(target, 1, 9, 0)).toBe(9);
  expect(target.toString()).toBe('-012345678--');
  expect(file.readSync(target, 0, 12, 2)).toBe(8);
  target.fill('-');
  expect(await file.read(target, 1, 9, 0)).toBe(9);
  expect(target.toString()).toBe('-012345678--');
  expect(await file.read(target, 0, 12, 2)).toBe(8);
  file.closeSync();
});

it.skipIf(process.platform !== 'linux')('passes errors on with their code', async () => {
  const device = open();
  fs.symlinkSync('/dev/full', path.join(base, 'full'));
  const file = device.openSync('full', 'write');
  const source = Buffer.alloc(10);
  expect(() => file.writeSync(source, 0, 10, 0)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
  await expect(file.write(source, 0, 10, 0)).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(file.sync()).rejects.toMatchObject({ code: 'EINVAL' });
  file.closeSync();
});

it('reports a failed sync of the directory but not one that the platform cannot do', async () => {
  const device = open();
  const fail = (code: string) => {
    const error = Object.assign(new Error(code), { code });
    vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
      throw error;
    });
    vi.spyOn(fs, 'fsync').mockImplementation(((_: number, done: (error: Error) => void) =>
      done(error)) as typeof fs.fsync);
  };
  fail('EIO');
  expect(() => device.syncDirectorySync()).toThrow(expect.objectContaining({ code: 'EIO' }));
  await expect(device.syncDirectory()).rejects.toMatchObject({ code: 'EIO' });
  fail('EINVAL');
  expect(() => device.syncDirectorySync()).not.toThrow();
  await expect(device.syncDirectory()).resolves.toBeUndefined();
});

it('closes the file descriptor once, and only after what is in flight', async () => {
  const file = open().openSync('a', 'create');
  const close = vi.spyOn(fs, 'closeSync');
  const pending = file.write(Buffer.alloc(100_000), 0, 100_000, 0);
  file.closeSync();
  file.closeSync();
  expect(close).not.toHaveBeenCalled();
  await pending;
  expect(close).toHaveBeenCalledTimes(1);
});
