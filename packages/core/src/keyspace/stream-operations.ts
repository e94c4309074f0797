/**
 * Whole operations on streams, by key: what an embedded method calls. They leave the acknowledgement to the caller
 * (`store.committer`), and throw before anything is changed or undo what they did. Groups have theirs in
 * `stream-group-operations.ts`.
 *
 * Fields and values come as texts (UTF-8) or bytes, and go as bytes of their own.
 */
import { FerriteError } from '../base/errors.ts';
import { StreamId } from '../base/stream-id.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type LargeValue, TYPE_STREAM } from '../engine/large-values.ts';
import type { Store } from '../engine/store.ts';
import { EntryWriter, putStream } from '../engine/stream-records.ts';
import { collectionOfFound, endChange, findOfType, orUndo } from './collections.ts';
import {
  appendEntry,
  bringFirst,
  countToTrim,
  deleteEntries,
  findNewId,
  forEachInRange,
  hasAfter,
  type IdForm,
  itemsOf,
  lastIdFault,
  makeStream,
  removeFirst,
  streamOf,
  type Trim,
} from './streams.ts';

const ENTRY_OVERHEAD_BYTES = 64;
/** Trimming is exact here, so that no portion of redis's matters. */
const EXACT = { nodeEntriesMax: 1 };

/** An entry's ID, and its fields and values in turns. */
export interface EntryItems {
  readonly id: string;
  readonly items: readonly Buffer[];
}

/** What is to be added, and how. */
interface NewEntry {
  /** Fields and values in turns. */
  readonly items: readonly (string | Uint8Array)[];
  readonly form: IdForm;
  readonly id: StreamId;
  /** Of the entries that there are then, those go. */
  readonly trim: Trim | null;
  readonly makesStream: boolean;
}

/** The stream of a key, null if there is none. Throws FERRITE_WRONG_TYPE if the key has another value. */
export function findStream(store: Store, database: number, key: Key): LargeValue | null {
  return findOfType(store, database, key, TYPE_STREAM);
}

/** Where `findForChange` found the key: 0 if there is none. */
let foundAt = 0;

/** The same for an operation that may add so many bytes to what is stored. */
export function findForChange(store: Store, database: number, key: Key, growthBytes: number): LargeValue | null {
  store.checkWritable(growthBytes);
  store.key.set(key);
  foundAt = find(store, database);
  return foundAt === 0 ? null : collectionOfFound(store, TYPE_STREAM);
}

/** Runs `write`, then tells that the key which `findForChange` found has changed; undoes all if it throws. */
export function changeFound<T>(
  store: Store,
  database: number,
  stream: LargeValue | null,
  write: (own: LargeValue) => T,
): T {
  const found = foundAt;
  return orUndo(store, () => {
    const own = stream ?? makeStream(store);
    const result = write(own);
    endChange(store, database, found, own);
    return result;
  });
}

/** Adds an entry; returns its ID, undefined if there is no such key and none is to be made. */
export function addEntry(store: Store, database: number, key: Key, entry: NewEntry): string | undefined {
  const items = entry.items.map((item) => (typeof item === 'string' ? Buffer.from(item, 'utf8') : item));
  const growthBytes = items.reduce((sum, each) => sum + each.length + 2, ENTRY_OVERHEAD_BYTES);
  const old = findForChange(store, database, key, growthBytes);
  if (old === null && !entry.makesStream) return undefined;
  const own = new StreamId();
  const index = old === null ? null : streamOf(store, old);
  if (index !== null) {
    const fault = findNewId(store, index, entry.form, entry.id, own);
    if (fault !== '') throw wrong(fault);
    if (old !== null && entry.trim !== null) bringFirst(store, old, index, countToTrim(index, entry.trim, EXACT, 1));
  }
  const length = writeItems(store, index === null ? 1 : index.entriesAdded + 1, items);
  return changeFound(store, database, old, (stream) => {
    const known = streamOf(store, stream);
    if (old === null) findNewId(store, known, entry.form, entry.id, own);
    appendEntry(store, stream, known, own, length);
    if (entry.trim !== null) removeFirst(store, stream, known, countToTrim(known, entry.trim, EXACT, 0));
    return own.toString();
  });
}

/** Writes an entry into the store's scratch; returns its length. */
function writeItems(store: Store, number: number, items: readonly Uint8Array[]): number {
  const writer = new EntryWriter();
  writer.begin(store, number);
  for (const item of items) {
    if (!writer.append(item, 0, item.length))
      throw wrong(`an entry of a stream has at most ${store.inlineMaxBytes} bytes`);
  }
  return writer.length;
}

/** The number of entries, 0 if there is no such key. */
export function lengthOfStream(store: Store, database: number, key: Key): number {
  const stream = findStream(store, database, key);
  return stream === null ? 0 : streamOf(store, stream).entries.count;
}

/** The entries of `[start, end]`, at most so many, from the first on or from the last one down. */
export function entriesInRange(
  store: Store,
  database: number,
  key: Key,
  start: StreamId,
  end: StreamId,
  countMax: number,
  isDownward: boolean,
): EntryItems[] {
  const stream = findStream(store, database, key);
  return stream === null || countMax === 0 ? [] : entriesOf(store, stream, start, end, countMax, isDownward);
}

function entriesOf(
  store: Store,
  stream: LargeValue,
  start: StreamId,
  end: StreamId,
  countMax: number,
  isDownward: boolean,
): EntryItems[] {
  const entries: EntryItems[] = [];
  forEachInRange(store, stream, start.copy(), end.copy(), countMax, isDownward, (id) =>
    entries.push({ id: id.toString(), items: itemsOf(store, stream, id) }),
  );
  return entries;
}

/** The entries above an ID, at most so many. */
export function entriesAfter(
  store: Store,
  database: number,
  key: Key,
  after: StreamId,
  countMax: number,
): EntryItems[] {
  const stream = findStream(store, database, key);
  if (stream === null || !hasAfter(streamOf(store, stream), after)) return [];
  const start = after.copy();
  start.increment();
  const end = new StreamId();
  end.setMax();
  return entriesOf(store, stream, start, end, countMax, false);
}

/** The ID of the entry that was added last, 0-0 if there is no such key. */
export function lastIdOf(store: Store, database: number, key: Key): StreamId {
  const stream = findStream(store, database, key);
  return stream === null ? new StreamId() : streamOf(store, stream).lastId.copy();
}

/** Removes entries; returns how many there were. */
export function removeEntries(store: Store, database: number, key: Key, ids: readonly StreamId[]): number {
  const stream = findForChange(store, database, key, 0);
  const index = stream === null ? null : streamOf(store, stream);
  if (stream === null || !ids.some((id) => index?.entries.has(id))) return 0;
  return changeFound(store, database, stream, () => deleteEntries(store, stream, ids));
}

/** Removes entries from the front; returns how many there were. */
export function trimStream(store: Store, database: number, key: Key, trim: Trim): number {
  const stream = findForChange(store, database, key, 0);
  if (stream === null) return 0;
  const index = streamOf(store, stream);
  const count = countToTrim(index, trim, EXACT, 0);
  if (count === 0) return 0;
  bringFirst(store, stream, index, count);
  return changeFound(store, database, stream, () => {
    removeFirst(store, stream, index, count);
    return count;
  });
}

/** Changes what a stream says of itself. False if there is no such key. */
export function setLastId(
  store: Store,
  database: number,
  key: Key,
  lastId: StreamId,
  entriesAdded: number | undefined,
  maxDeletedId: StreamId | undefined,
): boolean {
  const stream = findForChange(store, database, key, 0);
  if (stream === null) return false;
  const index = streamOf(store, stream);
  const fault = lastIdFault(index, lastId, entriesAdded);
  if (fault !== '') throw wrong(fault);
  return changeFound(store, database, stream, () => {
    index.lastId.set(lastId);
    if (entriesAdded !== undefined) index.entriesAdded = entriesAdded;
    if (maxDeletedId !== undefined) index.maxDeletedId.set(maxDeletedId);
    putStream(store, stream, index);
    return true;
  });
}

function wrong(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', message);
}
