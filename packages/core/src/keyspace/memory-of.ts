/** `memoryOfFound`: what the found key takes of the store, in memory or on disk, for MEMORY USAGE. */

import { UNIT_BYTES } from '../engine/address.ts';
import { MEMBER_UNITS } from '../engine/dropped-tables.ts';
import { CHUNK_HEADER_BYTES } from '../engine/element-chunk.ts';
import type { ElementChunks } from '../engine/element-chunks.ts';
import type { HashTable } from '../engine/hash-table.ts';
import { OBJECT_BYTES } from '../engine/large-values.ts';
import { locate } from '../engine/locate.ts';
import { expiryOf, KIND_ROOT, kindOf, objectIdOf, recordUnits } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';

/** A slot of the index with its share of those that are empty. */
const SLOT_BYTES = 15;
const WHEEL_ENTRY_BYTES = 14;
/** Of each chunk of a large value: its header, and its address in memory. */
const CHUNK_OVERHEAD_BYTES = 28 + 8;
/** Members whose records are looked at: all are taken to be as long as these are. */
const SAMPLES = 5;
const SAMPLE_STRIDE = 0x9e3779b1;

export function memoryOfFound(store: Store): number {
  const { words, word } = store;
  let bytes = recordUnits(words, word) * UNIT_BYTES + SLOT_BYTES;
  if (expiryOf(words, word) !== 0) bytes += WHEEL_ENTRY_BYTES;
  if (kindOf(words[word + 1]) !== KIND_ROOT) return bytes;
  const value = store.large.get(objectIdOf(words, word));
  if (value !== undefined && value.members !== null) {
    return bytes + memoryOfMembers(store, value.members) + (value.order?.bytesHeld ?? 0);
  }
  if (value !== undefined && value.elements !== null) return bytes + memoryOfElements(value.elements);
  return value === undefined ? bytes : bytes + value.lengthBytes + value.chunks.length * CHUNK_OVERHEAD_BYTES;
}

/** Nothing is read for it: of each chunk it is known how much of it holds elements. */
function memoryOfElements(elements: ElementChunks): number {
  let bytes = OBJECT_BYTES + elements.bytesHeld;
  for (let i = 0; i < elements.blockCount; ) {
    i = elements.forSome(i, (_address, until) => {
      bytes += CHUNK_HEADER_BYTES + until;
    });
  }
  return bytes;
}

/** As redis has it, from a few of them. */
function memoryOfMembers(store: Store, members: HashTable): number {
  members.needAll();
  let sampled = 0;
  const samples = Math.min(SAMPLES, members.count);
  for (let i = 0; i < samples; i++) {
    const address = members.sample(i * SAMPLE_STRIDE);
    if (!store.log.isInMemory(address)) {
      // It is not read for this.
      sampled += MEMBER_UNITS * UNIT_BYTES;
      continue;
    }
    locate(store, address);
    sampled += recordUnits(store.words, store.word) * UNIT_BYTES;
  }
  const mean = samples === 0 ? 0 : sampled / samples;
  return OBJECT_BYTES + members.bytesHeld + Math.round(mean * members.count);
}
