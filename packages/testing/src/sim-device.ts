/**
 * A disk that loses power, fills up, fails, stalls and flips bits, on request and by seed: the `Device` on which the
 * engine is tested.
 *
 * Files live in memory. What was written is durable only after a sync of the file, a created, renamed or removed name
 * only after a sync of the directory; a file's sync says nothing about its name, as POSIX has it. Two ways to cut the
 * power: `cutAfterStep(n)` lets the n-th changing call throw, and `crash` then gives the surviving disk; or `onStep`
 * calls back at every step of one run, and each call makes as many surviving disks as it likes.
 *
 * What always holds: the same calls with the same seeds give the same bytes, errors and order; a surviving disk
 * shares pages with its origin but neither sees the other's changes, and it starts durable, unlocked, at step 0.
 */
import {
  type Device,
  type DeviceFile,
  type DeviceLock,
  FerriteError,
  type OpenMode,
  type Prng,
} from '@ferrite/core/module';
import type { StalledOperation } from './completions.ts';
import { CrashChoice, type CrashModel, type SectorModel, survivors } from './crash.ts';
import { type Fault, systemError } from './faults.ts';
import { applyEntry, type EntryChange, type Inode } from './journal.ts';
import { PagedBytes } from './paged-bytes.ts';
import { SimClock } from './sim-clock.ts';
import { type SimCounts, SimDisk, type SimStep } from './sim-disk.ts';
import { SimFile } from './sim-file.ts';

export interface SimDeviceOptions {
  /** A clock of its own without it. */
  clock?: SimClock;
  /** For short writes and for what a failed sync leaves. */
  seed?: number;
  /** Room for contents, in whole 4 KiB pages; endless without it. */
  capacityBytes?: number;
}

export class SimDevice implements Device {
  readonly path = 'sim:';
  readonly clock: SimClock;
  readonly #disk: SimDisk;
  readonly #directory = new Map<string, Inode>();
  readonly #durable = new Map<string, Inode>();
  #lock: object | undefined;

  constructor(options: SimDeviceOptions = {}) {
    this.clock = options.clock ?? new SimClock();
    this.#disk = new SimDisk(this.clock, options.seed ?? 1, options.capacityBytes ?? Number.POSITIVE_INFINITY);
  }

  openSync(name: string, mode: OpenMode): DeviceFile {
    const disk = this.#disk;
    const found = this.#directory.get(name);
    if (mode === 'create') {
      disk.begin('create', name, 0, 0);
      disk.throwPlanned('create', name);
      if (found !== undefined) throw systemError('EEXIST', 'open', name);
      const inode = newInode(name, new PagedBytes());
      disk.inodes.add(inode);
      this.#change({ kind: 'entry', name, inode, from: undefined });
      return new SimFile(disk, inode, mode);
    }
    disk.assertPower();
    disk.throwPlanned('open', name);
    if (found === undefined) throw systemError('ENOENT', 'open', name);
    return new SimFile(disk, found, mode);
  }

  listSync(): string[] {
    this.#disk.assertPower();
    return [...this.#directory.keys()];
  }

  renameSync(from: string, to: string): void {
    if (from === to) return;
    this.#disk.begin('rename', from, 0, 0);
    this.#disk.throwPlanned('rename', from);
    const inode = this.#get(from, 'rename');
    const replaced = this.#directory.get(to);
    inode.name = to;
    this.#change({ kind: 'entry', name: to, inode, from });
    if (replaced !== undefined) this.#unlinked(replaced);
  }

  removeSync(name: string): void {
    this.#disk.begin('remove', name, 0, 0);
    this.#disk.throwPlanned('remove', name);
    const inode = this.#get(name, 'unlink');
    this.#unlinked(inode);
    this.#change({ kind: 'entry', name, inode: undefined, from: undefined });
  }

  /** It happens when it settles: until then the file is there. */
  remove(name: string): Promise<void> {
    return this.#disk.completions.add('remove', () => this.removeSync(name));
  }

  syncDirectorySync(): void {
    this.#beginSyncDirectory();
    this.#disk.completions.pass('syncDirectory');
    this.#disk.throwPlanned('syncDirectory', '.');
    this.#keepEntries(this.#disk.journal.syncPoint(undefined));
  }

  syncDirectory(): Promise<void> {
    let error: unknown;
    let point = 0;
    try {
      this.#beginSyncDirectory();
      this.#disk.throwPlanned('syncDirectory', '.');
      point = this.#disk.journal.syncPoint(undefined);
    } catch (caught) {
      error = caught;
    }
    return this.#disk.completions.add('syncDirectory', () => {
      if (error !== undefined) throw error;
      this.#disk.assertPower();
      this.#keepEntries(point);
    });
  }

  lockSync(how: 'fail' | 'steal'): DeviceLock {
    this.#disk.assertPower();
    if (this.#lock !== undefined && how === 'fail') {
      throw new FerriteError('FERRITE_LOCKED', 'The simulated device is locked by another opener.');
    }
    const own = {};
    this.#lock = own;
    return {
      isHeldSync: () => {
        this.#disk.assertPower();
        return this.#lock === own;
      },
      releaseSync: () => {
        if (this.#lock === own) this.#lock = undefined;
      },
    };
  }

  /** The last changing call; its `step` is how many there were. */
  get lastStep(): SimStep {
    return this.#disk.lastStep;
  }

  /** Called at every step, when its change is made but not durable; `crash` may be called inside. */
  set onStep(callback: ((step: SimStep) => void) | undefined) {
    this.#disk.onStep = callback;
  }

  /** The power goes during the `step`-th changing call, counted from 1 since the device was made. */
  cutAfterStep(step: number): void {
    this.#disk.cutStep = step;
  }

  /** True once the power has gone. */
  get isCut(): boolean {
    return this.#disk.isCut;
  }

  /** Units (sectors, sizes, directory entries) that are not durable: `prefix:0` to `prefix:<this>` differ. */
  get unsyncedUnits(): number {
    return this.#disk.journal.units;
  }

  /** What the disk holds after a power cut now. This device is not changed. */
  crash(model: CrashModel, seed = 1, sectors: SectorModel = 'prefix-safe'): SimDevice {
    const disk = this.#disk;
    const survivor = new SimDevice({ clock: this.clock, seed, capacityBytes: disk.capacityBytes });
    const choice = new CrashChoice(model, seed, sectors);
    for (const [name, view] of survivors(this.#durable, disk.journal.changes(), choice)) {
      const inode = newInode(name, view);
      survivor.#disk.inodes.add(inode);
      survivor.#directory.set(name, inode);
      survivor.#durable.set(name, inode);
    }
    return survivor;
  }

  /** Plans an error. */
  fail(fault: Fault): void {
    this.#disk.faults.plan(fault);
  }

  /** One write in `oneIn` takes only some of its bytes. */
  shortWrites(oneIn: number): void {
    this.#disk.faults.shortWrites(oneIn);
  }

  /** One asynchronous write in `oneIn` happens when it settles, not when it is issued: its bytes arrive after later ones. */
  lateWrites(oneIn: number): void {
    this.#disk.faults.lateWrites(oneIn);
  }

  /** Forgets planned errors, short and late writes. */
  repair(): void {
    this.#disk.faults.clear();
  }

  setCapacity(capacityBytes: number): void {
    this.#disk.capacityBytes = capacityBytes;
  }

  get usedBytes(): number {
    return this.#disk.usedBytes;
  }

  /** Each such operation, or the next `times`, takes `delayMs` of simulated time. */
  stall(operation: StalledOperation, delayMs: number, times = Number.POSITIVE_INFINITY): void {
    this.#disk.completions.stall(operation, delayMs, times);
  }

  /** Asynchronous operations (of one kind, or all) settle only by `pump` or `release`. */
  hold(operation?: StalledOperation): void {
    this.#disk.completions.hold(operation);
  }

  /** Settles up to `count` held operations, oldest first or as `prng` picks; returns how many. */
  pump(count = Number.POSITIVE_INFINITY, prng?: Prng): number {
    return this.#disk.completions.pump(count, prng);
  }

  /** Ends `hold` and settles what was held. */
  release(): void {
    this.#disk.completions.release();
  }

  get heldCount(): number {
    return this.#disk.completions.heldCount;
  }

  /** Turns one bit of a file over, wherever its bytes are kept. */
  flipBit(name: string, offsetBytes: number, bit: number): void {
    const inode = this.#get(name, 'flip');
    if (offsetBytes >= inode.view.sizeBytes) throw new RangeError(`${name} has no byte ${offsetBytes}`);
    for (const image of new Set([inode.view, inode.durable])) {
      if (offsetBytes >= image.sizeBytes) continue;
      const byte = new Uint8Array(1);
      image.read(byte, 0, 1, offsetBytes);
      byte[0] ^= 1 << bit;
      image.write(byte, 0, 1, offsetBytes);
    }
    for (const change of this.#disk.journal.changes()) {
      if (change.kind !== 'sectors' || change.inode !== inode) continue;
      const at = offsetBytes - change.position;
      if (at >= 0 && at < change.bytes.length) change.bytes[at] ^= 1 << bit;
    }
  }

  /** What was read, written and synced, of one file (by the name it then had) or of all. */
  counts(name?: string): SimCounts {
    if (name !== undefined) return { ...this.#disk.countsOf(name) };
    const total: SimCounts = { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0, syncs: 0 };
    for (const counts of this.#disk.counts.values()) {
      for (const key of Object.keys(total) as (keyof SimCounts)[]) total[key] += counts[key];
    }
    return total;
  }

  #get(name: string, call: string): Inode {
    const inode = this.#directory.get(name);
    if (inode === undefined) throw systemError('ENOENT', call, name);
    return inode;
  }

  #change(change: EntryChange): void {
    this.#disk.journal.add(change);
    applyEntry(this.#directory, change);
    this.#disk.reach();
  }

  #unlinked(inode: Inode): void {
    inode.linked = false;
    this.#disk.freeIfGone(inode);
  }

  #beginSyncDirectory(): void {
    this.#disk.begin('syncDirectory', '.', 0, 0);
    this.#disk.reach();
  }

  #keepEntries(point: number): void {
    for (const change of this.#disk.journal.take(undefined, point)) {
      if (change.kind === 'entry') applyEntry(this.#durable, change);
    }
    this.#disk.journal.dropUnreachable(new Set([...this.#durable.values(), ...this.#directory.values()]));
  }
}

function newInode(name: string, view: PagedBytes): Inode {
  return { name, view, durable: view.fork(), openHandles: 0, linked: true };
}
