/** Sizes as people write them, and what is refused. */
import { describe, expect, it } from 'vitest';
import { parseSize } from './size.ts';

describe('parseSize', () => {
  it.each([
    [0, 0],
    [65536, 65536],
    ['0', 0],
    ['512', 512],
    ['512b', 512],
    ['16k', 16_000],
    ['16kb', 16_384],
    ['16 KB', 16_384],
    [' 64Mb ', 64 * 1024 * 1024],
    ['64m', 64_000_000],
    ['1.5mb', 1_572_864],
    ['1g', 1e9],
    ['1gb', 1024 ** 3],
    ['0.3kb', 307],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])('reads %j as %j bytes', (size, bytes) => {
    expect(parseSize(size)).toBe(bytes);
  });

  it.each([
    [-1],
    [1.5],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [2 ** 53],
    [''],
    ['mb'],
    ['-1mb'],
    ['+1mb'],
    ['1tb'],
    ['1 k b'],
    ['1.mb'],
    ['.5mb'],
    ['1,5mb'],
    ['1e3'],
    ['0x10'],
    ['1constructor'],
    ['99999999999gb'],
    [null],
    [undefined],
    [true],
    [['1mb']],
    [1n],
  ])('refuses %s', (size) => {
    expect(parseSize(size)).toBeUndefined();
  });
});
