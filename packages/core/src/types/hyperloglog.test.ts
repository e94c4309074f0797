/** HyperLogLog: bytes and counts of redis 7.0, forged values, and the real redis step by step when it is there. */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { Prng } from '../base/prng.ts';
import {
  addElement,
  CORRUPT,
  cacheCount,
  cachedCount,
  countElements,
  countRegisters,
  HYPERLOGLOG_SIZE_MAX_BYTES,
  initHyperLogLog,
  isDense,
  isHyperLogLog,
  markCountStale,
  mergeRegisters,
  REGISTER_COUNT,
  storeRegisters,
  UNCHANGED,
} from './hyperloglog.ts';
import { placeOf } from './hyperloglog-hash.ts';

const SPARSE_MAX = 3000;
/** What redis 7.0.15 held after PFADD of a, b, ... g and PFCOUNT. */
const AFTER_A_TO_G = '48594c4c010000000700000000000000466d80560c80443c84388050b184498c80426d80425a';
/** And then after `element:1` and so on, each followed by a PFCOUNT: how many, the count, SHA-256 of the value. */
const THEN_WITH_ELEMENTS = [
  [100, 106, '7e6ed84ed9d1b741'],
  [1000, 1004, '0f8db934dc9f235f'],
  [2000, 2011, 'a5b1df42d2ca879f'],
  [10000, 10026, '1495535f43c24db4'],
  [100000, 100052, '601a7bbec764773c'],
];
const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

/** A value as the commands would keep it. */
class Value {
  readonly buffer = new Uint8Array(20_000).fill(0xee);
  length = initHyperLogLog(this.buffer);

  static of(bytes: Uint8Array): Value {
    const value = new Value();
    value.buffer.set(bytes);
    value.length = bytes.length;
    return value;
  }

  get bytes(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }

  add(element: string | Uint8Array, sparseMax = SPARSE_MAX): number {
    const bytes = Buffer.concat([Buffer.from('~~'), Buffer.from(element), Buffer.from('~')]);
    const length = addElement(this.buffer, this.length, bytes, 2, bytes.length - 1, sparseMax);
    if (length > 0) this.length = length;
    return length;
  }

  count(): number {
    if (cachedCount(this.buffer) >= 0) return cachedCount(this.buffer);
    const count = countElements(this.buffer, this.length);
    if (count >= 0) cacheCount(this.buffer, count);
    return count;
  }

  merge(sources: readonly Value[], sparseMax = SPARSE_MAX): number {
    const registers = new Uint8Array(REGISTER_COUNT);
    const all = [this, ...sources];
    for (const each of all) if (!mergeRegisters(registers, each.buffer, each.length)) return CORRUPT;
    const wantsDense = all.some((each) => isDense(each.buffer));
    const length = storeRegisters(this.buffer, this.length, registers, wantsDense, sparseMax);
    if (length > 0) this.length = length;
    return length;
  }
}

/** MurmurHash64A as its author words it, on bigints; register and rank of it as in redis. */
function referencePlace(bytes: Uint8Array): number {
  const mask = (1n << 64n) - 1n;
  const m = 0xc6a4a7935bd1e995n;
  let hash = 0xadc83b19n ^ ((BigInt(bytes.length) * m) & mask);
  const word = (at: number, size: number): bigint => {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]);
    return value;
  };
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    let k = (word(at, 8) * m) & mask;
    k ^= k >> 47n;
    hash = ((hash ^ ((k * m) & mask)) * m) & mask;
  }
  if (at < bytes.length) hash = ((hash ^ word(at, bytes.length - at)) * m) & mask;
  hash = ((hash ^ (hash >> 47n)) * m) & mask;
  hash ^= hash >> 47n;
  let rank = 1;
  for (let rest = (hash >> 14n) | (1n << 50n); (rest & 1n) === 0n; rest >>= 1n) rank++;
  return rank * REGISTER_COUNT + Number(hash & 16383n);
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

describe('placeOf', () => {
  it('agrees with MurmurHash64A on bigints, at every length', () => {
    const prng = new Prng(64);
    for (let i = 0; i < 3000; i++) {
      const bytes = Uint8Array.from({ length: i % 70 }, () => prng.nextBelow(256));
      expect(placeOf(bytes, 0, bytes.length)).toBe(referencePlace(bytes));
    }
  });
});

describe('HyperLogLog', () => {
  it('is sparse at first, 18 bytes long, with a count of 0', () => {
    const value = new Value();
    expect(value.bytes.toString('hex')).toBe('48594c4c0100000000000000000000007fff');
    expect(value.count()).toBe(0);
  });

  it('has the bytes and counts of redis 7.0 for the same elements', () => {
    const value = new Value();
    for (const letter of 'abcdefg') value.add(letter);
    expect(value.count()).toBe(7);
    expect(value.bytes.toString('hex')).toBe(AFTER_A_TO_G);
    const seen: [number, number, string][] = [];
    for (let i = 1; i <= 100_000; i++) {
      value.add(`element:${i}`);
      if ([100, 1000, 2000, 10_000, 100_000].includes(i)) seen.push([i, value.count(), sha(value.bytes)]);
    }
    expect(seen).toEqual(THEN_WITH_ELEMENTS);
  });

  it('says when nothing changed, and that the count is stale when something did', () => {
    const value = new Value();
    expect(value.add('a')).toBe(value.length);
    expect(cachedCount(value.buffer)).toBe(-1);
    expect(value.count()).toBe(1);
    expect(value.add('a')).toBe(UNCHANGED);
    expect(cachedCount(value.buffer)).toBe(1);
    markCountStale(value.buffer);
    expect(cachedCount(value.buffer)).toBe(-1);
  });

  it('counts the union of sparse and dense values within the error of the method', () => {
    const values = [new Value(), new Value(), new Value()];
    for (let i = 0; i < 30_000; i++) values[i % 100 === 0 ? 0 : 1].add(`x${i}`);
    for (let i = 20_000; i < 40_000; i++) values[2].add(`x${i}`);
    expect(values.map((each) => isDense(each.buffer))).toEqual([false, true, true]);
    const registers = new Uint8Array(REGISTER_COUNT);
    for (const each of values) expect(mergeRegisters(registers, each.buffer, each.length)).toBe(true);
    const count = countRegisters(registers);
    expect(Math.abs(count - 40_000)).toBeLessThan(40_000 * 0.03);
    expect(values[0].merge(values.slice(1))).toBe(HYPERLOGLOG_SIZE_MAX_BYTES);
    expect(values[0].count()).toBe(count);
  });

  it('becomes dense at the limit, or at a rank that the sparse form does not have, and counts the same', () => {
    const limited = new Value();
    const free = new Value();
    for (let i = 0; i < 5000; i++) {
      limited.add(`e${i}`, 100);
      free.add(`e${i}`, 20_000);
    }
    expect(isDense(limited.buffer)).toBe(true);
    expect(isDense(free.buffer)).toBe(false);
    expect(limited.count()).toBe(free.count());
  });

  it('is refused if the magic, the encoding or the length is wrong', () => {
    const bytes = new Value().bytes;
    expect(isHyperLogLog(bytes, bytes.length)).toBe(true);
    expect(isHyperLogLog(bytes, 15)).toBe(false);
    for (let i = 0; i < 5; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i] ^= 0x20;
      expect(isHyperLogLog(damaged, damaged.length)).toBe(false);
    }
    const dense = Buffer.alloc(HYPERLOGLOG_SIZE_MAX_BYTES);
    bytes.copy(dense);
    dense[4] = 0;
    expect(isHyperLogLog(dense, dense.length)).toBe(true);
    expect(isHyperLogLog(dense, dense.length - 1)).toBe(false);
  });

  it.each([
    ['no runs', []],
    ['too few registers', [0x7f, 0xfe]],
    ['too many', [0x7f, 0xff, 0x00]],
    ['a cut XZERO', [0x7f, 0xfe, 0x40]],
    ['a lone cut XZERO', [0x7f]],
    ['a VAL beyond the end', [0x7f, 0xfe, 0x81]],
  ])('detects corrupt runs: %s', (_, runs) => {
    const value = Value.of(Buffer.concat([new Value().bytes.subarray(0, 16), Buffer.from(runs)]));
    markCountStale(value.buffer);
    expect(value.count()).toBe(CORRUPT);
    expect(new Value().merge([value])).toBe(CORRUPT);
    expect(Value.of(value.bytes).merge([])).toBe(CORRUPT);
  });

  it('takes random runs and registers without harm, and ends', () => {
    const prng = new Prng(99);
    for (let i = 0; i < 2000; i++) {
      const value = new Value();
      for (let k = 0; k < 50; k++) value.add(`${i}:${k}`);
      for (let k = 1 + prng.nextBelow(3); k > 0; k--) {
        value.buffer[16 + prng.nextBelow(value.length - 16)] = prng.nextBelow(256);
      }
      for (let k = 0; k < 20; k++) value.add(`${i}:again:${k}`, 20 + prng.nextBelow(300));
      markCountStale(value.buffer);
      expect(value.count()).toBeGreaterThanOrEqual(CORRUPT);
    }
    const highest = new Uint8Array(REGISTER_COUNT).fill(63);
    expect(countRegisters(highest)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe.runIf(redis !== undefined)('HyperLogLog against redis', () => {
  it.each([
    [3000, 30_000, 200],
    [150, 600, 1],
    [18_000, 20_000, 500],
    [0, 10, 1],
  ])('has the same bytes and counts with hll-sparse-max-bytes %d', async (sparseMax, elements, every) => {
    await redis!.call('FLUSHALL');
    await redis!.call('CONFIG', 'SET', 'hll-sparse-max-bytes', sparseMax);
    const prng = new Prng(sparseMax);
    const value = new Value();
    let batch: string[] = [];
    for (let i = 0; i < elements; i++) {
      const element = `${prng.nextBelow(elements)}:${'p'.repeat(prng.nextBelow(30))}`;
      batch.push(element);
      value.add(element, sparseMax);
      if (batch.length < every) continue;
      await redis!.call('PFADD', 'h', ...batch);
      batch = [];
      if (prng.nextBelow(2) === 0) expect(value.count()).toBe(await redis!.call('PFCOUNT', 'h'));
      expect(Buffer.compare(await redis!.bytes('GET', 'h'), value.bytes), `element ${i}`).toBe(0);
    }
  });

  it('merges to the same bytes and counts', async () => {
    await redis!.call('CONFIG', 'SET', 'hll-sparse-max-bytes', SPARSE_MAX);
    const prng = new Prng(5);
    for (let round = 0; round < 40; round++) {
      await redis!.call('FLUSHALL');
      const values = [new Value(), new Value(), new Value()];
      for (const [i, value] of values.entries()) {
        await redis!.call('PFADD', i);
        markCountStale(value.buffer);
        for (let n = prng.nextBelow([30, 500, 6000][prng.nextBelow(3)]); n > 0; n--) {
          const element = String(prng.nextBelow(3000));
          value.add(element);
          void redis!.call('PFADD', i, element);
        }
      }
      const registers = new Uint8Array(REGISTER_COUNT);
      for (const value of values) mergeRegisters(registers, value.buffer, value.length);
      expect(countRegisters(registers)).toBe(await redis!.call('PFCOUNT', 0, 1, 2));
      values[0].merge(values.slice(1));
      await redis!.call('PFMERGE', 0, 1, 2);
      expect(Buffer.compare(await redis!.bytes('GET', 0), values[0].bytes), `round ${round}`).toBe(0);
      expect(values[0].count()).toBe(await redis!.call('PFCOUNT', 0));
    }
  });

  it('detects the same corruption', async () => {
    const prng = new Prng(17);
    for (let round = 0; round < 400; round++) {
      const value = new Value();
      for (let k = 0; k < 30; k++) value.add(`${round}:${k}`);
      for (let k = 1 + prng.nextBelow(2); k > 0; k--) {
        value.buffer[prng.nextBelow(value.length)] ^= 1 << prng.nextBelow(8);
      }
      markCountStale(value.buffer);
      await redis!.call('SET', 'h', value.bytes);
      const reply = await redis!.call('PFCOUNT', 'h');
      if (reply instanceof Error) {
        const isValid = isHyperLogLog(value.buffer, value.length);
        expect(reply.message.startsWith('INVALIDOBJ')).toBe(isValid);
        if (isValid) expect(value.count()).toBe(CORRUPT);
      } else {
        expect(value.count()).toBe(reply);
      }
    }
  });
});
