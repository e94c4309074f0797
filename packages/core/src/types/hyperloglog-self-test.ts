/**
 * PFSELFTEST: whether the registers of the dense form keep what is written to them, whether both forms say the same of
 * the same elements, and whether the estimate is as near as the method promises.
 */
import type { Prng } from '../base/prng.ts';
import {
  addElement,
  CORRUPT,
  countElements,
  HYPERLOGLOG_SIZE_MAX_BYTES,
  initHyperLogLog,
  isDense,
  makeDense,
  mergeRegisters,
  REGISTER_COUNT,
  storeRegisters,
} from './hyperloglog.ts';

const ROUNDS = 64;
const REGISTER_MAX = 63;
const ELEMENTS = 100_000;
const SPARSE_SIZE_MAX_BYTES = 3000;
/** So few elements are always sparse. */
const SURELY_SPARSE = 1000;
/** The standard error of 2^14 registers is 1.04 / sqrt(2^14); six times as much is met almost never. */
const ERROR_SHARE_MAX = (6 * 1.04) / 128;

/** Gives what is wrong, or undefined. */
export function testHyperLogLog(prng: Prng): string | undefined {
  return testRegisters(prng) ?? testEstimate(prng);
}

function testRegisters(prng: Prng): string | undefined {
  const value = new Uint8Array(HYPERLOGLOG_SIZE_MAX_BYTES);
  const written = new Uint8Array(REGISTER_COUNT);
  const read = new Uint8Array(REGISTER_COUNT);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < REGISTER_COUNT; i++) written[i] = prng.nextBelow(REGISTER_MAX + 1);
    const length = initHyperLogLog(value);
    storeRegisters(value, length, written, true, SPARSE_SIZE_MAX_BYTES);
    read.fill(0);
    mergeRegisters(read, value, HYPERLOGLOG_SIZE_MAX_BYTES);
    const wrong = read.findIndex((each, i) => each !== written[i]);
    if (wrong >= 0) return `Register ${wrong} should be ${written[wrong]} but is ${read[wrong]}`;
  }
  return undefined;
}

function testEstimate(prng: Prng): string | undefined {
  const sparse = new Uint8Array(HYPERLOGLOG_SIZE_MAX_BYTES);
  const dense = new Uint8Array(HYPERLOGLOG_SIZE_MAX_BYTES);
  let sparseLength = initHyperLogLog(sparse);
  makeDense(dense, initHyperLogLog(dense));
  const element = Buffer.alloc(8);
  element.writeUInt32LE(prng.nextUint32(), 4);
  for (let added = 1, checkpoint = 1; added <= ELEMENTS; added++) {
    element.writeUInt32LE(added);
    const length = addElement(sparse, sparseLength, element, 0, element.length, SPARSE_SIZE_MAX_BYTES);
    if (length === CORRUPT) return 'sparse encoding is corrupt';
    if (length > 0) sparseLength = length;
    addElement(dense, HYPERLOGLOG_SIZE_MAX_BYTES, element, 0, element.length, SPARSE_SIZE_MAX_BYTES);
    if (added !== checkpoint) continue;
    checkpoint *= 10;
    if (added <= SURELY_SPARSE && isDense(sparse)) return 'sparse encoding not used';
    const count = countElements(dense, HYPERLOGLOG_SIZE_MAX_BYTES);
    if (countElements(sparse, sparseLength) !== count) return 'dense/sparse disagree';
    const error = Math.abs(count - added);
    // Of few elements, two in one register are already more.
    if (error > Math.max(1, Math.ceil(ERROR_SHARE_MAX * added))) return `Too big error. card:${added} abserr:${error}`;
  }
  return undefined;
}
