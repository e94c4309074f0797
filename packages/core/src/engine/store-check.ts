/**
 * Checks every sum of every file of a store, and changes nothing: for `ferrite doctor`.
 *
 * It works on the files alone, so it also says what is wrong with a store that does not open. What the files are together
 * (is a segment missing, is a value whole) is what an open finds; the caller does that, too. Whether a bad frame is damage
 * or the torn end of a write that nobody was promised is told as recovery tells it: by what marks and checkpoints prove.
 */

import { FerriteError } from '../base/errors.ts';
import type { Device, DeviceFile } from '../device/device.ts';
import { COLD_BASE, isCold, UNIT_BYTES } from './address.ts';
import {
  checkpointFileName,
  checkpointHeaderHolds,
  parseCheckpointFileName,
  readCheckpoint,
} from './checkpoint-format.ts';
import { CURSORS_FILE, cursorsHold } from './feed-cursors.ts';
import { ORDERED_FILE, orderedFileHolds } from './ordered-file.ts';
import { RESERVE_FILE } from './reserve-file.ts';
import { type BadFrame, checkSegment } from './segment-check.ts';
import {
  decodeHeader,
  isUnused,
  parseSegmentFileName,
  SEGMENT_FRAMES_AT_BYTES,
  SEGMENT_HEADER_BYTES,
} from './segments.ts';
import { readStoreFile, STORE_FILE, type StoreIdentity, storeIdText } from './store-file.ts';

/**
 * `damage`: something that was durable may be lost. `repaired`: a file is damaged, and the store does without it or makes it
 * anew. `note`: nothing is wrong, but somebody may want to know.
 */
export type ProblemKind = 'damage' | 'repaired' | 'note';

export interface StoreProblem {
  readonly kind: ProblemKind;
  readonly file: string;
  /** Byte of the file, where that is known. */
  readonly position: number | undefined;
  readonly text: string;
  readonly advice: string;
}

export interface CheckedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Of a segment. */
  readonly frames: number;
  readonly records: number;
  isWhole: boolean;
}

export interface StoreFindings {
  storeId: string;
  createdMs: number;
  pageBytes: number;
  readonly files: CheckedFile[];
  readonly problems: StoreProblem[];
}

const RESTORE =
  'restore a backup; without one, `ferrite salvage` keeps what is whole and sets the rest aside, after you copied the directory';
const RESTORE_STORE_FILE = `restore ${STORE_FILE}, which never changes, or the store, from a backup`;
const ITSELF = 'nothing to do: the store goes on without it';

/** The header of a segment that is there. */
interface SegmentFile {
  readonly name: string;
  readonly log: 'main' | 'cold';
  readonly file: DeviceFile;
  readonly base: number;
  readonly units: number;
}

/** Total bytes that a check will read. */
export function bytesToCheck(device: Device): number {
  return device.listSync().reduce((sum, name) => sum + sizeOf(device, name), 0);
}

/** Yields now and then how many bytes were read since. Throws only where there is no store at all, or of a newer format. */
export function* checkFiles(device: Device): Generator<number, StoreFindings> {
  return yield* new StoreCheck(device).run();
}

class StoreCheck {
  private readonly device: Device;
  private readonly names: string[];
  private readonly findings: StoreFindings = {
    storeId: '',
    createdMs: 0,
    pageBytes: 0,
    files: [],
    problems: [],
  };
  private provenMain = 0;
  private provenCold = 0;

  constructor(device: Device) {
    this.device = device;
    this.names = device.listSync().sort();
  }

  *run(): Generator<number, StoreFindings> {
    const identity = this.identify();
    if (identity === undefined) return this.findings;
    yield this.checkCheckpoints(identity);
    const bad: { segment: SegmentFile; frame: BadFrame }[] = [];
    let before: { log: string; end: number; chain: number | undefined } | undefined;
    for (const segment of this.segments(identity)) {
      const isNext = before !== undefined && before.log === segment.log && before.end === segment.base;
      const isFirst = segment.base === 0 || segment.base === COLD_BASE;
      const place = {
        ...segment,
        salt: identity.salt,
        pageBytes: identity.pageBytes,
        chainBefore: isNext ? before?.chain : isFirst ? 0 : undefined,
      };
      const found = yield* checkSegment(segment.file, place, (mark) => {
        this.provenMain = Math.max(this.provenMain, mark.durableMain);
        this.provenCold = Math.max(this.provenCold, mark.durableCold);
      });
      segment.file.closeSync();
      for (const frame of found.bad) bad.push({ segment, frame });
      this.checked(segment.name, found.bad.length === 0, found.frames, found.records);
      const isFull = found.endAddress === segment.base + segment.units;
      before = { log: segment.log, end: segment.base + segment.units, chain: isFull ? found.endChain : undefined };
    }
    for (const { segment, frame } of bad) this.judge(segment, frame);
    yield this.checkOthers(identity);
    return this.findings;
  }

  private identify(): StoreIdentity | undefined {
    const { findings, device } = this;
    if (!this.names.includes(STORE_FILE)) {
      if (this.names.every((name) => parseSegmentFileName(name) === undefined)) {
        throw new FerriteError('FERRITE_NOT_A_STORE', `${device.path} is not a Ferrite store`);
      }
      this.problem('damage', STORE_FILE, 'it is missing, and no sum can be checked without it', RESTORE_STORE_FILE);
      return undefined;
    }
    try {
      const identity = readStoreFile(device, true);
      findings.storeId = storeIdText(identity);
      findings.createdMs = identity.createdMs;
      findings.pageBytes = identity.pageBytes;
      this.checked(STORE_FILE, true);
      return identity;
    } catch (error) {
      if (!(error instanceof FerriteError) || error.code !== 'FERRITE_CORRUPT') throw error;
      this.checked(STORE_FILE, false);
      this.problem(
        'damage',
        STORE_FILE,
        'it does not match its sum, and no other can be checked without it',
        RESTORE_STORE_FILE,
      );
      return undefined;
    }
  }

  /** Bytes read. */
  private checkCheckpoints(identity: StoreIdentity): number {
    const generations = this.names.map(parseCheckpointFileName).filter((each) => each !== undefined);
    const damaged: string[] = [];
    let bytes = 0;
    for (const generation of generations) {
      const name = checkpointFileName(generation);
      const file = this.device.openSync(name, 'read');
      const contents = readCheckpoint(file, identity, true);
      const headerHolds = checkpointHeaderHolds(file, identity);
      bytes += file.sizeSync();
      file.closeSync();
      if (contents === 'newer') throw newer(name, this.device.path);
      const isWhole = contents?.footer.generation === generation && headerHolds;
      this.checked(name, isWhole);
      if (!isWhole) damaged.push(name);
      else {
        this.provenMain = Math.max(this.provenMain, contents.footer.durableMain);
        this.provenCold = Math.max(this.provenCold, contents.footer.durableCold);
      }
    }
    const isOneWhole = damaged.length < generations.length;
    for (const name of damaged) {
      const text = 'it does not match its sums';
      if (isOneWhole) this.problem('repaired', name, text, 'nothing to do: the store opens from the other checkpoint');
      else
        this.problem(
          'damage',
          name,
          `${text}, and there is no other`,
          `open the store: what the log alone tells is there; if that is not all, ${RESTORE}`,
        );
    }
    return bytes;
  }

  private segments(identity: StoreIdentity): SegmentFile[] {
    const found: SegmentFile[] = [];
    const parsed = this.names.flatMap((name) => {
      const segment = parseSegmentFileName(name);
      return segment === undefined ? [] : [{ name, ...segment }];
    });
    parsed.sort((a, b) => (a.log === b.log ? a.number - b.number : a.log === 'main' ? -1 : 1));
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    for (const { name, log, number } of parsed) {
      const file = this.device.openSync(name, 'read');
      const length = file.readSync(bytes, 0, SEGMENT_HEADER_BYTES, 0);
      const header = decodeHeader(bytes.subarray(0, length), number, log, identity);
      if (header.state === 'newer') throw newer(name, this.device.path);
      if (header.state === 'valid') {
        if (file.sizeSync() < header.units * UNIT_BYTES)
          this.problem(
            'damage',
            name,
            `it was cut short: it has ${file.sizeSync()} of ${header.units * UNIT_BYTES} bytes`,
            RESTORE,
          );
        found.push({ name, log, file, base: header.base, units: header.units });
        continue;
      }
      if (isUnused(file, SEGMENT_FRAMES_AT_BYTES)) {
        this.problem('note', name, 'it was being made when the process ended, and holds nothing', ITSELF);
      } else if (header.state === 'foreign') {
        this.problem(
          'damage',
          name,
          'it is of another store, or was renamed',
          `put back the file that had this name, or ${RESTORE}`,
          0,
        );
      } else this.problem('damage', name, 'its header does not match its sum', RESTORE, 0);
      this.checked(name, false);
      file.closeSync();
    }
    return found;
  }

  /** A frame is damaged if something proves that it was durable; else it is the torn end of a write. */
  private judge(segment: SegmentFile, { address, why }: BadFrame): void {
    const position = (address - segment.base) * UNIT_BYTES;
    const isDurable = address < (isCold(address) ? this.provenCold : this.provenMain);
    if (isDurable) this.problem('damage', segment.name, why, RESTORE, position);
    else {
      const file = this.findings.files.find(({ name }) => name === segment.name);
      if (file !== undefined) file.isWhole = true;
      this.problem(
        'note',
        segment.name,
        `the end of the log is torn, by a power cut or a kill during a write (${why})`,
        'nothing to do: the next open sets it aside; it was never acknowledged as durable',
        position,
      );
    }
  }

  /** Bytes read. */
  private checkOthers(identity: StoreIdentity): number {
    let bytes = 0;
    for (const name of this.names) {
      if (this.findings.files.some((file) => file.name === name)) continue;
      bytes += sizeOf(this.device, name);
      if (name === ORDERED_FILE || name === CURSORS_FILE) {
        const isWhole =
          name === ORDERED_FILE ? orderedFileHolds(this.device, identity) : cursorsHold(this.device, identity);
        this.checked(name, isWhole);
        if (isWhole) continue;
        const advice =
          name === ORDERED_FILE
            ? 'nothing to do: the first scan makes the order anew'
            : 'named readers of changes() begin anew, or with a snapshot';
        this.problem('repaired', name, 'it does not match its sum', advice);
      } else if (/^(torn|damaged)-/.test(name)) {
        this.problem('note', name, 'an earlier open set it aside', 'look at it if something is missed, then delete it');
      } else if (name !== RESERVE_FILE && !name.endsWith('.tmp')) {
        this.problem('note', name, 'it is no file of the store', 'move it elsewhere');
      }
    }
    return bytes;
  }

  private checked(name: string, isWhole: boolean, frames = 0, records = 0): void {
    this.findings.files.push({ name, sizeBytes: sizeOf(this.device, name), frames, records, isWhole });
  }

  private problem(kind: ProblemKind, file: string, text: string, advice: string, position?: number): void {
    this.findings.problems.push({ kind, file, position, text, advice });
  }
}

function newer(name: string, path: string): FerriteError {
  return new FerriteError('FERRITE_NEWER_FORMAT', `${name} in ${path} is of a newer format: use a newer Ferrite`);
}

function sizeOf(device: Device, name: string): number {
  const file = device.openSync(name, 'read');
  try {
    return file.sizeSync();
  } finally {
    file.closeSync();
  }
}
