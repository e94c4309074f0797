import { expect, test } from 'vitest';
import { copyBytes, LastView } from './copy-bytes.ts';
import { Prng } from './prng.ts';

test('bytes are copied as they are, whatever their number and alignment, and none beside them is touched', () => {
  const prng = new Prng(7);
  const source = Buffer.from(Array.from({ length: 200 }, () => Math.floor(prng.nextDouble() * 256)));
  const view = new LastView();
  for (let length = 0; length < 70; length++) {
    for (let start = 0; start < 5; start++) {
      for (let at = 0; at < 5; at++) {
        const target = Buffer.alloc(90, 0x2a);
        const expected = Buffer.from(target);
        source.copy(expected, at, start, start + length);
        copyBytes(view.of(source), start, start + length, new LastView().of(target), at);
        expect(target.equals(expected)).toBe(true);
      }
    }
  }
});

test('a view is made once for the same bytes, and again for others', () => {
  const view = new LastView();
  const one = Buffer.alloc(8, 1);
  const first = view.of(one);
  expect(view.of(one)).toBe(first);
  expect(view.of(Buffer.alloc(8, 2)).getUint8(0)).toBe(2);
  expect(view.of(one).getUint8(0)).toBe(1);
});
