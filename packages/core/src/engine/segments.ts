/**
 * The segment files of one log, main or cold: create, find, read, write, sync, retire.
 *
 * A segment holds a stretch of addresses, its header first, so that a byte of the log lies at (address - base) * 8 of its
 * file. Segments of the main log follow each other without a gap and leave from the front; cold ones leave anywhere.
 *
 * | at | bytes | field of the segment header |
 * |---|---|---|
 * | 0 | 4 | magic "FSEG" |
 * | 4 | 2 | format |
 * | 6 | 2 | least format a reader must know |
 * | 8 | 8 | store id |
 * | 16 | 4 | number |
 * | 20 | 4 | 0 main log, 1 cold log |
 * | 24 | 8 | base address (u48) |
 * | 32 | 8 | units (u48) |
 * | 40 | 4 | epoch |
 * | 44 | 4 | zero |
 * | 48 | 8 | created, wall clock ms (u48) |
 * | 56 | 4 | zero |
 * | 60 | 4 | sum of bytes 0 to 59 |
 * | 64 | 4032 | zero: the first frame is at 4096 |
 *
 * A file is made exclusively, extended to its full size (a file that does not grow halves the wear of small commits),
 * its header and its directory entry made durable, before the first frame goes in.
 */

import { FerriteError } from '../base/errors.ts';
import type { Device, DeviceFile } from '../device/device.ts';
import { UNIT_BYTES } from './address.ts';
import { toFerriteError, writeFully, writeFullyInPool } from './device-io.ts';
import { mixWord, readWide, writeWide } from './record.ts';
import { FORMAT_VERSION, formatOf, type StoreIdentity } from './store-file.ts';

const MAGIC = 0x47455346;
export const SEGMENT_HEADER_BYTES = 64;
/** Frames begin after a block of 4096 bytes that the header has for itself: a durable header is never written again. */
export const SEGMENT_FRAMES_AT_BYTES = 4096;
export const SEGMENT_HEADER_UNITS = SEGMENT_FRAMES_AT_BYTES / UNIT_BYTES;

const UNUSED_STEP_BYTES = 64 * 1024;

export type LogName = 'main' | 'cold';

/** Bytes and calls that reached the device, for `stats().flash`. */
export interface FlashCounters {
  writtenBytes: number;
  fsyncs: number;
}

export class Segment {
  readonly number: number;
  readonly base: number;
  readonly units: number;
  file: DeviceFile | null = null;
  /** False until the file and its directory entry are durable. */
  ready = false;
  /** Units of records that no slot points at any more. */
  deadUnits = 0;
  /** Iterators, backups and feed readers that still need the file. */
  pins = 0;
  retired = false;
  /** Its RETIRE record is in the log; the file goes once that is durable. */
  isLeaving = false;
  writtenUntil: number;
  syncedUntil: number;
  createdMs = 0;

  constructor(number: number, base: number, units: number) {
    this.number = number;
    this.base = base;
    this.units = units;
    this.writtenUntil = base;
    this.syncedUntil = base;
  }

  get end(): number {
    return this.base + this.units;
  }
}

export function segmentFileName(log: LogName, number: number): string {
  return `${log}-${String(number).padStart(8, '0')}.seg`;
}

export function parseSegmentFileName(name: string): { log: LogName; number: number } | undefined {
  const match = /^(main|cold)-(\d{8,})\.seg$/.exec(name);
  return match === null ? undefined : { log: match[1] as LogName, number: Number(match[2]) };
}

export class Segments {
  readonly log: LogName;
  /** In order of base address. */
  readonly list: Segment[] = [];
  private readonly device: Device;
  private readonly identity: StoreIdentity;
  private readonly flash: FlashCounters;
  private nextNumber = 1;
  private lastFound: Segment | undefined;

  constructor(device: Device, log: LogName, identity: StoreIdentity, flash: FlashCounters) {
    this.device = device;
    this.log = log;
    this.identity = identity;
    this.flash = flash;
  }

  /** Takes over a segment found at open. They come in order. */
  adopt(segment: Segment): void {
    this.list.push(segment);
    this.nextNumber = Math.max(this.nextNumber, segment.number + 1);
  }

  /** Numbers below `number` are never used again, though their files may be gone. */
  skipNumbersBelow(number: number): void {
    this.nextNumber = Math.max(this.nextNumber, number);
  }

  get last(): Segment | undefined {
    return this.list[this.list.length - 1];
  }

  /** The first one whose file is not there yet. */
  get firstPlanned(): Segment | undefined {
    let i = this.list.length;
    while (i > 0 && !this.list[i - 1].ready) i--;
    return this.list[i];
  }

  find(address: number): Segment | undefined {
    const recent = this.lastFound;
    if (recent !== undefined && address >= recent.base && address < recent.end && !recent.retired) return recent;
    const found = this.guess(address) ?? this.search(address);
    if (found !== undefined) this.lastFound = found;
    return found;
  }

  /** Most segments have one size, and follow each other. */
  private guess(address: number): Segment | undefined {
    const first = this.list[0];
    if (first === undefined || address < first.base) return undefined;
    const segment = this.list[Math.floor((address - first.base) / first.units)];
    return segment !== undefined && address >= segment.base && address < segment.end ? segment : undefined;
  }

  private search(address: number): Segment | undefined {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.list[middle].end <= address) low = middle + 1;
      else high = middle;
    }
    const found = this.list[low];
    return found === undefined || address < found.base ? undefined : found;
  }

  /** Plans the next segment; its file is made when first written to, or ahead of time by `prepare`. */
  extend(base: number, units: number): Segment {
    const segment = new Segment(this.nextNumber++, base, units);
    this.list.push(segment);
    return segment;
  }

  private createFile(segment: Segment, nowMs: number): DeviceFile {
    if (segment.file !== null) return segment.file;
    const file = this.device.openSync(segmentFileName(this.log, segment.number), 'create');
    segment.file = file;
    try {
      file.truncateSync(segment.units * UNIT_BYTES);
      segment.createdMs = nowMs;
    } catch (error) {
      this.dropFile(segment, file);
      throw error;
    }
    return file;
  }

  /** A file that could not be made whole goes, unless somebody else has made it so meanwhile. */
  private dropFile(segment: Segment, file: DeviceFile): void {
    if (segment.ready || segment.file !== file) return;
    segment.file = null;
    file.closeSync();
    this.device.removeSync(segmentFileName(this.log, segment.number));
  }

  /** Makes the file and its directory entry durable, on the spot. */
  prepareSync(segment: Segment, epoch: number, nowMs: number): void {
    if (segment.ready) return;
    const file = this.createFile(segment, nowMs);
    try {
      const header = encodeHeader(segment, this.log, this.identity, epoch, segment.createdMs);
      writeFully(file, header, 0, header.length, 0);
    } catch (error) {
      this.dropFile(segment, file);
      throw error;
    }
    this.flash.writtenBytes += SEGMENT_HEADER_BYTES;
    file.syncSync();
    this.device.syncDirectorySync();
    this.flash.fsyncs += 2;
    segment.ready = true;
  }

  /**
   * The same off the loop. Two may do it at once, in whichever way: both write the same. If the other one fails and gives
   * the file up, this one ends with the segment not ready.
   */
  async prepare(segment: Segment, epoch: number, nowMs: number): Promise<void> {
    if (segment.ready) return;
    const file = this.createFile(segment, nowMs);
    try {
      const header = encodeHeader(segment, this.log, this.identity, epoch, segment.createdMs);
      await writeFullyInPool(file, header, header.length, 0);
      this.flash.writtenBytes += SEGMENT_HEADER_BYTES;
      await file.sync();
      await this.device.syncDirectory();
      this.flash.fsyncs += 2;
    } catch (error) {
      if (segment.file !== file) return;
      this.dropFile(segment, file);
      throw error;
    }
    if (segment.file === file) segment.ready = true;
  }

  /** Writes zeros over a stretch of a segment. */
  clearSync(segment: Segment, from: number, until: number): void {
    const file = this.openFile(segment);
    const zeros = new Uint8Array(UNUSED_STEP_BYTES);
    const end = (until - segment.base) * UNIT_BYTES;
    for (let at = (from - segment.base) * UNIT_BYTES; at < end; at += zeros.length) {
      writeFully(file, zeros, 0, Math.min(zeros.length, end - at), at);
    }
    file.syncSync();
  }

  /** Salvage: gives an adopted segment whose header was damaged a new one. */
  rewriteHeader(segment: Segment, nowMs: number): void {
    const header = encodeHeader(segment, this.log, this.identity, 0, nowMs);
    writeFully(segment.file as DeviceFile, header, 0, header.length, 0);
    this.flash.writtenBytes += SEGMENT_HEADER_BYTES;
  }

  openFile(segment: Segment): DeviceFile {
    if (segment.file === null) {
      const name = segmentFileName(this.log, segment.number);
      try {
        segment.file = this.device.openSync(name, this.identity.readOnly ? 'read' : 'write');
      } catch (error) {
        throw toFerriteError(error, `opening ${name}`);
      }
    }
    return segment.file;
  }

  /** Writes bytes of one page; throws what the device throws. */
  writeSync(source: Uint8Array, offset: number, length: number, address: number): void {
    const segment = this.find(address) as Segment;
    writeFully(this.openFile(segment), source, offset, length, (address - segment.base) * UNIT_BYTES);
    this.written(segment, length, address);
  }

  /** Writes the first `length` bytes of a buffer that must not change until it settles. */
  async write(source: Uint8Array, length: number, address: number): Promise<void> {
    const segment = this.find(address) as Segment;
    await writeFullyInPool(this.openFile(segment), source, length, (address - segment.base) * UNIT_BYTES);
    this.written(segment, length, address);
  }

  private written(segment: Segment, length: number, address: number): void {
    this.flash.writtenBytes += length;
    const end = address + length / UNIT_BYTES;
    if (end > segment.writtenUntil) segment.writtenUntil = end;
    segment.syncedUntil = Math.min(segment.syncedUntil, address);
  }

  /** Reads up to `length` bytes at an address, fewer at the end of the segment. */
  readSync(target: Uint8Array, offset: number, length: number, address: number): number {
    const segment = this.find(address);
    if (segment === undefined) {
      throw new FerriteError('FERRITE_SEGMENT_MISSING', `no ${this.log} segment holds address ${address}`);
    }
    const left = (segment.end - address) * UNIT_BYTES;
    const position = (address - segment.base) * UNIT_BYTES;
    try {
      return this.openFile(segment).readSync(target, offset, Math.min(length, left), position);
    } catch (error) {
      throw toFerriteError(error, `reading ${segmentFileName(this.log, segment.number)}`);
    }
  }

  /** fdatasync of every segment with unsynced bytes, oldest first. */
  syncSync(): void {
    for (const segment of this.list) {
      if (segment.file === null || segment.syncedUntil >= segment.writtenUntil) continue;
      segment.file.syncSync();
      this.flash.fsyncs++;
      segment.syncedUntil = segment.writtenUntil;
    }
  }

  async sync(): Promise<void> {
    for (const segment of [...this.list]) {
      if (segment.file === null || segment.syncedUntil >= segment.writtenUntil || segment.retired) continue;
      const until = segment.writtenUntil;
      await segment.file.sync();
      this.flash.fsyncs++;
      segment.syncedUntil = Math.max(segment.syncedUntil, until);
    }
  }

  /** Forgets a segment and removes its file; the name is gone for good after the next directory sync. */
  remove(segment: Segment): void {
    this.device.removeSync(this.forget(segment));
  }

  /** Forgets a segment; returns the name of the file, which is to be removed. */
  forget(segment: Segment): string {
    segment.retired = true;
    segment.file?.closeSync();
    segment.file = null;
    this.list.splice(this.list.indexOf(segment), 1);
    if (this.lastFound === segment) this.lastFound = undefined;
    return segmentFileName(this.log, segment.number);
  }

  closeFiles(): void {
    for (const segment of this.list) {
      segment.file?.closeSync();
      segment.file = null;
    }
  }

  get bytesOnDisk(): number {
    let units = 0;
    for (const segment of this.list) units += segment.units;
    return units * UNIT_BYTES;
  }
}

/** Whether a file holds nothing but zeros from `position` on: no frame was ever written there. */
export function isUnused(file: DeviceFile, position: number): boolean {
  const bytes = Buffer.alloc(UNUSED_STEP_BYTES);
  const zeros = Buffer.alloc(UNUSED_STEP_BYTES);
  for (let at = position; ; at += UNUSED_STEP_BYTES) {
    const have = file.readSync(bytes, 0, UNUSED_STEP_BYTES, at);
    if (bytes.compare(zeros, 0, have, 0, have) !== 0) return false;
    if (have < UNUSED_STEP_BYTES) return true;
  }
}

function headerSum(words: Int32Array, salt: number): number {
  let sum = mixWord(salt, MAGIC);
  for (let i = 0; i < 15; i++) sum = mixWord(sum, words[i]);
  return sum;
}

function encodeHeader(
  segment: Segment,
  log: LogName,
  identity: StoreIdentity,
  epoch: number,
  nowMs: number,
): Uint8Array {
  const words = new Int32Array(SEGMENT_HEADER_BYTES / 4);
  words[0] = MAGIC;
  words[1] = formatOf(identity) | (formatOf(identity) << 16);
  words[2] = identity.idLow;
  words[3] = identity.idHigh;
  words[4] = segment.number;
  words[5] = log === 'cold' ? 1 : 0;
  writeWide(words, 6, segment.base);
  writeWide(words, 8, segment.units);
  words[10] = epoch;
  writeWide(words, 12, nowMs);
  words[15] = headerSum(words, identity.salt);
  return new Uint8Array(words.buffer);
}

type SegmentHeader =
  | { state: 'valid'; base: number; units: number; epoch: number; createdMs: number }
  | { state: 'newer'; format: number }
  | { state: 'foreign' }
  | { state: 'invalid' };

/** A damaged header still says in most places whose it is; one of zeros says nothing, and the frames may be whole. */
function looksLikeOurs(words: Int32Array, number: number, identity: StoreIdentity): boolean {
  const told = [words[0] === MAGIC, words[2] === identity.idLow, words[3] === identity.idHigh, words[4] === number];
  return told.filter((isSo) => isSo).length >= told.length - 1 || words.every((word) => word === 0);
}

/** Judges the first 64 bytes of a segment file. */
export function decodeHeader(bytes: Uint8Array, number: number, log: LogName, identity: StoreIdentity): SegmentHeader {
  const words = new Int32Array(SEGMENT_HEADER_BYTES / 4);
  new Uint8Array(words.buffer).set(bytes.subarray(0, SEGMENT_HEADER_BYTES));
  if (words[0] !== MAGIC || words[15] !== headerSum(words, identity.salt)) {
    return { state: looksLikeOurs(words, number, identity) ? 'invalid' : 'foreign' };
  }
  if (words[1] >>> 16 > FORMAT_VERSION) return { state: 'newer', format: words[1] & 0xffff };
  if (words[2] !== identity.idLow || words[3] !== identity.idHigh) return { state: 'foreign' };
  if (words[4] !== number || words[5] !== (log === 'cold' ? 1 : 0)) return { state: 'foreign' };
  return {
    state: 'valid',
    base: readWide(words, 6),
    units: readWide(words, 8),
    epoch: words[10] >>> 0,
    createdMs: readWide(words, 12),
  };
}
