/**
 * Reads many records from disk with few reads: those that lie near each other come with one.
 *
 * Keys that were written in their order are neighbours on disk. A scan says where its next records are; they are grouped
 * into windows, and a window is read whole. A record that has no neighbour is left to `locate`, and so to the read cache.
 * Windows serve the next chunks too, but do not go to the cache: a long scan must not drive everything else out of it.
 *
 * What always holds:
 * 1. A record is handed out only if its sum, which depends on its address, is right. So it does not matter what else a
 *    window brought along, or whether another scan has filled the windows again meanwhile.
 * 2. A window ends where the log was written up to when it was read. Sealed bytes never change, and an address is never
 *    used again: so a window stays right for ever.
 *
 * One per store; called by `RecordBatch`.
 */

import { COLD_BASE, isCold, UNIT_BYTES } from './address.ts';
import type { ColdLog } from './cold-log.ts';
import { HITS_DISK } from './locate.ts';
import { type Memory, makeMemory } from './page-memory.ts';
import { GATE_OPEN } from './read-gate.ts';
import { recordSum, recordUnits, sumSeed } from './record.ts';
import type { Segments } from './segments.ts';
import type { Store } from './store.ts';

const WINDOWS_MAX = 32;
const ARENA_UNITS = (256 * 1024) / UNIT_BYTES;
const WINDOW_UNITS_MAX = (64 * 1024) / UNIT_BYTES;
/** Reading that much in vain costs less than another read. */
const GAP_UNITS = 4096 / UNIT_BYTES;
/** What is read from the last record's address on: itself, and what the next chunk is likely to ask for. */
const AHEAD_UNITS = 4096 / UNIT_BYTES;
/** A record that begins in a window is taken to end in it if that much is left. */
const RECORD_UNITS = 256 / UNIT_BYTES;
const NO_WINDOW = -1;

export class RecordWindows {
  private readonly store: Store;
  private arena: Memory | null = null;
  /** Windows; the first `readCount` of them were read. */
  private count = 0;
  private readCount = 0;
  /** Units of the arena in use. */
  private used = 0;
  // By window: where its first and last record begin, where it lies in the arena, how much was read, how many records asked for it.
  private readonly starts = new Float64Array(WINDOWS_MAX);
  private readonly ends = new Float64Array(WINDOWS_MAX);
  private readonly places = new Int32Array(WINDOWS_MAX);
  private readonly haveUnits = new Int32Array(WINDOWS_MAX);
  private readonly members = new Int32Array(WINDOWS_MAX);

  constructor(store: Store) {
    this.store = store;
  }

  /** Reads what lies together of the records on disk; `windowOf` says afterwards where each may be found. */
  read(addresses: Float64Array, count: number, windowOf: Int8Array): void {
    if (this.count > WINDOWS_MAX / 2 || this.used > ARENA_UNITS / 2) {
      this.count = 0;
      this.used = 0;
    }
    this.readCount = this.count;
    const { head } = this.store.log;
    for (let i = 0; i < count; i++) {
      const address = addresses[i];
      const isOnDisk = address !== 0 && (address < head || address >= COLD_BASE);
      windowOf[i] = isOnDisk ? this.assign(address) : NO_WINDOW;
    }
    for (let window = this.readCount; window < this.count; window++) {
      this.haveUnits[window] = 0;
      if (this.members[window] > 1) this.readWindow(window);
    }
  }

  /** The window that takes a record: one that was read, or one to be read, grown or made for it. */
  private assign(address: number): number {
    const { starts, ends, members, haveUnits, readCount } = this;
    for (let window = this.count - 1; window >= readCount; window--) {
      const start = starts[window];
      const end = ends[window];
      if (address + GAP_UNITS < start || address > end + GAP_UNITS) continue;
      const nextStart = address < start ? address : start;
      const nextEnd = address > end ? address : end;
      if (nextEnd - nextStart > WINDOW_UNITS_MAX) continue;
      starts[window] = nextStart;
      ends[window] = nextEnd;
      members[window]++;
      return window;
    }
    for (let window = readCount - 1; window >= 0; window--) {
      const unit = address - starts[window];
      if (unit >= 0 && unit + RECORD_UNITS <= haveUnits[window]) return window;
    }
    if (this.count === WINDOWS_MAX) return NO_WINDOW;
    const window = this.count++;
    starts[window] = address;
    ends[window] = address;
    members[window] = 1;
    return window;
  }

  private readWindow(window: number): void {
    const { store } = this;
    const start = this.starts[window];
    const log = isCold(start) ? (store.cold as ColdLog) : store.log;
    const until = isCold(start) ? log.tail : store.log.head;
    const units = Math.min(this.ends[window] + AHEAD_UNITS, until) - start;
    if (this.used + units > ARENA_UNITS) return;
    this.arena ??= makeMemory(ARENA_UNITS * UNIT_BYTES);
    const { bytes } = this.arena;
    if (store.gate.state !== GATE_OPEN) store.gate.count();
    const have = (log.segments as Segments).readSync(bytes, this.used * UNIT_BYTES, units * UNIT_BYTES, start);
    this.places[window] = this.used;
    this.haveUnits[window] = Math.floor(have / UNIT_BYTES);
    this.used += units;
  }

  /** Locates a record in the window that `read` gave it; false when it is not there whole and right. */
  tryLocate(window: number, address: number): boolean {
    if (window === NO_WINDOW || this.arena === null) return false;
    const unit = address - this.starts[window];
    const left = this.haveUnits[window] - unit;
    if (unit < 0 || left < 2) return false;
    const { words } = this.arena;
    const word = (this.places[window] + unit) * 2;
    const units = recordUnits(words, word);
    const { store } = this;
    const seed = sumSeed(address, store.identity.salt);
    if (units > left || words[word] !== recordSum(words, word, units, seed)) return false;
    store.bytes = this.arena.bytes;
    store.view = this.arena.view;
    store.words = words;
    store.word = word;
    store.hits[HITS_DISK]++;
    return true;
  }
}
