/** `getMany` of texts: blocks of keys, looked up together (`key-block.ts`). */

import { type Key, sameKey } from '../engine/key-scratch.ts';
import { FLAG_EXPIRY, FLAG_VALUE_ASCII, KIND_STRING, keyOffsetOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import { BLOCK_KEYS, blockOf, KEY_BYTES, KEY_WORDS, type KeyBlock } from '../keyspace/key-block.ts';

/** Reads texts into `results`. What is not a plain, live record in memory is left to `slow`, which returns the value. */
export function readTexts<V>(store: Store, keys: readonly Key[], results: V[], slow: (key: Key) => V): void {
  const block = blockOf(store);
  for (let from = 0; from < keys.length; from += BLOCK_KEYS) {
    const count = Math.min(BLOCK_KEYS, keys.length - from);
    block.load(store.namespaces.of(0), keys, from, count);
    for (let i = 0; i < count; i++) {
      const text = textOf(store, block, i);
      results[from + i] = text === undefined ? slow(keys[from + i]) : (text as V);
    }
  }
}

function textOf(store: Store, block: KeyBlock, i: number): string | undefined {
  const unit = block.units[i];
  if (unit < 0) return undefined;
  const { memory } = store.log;
  const chunk = memory.at(unit);
  const words = chunk.words;
  const word = memory.wordOf(unit);
  const word1 = words[word + 1];
  const flags = word1 >>> 24;
  const length = block.lengths[i];
  if (((word1 >>> 16) & 15) !== KIND_STRING || (word1 & 0xffff) !== length || length > KEY_BYTES) return undefined;
  if ((flags & FLAG_EXPIRY) !== 0) return undefined;
  const offset = keyOffsetOf(word1);
  if (!sameKey(words, word + (offset >>> 2), block.words, i * KEY_WORDS, length)) return undefined;
  const start = word * 4 + offset + length;
  const end = start + (words[word + 2] & 0xffffff);
  return (flags & FLAG_VALUE_ASCII) !== 0 ? chunk.bytes.latin1Slice(start, end) : chunk.bytes.utf8Slice(start, end);
}
