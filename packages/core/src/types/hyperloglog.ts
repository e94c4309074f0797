/**
 * HyperLogLog in redis's own encoding, to the byte: what PFADD, PFCOUNT and PFMERGE do to the bytes of a string.
 *
 * | bytes | what |
 * |---|---|
 * | 4 | `HYLL` |
 * | 1 | encoding: 0 dense, 1 sparse |
 * | 3 | unused, kept as they are |
 * | 8 | the count as of the last PFCOUNT, little endian; its highest bit says that it is stale |
 * | rest | the 16384 registers: dense, 6 bits each, lowest bits first; or sparse, see `hyperloglog-sparse.ts` |
 *
 * The functions work in place, in a buffer of the caller of at least `HYPERLOGLOG_SIZE_MAX_BYTES`, of which `lengthBytes`
 * are the value; those that change it give the new length. They may be given anything that `isHyperLogLog` took: what
 * turns out corrupt gives `CORRUPT` or false, and the bytes are then not to be stored.
 */
import { placeOf, REGISTER_BITS } from './hyperloglog-hash.ts';
import { estimate } from './hyperloglog-estimate.ts';
import {
  CORRUPT,
  countSparse,
  describeSparse,
  HEADER_SIZE_BYTES,
  mergeSparse,
  raiseSparse,
  REGISTER_COUNT,
  TOO_LARGE,
  UNCHANGED,
  writeEmptyRuns,
} from './hyperloglog-sparse.ts';

export { CORRUPT, describeSparse, REGISTER_COUNT, UNCHANGED };

const MAGIC = [0x48, 0x59, 0x4c, 0x4c];
const ENCODING_AT = 4;
const DENSE = 0;
const SPARSE = 1;
const COUNT_AT = 8;
const COUNT_SIZE_BYTES = 8;
const STALE_AT = COUNT_AT + COUNT_SIZE_BYTES - 1;
const STALE = 0x80;
const VALUE_BITS = 6;
const VALUE_MASK = (1 << VALUE_BITS) - 1;

/** Size of the dense form. */
export const HYPERLOGLOG_SIZE_MAX_BYTES = HEADER_SIZE_BYTES + (REGISTER_COUNT * VALUE_BITS) / 8;

const histogram = new Int32Array(1 << VALUE_BITS);
const scratch = new Uint8Array(REGISTER_COUNT);

/** Whether the bytes look like a HyperLogLog. Its registers may still be corrupt. */
export function isHyperLogLog(bytes: Uint8Array, lengthBytes: number): boolean {
  if (lengthBytes < HEADER_SIZE_BYTES) return false;
  for (let i = 0; i < MAGIC.length; i++) if (bytes[i] !== MAGIC[i]) return false;
  const encoding = bytes[ENCODING_AT];
  return encoding === SPARSE || (encoding === DENSE && lengthBytes === HYPERLOGLOG_SIZE_MAX_BYTES);
}

/** Writes an empty one. Gives its length. */
export function initHyperLogLog(into: Uint8Array): number {
  into.fill(0, 0, HEADER_SIZE_BYTES);
  into.set(MAGIC);
  into[ENCODING_AT] = SPARSE;
  return writeEmptyRuns(into);
}

/**
 * PFADD of one element, the bytes of `element` from `start` to `end`. Gives the new length, `UNCHANGED` or `CORRUPT`.
 * The sparse form becomes dense when it would grow beyond `sparseSizeMaxBytes` (hll-sparse-max-bytes).
 */
export function addElement(
  bytes: Uint8Array,
  lengthBytes: number,
  element: Uint8Array,
  start: number,
  end: number,
  sparseSizeMaxBytes: number,
): number {
  const place = placeOf(element, start, end);
  const register = place & (REGISTER_COUNT - 1);
  const value = place >>> REGISTER_BITS;
  if (bytes[ENCODING_AT] === SPARSE) {
    const sizeMaxBytes = sparseSizeMaxBytes < bytes.length ? sparseSizeMaxBytes : bytes.length;
    const length = raiseSparse(bytes, lengthBytes, register, value, sizeMaxBytes);
    if (length !== TOO_LARGE) {
      if (length > 0) markCountStale(bytes);
      return length;
    }
    if (!makeDense(bytes, lengthBytes)) return CORRUPT;
  }
  if (!raiseDense(bytes, register, value)) return UNCHANGED;
  markCountStale(bytes);
  return HYPERLOGLOG_SIZE_MAX_BYTES;
}

/** The count that the value holds, or -1 if it is stale. Beyond 2^53, which only a forgery has, it is inexact. */
export function cachedCount(bytes: Uint8Array): number {
  if ((bytes[STALE_AT] & STALE) !== 0) return -1;
  let count = 0;
  for (let i = COUNT_SIZE_BYTES - 1; i >= 0; i--) count = count * 256 + bytes[COUNT_AT + i];
  return count;
}

/** Writes the count into the value: it is right until the next change. */
export function cacheCount(bytes: Uint8Array, count: number): void {
  for (let i = 0; i < COUNT_SIZE_BYTES; i++) {
    bytes[COUNT_AT + i] = count % 256;
    count = Math.floor(count / 256);
  }
}

/** Says that the registers have changed since the count was written. */
export function markCountStale(bytes: Uint8Array): void {
  bytes[STALE_AT] |= STALE;
}

/** How many different elements were added, computed from the registers; `CORRUPT` if they are. */
export function countElements(bytes: Uint8Array, lengthBytes: number): number {
  histogram.fill(0);
  if (bytes[ENCODING_AT] === DENSE) countDense(bytes);
  else if (!countSparse(bytes, lengthBytes, histogram)) return CORRUPT;
  return estimate(histogram);
}

/** How many different elements registers stand for that were merged. */
export function countRegisters(registers: Uint8Array): number {
  histogram.fill(0);
  for (let i = 0; i < REGISTER_COUNT; i++) histogram[registers[i] & VALUE_MASK]++;
  return estimate(histogram);
}

/** Raises `registers`, a byte for each, to those of a value; false if that is corrupt. */
export function mergeRegisters(registers: Uint8Array, bytes: Uint8Array, lengthBytes: number): boolean {
  if (bytes[ENCODING_AT] !== DENSE) return mergeSparse(bytes, lengthBytes, registers);
  let at = HEADER_SIZE_BYTES;
  for (let i = 0; i < REGISTER_COUNT; i += 4, at += 3) {
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    raise(registers, i, four & VALUE_MASK);
    raise(registers, i + 1, (four >>> 6) & VALUE_MASK);
    raise(registers, i + 2, (four >>> 12) & VALUE_MASK);
    raise(registers, i + 3, four >>> 18);
  }
  return true;
}

/** Whether the registers are in the dense form; PFMERGE's result is dense if one of its sources is. */
export function isDense(bytes: Uint8Array): boolean {
  return bytes[ENCODING_AT] === DENSE;
}

/**
 * The last step of PFMERGE: makes `registers`, into which the value's own were merged, those of the value. Gives the new
 * length, or `CORRUPT`. The result is dense if `isDenseWanted` or if it would not fit the sparse form.
 */
export function storeRegisters(
  bytes: Uint8Array,
  lengthBytes: number,
  registers: Uint8Array,
  isDenseWanted: boolean,
  sparseSizeMaxBytes: number,
): number {
  let length = isDenseWanted || isDense(bytes) ? TOO_LARGE : lengthBytes;
  const sizeMaxBytes = Math.min(sparseSizeMaxBytes, bytes.length);
  for (let i = 0; i < REGISTER_COUNT && length > 0; i++) {
    if (registers[i] === 0) continue;
    const next = raiseSparse(bytes, length, i, registers[i], sizeMaxBytes);
    if (next !== UNCHANGED) length = next;
  }
  if (length === CORRUPT) return CORRUPT;
  if (length === TOO_LARGE) length = writeDense(bytes, registers);
  markCountStale(bytes);
  return length;
}

/** Turns the sparse form into the dense one, which has `HYPERLOGLOG_SIZE_MAX_BYTES`; false if its runs are corrupt. */
export function makeDense(bytes: Uint8Array, lengthBytes: number): boolean {
  scratch.fill(0);
  if (!mergeSparse(bytes, lengthBytes, scratch)) return false;
  writeDense(bytes, scratch);
  return true;
}

function writeDense(bytes: Uint8Array, registers: Uint8Array): number {
  bytes[ENCODING_AT] = DENSE;
  let at = HEADER_SIZE_BYTES;
  for (let i = 0; i < REGISTER_COUNT; i += 4, at += 3) {
    const four = registers[i] | (registers[i + 1] << 6) | (registers[i + 2] << 12) | (registers[i + 3] << 18);
    bytes[at] = four;
    bytes[at + 1] = four >>> 8;
    bytes[at + 2] = four >>> 16;
  }
  return HYPERLOGLOG_SIZE_MAX_BYTES;
}

/** Whether the register was lower. */
function raiseDense(bytes: Uint8Array, register: number, value: number): boolean {
  const at = HEADER_SIZE_BYTES + 3 * (register >>> 2);
  const shift = VALUE_BITS * (register & 3);
  const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
  if (((four >>> shift) & VALUE_MASK) >= value) return false;
  const raised = (four & ~(VALUE_MASK << shift)) | (value << shift);
  bytes[at] = raised;
  bytes[at + 1] = raised >>> 8;
  bytes[at + 2] = raised >>> 16;
  return true;
}

function countDense(bytes: Uint8Array): void {
  for (let at = HEADER_SIZE_BYTES; at < HYPERLOGLOG_SIZE_MAX_BYTES; at += 3) {
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    histogram[four & VALUE_MASK]++;
    histogram[(four >>> 6) & VALUE_MASK]++;
    histogram[(four >>> 12) & VALUE_MASK]++;
    histogram[four >>> 18]++;
  }
}

function raise(registers: Uint8Array, register: number, value: number): void {
  if (registers[register] < value) registers[register] = value;
}
