/**
 * `putRange`: writes bytes at any place of the found string, which becomes longer if need be; what lies between its old
 * end and the bytes is zeros. For APPEND, SETRANGE, SETBIT and their kin.
 *
 * A value in its record is written again as a whole, or, where nothing is to grow and the record is unsealed, in place.
 * Of a large value only the chunks that change are written, and its root; whole chunks of zeros are not written at all. So
 * a bit set in a bitmap of 512 MiB costs 16 KiB of log at most, also when the bitmap is made by it.
 *
 * What always holds: where a refused write is not undone (no journal), nothing is begun that may meet the device before
 * its end. A range for which the ring has no room goes the way of a new value: under a fresh object id.
 */

import { copyPlain } from '../base/copy-bytes.ts';
import { appendChunk, chunkLength, LARGE_CHUNK_BYTES, type LargeValue, ROOT_VALUE_BYTES } from './large-values.ts';
import { isMutable, locate } from './locate.ts';
import { appendRecord, finishRoot, putAsLarge, putBytes } from './put.ts';
import {
  expiryOf,
  FLAG_PATCHED,
  FLAG_VALUE_ASCII,
  KIND_ELEMENT,
  KIND_ROOT,
  keyOffsetOf,
  OBSERVED,
  unitsFor,
} from './record.ts';
import type { Store } from './store.ts';
import { isLargeString, lengthOfString, valueStartOf, viewOfString } from './string-value.ts';

/** What is written where. */
interface Range {
  database: number;
  offset: number;
  source: Uint8Array;
  start: number;
  count: number;
  /** Length of the value with it. */
  newLength: number;
}

/** One is enough: filled anew by each call. */
const range: Range = { database: 0, offset: 0, source: new Uint8Array(0), start: 0, count: 0, newLength: 0 };

/**
 * Writes `[start, end)` of `source` at `offset`. `found`: what `find` returned for the key in the scratch, located; 0 makes
 * the key. The expiry stays. Returns the new length.
 */
export function putRange(
  store: Store,
  database: number,
  found: number,
  offset: number,
  source: Uint8Array,
  start: number,
  end: number,
): number {
  const count = end - start;
  const length = found === 0 ? 0 : lengthOfString(store);
  if (found !== 0 && count === 0) return length;
  range.database = database;
  range.offset = offset;
  range.source = source;
  range.start = start;
  range.count = count;
  range.newLength = Math.max(length, offset + count);
  const isLarge = found !== 0 && isLargeString(store);
  if (!isLarge && range.newLength <= store.inlineMaxBytes) putInline(store, found, length);
  else if (makeRoom(store)) putChunks(store, found, isLarge, length);
  else putWhole(store, found, length);
  return range.newLength;
}

function putInline(store: Store, found: number, length: number): void {
  const { offset, newLength } = range;
  const at = length === 0 ? 0 : valueStartOf(store);
  if (found !== 0 && newLength === length && isMutable(store, found) && !isObserved(store)) {
    markPatched(store.words, store.word);
    copyRange(store.bytes, at + offset);
    notePatch(store);
    return;
  }
  const scratch = store.valueScratch;
  if (length > 0) store.bytes.copy(scratch, 0, at, at + length);
  if (offset > length) scratch.fill(0, length, offset);
  copyRange(scratch, offset);
  const expiresAtMs = found === 0 ? 0 : expiryOf(store.words, store.word);
  putBytes(store, range.database, found, scratch, 0, newLength, expiresAtMs);
  markPatched(store.writtenWords, store.writtenWord);
}

/** Whether somebody read the version of the located record: then it must not be changed in place. */
function isObserved(store: Store): boolean {
  return (store.words[store.word] & OBSERVED) !== 0;
}

/** The record's value may no longer be ASCII. */
function markPatched(words: Int32Array, word: number): void {
  words[word + 1] = (words[word + 1] & ~(FLAG_VALUE_ASCII << 24)) | (FLAG_PATCHED << 24);
}

function notePatch(store: Store): void {
  store.counters.askedBytes += store.key.length + range.count;
  store.counters.inPlace++;
  store.changed(range.database, false);
}

/** Copies the bytes of the range to `at`. */
function copyRange(target: Uint8Array, at: number): void {
  const { source, start, count } = range;
  copyPlain(source, start, start + count, target, at);
}

/** Whether the chunks can be written without meeting the device, or all of it is undone if the device refuses. */
function makeRoom(store: Store): boolean {
  if (store.journal.enabled || !store.hasDisk) return true;
  // The range's own chunks, one at either end of it, those of a value that was not large, and as much for what pages waste.
  const bytes = 2 * (range.count + 2 * LARGE_CHUNK_BYTES + store.inlineMaxBytes + store.key.length);
  const units = unitsFor(KIND_ELEMENT, 0, 0, bytes);
  if (units <= store.log.roomUnits) return true;
  store.committer.flushNow();
  return units <= store.log.roomUnits;
}

function putWhole(store: Store, found: number, length: number): void {
  const whole = Buffer.alloc(range.newLength);
  const expiresAtMs = found === 0 ? 0 : expiryOf(store.words, store.word);
  if (length > 0) viewOfString(store, 0, length).copy(whole);
  copyRange(whole, range.offset);
  if (found !== 0) store.relocate(range.database, found);
  putBytes(store, range.database, found, whole, 0, whole.length, expiresAtMs);
}

function putChunks(store: Store, found: number, isLarge: boolean, length: number): void {
  const expiresAtMs = found === 0 ? 0 : expiryOf(store.words, store.word);
  if (!isLarge) found = makeLarge(store, found, length, expiresAtMs);
  const value = store.large.ofRoot(store);
  if (tryPatchChunk(store, found, value)) return;
  const chunks = chunksToWrite(value);
  // All reads come before the first write.
  const composed = chunks.map((chunk) => compose(store, value, chunk));
  const addresses = chunks.map((chunk, i) => {
    const bytes = composed[i];
    if (bytes !== null) return appendChunk(store, value.id, chunk, bytes, 0, bytes.length);
    const start = range.start + chunk * LARGE_CHUNK_BYTES - range.offset;
    return appendChunk(store, value.id, chunk, range.source, start, newChunkLength(chunk));
  });
  store.relocate(range.database, found);
  const root = appendRecord(store, range.database, found, KIND_ROOT, 0, ROOT_VALUE_BYTES, expiresAtMs, value.id);
  const oldCount = value.chunks.length;
  // Those that there were first: their size is that of the old length.
  let i = 0;
  for (; i < chunks.length && chunks[i] < oldCount; i++) store.large.moveChunk(store, value, chunks[i], addresses[i]);
  if (range.newLength > value.lengthBytes) store.large.lengthen(store, value, range.newLength);
  for (; i < chunks.length; i++) store.large.moveChunk(store, value, chunks[i], addresses[i]);
  finishRoot(store, range.database, value, root);
  store.counters.askedBytes += store.key.length + range.count;
}

/** Makes the found value, or none, a large one. Returns the address of its root, which is located. */
function makeLarge(store: Store, found: number, length: number, expiresAtMs: number): number {
  const scratch = store.valueScratch;
  if (length > 0) store.bytes.copy(scratch, 0, valueStartOf(store), valueStartOf(store) + length);
  const root = putAsLarge(store, range.database, found, scratch, length, expiresAtMs);
  store.relocate(range.database, root);
  return root;
}

/** Changes the chunk in place if it is the only one and nothing of the value is sealed yet. The root is located. */
function tryPatchChunk(store: Store, found: number, value: LargeValue): boolean {
  const { offset, count, newLength } = range;
  const chunk = Math.floor(offset / LARGE_CHUNK_BYTES);
  const isOne = Math.floor((offset + count - 1) / LARGE_CHUNK_BYTES) === chunk;
  if (!isOne || newLength !== value.lengthBytes || !isMutable(store, found) || isObserved(store)) return false;
  const address = value.chunks[chunk];
  if (address === 0 || !isMutable(store, address)) return false;
  markPatched(store.words, store.word);
  locate(store, address);
  copyRange(
    store.bytes,
    store.word * 4 + keyOffsetOf(store.words[store.word + 1]) + offset - chunk * LARGE_CHUNK_BYTES,
  );
  notePatch(store);
  return true;
}

/** The chunks that the range lies in, and before them the last one, if it becomes longer. */
function chunksToWrite(value: LargeValue): number[] {
  const { offset, count, newLength } = range;
  const first = Math.floor(offset / LARGE_CHUNK_BYTES);
  const last = Math.floor((offset + count - 1) / LARGE_CHUNK_BYTES);
  const oldLast = value.chunks.length - 1;
  const chunks: number[] = [];
  const grows = newLength > value.lengthBytes && value.lengthBytes % LARGE_CHUNK_BYTES !== 0;
  if (grows && oldLast < first && value.chunks[oldLast] !== 0) chunks.push(oldLast);
  for (let chunk = first; chunk <= last; chunk++) chunks.push(chunk);
  return chunks;
}

function newChunkLength(chunk: number): number {
  return Math.min(LARGE_CHUNK_BYTES, range.newLength - chunk * LARGE_CHUNK_BYTES);
}

/** The chunk with what the range writes into it; null where the range covers it. */
function compose(store: Store, value: LargeValue, chunk: number): Buffer | null {
  const { offset, source, start, count } = range;
  const at = chunk * LARGE_CHUNK_BYTES;
  const length = newChunkLength(chunk);
  if (offset <= at && offset + count >= at + length) return null;
  const bytes = Buffer.alloc(length);
  const oldLength = chunkLength(value, chunk);
  if (oldLength > 0) store.large.readRange(store, value, at, at + oldLength).copy(bytes);
  const from = Math.max(offset, at);
  const until = Math.min(offset + count, at + length);
  if (from < until) bytes.set(source.subarray(start + from - offset, start + until - offset), from - at);
  return bytes;
}
