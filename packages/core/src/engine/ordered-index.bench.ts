/**
 * Cost of the ordered key index with a million keys `reading:<i>`, in order and shuffled: `pnpm exec vitest bench
 * packages/core/src/engine/ordered-index.bench.ts`. A sample handles all keys, so a mean in milliseconds reads as
 * nanoseconds per key. `FERRITE_KEYS` sets another number. Vitest's way of loading modules makes every call into
 * another file dearer: bundled, as it is shipped, the index takes about half of these times.
 */
import { bench, describe } from 'vitest';
import { halfSipHash } from '../base/hash.ts';
import { Prng } from '../base/prng.ts';
import { OrderedBuild } from './ordered-build.ts';
import { OrderedChunk, OrderedCursor } from './ordered-cursor.ts';
import { OrderedLoad, OrderedSave } from './ordered-image.ts';
import { type KeyResolver, OrderedIndex } from './ordered-index.ts';

const keyCount = Number(process.env.FERRITE_KEYS ?? 1_000_000);
const keySizeMaxBytes = 16;
const chunkKeys = 64;

/** The keys as a store holds them: packed, found by hash through a table. */
class PackedKeys implements KeyResolver {
  readonly bytes = new Uint8Array(keyCount * keySizeMaxBytes);
  start = 0;
  length = 0;
  readonly lengths = new Uint8Array(keyCount);
  readonly hashes = new Int32Array(keyCount);
  readonly collides = new Uint8Array(keyCount);
  private readonly table: Int32Array;

  constructor() {
    const words = new Int32Array(this.bytes.buffer);
    const buffer = Buffer.from(this.bytes.buffer);
    this.table = new Int32Array(2 ** Math.ceil(Math.log2(keyCount * 2)));
    for (let i = 0; i < keyCount; i++) {
      this.lengths[i] = buffer.write(`reading:${i}`, i * keySizeMaxBytes, 'latin1');
      this.hashes[i] = halfSipHash(words, (i * keySizeMaxBytes) >> 2, this.lengths[i], 1, 2);
      this.collides[i] = this.find(this.hashes[i], undefined) >= 0 ? 1 : 0;
      let at = this.hashes[i] & (this.table.length - 1);
      while (this.table[at] !== 0) at = (at + 1) & (this.table.length - 1);
      this.table[at] = i + 1;
    }
  }

  load(hash: number, explicit: readonly Uint8Array[] | undefined): void {
    const key = this.find(hash, explicit);
    this.start = key * keySizeMaxBytes;
    this.length = this.lengths[key];
  }

  private find(hash: number, explicit: readonly Uint8Array[] | undefined): number {
    for (let at = hash & (this.table.length - 1); ; at = (at + 1) & (this.table.length - 1)) {
      const key = this.table[at] - 1;
      if (key < 0) return -1;
      if (this.hashes[key] !== hash) continue;
      const start = key * keySizeMaxBytes;
      const bytes = this.bytes.subarray(start, start + this.lengths[key]);
      if (!explicit?.some((other) => Buffer.compare(other, bytes) === 0)) return key;
    }
  }
}

const keys = new PackedKeys();
const inOrder = Int32Array.from({ length: keyCount }, (_, i) => i);
const shuffled = inOrder.slice();
const prng = new Prng(7);
for (let i = keyCount - 1; i > 0; i--) {
  const other = prng.nextBelow(i + 1);
  [shuffled[i], shuffled[other]] = [shuffled[other], shuffled[i]];
}

function tellAll(target: OrderedIndex | OrderedBuild, order: Int32Array): void {
  for (const key of order) {
    target.insert(keys.bytes, key * keySizeMaxBytes, keys.lengths[key], keys.hashes[key], keys.collides[key] === 1);
  }
}

function indexOf(order: Int32Array): OrderedIndex {
  const index = new OrderedIndex(keys);
  tellAll(index, order);
  return index;
}

function scan(index: OrderedIndex, isReverse: boolean): void {
  const range = { low: null, isLowIncluded: true, high: null, isHighIncluded: true, isReverse };
  const cursor = new OrderedCursor(index, range);
  const chunk = new OrderedChunk(chunkKeys);
  let found = 0;
  while (cursor.next(chunk) > 0) found += chunk.count;
  if (found !== keyCount) throw new Error(`${found} keys found`);
}

const once = { iterations: 3, warmupIterations: 1, time: 0, warmupTime: 0 };
const full = indexOf(shuffled);
const image: Uint8Array[] = [];
const save = new OrderedSave(full);
for (let chunk = save.next(); chunk !== undefined; chunk = save.next()) image.push(chunk);
const imageBytes = image.reduce((sum, chunk) => sum + chunk.length, 0);
const perKey = (bytes: number) => (bytes / keyCount).toFixed(1);

describe(`ordered index of ${keyCount} keys`, () => {
  console.log(
    `bytes per key: in order ${perKey(indexOf(inOrder).bytesHeld)}, shuffled ${perKey(full.bytesHeld)}, ` +
      `saved ${perKey(imageBytes)}`,
  );
  bench('insert in order', () => void indexOf(inOrder), once);
  bench('insert shuffled', () => void indexOf(shuffled), once);
  bench('scan', () => scan(full, false), once);
  bench('scan backwards', () => scan(full, true), once);
  bench(
    'bulk build from shuffled keys',
    () => {
      const build = new OrderedBuild(keys);
      tellAll(build, shuffled);
      while (!build.step(1024));
    },
    once,
  );
  bench(
    'load',
    () => {
      const load = new OrderedLoad();
      for (const chunk of image) if (!load.add(chunk)) throw new Error('a chunk makes no sense');
      if (load.finish(keys) === null) throw new Error('the image makes no sense');
    },
    once,
  );
});
