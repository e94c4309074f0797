/** LZF: what goes in comes out, and no input makes the decompressor write where it should not. */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { compressLzf, decompressLzf } from './lzf.ts';

function compress(bytes: Uint8Array<ArrayBuffer>, sizeMax = bytes.length * 2 + 8): Uint8Array<ArrayBuffer> {
  const into = new Uint8Array(sizeMax + 4).fill(0xee);
  const size = compressLzf(bytes, into, 2, sizeMax);
  expect([into[0], into[1], into[sizeMax + 2], into[sizeMax + 3]]).toEqual([0xee, 0xee, 0xee, 0xee]);
  return into.subarray(2, 2 + size);
}

function decompress(bytes: Uint8Array, size: number): Uint8Array | undefined {
  const into = new Uint8Array(size);
  const framed = Uint8Array.of(7, ...bytes, 7);
  return decompressLzf(framed, 1, 1 + bytes.length, into) ? into : undefined;
}

/** Text made of few words, so that there is something to find. */
function repetitive(prng: Prng, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; ) {
    const isCopy = i > 0 && prng.nextBelow(3) > 0;
    const from = isCopy ? prng.nextBelow(i) : 0;
    for (let left = 1 + prng.nextBelow(400); left > 0 && i < size; left--, i++) {
      bytes[i] = isCopy ? bytes[from + ((i - from) % (i - from))] : prng.nextBelow(256);
    }
  }
  return bytes;
}

describe('LZF', () => {
  it('gives back what was compressed, of any size and kind', () => {
    const prng = new Prng(31);
    const inputs = [0, 1, 2, 3, 4, 33, 300].map((size) => new Uint8Array(size).fill(97));
    for (let i = 0; i < 300; i++) inputs.push(repetitive(prng, prng.nextBelow(3000)));
    inputs.push(repetitive(prng, 100_000), new Uint8Array(100_000));
    for (const input of inputs) {
      const compressed = compress(input);
      expect(Buffer.compare(decompress(compressed, input.length)!, input)).toBe(0);
      expect(decompress(compressed, input.length + 1)).toBeUndefined();
      if (input.length > 0) expect(decompress(compressed, input.length - 1)).toBeUndefined();
    }
  });

  it('compresses repetition by far, and equal input to equal bytes', () => {
    expect(compress(new Uint8Array(26_400)).length).toBeLessThan(320);
    const text = Buffer.from('one two three one two three four one two three');
    expect(compress(text)).toEqual(compress(text));
  });

  it('gives 0 when the room is too small by a byte', () => {
    const input = repetitive(new Prng(5), 2000);
    const size = compress(input).length;
    expect(compress(input, size).length).toBe(size);
    expect(compress(input, size - 1).length).toBe(0);
  });

  it('reads the three kinds of pieces', () => {
    expect(decompress(Uint8Array.of(2, 97, 98, 99, 0x20, 2), 6)).toEqual(Uint8Array.from(Buffer.from('abcabc')));
    expect(decompress(Uint8Array.of(0, 97, 0xe0, 1, 0), 11)).toEqual(Uint8Array.from({ length: 11 }, () => 97));
  });

  it.each([
    ['literals that are cut off', [3, 97, 98]],
    ['a copy from before the start', [0, 97, 0x20, 1]],
    ['a copy without its second byte', [0, 97, 0x20]],
    ['a long copy without its third byte', [0, 97, 0xe0, 3]],
  ])('refuses %s', (_, bytes) => {
    for (let size = 0; size < 20; size++) expect(decompress(Uint8Array.from(bytes), size)).toBeUndefined();
  });

  it('takes random bytes without harm', () => {
    const prng = new Prng(77);
    for (let i = 0; i < 5000; i++) {
      const bytes = Uint8Array.from({ length: prng.nextBelow(40) }, () => prng.nextBelow(256));
      decompress(bytes, prng.nextBelow(300));
    }
  });
});
