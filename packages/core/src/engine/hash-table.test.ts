/** The hash table against a plain list of slots: finding, colliding, splitting, slices, lazy loading. */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { HashTable, type SliceLoader, sliceOf } from './hash-table.ts';

/** Addresses by hash, in any order: what the table should hold. */
class Slots {
  readonly byHash = new Map<number, Set<number>>();
  count = 0;

  add(hash: number, address: number): void {
    const found = this.byHash.get(hash) ?? new Set();
    this.byHash.set(hash, found.add(address));
    this.count++;
  }

  remove(hash: number, address: number): void {
    this.byHash.get(hash)?.delete(address);
    this.count--;
  }

  all(): [number, number][] {
    return [...this.byHash].flatMap(([hash, addresses]) => [...addresses].map((at): [number, number] => [hash, at]));
  }
}

function addressesOf(table: HashTable, hash: number): number[] {
  const found: number[] = [];
  for (let address = table.find(hash); address !== 0; address = table.next(hash)) found.push(address);
  return found.sort((a, b) => a - b);
}

function visited(table: HashTable, sliceBits: number): string[] {
  const found: string[] = [];
  for (let slice = 0; slice < 2 ** sliceBits; slice++) {
    table.forEachInSlice(slice, sliceBits, (hash, address) => {
      expect(sliceOf(hash, 2 ** sliceBits - 1)).toBe(slice);
      found.push(`${hash}:${address}`);
    });
  }
  return found.sort();
}

function expectSame(table: HashTable, slots: Slots): void {
  expect(table.count).toBe(slots.count);
  for (const [hash, addresses] of slots.byHash) {
    expect(addressesOf(table, hash)).toEqual([...addresses].sort((a, b) => a - b));
    expect(table.matchesUpToTwo(hash)).toBe(Math.min(2, addresses.size));
  }
  const hashes = Int32Array.from(slots.byHash.keys());
  const found = new Float64Array(hashes.length);
  table.findAll(hashes, hashes.length, found);
  expect([...found]).toEqual([...hashes].map((hash) => table.find(hash)));
  const all = slots.all().map(([hash, address]) => `${hash}:${address}`);
  expect(visited(table, 0)).toEqual(all.sort());
  expect(visited(table, Math.min(3, table.sliceBitsMax))).toEqual(all);
}

/** `hashBits` few: long chains. Removals outnumber insertions in every other phase. */
function churn(seed: number, hashBits: number, operations: number, isSmall = false): void {
  const prng = new Prng(seed);
  const table = new HashTable(0, 1, isSmall);
  const slots = new Slots();
  const mask = hashBits === 32 ? -1 : 2 ** hashBits - 1;
  const list: [number, number][] = [];
  let nextAddress = 8;
  for (let i = 0; i < operations; i++) {
    const shrinks = Math.floor(i / 700) % 2 === 1;
    const kind = prng.nextBelow(10);
    if (list.length === 0 || kind < (shrinks ? 2 : 6)) {
      const hash = prng.nextUint32() & mask;
      nextAddress += 1 + prng.nextBelow(2 ** 20) * (prng.nextBelow(50) === 0 ? 2 ** 20 : 1);
      table.insert(hash, nextAddress);
      slots.add(hash, nextAddress);
      list.push([hash, nextAddress]);
      continue;
    }
    const at = prng.nextBelow(list.length);
    const [hash, address] = list[at];
    expect(table.findAddress(hash, address)).toBe(true);
    slots.remove(hash, address);
    if (kind < 8) {
      table.remove();
      list[at] = list[list.length - 1];
      list.pop();
    } else {
      nextAddress += 1;
      table.setAddress(nextAddress);
      slots.add(hash, nextAddress);
      list[at] = [hash, nextAddress];
    }
    if (i % 500 === 0) expectSame(table, slots);
  }
  expectSame(table, slots);
}

/** Gives `entries` slice by slice, and notes which slices it was asked for. */
class ListLoader implements SliceLoader {
  readonly sliceMask: number;
  readonly asked: number[] = [];
  /** How often all were asked for at once. */
  asksForAll = 0;
  private readonly entries: [number, number][];

  constructor(sliceBits: number, entries: [number, number][]) {
    this.sliceMask = 2 ** sliceBits - 1;
    this.entries = entries;
  }

  load(table: HashTable, slice: number): void {
    this.asked.push(slice);
    for (const [hash, address] of this.entries)
      if (sliceOf(hash, this.sliceMask) === slice) table.insert(hash, address);
  }

  bringAll(): void {
    this.asksForAll++;
  }
}

function entriesOf(count: number, prng: Prng): [number, number][] {
  return Array.from({ length: count }, (_, i): [number, number] => [prng.nextUint32() | 0, 8 + i]);
}

describe('a hash table', () => {
  it.each([32, 10, 6, 1])('holds the same slots as a list, with hashes of %d bits', (hashBits) => {
    for (let seed = 1; seed <= 4; seed++) churn(seed, hashBits, hashBits === 1 ? 1500 : 6000, seed % 2 === 0);
  });

  it('takes no more memory for hashes that all fall into one bucket, and splits and merges their chain', () => {
    const count = 8000;
    const table = new HashTable(0, 1, true);
    const hashOf = (i: number) => (i << 15) | 5;
    for (let i = 0; i < count; i++) table.insert(hashOf(i), 8 + i);
    expect(table.bytesHeld / count).toBeLessThan(40);
    for (let i = 0; i < count; i += 7) expect(table.findAddress(hashOf(i), 8 + i)).toBe(true);
    for (let i = 0; i < count; i++) {
      expect(table.findAddress(hashOf(i), 8 + i)).toBe(true);
      table.remove();
    }
    expect([table.count, table.bucketCount]).toEqual([0, 4]);
  });

  it('keeps addresses of 48 bits apart from those that differ in one half only', () => {
    const table = new HashTable();
    const addresses = [1, 2 ** 32, 2 ** 32 + 1, 2 ** 47, 2 ** 48 - 1, 0xffff_0000, 0x8000_0000];
    for (const address of addresses) table.insert(7, address);
    expect(addressesOf(table, 7)).toEqual([...addresses].sort((a, b) => a - b));
    for (const address of addresses) {
      expect(table.findAddress(7, address)).toBe(true);
      table.remove();
      expect(table.findAddress(7, address)).toBe(false);
    }
    expect(table.count).toBe(0);
  });

  it('grows one bucket at a time and stays near its load', () => {
    const table = new HashTable();
    const prng = new Prng(3);
    let most = 0;
    for (let i = 1; i <= 100_000; i++) {
      const before = table.bytesHeld;
      table.insert(prng.nextUint32() | 0, i * 8);
      most = Math.max(most, table.bytesHeld - before);
    }
    expect(most).toBeLessThanOrEqual(256 * 1024 + 16 * 1024);
    expect(table.bytesHeld / table.count).toBeLessThan(20);
  });

  it('of a collection gives its buckets back, a few at once, and keeps those that slices were promised', () => {
    const table = new HashTable(0, 1, true);
    const slots = new Slots();
    const entries = entriesOf(50_000, new Prng(4));
    for (const [hash, address] of entries) table.insert(hash, address);
    for (const [hash, address] of entries.slice(49_950)) slots.add(hash, address);
    const removeUntil = (from: number, until: number): void => {
      for (const [hash, address] of entries.slice(from, until)) {
        table.findAddress(hash, address);
        table.remove();
      }
    };
    table.keepSlices(3);
    removeUntil(0, 49_000);
    expect([table.bucketCount, table.sliceBitsMax]).toEqual([1024, 3]);
    const bytesKept = table.bytesHeld;
    table.keepSlices(0);
    removeUntil(49_000, 49_950);
    expect(table.bucketCount).toBeLessThan(60);
    expect(table.bytesHeld).toBeLessThanOrEqual(bytesKept);
    expectSame(table, slots);
    for (const [hash, address] of entries.slice(0, 5000)) {
      table.insert(hash, address);
      slots.add(hash, address);
    }
    expectSame(table, slots);
  });

  it('gives a used slot for any random number, and 0 when empty', () => {
    const table = new HashTable();
    expect(table.sample(123)).toBe(0);
    table.insert(99, 40);
    table.insert(-5, 48);
    const prng = new Prng(1);
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) seen.add(table.sample(prng.nextUint32()));
    expect([...seen].sort()).toEqual([40, 48]);
  });
});

describe('a table filled lazily', () => {
  it('asks for the slice of a hash once, at its first touch, and for no other', () => {
    const entries = entriesOf(500, new Prng(5));
    const loader = new ListLoader(3, entries);
    const table = new HashTable(500, 8);
    table.attachLoader(loader);
    const [hash, address] = entries[17];
    expect(table.find(hash)).toBe(address);
    expect(table.findAddress(hash, address)).toBe(true);
    expect(loader.asked).toEqual([sliceOf(hash, 7)]);
    table.insert(hash ^ 0x10, 9000);
    expect(loader.asked).toEqual([sliceOf(hash, 7)]);
  });

  it('is the same table whatever order its slices are touched in while it changes', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const prng = new Prng(seed);
      const entries = entriesOf(400, prng);
      const table = new HashTable(64, 16);
      table.attachLoader(new ListLoader(4, entries));
      const slots = new Slots();
      for (const [hash, address] of entries) slots.add(hash, address);
      for (let i = 0; i < 150; i++) {
        const [hash, address] = entries[prng.nextBelow(entries.length)];
        if (slots.byHash.get(hash)?.has(address) && prng.nextBelow(2) === 0) {
          expect(table.findAddress(hash, address)).toBe(true);
          table.remove();
          slots.remove(hash, address);
        } else {
          const fresh = prng.nextUint32() | 0;
          table.insert(fresh, 100_000 + i);
          slots.add(fresh, 100_000 + i);
        }
      }
      while (table.loadNext());
      expectSame(table, slots);
    }
  });

  it('asks for all slices at once where more than a few are needed, and loads what nobody has brought', () => {
    const entries = entriesOf(500, new Prng(6));
    const many = new ListLoader(3, entries);
    const table = new HashTable(500, 8);
    table.attachLoader(many);
    table.needAll();
    expect([many.asksForAll, many.asked.length, table.count]).toEqual([1, 8, 500]);
    table.needAll();
    expect(many.asksForAll).toBe(1);
    const few = new ListLoader(1, entries);
    const small = new HashTable(500, 2);
    small.attachLoader(few);
    small.needAll();
    expect([few.asksForAll, small.count]).toEqual([0, 500]);
  });

  it('loads the slices that a coarser or finer cut asks for', () => {
    const entries = entriesOf(300, new Prng(9));
    const loader = new ListLoader(3, entries);
    const table = new HashTable(300, 16);
    table.attachLoader(loader);
    const given: number[] = [];
    table.forEachInSlice(1, 1, (_, address) => given.push(address));
    expect(loader.asked).toEqual([1, 3, 5, 7]);
    const odd = entries.filter(([hash]) => sliceOf(hash, 1) === 1).map(([, address]) => address);
    expect(given.sort((a, b) => a - b)).toEqual(odd);
    table.forEachInSlice(2, 4, (hash) => expect(sliceOf(hash, 15)).toBe(2));
    expect(loader.asked).toEqual([1, 3, 5, 7, 2]);
  });
});
