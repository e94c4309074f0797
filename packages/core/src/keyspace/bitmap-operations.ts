/**
 * Whole operations on strings that are arrays of bits, or HyperLogLogs, by key: what an embedded method calls. They leave the
 * acknowledgement to the caller (`store.committer`), and throw before anything is changed or undo what they did.
 */
import { FerriteError } from '../base/errors.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import { TYPE_STRING } from '../engine/large-values.ts';
import { putBytes } from '../engine/put.ts';
import { putRange } from '../engine/put-range.ts';
import { remove } from '../engine/remove.ts';
import type { Store } from '../engine/store.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import { type BitOperation, combineBits, getBit, setBit } from '../types/bits.ts';
import {
  addElement,
  CORRUPT,
  cachedCount,
  countElements,
  countRegisters,
  HYPERLOGLOG_SIZE_MAX_BYTES,
  isDense,
  markCountStale,
  mergeRegisters,
  REGISTER_COUNT,
  storeRegisters,
  UNCHANGED,
} from '../types/hyperloglog.ts';
import { orUndo, typeNumberOfFound, wrongType } from './collections.ts';
import { SPARSE_MAX_BYTES, value } from './hyperloglogs.ts';
import { countStringBits, findStringBit } from './string-bits.ts';

const BITS_PER_BYTE = 8;
const RECORD_OVERHEAD_BYTES = 64;

const oneByte = Buffer.alloc(1);
const registers = new Uint8Array(REGISTER_COUNT);

/** A stretch of a string, in bytes or bits, negative from its end. */
export interface BitRange {
  readonly start: number;
  /** Undefined: to the end. */
  readonly end: number | undefined;
  readonly isInBits: boolean;
}

/** Finds the key's string, 0 if there is none. Throws FERRITE_WRONG_TYPE if the key has another value. */
function findString(store: Store, database: number, key: Key): number {
  store.key.set(key);
  const found = find(store, database);
  if (found !== 0 && typeNumberOfFound(store) !== TYPE_STRING) {
    throw wrongType(store, TYPE_STRING);
  }
  return found;
}

/** Puts the byte of the found string that has the bit into `oneByte`; false where the string ends before. */
function readByte(store: Store, found: number, offset: number): boolean {
  const at = Math.floor(offset / BITS_PER_BYTE);
  oneByte[0] = 0;
  if (found === 0 || at >= lengthOfString(store)) return false;
  oneByte[0] = viewOfString(store, at, at + 1)[0];
  return true;
}

/** A bit of the key's string, 0 beyond its end. */
export function bitOf(store: Store, database: number, key: Key, offset: number): number {
  readByte(store, findString(store, database, key), offset);
  return getBit(oneByte, offset % BITS_PER_BYTE);
}

/** Sets a bit of the key's string, which grows as need be; returns what it was. */
export function changeBit(store: Store, database: number, key: Key, offset: number, bit: number): number {
  // Zeros in front of it take no room where the string is a large one.
  store.checkWritable(RECORD_OVERHEAD_BYTES + Math.min(offset / BITS_PER_BYTE, store.inlineMaxBytes));
  const found = findString(store, database, key);
  const isThere = readByte(store, found, offset);
  const before = setBit(oneByte, offset % BITS_PER_BYTE, bit);
  if (isThere && before === bit) return before;
  return orUndo(store, () => {
    if (found !== 0) store.relocate(database, found);
    putRange(store, database, found, Math.floor(offset / BITS_PER_BYTE), oneByte, 0, 1);
    return before;
  });
}

/** How many bits of a stretch are set. */
export function countBits(store: Store, database: number, key: Key, { start, end, isInBits }: BitRange): number {
  return findString(store, database, key) === 0 ? 0 : countStringBits(store, start, end ?? -1, isInBits);
}

/** The first bit of a stretch that is `bit`, -1 if there is none. */
export function findBit(store: Store, database: number, key: Key, bit: number, range: BitRange): number {
  if (findString(store, database, key) === 0) return bit === 0 ? 0 : -1;
  return findStringBit(store, bit, range.start, range.end, range.isInBits);
}

/** Stores what several strings come to under a key, whatever that held; returns how long it is. Without any byte the key goes. */
export function combineStrings(
  store: Store,
  database: number,
  operation: BitOperation,
  target: Key,
  keys: readonly Key[],
): number {
  const sources = keys.map((key) => {
    const length = findString(store, database, key) === 0 ? 0 : lengthOfString(store);
    return length === 0 ? Buffer.alloc(0) : Buffer.from(viewOfString(store, 0, length));
  });
  const result = Buffer.allocUnsafe(Math.max(0, ...sources.map(({ length }) => length)));
  combineBits(operation, sources, result);
  store.checkWritable(result.length + RECORD_OVERHEAD_BYTES);
  return orUndo(store, () => {
    store.key.set(target);
    const found = find(store, database);
    if (result.length > 0) putBytes(store, database, found, result, 0, result.length, 0);
    else if (found !== 0) remove(store, database, found);
    return result.length;
  });
}

/** Makes the key's HyperLogLog, or an empty one, the value at hand; returns where it was found. */
function loadHyperLogLog(store: Store, database: number, key: Key): number {
  const found = findString(store, database, key);
  if (!value.load(store, found)) {
    throw new FerriteError('FERRITE_WRONG_TYPE', 'the key holds a string that is no HyperLogLog');
  }
  return found;
}

function corrupt(): FerriteError {
  return new FerriteError('FERRITE_WRONG_TYPE', 'the key holds a string that is a damaged HyperLogLog');
}

/** Counts elements in; whether the estimate may have changed. */
export function addToHyperLogLog(
  store: Store,
  database: number,
  key: Key,
  elements: readonly (string | Uint8Array)[],
): boolean {
  store.checkWritable(HYPERLOGLOG_SIZE_MAX_BYTES);
  const found = loadHyperLogLog(store, database, key);
  let hasChanged = found === 0;
  if (hasChanged) markCountStale(value.bytes);
  for (const element of elements) {
    const bytes = typeof element === 'string' ? Buffer.from(element, 'utf8') : element;
    const length = addElement(value.bytes, value.length, bytes, 0, bytes.length, SPARSE_MAX_BYTES);
    if (length === CORRUPT) throw corrupt();
    if (length === UNCHANGED) continue;
    value.length = length;
    hasChanged = true;
  }
  if (hasChanged) orUndo(store, () => value.save(store, database, found));
  return hasChanged;
}

/** About how many different elements were counted in, by all keys together. */
export function estimateElements(store: Store, database: number, keys: readonly Key[]): number {
  if (keys.length !== 1) {
    mergeKeys(store, database, keys);
    return countRegisters(registers);
  }
  if (loadHyperLogLog(store, database, keys[0]) === 0) return 0;
  const known = cachedCount(value.bytes);
  const count = known < 0 ? countElements(value.bytes, value.length) : known;
  if (count === CORRUPT) throw corrupt();
  return count;
}

/** Merges all keys into `registers`; returns whether one of them is dense. */
function mergeKeys(store: Store, database: number, keys: readonly Key[]): boolean {
  registers.fill(0);
  let hasDense = false;
  for (const key of keys) {
    loadHyperLogLog(store, database, key);
    if (isDense(value.bytes)) hasDense = true;
    if (!mergeRegisters(registers, value.bytes, value.length)) throw corrupt();
  }
  return hasDense;
}

/** Merges HyperLogLogs into that of a key, which is made if need be. */
export function mergeHyperLogLogs(store: Store, database: number, target: Key, keys: readonly Key[]): void {
  store.checkWritable(HYPERLOGLOG_SIZE_MAX_BYTES);
  const hasDense = mergeKeys(store, database, [target, ...keys]);
  const found = loadHyperLogLog(store, database, target);
  const length = storeRegisters(value.bytes, value.length, registers, hasDense, SPARSE_MAX_BYTES);
  if (length === CORRUPT) throw corrupt();
  value.length = length;
  orUndo(store, () => value.save(store, database, found));
}
