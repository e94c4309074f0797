/**
 * The methods of a `Database` for strings that are arrays of bits, or HyperLogLogs: what commands of the same names do,
 * without RESP in between. Both are values of keys as `getBuffer` gives them.
 */
import { FerriteError } from '../base/errors.ts';
import { VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import type { Key } from '../engine/key-scratch.ts';
import {
  addToHyperLogLog,
  type BitRange,
  bitOf,
  changeBit,
  combineStrings,
  countBits,
  estimateElements,
  findBit,
  mergeHyperLogLogs,
} from '../keyspace/bitmap-operations.ts';
import { StreamGroupMethods } from './stream-group-methods.ts';
import { checkKey, checkOptions } from './values.ts';

/** A stretch of a string, both ends included; negative numbers count from its end. */
export interface BitRangeOptions {
  start?: number;
  end?: number;
  /** What these count: bytes, if left out. */
  unit?: 'byte' | 'bit';
}

const OFFSET_MAX = VALUE_SIZE_MAX_BYTES * 8 - 1;
const OPERATIONS = ['and', 'or', 'xor', 'not'] as const;

export abstract class BitmapMethods<V> extends StreamGroupMethods<V> {
  /** A bit of the string under a key, the first one at offset 0: 0 or 1, and 0 beyond its end. */
  getbit(key: Key, offset: number): number {
    this.checkOpen();
    checkOffset(offset);
    return bitOf(this.store, this.namespace, key, offset);
  }

  /** Sets a bit; the string is made, and becomes longer, as need be, and keeps its expiry. Returns what the bit was. */
  setbit(key: Key, offset: number, bit: 0 | 1): number {
    this.checkOpen();
    checkOffset(offset);
    checkBit(bit);
    const before = changeBit(this.store, this.namespace, key, offset, bit);
    this.store.committer.afterWrite();
    return before;
  }

  /** How many bits of a string, or of a stretch of it, are 1. */
  bitcount(key: Key, range: BitRangeOptions = {}): number {
    this.checkOpen();
    return countBits(this.store, this.namespace, key, rangeOf(range));
  }

  /**
   * The offset of the first bit that is 0, or 1; `undefined` if there is none. Without an `end` a string counts as followed by
   * zeros.
   */
  bitpos(key: Key, bit: 0 | 1, range: BitRangeOptions = {}): number | undefined {
    this.checkOpen();
    checkBit(bit);
    const found = findBit(this.store, this.namespace, key, bit, rangeOf(range));
    return found < 0 ? undefined : found;
  }

  /**
   * Combines strings bit by bit, and stores the result under a key, whatever that held before; returns its length in bytes.
   * `'not'` takes one key.
   */
  bitop(operation: 'and' | 'or' | 'xor' | 'not', destination: Key, ...keys: Key[]): number {
    this.checkOpen();
    if (!OPERATIONS.includes(operation)) throw wrong(`an operation is and, or, xor or not, not ${String(operation)}`);
    if (keys.length === 0 || (operation === 'not' && keys.length > 1)) {
      throw wrong(`${operation} takes ${operation === 'not' ? 'one key' : 'one key or more'}`);
    }
    for (const key of [destination, ...keys]) checkKey(key);
    const length = combineStrings(this.store, this.namespace, operation, destination, keys);
    this.store.committer.afterWrite();
    return length;
  }

  /**
   * Counts elements into the HyperLogLog under a key, which is made if need be: a string of at most 12 KB that tells about how
   * many different ones there were. Returns whether that may have changed.
   */
  pfadd(key: Key, ...elements: (V | Uint8Array)[]): boolean {
    this.checkOpen();
    const encoded = elements.map((element) => this.encode(element));
    const hasChanged = addToHyperLogLog(this.store, this.namespace, key, encoded);
    if (hasChanged) this.store.committer.afterWrite();
    return hasChanged;
  }

  /** About how many different elements were counted into these HyperLogLogs together; the error is 0.81 %. */
  pfcount(...keys: Key[]): number {
    this.checkOpen();
    if (keys.length === 0) throw wrong('give one key or more');
    for (const key of keys) checkKey(key);
    return estimateElements(this.store, this.namespace, keys);
  }

  /** Merges HyperLogLogs into that of `destination`, which is made if need be. */
  pfmerge(destination: Key, ...keys: Key[]): void {
    this.checkOpen();
    for (const key of [destination, ...keys]) checkKey(key);
    mergeHyperLogLogs(this.store, this.namespace, destination, keys);
    this.store.committer.afterWrite();
  }
}

function rangeOf(options: BitRangeOptions): BitRange {
  checkOptions(options, { start: 'number', end: 'number', unit: 'string' });
  const { start = 0, end, unit = 'byte' } = options;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end ?? 0)) throw wrong('start and end are integers');
  if (unit !== 'byte' && unit !== 'bit') throw wrong(`a unit is 'byte' or 'bit', not ${String(unit)}`);
  return { start, end, isInBits: unit === 'bit' };
}

function checkOffset(offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && offset <= OFFSET_MAX) return;
  throw wrong(`an offset is an integer from 0 to ${OFFSET_MAX}, not ${String(offset)}`);
}

function checkBit(bit: number): void {
  if (bit !== 0 && bit !== 1) throw wrong(`a bit is 0 or 1, not ${String(bit)}`);
}

function wrong(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', message);
}
