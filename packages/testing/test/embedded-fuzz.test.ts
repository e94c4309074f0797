/** The embedded API against a plain map, with reopen, kill, checkpoint and compaction in the mix; and plants it must find. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EntryIterator } from '../../core/src/embedded/entry-iterator.ts';
import { FeedReader } from '../../core/src/engine/feed-reader.ts';
import { IndexLoader } from '../../core/src/engine/index-loader.ts';
import { Segments } from '../../core/src/engine/segments.ts';
import { fuzz, seedsFrom, setupOf } from './embedded.fuzz.ts';

const OPERATIONS = 2500;
const TIMEOUT_MS = 180_000;

describe('the embedded database', () => {
  for (const [hashBits, first, count] of [
    [32, 3200, 24],
    [6, 600, 12],
  ]) {
    const seeds = seedsFrom(first, count);
    const name = `behaves like a plain map with a hash of ${hashBits} bits, seeds ${seeds[0]} to ${seeds.at(-1)}`;
    it(name, { timeout: TIMEOUT_MS }, async () => {
      let followed = 0;
      for (const seed of seeds) followed += await fuzz(setupOf(seed, OPERATIONS, hashBits));
      console.log(`${seeds.length} runs of ${OPERATIONS} operations, ${followed} changes followed`);
      expect(followed).toBeGreaterThan(seeds.length * 50);
    });
  }
});

describe('the fuzz', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Runs seeds until one fails. */
  async function findBug(seeds: number[], operations: number): Promise<string> {
    for (const seed of seeds) {
      try {
        await fuzz(setupOf(seed, operations, 32));
      } catch (error) {
        return String(error);
      }
    }
    return 'nothing found';
  }

  it('finds tombstones that recovery forgets', { timeout: TIMEOUT_MS }, async () => {
    const { noteMain } = IndexLoader.prototype;
    vi.spyOn(IndexLoader.prototype, 'noteMain').mockImplementation(function (
      this: IndexLoader,
      hash,
      address,
      over,
      tombstone,
      units,
    ) {
      if (!tombstone) noteMain.call(this, hash, address, over, tombstone, units);
    });
    expect(await findBug([8, 9, 12, 13, 16, 17], 1500)).toMatch(/after a kill no state|instead of/);
  });

  it('finds iterators that give what they read before a write', { timeout: TIMEOUT_MS }, async () => {
    const prototype = EntryIterator.prototype as unknown as { readAgain(position: number, entry: unknown): unknown };
    vi.spyOn(prototype, 'readAgain').mockImplementation((_position, entry) => entry);
    expect(await findBug([8, 9, 10, 11, 12], 1500)).toMatch(/a scan (gave|missed)/);
  });

  it('finds a feed that forgets what was removed', { timeout: TIMEOUT_MS }, async () => {
    const { read } = FeedReader.prototype;
    vi.spyOn(FeedReader.prototype, 'read').mockImplementation(function (this: FeedReader) {
      return read.call(this)?.filter((change) => change.value !== null);
    });
    expect(await findBug([8, 9, 10, 12], 1500)).toContain('a copy by the feed has');
  });

  it('finds a backup of which a segment was not copied', { timeout: TIMEOUT_MS }, async () => {
    const prototype = Segments.prototype;
    const { openFile } = prototype;
    vi.spyOn(prototype, 'openFile').mockImplementation(function (this: Segments, segment) {
      const file = openFile.call(this, segment);
      const isLast = segment === this.list.findLast((one) => one.ready);
      if (!isLast) return file;
      const read = async (_target: Uint8Array, _offset: number, length: number) => length;
      const bind = (value: unknown) => (typeof value === 'function' ? value.bind(file) : value);
      return new Proxy(file, { get: (_, name) => (name === 'read' ? read : bind(Reflect.get(file, name, file))) });
    });
    expect(await findBug([8, 9, 10, 12], 1500)).toMatch(/ backup has |not the file that had this name/);
  });

  it('repeats a run exactly from its seed', { timeout: TIMEOUT_MS }, async () => {
    vi.spyOn(IndexLoader.prototype, 'noteMain').mockImplementation(() => undefined);
    const first = await findBug([9], 1500);
    expect(first).toContain('FERRITE_SEED=9 fails at operation');
    expect(await findBug([9], 1500)).toBe(first);
  });
});
