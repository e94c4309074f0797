/**
 * Files that nothing needs any more, on their way out.
 *
 * Giving back the blocks of a large file takes milliseconds: the loop is not held for it. Files go in the pool, one after
 * the other in the order they were given, then the directory is synced. Compaction gives retired segments, the
 * checkpointer old generations. What always holds: a file whose unlink a crash prevents is removed at the next open, and its
 * name is not used again.
 */

import type { FerriteError } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import { toFerriteError } from './device-io.ts';
import type { FlashCounters } from './segments.ts';

interface Removal {
  name: string;
  sizeBytes: number;
}

export class Removals {
  private readonly device: Device;
  private readonly flash: FlashCounters;
  private readonly onError: (error: FerriteError) => void;
  /** The first one may be under way. */
  private waiting: Removal[] = [];
  private running = false;

  constructor(device: Device, flash: FlashCounters, onError: (error: FerriteError) => void) {
    this.device = device;
    this.flash = flash;
    this.onError = onError;
  }

  get isBusy(): boolean {
    return this.waiting.length > 0;
  }

  /** Bytes of files that may still be there. */
  get bytesOnDisk(): number {
    let bytes = 0;
    for (const { sizeBytes } of this.waiting) bytes += sizeBytes;
    return bytes;
  }

  add(name: string, sizeBytes: number): void {
    this.waiting.push({ name, sizeBytes });
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      const removal = this.waiting[0];
      try {
        await this.device.remove(removal.name);
      } catch (error) {
        if (this.waiting[0] === removal) this.fail(error);
      }
      // `finishSync` may have come in between.
      if (this.waiting[0] === removal) this.waiting.shift();
    }
    this.running = false;
    this.flash.fsyncs++;
    await this.device.syncDirectory().catch((error) => this.fail(error));
  }

  /** Everything at once, the one under way included. */
  finishSync(): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    this.flash.fsyncs++;
    try {
      for (const { name } of waiting) this.removeSync(name);
      this.device.syncDirectorySync();
    } catch (error) {
      this.fail(error);
    }
  }

  private removeSync(name: string): void {
    try {
      this.device.removeSync(name);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }

  private fail(error: unknown): void {
    this.onError(toFerriteError(error, `removing files from ${this.device.path}`));
  }
}
