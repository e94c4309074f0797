/**
 * Reads records from disk off the loop, for commands that wait for them, and keeps them pinned in the read cache until
 * these have run.
 *
 * What all commands of a turn want is put in order: neighbours come with one read, and what several want is read once.
 * Nobody gets in front of another: while the pinned records take their share of the cache (`ReadGate.pinnedMaxBytes`),
 * fetches wait in a row. What always holds:
 *
 * 1. A record goes into the cache only if its sum, which depends on its address, is right; what fails is left to the
 *    handler, which reads it on the spot and answers with the error.
 * 2. A segment has a pin while a read of it is in flight: compaction does not take its file away.
 * 3. `release` gives back every pin of a fetch, whether it has ended or not.
 */

import { isCold, UNIT_BYTES } from './address.ts';
import { HITS_DISK } from './locate.ts';
import { type Memory, makeMemory } from './page-memory.ts';
import { recordSum, recordUnits, sumSeed } from './record.ts';
import type { Segment, Segments } from './segments.ts';
import type { Store } from './store.ts';

const FIRST_READ_BYTES = 512;
const HEADER_BYTES = 16;
/** Reading that much in vain costs less than another read. */
const GAP_UNITS = 4096 / UNIT_BYTES;
const WINDOW_UNITS_MAX = (64 * 1024) / UNIT_BYTES;
/** More reads would only wait in the pool, and let a sync wait behind them. */
const IN_FLIGHT_MAX = 8;
/** A record whose length is not known yet counts as so long. */
const GUESSED_BYTES = 512;

/** The records that one command waits for. */
export class Fetch {
  /** Those that are pinned for it, and the bytes each of them takes. */
  readonly pinned = new Map<number, number>();
  /** How many it still waits for. */
  missing = 0;
  isReleased = false;
  addresses: readonly number[] = [];
  readonly onDone: () => void;

  /** `onDone` is called each time that what it was started for is there, or cannot be read. */
  constructor(onDone: () => void) {
    this.onDone = onDone;
  }
}

interface Want {
  address: number;
  fetches: Fetch[];
}

/** Records that one read is to bring. */
interface Window {
  segment: Segment;
  start: number;
  units: number;
  wants: Want[];
}

export class Fetcher {
  /** Bytes of the cache that are pinned; one copy for two commands counts twice. */
  pinnedBytes = 0;
  private readonly store: Store;
  private waiting: Fetch[] = [];
  private readonly wants = new Map<number, Want>();
  private windows: Window[] = [];
  private inFlight = 0;
  private isScheduled = false;

  constructor(store: Store) {
    this.store = store;
  }

  /** Brings the records at the addresses; together with what others want in this turn of the loop. */
  start(fetch: Fetch, addresses: readonly number[]): void {
    fetch.addresses = addresses;
    this.waiting.push(fetch);
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.store.yieldTurn().then(() => {
      this.isScheduled = false;
      this.admit();
    });
  }

  /** Begins with the fetches that there is room for. */
  private admit(): void {
    const wants: Want[] = [];
    const ready: Fetch[] = [];
    while (this.waiting.length > 0 && this.hasRoom) {
      const fetch = this.waiting.shift() as Fetch;
      if (fetch.isReleased) continue;
      for (const address of new Set(fetch.addresses)) this.want(fetch, address, wants);
      if (fetch.missing === 0) ready.push(fetch);
    }
    this.windows.push(...this.windowsOf(wants));
    this.pump();
    for (const fetch of ready) if (!fetch.isReleased) fetch.onDone();
  }

  private get hasRoom(): boolean {
    const expectedBytes = this.pinnedBytes + this.wants.size * GUESSED_BYTES;
    return expectedBytes === 0 || expectedBytes < this.store.gate.pinnedMaxBytes;
  }

  private want(fetch: Fetch, address: number, wants: Want[]): void {
    if (fetch.pinned.has(address) || !this.store.gate.isOnDisk(address)) return;
    if (this.tryPin(fetch, address)) return;
    fetch.missing++;
    let want = this.wants.get(address);
    if (want === undefined) {
      want = { address, fetches: [] };
      this.wants.set(address, want);
      wants.push(want);
    }
    want.fetches.push(fetch);
  }

  /** Pins the copy in the cache for the fetch; false if there is none. */
  private tryPin(fetch: Fetch, address: number): boolean {
    const { cache, gate } = this.store;
    const found = cache.find(address);
    if (found < 0) return false;
    const length = cache.lengthAt(found);
    // A copy that was just brought is most often still there when the command runs, pinned or not.
    if (this.pinnedBytes > 0 && this.pinnedBytes + length > gate.pinnedMaxBytes) return true;
    cache.pin(address);
    fetch.pinned.set(address, length);
    this.pinnedBytes += length;
    return true;
  }

  /** The command has run, or never will. */
  release(fetch: Fetch): void {
    fetch.isReleased = true;
    for (const [address, length] of fetch.pinned) {
      this.store.cache.unpin(address);
      this.pinnedBytes -= length;
    }
    fetch.pinned.clear();
    if (this.waiting.length > 0 && this.hasRoom) this.schedule();
  }

  /** Groups records that lie together. What no segment holds any more has failed. */
  private windowsOf(wants: Want[]): Window[] {
    wants.sort((a, b) => a.address - b.address);
    const windows: Window[] = [];
    let last: Window | undefined;
    for (const want of wants) {
      const { address } = want;
      const gap = last === undefined ? 0 : address - (last.start + last.units);
      const isNear = last !== undefined && address < last.segment.end && gap <= GAP_UNITS;
      const units = last === undefined ? 0 : address - last.start + FIRST_READ_BYTES / UNIT_BYTES;
      if (last !== undefined && isNear && units <= WINDOW_UNITS_MAX) {
        last.units = Math.max(last.units, units);
        last.wants.push(want);
        continue;
      }
      const segment = this.segmentsOf(address)?.find(address);
      if (segment === undefined) this.settle(want);
      else {
        last = { segment, start: address, units: FIRST_READ_BYTES / UNIT_BYTES, wants: [want] };
        windows.push(last);
      }
    }
    return windows;
  }

  private segmentsOf(address: number): Segments | null | undefined {
    return isCold(address) ? this.store.cold?.segments : this.store.log.segments;
  }

  private pump(): void {
    while (this.inFlight < IN_FLIGHT_MAX && this.windows.length > 0) this.read(this.windows.shift() as Window);
    if (this.waiting.length > 0 && this.hasRoom) this.schedule();
  }

  private read(window: Window): void {
    const { segment, start } = window;
    this.inFlight++;
    segment.pins++;
    const length = Math.min(window.units, segment.end - start) * UNIT_BYTES;
    const memory = makeMemory(length);
    const ended = (have: number): void => {
      this.inFlight--;
      segment.pins--;
      for (const want of window.wants) this.land(window, want, memory, have);
      this.pump();
    };
    this.begin(window, memory, length).then(ended, () => ended(0));
  }

  private async begin({ segment, start }: Window, { bytes }: Memory, length: number): Promise<number> {
    if (this.store.closed || segment.retired) return 0;
    const segments = this.segmentsOf(start) as Segments;
    return segments.openFile(segment).read(bytes, 0, length, (start - segment.base) * UNIT_BYTES);
  }

  /** Takes a record out of what was read, or reads it alone if it is longer. */
  private land(window: Window, want: Want, memory: Memory, have: number): void {
    const { store } = this;
    const { address } = want;
    const at = (address - window.start) * UNIT_BYTES;
    if (store.closed || have - at < HEADER_BYTES) {
      this.settle(want);
      return;
    }
    const { words, bytes } = memory;
    const units = recordUnits(words, at / 4);
    const length = units * UNIT_BYTES;
    if (at + length > have) {
      const canBeWhole = length <= store.pageBytes && address + units <= window.segment.end && window.units !== units;
      if (canBeWhole) this.windows.push({ segment: window.segment, start: address, units, wants: [want] });
      else this.settle(want);
      return;
    }
    const isRight = words[at / 4] === recordSum(words, at / 4, units, sumSeed(address, store.identity.salt));
    // A log that was rewound gives out its addresses again: then the record is in memory, and this was another one.
    if (isRight && store.gate.isOnDisk(address) && !window.segment.retired) {
      store.hits[HITS_DISK]++;
      store.cache.insert(bytes, at, length, address);
      if (store.warmer !== null) store.warmer.noteRead();
    }
    this.settle(want);
  }

  /** The record is in the cache, or could not be brought there. */
  private settle(want: Want): void {
    this.wants.delete(want.address);
    for (const fetch of want.fetches) {
      if (fetch.isReleased) continue;
      this.tryPin(fetch, want.address);
    }
    for (const fetch of want.fetches) {
      fetch.missing--;
      if (fetch.missing === 0 && !fetch.isReleased) fetch.onDone();
    }
  }

  /** Whether nothing is kept for anybody, and nothing is on its way. */
  get isIdle(): boolean {
    return this.pinnedBytes === 0 && this.wants.size === 0 && this.waiting.length === 0;
  }
}
