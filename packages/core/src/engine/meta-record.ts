/**
 * META records of the main log: what happened to the store rather than to a key.
 *
 * | value at | bytes | field |
 * |---|---|---|
 * | 0 | 4 | operation: 1 RETIRE, a segment is about to be removed |
 * | 4 | 4 | log: 0 main, 1 cold |
 * | 8 | 4 | number of the segment |
 */

import type { Memory } from './page-memory.ts';
import { KIND_META, keyLengthOf, keyOffsetOf, unitsFor, valueLengthOf } from './record.ts';
import { type LogName, segmentFileName } from './segments.ts';
import { writeRecord } from './put.ts';
import type { Store } from './store.ts';

const RETIRE = 1;
const VALUE_BYTES = 12;

/** Logs that a segment is about to be removed. Its name stays valid until this is durable. */
export function appendRetire(store: Store, log: LogName, number: number): void {
  store.key.set('');
  const units = unitsFor(KIND_META, 0, 0, VALUE_BYTES);
  const address = writeRecord(store, 0, KIND_META, 0, units, VALUE_BYTES);
  const start = store.writtenWord * 4 + keyOffsetOf(store.writtenWords[store.writtenWord + 1]);
  store.writtenBytes.writeInt32LE(RETIRE, start);
  store.writtenBytes.writeInt32LE(log === 'cold' ? 1 : 0, start + 4);
  store.writtenBytes.writeInt32LE(number, start + 8);
  store.addDead(address, units);
}

/** Name of the segment that a META record retires; undefined for any other. */
export function decodeRetire(memory: Memory, word: number): string | undefined {
  const words = memory.words;
  if (valueLengthOf(words[word + 2]) !== VALUE_BYTES) return undefined;
  const start = word * 4 + keyOffsetOf(words[word + 1]) + keyLengthOf(words, word);
  if (memory.bytes.readInt32LE(start) !== RETIRE) return undefined;
  return segmentFileName(
    memory.bytes.readInt32LE(start + 4) === 1 ? 'cold' : 'main',
    memory.bytes.readInt32LE(start + 8),
  );
}
