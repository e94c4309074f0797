/**
 * What iterators give for a located record: its key and value, or its key alone. Made once per handle.
 *
 * An iterator reads ahead, and must not run the program's code while it does. So what only the program can decode stays
 * bytes until the entry is given out.
 */

import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { Store } from '../engine/store.ts';
import { readBytes, readKeyText, readText, readTexts, valueLengthOfFound } from '../keyspace/strings.ts';
import type { Codec } from './codec.ts';

export interface EntryReader<E> {
  /** Bytes that reading the located record ahead would take. */
  sizeBytes(): number;
  /** The entry whose record is located. Must not change the store, nor call the program. */
  read(): E;
  /** Reads the entry of a key again after the store has changed; undefined when it is gone. */
  readAgain(key: Key): E | undefined;
  /** The entry's key as text. */
  textOf(entry: E): string;
  /** Completes an entry that is given out, where that may call the program; null where there is nothing to do. */
  readonly finish: ((entry: E) => void) | null;
}

/** Keys with values; `codec` null where those are plain text. */
export function entryReaderOf<V>(store: Store, database: number, codec: Codec<V> | null): EntryReader<[string, V]> {
  const read =
    codec === null
      ? () => (readTexts(store) ?? [readKeyText(store), readText(store)]) as [string, V]
      : () => [readKeyText(store), readBytes(store)] as [string, V];
  return {
    sizeBytes: () => valueLengthOfFound(store),
    read,
    readAgain: (key) => {
      store.key.set(key);
      return find(store, database) === 0 ? undefined : read();
    },
    textOf: (entry) => entry[0],
    finish:
      codec === null
        ? null
        : (entry) => {
            entry[1] = codec.decode(entry[1] as Buffer);
          },
  };
}

export function keyReaderOf(store: Store, database: number): EntryReader<string> {
  return {
    sizeBytes: () => 0,
    read: () => readKeyText(store),
    readAgain: (key) => {
      store.key.set(key);
      return find(store, database) === 0 ? undefined : readKeyText(store);
    },
    textOf: (text) => text,
    finish: null,
  };
}
