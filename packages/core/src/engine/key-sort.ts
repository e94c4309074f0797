/**
 * Sorts a few thousand keys that lie packed in one byte array, in the order of `memcmp`.
 *
 * Radix sort from the front, four bytes at a time: what all keys of a group share is skipped, then four bytes and the
 * key's number become one number (up to 2^44, exact in a double), and the numbers are sorted by the runtime's native
 * sort. Keys that are still equal form a group that is sorted by the bytes that follow. Equal keys stay in the order of
 * their numbers. Called by `RunBuffer`.
 */

import { compareBytes } from '../base/bytes.ts';
import { discOf } from './ordered-nodes.ts';

const WINDOW_BYTES = 4;
/** Groups up to this size are sorted by insertion. */
const SMALL = 12;

/** Keys by number: key `i` is `lengths[i]` bytes of `bytes` from `starts[i]`. */
interface PackedKeys {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
}

export class KeySort {
  private readonly keys: PackedKeys;
  private readonly order: Int32Array;
  private readonly spare: Int32Array;
  private readonly numbers: Float64Array;
  private readonly countMax: number;

  /** For up to `countMax` keys, a power of two, at most 2^20. */
  constructor(keys: PackedKeys, countMax: number) {
    this.keys = keys;
    this.countMax = countMax;
    this.order = new Int32Array(countMax);
    this.spare = new Int32Array(countMax);
    this.numbers = new Float64Array(countMax);
  }

  /** The numbers of the first `count` keys in order; the array is used again by the next sort. */
  sort(count: number): Int32Array {
    for (let i = 0; i < count; i++) this.order[i] = i;
    this.sortGroup(0, count, 0);
    return this.order;
  }

  /** Sorts the keys from place `low` up to `high`, which are equal in their first `offset` bytes. */
  private sortGroup(low: number, high: number, offset: number): void {
    if (high - low <= SMALL) {
      this.sortSmall(low, high, offset);
      return;
    }
    const from = this.skipShared(low, high, offset);
    const { order, numbers, countMax } = this;
    for (let i = low; i < high; i++) numbers[i] = (this.windowOf(order[i], from) >>> 0) * countMax + order[i];
    numbers.subarray(low, high).sort();
    for (let i = low; i < high; i++) order[i] = numbers[i] - Math.floor(numbers[i] / countMax) * countMax;
    let first = low;
    while (first < high) {
      const window = this.windowOf(order[first], from);
      let end = first + 1;
      while (end < high && this.windowOf(order[end], from) === window) end++;
      if (end - first > 1) this.sortEqual(first, end, from);
      first = end;
    }
  }

  /** Sorts keys with the same window: first those that end in it, the shortest first, then the rest by what follows. */
  private sortEqual(low: number, high: number, from: number): void {
    const { order, spare } = this;
    const { lengths } = this.keys;
    let out = low;
    for (let left = 0; left <= WINDOW_BYTES; left++) {
      for (let i = low; i < high; i++) if (lengths[order[i]] - from === left) spare[out++] = order[i];
    }
    const rest = out;
    for (let i = low; i < high; i++) if (lengths[order[i]] - from > WINDOW_BYTES) spare[out++] = order[i];
    for (let i = low; i < high; i++) order[i] = spare[i];
    if (high - rest > 1) this.sortGroup(rest, high, from + WINDOW_BYTES);
  }

  private sortSmall(low: number, high: number, offset: number): void {
    const { order } = this;
    for (let i = low + 1; i < high; i++) {
      const key = order[i];
      let to = i;
      while (to > low && this.compare(order[to - 1], key, offset) > 0) {
        order[to] = order[to - 1];
        to--;
      }
      order[to] = key;
    }
  }

  private compare(a: number, b: number, offset: number): number {
    const { bytes, starts, lengths } = this.keys;
    const order = compareBytes(
      bytes,
      starts[a] + offset,
      lengths[a] - offset,
      bytes,
      starts[b] + offset,
      lengths[b] - offset,
    );
    return order !== 0 ? order : a - b;
  }

  /** How many bytes all keys of a group have in common. */
  private skipShared(low: number, high: number, offset: number): number {
    const { bytes, starts, lengths } = this.keys;
    const first = this.order[low];
    const firstStart = starts[first];
    let shared = lengths[first];
    for (let i = low + 1; i < high && shared > offset; i++) {
      const key = this.order[i];
      const start = starts[key];
      const most = Math.min(shared, lengths[key]);
      let at = offset;
      while (at < most && bytes[start + at] === bytes[firstStart + at]) at++;
      shared = at;
    }
    return shared;
  }

  private windowOf(key: number, from: number): number {
    const { bytes, starts, lengths } = this.keys;
    return discOf(bytes, starts[key] + from, lengths[key] - from);
  }
}
