/**
 * Recovery: what the files say the store is. Runs at every open, clean or not.
 *
 * 1. Segments: every file's header. 2. The newest checkpoint that holds. 3. The cold log, then the main log, from where
 * the checkpoint was begun, up to the last whole group. 4. The first frame that does not hold is a torn tail, and is cut,
 * unless something proves that bytes beyond it were durable (a mark, the checkpoint): then it is damage, and nothing is
 * cut silently. 5. Segments named by RETIRE records are removed again if they came back.
 *
 * It may itself be cut short at any point and run again: it only removes what it would remove again.
 */

import { FerriteError } from '../base/errors.ts';
import type { Device, DeviceFile } from '../device/device.ts';
import { COLD_BASE, UNIT_BYTES } from './address.ts';
import {
  type CheckpointContents,
  type Directory,
  checkpointFileName,
  parseCheckpointFileName,
  readCheckpoint,
  readSection,
  SECTION_ELEMENTS,
  SECTION_LARGE,
  SECTION_MEMBER_WHEEL,
  SECTION_NAMESPACES,
  SECTION_SEGMENTS,
  SECTION_SLICE,
  SECTION_WHEEL,
} from './checkpoint-format.ts';
import { decodeChunks, decodeLarge, decodeSegments, type SegmentEntry } from './checkpoint-sections.ts';
import type { KeptCheckpoint } from './checkpoint.ts';
import { isDiskFull, toFerriteError, writeFully } from './device-io.ts';
import type { Mark } from './frame.ts';
import { IndexLoader } from './index-loader.ts';
import { OBJECT_TABLES } from './large-values.ts';
import { markOfTime } from './member-expiry.ts';
import { decodeMeta, type Meta } from './meta-record.ts';
import { DATABASES } from './namespaces.ts';
import type { Memory } from './page-memory.ts';
import {
  databaseOf,
  expiryOf,
  FLAG_EXPIRY,
  FLAG_FROM,
  FLAG_LONG_KEY,
  FLAG_OVER,
  FLAG_SYNC,
  flagsOf,
  fromOf,
  HEADER_BYTES,
  KIND_CUT,
  KIND_ELEMENT,
  KIND_MEMBER,
  KIND_MEMBER_TOMBSTONE,
  KIND_META,
  isValueKind,
  KIND_ROOT,
  KIND_STRING,
  KIND_TOMBSTONE,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  objectIdOf,
} from './record.ts';
import {
  decodeHeader,
  isUnused,
  type LogName,
  parseSegmentFileName,
  SEGMENT_FRAMES_AT_BYTES,
  SEGMENT_HEADER_BYTES,
  SEGMENT_HEADER_UNITS,
  Segment,
  type Segments,
  segmentFileName,
} from './segments.ts';
import type { Store } from './store.ts';
import { firstGap, type WalkEnd, Walker, type WalkVisitor } from './walk.ts';

/** What recovery found and did, for `stats().recovery`. */
export interface RecoveryReport {
  /** The store had been closed properly. */
  clean: boolean;
  checkpointGeneration: number;
  replayedRecords: number;
  replayedBytes: number;
  /** Bytes after the last whole commit that were set aside and cut. */
  cutBytes: number;
  /** Files in the store's directory that hold what was cut. */
  savedAs: string[];
  /** Damage that was passed over, in salvage or read-only mode. */
  damage: string[];
  durationMs: number;
}

export interface Recovered {
  report: RecoveryReport;
  mainTail: number;
  mainChain: number;
  mainDurable: number;
  coldTail: number;
  coldChain: number;
  coldDurable: number;
  epoch: number;
  begin: number;
  kept: KeptCheckpoint[];
  /** Where slices of the index are still to be loaded from. */
  checkpointFile: DeviceFile | null;
}

/** In a record's second word: a string without extensions between header and key. */
const PLAIN_STRING = KIND_STRING << 16;
const PLAIN_MASK = (15 << 16) | ((FLAG_EXPIRY | FLAG_SYNC | FLAG_FROM | FLAG_LONG_KEY) << 24);

const RECORD_UNITS_MIN = 2;

/** Retired segments, by log and number. */
type RetiredNames = Set<string>;

export class Recovery {
  private readonly store: Store;
  private readonly device: Device;
  private readonly main: Segments;
  private readonly cold: Segments;
  private readonly report: RecoveryReport;
  private readonly loaders: (IndexLoader | undefined)[] = [];
  /** Of collections, by the numbers of their tables; and those of them that noted something since the last whole group. */
  private readonly memberLoaders = new Map<number, IndexLoader>();
  private touched: IndexLoader[] = [];
  private readonly retired: RetiredNames = new Set();
  /** Ids of collections of which members may have an expiry of their own. */
  private readonly expiring = new Set<number>();
  /** META records that count once their group is whole, and where they are. */
  private stagedMeta: { meta: Meta; address: number }[] = [];
  /** The checkpoint knows of swaps before this. */
  private namespacesAsOf = 0;
  private checkpoint: CheckpointContents | null = null;
  private checkpointFile: DeviceFile | null = null;
  private readonly kept: KeptCheckpoint[] = [];
  private entries: SegmentEntry[] = [];
  private epoch = 0;
  private provenMain = 0;
  private provenCold = COLD_BASE;

  constructor(store: Store, device: Device, main: Segments, cold: Segments) {
    this.store = store;
    this.device = device;
    this.main = main;
    this.cold = cold;
    this.report = {
      clean: false,
      checkpointGeneration: 0,
      replayedRecords: 0,
      replayedBytes: 0,
      cutBytes: 0,
      savedAs: [],
      damage: [],
      durationMs: 0,
    };
  }

  private get readOnly(): boolean {
    return this.store.identity.readOnly;
  }

  /** `names`: the files of the store. */
  run(names: string[]): Recovered {
    this.loadCheckpoint(names);
    this.loadSegments('main', this.main, names);
    this.loadSegments('cold', this.cold, names);
    this.checkSegments();
    const cold = this.replayCold();
    const main = this.replayMain();
    this.removeRetired();
    this.settleSegments();
    for (const loader of this.loaders) loader?.attach();
    for (const [number, loader] of this.memberLoaders) if (this.store.tableOf(number) !== undefined) loader.attach();
    for (const id of this.expiring) {
      const object = this.store.large.get(id);
      if (object !== undefined) object.isExpiring = true;
    }
    this.report.clean = main.clean;
    return {
      report: this.report,
      mainTail: this.placeTail(this.main, main.address),
      mainChain: main.chain,
      mainDurable: main.clean ? main.address : Math.min(this.provenMain, main.address),
      coldTail: this.placeTail(this.cold, cold.address),
      coldChain: cold.chain,
      coldDurable: main.clean ? cold.address : Math.min(this.provenCold, cold.address),
      epoch: this.epoch + 1,
      begin: this.main.list[0]?.base ?? 0,
      kept: this.kept,
      checkpointFile: this.checkpointFile,
    };
  }

  /** Where the log goes on: after damage took the segment it ended in, at the next page that no segment ever held. */
  private placeTail(segments: Segments, end: number): number {
    if (segments.find(end) !== undefined || segments.last?.end === end) return end;
    const pageUnits = this.store.pageBytes / UNIT_BYTES;
    return Math.ceil(Math.max(end, segments.last?.end ?? 0) / pageUnits) * pageUnits;
  }

  private damaged(text: string, code: 'FERRITE_CORRUPT' | 'FERRITE_SEGMENT_MISSING' = 'FERRITE_CORRUPT'): void {
    if (!this.readOnly && !this.store.options.salvage) {
      throw new FerriteError(
        code,
        `${this.store.path}: ${text}. Restore a backup, open with readOnly: true to read what is whole, or with recovery: 'salvage' to keep that and set the rest aside`,
      );
    }
    this.report.damage.push(text);
  }

  private loadSegments(log: LogName, segments: Segments, names: string[]): void {
    const numbers = names
      .map(parseSegmentFileName)
      .filter((parsed) => parsed !== undefined && parsed.log === log)
      .map((parsed) => (parsed as { number: number }).number)
      .sort((a, b) => a - b);
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    for (const number of numbers) {
      const name = segmentFileName(log, number);
      const file = this.open(name);
      const length = file.readSync(bytes, 0, SEGMENT_HEADER_BYTES, 0);
      const header = decodeHeader(bytes.subarray(0, length), number, log, this.store.identity);
      if (header.state === 'valid') {
        this.adopt(segments, file, number, header.base, header.units);
        continue;
      }
      if (number === numbers[numbers.length - 1] && isUnused(file, SEGMENT_FRAMES_AT_BYTES)) {
        file.closeSync();
        // Frames go in only once the header is durable: this is a creation that was cut short, perhaps with the header torn.
        if (!this.readOnly) this.removeForGood(name);
        continue;
      }
      this.judgeHeader(name, header.state);
      if (header.state === 'invalid' && this.rebuildHeader(segments, file, number)) continue;
      file.closeSync();
      if (!this.readOnly) this.setAside(name);
    }
  }

  /** Before another segment is made, whose number may be lower: with this one back after it, that would be damage. */
  private removeForGood(name: string): void {
    this.device.removeSync(name);
    this.device.syncDirectorySync();
  }

  /**
   * Salvage: where a segment whose header is damaged belongs, by the checkpoint or the segment before it. Whether its
   * frames are whole, their sums will tell, which know their address.
   */
  private rebuildHeader(segments: Segments, file: DeviceFile, number: number): boolean {
    const known = this.entries.find((entry) => entry.cold === (segments === this.cold) && entry.number === number);
    const before = segments.last?.number === number - 1 ? segments.last.end : undefined;
    const first = segments === this.cold ? COLD_BASE : 0;
    const base = known?.base ?? before ?? (number === 1 ? first : undefined);
    const units = Math.floor(file.sizeSync() / this.store.pageBytes) * (this.store.pageBytes / UNIT_BYTES);
    if (base === undefined || units === 0) return false;
    this.adopt(segments, file, number, base, units);
    if (!this.readOnly) segments.rewriteHeader(segments.last as Segment, this.store.clock.nowMs());
    return true;
  }

  private adopt(segments: Segments, file: DeviceFile, number: number, base: number, units: number): void {
    const segment = new Segment(number, base, units);
    segment.file = file;
    segment.ready = true;
    segments.adopt(segment);
    if (file.sizeSync() >= units * UNIT_BYTES) return;
    // A file has its full size before its header, and keeps it.
    this.damaged(`${segmentFileName(segments.log, number)} was cut short`);
    if (!this.readOnly) file.truncateSync(units * UNIT_BYTES);
  }

  private judgeHeader(name: string, state: string): void {
    if (state === 'newer') {
      throw new FerriteError(
        'FERRITE_NEWER_FORMAT',
        `${name} in ${this.store.path} is of a newer format: use a newer Ferrite`,
      );
    }
    if (state === 'foreign')
      this.damaged(`${name} is not the file that had this name: it is of another store, or was renamed`);
    else this.damaged(`the header of ${name} is damaged`);
  }

  private open(name: string): DeviceFile {
    try {
      return this.device.openSync(name, this.readOnly ? 'read' : 'write');
    } catch (error) {
      throw toFerriteError(error, `opening ${name} in ${this.store.path}`);
    }
  }

  private loadCheckpoint(names: string[]): void {
    const generations = names
      .map(parseCheckpointFileName)
      .filter((generation) => generation !== undefined)
      .sort((a, b) => a - b);
    for (const generation of generations.reverse()) {
      const file = this.open(checkpointFileName(generation));
      const contents = readCheckpoint(file, this.store.identity, this.readOnly || this.store.options.salvage);
      if (contents === 'newer') {
        throw new FerriteError(
          'FERRITE_NEWER_FORMAT',
          `${checkpointFileName(generation)} in ${this.store.path} is of a newer format: use a newer Ferrite`,
        );
      }
      if (contents?.footer.generation !== generation) {
        file.closeSync();
        if (!this.readOnly) this.setAside(checkpointFileName(generation));
        continue;
      }
      this.kept.unshift({
        generation,
        startMain: contents.footer.startMain,
        startCold: contents.footer.startCold,
        sizeBytes: contents.sizeBytes,
      });
      if (this.checkpoint === null) this.useCheckpoint(contents, file);
      else file.closeSync();
    }
  }

  /** A slice that was read long after open is damaged: the next open goes on from the checkpoint before. */
  private setIndexAside(): void {
    const name = checkpointFileName(this.report.checkpointGeneration);
    if (!this.readOnly && this.device.listSync().includes(name)) this.setAside(name);
  }

  private setAside(name: string): void {
    const saved = `damaged-${name}`;
    this.device.renameSync(name, saved);
    this.report.savedAs.push(saved);
  }

  private useCheckpoint(contents: CheckpointContents, file: DeviceFile): void {
    this.checkpoint = contents;
    const { footer, directory } = contents;
    this.checkpointFile = file;
    this.report.checkpointGeneration = footer.generation;
    this.epoch = footer.epoch;
    this.provenMain = footer.durableMain;
    this.provenCold = footer.durableCold;
    this.store.clockFloorMs = footer.wallMs;
    this.store.large.reserveIds(footer.nextObjectId);
    const onDamage = () => this.setIndexAside();
    for (let entry = 0; entry < directory.count; entry++) {
      const kind = directory.kindOf(entry);
      if (kind === SECTION_SLICE) {
        this.addLoader(directory, entry, file, onDamage);
        continue;
      }
      const section = directory.at(entry);
      if (section.length === 0) continue;
      const words = readSection(file, section) as Int32Array;
      if (kind === SECTION_WHEEL) this.store.wheel.load(new Uint8Array(words.buffer, 0, section.count));
      if (kind === SECTION_MEMBER_WHEEL) {
        const bytes = new Uint8Array(words.buffer, 0, section.count);
        this.store.memberWheel.load(bytes, (_hash, id) => this.expiring.add(id));
      }
      if (kind === SECTION_ELEMENTS) {
        decodeChunks(words, this.store.large.adoptList(section.database - OBJECT_TABLES));
      }
      if (kind === SECTION_LARGE) for (const value of decodeLarge(words)) this.store.large.adoptObject(value);
      if (kind === SECTION_SEGMENTS) this.entries = decodeSegments(words);
      if (kind === SECTION_NAMESPACES) {
        this.store.namespaces.decode(words);
        this.namespacesAsOf = section.asOfMain;
      }
    }
    for (const loader of this.loaders) if (loader !== undefined) loader.meanUnits = this.meanUnits;
  }

  /** Makes the loader of the table that the slice is of, if it is the first one. */
  private addLoader(directory: Directory, entry: number, file: DeviceFile, onDamage: () => void): void {
    const { store, loaders, memberLoaders } = this;
    const number = directory.databaseOf(entry);
    const make = () => new IndexLoader(store, number, directory, entry, file, onDamage);
    if (number < OBJECT_TABLES) loaders[number] ??= make();
    else if (!memberLoaders.has(number)) memberLoaders.set(number, make());
  }

  /** A record of a member was met, at open. */
  private memberLoader(words: Int32Array, word: number): IndexLoader {
    const id = objectIdOf(words, word);
    const number = OBJECT_TABLES + id;
    let loader = this.memberLoaders.get(number);
    if (loader === undefined) {
      loader = new IndexLoader(this.store, number, null, 0, null, () => undefined);
      this.memberLoaders.set(number, loader);
    }
    this.store.large.adoptMember(id);
    if (!loader.isTouched) this.touched.push(loader);
    loader.isTouched = true;
    return loader;
  }

  private endGroup(isWhole: boolean): void {
    for (const loader of this.touched) {
      if (isWhole) loader.commit();
      else loader.dropStaged();
      loader.isTouched = false;
    }
    if (this.touched.length > 0) this.touched = [];
  }

  /** Units of a record that the checkpoint names, on average. */
  private get meanUnits(): number {
    let units = 0;
    for (const entry of this.entries) units += Math.max(0, entry.units - entry.deadUnits);
    return Math.max(RECORD_UNITS_MIN, Math.round(units / Math.max(1, this.checkpoint?.footer.keyCount ?? 1)));
  }

  private loader(database: number): IndexLoader {
    let loader = this.loaders[database];
    if (loader === undefined) {
      loader = new IndexLoader(this.store, database, null, 0, null, () => undefined);
      this.loaders[database] = loader;
    }
    return loader;
  }

  /** Every segment that the checkpoint knew must be there, or have been retired since (which replay will tell). */
  private checkSegments(): void {
    for (const entry of this.entries) {
      const segments = entry.cold ? this.cold : this.main;
      const segment = segments.find(entry.base);
      if (segment !== undefined) segment.deadUnits = entry.deadUnits;
      if (entry.isLeaving) this.retired.add(segmentFileName(segments.log, entry.number));
      segments.skipNumbersBelow(entry.number + 1);
    }
    const gap = firstGap(this.main.list, this.checkpoint?.footer.startMain ?? 0);
    if (gap !== undefined) {
      this.damaged(`a segment before ${segmentFileName('main', gap.number)} is missing`, 'FERRITE_SEGMENT_MISSING');
    }
    if (this.checkpoint !== null) return;
    const first = this.main.list[0];
    const lostMain = first !== undefined && first.base !== 0;
    const lostCold = this.cold.list.some((segment, i) => segment.number !== i + 1);
    if (lostMain || lostCold) this.damaged('no checkpoint can be read, and the log alone no longer tells everything');
  }

  private replayCold(): WalkEnd {
    const footer = this.checkpoint?.footer;
    const start = footer?.startCold ?? this.cold.list[0]?.base ?? COLD_BASE;
    const walker = new Walker(this.cold, this.store.identity.salt, this.store.pageBytes);
    const end = walker.walk(start, footer?.chainCold ?? 0, {
      records: (memory, starts, count, origin) => this.replayCopies(memory, starts, count, origin),
      mark: () => undefined,
      pad: (address, units) => this.notePad(this.cold, address, units),
      groupDone: () => this.commitNotes(),
    });
    this.coldEnd = end;
    this.coldWalker = walker;
    return end;
  }
  private coldEnd: WalkEnd = { address: COLD_BASE, chain: 0, bad: false, clean: false };
  private coldWalker: Walker | null = null;

  private replayCopies(memory: Memory, starts: Int32Array, count: number, origin: number): void {
    this.report.replayedRecords += count;
    for (let i = 0; i < count; i++) {
      const word = starts[i];
      this.replayCopy(memory, word, origin + word / 2, (starts[i + 1] - word) >>> 1);
    }
  }

  private replayCopy(memory: Memory, word: number, address: number, units: number): void {
    const words = memory.words;
    const word1 = words[word + 1];
    const kind = kindOf(word1);
    if (kind === KIND_ELEMENT) {
      this.store.large.replayMove(words, word, address, fromOf(words, word));
      return;
    }
    const hash = this.hashOf(words, word);
    const from = fromOf(words, word);
    if (kind === KIND_MEMBER) {
      this.noteMemberExpiry(words, word, hash);
      this.memberLoader(words, word).noteCold(hash, address, from, units);
      return;
    }
    if (kind === KIND_ROOT) this.store.large.replayRootMove(words, word, address, from);
    this.noteExpiry(words, word, hash, address);
    this.loader(databaseOf(word1)).noteCold(hash, address, from, units);
  }

  private hashOf(words: Int32Array, word: number): number {
    const at = word + (keyOffsetOf(words[word + 1]) >>> 2);
    return this.store.key.hashAt(words, at, keyLengthOf(words, word));
  }

  private noteExpiry(words: Int32Array, word: number, hash: number, address: number): void {
    const word1 = words[word + 1];
    if ((flagsOf(word1) & FLAG_EXPIRY) === 0) return;
    const expiresAtMs = expiryOf(words, word);
    if (expiresAtMs !== 0) this.store.wheel.add(expiresAtMs, hash, address, databaseOf(word1));
  }

  private noteMemberExpiry(words: Int32Array, word: number, hash: number): void {
    const expiresAtMs = expiryOf(words, word);
    if (expiresAtMs === 0) return;
    const id = objectIdOf(words, word);
    this.store.memberWheel.add(expiresAtMs, hash, id, markOfTime(expiresAtMs));
    this.expiring.add(id);
  }

  private commitNotes(): void {
    for (const loader of this.loaders) loader?.commit();
    this.endGroup(true);
    this.store.large.commitReplay();
    if (this.stagedMeta.length === 0) return;
    for (const { meta, address } of this.stagedMeta) this.applyMeta(meta, address);
    this.stagedMeta = [];
  }

  private applyMeta(meta: Meta, address: number): void {
    if (meta.operation === 'retire') this.retired.add(meta.name);
    else if (meta.operation === 'swap') {
      if (address >= this.namespacesAsOf) this.store.namespaces.swap(meta.one, meta.other, address, address);
    } else {
      for (let namespace = 0; namespace < DATABASES; namespace++) {
        if ((meta.namespaces & (1 << namespace)) === 0) continue;
        this.store.large.replayFlush(namespace, address, meta.coldTail);
      }
    }
  }

  /** What was noted so far of the namespaces is over, once the group that says so is whole. */
  private noteFlush(namespaces: number, address: number, coldTail: number): void {
    for (let namespace = 0; namespace < DATABASES; namespace++) {
      if ((namespaces & (1 << namespace)) !== 0) this.loaders[namespace]?.noteFlush(address, coldTail);
    }
  }

  /** The group that was being read ends in damage: what follows must not complete it. */
  private dropStaged(): void {
    for (const loader of this.loaders) loader?.dropStaged();
    this.endGroup(false);
    this.store.large.dropReplay();
    this.stagedMeta = [];
  }

  private replayMain(): WalkEnd {
    const footer = this.checkpoint?.footer;
    let start = footer?.startMain ?? this.main.list[0]?.base ?? 0;
    let chain = footer?.chainMain ?? 0;
    const walker = new Walker(this.main, this.store.identity.salt, this.store.pageBytes);
    const visitor: WalkVisitor = {
      records: (memory, starts, count, origin) => this.replayRecords(memory, starts, count, origin),
      mark: (mark) => this.noteMark(mark),
      pad: (address, units) => this.notePad(this.main, address, units),
      groupDone: () => this.commitNotes(),
    };
    const begun = start;
    for (;;) {
      const end = walker.walk(start, chain, visitor);
      this.report.replayedBytes = (end.address - begun) * UNIT_BYTES;
      if (end.clean && !end.bad) {
        this.finishCold(true);
        return end;
      }
      let resume: { mark: Mark; address: number } | undefined;
      const lastUsed = walker.scanMarks(end.address, (mark, address) => {
        this.noteMark(mark);
        if (address > end.address && resume === undefined) resume = { mark, address };
      });
      // Once damage is known, nothing that can still be found is taken for a torn tail.
      const known = this.report.damage.length > 0 ? (resume as { address: number } | undefined) : undefined;
      if (known !== undefined) this.provenMain = Math.max(this.provenMain, known.address);
      if (this.provenMain > end.address) {
        this.damaged(
          `the main log is damaged at address ${end.address}, though bytes up to ${this.provenMain} were durable`,
          this.main.find(end.address) === undefined ? 'FERRITE_SEGMENT_MISSING' : 'FERRITE_CORRUPT',
        );
        if (resume !== undefined) {
          this.dropStaged();
          start = (resume as { address: number }).address;
          chain = (resume as { mark: Mark }).mark.chainBefore;
          continue;
        }
      }
      this.checkEnd(end);
      this.finishCold(false);
      this.cut(this.main, walker, end, lastUsed);
      return end;
    }
  }

  /** A segment is filled to its end only when the next one is there: a log that ends between two has lost one. */
  private checkEnd(end: WalkEnd): void {
    if (this.main.find(end.address) !== undefined) return;
    const name = segmentFileName('main', (this.main.last?.number ?? 0) + 1);
    this.damaged(`${name}, or the segment that was there, is missing`, 'FERRITE_SEGMENT_MISSING');
  }

  private notePad(segments: Segments, address: number, units: number): void {
    const segment = segments.find(address);
    if (segment !== undefined) segment.deadUnits += units;
  }

  private noteMark(mark: Mark): void {
    this.epoch = Math.max(this.epoch, mark.epoch);
    this.provenMain = Math.max(this.provenMain, mark.durableMain);
    this.provenCold = Math.max(this.provenCold, mark.durableCold);
    this.store.clockFloorMs = Math.max(this.store.clockFloorMs, mark.wallMs);
  }

  /** Most of what is replayed are strings without extensions. */
  private replayRecords(memory: Memory, starts: Int32Array, count: number, origin: number): void {
    const { loaders } = this;
    const { words } = memory;
    const { key } = this.store;
    this.report.replayedRecords += count;
    for (let i = 0; i < count; i++) {
      const word = starts[i];
      const word1 = words[word + 1];
      const address = origin + word / 2;
      const units = (starts[i + 1] - word) >>> 1;
      const loader = loaders[(word1 >>> 20) & 15];
      if (loader !== undefined && (word1 & PLAIN_MASK) === PLAIN_STRING) {
        const hash = key.hashAt(words, word + HEADER_BYTES / 4, word1 & 0xffff);
        loader.noteMain(hash, address, (flagsOf(word1) & FLAG_OVER) !== 0, false, units);
      } else {
        this.replayRecord(memory, word, address, units);
      }
    }
  }

  private replayRecord(memory: Memory, word: number, address: number, units: number): void {
    const words = memory.words;
    const word1 = words[word + 1];
    const kind = kindOf(word1);
    if (kind === KIND_META) {
      const meta = decodeMeta(memory, word);
      if (meta !== undefined) this.stagedMeta.push({ meta, address });
      if (meta?.operation === 'flush') this.noteFlush(meta.namespaces, address, meta.coldTail);
      return;
    }
    if (kind === KIND_ELEMENT) {
      this.store.large.replayChunk(words, word, address);
      return;
    }
    if (kind === KIND_CUT) {
      this.store.large.replayCut(words, word, address);
      return;
    }
    if (kind === KIND_MEMBER || kind === KIND_MEMBER_TOMBSTONE) {
      const over = (flagsOf(word1) & FLAG_OVER) !== 0;
      const isGone = kind === KIND_MEMBER_TOMBSTONE;
      const hash = this.hashOf(words, word);
      if (!isGone) this.noteMemberExpiry(words, word, hash);
      this.memberLoader(words, word).noteMain(hash, address, over, isGone, units);
      return;
    }
    if (!isValueKind(kind) && kind !== KIND_TOMBSTONE) return;
    const hash = this.hashOf(words, word);
    const database = databaseOf(word1);
    if (kind === KIND_ROOT) {
      this.store.large.replayRoot(words, word, keyLengthOf(words, word), database, hash, address);
    }
    if (kind !== KIND_TOMBSTONE) this.noteExpiry(words, word, hash, address);
    const over = (flagsOf(word1) & FLAG_OVER) !== 0;
    this.loader(database).noteMain(hash, address, over, kind === KIND_TOMBSTONE, units);
  }

  /** The cold log's end is judged once the main log's marks have said what of it was durable. */
  private finishCold(clean: boolean): void {
    const end = this.coldEnd;
    if (this.provenCold > end.address) {
      this.damaged(`the cold log is damaged at ${end.address - COLD_BASE}, though more of it was durable`);
    }
    if (clean || this.coldWalker === null) return;
    const lastUsed = this.coldWalker.scanMarks(end.address, () => undefined);
    this.cut(this.cold, this.coldWalker, end, lastUsed);
  }

  /** Sets aside and clears what lies after the last whole commit, and removes segments that begin after it. */
  private cut(segments: Segments, walker: Walker, end: WalkEnd, lastUsed: number): void {
    if (lastUsed > end.address) this.report.cutBytes += (lastUsed - end.address) * UNIT_BYTES;
    if (this.readOnly) return;
    for (const segment of [...segments.list].reverse()) {
      if (segment.base <= end.address) break;
      const name = segmentFileName(segments.log, segment.number);
      if (lastUsed > segment.base) {
        segment.file?.closeSync();
        segments.list.pop();
        this.device.renameSync(name, `torn-${this.epoch}-${name}`);
        this.report.savedAs.push(`torn-${this.epoch}-${name}`);
      } else segments.remove(segment);
      // One after the other: a power cut must not bring one back beyond a gap, or beside a new one at the same address.
      this.device.syncDirectorySync();
    }
    const segment = segments.find(end.address);
    if (segment === undefined || lastUsed <= end.address) return;
    this.saveTorn(segments, walker, end.address, Math.min(lastUsed, segment.end));
    const from = Math.max(end.address, segment.base + SEGMENT_HEADER_UNITS);
    segments.clearSync(segment, from, Math.min(lastUsed, segment.end));
  }

  private saveTorn(segments: Segments, walker: Walker, from: number, until: number): void {
    const name = `torn-${this.epoch}-${segments.log}-${from}`;
    if (this.device.listSync().includes(name)) this.device.removeSync(name);
    const file = this.device.openSync(name, 'create');
    try {
      copyRange(segments, walker.memory, from, until, file);
    } catch (error) {
      // A disk without room for what is cut must not keep the store shut.
      if (!isDiskFull(toFerriteError(error, `saving ${name}`))) throw error;
      file.closeSync();
      this.device.removeSync(name);
      return;
    }
    file.closeSync();
    this.report.savedAs.push(name);
  }

  /**
   * A killed process may have made a segment whose header, or name, no sync has reached yet: what goes into it from now on
   * could go with it in a power cut.
   */
  private settleSegments(): void {
    if (this.readOnly) return;
    let isSettled = true;
    for (const [segments, proven] of [
      [this.main, this.provenMain],
      [this.cold, this.provenCold],
    ] as const) {
      for (const segment of segments.list) {
        if (segment.base + SEGMENT_HEADER_UNITS < proven) continue;
        segment.file?.syncSync();
        isSettled = false;
      }
    }
    if (!isSettled) this.device.syncDirectorySync();
  }

  private syncMain(): void {
    for (const segment of this.main.list) if (segment.end > this.provenMain) segment.file?.syncSync();
  }

  private removeRetired(): void {
    let isSettled = false;
    for (const segments of [this.main, this.cold]) {
      for (const segment of [...segments.list]) {
        if (!this.retired.has(segmentFileName(segments.log, segment.number)) || this.readOnly) continue;
        // A killed process may have said so without a sync: a power cut must not take that back, and not the removal.
        if (!isSettled) this.syncMain();
        isSettled = true;
        segments.remove(segment);
      }
      for (const entry of this.entries) {
        if (entry.cold !== (segments === this.cold) || segments.find(entry.base) !== undefined) continue;
        const name = segmentFileName(segments.log, entry.number);
        if (!this.retired.has(name)) this.damaged(`${name} is missing`, 'FERRITE_SEGMENT_MISSING');
      }
    }
    if (this.retired.size === 0) return;
    for (const loader of this.loaders) if (loader !== undefined) loader.hasRetired = true;
    for (const loader of this.memberLoaders.values()) loader.hasRetired = true;
  }
}

/** Copies the bytes of `[from, until)` into a file. */
function copyRange(segments: Segments, memory: Memory, from: number, until: number, file: DeviceFile): void {
  let position = 0;
  for (let at = from; at < until; ) {
    const length = Math.min(memory.bytes.length, (until - at) * UNIT_BYTES);
    const have = segments.readSync(memory.bytes, 0, length, at);
    if (have === 0) break;
    writeFully(file, memory.bytes, 0, have, position);
    position += have;
    at += have / UNIT_BYTES;
  }
}
