/**
 * The file `ordered-keys`: the ordered key index as it was at a clean close, so that the first scan after it need not read
 * the whole store.
 *
 * It is stamped with the ends of both logs. It is right only while nothing was written since, so a store that was killed
 * builds the index anew: keeping it in every checkpoint would write some 10 bytes for every key of the store each time.
 * Written to a temporary name, synced, renamed. A file whose stamp or sums do not hold is passed over.
 *
 * | header at | bytes | field |
 * |---|---|---|
 * | 0 | 4 | magic "FORD" |
 * | 4 | 4 | format |
 * | 8 | 8 | store id |
 * | 16 | 8 | end of the main log (u48) |
 * | 24 | 8 | end of the cold log (u48) |
 * | 32 | 4 | chain of the main log there |
 * | 36 | 4 | chunks |
 * | 40 | 4 | sum of bytes 0 to 39 |
 * | 44 | 4 | zero |
 *
 * Then the chunks (`ordered-image.ts`), each behind its length u32 and its sum u32, zeros to a multiple of 4.
 */

import type { Device } from '../device/device.ts';
import { sectionSum } from './checkpoint-format.ts';
import { writeFully } from './device-io.ts';
import { OrderedLoad, OrderedSave } from './ordered-image.ts';
import type { KeyResolver, OrderedIndex } from './ordered-index.ts';
import { writeWide } from './record.ts';
import type { Store } from './store.ts';
import { formatOf, type StoreIdentity } from './store-file.ts';

export const ORDERED_FILE = 'ordered-keys';
const TEMPORARY = `${ORDERED_FILE}.tmp`;
const MAGIC = 0x44524f46;
const HEADER_BYTES = 48;
const SUMMED_BYTES = 40;
const CHUNK_HEAD_BYTES = 8;
/** Smaller indexes are built faster than their file is worth. */
const KEYS_MIN = 10_000;

/** Where both logs ended, and the main log's chain there. */
export interface LogEnds {
  main: number;
  cold: number;
  chain: number;
}

export function logEnds(store: Store): LogEnds {
  return { main: store.log.tail, cold: store.cold?.tail ?? 0, chain: store.log.flushedChain };
}

function encodeHeader(store: Store, ends: LogEnds, chunks: number): Int32Array {
  const { identity } = store;
  const words = new Int32Array(HEADER_BYTES / 4);
  words[0] = MAGIC;
  words[1] = formatOf(identity);
  words[2] = identity.idLow;
  words[3] = identity.idHigh;
  writeWide(words, 4, ends.main);
  writeWide(words, 6, ends.cold);
  words[8] = ends.chain;
  words[9] = chunks;
  words[10] = sectionSum(words, SUMMED_BYTES, identity.salt);
  return words;
}

/** Saves the index of a store that was just closed cleanly, if it is complete and worth it. */
export function saveOrderedKeys(store: Store, device: Device, index: OrderedIndex): void {
  removeOrderedKeys(device);
  if (index.count < KEYS_MIN) return;
  const file = device.openSync(TEMPORARY, 'create');
  let position = HEADER_BYTES;
  let chunks = 0;
  const save = new OrderedSave(index);
  for (let chunk = save.next(); chunk !== undefined; chunk = save.next()) {
    const padded = Math.ceil(chunk.length / 4) * 4;
    const words = new Int32Array((CHUNK_HEAD_BYTES + padded) / 4);
    const bytes = new Uint8Array(words.buffer);
    bytes.set(chunk, CHUNK_HEAD_BYTES);
    words[0] = chunk.length;
    words[1] = sectionSum(words.subarray(CHUNK_HEAD_BYTES / 4), padded, store.identity.salt);
    writeFully(file, bytes, 0, bytes.length, position);
    position += bytes.length;
    chunks++;
  }
  const header = encodeHeader(store, logEnds(store), chunks);
  writeFully(file, new Uint8Array(header.buffer), 0, HEADER_BYTES, 0);
  file.syncSync();
  file.closeSync();
  device.renameSync(TEMPORARY, ORDERED_FILE);
  store.flash.writtenBytes += position;
  store.flash.fsyncs++;
}

function removeOrderedKeys(device: Device): void {
  const names = device.listSync();
  for (const name of [TEMPORARY, ORDERED_FILE]) if (names.includes(name)) device.removeSync(name);
}

/** The index as saved when the logs ended at `ends`; null when there is none, it is of another time, or does not hold. */
export function loadOrderedKeys(
  store: Store,
  device: Device,
  resolver: KeyResolver,
  ends: LogEnds,
): OrderedIndex | null {
  if (!device.listSync().includes(ORDERED_FILE)) return null;
  const file = device.openSync(ORDERED_FILE, 'read');
  try {
    const size = file.sizeSync();
    const words = new Int32Array(Math.floor(size / 4));
    const bytes = new Uint8Array(words.buffer);
    if (file.readSync(bytes, 0, bytes.length, 0) < HEADER_BYTES) return null;
    const expected = encodeHeader(store, ends, words[9]);
    for (let i = 0; i < expected.length; i++) if (words[i] !== expected[i]) return null;
    return loadChunks(store, words, bytes, resolver);
  } finally {
    file.closeSync();
  }
}

/** Whether the file, which is there, is of this store and matches its sums; it may be of another time. */
export function orderedFileHolds(device: Device, identity: StoreIdentity): boolean {
  const file = device.openSync(ORDERED_FILE, 'read');
  try {
    const words = new Int32Array(Math.floor(file.sizeSync() / 4));
    const bytes = new Uint8Array(words.buffer);
    if (file.readSync(bytes, 0, bytes.length, 0) < HEADER_BYTES || words[0] !== MAGIC) return false;
    if (words[10] !== sectionSum(words, SUMMED_BYTES, identity.salt)) return false;
    return eachChunk(words, bytes, identity.salt, () => true);
  } finally {
    file.closeSync();
  }
}

/** Hands on each chunk that matches its sum, until one does not or is refused; true when all were taken. */
function eachChunk(words: Int32Array, bytes: Uint8Array, salt: number, take: (chunk: Uint8Array) => boolean): boolean {
  let at = HEADER_BYTES;
  for (let left = words[9]; left > 0; left--) {
    const length = words[at / 4] >>> 0;
    const padded = Math.ceil(length / 4) * 4;
    const start = at + CHUNK_HEAD_BYTES;
    if (start + padded > bytes.length) return false;
    const sum = sectionSum(words.subarray(start / 4, (start + padded) / 4), padded, salt);
    if (sum !== words[at / 4 + 1] || !take(bytes.subarray(start, start + length))) return false;
    at = start + padded;
  }
  return true;
}

function loadChunks(store: Store, words: Int32Array, bytes: Uint8Array, resolver: KeyResolver): OrderedIndex | null {
  const load = new OrderedLoad();
  const isWhole = eachChunk(words, bytes, store.identity.salt, (chunk) => load.add(chunk));
  return isWhole ? load.finish(resolver) : null;
}
