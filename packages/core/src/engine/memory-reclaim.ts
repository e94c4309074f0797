/**
 * A memory-only store's garbage: pages with much of it are emptied by copying what is live to the tail.
 *
 * Runs before writes, so that no operation sees records move under it. `maxMemory` bounds pages, tables and the like:
 * when the pages allowed are in use and hold too little garbage to be worth copying, keys are evicted, or, without a
 * policy, the write is refused.
 */

import { FerriteError } from '../base/errors.ts';
import { UNIT_BYTES } from './address.ts';
import { evictOne } from './evict.ts';
import { expireDue, sweepStale } from './expire-due.ts';
import type { MemoryPages } from './memory-pages.ts';
import {
  databaseOf,
  expiryOf,
  FLAG_EXPIRY,
  flagsOf,
  KIND_ELEMENT,
  KIND_MEMBER,
  isValueKind,
  KIND_ROOT,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  objectIdOf,
  orderKeyOf,
  recordUnits,
} from './record.ts';
import type { Store } from './store.ts';

/** Share of garbage over all pages that starts a copy. */
const GARBAGE_SHARE = 0.3;
/** With a limit on memory, the share that eviction keeps free so that copying stays cheap. */
const GARBAGE_SHARE_LIMITED = 0.12;
const EVICTIONS_MAX = 64;
/** A record is at least so long: how many may have to go for a long value. */
const EVICTED_MIN_BYTES = 16;
/** Pages emptied before one write. */
const EMPTIED_MAX = 8;
const SWEPT_PER_MOVED = 4;
const CHECK_EVERY_WRITES = 16;
const EXPIRE_EVERY_WRITES = 64;
/** Tables and the like are counted each so many writes: in between they grow by little, but for a large value's list. */
const COUNT_EVERY_WRITES = 64;
const LITTLE_BYTES = 16_384;
const EXPIRE_BUDGET_MS = 1;

export class MemoryReclaimer {
  private readonly store: Store;
  private readonly pages: MemoryPages;
  /** 0: no limit. */
  maxBytes: number;
  private writes = 0;
  private sinceExpiry = 0;
  private takenBefore = 0;
  /** Bytes beside the pages, as they were when that was last looked at, and how many writes ago. */
  private otherBytes = 0;
  private sinceCount = COUNT_EVERY_WRITES;

  constructor(store: Store, pages: MemoryPages, maxBytes: number) {
    this.store = store;
    this.pages = pages;
    this.maxBytes = maxBytes;
  }

  /** Called before each write, which may add `growthBytes`. One that adds nothing, a removal, is never refused. */
  beforeWrite(growthBytes: number): void {
    const { pages } = this;
    // A loop that never yields has no timer that would do it.
    if (++this.sinceExpiry >= EXPIRE_EVERY_WRITES) {
      this.sinceExpiry = 0;
      if (this.store.expiresActively && !this.store.holdsExpired) expireDue(this.store, EXPIRE_BUDGET_MS);
    }
    if (this.maxBytes > 0) this.bound(growthBytes);
    if (pages.usedPages === this.takenBefore && this.writes++ % CHECK_EVERY_WRITES !== 0) return;
    this.takenBefore = pages.usedPages;
    if (pages.usedPages > 2 && pages.deadUnits * UNIT_BYTES > pages.usedBytes * GARBAGE_SHARE) this.emptyWorst();
  }

  private countOther(growthBytes: number): void {
    if (++this.sinceCount < COUNT_EVERY_WRITES && growthBytes < LITTLE_BYTES) return;
    this.sinceCount = 0;
    const { store } = this;
    this.otherBytes =
      store.tableBytes + store.wheel.bytesHeld + store.large.bytesHeld + (store.ordered?.bytesHeld ?? 0);
  }

  /** Bytes of live records that may be held, with `spareBytes` for what comes, before keys have to go. */
  private allowedBytes(spareBytes: number): number {
    return (this.maxBytes - spareBytes - this.otherBytes) * (1 - GARBAGE_SHARE_LIMITED);
  }

  private get liveBytes(): number {
    return this.pages.usedBytes - this.pages.deadUnits * UNIT_BYTES;
  }

  private bound(growthBytes: number): void {
    const { store, pages } = this;
    this.countOther(growthBytes);
    if (this.liveBytes > this.allowedBytes(store.pageBytes + growthBytes)) store.dropped.drain();
    // The write may begin a page and go on for as long as its value is.
    const spareBytes = growthBytes === 0 ? 0 : store.pageBytes + growthBytes;
    if (growthBytes > 0) this.makeRoom(spareBytes);
    for (let i = 0; i < EMPTIED_MAX && pages.usedBytes + spareBytes + this.otherBytes > this.maxBytes; i++) {
      if (!this.emptyWorst()) break;
    }
  }

  /** Evicts until the live records leave room. Bytes not yet used of the current page count as live. */
  private makeRoom(spareBytes: number): void {
    const { store } = this;
    if (this.allowedBytes(spareBytes) < store.pageBytes) throw this.full();
    const evictionsMax = EVICTIONS_MAX + spareBytes / EVICTED_MIN_BYTES;
    if (this.liveBytes <= this.allowedBytes(spareBytes)) return;
    const beganMs = store.clock.monotonicMs();
    for (let i = 0; i < evictionsMax && this.liveBytes > this.allowedBytes(spareBytes); i++) {
      if (!evictOne(store)) throw this.full();
    }
    store.noteHold('eviction-cycle', store.clock.monotonicMs() - beganMs);
  }

  /** Evicts some of the keys that a lower limit leaves no room for; false when nothing more is to go. */
  evictSome(): boolean {
    const { store } = this;
    if (this.maxBytes === 0 || store.holdsExpired) return false;
    this.sinceCount = COUNT_EVERY_WRITES;
    this.countOther(0);
    const beganMs = store.clock.monotonicMs();
    let evictions = 0;
    while (evictions < EVICTIONS_MAX && this.liveBytes > this.allowedBytes(0) && evictOne(store)) evictions++;
    store.noteHold('eviction-cycle', store.clock.monotonicMs() - beganMs);
    return evictions === EVICTIONS_MAX;
  }

  private full(): FerriteError {
    return new FerriteError(
      'FERRITE_MEMORY_FULL',
      `maxMemory (${this.maxBytes} bytes) is used up: delete keys, raise it, or set an evictionPolicy`,
    );
  }

  /** Copies the live records out of the page with the most garbage and frees it; false when no page has any. */
  private emptyWorst(): boolean {
    const { store, pages } = this;
    const page = pages.worst();
    if (page === 0) return false;
    const entries = store.wheel.size;
    const memory = store.log.memory;
    const start = pages.startOf(page);
    const end = pages.endOf(page);
    const chunk = memory.at(start);
    for (let address = start; address < end; ) {
      const word = memory.wordOf(address);
      const units = recordUnits(chunk.words, word);
      this.moveIfLive(chunk.words, word, address, units);
      address += units;
    }
    pages.release(page);
    // Each record with an expiry that was moved has left a stale entry.
    if (store.wheel.size > entries) sweepStale(store, (store.wheel.size - entries) * SWEPT_PER_MOVED);
    return true;
  }

  private moveIfLive(words: Int32Array, word: number, address: number, units: number): void {
    const { store } = this;
    const word1 = words[word + 1];
    const kind = kindOf(word1);
    if (kind === KIND_ELEMENT) {
      const id = objectIdOf(words, word);
      const chunk = orderKeyOf(words, word);
      if (store.large.isChunkAt(id, chunk, address))
        store.large.swingChunk(id, chunk, address, this.copy(words, word, units));
      return;
    }
    if (kind === KIND_MEMBER) {
      this.moveMember(words, word, address, units);
      return;
    }
    if (!isValueKind(kind)) return;
    const keyWord = word + (keyOffsetOf(word1) >>> 2);
    const hash = store.key.hashAt(words, keyWord, keyLengthOf(words, word));
    const table = store.table(databaseOf(word1));
    if (!table.findAddress(hash, address)) return;
    const to = this.copy(words, word, units);
    table.setAddress(to);
    if ((flagsOf(word1) & FLAG_EXPIRY) !== 0) {
      const expiresAtMs = expiryOf(words, word);
      if (expiresAtMs !== 0) store.wheel.add(expiresAtMs, hash, to, databaseOf(word1));
    }
    if (kind === KIND_ROOT) {
      const value = store.large.get(objectIdOf(words, word));
      if (value !== undefined) value.rootAddress = to;
    }
  }

  private moveMember(words: Int32Array, word: number, address: number, units: number): void {
    const { store } = this;
    const members = store.large.get(objectIdOf(words, word))?.members;
    if (members === undefined || members === null) return;
    const keyWord = word + (keyOffsetOf(words[word + 1]) >>> 2);
    const hash = store.key.hashAt(words, keyWord, keyLengthOf(words, word));
    if (members.findAddress(hash, address)) members.setAddress(this.copy(words, word, units));
  }

  private copy(words: Int32Array, word: number, units: number): number {
    const { memory } = this.store.log;
    const to = this.store.log.allocate(units);
    const target = memory.at(memory.unitOf(to));
    const at = memory.wordOf(memory.unitOf(to));
    target.words.set(words.subarray(word, word + units * 2), at);
    return to;
  }
}
