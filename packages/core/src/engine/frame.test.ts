/** Frames: what their chain covers, and what a mark can say by itself. */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import {
  FRAME_DATA,
  FRAME_HEADER_UNITS,
  FRAME_LAST,
  FRAME_MARK,
  FRAME_PAD,
  FRAME_PART,
  finishDataFrame,
  finishMarkFrame,
  finishPadFrame,
  frameKindOf,
  frameUnitsOf,
  MARK_CLEAN_CLOSE,
  MARK_UNITS,
  type Mark,
  readMark,
} from './frame.ts';
import { KIND_STRING, recordSum, recordUnits, sumSeed, writeHeader } from './record.ts';

const SALT = 0x5a17;
const CHAIN = 0x1234567;
const ADDRESS = 2 ** 33 + 640;

/** A frame of `count` records, header words still empty; returns its units. */
function layRecords(words: Int32Array, at: number, count: number, prng: Prng): number {
  let units = FRAME_HEADER_UNITS;
  for (let i = 0; i < count; i++) {
    const word = at + units * 2;
    writeHeader(words, word, KIND_STRING, 0, 0, 4, prng.nextBelow(40), prng.nextBelow(3));
    const length = recordUnits(words, word);
    for (let w = 3; w < length * 2; w++) words[word + w] = prng.nextUint32();
    units += length;
  }
  return units;
}

const MARK: Mark = {
  epoch: 0xfedcba98,
  durableMain: 2 ** 47 + 5,
  durableCold: 2 ** 47 + 2 ** 40,
  wallMs: 1_700_000_000_123,
  chainBefore: -77,
  flags: MARK_CLEAN_CLOSE,
};

describe('a data frame', () => {
  it('sums every record, seeded by its own address, and says its kind and length', () => {
    const prng = new Prng(1);
    for (const kind of [FRAME_DATA, FRAME_PART, FRAME_LAST]) {
      const words = new Int32Array(400);
      const units = layRecords(words, 10, 7, prng);
      const chain = finishDataFrame(words, 10, units, kind, ADDRESS, CHAIN, SALT);
      expect(frameKindOf(words[10])).toBe(kind);
      expect(frameUnitsOf(words[10])).toBe(units);
      expect(words[11]).toBe(chain);
      let records = 0;
      for (let at = FRAME_HEADER_UNITS; at < units; records++) {
        const length = recordUnits(words, 10 + at * 2);
        const sum = recordSum(words, 10 + at * 2, length, sumSeed(ADDRESS + at, SALT));
        expect(words[10 + at * 2]).toBe(sum);
        at += length;
      }
      expect(records).toBe(7);
    }
  });

  it('has another chain after any change: of a record, the frame before, its kind, its address, the store', () => {
    const chainOf = (
      change: (words: Int32Array) => void,
      kind = FRAME_DATA,
      address = ADDRESS,
      before = CHAIN,
      salt = SALT,
    ) => {
      const words = new Int32Array(400);
      const units = layRecords(words, 0, 5, new Prng(3));
      change(words);
      return finishDataFrame(words, 0, units, kind, address, before, salt);
    };
    const unchanged = chainOf(() => undefined);
    const chains = new Set([unchanged]);
    chains.add(chainOf(() => undefined, FRAME_PART));
    chains.add(chainOf(() => undefined, FRAME_DATA, ADDRESS + 1));
    chains.add(chainOf(() => undefined, FRAME_DATA, ADDRESS, CHAIN + 1));
    chains.add(chainOf(() => undefined, FRAME_DATA, ADDRESS, CHAIN, SALT + 1));
    for (let bit = 0; bit < 32; bit++) {
      chains.add(
        chainOf((words) => {
          words[6] ^= 1 << bit;
        }),
      );
    }
    expect(chains.size).toBe(5 + 32);
    expect(chainOf(() => undefined)).toBe(unchanged);
  });
});

describe('a pad', () => {
  it('is a header alone: what lies in the rest of it makes no difference', () => {
    const words = new Int32Array(100).fill(5);
    const chain = finishPadFrame(words, 4, 20, ADDRESS, CHAIN);
    expect(frameKindOf(words[4])).toBe(FRAME_PAD);
    expect(frameUnitsOf(words[4])).toBe(20);
    expect(words.subarray(6).every((word) => word === 5)).toBe(true);
    expect(finishPadFrame(new Int32Array(50), 0, 20, ADDRESS, CHAIN)).toBe(chain);
    expect(finishPadFrame(new Int32Array(50), 0, 21, ADDRESS, CHAIN)).not.toBe(chain);
  });
});

describe('a mark', () => {
  function layMark(): { words: Int32Array; chain: number } {
    const words = new Int32Array(30);
    const chain = finishMarkFrame(words, 6, ADDRESS, CHAIN, SALT, MARK);
    return { words, chain };
  }

  it('reads back what it says, with the chain before it', () => {
    const { words, chain } = layMark();
    expect(readMark(words, 6, ADDRESS, SALT)).toEqual({ ...MARK, chainBefore: CHAIN });
    expect(frameKindOf(words[6])).toBe(FRAME_MARK);
    expect(frameUnitsOf(words[6])).toBe(MARK_UNITS);
    expect(words[7]).toBe(chain);
  });

  it('does not hold after any flipped bit, at another address, or in another store', () => {
    const { words } = layMark();
    for (let bit = 64; bit < MARK_UNITS * 64; bit++) {
      words[6 + (bit >> 5)] ^= 1 << (bit & 31);
      expect(readMark(words, 6, ADDRESS, SALT)).toBeUndefined();
      words[6 + (bit >> 5)] ^= 1 << (bit & 31);
    }
    expect(readMark(words, 6, ADDRESS + 1, SALT)).toBeUndefined();
    expect(readMark(words, 6, ADDRESS, SALT + 1)).toBeUndefined();
    expect(readMark(words, 6, ADDRESS, SALT)).toBeDefined();
  });
});
