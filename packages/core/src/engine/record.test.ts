/** The layout of a record: every header and extension field, in every combination, read back as it was written; and its sum. */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import {
  databaseOf,
  expiryOf,
  FLAG_EXPIRY,
  FLAG_FROM,
  FLAG_LONG_KEY,
  FLAG_OVER,
  FLAG_VALUE_ASCII,
  flagsOf,
  fromOf,
  KIND_ELEMENT,
  KIND_META,
  KIND_PACKED,
  KIND_ROOT,
  KIND_STRING,
  KIND_TOMBSTONE,
  keyFlags,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  mixWord,
  objectIdOf,
  orderKeyOf,
  readWide,
  recordSum,
  recordUnits,
  sumSeed,
  unitsFor,
  valueLengthOf,
  writeExpiry,
  writeFrom,
  writeHeader,
  writeObjectId,
  writeOrderKey,
  writeWide,
} from './record.ts';

const U48_MAX = 2 ** 48 - 1;
const HEADER_BYTES = 12;

/** Bytes between the header and the key, by the table in `record.ts`. */
function extensionBytes(kind: number, flags: number): number {
  const object = kind === KIND_ROOT ? 8 : kind === KIND_ELEMENT ? 16 : 0;
  return object + (flags & FLAG_LONG_KEY ? 4 : 0) + (flags & FLAG_EXPIRY ? 8 : 0) + (flags & FLAG_FROM ? 8 : 0);
}

const KINDS = [KIND_STRING, KIND_PACKED, KIND_ROOT, KIND_ELEMENT, KIND_TOMBSTONE, KIND_META];

describe('a record header', () => {
  it('reads back every combination of kind, database, flags and lengths', () => {
    const prng = new Prng(1);
    const words = new Int32Array(40);
    for (const kind of KINDS) {
      for (let bits = 0; bits < 16; bits++) {
        const base =
          (bits & 1 ? FLAG_OVER : 0) |
          (bits & 2 ? FLAG_EXPIRY : 0) |
          (bits & 4 ? FLAG_FROM : 0) |
          (bits & 8 ? FLAG_VALUE_ASCII : 0);
        for (const keyLength of [0, 1, 65_534, 65_535, 65_536]) {
          const flags = base | keyFlags(keyLength);
          const database = prng.nextBelow(16);
          const valueLength = prng.nextBelow(0x1000000);
          const slack = prng.nextBelow(256);
          words.fill(-1);
          writeHeader(words, 3, kind, database, flags, keyLength, valueLength, slack);
          expect(kindOf(words[4])).toBe(kind);
          expect(databaseOf(words[4])).toBe(database);
          expect(flagsOf(words[4])).toBe(flags);
          expect(keyLengthOf(words, 3)).toBe(keyLength);
          expect(valueLengthOf(words[5])).toBe(valueLength);
          expect(words[5] >>> 24).toBe(slack);
          expect(keyOffsetOf(words[4])).toBe(HEADER_BYTES + extensionBytes(kind, flags));
          expect(keyOffsetOf(words[4]) % 4).toBe(0);
          expect(recordUnits(words, 3)).toBe(unitsFor(kind, flags, keyLength, valueLength) + slack);
        }
      }
    }
  });

  it('takes a long key length into an extension from 65,535 bytes on', () => {
    expect(keyFlags(65_534)).toBe(0);
    expect(keyFlags(65_535)).toBe(FLAG_LONG_KEY);
  });
});

describe('extensions', () => {
  it('do not overlap, whatever others there are', () => {
    const words = new Int32Array(64);
    for (const kind of KINDS) {
      for (let bits = 0; bits < 8; bits++) {
        const keyLength = bits & 1 ? 65_536 : 5;
        const flags = keyFlags(keyLength) | (bits & 2 ? FLAG_EXPIRY : 0) | (bits & 4 ? FLAG_FROM : 0);
        words.fill(0);
        writeHeader(words, 0, kind, 9, flags, keyLength, 77, 0);
        const hasObject = kind === KIND_ROOT || kind === KIND_ELEMENT;
        if (hasObject) writeObjectId(words, 0, U48_MAX - 1);
        if (kind === KIND_ELEMENT) writeOrderKey(words, 0, 2 ** 40 + 3);
        if (flags & FLAG_EXPIRY) writeExpiry(words, 0, U48_MAX - 2);
        if (flags & FLAG_FROM) writeFrom(words, 0, U48_MAX - 3);
        if (hasObject) expect(objectIdOf(words, 0)).toBe(U48_MAX - 1);
        if (kind === KIND_ELEMENT) expect(orderKeyOf(words, 0)).toBe(2 ** 40 + 3);
        expect(expiryOf(words, 0)).toBe(flags & FLAG_EXPIRY ? U48_MAX - 2 : 0);
        expect(fromOf(words, 0)).toBe(flags & FLAG_FROM ? U48_MAX - 3 : 0);
        expect(keyLengthOf(words, 0)).toBe(keyLength);
        const keyWord = keyOffsetOf(words[1]) / 4;
        expect(words.subarray(keyWord).every((word) => word === 0)).toBe(true);
      }
    }
  });

  it('hold numbers of 48 bits in two words', () => {
    const words = new Int32Array(2);
    for (const value of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 47, U48_MAX]) {
      writeWide(words, 0, value);
      expect(readWide(words, 0)).toBe(value);
    }
  });
});

describe('the sum of a record', () => {
  function randomRecord(prng: Prng, units: number): Int32Array {
    return Int32Array.from({ length: units * 2 }, () => prng.nextUint32());
  }

  it('changes with every single bit but those of the sum itself', () => {
    const prng = new Prng(7);
    for (const units of [2, 3, 16]) {
      const words = randomRecord(prng, units);
      const sum = recordSum(words, 0, units, 99);
      for (let bit = 32; bit < units * 64; bit++) {
        words[bit >> 5] ^= 1 << (bit & 31);
        expect(recordSum(words, 0, units, 99)).not.toBe(sum);
        words[bit >> 5] ^= 1 << (bit & 31);
      }
      words[0] ^= 1;
      expect(recordSum(words, 0, units, 99)).toBe(sum);
    }
  });

  it('does not depend on where in memory the record lies, but on its address and store', () => {
    const prng = new Prng(8);
    const record = randomRecord(prng, 5);
    const shifted = new Int32Array(30);
    shifted.set(record, 7);
    expect(recordSum(shifted, 7, 5, 1)).toBe(recordSum(record, 0, 5, 1));
    const seeds = new Set<number>();
    for (let address = 0; address < 500; address++) seeds.add(sumSeed(address, 5)).add(sumSeed(address * 2 ** 32, 5));
    expect(seeds.size).toBe(999);
    expect(sumSeed(100, 5)).not.toBe(sumSeed(100, 6));
  });

  it('mixes words one to one: no two words give the same hash, nor two hashes with one word', () => {
    const seenWords = new Set<number>();
    const seenHashes = new Set<number>();
    for (let i = 0; i < 50_000; i++) {
      seenWords.add(mixWord(12345, i * 85_899));
      seenHashes.add(mixWord(i * 85_899, 12345));
    }
    expect(seenWords.size).toBe(50_000);
    expect(seenHashes.size).toBe(50_000);
  });
});
