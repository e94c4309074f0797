/** The methods of a `Database` for lists: what commands of the same names do, without RESP in between. */

import { FerriteError } from '../base/errors.ts';
import type { Key } from '../engine/key-scratch.ts';
import {
  elementOfList,
  insertAt,
  lengthOfList,
  moveElement,
  popUpTo,
  positionsIn,
  pushAll,
  rangeOfList,
  removeEqual,
  setAt,
  trimTo,
} from '../keyspace/list-operations.ts';
import { SetMethods } from './set-methods.ts';
import { checkKeys, keyText } from './values.ts';

/** Elements that an iterator reads in one go. */
const PIECE_ELEMENTS = 128;

/** The head of a list is its left end, index 0; the tail its right one. */
export type ListEnd = 'left' | 'right';

export interface PositionOptions {
  /** Which of the elements that are equal comes first: 1 (the default) the first one, -1 the last one, and so on. */
  rank?: number;
  /** Elements looked at, at most. */
  maxLength?: number;
}

export abstract class ListMethods<V> extends SetMethods<V> {
  /**
   * Adds elements before the head of the list under a key, one after the other, so that the last one becomes the head; the
   * list is made if need be, and keeps its expiry. Returns how many elements it has then. An element has at most 64 KiB, or
   * a quarter of a page. Throws `FERRITE_WRONG_TYPE` if the key has a value of another type, as all methods for lists do.
   */
  lpush(key: Key, ...elements: (V | Uint8Array)[]): number {
    return this.pushAt(key, true, elements);
  }

  /** The same behind the tail: the last one becomes the tail. */
  rpush(key: Key, ...elements: (V | Uint8Array)[]): number {
    return this.pushAt(key, false, elements);
  }

  /** The same as `lpush`, but only onto a list that is there; 0 when there is no such key. */
  lpushx(key: Key, ...elements: (V | Uint8Array)[]): number {
    return this.llen(key) === 0 ? 0 : this.lpush(key, ...elements);
  }

  /** The same as `rpush`, but only onto a list that is there; 0 when there is no such key. */
  rpushx(key: Key, ...elements: (V | Uint8Array)[]): number {
    return this.llen(key) === 0 ? 0 : this.rpush(key, ...elements);
  }

  private pushAt(key: Key, atHead: boolean, elements: readonly (V | Uint8Array)[]): number {
    this.checkOpen();
    const encoded = elements.map((element) => this.encode(element));
    const length = pushAll(this.store, this.namespace, key, atHead, encoded);
    if (encoded.length > 0) this.store.committer.afterWrite();
    return length;
  }

  /** Takes the head off a list, and returns it; `undefined` when there is no such key. With its last element the key goes. */
  lpop(key: Key): V | undefined;
  /** Takes up to `count` elements off the head; the head comes first. */
  lpop(key: Key, count: number): V[];
  lpop(key: Key, count?: number): V | V[] | undefined {
    return this.popAt(key, true, count);
  }

  /** Takes the tail off a list, and returns it; `undefined` when there is no such key. With its last element the key goes. */
  rpop(key: Key): V | undefined;
  /** Takes up to `count` elements off the tail; the tail comes first. */
  rpop(key: Key, count: number): V[];
  rpop(key: Key, count?: number): V | V[] | undefined {
    return this.popAt(key, false, count);
  }

  private popAt(key: Key, atHead: boolean, count: number | undefined): V | V[] | undefined {
    this.checkOpen();
    if (count !== undefined) checkInteger('count', count, 0);
    const taken = popUpTo(this.store, this.namespace, key, atHead, count ?? 1) ?? [];
    if (taken.length > 0) this.store.committer.afterWrite();
    const elements = taken.map((element) => this.decode(element));
    return count === undefined ? elements[0] : elements;
  }

  /** Takes up to `count` elements off an end of the first of these lists that there is; `undefined` when there is none. */
  lmpop(keys: readonly Key[], end: ListEnd, count = 1): [key: string, elements: V[]] | undefined {
    this.checkOpen();
    checkKeys(keys);
    checkWord('end', end, ['left', 'right']);
    checkInteger('count', count, 1);
    for (const key of keys) {
      const elements = (this.popAt(key, end === 'left', count) ?? []) as V[];
      if (elements.length > 0) return [keyText(key), elements];
    }
    return undefined;
  }

  /** The number of elements of a list, 0 when there is no such key. */
  llen(key: Key): number {
    this.checkOpen();
    return lengthOfList(this.store, this.namespace, key);
  }

  /** Elements from index `start` to index `stop`, both included; -1 is the tail. Without them, all. */
  lrange(key: Key, start = 0, stop = -1): V[] {
    this.checkOpen();
    checkInteger('start', start);
    checkInteger('stop', stop);
    return rangeOfList(this.store, this.namespace, key, start, stop).map((element) => this.decode(element));
  }

  /** The element at an index, -1 the tail; `undefined` when there is none. */
  lindex(key: Key, index: number): V | undefined {
    this.checkOpen();
    checkInteger('index', index);
    const element = elementOfList(this.store, this.namespace, key, index);
    return element === undefined ? undefined : this.decode(element);
  }

  /** Replaces the element at an index, -1 the tail; false when there is none. */
  lset(key: Key, index: number, element: V | Uint8Array): boolean {
    this.checkOpen();
    checkInteger('index', index);
    const isSet = setAt(this.store, this.namespace, key, index, this.encode(element));
    if (isSet) this.store.committer.afterWrite();
    return isSet;
  }

  /**
   * Adds an element before or after the first one that equals `pivot`. Returns how many elements the list has then; -1 when
   * none equals it, 0 when there is no such key.
   */
  linsert(key: Key, where: 'before' | 'after', pivot: V | Uint8Array, element: V | Uint8Array): number {
    this.checkOpen();
    checkWord('where', where, ['before', 'after']);
    const isAfter = where === 'after';
    const length = insertAt(this.store, this.namespace, key, isAfter, this.encode(pivot), this.encode(element));
    if (length > 0) this.store.committer.afterWrite();
    return length;
  }

  /**
   * Removes elements that equal one: the first `count` of them, with a negative `count` the last ones, with 0 all. Returns how
   * many there were; with its last element the key goes.
   */
  lrem(key: Key, count: number, element: V | Uint8Array): number {
    this.checkOpen();
    checkInteger('count', count);
    const removed = removeEqual(this.store, this.namespace, key, count, this.encode(element));
    if (removed > 0) this.store.committer.afterWrite();
    return removed;
  }

  /** Keeps the elements from index `start` to index `stop`, both included; -1 is the tail. Without any the key goes. */
  ltrim(key: Key, start: number, stop: number): void {
    this.checkOpen();
    checkInteger('start', start);
    checkInteger('stop', stop);
    if (trimTo(this.store, this.namespace, key, start, stop)) this.store.committer.afterWrite();
  }

  /** Index of an element that equals one; `undefined` when there is none. */
  lpos(key: Key, element: V | Uint8Array, options?: PositionOptions): number | undefined;
  /** Indexes of up to `count` of them, 0 for all. */
  lpos(key: Key, element: V | Uint8Array, options: PositionOptions & { count: number }): number[];
  lpos(
    key: Key,
    element: V | Uint8Array,
    options: PositionOptions & { count?: number } = {},
  ): number | number[] | undefined {
    this.checkOpen();
    const { rank = 1, count, maxLength = 0 } = options;
    checkInteger('rank', rank);
    if (rank === 0) throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'rank is 1 for the first, -1 for the last one');
    checkInteger('maxLength', maxLength, 0);
    if (count !== undefined) checkInteger('count', count, 0);
    const wanted = { rank, countMax: count ?? 1, lookedAtMax: maxLength };
    const found = positionsIn(this.store, this.namespace, key, this.encode(element), wanted);
    return count === undefined ? found[0] : found;
  }

  /**
   * Moves the element at an end of a list to an end of another one, or of the same, in one step; returns it, `undefined` when
   * there is none.
   */
  lmove(from: Key, to: Key, fromEnd: ListEnd, toEnd: ListEnd): V | undefined {
    this.checkOpen();
    checkWord('fromEnd', fromEnd, ['left', 'right']);
    checkWord('toEnd', toEnd, ['left', 'right']);
    const moved = moveElement(this.store, this.namespace, from, to, fromEnd === 'left', toEnd === 'left');
    if (moved === undefined) return undefined;
    this.store.committer.afterWrite();
    return this.decode(moved);
  }

  /**
   * All elements of a list, from the head on, read a piece at a time: for lists that are too large for `lrange`. What is pushed
   * or removed meanwhile moves what is still to come.
   */
  *lscan(key: Key): IterableIterator<V> {
    for (let start = 0; ; start += PIECE_ELEMENTS) {
      const piece = this.lrange(key, start, start + PIECE_ELEMENTS - 1);
      yield* piece;
      if (piece.length < PIECE_ELEMENTS) return;
    }
  }
}

function checkInteger(name: string, value: number, least = Number.MIN_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  const wanted = least === Number.MIN_SAFE_INTEGER ? 'an integer' : `an integer of ${least} or more`;
  throw new FerriteError('FERRITE_INVALID_ARGUMENT', `${name} must be ${wanted}`);
}

/** Throws unless it is one of these words. */
export function checkWord(name: string, value: string, words: readonly string[]): void {
  if (words.includes(value)) return;
  throw new FerriteError(
    'FERRITE_INVALID_ARGUMENT',
    `${name} must be ${words.map((word) => `'${word}'`).join(' or ')}`,
  );
}
