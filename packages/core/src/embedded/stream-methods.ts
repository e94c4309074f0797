/** The methods of a `Database` for streams: what commands of the same names do, without RESP in between. */

import type { Key } from '../engine/key-scratch.ts';
import {
  addEntry,
  type EntryItems,
  entriesAfter,
  entriesInRange,
  lengthOfStream,
  removeEntries,
  setLastId,
  trimStream,
} from '../keyspace/stream-operations.ts';
import { infoOfStream, type StreamInfo } from '../keyspace/stream-group-operations.ts';
import { GeoMethods } from './geo-methods.ts';
import {
  addOf,
  checkCount,
  type EntryFields,
  idOf,
  idOrLast,
  idsOf,
  intervalOf,
  itemsFrom,
  type StreamEntry,
  type StreamIds,
  streamsFrom,
  trimOf,
  type XaddOptions,
  type XreadOptions,
  type XsetidOptions,
  type XtrimOptions,
} from './stream-options.ts';
import { checkKey, checkOptions, keyText } from './values.ts';

/** Entries that an iterator reads in one go. */
const PIECE_ENTRIES = 128;

export abstract class StreamMethods<V> extends GeoMethods<V> {
  /**
   * Adds an entry with fields to the stream under a key, which is made if need be, and keeps its expiry; returns the entry's
   * ID. With `maxLength` or `minId` the oldest entries go. An entry has at most 64 KiB, or a quarter of a page. Throws
   * `FERRITE_INVALID_ARGUMENT` if `id` is not above that of every entry before, and `FERRITE_WRONG_TYPE` if the key has a
   * value of another type, as all methods for streams do.
   */
  xadd(key: Key, fields: EntryFields<V>, options?: XaddOptions & { makeStream?: true }): string;
  /** The same for a stream that may not be there: then `undefined`, and nothing is added. */
  xadd(key: Key, fields: EntryFields<V>, options: XaddOptions): string | undefined;
  xadd(key: Key, fields: EntryFields<V>, options: XaddOptions = {}): string | undefined {
    this.checkOpen();
    const added = addOf(options);
    const items = itemsFrom(fields, (value) => this.encode(value));
    const id = addEntry(this.store, this.namespace, key, { ...added, items });
    if (id !== undefined) this.store.committer.afterWrite();
    return id;
  }

  /** The number of entries of a stream, 0 when there is no such key. */
  xlen(key: Key): number {
    this.checkOpen();
    return lengthOfStream(this.store, this.namespace, key);
  }

  /**
   * Entries from ID `start` to ID `end`, both included, the oldest first, at most `count` of them. `-` and `+` stand for the
   * lowest and the highest ID; milliseconds alone are an ID, too; `(` in front of an ID leaves that one out.
   */
  xrange(key: Key, start = '-', end = '+', count?: number): StreamEntry<V>[] {
    return this.between(key, start, end, count, false);
  }

  /** The same, the newest first: `end` comes before `start`. */
  xrevrange(key: Key, end = '+', start = '-', count?: number): StreamEntry<V>[] {
    return this.between(key, start, end, count, true);
  }

  private between(
    key: Key,
    start: string,
    end: string,
    count: number | undefined,
    isDownward: boolean,
  ): StreamEntry<V>[] {
    this.checkOpen();
    if (count !== undefined) checkCount('count', count, 0);
    const interval = intervalOf(start, end);
    if (interval === null) return [];
    const countMax = count ?? Number.POSITIVE_INFINITY;
    return this.asEntries(
      entriesInRange(this.store, this.namespace, key, interval.start, interval.end, countMax, isDownward),
    );
  }

  /**
   * All entries of a stream, the oldest first, or those from ID `start` to ID `end`, read a piece at a time: for streams that
   * are too large for `xrange`. Right while the stream changes: what is added meanwhile comes, too.
   */
  xscan(key: Key, start = '-', end = '+'): IterableIterator<StreamEntry<V>> {
    this.checkOpen();
    checkKey(key);
    intervalOf(start, end);
    return this.walkStream(typeof key === 'string' ? key : Buffer.from(key), start, end);
  }

  private *walkStream(key: Key, start: string, end: string): IterableIterator<StreamEntry<V>> {
    for (let from = start; ; ) {
      const piece = this.xrange(key, from, end, PIECE_ENTRIES);
      if (piece.length === 0) return;
      yield* piece;
      from = `(${piece[piece.length - 1].id}`;
    }
  }

  /**
   * Entries of several streams that came after an ID each (`'0'`: all), by their keys: only streams that have some. `$` for
   * the ID means nothing that is there already.
   */
  xread(streams: StreamIds, options: XreadOptions = {}): Map<string, StreamEntry<V>[]> {
    this.checkOpen();
    checkOptions(options, { count: 'number' });
    const { count } = options;
    if (count !== undefined) checkCount('count', count, 1);
    const found = new Map<string, StreamEntry<V>[]>();
    for (const [key, text] of streamsFrom(streams)) {
      const after = idOrLast(text);
      if (after === null) continue;
      const entries = entriesAfter(this.store, this.namespace, key, after, count ?? Number.POSITIVE_INFINITY);
      if (entries.length > 0) found.set(keyText(key), this.asEntries(entries));
    }
    return found;
  }

  /** Removes entries; returns how many there were. A stream without entries stays, as it keeps its last ID and its groups. */
  xdel(key: Key, ...ids: string[]): number {
    this.checkOpen();
    const parsed = idsOf(ids);
    const removed = removeEntries(this.store, this.namespace, key, parsed);
    if (removed > 0) this.store.committer.afterWrite();
    return removed;
  }

  /** Removes the oldest entries, all but `maxLength` or those before `minId`; returns how many there were. */
  xtrim(key: Key, options: XtrimOptions): number {
    this.checkOpen();
    const removed = trimStream(this.store, this.namespace, key, trimOf(options));
    if (removed > 0) this.store.committer.afterWrite();
    return removed;
  }

  /** Sets the ID that counts as given last: the next entry's is above it. False when there is no such key. */
  xsetid(key: Key, lastId: string, options: XsetidOptions = {}): boolean {
    this.checkOpen();
    checkOptions(options, { entriesAdded: 'number', maxDeletedId: 'string' });
    const { entriesAdded, maxDeletedId } = options;
    if (entriesAdded !== undefined) checkCount('entriesAdded', entriesAdded, 0);
    const highest = maxDeletedId === undefined ? undefined : idOf(maxDeletedId);
    const isSet = setLastId(this.store, this.namespace, key, idOf(lastId), entriesAdded, highest);
    if (isSet) this.store.committer.afterWrite();
    return isSet;
  }

  /** What is known of a stream; `undefined` when there is no such key. */
  xinfoStream(key: Key): StreamInfo | undefined {
    this.checkOpen();
    return infoOfStream(this.store, this.namespace, key);
  }

  /** @internal */
  protected asEntries(entries: readonly EntryItems[]): StreamEntry<V>[] {
    return entries.map(({ id, items }) => {
      const fields = new Map<string, V>();
      for (let i = 0; i < items.length; i += 2) fields.set(items[i].toString('utf8'), this.decode(items[i + 1]));
      return { id, fields };
    });
  }
}
