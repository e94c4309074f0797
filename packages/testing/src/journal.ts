/**
 * What a simulated disk has been told and has not been made to keep: the changes since the last syncs, in issue order.
 *
 * A write is held as the whole 512-byte sectors it touched, as they looked after it, since that is what a page cache
 * hands to a disk. Each sector, each change of a size and each change of a directory entry is one unit that a power
 * cut may keep or lose by itself. `sync` of a file makes its changes durable, `sync` of the directory the entries.
 * Changes of one file are made durable in issue order, so that an older sector never covers a newer one.
 */
import { type PagedBytes, SECTOR_BYTES } from './paged-bytes.ts';

/** A file without its name: `view` is what programs see, `durable` what a power cut leaves for sure. */
export interface Inode {
  name: string;
  view: PagedBytes;
  durable: PagedBytes;
  openHandles: number;
  linked: boolean;
}

/** Whether the operation that made a change has settled: a sync only promises what was written before it began. */
export interface Ticket {
  settled: boolean;
}

export interface SectorsChange {
  kind: 'sectors';
  inode: Inode;
  position: number;
  bytes: Uint8Array;
  ticket: Ticket;
}
export interface SizeChange {
  kind: 'size';
  inode: Inode;
  sizeBytes: number;
  ticket: Ticket;
}
/** `name` leads to `inode` from now on, or to nothing; a rename also ends `from`, in the same step. */
export interface EntryChange {
  kind: 'entry';
  name: string;
  inode: Inode | undefined;
  from: string | undefined;
}
export type Change = SectorsChange | SizeChange | EntryChange;

export class Journal {
  #changes: { order: number; change: Change }[] = [];
  #nextOrder = 1;

  add(change: Change): void {
    this.#changes.push({ order: this.#nextOrder++, change });
  }

  /** The changes in issue order. */
  changes(): Change[] {
    return this.#changes.map((item) => item.change);
  }

  /** Forgets the changes of files that no directory can lead to after a power cut. */
  dropUnreachable(reachable: ReadonlySet<Inode>): void {
    const named = new Set(reachable);
    for (const { change } of this.#changes) {
      if (change.kind === 'entry' && change.inode !== undefined) named.add(change.inode);
    }
    this.#changes = this.#changes.filter(({ change }) => change.kind === 'entry' || named.has(change.inode));
  }

  /** How many units are not durable: sectors, sizes and entries. */
  get units(): number {
    return this.#changes.reduce((sum, item) => sum + unitsOf(item.change), 0);
  }

  /** The place up to which a sync of `inode` (or of the directory, without one) that starts now has to reach. */
  syncPoint(inode: Inode | undefined): number {
    const promised = this.#changes.filter((item) => concerns(item.change, inode) && isSettled(item.change));
    return promised.at(-1)?.order ?? 0;
  }

  /** Removes and returns the changes that a sync up to `point` makes durable, in issue order. */
  take(inode: Inode | undefined, point: number): Change[] {
    const taken: Change[] = [];
    this.#changes = this.#changes.filter((item) => {
      const take = item.order <= point && concerns(item.change, inode);
      if (take) taken.push(item.change);
      return !take;
    });
    return taken;
  }
}

export function unitsOf(change: Change): number {
  return change.kind === 'sectors' ? change.bytes.length / SECTOR_BYTES : 1;
}

/** Makes an entry change in a directory. */
export function applyEntry(directory: Map<string, Inode>, change: EntryChange): void {
  if (change.from !== undefined) directory.delete(change.from);
  if (change.inode === undefined) directory.delete(change.name);
  else directory.set(change.name, change.inode);
}

function concerns(change: Change, inode: Inode | undefined): boolean {
  return change.kind === 'entry' ? inode === undefined : change.inode === inode;
}

function isSettled(change: Change): boolean {
  return change.kind === 'entry' || change.ticket.settled;
}
