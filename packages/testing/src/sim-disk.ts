/**
 * The state that a simulated device shares with its open files: power, steps, the journal, room, faults and counts.
 *
 * Every changing call is one numbered step between `begin` and `reach`. A change is in the journal when `reach` is
 * called, and a sync has made nothing durable yet: so a power cut at a step finds that step half done, and the crash
 * models decide how much of it is there. Used by `sim-device.ts` and `sim-file.ts`.
 */
import { Prng } from '@ferrite/core/module';
import { Completions } from './completions.ts';
import { Faults, type SimOperation } from './faults.ts';
import { type Change, type Inode, Journal } from './journal.ts';
import { PAGE_BYTES, type PagedBytes } from './paged-bytes.ts';
import type { SimClock } from './sim-clock.ts';

/** One changing call: the `step`-th since the device was made. */
export interface SimStep {
  step: number;
  operation: SimOperation;
  name: string;
  positionBytes: number;
  lengthBytes: number;
}

export interface SimCounts {
  reads: number;
  readBytes: number;
  writes: number;
  writtenBytes: number;
  syncs: number;
}

/** Thrown by the call during which the power goes, and by every later one. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
  readonly code = 'POWER_CUT';
}

export class SimDisk {
  readonly clock: SimClock;
  readonly journal = new Journal();
  readonly faults: Faults;
  readonly completions: Completions;
  readonly inodes = new Set<Inode>();
  readonly counts = new Map<string, SimCounts>();
  capacityBytes: number;
  cutStep = Number.POSITIVE_INFINITY;
  isCut = false;
  lastStep: SimStep = { step: 0, operation: 'open', name: '', positionBytes: 0, lengthBytes: 0 };
  onStep: ((step: SimStep) => void) | undefined;
  readonly #prng: Prng;

  constructor(clock: SimClock, seed: number, capacityBytes: number) {
    this.clock = clock;
    this.capacityBytes = capacityBytes;
    this.#prng = new Prng(seed);
    this.faults = new Faults(this.#prng);
    this.completions = new Completions(clock);
  }

  begin(operation: SimOperation, name: string, positionBytes: number, lengthBytes: number): void {
    this.assertPower();
    this.lastStep = { step: this.lastStep.step + 1, operation, name, positionBytes, lengthBytes };
  }

  reach(): void {
    if (this.lastStep.step >= this.cutStep) {
      this.isCut = true;
      this.assertPower();
    }
    this.onStep?.(this.lastStep);
  }

  assertPower(): void {
    if (!this.isCut) return;
    const { step, operation, name, positionBytes, lengthBytes } = this.lastStep;
    throw new PowerCut(`power cut at step ${step}: ${operation} ${name} ${lengthBytes} bytes at ${positionBytes}`);
  }

  throwPlanned(operation: SimOperation, name: string): void {
    const error = this.faults.next(operation, name);
    if (error !== undefined) throw error;
  }

  countsOf(name: string): SimCounts {
    let counts = this.counts.get(name);
    if (counts === undefined) {
      counts = { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0, syncs: 0 };
      this.counts.set(name, counts);
    }
    return counts;
  }

  get usedBytes(): number {
    let pages = 0;
    for (const inode of this.inodes) pages += inode.view.allocatedPages;
    return pages * PAGE_BYTES;
  }

  /** How many of `length` bytes find room: pages that exist take none, a hole does. */
  roomFor(view: PagedBytes, position: number, length: number): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return length;
    let free = Math.floor((this.capacityBytes - this.usedBytes) / PAGE_BYTES);
    for (let page = Math.floor(position / PAGE_BYTES); page * PAGE_BYTES < position + length; page++) {
      if (!view.hasPage(page) && free-- <= 0) return Math.max(0, page * PAGE_BYTES - position);
    }
    return length;
  }

  /** The room of a file is free when no name and no handle leads to it. */
  freeIfGone(inode: Inode): void {
    if (!inode.linked && inode.openHandles === 0) this.inodes.delete(inode);
  }

  makeDurable(inode: Inode, point: number): void {
    for (const change of this.journal.take(inode, point)) keep(inode, change);
  }

  /**
   * A failed sync as Linux has it: some of the changes are on the disk, all of them count as clean, so that the next
   * sync reports success and writes nothing.
   */
  loseSome(inode: Inode): void {
    for (const change of this.journal.take(inode, Number.POSITIVE_INFINITY)) {
      if (this.#prng.nextBelow(2) === 0) keep(inode, change);
    }
  }
}

function keep(inode: Inode, change: Change): void {
  if (change.kind === 'sectors') inode.durable.write(change.bytes, 0, change.bytes.length, change.position);
  else if (change.kind === 'size') inode.durable.resize(change.sizeBytes);
}
