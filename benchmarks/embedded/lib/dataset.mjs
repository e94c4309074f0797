/**
 * The data of every workload: keys `reading:<i>` and values of 100 ASCII characters that compress badly.
 *
 * Both are built outside of the timed sections and are flat strings without a cached hash, as they would come from a
 * socket or a file. A value is one of 4,096; which one a key holds follows from the key's number and from how often it
 * was written, so that every value read can be checked. Used by all workloads.
 */
import { Random } from './random.mjs';

export const valueSizeBytes = 100;
const poolSize = 4096;
const prefix = 'reading:';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';

const scratch = Buffer.alloc(32);
scratch.latin1Write(prefix, 0);
let pool = null;

/** A fresh flat string `reading:<id>`. */
export function keyOf(id) {
  let end = prefix.length + digitCount(id);
  const length = end;
  do {
    end -= 1;
    scratch[end] = 48 + (id % 10);
    id = Math.floor(id / 10);
  } while (id > 0);
  return scratch.latin1Slice(0, length);
}

export function idOf(key) {
  return Number(key.slice(prefix.length));
}

export function keySizeBytes(id) {
  return prefix.length + digitCount(id);
}

/** The number of the value that key `id` holds after `writeCount` writes since it was loaded. */
export function valueNumber(id, writeCount) {
  return Math.imul(id + Math.imul(writeCount, 0x2545f491), 0x9e3779b1) >>> 20;
}

export function valueOf(number) {
  pool ??= buildPool();
  return pool[number];
}

export function isKnownValue(value) {
  pool ??= buildPool();
  return pool.includes(value);
}

function digitCount(id) {
  let count = 1;
  for (let rest = id; rest >= 10; rest = Math.floor(rest / 10)) count += 1;
  return count;
}

function buildPool() {
  const random = new Random(0x5eed);
  const bytes = Buffer.alloc(valueSizeBytes);
  return Array.from({ length: poolSize }, () => {
    for (let at = 0; at < valueSizeBytes; at += 1) bytes[at] = letters.charCodeAt(random.int32() & 63);
    return bytes.latin1Slice(0, valueSizeBytes);
  });
}
