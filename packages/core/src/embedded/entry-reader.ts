/**
 * What iterators give for a located record: its key and value, or its key alone. Made once per handle.
 *
 * An iterator reads ahead, and must not run the program's code while it does. So what only the program can decode stays
 * bytes until the entry is given out.
 */

import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { Store } from '../engine/store.ts';
import { isCollection } from '../keyspace/collections.ts';
import { readBytes, readKeyText, readText, valueLengthOfFound } from '../keyspace/strings.ts';
import type { Codec } from './codec.ts';
import { TextGroup } from './text-group.ts';

export interface EntryReader<E> {
  /** Whether the located record has something to give: a collection has no value for those who read values. */
  isReadable(): boolean;
  /** Bytes that reading the located record ahead would take. */
  sizeBytes(): number;
  /** The entry whose record is located. Must not change the store, nor call the program. */
  read(): E;
  /** The same for a record that stays where it is until `endChunk`: puts the entry at `entries[at]`, by then. */
  readInto(entries: (E | undefined)[], at: number): void;
  endChunk(): void;
  /** Reads the entry of a key again after the store has changed; undefined when it is gone. */
  readAgain(key: Key): E | undefined;
  /** The entry's key as text. */
  textOf(entry: E): string;
  /** Completes an entry that is given out: this may call the program. */
  finish(entry: E): void;
}

/** Keys and values that are texts. */
export class TextReader implements EntryReader<[string, string]> {
  private readonly store: Store;
  private readonly database: number;
  private readonly group = new TextGroup();

  constructor(store: Store, database: number) {
    this.store = store;
    this.database = database;
  }

  isReadable(): boolean {
    return !isCollection(this.store);
  }

  sizeBytes(): number {
    return valueLengthOfFound(this.store);
  }

  read(): [string, string] {
    return [readKeyText(this.store), readText(this.store)];
  }

  readInto(entries: ([string, string] | undefined)[], at: number): void {
    if (!this.group.tryAdd(this.store, entries, at)) entries[at] = this.read();
  }

  endChunk(): void {
    this.group.flush();
  }

  readAgain(key: Key): [string, string] | undefined {
    this.store.key.set(key);
    const isThere = find(this.store, this.store.namespaces.of(this.database)) !== 0;
    return isThere && this.isReadable() ? this.read() : undefined;
  }

  textOf(entry: [string, string]): string {
    return entry[0];
  }

  finish(): void {}
}

/** Keys and values of a codec: bytes until they are given out. */
export class CodecReader<V> implements EntryReader<[string, V]> {
  private readonly store: Store;
  private readonly database: number;
  private readonly codec: Codec<V>;

  constructor(store: Store, database: number, codec: Codec<V>) {
    this.store = store;
    this.database = database;
    this.codec = codec;
  }

  isReadable(): boolean {
    return !isCollection(this.store);
  }

  sizeBytes(): number {
    return valueLengthOfFound(this.store);
  }

  read(): [string, V] {
    return [readKeyText(this.store), readBytes(this.store) as V];
  }

  readInto(entries: ([string, V] | undefined)[], at: number): void {
    entries[at] = this.read();
  }

  endChunk(): void {}

  readAgain(key: Key): [string, V] | undefined {
    this.store.key.set(key);
    const isThere = find(this.store, this.store.namespaces.of(this.database)) !== 0;
    return isThere && this.isReadable() ? this.read() : undefined;
  }

  textOf(entry: [string, V]): string {
    return entry[0];
  }

  finish(entry: [string, V]): void {
    entry[1] = this.codec.decode(entry[1] as Buffer);
  }
}

/** Keys alone. */
export class KeyReader implements EntryReader<string> {
  private readonly store: Store;
  private readonly database: number;

  constructor(store: Store, database: number) {
    this.store = store;
    this.database = database;
  }

  isReadable(): boolean {
    return true;
  }

  sizeBytes(): number {
    return 0;
  }

  read(): string {
    return readKeyText(this.store);
  }

  readInto(entries: (string | undefined)[], at: number): void {
    entries[at] = this.read();
  }

  endChunk(): void {}

  readAgain(key: Key): string | undefined {
    this.store.key.set(key);
    return find(this.store, this.store.namespaces.of(this.database)) === 0 ? undefined : this.read();
  }

  textOf(text: string): string {
    return text;
  }

  finish(): void {}
}
