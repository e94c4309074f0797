/**
 * Values too long for one record: chunks of 16 KiB under an object id, and a root record that publishes them.
 *
 * The chunks go into the log first, in ordinary frames; the root record, written like any small value, makes them the
 * key's value. So a value of 512 MiB is there whole or not at all though it spans hundreds of frames. Chunks without a
 * root are orphans: no slot names their object, and compaction drops them.
 *
 * The value of a root record: length u48 in 8 bytes. Addresses of the chunks live in memory and in checkpoints.
 */

import { FerriteError } from '../base/errors.ts';
import { isCold } from './address.ts';
import { locate, locateWhole } from './locate.ts';
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
import type { Store } from './store.ts';

const LARGE_CHUNK_BYTES = 16 * 1024;
export const ROOT_VALUE_BYTES = 8;

export interface LargeValue {
  readonly id: number;
  readonly lengthBytes: number;
  readonly chunks: Float64Array;
  /** Where its root is: liveness means that the slot with this hash holds this address. */
  rootDatabase: number;
  rootHash: number;
  rootAddress: number;
}

export class LargeValues {
  private readonly values = new Map<number, LargeValue>();
  private nextId = 1;

  /** Writes the chunks of a value. The caller publishes it with a root record. */
  write(store: Store, bytes: Uint8Array): LargeValue {
    const count = Math.ceil(bytes.length / LARGE_CHUNK_BYTES);
    const value = this.make(this.nextId++, bytes.length, new Float64Array(count));
    for (let i = 0; i < count; i++) {
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

  private make(id: number, lengthBytes: number, chunks: Float64Array): LargeValue {
    return { id, lengthBytes, chunks, rootDatabase: 0, rootHash: 0, rootAddress: 0 };
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

  /** At open: a value from the checkpoint or the log. */
  adopt(value: LargeValue): void {
    this.values.set(value.id, value);
    this.reserveIds(value.id + 1);
  }

  /** At open: a chunk record was met in the log. Chunks of a value may come in any order, their number is not known yet. */
  replayChunk(words: Int32Array, word: number, address: number): void {
    const id = objectIdOf(words, word);
    const index = orderKeyOf(words, word);
    let value = this.values.get(id);
    if (value === undefined || value.chunks.length <= index) {
      const chunks = new Float64Array(Math.max(16, index * 2));
      if (value !== undefined) chunks.set(value.chunks);
      value = { ...this.make(id, 0, chunks), ...pick(value), chunks };
      this.adopt(value);
    }
    value.chunks[index] = address;
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
    const id = objectIdOf(words, word);
    const lengthBytes = lengthInRoot(words, word, keyLength);
    const old = this.values.get(id);
    const chunks = new Float64Array(Math.ceil(lengthBytes / LARGE_CHUNK_BYTES));
    if (old !== undefined) chunks.set(old.chunks.subarray(0, chunks.length));
    this.adopt({ id, lengthBytes, chunks, rootDatabase: database, rootHash: hash, rootAddress: address });
  }

  /** At open: compaction had moved a chunk. */
  replayMove(words: Int32Array, word: number, address: number, from: number): void {
    const value = this.values.get(objectIdOf(words, word));
    const index = orderKeyOf(words, word);
    if (value !== undefined && value.chunks[index] === from) value.chunks[index] = address;
  }

  /** At open: compaction had moved a root record. */
  replayRootMove(words: Int32Array, word: number, address: number, from: number): void {
    const value = this.values.get(objectIdOf(words, word));
    if (value !== undefined && value.rootAddress === from) value.rootAddress = address;
  }

  /** The key's value was replaced or removed. Returns the units of its chunks, which are now garbage. */
  drop(store: Store, id: number): void {
    const value = this.values.get(id);
    if (value === undefined) return;
    this.values.delete(id);
    store.journal.droppedLarge(value);
    eachChunk(store, value, 1);
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
  moveRoot(id: number, database: number, hash: number, address: number): void {
    const value = this.values.get(id);
    if (value !== undefined) setRoot(value, database, hash, address);
  }

  /** Undo of `write`: the chunks stay in the log as garbage if they reached it. */
  forget(store: Store, value: LargeValue): void {
    this.values.delete(value.id);
    eachChunk(store, value, 1);
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

  /** The located root record's value, whole. */
  read(store: Store): Buffer {
    const value = this.values.get(objectIdOf(store.words, store.word));
    if (value === undefined) {
      throw new FerriteError(
        'FERRITE_CORRUPT',
        `the parts of a large value of ${store.path} are lost: restore it from a backup`,
      );
    }
    const result = Buffer.allocUnsafe(value.lengthBytes);
    for (let i = 0; i < value.chunks.length; i++) {
      locate(store, value.chunks[i]);
      const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
      store.bytes.copy(result, i * LARGE_CHUNK_BYTES, start, start + valueLengthOf(store.words[store.word + 2]));
    }
    return result;
  }

  /** Whether every chunk of the located root record's value can be read. */
  isWhole(store: Store): boolean {
    const value = this.values.get(objectIdOf(store.words, store.word));
    return value?.chunks.every((address) => locateWhole(store, address)) === true;
  }

  get bytesHeld(): number {
    let bytes = 0;
    for (const value of this.values.values()) bytes += value.chunks.byteLength + 100;
    return bytes;
  }
}

function setRoot(value: LargeValue, database: number, hash: number, address: number): void {
  value.rootDatabase = database;
  value.rootHash = hash;
  value.rootAddress = address;
}

function isOf(value: LargeValue, namespace: number): boolean {
  return value.rootAddress !== 0 && value.rootDatabase === namespace;
}

function pick(value: LargeValue | undefined): Partial<LargeValue> {
  return value ?? {};
}

/** Length of the value, as the root record at `word` says. */
function lengthInRoot(words: Int32Array, word: number, keyLength: number): number {
  const start = word * 4 + keyOffsetOf(words[word + 1]) + keyLength;
  const bytes = new Uint8Array(words.buffer, words.byteOffset + start, ROOT_VALUE_BYTES);
  const copy = new Int32Array(bytes.slice().buffer);
  return readWide(copy, 0);
}

function eachChunk(store: Store, value: LargeValue, sign: number): void {
  for (let i = 0; i < value.chunks.length; i++) {
    const length = Math.min(LARGE_CHUNK_BYTES, value.lengthBytes - i * LARGE_CHUNK_BYTES);
    if (value.chunks[i] !== 0) store.addDead(value.chunks[i], sign * unitsFor(KIND_ELEMENT, 0, 0, Math.max(length, 0)));
  }
}

function appendChunk(
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
