/** Bits of strings: against the plainest way to do each, and against the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { Prng } from '../base/prng.ts';
import { type BitOperation, bitCount, bitPosition, combineBits, getBit, setBit } from './bits.ts';

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

/** Random bytes at any alignment; long stretches of 0 and of 255 among them. */
function randomBytes(prng: Prng, size: number): Uint8Array {
  const bytes = new Uint8Array(size + 8).subarray(prng.nextBelow(8)).subarray(0, size);
  for (let i = 0; i < size; ) {
    const kind = prng.nextBelow(3);
    for (let end = i + 1 + prng.nextBelow(kind === 2 ? 20 : 600); i < end && i < size; i++) {
      bytes[i] = kind === 0 ? 0 : kind === 1 ? 255 : prng.nextBelow(256);
    }
  }
  return bytes;
}

function bitsOf(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length * 8 }, (_, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1);
}

function plainCount(bytes: Uint8Array, first: number, last: number): number {
  let count = 0;
  for (let i = first; i <= last; i++) count += (bytes[i >> 3] >> (7 - (i & 7))) & 1;
  return count;
}

describe('getBit and setBit', () => {
  it('number bits from the highest of the first byte', () => {
    const bytes = new Uint8Array(2);
    expect(setBit(bytes, 0, 1)).toBe(0);
    expect(setBit(bytes, 15, 1)).toBe(0);
    expect(setBit(bytes, 15, 1)).toBe(1);
    expect([...bytes]).toEqual([0x80, 0x01]);
    expect([getBit(bytes, 0), getBit(bytes, 1), getBit(bytes, 15), getBit(bytes, 16), getBit(bytes, 2 ** 40)]).toEqual([
      1, 0, 1, 0, 0,
    ]);
    expect(setBit(bytes, 0, 0)).toBe(1);
    expect([...bytes]).toEqual([0, 1]);
  });
});

describe('bitCount', () => {
  it('counts every range of bits and bytes, at any alignment', () => {
    const prng = new Prng(1);
    for (let round = 0; round < 400; round++) {
      const bytes = randomBytes(prng, prng.nextBelow(2000));
      const total = bytes.length * 8;
      expect(bitCount(bytes, 0, -1, false)).toBe(plainCount(bytes, 0, total - 1));
      if (total === 0) continue;
      const first = prng.nextBelow(total);
      const last = first + prng.nextBelow(total - first);
      expect(bitCount(bytes, first, last, true)).toBe(plainCount(bytes, first, last));
      const byteRange = plainCount(bytes, (first >> 3) * 8, (last >> 3) * 8 + 7);
      expect(bitCount(bytes, first >> 3, (last >> 3) - bytes.length, false)).toBe(byteRange);
    }
  });

  it('counts a megabyte of ones without a carry getting lost', () => {
    expect(bitCount(new Uint8Array(1_000_003).fill(255), 0, -1, false)).toBe(8_000_024);
  });
});

describe('bitPosition', () => {
  it('finds the first bit of every range, at any alignment', () => {
    const prng = new Prng(2);
    for (let round = 0; round < 400; round++) {
      const bytes = randomBytes(prng, 1 + prng.nextBelow(1500));
      const bits = bitsOf(bytes);
      const first = prng.nextBelow(bits.length);
      const last = first + prng.nextBelow(bits.length - first);
      for (const bit of [0, 1]) {
        const found = bits.indexOf(bit, first);
        expect(bitPosition(bytes, bit, first, last, true)).toBe(found >= 0 && found <= last ? found : -1);
        const inBytes = bits.indexOf(bit, (first >> 3) * 8);
        const open = inBytes >= 0 ? inBytes : bit === 0 ? bits.length : -1;
        expect(bitPosition(bytes, bit, first >> 3, undefined, false)).toBe(open);
      }
    }
  });
});

describe('combineBits', () => {
  const operations: [BitOperation, (a: number, b: number) => number][] = [
    ['and', (a, b) => a & b],
    ['or', (a, b) => a | b],
    ['xor', (a, b) => a ^ b],
  ];

  it.each(operations)('%s treats shorter sources as going on with zeros', (operation, combine) => {
    const prng = new Prng(3);
    for (let round = 0; round < 60; round++) {
      const sources = Array.from({ length: 1 + prng.nextBelow(4) }, () => randomBytes(prng, prng.nextBelow(13_000)));
      const into = new Uint8Array(Math.max(...sources.map((each) => each.length))).fill(0xee);
      combineBits(operation, sources, into);
      const expected = into.map((_, i) => sources.map((each) => each[i] ?? 0).reduce(combine));
      expect(Buffer.compare(into, expected)).toBe(0);
    }
  });

  it('not inverts its source', () => {
    const source = randomBytes(new Prng(4), 9001);
    const into = new Uint8Array(9001);
    combineBits('not', [source], into);
    expect(
      Buffer.compare(
        into,
        source.map((byte) => ~byte),
      ),
    ).toBe(0);
  });
});

describe.runIf(redis !== undefined)('bits against redis', () => {
  it('counts and finds the same for every kind of range', async () => {
    const prng = new Prng(8);
    for (let round = 0; round < 2000; round++) {
      const bytes = randomBytes(prng, prng.nextBelow(round % 10 === 0 ? 600 : 4));
      const range = bytes.length * 8 + 6;
      const start = prng.nextBelow(2 * range) - range;
      const end = prng.nextBelow(2 * range) - range;
      const bit = prng.nextBelow(2);
      await redis!.call('SET', 'k', bytes);
      const context = `${Buffer.from(bytes).toString('hex')} ${bit} ${start} ${end}`;
      for (const unit of ['BYTE', 'BIT']) {
        const isBit = unit === 'BIT';
        const count = await redis!.call('BITCOUNT', 'k', start, end, unit);
        expect(bitCount(bytes, start, end, isBit), context).toBe(count);
        const position = await redis!.call('BITPOS', 'k', bit, start, end, unit);
        expect(bitPosition(bytes, bit, start, end, isBit), context).toBe(position);
      }
      const open = await redis!.call('BITPOS', 'k', bit, start);
      expect(bitPosition(bytes, bit, start, undefined, false), context).toBe(open);
    }
  });

  it('combines the same', async () => {
    const prng = new Prng(9);
    for (let round = 0; round < 200; round++) {
      const sources = Array.from({ length: 1 + prng.nextBelow(3) }, () => randomBytes(prng, 1 + prng.nextBelow(300)));
      const operation = (['and', 'or', 'xor', 'not'] as const)[prng.nextBelow(4)];
      const used = operation === 'not' ? sources.slice(0, 1) : sources;
      for (const [i, source] of used.entries()) await redis!.call('SET', `s${i}`, source);
      await redis!.call('BITOP', operation, 'd', ...used.map((_, i) => `s${i}`));
      const into = new Uint8Array(Math.max(...used.map((each) => each.length)));
      combineBits(operation, used, into);
      expect(Buffer.compare(await redis!.bytes('GET', 'd'), into)).toBe(0);
    }
  });
});
