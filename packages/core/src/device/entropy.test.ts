import fs from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { unpredictableBytes } from './entropy.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('gives as many bytes as asked for, and others each time', () => {
  const first = unpredictableBytes(32);
  expect(first).toHaveLength(32);
  expect(unpredictableBytes(32)).not.toEqual(first);
});

it.each([
  ['cannot be opened', () => vi.spyOn(fs, 'openSync').mockImplementation(fail)],
  ['gives too little', () => vi.spyOn(fs, 'readSync').mockReturnValue(7)],
])('does without the kernel file where it %s', (_, spoil) => {
  spoil();
  const first = unpredictableBytes(32);
  expect(first).toHaveLength(32);
  expect(first.some((byte) => byte !== 0)).toBe(true);
  expect(unpredictableBytes(32)).not.toEqual(first);
});

function fail(): never {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}
