/**
 * The elements of a list: pushed, cut off at the ends, and replaced within, in chunk records that a directory finds.
 *
 * A push goes into the chunk at its end while that is unsealed, where it has room or is the log's last record, in place;
 * else it begins a chunk; many small ones at an end become one (`mergeEnd`). Else a chunk that is sealed is never written
 * again for a push or a pop: what goes from the ends of sealed chunks is said by a record of kind CUT, which is itself
 * changed in place while that is possible. Whatever else changes in a chunk writes that chunk anew, under its key, which
 * replaces it. Layout of the records: `element-chunk.ts`.
 *
 * What always holds:
 * 1. The records of a list say the same whichever of them are read twice, in the order of the log: a chunk's record
 *    replaces what was under its key, a cut says all that its side needs. Recovery relies on it, for it reads records that
 *    the checkpoint may know already.
 * 2. So a cut is changed in place only while it is the list's newest record: no chunk was written after it.
 * 3. Of an unsealed chunk its own record says what is in it, never a cut.
 * 4. Undo: an entry that is replaced, cut or taken out, and whose record is sealed, is noted. What was made since the last
 *    seal goes with its entry, whatever was changed in it.
 * 5. Records are located before the first one is written: the ring may move on then.
 */
import { UNIT_BYTES } from './address.ts';
import {
  appendCut,
  CHUNK_HEADER_BYTES,
  CHUNK_VALUE_BYTES,
  CUT_HEAD,
  CUT_TAIL,
  CUT_UNITS,
  CUT_WHOLE,
  chunkStart,
  fillCut,
  KEY_FIRST,
  KEY_MAX,
  KEY_MIN,
  KEY_STEP,
  REVERSED,
  writeChunk,
} from './element-chunk.ts';
import type { ElementChunks } from './element-chunks.ts';
import { ElementReader, packedLength, packElement } from './element-codec.ts';
import { ElementDraft, type Piece } from './element-draft.ts';
import type { LargeValue } from './large-values.ts';
import { isMutable, locate } from './locate.ts';
import {
  besideId,
  besideOrder,
  FLAG_FROM,
  KIND_ELEMENT,
  recordUnits,
  SLACK_UNITS_MAX,
  unitsFor,
  valueLengthOf,
  writeBesideId,
  writeBesideOrder,
} from './record.ts';
import { GATE_OPEN } from './read-gate.ts';
import type { Store } from './store.ts';

/** Elements of so many bytes on average, packed, are worth being copied for: a chunk that has no room doubles. */
const DENSE_MAX_BYTES = 18;
/** What slack can say. */
const GROWTH_MAX_BYTES = (SLACK_UNITS_MAX - 1) * UNIT_BYTES;
/** So many chunks of fewer elements than that become one. */
const MERGED_CHUNKS = 40;
/** Elements that take more on average, packed, are not worth being copied for it. */
const MERGED_ELEMENT_MAX_BYTES = 32;
const UNIT_SHIFT = 3;
/** Word of a chunk's record whose upper half is the number of its elements, negative if they are in reverse order. */
const ORDER_WORD = 6;
const ONE_ELEMENT = 1 << 16;
const SLACK_SHIFT = 24;
/** For what pages waste at their ends. */
const ROOM_SPARE_BYTES = 4096;

const reader = new ElementReader();
const spare = Buffer.allocUnsafeSlow(CHUNK_VALUE_BYTES);
const copies = new ElementDraft();

/** The directory of a list's chunks. */
export function chunksOf(object: LargeValue): ElementChunks {
  return object.elements as ElementChunks;
}

/** The number of elements. */
export function countElements(object: LargeValue): number {
  return chunksOf(object).isOver ? 0 : chunksOf(object).count;
}

/** Adds `[start, end)` of `source` at an end. `source` must not be the log's memory. */
export function pushElement(
  store: Store,
  object: LargeValue,
  atHead: boolean,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  const chunks = chunksOf(object);
  store.counters.askedBytes += end - start;
  let key = KEY_FIRST;
  if (chunks.chunkCount > 0) {
    seekEnd(chunks, atHead);
    const isOpen = isMutable(store, chunks.address) || mergeEnd(store, object, atHead);
    if (isOpen && tryAppend(store, object, atHead, source, start, end)) return;
    key = chunks.key + (atHead ? -KEY_STEP : KEY_STEP);
  }
  const length = packedLength(end - start);
  const address = writeChunk(store, object.id, key, atHead ? 1 | REVERSED : 1, length, 0);
  packElement(store.writtenBytes, store.writtenWord * 4 + CHUNK_HEADER_BYTES, source, start, end);
  noteAbsent(store, chunks, key);
  chunks.put(key, address, 0, length, 1);
  chunks.newest = address;
}

function seekEnd(chunks: ElementChunks, atHead: boolean): void {
  if (atHead) chunks.seekFirst();
  else chunks.seekLast();
}

/** Adds an element to the unsealed chunk at hand, if it grows towards that end and has room, or gets some. */
function tryAppend(
  store: Store,
  object: LargeValue,
  atHead: boolean,
  source: Uint8Array,
  start: number,
  end: number,
): boolean {
  const chunks = chunksOf(object);
  const { address } = chunks;
  locate(store, address);
  const { words, word } = store;
  const order = words[word + ORDER_WORD];
  if (order < 0 !== atHead) return false;
  const packed = packedLength(end - start);
  const word2 = words[word + 2];
  const used = valueLengthOf(word2);
  if (used + packed > CHUNK_VALUE_BYTES) return false;
  const needed = unitsOfChunk(used + packed);
  let units = unitsOfChunk(used) + (word2 >>> SLACK_SHIFT);
  if (needed > units) {
    if (store.log.tryExtend(address + units, needed - units)) {
      words[word + needed * 2 - 1] = 0;
      words[word + needed * 2 - 2] = 0;
      units = needed;
    } else if (!tryGrow(store, object, packed)) return false;
    else return tryAppend(store, object, atHead, source, start, end);
  }
  packElement(store.bytes, word * 4 + CHUNK_HEADER_BYTES + used, source, start, end);
  words[word + 2] = (used + packed) | ((units - needed) << SLACK_SHIFT);
  words[word + ORDER_WORD] = order + ONE_ELEMENT;
  chunks.addOne(used + packed);
  store.counters.inPlace++;
  return true;
}

/** Units of a chunk's record without slack: `unitsFor` of its kind. */
function unitsOfChunk(length: number): number {
  return (CHUNK_HEADER_BYTES + length + UNIT_BYTES - 1) >>> UNIT_SHIFT;
}

/**
 * Chunks at an end that were sealed with little in them become one, to which more can be added: so many of them, or as many
 * as fill one, so that an element is copied once for it. The cursor stands at the end; false: nothing was done.
 *
 * The cut goes first: the new record is the log's last one then, and grows where it lies.
 */
function mergeEnd(store: Store, object: LargeValue, atHead: boolean): boolean {
  const chunks = chunksOf(object);
  const key = store.pages === null ? findMerged(store, chunks, atHead) : 0;
  if (key !== 0) {
    makeRoom(store, 2 * CHUNK_VALUE_BYTES);
    if (gatherFrom(store, chunks, key, atHead)) {
      writeCut(store, object, key, 0, atHead);
      dropOuter(store, chunks, key, atHead, true);
      replaceWithGathered(store, object, atHead);
      return true;
    }
  }
  seekEnd(chunks, atHead);
  return false;
}

/** The key of the innermost chunk that is to be merged with all that are beyond it; 0 if there is nothing to gain. */
function findMerged(store: Store, chunks: ElementChunks, atHead: boolean): number {
  let key = 0;
  let count = 0;
  let bytes = 0;
  let elements = 0;
  do {
    const length = chunks.until - chunks.from;
    const isSmall = length <= CHUNK_VALUE_BYTES / 2 && chunks.elements < MERGED_CHUNKS;
    if (!isSmall || isMutable(store, chunks.address) || !store.log.isInMemory(chunks.address)) return 0;
    if (bytes + length > CHUNK_VALUE_BYTES) break;
    key = chunks.key;
    bytes += length;
    elements += chunks.elements;
    count++;
  } while (count < MERGED_CHUNKS && (atHead ? chunks.next() : chunks.previous()));
  const isEnough = count === MERGED_CHUNKS || bytes > CHUNK_VALUE_BYTES / 2;
  return isEnough && bytes <= MERGED_ELEMENT_MAX_BYTES * elements ? key : 0;
}

/** What `gatherFrom` put into `spare`. */
const gathered = { length: 0, elements: 0 };

/** Copies the elements from the chunk with the key on, outwards; false if a chunk is not in memory. */
function gatherFrom(store: Store, chunks: ElementChunks, key: number, atHead: boolean): boolean {
  chunks.seekKey(key);
  gathered.length = 0;
  gathered.elements = 0;
  do {
    if (!store.log.isInMemory(chunks.address)) return false;
    locate(store, chunks.address);
    const { bytes } = store;
    const start = chunkStart(store);
    const from = start + chunks.from;
    const until = start + chunks.until;
    if (besideOrder(store.words, store.word) >= REVERSED === atHead) {
      bytes.copy(spare, gathered.length, from, until);
      gathered.length += until - from;
    } else {
      for (let at = until; at > from; at = reader.from) {
        reader.backward(bytes, at);
        bytes.copy(spare, gathered.length, reader.from, reader.until);
        gathered.length += reader.until - reader.from;
      }
    }
    gathered.elements += chunks.elements;
  } while (atHead ? chunks.previous() : chunks.next());
  return true;
}

/** The chunk at an end, which is sealed, is written anew with what was gathered. */
function replaceWithGathered(store: Store, object: LargeValue, atHead: boolean): void {
  const chunks = chunksOf(object);
  seekEnd(chunks, atHead);
  const { length, elements } = gathered;
  const units = unitsOf(store, chunks);
  noteEntry(store, chunks, units);
  store.addDead(chunks.address, units);
  const beside = atHead ? elements | REVERSED : elements;
  const address = writeChunk(store, object.id, chunks.key, beside, length, 0);
  spare.copy(store.writtenBytes, store.writtenWord * 4 + CHUNK_HEADER_BYTES, 0, length);
  chunks.setAddress(address);
  chunks.setRange(0, length, elements);
  chunks.newest = address;
}

/** Copies the located, unsealed chunk to where it has room for `packed` bytes more and some to spare, if that is worth it. */
function tryGrow(store: Store, object: LargeValue, packed: number): boolean {
  const chunks = chunksOf(object);
  const length = chunks.until - chunks.from;
  const isMemory = store.pages !== null;
  if (packed > GROWTH_MAX_BYTES / 2 || (!isMemory && length > DENSE_MAX_BYTES * chunks.elements)) return false;
  const more = Math.max(packed, Math.min(isMemory ? length >>> 1 : length, GROWTH_MAX_BYTES));
  const spareBytes = Math.min(CHUNK_VALUE_BYTES - length, more);
  const slack = unitsFor(KIND_ELEMENT, 0, 0, length + spareBytes) - unitsFor(KIND_ELEMENT, 0, 0, length);
  moveChunk(store, object, Math.min(slack, SLACK_UNITS_MAX));
  locate(store, chunks.address);
  return true;
}

/** Writes the located, unsealed chunk anew with so much slack. */
function moveChunk(store: Store, object: LargeValue, slackUnits: number): void {
  const chunks = chunksOf(object);
  const { from, until, elements } = chunks;
  const start = chunkStart(store);
  const beside = elements | (besideOrder(store.words, store.word) & REVERSED);
  const oldUnits = recordUnits(store.words, store.word);
  store.bytes.copy(spare, 0, start + from, start + until);
  const address = writeChunk(store, object.id, chunks.key, beside, until - from, slackUnits);
  spare.copy(store.writtenBytes, store.writtenWord * 4 + CHUNK_HEADER_BYTES, 0, until - from);
  store.addDead(chunks.address, oldUnits);
  chunks.setAddress(address);
  chunks.setRange(0, until - from, elements);
  chunks.newest = address;
}

/** Locates the chunk at an end, and reads the element there. */
export function readEnd(store: Store, object: LargeValue, atHead: boolean, into: ElementReader): void {
  const chunks = chunksOf(object);
  if (atHead) chunks.seekFirst();
  else chunks.seekLast();
  locate(store, chunks.address);
  const isReversed = (besideOrder(store.words, store.word) & REVERSED) !== 0;
  const start = chunkStart(store);
  if (isReversed === atHead) into.backward(store.bytes, start + chunks.until);
  else into.forward(store.bytes, start + chunks.from);
}

/** Where the elements that are left of a chunk lie. */
const left = { from: 0, until: 0, elements: 0 };

/** All elements go: who does it removes the key. */
export function takeAll(store: Store, object: LargeValue): void {
  const chunks = chunksOf(object);
  chunks.isOver = true;
  if (!store.journal.enabled) return;
  store.journal.pushUndo(() => {
    chunks.isOver = false;
  });
}

/** Takes `count` elements off an end. */
export function cutElements(store: Store, object: LargeValue, count: number, atHead: boolean): void {
  const chunks = chunksOf(object);
  if (count >= chunks.count) {
    takeAll(store, object);
    return;
  }
  if (count === 1 && cutOne(store, object, atHead)) return;
  const offset = chunks.seekIndex(atHead ? count : chunks.count - 1 - count);
  const { key } = chunks;
  const gone = atHead ? offset : chunks.elements - 1 - offset;
  if (gone > 0) findLeft(store, chunks, gone, atHead);
  const needsCut = store.pages === null && mustSayCut(store, chunks, key, gone, atHead);
  if (needsCut) {
    makeRoom(store, 2 * CHUNK_VALUE_BYTES);
    writeCut(store, object, key, gone, atHead);
  }
  dropOuter(store, chunks, key, atHead, needsCut);
  if (gone > 0 && chunks.seekKey(key)) shrink(store, object);
}

/** Takes the element at an end off a chunk that keeps others; false, with nothing changed, if it does not. */
function cutOne(store: Store, object: LargeValue, atHead: boolean): boolean {
  const chunks = chunksOf(object);
  seekEnd(chunks, atHead);
  if (chunks.elements === 1) return false;
  findLeft(store, chunks, 1, atHead);
  if (store.pages === null && !isMutable(store, chunks.address)) {
    makeRoom(store, 2 * CHUNK_VALUE_BYTES);
    writeCut(store, object, chunks.key, 1, atHead);
  }
  shrink(store, object);
  return true;
}

/** What is left of the chunk at hand without `gone` elements of an end. */
function findLeft(store: Store, chunks: ElementChunks, gone: number, atHead: boolean): void {
  locate(store, chunks.address);
  const isReversed = (besideOrder(store.words, store.word) & REVERSED) !== 0;
  const start = chunkStart(store);
  left.from = chunks.from;
  left.until = chunks.until;
  left.elements = chunks.elements - gone;
  for (let i = 0; i < gone; i++) {
    if (isReversed === atHead) {
      reader.backward(store.bytes, start + left.until);
      left.until = reader.from - start;
    } else {
      reader.forward(store.bytes, start + left.from);
      left.from = reader.until - start;
    }
  }
}

/** Whether a sealed chunk is to lose elements, up to the one at hand, which loses `gone`. */
function mustSayCut(store: Store, chunks: ElementChunks, key: number, gone: number, atHead: boolean): boolean {
  if (gone > 0 && !isMutable(store, chunks.address)) return true;
  if (atHead) chunks.seekFirst();
  else chunks.seekLast();
  for (; chunks.key !== key; atHead ? chunks.next() : chunks.previous()) {
    if (!isMutable(store, chunks.address)) return true;
  }
  return false;
}

/** Says that the chunks beyond `key` are gone, and what is left of that one, by the newest record of the list or a new one. */
function writeCut(store: Store, object: LargeValue, key: number, gone: number, atHead: boolean): void {
  const chunks = chunksOf(object);
  const side = atHead ? CUT_HEAD : CUT_TAIL;
  const isNewest = chunks.cutAddress !== 0 && chunks.cutAddress === chunks.newest;
  const isSame = isNewest && isMutable(store, chunks.cutAddress) && sideOfCut(store, chunks.cutAddress) === side;
  if (!isSame) {
    const address = appendCut(store, object.id, side);
    store.addDead(address, CUT_UNITS);
    chunks.cutAddress = address;
    chunks.newest = address;
    chunks.notedKey = 0;
    if (store.journal.enabled) store.journal.pushUndo(() => forgetCut(chunks));
  }
  locate(store, chunks.cutAddress);
  const { words, word } = store;
  chunks.seekKey(key);
  // Writing may have sealed it only now.
  if (isMutable(store, chunks.address)) fillCut(words, word, key, 0, 0, CUT_WHOLE);
  else if (gone > 0) fillCut(words, word, key, left.from, left.until, left.elements);
  else if (chunks.elements > 1) fillCut(words, word, key, chunks.from, chunks.until, chunks.elements);
  // A single element may be longer than a cut can say, and is whole.
  else fillCut(words, word, key, 0, 0, CUT_WHOLE);
}

function sideOfCut(store: Store, address: number): number {
  locate(store, address);
  return besideId(store.words, store.word);
}

function forgetCut(chunks: ElementChunks): void {
  chunks.cutAddress = 0;
  chunks.newest = 0;
}

/** Takes out the chunks beyond `key`. */
function dropOuter(store: Store, chunks: ElementChunks, key: number, atHead: boolean, isSaid: boolean): void {
  for (;;) {
    if (atHead) chunks.seekFirst();
    else chunks.seekLast();
    if (chunks.key === key) return;
    takeOut(store, chunks, isSaid);
  }
}

/** Takes out the chunk at hand. `isSaid`: the log says so already, or need not. */
function takeOut(store: Store, chunks: ElementChunks, isSaid: boolean): void {
  const { address } = chunks;
  const units = unitsOf(store, chunks);
  if (isMutable(store, address)) {
    if (!isSaid) {
      locate(store, address);
      writeBesideOrder(store.words, store.word, 0);
    }
  } else noteEntry(store, chunks, units);
  store.addDead(address, units);
  chunks.remove();
}

/** The chunk at hand has what is `left`. */
function shrink(store: Store, object: LargeValue): void {
  const chunks = chunksOf(object);
  const { address } = chunks;
  if (!isMutable(store, address)) {
    // Once for each record that says it.
    if (chunks.notedKey !== chunks.key) noteEntry(store, chunks, 0);
    chunks.notedKey = chunks.key;
    chunks.setRange(left.from, left.until, left.elements);
    return;
  }
  locate(store, address);
  const { words, word } = store;
  const units = recordUnits(words, word);
  const slack = units - unitsFor(KIND_ELEMENT, 0, 0, left.until);
  chunks.setRange(left.from, left.until, left.elements);
  if (slack > SLACK_UNITS_MAX) {
    moveChunk(store, object, 0);
    return;
  }
  words[word + 2] = left.until | (slack << 24);
  writeBesideId(words, word, left.from);
  writeBesideOrder(words, word, left.elements | (besideOrder(words, word) & REVERSED));
}

/** Units of the record of the chunk at hand; on disk, what it would have with the elements that are left. */
function unitsOf(store: Store, chunks: ElementChunks): number {
  const { address, until } = chunks;
  const { log } = store;
  if (!log.isInMemory(address)) return unitsFor(KIND_ELEMENT, address >= log.tail ? FLAG_FROM : 0, 0, until);
  const unit = log.memory.unitOf(address);
  return recordUnits(log.memory.at(unit).words, log.memory.wordOf(unit));
}

/** The chunk at hand is about to change or go, by which `units` become garbage: undone, it is as it was. */
function noteEntry(store: Store, chunks: ElementChunks, units: number): void {
  if (!store.journal.enabled) return;
  const { key, address, from, until, elements } = chunks;
  store.journal.pushUndo(() => {
    chunks.put(key, address, from, until, elements);
    store.addDead(address, -units);
  });
}

/** A chunk with this key is about to come: undone, there is none. */
function noteAbsent(store: Store, chunks: ElementChunks, key: number): void {
  if (store.journal.enabled) store.journal.pushUndo(() => chunks.removeKey(key));
}

/** Where nothing is undone: the next so many bytes will not meet the device, if nothing of the operation was written yet. */
function makeRoom(store: Store, bytes: number): void {
  if (store.journal.enabled || !store.hasDisk || store.hasWritten) return;
  if (unitsFor(KIND_ELEMENT, 0, 0, 2 * bytes + ROOM_SPARE_BYTES) > store.log.roomUnits) store.committer.flushNow();
}

/**
 * The chunk at hand has the elements of the draft from now on, or is gone if there are none. False, with nothing changed:
 * there are no keys for the chunks that it would need (`copyElements` gives new ones).
 */
export function replaceChunk(store: Store, object: LargeValue, draft: ElementDraft): boolean {
  const chunks = chunksOf(object);
  const pieces = draft.pieces();
  if (pieces.length === 0) {
    removeChunk(store, object);
    return true;
  }
  if (pieces.length === 1 && isMutable(store, chunks.address) && rewriteInPlace(store, chunks, draft)) return true;
  const { key, address } = chunks;
  const gap = gapAfter(chunks);
  if (pieces.length > gap) return false;
  const units = unitsOf(store, chunks);
  makeRoom(store, draft.length + pieces.length * CHUNK_HEADER_BYTES);
  const addresses = pieces.map((piece, i) =>
    writePiece(store, object, keyOf(key, gap, i, pieces.length), draft, piece),
  );
  chunks.seekKey(key);
  noteEntry(store, chunks, units);
  store.addDead(address, units);
  pieces.forEach(({ start, end, elements }, i) => {
    const ownKey = keyOf(key, gap, i, pieces.length);
    if (i > 0) noteAbsent(store, chunks, ownKey);
    chunks.put(ownKey, addresses[i], 0, end - start, elements);
  });
  return true;
}

/** Keys from that of the chunk at hand up to the next one's. */
function gapAfter(chunks: ElementChunks): number {
  const { key } = chunks;
  const gap = chunks.next() ? chunks.key - key : KEY_STEP;
  chunks.seekKey(key);
  return gap;
}

function keyOf(key: number, gap: number, i: number, count: number): number {
  return key + Math.floor((gap * i) / count);
}

function writePiece(store: Store, object: LargeValue, key: number, draft: ElementDraft, piece: Piece): number {
  const { start, end, elements } = piece;
  const address = writeChunk(store, object.id, key, elements, end - start, 0);
  draft.bytes.copy(store.writtenBytes, store.writtenWord * 4 + CHUNK_HEADER_BYTES, start, end);
  chunksOf(object).newest = address;
  return address;
}

/** Writes the draft over the unsealed chunk at hand, if it fits. */
function rewriteInPlace(store: Store, chunks: ElementChunks, draft: ElementDraft): boolean {
  locate(store, chunks.address);
  const { words, word } = store;
  const slack = recordUnits(words, word) - unitsFor(KIND_ELEMENT, 0, 0, draft.length);
  if (slack < 0 || slack > SLACK_UNITS_MAX) return false;
  draft.bytes.copy(store.bytes, word * 4 + CHUNK_HEADER_BYTES, 0, draft.length);
  words[word + 2] = draft.length | (slack << 24);
  writeBesideId(words, word, 0);
  writeBesideOrder(words, word, draft.elements);
  chunks.setRange(0, draft.length, draft.elements);
  store.counters.inPlace++;
  return true;
}

/** Takes out the chunk at hand, wherever it is. */
function removeChunk(store: Store, object: LargeValue): void {
  const chunks = chunksOf(object);
  const { key, address } = chunks;
  if (store.pages === null && !isMutable(store, address)) {
    const gone = writeChunk(store, object.id, key, 0, 0, 0);
    store.addDead(gone, unitsFor(KIND_ELEMENT, 0, 0, 0));
    chunks.newest = gone;
    chunks.seekKey(key);
    takeOut(store, chunks, true);
  } else takeOut(store, chunks, store.pages !== null);
}

/** Gives `target`, which is empty, all elements of `source`, in chunks that are full. `bringChunks` was called for them. */
export function copyElements(store: Store, source: LargeValue, target: LargeValue): void {
  const chunks = chunksOf(source);
  if (chunks.chunkCount === 0) return;
  let key = KEY_FIRST;
  const flush = () => {
    const piece = { start: 0, end: copies.length, elements: copies.elements };
    const address = writePiece(store, target, key, copies, piece);
    chunksOf(target).put(key, address, 0, piece.end, piece.elements);
    key += KEY_STEP;
    copies.reset();
  };
  copies.reset();
  chunks.seekFirst();
  do {
    if (copies.length > 0 && copies.length + chunks.until - chunks.from > CHUNK_VALUE_BYTES) flush();
    locate(store, chunks.address);
    copies.addFrom(store, chunks, 0, chunks.elements);
  } while (chunks.next());
  flush();
}

/** Whether so many more chunks at an end may be out of keys. */
export function isWornOut(object: LargeValue, chunksMore: number): boolean {
  const chunks = chunksOf(object);
  if (chunks.chunkCount === 0) return false;
  return chunks.firstKey - chunksMore * KEY_STEP < KEY_MIN || chunks.lastKey + chunksMore * KEY_STEP > KEY_MAX;
}

/** Before elements `[from, until)` are read: lets a command wait for all chunks on disk at once (`ReadGate`). */
export function bringChunks(store: Store, chunks: ElementChunks, from: number, until: number): void {
  if (store.gate.state === GATE_OPEN || !store.hasRecordsOnDisk || from >= until) return;
  const addresses: number[] = [];
  let left = until - from + chunks.seekIndex(from);
  do {
    if (store.gate.isOnDisk(chunks.address)) addresses.push(chunks.address);
    left -= chunks.elements;
  } while (left > 0 && chunks.next());
  store.gate.bring(addresses, 0, addresses.length, CHUNK_VALUE_BYTES);
}
