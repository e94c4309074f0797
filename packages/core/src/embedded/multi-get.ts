/** `getMany` of texts: blocks of keys, looked up together (`key-block.ts`). */

import type { Key } from '../engine/key-scratch.ts';
import type { Store } from '../engine/store.ts';
import { BLOCK_KEYS, blockOf, type KeyBlock } from '../keyspace/key-block.ts';

/** Reads texts into `results`. What is not a plain, live record in memory is left to `slow`, which returns the value. */
export function readTexts<V>(store: Store, keys: readonly Key[], results: V[], slow: (key: Key) => V): void {
  const block = blockOf(store);
  for (let from = 0; from < keys.length; from += BLOCK_KEYS) {
    const count = Math.min(BLOCK_KEYS, keys.length - from);
    block.load(store.namespaces.of(0), keys, from, count);
    block.findValues(count);
    readBlock(store, block, count, results as unknown[], from);
    for (let i = 0; i < count; i++) if (block.units[i] < 0) results[from + i] = slow(keys[from + i]);
  }
}

function readBlock(store: Store, block: KeyBlock, count: number, results: unknown[], from: number): void {
  const { units, starts, ends, isAscii } = block;
  const { memory } = store.log;
  for (let i = 0; i < count; i++) {
    if (units[i] < 0) continue;
    const { bytes } = memory.at(units[i]);
    results[from + i] = isAscii[i] !== 0 ? bytes.latin1Slice(starts[i], ends[i]) : bytes.utf8Slice(starts[i], ends[i]);
  }
}
