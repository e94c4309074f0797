/**
 * The bytes of the string whose record was found: where they lie, how many, and ranges of them, without reading more of a
 * large value than is asked for.
 */
import { TYPE_STRING, typeOfRoot } from './large-values.ts';
import { KIND_ROOT, keyLengthOf, keyOffsetOf, kindOf, valueLengthOf } from './record.ts';
import type { Store } from './store.ts';

/** Whether the value is in records of its own, and the found one only names it. Then it is long. */
export function isLargeString(store: Store): boolean {
  const { words, word } = store;
  return kindOf(words[word + 1]) === KIND_ROOT && typeOfRoot(words, word, keyLengthOf(words, word)) === TYPE_STRING;
}

/** Where in `store.bytes` the value of the found record begins. */
export function valueStartOf(store: Store): number {
  const { words, word } = store;
  return word * 4 + keyOffsetOf(words[word + 1]) + keyLengthOf(words, word);
}

export function lengthOfString(store: Store): number {
  return isLargeString(store) ? store.large.ofRoot(store).lengthBytes : valueLengthOf(store.words[store.word + 2]);
}

/**
 * The bytes `[start, end)`, which the string has: there until another record is read or written. Of a large value they are
 * a copy, and no record is located any more.
 */
export function viewOfString(store: Store, start: number, end: number): Buffer {
  if (isLargeString(store)) return store.large.readRange(store, store.large.ofRoot(store), start, end);
  const at = valueStartOf(store);
  return store.bytes.subarray(at + start, at + end);
}
