/** Comparing ranges of bytes: the order, and that nothing around the ranges counts. */
import { describe, expect, it } from 'vitest';
import { compareBytes, equalBytes } from './bytes.ts';

/** Compares the texts as ranges in the middle of larger arrays, where the bytes around them would mislead. */
function order(left: string, right: string): number {
  const a = Buffer.from(`~~${left}zz`);
  const b = Buffer.from(`~~~${right}aa`);
  return compareBytes(a, 2, Buffer.byteLength(left), b, 3, Buffer.byteLength(right));
}

function equal(left: string, right: string): boolean {
  const a = Buffer.from(`~~${left}zz`);
  const b = Buffer.from(`~${right}aa`);
  return equalBytes(a, 2, b, 1, Buffer.byteLength(left));
}

describe('compareBytes', () => {
  it('orders a range that begins another before it', () => {
    expect(order('', '')).toBe(0);
    expect(order('', 'a')).toBe(-1);
    expect(order('ab', 'abc')).toBe(-1);
    expect(order('abc', 'ab')).toBe(1);
  });

  it('orders by unsigned bytes', () => {
    expect(compareBytes(Uint8Array.of(0x7f), 0, 1, Uint8Array.of(0x80), 0, 1)).toBe(-1);
    expect(compareBytes(Uint8Array.of(0xff), 0, 1, Uint8Array.of(0), 0, 1)).toBe(1);
  });

  it('agrees with Buffer.compare on ranges of all lengths, short and long', () => {
    for (const length of [1, 7, 255, 256, 257, 5000]) {
      const text = 'k'.repeat(length);
      const others = [text, `${text.slice(0, -1)}j`, `${text.slice(0, -1)}l`, `j${text.slice(1)}`, `${text}x`];
      for (const other of others) {
        expect(order(text, other)).toBe(Buffer.compare(Buffer.from(text), Buffer.from(other)));
        expect(order(other, text)).toBe(Buffer.compare(Buffer.from(other), Buffer.from(text)));
      }
    }
  });
});

describe('equalBytes', () => {
  it('sees a difference in the first and in the last byte, in short and in long ranges', () => {
    for (const length of [1, 8, 256, 257, 4096]) {
      const text = 'k'.repeat(length);
      expect(equal(text, text)).toBe(true);
      expect(equal(text, `j${text.slice(1)}`)).toBe(false);
      expect(equal(text, `${text.slice(0, -1)}j`)).toBe(false);
    }
  });

  it('finds two empty ranges equal', () => {
    expect(equal('', '')).toBe(true);
  });
});
