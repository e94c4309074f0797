/**
 * The reserve: a file that is given up when the disk is full, so that keys can still be deleted and compaction can clean up.
 *
 * It is written, not sparse, so that it really holds room, and as large as the smallest segment. What always holds:
 * 1. While it is given up, nothing that adds to the store is written: the room is for tombstones, checkpoints and
 *    compaction.
 * 2. Such writes are taken again, in the same process, once the file could be written anew.
 * 3. A store pays for it only when it is several times as large.
 *
 * Asked by whoever meets a full disk with something that frees space (`Store.useReserve`) and by each write that adds;
 * written and written again by the owner's timer.
 */

import { FerriteError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Prng } from '../base/prng.ts';
import type { Device } from '../device/device.ts';
import { writeFully } from './device-io.ts';
import type { FlashCounters } from './segments.ts';

export const RESERVE_FILE = 'reserve';
/** A store gets a reserve when its log is so many times as large. */
const WORTH_FACTOR = 8;
const RETRY_MS = 1000;
const STEP_BYTES = 64 * 1024;

type State = 'none' | 'held' | 'given up';

export class ReserveFile {
  private state: State = 'none';
  private readonly device: Device;
  private readonly clock: Clock;
  private readonly prng: Prng;
  private readonly flash: FlashCounters;
  private readonly sizeBytes: number;
  private triedMs = Number.NEGATIVE_INFINITY;

  constructor(device: Device, clock: Clock, prng: Prng, flash: FlashCounters, sizeBytes: number) {
    this.device = device;
    this.clock = clock;
    this.prng = prng;
    this.flash = flash;
    this.sizeBytes = sizeBytes;
  }

  /** Takes over the one that an earlier session left, if it is whole. `names`: the files of the store. */
  adopt(names: readonly string[]): void {
    if (!names.includes(RESERVE_FILE)) return;
    const file = this.device.openSync(RESERVE_FILE, 'read');
    if (file.sizeSync() >= this.sizeBytes) this.state = 'held';
    file.closeSync();
  }

  get isGivenUp(): boolean {
    return this.state === 'given up';
  }

  /** Gives the room back to the file system; false when there is none to give. */
  giveUp(): boolean {
    if (this.state !== 'held') return false;
    this.device.removeSync(RESERVE_FILE);
    this.state = 'given up';
    this.triedMs = this.clock.monotonicMs();
    return true;
  }

  /** A write that adds to the store: refused while the reserve is given up and cannot be written anew. */
  checkGrowth(): void {
    if (this.state !== 'given up' || this.tryWrite()) return;
    throw new FerriteError(
      'FERRITE_DISK_FULL',
      'the disk is full, and what is left is kept for removing: free space, delete keys or run compact(); writes resume by themselves',
    );
  }

  /** Called now and then; `logBytes`: how much log there is on disk. */
  tick(logBytes: number): void {
    if (this.state === 'held') return;
    if (this.state === 'given up' || logBytes >= this.sizeBytes * WORTH_FACTOR) this.tryWrite();
  }

  private tryWrite(): boolean {
    const now = this.clock.monotonicMs();
    if (now - this.triedMs < RETRY_MS) return false;
    this.triedMs = now;
    try {
      this.write();
      this.state = 'held';
      return true;
    } catch {
      // Still full: what was written of it goes again, and is tried later.
      this.clear();
      return false;
    }
  }

  private write(): void {
    this.clear();
    const file = this.device.openSync(RESERVE_FILE, 'create');
    try {
      // Noise: a file system that compresses must not make it small.
      const noise = new Uint32Array(STEP_BYTES / 4);
      for (let i = 0; i < noise.length; i++) noise[i] = this.prng.nextUint32();
      const bytes = new Uint8Array(noise.buffer);
      for (let at = 0; at < this.sizeBytes; at += STEP_BYTES) {
        writeFully(file, bytes, 0, Math.min(STEP_BYTES, this.sizeBytes - at), at);
      }
      this.flash.writtenBytes += this.sizeBytes;
    } finally {
      file.closeSync();
    }
  }

  private clear(): void {
    if (this.device.listSync().includes(RESERVE_FILE)) this.device.removeSync(RESERVE_FILE);
  }
}
