/** SORT as methods of a `Database`, without RESP in between. */
import { FerriteError } from '../base/errors.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type SortPattern, type Sorting, sortPatternOf } from '../keyspace/sort.ts';
import { sortKey, storeSorted } from '../keyspace/sort-operations.ts';
import { BitmapMethods } from './bitmap-methods.ts';
import { checkKey, checkOptions } from './values.ts';

export interface SortOptions {
  /** As texts, by their bytes, instead of as numbers. */
  alpha?: boolean;
  /** From the greatest down. */
  reverse?: boolean;
  /** So many are passed over first. */
  offset?: number;
  /** Most elements given. */
  limit?: number;
  /**
   * A key's name with `*` where the element comes: its value is what is compared, with `->field` that of a hash's field.
   * Without a `*` nothing is sorted.
   */
  by?: string;
}

const OPTIONS = { alpha: 'boolean', reverse: 'boolean', offset: 'number', limit: 'number', by: 'string' } as const;

export abstract class SortMethods<V> extends BitmapMethods<V> {
  /**
   * The elements of a list, set or sorted set as numbers in ascending order, or as the options say. Throws
   * `FERRITE_INVALID_ARGUMENT` if something to be compared as a number is none.
   */
  sort(key: Key, options?: SortOptions): V[];
  /** For each element what the patterns in `get` lead to, as `by` does; `#` is the element itself. `undefined` for nothing. */
  sort(key: Key, options: SortOptions & { get: readonly string[] }): (V | undefined)[];
  sort(key: Key, options: SortOptions & { get?: readonly string[] } = {}): (V | undefined)[] {
    this.checkOpen();
    const values = sortKey(this.store, this.namespace, key, sortingOf(options, false));
    return values.map((value) => (value === null ? undefined : this.decode(value)));
  }

  /** Stores what `sort` gives as a list under a key, whatever that held before, nothing as empty; returns how many elements. */
  sortstore(destination: Key, key: Key, options: SortOptions & { get?: readonly string[] } = {}): number {
    this.checkOpen();
    checkKey(destination);
    const count = storeSorted(this.store, this.namespace, destination, key, sortingOf(options, true));
    this.store.committer.afterWrite();
    return count;
  }
}

function sortingOf(options: SortOptions & { get?: readonly string[] }, isStored: boolean): Sorting {
  const { get = [], ...others } = options;
  checkOptions(others, OPTIONS);
  const { alpha = false, reverse = false, offset = 0, limit, by } = others;
  if (!Array.isArray(get) || get.some((pattern) => typeof pattern !== 'string'))
    throw wrong('get is an array of patterns');
  for (const count of [offset, limit ?? 0]) {
    if (!Number.isSafeInteger(count) || count < 0) throw wrong(`${count} is no number of elements`);
  }
  return {
    isDescending: reverse,
    isAlpha: alpha,
    by: by === undefined ? null : patternOf(by),
    gets: get.map(patternOf),
    limitStart: offset,
    limitCount: limit ?? -1,
    isStored,
  };
}

function patternOf(text: string): SortPattern {
  return sortPatternOf(Buffer.from(text, 'utf8'));
}

function wrong(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', message);
}
