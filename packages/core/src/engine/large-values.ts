/**
 * Values too long for one record: chunks of 16 KiB under an object id, and a root record that publishes them.
 *
 * The chunks go into the log first, in ordinary frames; the root record, written like any small value, makes them the
 * key's value. So a value of 512 MiB is there whole or not at all though it spans hundreds of frames. Chunks without a
 * root are orphans: no slot names their object, and compaction drops them.
 *
 * To change a value in part (`put-range.ts`), chunks are written again under its object id, and then its root. A chunk
 * that was never written is a hole, all zeros; it has address 0. What always holds: a chunk has 16 KiB, the last one what
 * is left; the root says how many holes there are, so that a chunk that was lost is not taken for one.
 *
 * The value of a root record: length u48, holes u16. Addresses of the chunks live in memory and in checkpoints.
 *
 * A collection is an object, too: its root record says its type alone (u8, three zeros), and its members are records of
 * their own (`members.ts`), which a table of its own finds; those of a list are packed in chunks (`elements.ts`), which a
 * directory finds. All that is said here of roots holds for it.
 */

import { FerriteError } from '../base/errors.ts';
import { highOf, isCold, lowOf } from './address.ts';
import {
  CUT_HEAD,
  CUT_WHOLE,
  isListChunk,
  type ReplayedChunk,
  type ReplayedCut,
  replayedChunk,
  replayedCut,
} from './element-chunk.ts';
import { ElementChunks } from './element-chunks.ts';
import { HashTable } from './hash-table.ts';
import { locate, locateWhole } from './locate.ts';
import { GATE_OPEN } from './read-gate.ts';
import {
  databaseOf,
  KIND_ELEMENT,
  KIND_ROOT,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  objectIdOf,
  orderKeyOf,
  readWide,
  unitsFor,
  valueLengthOf,
  writeHeader,
  writeObjectId,
  writeOrderKey,
} from './record.ts';
import type { PackedMembers } from './packed-members.ts';
import type { ScoreOrder } from './score-order.ts';
import type { Store } from './store.ts';
import type { StreamIndex } from './stream-index.ts';
import { UnsettledObjects } from './unsettled-objects.ts';

export const LARGE_CHUNK_BYTES = 16 * 1024;
export const ROOT_VALUE_BYTES = 8;
/** A collection's root record says its type alone: what it holds, its table knows. */
export const COLLECTION_ROOT_BYTES = 4;
/** Tables of collections have numbers beyond those of all namespaces. */
export const OBJECT_TABLES = 32;

/** Types of objects, as root records have them. */
export const TYPE_STRING = 0;
export const TYPE_HASH = 1;
export const TYPE_SET = 2;
export const TYPE_LIST = 3;
export const TYPE_ZSET = 4;
export const TYPE_STREAM = 5;

/** Whether objects of the type are made of members. */
export function hasMembers(type: number): boolean {
  return type !== TYPE_STRING && type !== TYPE_LIST;
}

export interface LargeValue {
  /** 0 for a small collection, which is no object yet. */
  id: number;
  /** `TYPE_STRING` for a large value. */
  type: number;
  /** Of a collection: the slots of its members (`members.ts`). */
  members: HashTable | null;
  /** Of a small collection: all of it, for the time of an operation. */
  packed: PackedMembers | null;
  /** Of a collection: redis would keep it as a table, and go on so, for it was too large once. Known while the store is open. */
  isGrown: boolean;
  /** Of a set: redis would not keep it as an intset any more. Known while the store is open. */
  isMixed: boolean;
  /** Of a hash: a field has, or had, an expiry (`member-expiry.ts`). Where one has, it is known at open, too. */
  isExpiring: boolean;
  /** Of a list: its chunks (`elements.ts`). */
  elements: ElementChunks | null;
  /** Of a sorted set: its members in order; null until somebody asks for that (`sorted-members.ts`). */
  order: ScoreOrder | null;
  /** Of a stream: what is known of it beside its records; null until it is used (`stream-records.ts`). */
  stream: StreamIndex | null;
  lengthBytes: number;
  /** Their addresses; 0 for a hole. */
  chunks: Float64Array;
  /** How many of them are holes; -1 until they are counted. */
  holes: number;
  /** Where its root is: liveness means that the slot with this hash holds this address. */
  rootDatabase: number;
  rootHash: number;
  rootAddress: number;
}

/** A chunk or root record that was met in the log at open, in a group that may not be whole. */
type ReplayNote =
  | { id: number; chunk: number; address: number }
  | { root: LargeValue }
  | { elements: ReplayedChunk }
  | { cut: ReplayedCut };

const NO_CHUNKS = new Float64Array(0);
/** How often what all objects hold is counted anew: each so many calls for an object. */
const COUNTS_PER_OBJECT = 1 / 64;

export class LargeValues {
  private readonly values = new Map<number, LargeValue>();
  readonly unsettled = new UnsettledObjects();
  private nextId = 1;
  private notes: ReplayNote[] = [];

  /** Writes the chunks of a value. The caller publishes it with a root record. */
  write(store: Store, bytes: Uint8Array): LargeValue {
    const value = this.make(this.nextId++, bytes.length);
    for (let i = 0; i < value.chunks.length; i++) {
      const start = i * LARGE_CHUNK_BYTES;
      value.chunks[i] = appendChunk(
        store,
        value.id,
        i,
        bytes,
        start,
        Math.min(LARGE_CHUNK_BYTES, bytes.length - start),
      );
    }
    this.values.set(value.id, value);
    return value;
  }

  private make(id: number, lengthBytes: number): LargeValue {
    const chunks = lengthBytes === 0 ? NO_CHUNKS : new Float64Array(chunksFor(lengthBytes));
    return {
      id,
      type: TYPE_STRING,
      members: null,
      packed: null,
      isGrown: false,
      isMixed: false,
      isExpiring: false,
      elements: null,
      order: null,
      stream: null,
      lengthBytes,
      chunks,
      holes: -1,
      rootDatabase: 0,
      rootHash: 0,
      rootAddress: 0,
    };
  }

  /** A new, empty collection. The caller publishes it with a root record. */
  makeCollection(store: Store, type: number, countExpected = 0): LargeValue {
    const value = this.make(this.nextId++, 0);
    value.type = type;
    if (type === TYPE_LIST) value.elements = new ElementChunks();
    else value.members = new HashTable(countExpected, 1, true);
    this.values.set(value.id, value);
    store.journal.madeLarge(value);
    return value;
  }

  /** A small collection, for the time of an operation. */
  makePacked(type: number, packed: PackedMembers): LargeValue {
    return {
      id: 0,
      type,
      members: null,
      packed,
      isGrown: false,
      isMixed: false,
      isExpiring: false,
      order: null,
      elements: null,
      stream: null,
      lengthBytes: 0,
      chunks: NO_CHUNKS,
      holes: 0,
      rootDatabase: 0,
      rootHash: 0,
      rootAddress: 0,
    };
  }

  /** A small collection becomes an object, without members so far. The caller publishes it with a root record. */
  unpack(store: Store, value: LargeValue, countExpected: number): void {
    value.id = this.nextId++;
    value.packed = null;
    value.members = new HashTable(countExpected, 1, true);
    this.values.set(value.id, value);
    store.journal.madeLarge(value);
  }

  /** The members' table of a number beyond `OBJECT_TABLES`; undefined where the object is gone. */
  tableOf(number: number): HashTable | undefined {
    return this.values.get(number - OBJECT_TABLES)?.members ?? undefined;
  }

  /** Another slice of a table that is still in the checkpoint; false once all are in. */
  loadNext(): boolean {
    this.unloaded ??= [...this.values.values()].filter(({ members }) => members !== null && !members.isLoaded);
    for (let last = this.unloaded.at(-1); last !== undefined; last = this.unloaded.at(-1)) {
      if (this.values.has(last.id) && last.members?.loadNext() === true) return true;
      this.unloaded.pop();
    }
    return false;
  }
  /** What is left to load since open. */
  private unloaded: LargeValue[] | null = null;

  /** At open: a member of the object was met, whose root may follow. */
  adoptMember(id: number): void {
    if (this.values.has(id)) return;
    const value = this.make(id, 0);
    value.members = new HashTable(0, 1, true);
    this.adopt(value);
  }

  /** The value is to be so long: what is added are holes. */
  lengthen(store: Store, value: LargeValue, lengthBytes: number): void {
    store.journal.lengthenedLarge(value, value.lengthBytes, value.chunks);
    value.lengthBytes = lengthBytes;
    const count = chunksFor(lengthBytes);
    value.holes = holesOf(value) + count - value.chunks.length;
    if (count > value.chunks.length) value.chunks = resized(value.chunks, count);
  }

  /** Undo of `lengthen`. */
  shorten(value: LargeValue, lengthBytes: number, chunks: Float64Array): void {
    value.lengthBytes = lengthBytes;
    value.chunks = chunks;
    value.holes = -1;
  }

  /** A chunk of the value is in another record now. */
  moveChunk(store: Store, value: LargeValue, chunk: number, address: number): void {
    const before = value.chunks[chunk];
    store.journal.movedLargeChunk(value, chunk, before);
    if (before === 0) value.holes = holesOf(value) - 1;
    value.chunks[chunk] = address;
    if (before !== 0) store.addDead(before, unitsFor(KIND_ELEMENT, 0, 0, chunkLength(value, chunk)));
  }

  /** Undo of `moveChunk`. */
  restoreChunk(store: Store, value: LargeValue, chunk: number, address: number): void {
    value.chunks[chunk] = address;
    value.holes = -1;
    if (address !== 0) store.addDead(address, -unitsFor(KIND_ELEMENT, 0, 0, chunkLength(value, chunk)));
  }

  get(id: number): LargeValue | undefined {
    return this.values.get(id);
  }

  all(): IterableIterator<LargeValue> {
    return this.values.values();
  }

  get nextObjectId(): number {
    return this.nextId;
  }

  /** At open: ids up to `id` are taken. */
  reserveIds(id: number): void {
    this.nextId = Math.max(this.nextId, id);
  }

  /** At open: a value from the log. */
  adopt(value: LargeValue): void {
    this.values.set(value.id, value);
    this.reserveIds(value.id + 1);
  }

  /** At open: an object from the checkpoint, whose chunks may have come before. */
  adoptObject(value: LargeValue): void {
    if (value.elements !== null) value.elements = this.values.get(value.id)?.elements ?? value.elements;
    this.adopt(value);
  }

  /** At open: a chunk record was met in the log. */
  replayChunk(words: Int32Array, word: number, address: number): void {
    if (isListChunk(words, word)) this.notes.push({ elements: replayedChunk(words, word, address) });
    else this.notes.push({ id: objectIdOf(words, word), chunk: orderKeyOf(words, word), address });
  }

  /** At open: a record was met in the log that says what is left of an end of a list. */
  replayCut(words: Int32Array, word: number, address: number): void {
    this.notes.push({ cut: replayedCut(words, word, address) });
  }

  /** At open: a root record was met in the log. */
  replayRoot(
    words: Int32Array,
    word: number,
    keyLength: number,
    database: number,
    hash: number,
    address: number,
  ): void {
    const type = typeOfRoot(words, word, keyLength);
    const lengthBytes = type === TYPE_STRING ? readRoot(words, word, keyLength).lengthBytes : 0;
    const root = { ...this.make(objectIdOf(words, word), lengthBytes), rootDatabase: database, rootHash: hash };
    const members = hasMembers(type) ? new HashTable(0, 1, true) : null;
    const elements = type === TYPE_LIST ? new ElementChunks() : null;
    this.notes.push({ root: { ...root, rootAddress: address, type, members, elements } });
  }

  /** At open: what was met in the log so far belongs to whole groups. */
  commitReplay(): void {
    for (const note of this.notes) {
      if ('root' in note) this.adoptRoot(note.root);
      else if ('elements' in note) adoptElements(this.adoptList(note.elements.id), note.elements);
      else if ('cut' in note) adoptCut(this.adoptList(note.cut.id), note.cut);
      else this.adoptChunk(note.id, note.chunk, note.address);
    }
    if (this.notes.length > 0) this.notes = [];
  }

  /** At open: what was met since the last whole group will not become one. */
  dropReplay(): void {
    this.notes = [];
  }

  /** Chunks of a new value come before its length is known. */
  private adoptChunk(id: number, chunk: number, address: number): void {
    let value = this.values.get(id);
    if (value === undefined) {
      value = this.make(id, 0);
      this.adopt(value);
    }
    if (value.chunks.length <= chunk) value.chunks = resized(value.chunks, Math.max(16, chunk * 2));
    value.chunks[chunk] = address;
    value.holes = -1;
  }

  /** At open: the chunks of a list, whose root may follow. */
  adoptList(id: number): ElementChunks {
    let value = this.values.get(id);
    if (value === undefined) {
      value = this.make(id, 0);
      this.adopt(value);
    }
    value.elements ??= new ElementChunks();
    return value.elements;
  }

  private adoptRoot(root: LargeValue): void {
    const old = this.values.get(root.id);
    if (old !== undefined) root.chunks = resized(old.chunks, root.chunks.length);
    if (old !== undefined && old.members !== null) root.members = old.members;
    if (old !== undefined && old.elements !== null) root.elements = old.elements;
    this.adopt(root);
  }

  /** At open: compaction had moved a chunk. */
  replayMove(words: Int32Array, word: number, address: number, from: number): void {
    this.swingChunk(objectIdOf(words, word), orderKeyOf(words, word), from, address);
  }

  /** Whether the chunk with this number or key is in the record at `address`; the directory stands at it then. */
  isChunkAt(id: number, chunk: number, address: number): boolean {
    const value = this.values.get(id);
    if (value === undefined) return false;
    if (value.elements === null) return value.chunks[chunk] === address;
    return value.elements.seekKey(chunk) && value.elements.address === address;
  }

  /** The record at `from` was copied to `to`; false: the chunk is not in it any more. */
  swingChunk(id: number, chunk: number, from: number, to: number): boolean {
    if (!this.isChunkAt(id, chunk, from)) return false;
    const value = this.values.get(id) as LargeValue;
    if (value.elements === null) value.chunks[chunk] = to;
    else value.elements.setAddress(to);
    return true;
  }

  /** At open: compaction had moved a root record. */
  replayRootMove(words: Int32Array, word: number, address: number, from: number): void {
    const value = this.values.get(objectIdOf(words, word));
    if (value !== undefined && value.rootAddress === from) value.rootAddress = address;
  }

  /** The key's value was replaced or removed. Returns the units of its chunks, which are now garbage. */
  drop(store: Store, id: number, mayBeUndone = true): void {
    const value = this.values.get(id);
    if (value === undefined) return;
    this.values.delete(id);
    if (value.type !== TYPE_STRING) this.unsettled.note(id, store.log);
    if (mayBeUndone) store.journal.droppedLarge(value);
    eachChunk(store, value, 1);
    if (value.members !== null) store.dropped.addMembers(value.members);
    if (value.elements !== null) store.dropped.addElements(value.elements);
  }

  /** All keys of a namespace are gone. */
  dropNamespace(store: Store, namespace: number): void {
    for (const value of this.values.values()) if (isOf(value, namespace)) this.drop(store, value.id);
  }

  /** At open: the same, as a META record at `address` had it. Chunks that no root has named yet may be of a later value. */
  replayFlush(namespace: number, address: number, coldTail: number): void {
    for (const value of this.values.values()) {
      const until = isCold(value.rootAddress) ? coldTail : address;
      if (isOf(value, namespace) && value.rootAddress < until) this.values.delete(value.id);
    }
  }

  /** Undo of `drop`. */
  restore(store: Store, value: LargeValue): void {
    this.values.set(value.id, value);
    eachChunk(store, value, -1);
    store.dropped.takeBackCollection(value);
  }

  /** Undo of a move: the record at `address` is its key's again. */
  rootIsAt(store: Store, address: number): void {
    if (this.values.size === 0) return;
    locate(store, address);
    const { words, word } = store;
    const word1 = words[word + 1];
    if (kindOf(word1) !== KIND_ROOT) return;
    const value = this.values.get(objectIdOf(words, word));
    if (value === undefined) return;
    const hash = store.key.hashAt(words, word + (keyOffsetOf(word1) >>> 2), keyLengthOf(words, word));
    setRoot(value, databaseOf(word1), hash, address);
  }

  /** Another key's root record names the value from now on. */
  moveRoot(store: Store, id: number, database: number, hash: number, address: number): void {
    const value = this.values.get(id);
    if (value === undefined) return;
    if (value.type !== TYPE_STRING) this.unsettled.note(id, store.log);
    setRoot(value, database, hash, address);
  }

  /** Undo of `write` and `makeCollection`: the records stay in the log as garbage if they reached it. */
  forget(store: Store, value: LargeValue): void {
    this.values.delete(value.id);
    eachChunk(store, value, 1);
  }

  /** Undo of a change of members: their order, and what is known of a stream, has to be found anew. */
  forgetOrder(number: number): void {
    const value = this.values.get(number - OBJECT_TABLES);
    if (value === undefined) return;
    value.order = null;
    value.stream = null;
  }

  /** Whether a slot still holds the value's root; what a crash left over is dropped when it is first asked about. */
  isLive(store: Store, id: number): boolean {
    const value = this.values.get(id);
    if (value === undefined) return false;
    if (value.rootAddress !== 0 && store.table(value.rootDatabase).findAddress(value.rootHash, value.rootAddress)) {
      return true;
    }
    this.values.delete(id);
    return false;
  }

  /** What the located root record names. */
  ofRoot(store: Store): LargeValue {
    const { words, word } = store;
    const value = this.values.get(objectIdOf(words, word));
    if (value === undefined || value.type !== typeOfRoot(words, word, keyLengthOf(words, word))) throw lost(store);
    if (value.type === TYPE_STRING && holesOf(value) !== readRoot(words, word, keyLengthOf(words, word)).holes) {
      throw lost(store);
    }
    return value;
  }

  /** What the record at a word names if it is a root record; null if not. */
  ofRootAt(words: Int32Array, word: number): LargeValue | null {
    return kindOf(words[word + 1]) === KIND_ROOT ? (this.values.get(objectIdOf(words, word)) ?? null) : null;
  }

  /** The located root record's value, whole. */
  read(store: Store): Buffer {
    const value = this.ofRoot(store);
    return this.readRange(store, value, 0, value.lengthBytes);
  }

  /** The bytes `[start, end)` of a value, which has them. Afterwards no record is located. */
  readRange(store: Store, value: LargeValue, start: number, end: number): Buffer {
    this.bring(store, value, start, end);
    const result = Buffer.allocUnsafe(end - start);
    for (let at = start; at < end; ) {
      const chunk = Math.floor(at / LARGE_CHUNK_BYTES);
      const skip = at - chunk * LARGE_CHUNK_BYTES;
      const length = Math.min(LARGE_CHUNK_BYTES - skip, end - at);
      if (value.chunks[chunk] === 0) result.fill(0, at - start, at - start + length);
      else {
        locate(store, value.chunks[chunk]);
        const from = store.word * 4 + keyOffsetOf(store.words[store.word + 1]) + skip;
        store.bytes.copy(result, at - start, from, from + length);
      }
      at += length;
    }
    return result;
  }

  /** Before bytes of a value are read piece by piece: lets a command wait for all of them at once (`ReadGate`). */
  bring(store: Store, value: LargeValue, start: number, end: number): void {
    if (store.gate.state === GATE_OPEN) return;
    const first = Math.floor(start / LARGE_CHUNK_BYTES);
    store.gate.bring(value.chunks, first, chunksFor(end), LARGE_CHUNK_BYTES);
  }

  /** Whether every chunk of the located root record's value can be read. */
  isWhole(store: Store): boolean {
    const { words, word } = store;
    const value = this.values.get(objectIdOf(words, word));
    const keyLength = keyLengthOf(words, word);
    if (value === undefined || value.type !== typeOfRoot(words, word, keyLength)) return false;
    if (value.elements !== null) return value.elements.every((address) => locateWhole(store, address));
    if (value.type !== TYPE_STRING) return true;
    if (holesOf(value) !== readRoot(words, word, keyLength).holes) return false;
    return value.chunks.every((address) => address === 0 || locateWhole(store, address));
  }

  /** Of many objects, as it was when it was last counted, not long ago. */
  get bytesHeld(): number {
    if (this.callsToCount-- > 0) return this.countedBytes;
    this.callsToCount = Math.floor(this.values.size * COUNTS_PER_OBJECT);
    let bytes = 0;
    for (const value of this.values.values()) {
      bytes += value.chunks.byteLength + OBJECT_BYTES;
      bytes += (value.members?.bytesHeld ?? 0) + (value.elements?.bytesHeld ?? 0);
      if (value.order !== null) bytes += value.order.bytesHeld;
      if (value.stream !== null) bytes += value.stream.bytesHeld;
    }
    this.countedBytes = bytes;
    return bytes;
  }
  private callsToCount = 0;
  private countedBytes = 0;
}

/** What the object itself takes, and its place in the map. */
export const OBJECT_BYTES = 200;

function lost(store: Store): FerriteError {
  return new FerriteError(
    'FERRITE_CORRUPT',
    `the parts of a large value of ${store.path} are lost: restore it from a backup`,
  );
}

function setRoot(value: LargeValue, database: number, hash: number, address: number): void {
  value.rootDatabase = database;
  value.rootHash = hash;
  value.rootAddress = address;
}

function isOf(value: LargeValue, namespace: number): boolean {
  return value.rootAddress !== 0 && value.rootDatabase === namespace;
}

function chunksFor(lengthBytes: number): number {
  return Math.ceil(lengthBytes / LARGE_CHUNK_BYTES);
}

/** Bytes of a chunk of the value. */
export function chunkLength(value: LargeValue, chunk: number): number {
  return Math.max(0, Math.min(LARGE_CHUNK_BYTES, value.lengthBytes - chunk * LARGE_CHUNK_BYTES));
}

function resized(chunks: Float64Array, count: number): Float64Array {
  const copy = new Float64Array(count);
  copy.set(chunks.length > count ? chunks.subarray(0, count) : chunks);
  return copy;
}

function holesOf(value: LargeValue): number {
  if (value.holes >= 0) return value.holes;
  const { chunks } = value;
  value.holes = 0;
  for (let i = 0; i < chunks.length; i++) if (chunks[i] === 0) value.holes++;
  return value.holes;
}

function adoptElements(chunks: ElementChunks, { key, address, from, until, elements }: ReplayedChunk): void {
  if (elements === 0) chunks.removeKey(key);
  else chunks.put(key, address, from, until, elements);
}

function adoptCut(chunks: ElementChunks, { side, key, from, until, elements }: ReplayedCut): void {
  chunks.removeBeyond(key, side === CUT_HEAD);
  if (elements !== CUT_WHOLE && chunks.seekKey(key)) chunks.setRange(from, until, elements);
}

/** Writes the value of a root record at byte `at`. */
export function writeRoot(value: LargeValue, bytes: Buffer, at: number): void {
  bytes.writeInt32LE(lowOf(value.lengthBytes), at);
  bytes.writeUInt16LE(highOf(value.lengthBytes), at + 4);
  bytes.writeUInt16LE(holesOf(value), at + 6);
}

/** The type of the object that the root record at `word` names. */
export function typeOfRoot(words: Int32Array, word: number, keyLength: number): number {
  if (valueLengthOf(words[word + 2]) !== COLLECTION_ROOT_BYTES) return TYPE_STRING;
  const at = word * 4 + keyOffsetOf(words[word + 1]) + keyLength;
  return (words[at >>> 2] >>> ((at & 3) << 3)) & 0xff;
}

/** Writes the value of a collection's root record at byte `at`. */
export function writeCollectionRoot(value: LargeValue, bytes: Buffer, at: number): void {
  bytes[at] = value.type;
  bytes.fill(0, at + 1, at + COLLECTION_ROOT_BYTES);
}

/** The value of the root record at `word`. */
function readRoot(words: Int32Array, word: number, keyLength: number): { lengthBytes: number; holes: number } {
  const start = word * 4 + keyOffsetOf(words[word + 1]) + keyLength;
  const bytes = new Uint8Array(words.buffer, words.byteOffset + start, ROOT_VALUE_BYTES);
  const copy = new Int32Array(bytes.slice().buffer);
  return { lengthBytes: readWide(copy, 0), holes: copy[1] >>> 16 };
}

function eachChunk(store: Store, value: LargeValue, sign: number): void {
  for (let i = 0; i < value.chunks.length; i++) {
    if (value.chunks[i] !== 0)
      store.addDead(value.chunks[i], sign * unitsFor(KIND_ELEMENT, 0, 0, chunkLength(value, i)));
  }
}

/** Appends a chunk of a value: `length` bytes of `bytes` from `start` on. Returns its address. */
export function appendChunk(
  store: Store,
  id: number,
  index: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): number {
  const units = unitsFor(KIND_ELEMENT, 0, 0, length);
  const address = store.log.allocate(units);
  const memory = store.log.memory;
  const unit = memory.unitOf(address);
  const chunk = memory.at(unit);
  const word = memory.wordOf(unit);
  chunk.words[word + units * 2 - 1] = 0;
  chunk.words[word + units * 2 - 2] = 0;
  writeHeader(chunk.words, word, KIND_ELEMENT, 0, 0, 0, length, 0);
  writeObjectId(chunk.words, word, id);
  writeOrderKey(chunk.words, word, index);
  chunk.bytes.set(bytes.subarray(start, start + length), word * 4 + keyOffsetOf(chunk.words[word + 1]));
  return address;
}
