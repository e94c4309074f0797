/** CRC-64 against the published check value and a bit-by-bit reference. */
import { describe, expect, it } from 'vitest';
import { writeCrc64 } from './crc64.ts';
import { Prng } from './prng.ts';

function crc64(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const into = Buffer.alloc(10, 0xee);
  writeCrc64(bytes, start, end, into, 1);
  expect([into[0], into[9]]).toEqual([0xee, 0xee]);
  return into.readBigUInt64LE(1).toString(16);
}

/** Bit by bit, as the model of the sum is written: most significant bit first, both ends reflected. */
function reference(bytes: Uint8Array): string {
  let crc = 0n;
  for (const byte of bytes) {
    for (let bit = 0n; bit < 8n; bit++) {
      const top = (crc >> 63n) ^ ((BigInt(byte) >> bit) & 1n);
      crc = (crc << 1n) & 0xffff_ffff_ffff_ffffn;
      if (top === 1n) crc ^= 0xad93d23594c935a9n;
    }
  }
  return BigInt(`0b${[...crc.toString(2).padStart(64, '0')].reverse().join('')}`).toString(16);
}

describe('writeCrc64', () => {
  it('gives the published check value', () => {
    expect(crc64(Buffer.from('123456789'))).toBe('e9c6d914c4b8d9ca');
    expect(crc64(new Uint8Array(0))).toBe('0');
  });

  it('agrees with the bit-by-bit reference at every length and start', () => {
    const prng = new Prng(64);
    const bytes = Uint8Array.from({ length: 300 }, () => prng.nextBelow(256));
    for (let length = 0; length <= 64; length++) {
      const start = prng.nextBelow(200);
      const expected = reference(bytes.subarray(start, start + length));
      expect(crc64(bytes, start, start + length)).toBe(expected);
    }
    expect(crc64(bytes)).toBe(reference(bytes));
  });
});
