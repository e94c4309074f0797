/**
 * A memory-only store's garbage: pages with much of it are emptied by copying what is live to the tail.
 *
 * Runs before writes, so that no operation sees records move under it: a little before each one, so that the page being
 * emptied is free when the next one is needed, and no write waits for thousands of records. `maxMemory` bounds pages, tables and the like:
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
const RECORD_UNITS_MIN = 2;
/** Pages emptied before one write, where the limit leaves no choice. */
const EMPTIED_MAX = 8;
/** Records of the page being emptied that are looked at before one write: so many, and for each unit it may write some more. */
const LOOKED_AT_MIN = 32;
const LOOKED_AT_MAX = 2048;
const UNITS_PER_WRITTEN = 16;
/** What is copied before one write at most. */
const COPIED_MAX_UNITS = 64 * 1024;
/** What of collections that went is counted as garbage before one write: so many steps of 2048 members. */
const COUNTED_STEPS = 4;
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
  /** The page being emptied, 0 for none; which turn of it; and what of it was not looked at yet. */
  private page = 0;
  private pageVersion = 0;
  private at = 0;
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
    if (this.page !== 0) this.emptySome(growthBytes);
    if (pages.usedPages === this.takenBefore && this.writes++ % CHECK_EVERY_WRITES !== 0) return;
    this.takenBefore = pages.usedPages;
    if (pages.usedPages > 2 && pages.deadUnits * UNIT_BYTES > pages.usedBytes * GARBAGE_SHARE) this.beginWorst();
  }

  private countOther(growthBytes: number): void {
    if (++this.sinceCount < COUNT_EVERY_WRITES && growthBytes < LITTLE_BYTES) return;
    this.sinceCount = 0;
    const { store } = this;
    const expiryBytes = store.wheel.bytesHeld + store.memberWheel.bytesHeld;
    this.otherBytes = store.tableBytes + expiryBytes + store.large.bytesHeld + (store.ordered?.bytesHeld ?? 0);
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
    if (this.liveBytes > this.allowedBytes(store.pageBytes + growthBytes)) {
      this.countDropped();
    }
    // The write may begin a page and go on for as long as its value is.
    const spareBytes = growthBytes === 0 ? 0 : store.pageBytes + growthBytes;
    // What is counted yet may be enough.
    if (growthBytes > 0 && !store.dropped.isBusy) this.makeRoom(spareBytes);
    const hasGarbage = pages.deadUnits * UNIT_BYTES > (pages.usedBytes * GARBAGE_SHARE_LIMITED) / 2;
    if (hasGarbage && this.excessBytes(spareBytes) + store.pageBytes > 0) this.beginWorst();
    for (let i = 0; i < EMPTIED_MAX && this.excessBytes(spareBytes) > 0 && this.beginWorst(); i++) {
      this.empty(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    }
  }

  /** What is held above the limit, if `spareBytes` are to be free. */
  private excessBytes(spareBytes: number): number {
    return this.pages.usedBytes + spareBytes + this.otherBytes - this.maxBytes;
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
      // What a collection held has to be counted before it is known whether more must go.
      if (store.dropped.isBusy && !this.countDropped()) break;
    }
    store.noteHold('eviction-cycle', store.clock.monotonicMs() - beganMs);
  }

  /** Counts some of what collections that went held as garbage; false if there is more. */
  private countDropped(): boolean {
    const { dropped } = this.store;
    for (let i = 0; i < COUNTED_STEPS && dropped.isBusy; i++) dropped.step();
    return !dropped.isBusy;
  }

  /** Evicts some of the keys that a lower limit leaves no room for; false when nothing more is to go. */
  evictSome(): boolean {
    const { store } = this;
    if (this.maxBytes === 0 || store.holdsExpired) return false;
    this.sinceCount = COUNT_EVERY_WRITES;
    this.countOther(0);
    const beganMs = store.clock.monotonicMs();
    let evictions = 0;
    while (this.countDropped() && evictions < EVICTIONS_MAX && this.liveBytes > this.allowedBytes(0)) {
      if (!evictOne(store)) break;
      evictions++;
    }
    store.noteHold('eviction-cycle', store.clock.monotonicMs() - beganMs);
    return evictions === EVICTIONS_MAX || store.dropped.isBusy;
  }

  private full(): FerriteError {
    return new FerriteError(
      'FERRITE_MEMORY_FULL',
      `maxMemory (${this.maxBytes} bytes) is used up: delete keys, raise it, or set an evictionPolicy`,
    );
  }

  /** Takes on the page with the most garbage, unless one is being emptied; false when no page has any. */
  private beginWorst(): boolean {
    const { pages } = this;
    if (this.page !== 0 && this.isPageThere()) return true;
    this.page = pages.worst();
    if (this.page === 0) return false;
    this.at = pages.startOf(this.page);
    this.pageVersion = pages.versionOf(this.at);
    return true;
  }

  /** A flush takes pages back. */
  private isPageThere(): boolean {
    const { pages, page } = this;
    return pages.endOf(page) >= 0 && pages.versionOf(pages.startOf(page)) === this.pageVersion;
  }

  private emptySome(growthBytes: number): void {
    const units = UNITS_PER_WRITTEN * Math.ceil(growthBytes / UNIT_BYTES);
    this.empty(Math.min(LOOKED_AT_MAX, LOOKED_AT_MIN + units / RECORD_UNITS_MIN), COPIED_MAX_UNITS);
  }

  /** Copies live records out of the page at hand, looking at no more than so many; frees it at its end. */
  private empty(recordsMax: number, unitsMax: number): void {
    const { store, pages, page } = this;
    if (!this.isPageThere()) {
      this.page = 0;
      return;
    }
    const entries = store.wheel.size;
    const memory = store.log.memory;
    const end = pages.endOf(page);
    const chunk = memory.at(this.at);
    const unitsFrom = this.at;
    for (let i = 0; i < recordsMax && this.at < end && this.at - unitsFrom < unitsMax; i++) {
      const word = memory.wordOf(this.at);
      const units = recordUnits(chunk.words, word);
      this.moveIfLive(chunk.words, word, this.at, units);
      this.at += units;
    }
    if (this.at >= end) {
      pages.release(page);
      this.page = 0;
    }
    // Each record with an expiry that was moved has left a stale entry.
    if (store.wheel.size > entries) sweepStale(store, (store.wheel.size - entries) * SWEPT_PER_MOVED);
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
    this.pages.addDead(this.at, units);
    return to;
  }
}
