/**
 * The file `ferrite.store`: what a store is, fixed when it is made. Written to a temporary name, synced, renamed; and
 * once more when a version with a newer format opens the store for writing, only to say so.
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 8 | magic "FERRITE\n" |
 * | 8 | 4 | format version |
 * | 12 | 4 | least format a reader must know |
 * | 16 | 8 | store id |
 * | 24 | 4 | salt of every sum |
 * | 28 | 8 | secret key of the hash |
 * | 36 | 4 | page bytes |
 * | 40 | 8 | created, wall clock ms (u48) |
 * | 48 | 4 | hash bits used (32, fewer only in tests) |
 * | 52 | 4 | features named (0), room to 500 for their names and kinds |
 * | 508 | 4 | sum of bytes 0 to 507 |
 */

import { FerriteError } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import { toFerriteError, writeFully } from './device-io.ts';
import { mixWord, readWide, writeWide } from './record.ts';

export const FORMAT_VERSION = 2;
export const STORE_FILE = 'ferrite.store';
const STORE_FILE_BYTES = 512;
const WORDS = STORE_FILE_BYTES / 4;
const MAGIC_LOW = 0x52524546;
const MAGIC_HIGH = 0x0a455449;

export interface StoreIdentity {
  readonly idLow: number;
  readonly idHigh: number;
  readonly salt: number;
  readonly hashKey0: number;
  readonly hashKey1: number;
  /** Bits of a hash that are used; 32 but for tests that want collisions. */
  readonly hashBits: number;
  readonly pageBytes: number;
  readonly createdMs: number;
  readonly readOnly: boolean;
}

/** `entropy` gives 32 unpredictable bits a call: the hash key is what keeps clients from choosing colliding keys. */
export function makeIdentity(entropy: () => number, pageBytes: number, nowMs: number, hashBits: number): StoreIdentity {
  const word = () => entropy() | 0;
  return {
    idLow: word(),
    idHigh: word(),
    salt: word(),
    hashKey0: word(),
    hashKey1: word(),
    hashBits,
    pageBytes,
    createdMs: nowMs,
    readOnly: false,
  };
}

/** The store id as people and tokens see it: 16 hexadecimal digits. */
export function storeIdText(identity: StoreIdentity): string {
  const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
  return hex(identity.idHigh) + hex(identity.idLow);
}

function sumOf(words: Int32Array): number {
  let sum = MAGIC_LOW;
  for (let i = 0; i < WORDS - 1; i++) sum = mixWord(sum, words[i]);
  return sum;
}

export function writeStoreFile(device: Device, identity: StoreIdentity): void {
  const words = new Int32Array(WORDS);
  words[0] = MAGIC_LOW;
  words[1] = MAGIC_HIGH;
  words[2] = FORMAT_VERSION;
  words[3] = FORMAT_VERSION;
  words[4] = identity.idLow;
  words[5] = identity.idHigh;
  words[6] = identity.salt;
  words[7] = identity.hashKey0;
  words[8] = identity.hashKey1;
  words[9] = identity.pageBytes;
  writeWide(words, 10, identity.createdMs);
  words[12] = identity.hashBits;
  words[WORDS - 1] = sumOf(words);
  const temporary = `${STORE_FILE}.tmp`;
  try {
    if (device.listSync().includes(temporary)) device.removeSync(temporary);
    const file = device.openSync(temporary, 'create');
    writeFully(file, new Uint8Array(words.buffer), 0, STORE_FILE_BYTES, 0);
    file.syncSync();
    file.closeSync();
    device.renameSync(temporary, STORE_FILE);
    device.syncDirectorySync();
  } catch (error) {
    throw toFerriteError(error, `creating a store in ${device.path}`);
  }
}

export function readStoreFile(device: Device, readOnly: boolean): StoreIdentity {
  const bytes = new Uint8Array(STORE_FILE_BYTES);
  let length: number;
  try {
    const file = device.openSync(STORE_FILE, 'read');
    length = file.readSync(bytes, 0, STORE_FILE_BYTES, 0);
    file.closeSync();
  } catch (error) {
    throw toFerriteError(error, `reading ${STORE_FILE} in ${device.path}`);
  }
  const words = new Int32Array(bytes.buffer);
  const isFerrite = words[0] === MAGIC_LOW && words[1] === MAGIC_HIGH;
  if (isFerrite && words[3] > FORMAT_VERSION && words[WORDS - 1] === sumOf(words)) {
    throw new FerriteError(
      'FERRITE_NEWER_FORMAT',
      `${device.path} was written in format ${words[2]}, this version reads up to ${FORMAT_VERSION}: use a newer Ferrite`,
    );
  }
  if (length < STORE_FILE_BYTES || !isFerrite || words[WORDS - 1] !== sumOf(words)) {
    throw new FerriteError(
      'FERRITE_CORRUPT',
      `${STORE_FILE} in ${device.path} is damaged: restore it, or the store, from a backup`,
    );
  }
  if (words[13] !== 0) {
    throw new FerriteError(
      'FERRITE_NEWER_FORMAT',
      `${device.path} uses features that this version lacks: use a newer Ferrite`,
    );
  }
  const identity = {
    idLow: words[4],
    idHigh: words[5],
    salt: words[6],
    hashKey0: words[7],
    hashKey1: words[8],
    pageBytes: words[9],
    createdMs: readWide(words, 10),
    hashBits: words[12],
    readOnly,
  };
  // What is written from now on an older version would not understand.
  if (words[2] < FORMAT_VERSION && !readOnly) writeStoreFile(device, identity);
  return identity;
}
