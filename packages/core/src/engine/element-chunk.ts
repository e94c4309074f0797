/**
 * The record of a chunk of a list: elements packed one after the other (`element-codec.ts`), under the list's object id and
 * the chunk's order key.
 *
 * | record | kind | object id u48 in 8, highest 16 bits | order key u48 in 8, highest 16 bits | value |
 * |---|---|---|---|---|
 * | chunk | 5 | byte of the value where its elements begin | their number; top bit: in reverse order | elements |
 * | chunk that is gone | 5 | 0 | 0 | nothing |
 * | cut | 8 | 1 at the head, 2 at the tail | | key u48, from u16, until u16, elements u16 |
 *
 * A cut says: the chunks before (at the tail: after) the one with the key are gone, and of that one's value the bytes
 * [from, until) hold as many elements as are left; `CUT_WHOLE` of them: its own record says which.
 *
 * Keys of chunks of lists lie above those of large strings' chunks, which are numbered from 0 on: `KEY_FIRST` is the first
 * one's, and each further one at an end is `KEY_STEP` away, so that chunks that are split find keys in between.
 */
import {
  besideId,
  besideOrder,
  KIND_CUT,
  KIND_ELEMENT,
  keyOffsetOf,
  objectIdOf,
  orderKeyOf,
  readWide,
  unitsFor,
  valueLengthOf,
  writeBesideId,
  writeBesideOrder,
  writeHeader,
  writeObjectId,
  writeOrderKey,
  writeWide,
} from './record.ts';
import type { Store } from './store.ts';

/** Bytes of packed elements in a chunk, unless a single one takes more. */
export const CHUNK_VALUE_BYTES = 4096 - 28;
export const KEY_FIRST = 2 ** 47;
export const KEY_STEP = 2 ** 16;
/** Keys of chunks of lists are at least this, and below 2^48 less this. */
export const KEY_MIN = 2 ** 32;
export const KEY_MAX = 2 ** 48 - 2 ** 32;

export const REVERSED = 0x8000;
export const CUT_HEAD = 1;
export const CUT_TAIL = 2;
export const CUT_WHOLE = 0xffff;
export const CUT_UNITS = 4;
const CUT_VALUE_BYTES = 12;
const CUT_VALUE_WORD = 5;

/** What the log says of a chunk. No `elements`: it is gone. */
export interface ReplayedChunk {
  id: number;
  key: number;
  address: number;
  from: number;
  until: number;
  elements: number;
}

/** What it says of an end of a list. */
export interface ReplayedCut {
  id: number;
  side: number;
  key: number;
  address: number;
  from: number;
  until: number;
  elements: number;
}

/** Whether the record at `word`, of kind ELEMENT, is of a list; else it is of a large string. */
export function isListChunk(words: Int32Array, word: number): boolean {
  return orderKeyOf(words, word) >= KEY_MIN;
}

export function replayedChunk(words: Int32Array, word: number, address: number): ReplayedChunk {
  return {
    id: objectIdOf(words, word),
    key: orderKeyOf(words, word),
    address,
    from: besideId(words, word),
    until: valueLengthOf(words[word + 2]),
    elements: besideOrder(words, word) & ~REVERSED,
  };
}

export function replayedCut(words: Int32Array, word: number, address: number): ReplayedCut {
  const at = word + CUT_VALUE_WORD;
  return {
    id: objectIdOf(words, word),
    side: besideId(words, word),
    key: readWide(words, at),
    address,
    from: words[at + 1] >>> 16,
    until: words[at + 2] & 0xffff,
    elements: words[at + 2] >>> 16,
  };
}

/**
 * Appends the record of a chunk with room for `length` bytes, and as many units of slack; the caller copies them to byte
 * `writtenWord * 4 + CHUNK_HEADER_BYTES` of `store.writtenBytes`. `beside`: number of its elements, with REVERSED or not.
 */
export function writeChunk(
  store: Store,
  id: number,
  key: number,
  beside: number,
  length: number,
  slackUnits: number,
): number {
  const units = unitsFor(KIND_ELEMENT, 0, 0, length) + slackUnits;
  const { words, word, address } = allocate(store, units);
  writeHeader(words, word, KIND_ELEMENT, 0, 0, 0, length, slackUnits);
  writeObjectId(words, word, id);
  writeOrderKey(words, word, key);
  writeBesideOrder(words, word, beside);
  return address;
}
export const CHUNK_HEADER_BYTES = 28;

/** Appends a cut that says nothing yet; returns its address. */
export function appendCut(store: Store, id: number, side: number): number {
  const { words, word, address } = allocate(store, CUT_UNITS);
  writeHeader(words, word, KIND_CUT, 0, 0, 0, CUT_VALUE_BYTES, 0);
  writeObjectId(words, word, id);
  writeBesideId(words, word, side);
  return address;
}

/** Writes what the cut at `word` says. */
export function fillCut(
  words: Int32Array,
  word: number,
  key: number,
  from: number,
  until: number,
  elements: number,
): void {
  const at = word + CUT_VALUE_WORD;
  writeWide(words, at, key);
  words[at + 1] |= from << 16;
  words[at + 2] = until | (elements << 16);
}

const place: { words: Int32Array; word: number; address: number } = { words: new Int32Array(0), word: 0, address: 0 };

/** Its last two words are zero; `store.written...` say where it is. */
function allocate(store: Store, units: number): typeof place {
  const address = store.log.allocate(units);
  const { memory } = store.log;
  const unit = memory.unitOf(address);
  const chunk = memory.at(unit);
  const word = memory.wordOf(unit);
  chunk.words[word + units * 2 - 1] = 0;
  chunk.words[word + units * 2 - 2] = 0;
  store.writtenBytes = chunk.bytes;
  store.writtenView = chunk.view;
  store.writtenWords = chunk.words;
  store.writtenWord = word;
  place.words = chunk.words;
  place.word = word;
  place.address = address;
  return place;
}

/** Byte of `store.bytes` where the located chunk's value begins. */
export function chunkStart(store: Store): number {
  return store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
}
