/** A walk by positions against a set of keys that comes and goes meanwhile. */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { joinAddress } from './address.ts';
import { HashTable, POSITION_END, SliceCopy } from './hash-table.ts';

const SEEDS = 40;

class Model {
  readonly table: HashTable;
  readonly prng: Prng;
  /** Address of each key by its hash: addresses are unique, hashes are few enough to collide. */
  readonly hashes = new Map<number, number>();
  private nextAddress = 1;

  constructor(seed: number, slices: number, isSmall = false) {
    this.prng = new Prng(seed);
    this.table = new HashTable(0, slices, isSmall);
  }

  insert(): void {
    const hash = (this.prng.nextBelow(8) === 0 ? this.prng.nextBelow(64) : this.prng.nextUint32()) | 0;
    const address = this.nextAddress++;
    this.table.insert(hash, address);
    this.hashes.set(address, hash);
  }

  remove(): void {
    const address = [...this.hashes.keys()][this.prng.nextBelow(this.hashes.size)];
    const hash = this.hashes.get(address) as number;
    expect(this.table.findAddress(hash, address)).toBe(true);
    this.table.remove();
    this.hashes.delete(address);
  }
}

/** Walks the whole table; `between` runs after each bucket. Returns how often each address was met. */
function walk(table: () => HashTable, between: () => void): Map<number, number> {
  const met = new Map<number, number>();
  const copy = new SliceCopy();
  for (let position = 0; position < POSITION_END; ) {
    copy.count = 0;
    position = table().copyBucketAt(position, copy);
    for (let i = 0; i < copy.count; i++) {
      const address = joinAddress(copy.highs[i], copy.lows[i]);
      met.set(address, (met.get(address) ?? 0) + 1);
    }
    between();
  }
  return met;
}

describe('a walk through a table by positions', () => {
  it('meets every key once when nothing changes', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const model = new Model(seed, 1);
      for (let i = model.prng.nextBelow(2000); i > 0; i--) model.insert();
      const met = walk(
        () => model.table,
        () => undefined,
      );
      expect(
        [...met.keys()].sort((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual([...model.hashes.keys()]);
      expect([...met.values()].every((times) => times === 1)).toBe(true);
    }
  });

  it('meets every key that stays, and none twice, while the table grows and keys come and go', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const model = new Model(seed, 2 ** (seed % 3));
      for (let i = model.prng.nextBelow(500); i > 0; i--) model.insert();
      const stays = new Set(model.hashes.keys());
      const changes = model.prng.nextBelow(20);
      const met = walk(
        () => model.table,
        () => {
          for (let i = 0; i < changes; i++) {
            if (model.prng.nextBelow(3) > 0 || model.hashes.size === 0) model.insert();
            else {
              const before = new Set(model.hashes.keys());
              model.remove();
              for (const address of before) if (!model.hashes.has(address)) stays.delete(address);
            }
          }
        },
      );
      for (const address of stays) expect(met.get(address), `seed ${seed}, address ${address}`).toBe(1);
      expect([...met.values()].every((times) => times === 1)).toBe(true);
    }
  });

  it('meets every key that stays, and none twice, while most others go and the table shrinks', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const model = new Model(seed, 1, true);
      for (let i = 0; i < 1000; i++) model.insert();
      const bucketsBefore = model.table.bucketCount;
      const left = 20 + model.prng.nextBelow(200);
      const stays = new Set(model.hashes.keys());
      const met = walk(
        () => model.table,
        () => {
          for (let i = 0; i < 9 && model.hashes.size > left; i++) {
            const before = new Set(model.hashes.keys());
            model.remove();
            for (const address of before) if (!model.hashes.has(address)) stays.delete(address);
          }
        },
      );
      expect(model.table.bucketCount).toBeLessThan(bucketsBefore);
      for (const address of stays) expect(met.get(address), `seed ${seed}, address ${address}`).toBe(1);
      expect([...met.values()].every((times) => times === 1)).toBe(true);
    }
  });

  it('goes on where it was in a smaller table that took the place of the first', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const large = new Model(seed, 1);
      for (let i = 0; i < 1000; i++) large.insert();
      const small = new HashTable();
      for (const [address, hash] of [...large.hashes].slice(0, 30)) small.insert(hash, address);
      let buckets = 0;
      const isReplacedAt = large.prng.nextBelow(200);
      const met = walk(
        () => (buckets < isReplacedAt ? large.table : small),
        () => buckets++,
      );
      for (const address of [...large.hashes.keys()].slice(0, 30)) expect(met.get(address), `seed ${seed}`).toBe(1);
    }
  });
});

describe('sampling', () => {
  it('can meet every key, also where a bucket overflows', () => {
    const model = new Model(1, 1);
    for (let address = 1; address <= 20; address++) model.table.insert(address << 20, address);
    const met = new Set<number>();
    for (let i = 0; i < 2000; i++) met.add(model.table.sample(model.prng.nextUint32()));
    expect(met.size).toBe(20);
  });
});
