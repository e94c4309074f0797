/**
 * The checkpoint file: the index as it was, slice by slice, with what is needed to go on from there.
 *
 * Sections follow each other from byte 64, each at a multiple of 8; then the directory, an entry per section; then the
 * footer, the last 128 bytes. A file is valid when its footer, directory and every section match their sums.
 *
 * | header at | bytes | field |
 * |---|---|---|
 * | 0 | 4 | magic "FCKP" |
 * | 4 | 4 | format |
 * | 8 | 8 | store id |
 * | 16 | | zeros to 63 |
 *
 * | directory entry at | bytes | field |
 * |---|---|---|
 * | 0 | 4 | kind: 1 slice of a table, 2 expiry wheel, 3 objects, 4 segments, 5 ordered keys, 6 namespaces, 7 chunks of a list, 8 expiry wheel of members |
 * | 4 | 4 | database; 32 and an object's id for its table or chunks |
 * | 8 | 4 | k: tables are cut into 2^k slices |
 * | 12 | 4 | slice: hashes whose bits 7 to 7 + k are this |
 * | 16 | 4 | entries of a slice; bytes of a section of an expiry wheel; 0 for the other kinds |
 * | 20 | 4 | high 16 bits of every address, -1 when they follow one by one |
 * | 24 | 8 | main log tail when it was taken (u48): later records are not in it |
 * | 32 | 8 | cold log tail, likewise |
 * | 40 | 8 | offset in the file (u48) |
 * | 48 | 8 | length in bytes (u48) |
 * | 56 | 4 | sum of the section |
 * | 60 | 4 | zero |
 *
 * A slice's body: hash u32[n], address low u32[n], and, if they differ, address high u16[n], zeros to a multiple of 4.
 *
 * | footer at | bytes | field |
 * |---|---|---|
 * | 0 | 8 | main log address to replay from (u48), a frame boundary |
 * | 8 | 8 | cold log address to replay from (u48) |
 * | 16 | 4 | chain of the main log there |
 * | 20 | 4 | chain of the cold log there |
 * | 24 | 8 | largest main address taken: the log was durable past it (u48) |
 * | 32 | 8 | largest cold address taken, likewise |
 * | 40 | 8 | generation (u48) |
 * | 48 | 8 | next object id (u48) |
 * | 56 | 8 | wall clock ms (u48) |
 * | 64 | 8 | directory offset (u48) |
 * | 72 | 4 | directory entries |
 * | 76 | 4 | directory sum |
 * | 80 | 4 | epoch |
 * | 84 | 8 | store id |
 * | 92 | 4 | format |
 * | 96 | 4 | keys in all tables |
 * | 100 | | zeros |
 * | 120 | 4 | sum of bytes 0 to 119 |
 * | 124 | 4 | magic "FCKP" |
 */

import type { DeviceFile } from '../device/device.ts';
import { highOf, joinAddress, lowOf } from './address.ts';
import { mixWord, readWide, writeWide } from './record.ts';
import { FORMAT_VERSION, formatOf, type StoreIdentity } from './store-file.ts';

const CHECKPOINT_MAGIC = 0x504b4346;
export const CHECKPOINT_HEADER_BYTES = 64;
const DIRECTORY_ENTRY_BYTES = 64;
const DIRECTORY_ENTRY_WORDS = DIRECTORY_ENTRY_BYTES / 4;
const FOOTER_BYTES = 128;
const VERIFY_BYTES = 512 * 1024;

export const SECTION_SLICE = 1;
export const SECTION_WHEEL = 2;
export const SECTION_LARGE = 3;
export const SECTION_SEGMENTS = 4;
export const SECTION_NAMESPACES = 6;
export const SECTION_ELEMENTS = 7;
export const SECTION_MEMBER_WHEEL = 8;

export interface Section {
  kind: number;
  database: number;
  sliceBits: number;
  slice: number;
  count: number;
  high: number;
  asOfMain: number;
  asOfCold: number;
  offset: number;
  length: number;
  sum: number;
}

export interface Footer {
  startMain: number;
  startCold: number;
  chainMain: number;
  chainCold: number;
  durableMain: number;
  durableCold: number;
  generation: number;
  nextObjectId: number;
  wallMs: number;
  directoryOffset: number;
  directoryCount: number;
  directorySum: number;
  epoch: number;
  keyCount: number;
}

export function checkpointFileName(generation: number): string {
  return `checkpoint-${String(generation).padStart(8, '0')}`;
}

export function parseCheckpointFileName(name: string): number | undefined {
  const match = /^checkpoint-(\d{8,})$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** Sum of `lengthBytes` (a multiple of 4) of `words`, from word `from` on. */
export function sectionSum(words: Int32Array, lengthBytes: number, salt: number, from = 0): number {
  let even = mixWord(salt, lengthBytes);
  let odd = even ^ 0x6a09e667;
  const count = from + (lengthBytes >>> 2);
  const pairs = from + ((lengthBytes >>> 2) & ~1);
  for (let i = from; i < pairs; i += 2) {
    even = Math.imul(even ^ words[i], 0x9e3779b1);
    even ^= even >>> 15;
    odd = Math.imul(odd ^ words[i + 1], 0x85ebca77);
    odd ^= odd >>> 13;
  }
  if (pairs < count) even = mixWord(even, words[pairs]);
  return mixWord(even, odd);
}

export function encodeCheckpointHeader(identity: StoreIdentity): Int32Array {
  const words = new Int32Array(CHECKPOINT_HEADER_BYTES / 4);
  words[0] = CHECKPOINT_MAGIC;
  words[1] = formatOf(identity);
  words[2] = identity.idLow;
  words[3] = identity.idHigh;
  return words;
}

/** Nothing is read from the header, but a file whose header does not hold has been damaged. */
export function checkpointHeaderHolds(file: DeviceFile, identity: StoreIdentity): boolean {
  const words = readWords(file, 0, CHECKPOINT_HEADER_BYTES);
  if (words === undefined || words[1] < 1 || words[1] > FORMAT_VERSION) return false;
  return encodeCheckpointHeader(identity).every((word, i) => i === 1 || word === words[i]);
}

export function encodeDirectory(sections: readonly Section[]): Int32Array {
  const words = new Int32Array((sections.length * DIRECTORY_ENTRY_BYTES) / 4);
  sections.forEach((section, i) => {
    const at = i * DIRECTORY_ENTRY_WORDS;
    words[at] = section.kind;
    words[at + 1] = lowOf(section.database);
    words[at + 2] = section.sliceBits | (highOf(section.database) << 16);
    words[at + 3] = section.slice;
    words[at + 4] = section.count;
    words[at + 5] = section.high;
    writeWide(words, at + 6, section.asOfMain);
    writeWide(words, at + 8, section.asOfCold);
    writeWide(words, at + 10, section.offset);
    writeWide(words, at + 12, section.length);
    words[at + 14] = section.sum;
  });
  return words;
}

/** The slices of one table, by slice: their entries (-1 for none) and where the logs ended when they were taken. */
export interface SliceTable {
  sliceMask: number;
  keyCount: number;
  entries: Int32Array;
  asOfMain: Float64Array;
  asOfCold: Float64Array;
}

/**
 * The directory of a checkpoint that was read. Most entries are slices, and few of them are needed soon: an entry is
 * decoded when it is asked for.
 */
export class Directory {
  readonly count: number;
  private readonly words: Int32Array;

  constructor(words: Int32Array) {
    this.words = words;
    this.count = words.byteLength / DIRECTORY_ENTRY_BYTES;
  }

  kindOf(entry: number): number {
    return this.words[entry * DIRECTORY_ENTRY_WORDS];
  }

  databaseOf(entry: number): number {
    const at = entry * DIRECTORY_ENTRY_WORDS;
    return joinAddress(this.words[at + 2] >>> 16, this.words[at + 1]);
  }

  /** The slices of the table whose first one is that entry: they follow each other. */
  slicesFrom(first: number): SliceTable {
    const { words } = this;
    const slices = makeSliceTable(words[first * DIRECTORY_ENTRY_WORDS + 2] & 0xffff);
    for (let at = first * DIRECTORY_ENTRY_WORDS; at < words.length; at += DIRECTORY_ENTRY_WORDS) {
      if (words[at] !== SECTION_SLICE || this.databaseOf(at / DIRECTORY_ENTRY_WORDS) !== this.databaseOf(first)) break;
      const slice = words[at + 3];
      slices.keyCount += words[at + 4];
      slices.entries[slice] = at / DIRECTORY_ENTRY_WORDS;
      slices.asOfMain[slice] = readWide(words, at + 6);
      slices.asOfCold[slice] = readWide(words, at + 8);
    }
    return slices;
  }

  at(entry: number): Section {
    const { words } = this;
    const at = entry * DIRECTORY_ENTRY_WORDS;
    return {
      kind: words[at],
      database: this.databaseOf(entry),
      sliceBits: words[at + 2] & 0xffff,
      slice: words[at + 3],
      count: words[at + 4],
      high: words[at + 5],
      asOfMain: readWide(words, at + 6),
      asOfCold: readWide(words, at + 8),
      offset: readWide(words, at + 10),
      length: readWide(words, at + 12),
      sum: words[at + 14],
    };
  }
}

function makeSliceTable(sliceBits: number): SliceTable {
  const count = 2 ** sliceBits;
  return {
    sliceMask: count - 1,
    keyCount: 0,
    entries: new Int32Array(count).fill(-1),
    asOfMain: new Float64Array(count),
    asOfCold: new Float64Array(count),
  };
}

export function encodeFooter(footer: Footer, identity: StoreIdentity): Int32Array {
  const words = new Int32Array(FOOTER_BYTES / 4);
  writeWide(words, 0, footer.startMain);
  writeWide(words, 2, footer.startCold);
  words[4] = footer.chainMain;
  words[5] = footer.chainCold;
  writeWide(words, 6, footer.durableMain);
  writeWide(words, 8, footer.durableCold);
  writeWide(words, 10, footer.generation);
  writeWide(words, 12, footer.nextObjectId);
  writeWide(words, 14, footer.wallMs);
  writeWide(words, 16, footer.directoryOffset);
  words[18] = footer.directoryCount;
  words[19] = footer.directorySum;
  words[20] = footer.epoch;
  words[21] = identity.idLow;
  words[22] = identity.idHigh;
  words[23] = formatOf(identity);
  words[24] = footer.keyCount;
  words[30] = sectionSum(words, 120, identity.salt);
  words[31] = CHECKPOINT_MAGIC;
  return words;
}

function decodeFooter(words: Int32Array, identity: StoreIdentity): Footer | 'newer' | undefined {
  if (words[31] !== CHECKPOINT_MAGIC || words[30] !== sectionSum(words, 120, identity.salt)) return undefined;
  if (words[21] !== identity.idLow || words[22] !== identity.idHigh) return undefined;
  if (words[23] > FORMAT_VERSION) return 'newer';
  return {
    startMain: readWide(words, 0),
    startCold: readWide(words, 2),
    chainMain: words[4],
    chainCold: words[5],
    durableMain: readWide(words, 6),
    durableCold: readWide(words, 8),
    generation: readWide(words, 10),
    nextObjectId: readWide(words, 12),
    wallMs: readWide(words, 14),
    directoryOffset: readWide(words, 16),
    directoryCount: words[18],
    directorySum: words[19],
    epoch: words[20] >>> 0,
    keyCount: words[24] >>> 0,
  };
}

/** Reads whole words at an offset; undefined when the file is shorter. */
function readWords(file: DeviceFile, offset: number, lengthBytes: number): Int32Array | undefined {
  const words = new Int32Array(Math.ceil(lengthBytes / 4));
  const bytes = new Uint8Array(words.buffer, 0, lengthBytes);
  return file.readSync(bytes, 0, lengthBytes, offset) === lengthBytes ? words : undefined;
}

export interface CheckpointContents {
  footer: Footer;
  directory: Directory;
  sizeBytes: number;
}

/**
 * Reads what a checkpoint says it holds; undefined when that does not hold. The slices, nearly all of it, are checked
 * here only if `withSlices`, else by whoever reads them.
 */
export function readCheckpoint(
  file: DeviceFile,
  identity: StoreIdentity,
  withSlices: boolean,
): CheckpointContents | 'newer' | undefined {
  const sizeBytes = file.sizeSync();
  if (sizeBytes < CHECKPOINT_HEADER_BYTES + FOOTER_BYTES) return undefined;
  const footerWords = readWords(file, sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
  const footer = footerWords === undefined ? undefined : decodeFooter(footerWords, identity);
  if (footer === undefined || footer === 'newer') return footer;
  const directoryBytes = footer.directoryCount * DIRECTORY_ENTRY_BYTES;
  if (footer.directoryOffset + directoryBytes + FOOTER_BYTES !== sizeBytes) return undefined;
  const words = readWords(file, footer.directoryOffset, directoryBytes);
  if (words === undefined || sectionSum(words, directoryBytes, identity.salt) !== footer.directorySum) return undefined;
  const directory = new Directory(words);
  return sectionsHold(file, directory, withSlices, identity.salt) ? { footer, directory, sizeBytes } : undefined;
}

/** Whether sections match their sums. Most follow each other: the file is read in a few large pieces. */
function sectionsHold(file: DeviceFile, directory: Directory, withSlices: boolean, salt: number): boolean {
  let words = new Int32Array(VERIFY_BYTES / 4);
  let start = 0;
  let end = 0;
  for (let entry = 0; entry < directory.count; entry++) {
    if (!withSlices && directory.kindOf(entry) === SECTION_SLICE) continue;
    const { offset, length, sum } = directory.at(entry);
    if (offset < start || offset + length > end) {
      if (length > words.byteLength) words = new Int32Array(Math.ceil(length / 4));
      start = offset;
      end = offset + file.readSync(new Uint8Array(words.buffer), 0, words.byteLength, offset);
      if (offset + length > end) return false;
    }
    if (sectionSum(words, length, salt, (offset - start) / 4) !== sum) return false;
  }
  return true;
}

export function readSection(file: DeviceFile, section: Section): Int32Array | undefined {
  return readWords(file, section.offset, section.length);
}

/** Reads a section into `bytes`, which has room for it; false when the file is shorter. */
export function readSectionInto(file: DeviceFile, section: Section, bytes: Uint8Array): boolean {
  return file.readSync(bytes, 0, section.length, section.offset) === section.length;
}
