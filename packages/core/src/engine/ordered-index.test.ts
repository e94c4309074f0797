/** Tests of the ordered key index, its cursors, its build and its image. */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { OrderedBuild } from './ordered-build.ts';
import { OrderedChunk, OrderedCursor, prefixRange } from './ordered-cursor.ts';
import { OrderedLoad, OrderedSave } from './ordered-image.ts';
import {
  bytesOf,
  checkRandomRange,
  everything,
  fuzz,
  type HashWidth,
  IndexedStore,
  ModelStore,
  randomKey,
} from './ordered-index.fuzz.ts';

const widths: HashWidth[] = [32, 6, 0];

function shuffled<T>(list: T[], prng: Prng): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const other = prng.nextBelow(i + 1);
    [list[i], list[other]] = [list[other], list[i]];
  }
  return list;
}

function readings(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => bytesOf(`reading:${i}`));
}

function storeOf(texts: string[], width: HashWidth = 32): IndexedStore {
  const indexed = new IndexedStore(width);
  for (const text of texts) indexed.insert(bytesOf(text));
  return indexed;
}

describe('OrderedIndex', () => {
  it('is empty at first', () => {
    const indexed = new IndexedStore(32);
    expect(indexed.scan(everything, 10)).toEqual([]);
    expect(indexed.index.count).toBe(0);
  });

  it('orders keys by unsigned bytes, a key before every longer key that begins with it', () => {
    const ordered = [
      '',
      '\0',
      '\0\0',
      '\0\0\0\0\0',
      '\0\x01',
      'a',
      'a\0',
      'a\0\0\0\0',
      'a\0b',
      'aa',
      '\x7f',
      '\x80',
      '\xff',
    ];
    for (const width of widths) expect(storeOf([...ordered].reverse(), width).scan(everything, 4)).toEqual(ordered);
  });

  it('holds keys of 65,536 bytes that differ in the last one', () => {
    const long = 'k'.repeat(65_535);
    const indexed = storeOf(['c', 'b', 'a', '\0', '\xff'].map((end) => long + end));
    for (let i = 0; i < 300; i++) indexed.insert(bytesOf(`${long.slice(0, i * 200)}!`));
    indexed.check();
    for (const end of ['b', '\0', 'a']) indexed.remove(bytesOf(long + end));
    indexed.check();
  });

  it('grows and shrinks a tree of three levels, whatever the order of the keys', () => {
    const prng = new Prng(11);
    const keys = readings(20_000);
    const atRandom = shuffled([...keys], prng);
    const orders = [
      [keys, keys],
      [[...keys].reverse(), keys],
      [atRandom, shuffled([...keys], prng)],
      [atRandom, [...keys].reverse()],
    ];
    for (const [order, removals] of orders) {
      const indexed = new IndexedStore(32);
      for (const key of order) indexed.insert(key);
      indexed.check();
      expect(indexed.index.height).toBe(3);
      for (let range = 0; range < 2; range++) checkRandomRange(prng, indexed);
      for (const key of removals.slice(0, 19_000)) indexed.remove(key);
      indexed.check();
      expect(indexed.index.height).toBe(2);
      for (const key of removals.slice(19_000)) indexed.remove(key);
      indexed.check();
      expect(indexed.index.height).toBe(1);
    }
  });

  it('finds keys below the fence of a first child after its parent was merged with the one to the left', () => {
    const indexed = new IndexedStore(32);
    const change = (what: 'insert' | 'remove', from: number, to: number) => {
      for (let i = from; i < to; i++) indexed[what](bytesOf(`${100_000 + i}`));
    };
    // Leaves of 128 keys, so that the second inner node begins with key 16,384 and has 29 children.
    change('insert', 0, 20_000);
    change('remove', 16_384, 16_700);
    change('insert', 16_390, 16_400);
    change('remove', 0, 9000);
    expect(indexed.index.height).toBe(3);
    change('remove', 19_500, 20_000);
    expect(indexed.index.height).toBe(2);
    indexed.check();
  });

  it('keeps its order while stretches of a tree of three levels come and go', () => {
    const prng = new Prng(31);
    const indexed = new IndexedStore(32);
    for (let i = 0; i < 36_000; i += 2) indexed.insert(bytesOf(`${100_000 + i}`));
    expect(indexed.index.height).toBe(3);
    for (let round = 0; round < 20; round++) {
      const first = prng.nextBelow(36_000);
      for (let i = prng.nextBelow(9000); i > 0; i--) indexed.remove(bytesOf(`${100_000 + ((first + i) % 36_000)}`));
      const middle = first + prng.nextBelow(9000);
      for (let i = prng.nextBelow(300); i > 0; i--) indexed.insert(bytesOf(`${100_000 + ((middle + i) % 36_000)}`));
      indexed.check();
    }
  });

  it('holds about 10 bytes per key that comes in order, 14 at random, and gives memory back', () => {
    const inOrder = new IndexedStore(32);
    for (let i = 0; i < 50_000; i++) inOrder.insert(bytesOf(`reading:${1_000_000 + i}`));
    expect(inOrder.index.bytesHeld / 50_000).toBeLessThan(11.5);
    const atRandom = new IndexedStore(32);
    for (const key of shuffled(readings(50_000), new Prng(5))) atRandom.insert(key);
    expect(atRandom.index.bytesHeld / 50_000).toBeLessThan(15);
    for (const { bytes } of [...inOrder.store.keys.values()]) inOrder.remove(bytes);
    expect(inOrder.index.bytesHeld).toBeLessThan(200_000);
  });

  it('stays small as a queue, new keys behind and old ones removed in front', () => {
    const indexed = new IndexedStore(32);
    for (let i = 0; i < 60_000; i++) {
      indexed.insert(bytesOf(`${1_000_000 + i}`));
      if (i >= 1000) indexed.remove(bytesOf(`${1_000_000 + i - 1000}`));
    }
    indexed.check();
    expect(indexed.index.bytesHeld).toBeLessThan(400_000);
  });

  it('rarely reads a key of the store', () => {
    const indexed = new IndexedStore(32);
    const keys = shuffled(readings(20_000), new Prng(3));
    for (const key of keys) indexed.insert(key);
    expect(indexed.store.loads / keys.length).toBeLessThan(0.5);
    const before = indexed.store.loads;
    for (const key of keys) indexed.remove(key);
    expect(indexed.store.loads).toBe(before);
  });

  it('is as it was after an insert whose read fails', () => {
    const prng = new Prng(17);
    const failures = { 6: 0, 32: 0 };
    for (const width of [6, 32] as const) {
      const indexed = new IndexedStore(width);
      const { store } = indexed;
      for (let i = 0; i < 3000; i++) {
        const key = randomKey(prng);
        store.failAfterLoads = store.loads + prng.nextBelow(5);
        try {
          indexed.insert(key);
        } catch (error) {
          expect((error as Error).message).toBe('the disk does not answer');
          failures[width]++;
        }
      }
      store.failAfterLoads = Number.POSITIVE_INFINITY;
      indexed.check();
    }
    expect(failures[6]).toBeGreaterThan(20);
    expect(failures[32]).toBeGreaterThan(20);
  });

  it('says so when asked to remove a key that it does not have', () => {
    const indexed = storeOf(['a', 'b']);
    const key = bytesOf('c');
    expect(indexed.index.remove(key, 0, 1, indexed.store.hashOf(key))).toBe(false);
    expect(indexed.index.count).toBe(2);
  });
});

describe('OrderedCursor', () => {
  const letters = storeOf([...'abcdefghij']);
  const range = (low: string | null, high: string | null, flags = '[]', isReverse = false) => ({
    low: low === null ? null : bytesOf(low),
    isLowIncluded: flags[0] === '[',
    high: high === null ? null : bytesOf(high),
    isHighIncluded: flags[1] === ']',
    isReverse,
  });

  it('takes both ends, one of them or none', () => {
    expect(letters.scan(range('b', 'e', '[]'), 2).join('')).toBe('bcde');
    expect(letters.scan(range('b', 'e', '()'), 2).join('')).toBe('cd');
    expect(letters.scan(range('b', 'e', '[)', true), 2).join('')).toBe('dcb');
    expect(letters.scan(range('b', 'e', '(]', true), 2).join('')).toBe('edc');
    expect(letters.scan(range(null, 'c'), 2).join('')).toBe('abc');
    expect(letters.scan(range('h', null, '[]', true), 2).join('')).toBe('jih');
  });

  it('gives nothing for a range that is empty or upside down', () => {
    for (const isReverse of [false, true]) {
      expect(letters.scan(range('c', 'c', '()', isReverse), 2)).toEqual([]);
      expect(letters.scan(range('g', 'b', '[]', isReverse), 2)).toEqual([]);
      expect(letters.scan(range('z', null, '[]', isReverse), 2)).toEqual([]);
    }
  });

  it('gives at most as many keys as it is asked for', () => {
    const cursor = new OrderedCursor(letters.index, everything);
    const chunk = new OrderedChunk(8);
    expect(cursor.next(chunk, 3)).toBe(3);
    expect(cursor.next(chunk)).toBe(7);
    expect(cursor.next(chunk)).toBe(0);
  });

  it('scans a prefix whose last byte cannot go up', () => {
    const texts = ['a\xfe', 'a\xff', 'a\xff\0', 'a\xff\xff', 'b', '\xff', '\xff\xff'];
    const indexed = storeOf(texts);
    const scan = (prefix: string) => indexed.scan(prefixRange(bytesOf(prefix), false), 2);
    expect(scan('a\xff')).toEqual(['a\xff', 'a\xff\0', 'a\xff\xff']);
    expect(scan('\xff')).toEqual(['\xff', '\xff\xff']);
    expect(scan('')).toEqual([...texts].sort());
  });

  it('goes on at the right place after all keys it gave were removed', () => {
    for (const isReverse of [false, true]) {
      const indexed = new IndexedStore(6);
      for (const key of readings(2000)) indexed.insert(key);
      const expected = indexed.store.sorted();
      if (isReverse) expected.reverse();
      let given = 0;
      const found = indexed.scan({ ...everything, isReverse }, 33, () => {
        for (const text of expected.slice(given, given + 33)) indexed.remove(bytesOf(text));
        given += 33;
      });
      expect(found).toEqual(expected);
      expect(indexed.index.count).toBe(0);
    }
  });
});

describe('OrderedBuild', () => {
  it('builds an index of many keys without reading any', () => {
    const store = new ModelStore(32);
    const build = new OrderedBuild(store);
    const keys = shuffled(readings(30_000), new Prng(9));
    for (const key of keys) {
      build.insert(key, 0, key.length, store.hashOf(key), store.collides(key));
      store.add(key);
    }
    expect((build.bytesHeld - 600_000) / keys.length).toBeLessThan(12);
    while (!build.step(1000));
    expect(store.loads).toBe(0);
    expect(build.index.bytesHeld / keys.length).toBeLessThan(14);
    const indexed = new IndexedStore(32);
    for (const key of keys) indexed.store.add(key);
    indexed.target = build.index;
    indexed.check();
  });

  it('merges runs that fill several blocks of memory', () => {
    const prng = new Prng(10);
    const indexed = new IndexedStore(32);
    const build = new OrderedBuild(indexed.store);
    indexed.target = build;
    for (let i = 0; i < 12_000; i++) {
      indexed.insert(Uint8Array.from({ length: 400 }, (_, at) => (at < 4 ? i >> (8 * at) : prng.nextBelow(256))));
    }
    expect(build.bytesHeld).toBeGreaterThan(4_500_000);
    while (!build.step(1000));
    indexed.target = build.index;
    indexed.check();
  });

  it('ends with an empty index where there are no keys', () => {
    const build = new OrderedBuild(new ModelStore(32));
    expect(build.step(1)).toBe(true);
    expect(build.index.count).toBe(0);
  });

  it('forgets keys that went away before or while it merged', () => {
    const indexed = new IndexedStore(32);
    const build = new OrderedBuild(indexed.store);
    indexed.target = build;
    for (const key of readings(5000)) indexed.insert(key);
    for (const key of readings(1000)) indexed.remove(key);
    build.step(1500);
    for (const key of readings(5000).slice(1000, 4500)) indexed.remove(key);
    for (const key of readings(1200).slice(800)) indexed.insert(key);
    while (!build.step(100));
    indexed.target = build.index;
    indexed.check();
    expect(indexed.index.count).toBe(900);
  });
});

describe('OrderedSave and OrderedLoad', () => {
  function imageOf(indexed: IndexedStore): Uint8Array[] {
    const save = new OrderedSave(indexed.index);
    const chunks: Uint8Array[] = [];
    for (let chunk = save.next(); chunk !== undefined; chunk = save.next()) chunks.push(chunk);
    return chunks;
  }

  it('round-trips an empty index', () => {
    const indexed = new IndexedStore(32);
    const load = new OrderedLoad();
    for (const chunk of imageOf(indexed)) expect(load.add(chunk)).toBe(true);
    indexed.target = load.finish(indexed.store) ?? expect.fail('the image loads');
    indexed.insert(bytesOf('a'));
    indexed.check();
  });

  it('refuses chunks that are missing, doubled, or of another version', () => {
    const indexed = new IndexedStore(32);
    for (const key of readings(9000)) indexed.insert(key);
    const chunks = imageOf(indexed);
    expect(chunks.length).toBe(3);
    const [head, first, second] = chunks;
    const isLoaded = (list: Uint8Array[]): boolean => {
      const load = new OrderedLoad();
      return list.every((chunk) => load.add(chunk)) && load.finish(indexed.store) !== null;
    };
    expect(isLoaded(chunks)).toBe(true);
    expect(isLoaded([head, second, first])).toBe(true);
    expect(isLoaded([])).toBe(false);
    expect(isLoaded([head, first])).toBe(false);
    expect(isLoaded([first, second])).toBe(false);
    expect(isLoaded([head, first, second, second])).toBe(false);
    const otherVersion = head.slice();
    otherVersion[4] = 2;
    expect(isLoaded([otherVersion, first, second])).toBe(false);
    for (let cut = 0; cut < second.length; cut += 97) expect(isLoaded([head, first, second.slice(0, cut)])).toBe(false);
  });

  it('survives images with random damage', () => {
    const prng = new Prng(23);
    const indexed = new IndexedStore(6);
    for (const key of readings(600)) indexed.insert(key);
    const chunks = imageOf(indexed);
    let refused = 0;
    for (let round = 0; round < 1500; round++) {
      const damaged = chunks.map((chunk) => chunk.slice());
      for (let i = 1 + prng.nextBelow(3); i > 0; i--) {
        const chunk = damaged[prng.nextBelow(damaged.length)];
        chunk[prng.nextBelow(Math.min(chunk.length, 1 + prng.nextBelow(2) * 20_000))] = prng.nextBelow(256);
      }
      const load = new OrderedLoad();
      const index = damaged.every((chunk) => load.add(chunk)) ? load.finish(indexed.store) : null;
      if (index === null) {
        refused++;
        continue;
      }
      const cursor = new OrderedCursor(index, everything);
      const chunk = new OrderedChunk(1000);
      expect(cursor.next(chunk)).toBe(600);
    }
    expect(refused).toBeGreaterThan(300);
  });
});

describe('the ordered index against a sorted list', () => {
  const baseSeed = Number(process.env.FERRITE_SEED ?? 1);
  for (const width of widths) {
    for (let seed = baseSeed; seed < baseSeed + 3; seed++) {
      it(`holds the same keys in the same order, with a hash of ${width} bits, seed ${seed}`, () => {
        fuzz(seed, width, width === 0 ? 15 : 40, width === 0 ? 300 : 1200);
      });
    }
  }
});
