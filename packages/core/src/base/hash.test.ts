/** The hash against the published vectors of its family, by way of an independent reference. */
import { describe, expect, it } from 'vitest';
import { halfSipHash } from './hash.ts';

/** Published outputs of HalfSipHash-2-4 (bytes of the result) for the messages '', 00, 00 01, ... under key 00..07. */
const VECTORS_2_4 = [
  'a9359f5b 27475ab8 fa62a603 8afee704 2a6e4689 c5fab669 5863fc23 8bcf63c5',
  'd0b8848f f806e779 94b07934 08083050 57f0872f 77e663ff d6fff87c 74fe2b97',
  'd9b5ac84 c474645b 465b8d9b 7befe387 e34d1045 613f62b3 70f367fe e6adb8bd',
  '27400c63 26787875 4f567b5f 3ab0e669 b0644000 ff670fb4 509e338b 5d589f1a',
  'fee72112 33753259 6a434f8c fe28b729 e75cc6ec 697e8d54 63688b0f 650b62b4',
  'b6bc1840 5d074505 2442fd2e 7bb7863a 7705d548 d75208b1 b6d499c8 0892202e',
  '69e12ce3 8db580e5 369764c6 016e0204 3b85f3d4 fedb66be 1e692a3a c68984c0',
  'a5c5b940 9be9e88c 7dbc8140 7c078ec5 d4e76c73 428fcbb9 bd83997a 59ea4a74',
].flatMap((line) => line.split(' '));

/** The hash as the paper words it: byte by byte, in unsigned arithmetic on BigInt. Nothing shared with the code. */
function reference(message: Uint8Array, k0: number, k1: number, rounds: number, finalRounds: number): number {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask;
  const key0 = BigInt(k0 >>> 0);
  const key1 = BigInt(k1 >>> 0);
  const v = [key0, key1, 0x6c796765n ^ key0, 0x74656462n ^ key1];
  const sipRound = (): void => {
    v[0] = (v[0] + v[1]) & mask;
    v[1] = rotate(v[1], 5n) ^ v[0];
    v[0] = rotate(v[0], 16n);
    v[2] = (v[2] + v[3]) & mask;
    v[3] = rotate(v[3], 8n) ^ v[2];
    v[0] = (v[0] + v[3]) & mask;
    v[3] = rotate(v[3], 7n) ^ v[0];
    v[2] = (v[2] + v[1]) & mask;
    v[1] = rotate(v[1], 13n) ^ v[2];
    v[2] = rotate(v[2], 16n);
  };
  const padded = new Uint8Array((message.length >> 2) * 4 + 4);
  padded.set(message);
  padded[padded.length - 1] = message.length & 0xff;
  for (let at = 0; at < padded.length; at += 4) {
    let word = 0n;
    for (let i = 3; i >= 0; i--) word = (word << 8n) | BigInt(padded[at + i]);
    v[3] ^= word;
    for (let i = 0; i < rounds; i++) sipRound();
    v[0] ^= word;
  }
  v[2] ^= 0xffn;
  for (let i = 0; i < finalRounds; i++) sipRound();
  return Number(BigInt.asIntN(32, v[1] ^ v[3]));
}

const K0 = 0x03020100;
const K1 = 0x07060504;

describe('the reference in this test', () => {
  it('gives the published results of HalfSipHash-2-4', () => {
    for (let length = 0; length < VECTORS_2_4.length; length++) {
      const message = Uint8Array.from({ length }, (_, i) => i);
      const result = Buffer.alloc(4);
      result.writeInt32LE(reference(message, K0, K1, 2, 4));
      expect(result.toString('hex')).toBe(VECTORS_2_4[length]);
    }
  });
});

describe('halfSipHash', () => {
  it('agrees with the reference on every length to 600, at any word, under several secrets', () => {
    const memory = new Uint8Array(1024);
    for (let i = 0; i < memory.length; i++) memory[i] = Math.imul(i + 1, 0x9e3779b1) >>> 24;
    const words = new Int32Array(memory.buffer);
    const secrets = [
      [K0, K1],
      [0, 0],
      [-1, -1],
      [0x80000000 | 0, 0x7fffffff],
    ];
    for (let length = 0; length <= 600; length++) {
      const wordOffset = length % 7;
      const [k0, k1] = secrets[length % secrets.length];
      const message = memory.subarray(wordOffset * 4, wordOffset * 4 + length);
      expect(halfSipHash(words, wordOffset, length, k0, k1)).toBe(reference(message, k0, k1, 1, 3));
    }
  });

  it('pays no regard to the bytes after the end', () => {
    const words = new Int32Array(2);
    const bytes = new Uint8Array(words.buffer);
    bytes.set([1, 2, 3, 4, 5]);
    const clean = halfSipHash(words, 0, 5, K0, K1);
    bytes.fill(0xff, 5);
    expect(halfSipHash(words, 0, 5, K0, K1)).toBe(clean);
    bytes[4] = 6;
    expect(halfSipHash(words, 0, 5, K0, K1)).not.toBe(clean);
  });

  it('reads nothing past the last whole word when the length is a multiple of four', () => {
    const words = Int32Array.of(7);
    expect(halfSipHash(words, 0, 4, K0, K1)).toBe(reference(Uint8Array.of(7, 0, 0, 0), K0, K1, 1, 3));
  });

  it('keeps its value for ever: checkpoints hold it', () => {
    const words = new Int32Array(Uint8Array.from({ length: 16 }, (_, i) => i).buffer);
    expect([0, 1, 4, 14].map((length) => halfSipHash(words, 0, length, K0, K1))).toEqual([
      1477757078, -404200246, 2114297510, 375753340,
    ]);
  });
});
