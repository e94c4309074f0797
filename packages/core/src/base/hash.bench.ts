/**
 * Cost of `halfSipHash` for a short and a longer key: `pnpm exec vitest bench packages/core/src/base/hash.bench.ts`.
 * One sample hashes 1,000 keys, so a mean in microseconds reads as nanoseconds per key.
 */
import { bench, describe } from 'vitest';
import { halfSipHash } from './hash.ts';

const KEYS_PER_SAMPLE = 1000;
const words = new Int32Array(1 << 16);
for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1);

let sink = 0;

describe('halfSipHash, 1,000 keys per sample', () => {
  for (const lengthBytes of [14, 64]) {
    bench(`${lengthBytes} bytes`, () => {
      for (let i = 0; i < KEYS_PER_SAMPLE; i++) sink ^= halfSipHash(words, (i * 20) & 0xffe0, lengthBytes, 17, 42);
      if (sink === 0.5) throw new Error('never: keeps the result alive');
    });
  }
});
