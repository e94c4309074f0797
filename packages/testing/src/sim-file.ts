/**
 * An open file of a simulated device.
 *
 * A write shows at once to every reader and is in the journal as whole sectors until a sync. An asynchronous read
 * happens when it settles, an asynchronous write when it is issued, or if the test wants that when it settles; its source
 * is compared then, since the seam says that it must not change before.
 */
import type { DeviceFile, OpenMode } from '@ferrite/core/module';
import { systemError } from './faults.ts';
import type { Inode, Ticket } from './journal.ts';
import { SECTOR_BYTES } from './paged-bytes.ts';
import type { SimDisk } from './sim-disk.ts';

export class SimFile implements DeviceFile {
  readonly #disk: SimDisk;
  readonly #inode: Inode;
  readonly #writable: boolean;
  #closed = false;
  #inFlight = 0;

  constructor(disk: SimDisk, inode: Inode, mode: OpenMode) {
    this.#disk = disk;
    this.#inode = inode;
    this.#writable = mode !== 'read';
    inode.openHandles++;
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    this.#assertUsable('read', false);
    this.#disk.completions.pass('read');
    this.#disk.throwPlanned('read', this.#inode.name);
    return this.#take(target, offset, length, position);
  }

  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    const failed = attempt(() => {
      this.#assertUsable('read', false);
      this.#disk.throwPlanned('read', this.#inode.name);
    });
    return this.#disk.completions.add('read', () => {
      if (failed !== undefined) throw failed.error;
      this.#disk.assertPower();
      return this.#take(target, offset, length, position);
    });
  }

  writeSync(source: Uint8Array, offset: number, length: number, position: number): number {
    this.#assertUsable('write', true);
    const count = this.#put(source, offset, length, position, { settled: true });
    this.#disk.completions.pass('write');
    return count;
  }

  write(source: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    const ticket: Ticket = { settled: false };
    const asked = Buffer.from(source.subarray(offset, offset + length));
    let count = 0;
    const put = (): void => {
      count = this.#put(source, offset, length, position, ticket);
    };
    const isLate = this.#disk.faults.isLate();
    const failed = attempt(() => {
      this.#assertUsable('write', true);
      if (!isLate) put();
    });
    this.#inFlight++;
    return this.#disk.completions.add('write', () => {
      this.#settled();
      if (failed !== undefined) throw failed.error;
      this.#disk.assertPower();
      if (asked.compare(source, offset, offset + length) !== 0) {
        throw new Error('the source of an asynchronous write changed before it settled');
      }
      if (isLate) put();
      ticket.settled = true;
      return count;
    });
  }

  truncateSync(sizeBytes: number): void {
    this.#assertUsable('truncate', true);
    const disk = this.#disk;
    const inode = this.#inode;
    disk.begin('truncate', inode.name, sizeBytes, 0);
    disk.throwPlanned('truncate', inode.name);
    disk.journal.add({ kind: 'size', inode, sizeBytes, ticket: { settled: true } });
    inode.view.resize(sizeBytes);
    disk.reach();
  }

  sizeSync(): number {
    this.#assertUsable('fstat', false);
    return this.#inode.view.sizeBytes;
  }

  syncSync(): void {
    this.#beginSync();
    this.#disk.completions.pass('sync');
    this.#endSync(this.#disk.faults.next('sync', this.#inode.name), this.#disk.journal.syncPoint(this.#inode));
  }

  sync(): Promise<void> {
    let error: NodeJS.ErrnoException | undefined;
    let point = 0;
    const failed = attempt(() => {
      this.#beginSync();
      error = this.#disk.faults.next('sync', this.#inode.name);
      point = this.#disk.journal.syncPoint(this.#inode);
    });
    return this.#disk.completions.add('sync', () => {
      if (failed !== undefined) throw failed.error;
      this.#disk.assertPower();
      this.#endSync(error, point);
    });
  }

  /** The file is let go of when no write to it is in flight any more. */
  closeSync(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#inFlight === 0) this.#letGo();
  }

  #settled(): void {
    if (--this.#inFlight === 0 && this.#closed) this.#letGo();
  }

  #letGo(): void {
    this.#inode.openHandles--;
    this.#disk.freeIfGone(this.#inode);
  }

  #beginSync(): void {
    this.#assertUsable('sync', false);
    this.#disk.begin('sync', this.#inode.name, 0, 0);
    this.#disk.countsOf(this.#inode.name).syncs++;
    this.#disk.reach();
  }

  #endSync(error: NodeJS.ErrnoException | undefined, point: number): void {
    if (error !== undefined) {
      this.#disk.loseSome(this.#inode);
      throw error;
    }
    this.#disk.makeDurable(this.#inode, point);
  }

  #take(target: Uint8Array, offset: number, length: number, position: number): number {
    const { view, name } = this.#inode;
    const count = Math.max(0, Math.min(length, view.sizeBytes - position));
    view.read(target, offset, count, position);
    const counts = this.#disk.countsOf(name);
    counts.reads++;
    counts.readBytes += count;
    return count;
  }

  #put(source: Uint8Array, offset: number, length: number, position: number, ticket: Ticket): number {
    const disk = this.#disk;
    const inode = this.#inode;
    disk.begin('write', inode.name, position, length);
    disk.throwPlanned('write', inode.name);
    const count = disk.roomFor(inode.view, position, disk.faults.shorten(length));
    if (count === 0 && length > 0) throw systemError('ENOSPC', 'write', inode.name);
    inode.view.write(source, offset, count, position);
    if (position + count > inode.view.sizeBytes) {
      inode.view.sizeBytes = position + count;
      disk.journal.add({ kind: 'size', inode, sizeBytes: position + count, ticket });
    }
    const first = position - (position % SECTOR_BYTES);
    const end = Math.ceil((position + count) / SECTOR_BYTES) * SECTOR_BYTES;
    const bytes = new Uint8Array(end - first);
    inode.view.read(bytes, 0, bytes.length, first);
    disk.journal.add({ kind: 'sectors', inode, position: first, bytes, ticket });
    const counts = disk.countsOf(inode.name);
    counts.writes++;
    counts.writtenBytes += count;
    disk.reach();
    return count;
  }

  #assertUsable(call: string, writing: boolean): void {
    this.#disk.assertPower();
    if (this.#closed || (writing && !this.#writable)) throw systemError('EBADF', call, this.#inode.name);
  }
}

/** What went wrong in `run`, to be told when the operation settles. */
function attempt(run: () => void): { error: unknown } | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return { error };
  }
}
