/**
 * Cost of the read cache: `pnpm exec vitest bench packages/core/src/engine/read-cache.bench.ts`.
 * One sample makes 1,000 calls, so a mean in microseconds reads as nanoseconds per call.
 */
import { bench, describe } from 'vitest';
import { ReadCache } from './read-cache.ts';

const CALLS_PER_SAMPLE = 1000;
const RECORD_BYTES = 128;
const record = Buffer.alloc(RECORD_BYTES, 7);
let next = 1;

function addressOf(number: number): number {
  return 2 ** 33 + number * 16;
}

for (const [name, capacityBytes] of [
  ['256 KiB', 1 << 18],
  ['64 MiB', 1 << 26],
] as const) {
  const cache = new ReadCache(capacityBytes);
  const count = capacityBytes / (RECORD_BYTES + 16);
  for (; next < count; next++) cache.insert(record, 0, RECORD_BYTES, addressOf(next));
  let random = 1;

  describe(`ReadCache of ${name}, 1,000 calls per sample`, () => {
    bench('find a copy at random', () => {
      for (let i = 0; i < CALLS_PER_SAMPLE; i++) {
        random = (Math.imul(random, 1664525) + 1013904223) | 0;
        cache.find(addressOf(Math.floor((random >>> 0) * (count / 2 ** 32))));
      }
    });

    bench('find nothing', () => {
      for (let i = 0; i < CALLS_PER_SAMPLE; i++) cache.find(addressOf(-1 - i));
    });

    bench('insert 128 bytes, evicting', () => {
      for (let i = 0; i < CALLS_PER_SAMPLE; i++) cache.insert(record, 0, RECORD_BYTES, addressOf(next++));
    });
  });
  next = 1;
}
