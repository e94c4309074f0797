/**
 * META records of the main log: what happened to the store rather than to a key.
 *
 * | value at | bytes | field |
 * |---|---|---|
 * | 0 | 4 | operation: 1 RETIRE, a segment is about to be removed |
 * | 4 | 4 | log: 0 main, 1 cold |
 * | 8 | 4 | number of the segment |
 * | | | |
 * | 0 | 4 | operation: 2 FLUSH, namespaces have lost all of their keys |
 * | 4 | 4 | bit n: namespace n |
 * | 8 | 8 | tail of the cold log (u48 in 8): copies of their records before it are dead, too |
 * | | | |
 * | 0 | 4 | operation: 3 SWAP, two databases have changed namespaces |
 * | 4 | 4 | the one database |
 * | 8 | 4 | the other |
 */

import type { Memory } from './page-memory.ts';
import { KIND_META, keyLengthOf, keyOffsetOf, readWide, unitsFor, valueLengthOf, writeWide } from './record.ts';
import { type LogName, segmentFileName } from './segments.ts';
import { writeRecord } from './put.ts';
import type { Store } from './store.ts';

const RETIRE = 1;
const FLUSH = 2;
const SWAP = 3;
const VALUE_BYTES = 12;
const FLUSH_VALUE_BYTES = 16;

/** What a META record says. */
export type Meta =
  | { operation: 'retire'; name: string }
  | { operation: 'flush'; namespaces: number; coldTail: number }
  | { operation: 'swap'; one: number; other: number };

/** Logs that a segment is about to be removed. Its name stays valid until this is durable. */
export function appendRetire(store: Store, log: LogName, number: number): void {
  append(store, RETIRE, log === 'cold' ? 1 : 0, VALUE_BYTES);
  store.writtenWords[valueWord(store) + 2] = number;
}

/** Logs that the namespaces of which the bit is set are empty from here on; returns the record's address. */
export function appendFlush(store: Store, namespaces: number, coldTail: number): number {
  const address = append(store, FLUSH, namespaces, FLUSH_VALUE_BYTES);
  writeWide(store.writtenWords, valueWord(store) + 2, coldTail);
  return address;
}

/** Logs that two databases have changed namespaces; returns the record's address. */
export function appendSwap(store: Store, one: number, other: number): number {
  const address = append(store, SWAP, one, VALUE_BYTES);
  store.writtenWords[valueWord(store) + 2] = other;
  return address;
}

function append(store: Store, operation: number, what: number, valueBytes: number): number {
  store.key.set('');
  const units = unitsFor(KIND_META, 0, 0, valueBytes);
  const address = writeRecord(store, 0, KIND_META, 0, units, valueBytes);
  store.addDead(address, units);
  const at = valueWord(store);
  store.writtenWords[at] = operation;
  store.writtenWords[at + 1] = what;
  return address;
}

/** Where the value of the record just written begins. */
function valueWord(store: Store): number {
  return store.writtenWord + (keyOffsetOf(store.writtenWords[store.writtenWord + 1]) >>> 2);
}

/** What a META record says; undefined for one that says nothing this version knows. */
export function decodeMeta(memory: Memory, word: number): Meta | undefined {
  const { words } = memory;
  const length = valueLengthOf(words[word + 2]);
  const at = word + ((keyOffsetOf(words[word + 1]) + keyLengthOf(words, word)) >>> 2);
  if (length === FLUSH_VALUE_BYTES && words[at] === FLUSH) {
    return { operation: 'flush', namespaces: words[at + 1], coldTail: readWide(words, at + 2) };
  }
  if (length !== VALUE_BYTES) return undefined;
  if (words[at] === SWAP) return { operation: 'swap', one: words[at + 1] & 15, other: words[at + 2] & 15 };
  if (words[at] !== RETIRE) return undefined;
  return { operation: 'retire', name: segmentFileName(words[at + 1] === 1 ? 'cold' : 'main', words[at + 2]) };
}
