/** `memoryOfFound`: what the found key takes of the store, in memory or on disk, for MEMORY USAGE. */

import { UNIT_BYTES } from '../engine/address.ts';
import { expiryOf, KIND_ROOT, kindOf, objectIdOf, recordUnits } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';

/** A slot of the index with its share of those that are empty. */
const SLOT_BYTES = 15;
const WHEEL_ENTRY_BYTES = 14;
/** Of each chunk of a large value: its header, and its address in memory. */
const CHUNK_OVERHEAD_BYTES = 28 + 8;

export function memoryOfFound(store: Store): number {
  const { words, word } = store;
  let bytes = recordUnits(words, word) * UNIT_BYTES + SLOT_BYTES;
  if (expiryOf(words, word) !== 0) bytes += WHEEL_ENTRY_BYTES;
  if (kindOf(words[word + 1]) !== KIND_ROOT) return bytes;
  const value = store.large.get(objectIdOf(words, word));
  return value === undefined ? bytes : bytes + value.lengthBytes + value.chunks.length * CHUNK_OVERHEAD_BYTES;
}
