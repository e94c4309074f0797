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
 * | 52 | 4 | features named |
 * | 56 | 452 | for each: record kind u8, length u8, its name; zeros |
 * | 508 | 4 | sum of bytes 0 to 507 |
 */

import { FerriteError } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import { toFerriteError, writeFully } from './device-io.ts';
import { KIND_MEMBER, mixWord, readWide, writeWide } from './record.ts';

/** The newest that is read. */
export const FORMAT_VERSION = 4;
/** What a store has in which no feature keeps data: it is as versions that know no features wrote it. */
const FORMAT_WITHOUT_FEATURES = 2;
/** What a store has in which features keep data, and no collection was ever made. */
const FORMAT_WITH_FEATURES = 3;
/** Collections are named like a feature's data, so that versions that do not know them say what is missing. */
const COLLECTIONS: StoredFeature = { kind: KIND_MEMBER, name: 'collections' };
const FEATURES_AT_BYTES = 56;
const FEATURES_UNTIL_BYTES = 508;
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
  /** Features that have records in it. */
  readonly features: StoredFeature[];
}

/** A feature that has records of a kind. */
interface StoredFeature {
  readonly kind: number;
  readonly name: string;
}

/** The format in which files of the store are written. */
export function formatOf({ features }: StoreIdentity): number {
  if (features.some(({ kind }) => kind === KIND_MEMBER)) return FORMAT_VERSION;
  return features.length === 0 ? FORMAT_WITHOUT_FEATURES : FORMAT_WITH_FEATURES;
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
    features: [],
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
  words[2] = formatOf(identity);
  words[3] = formatOf(identity);
  words[4] = identity.idLow;
  words[5] = identity.idHigh;
  words[6] = identity.salt;
  words[7] = identity.hashKey0;
  words[8] = identity.hashKey1;
  words[9] = identity.pageBytes;
  writeWide(words, 10, identity.createdMs);
  words[12] = identity.hashBits;
  words[13] = identity.features.length;
  encodeFeatures(new Uint8Array(words.buffer), identity.features);
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
    features: decodeFeatures(bytes, words[13]),
  };
  // What is written from now on an older version would not understand.
  if (words[2] < formatOf(identity) && !readOnly) writeStoreFile(device, identity);
  return identity;
}

/**
 * Says in the store's file that a feature has records of a kind, before there is one; nothing if it is said already.
 * Throws FERRITE_FEATURE if the file has no room for the name.
 */
export function nameFeature(device: Device, identity: StoreIdentity, feature: StoredFeature): void {
  const { features } = identity;
  if (features.some(({ kind, name }) => kind === feature.kind && name === feature.name)) return;
  const sizeBytes = [...features, feature].reduce((sum, { name }) => sum + 2 + name.length, 0);
  if (sizeBytes > FEATURES_UNTIL_BYTES - FEATURES_AT_BYTES) {
    throw new FerriteError('FERRITE_FEATURE', `${device.path} has no room for one more feature with data of its own`);
  }
  features.push(feature);
  try {
    writeStoreFile(device, identity);
  } catch (error) {
    features.pop();
    throw error;
  }
}

/** The same before the store has its first collection. */
export function nameCollections(device: Device, identity: StoreIdentity): void {
  nameFeature(device, identity, COLLECTIONS);
}

/** Names are ASCII, as `defineFeature` has them. */
function encodeFeatures(bytes: Uint8Array, features: readonly StoredFeature[]): void {
  let at = FEATURES_AT_BYTES;
  for (const { kind, name } of features) {
    bytes[at] = kind;
    bytes[at + 1] = name.length;
    bytes.set(Buffer.from(name, 'latin1'), at + 2);
    at += 2 + name.length;
  }
}

/** What is written wrong, though its sum holds, is passed over. */
function decodeFeatures(bytes: Uint8Array, count: number): StoredFeature[] {
  const features: StoredFeature[] = [];
  let at = FEATURES_AT_BYTES;
  while (features.length < count && at + 2 + bytes[at + 1] <= FEATURES_UNTIL_BYTES) {
    const end = at + 2 + bytes[at + 1];
    features.push({ kind: bytes[at], name: Buffer.from(bytes.subarray(at + 2, end)).toString('latin1') });
    at = end;
  }
  return features;
}
