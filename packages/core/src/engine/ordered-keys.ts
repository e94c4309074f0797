/**
 * Keeps the ordered key index of one database: builds it on first use, follows every key that comes or goes.
 *
 * The build reads the store once: the parts of the logs that were on disk when it began, in order, then every slot that
 * points past them (which are all that moved or came meanwhile). It goes in slices where there is a loop to share; a scan
 * that cannot wait finishes it on the spot.
 */

import { COLD_BASE, joinAddress } from './address.ts';
import { equalBytes } from '../base/bytes.ts';
import { expireDue } from './expire-due.ts';
import { SliceCopy } from './hash-table.ts';
import { locate } from './locate.ts';
import { OrderedBuild } from './ordered-build.ts';
import { type LogEnds, loadOrderedKeys, logEnds, saveOrderedKeys } from './ordered-file.ts';
import { type KeyResolver, OrderedIndex } from './ordered-index.ts';
import { databaseOf, isValueKind, keyLengthOf, keyOffsetOf, kindOf } from './record.ts';
import type { Segment, Segments } from './segments.ts';
import type { Store } from './store.ts';
import { Walker } from './walk.ts';

const WALK_BYTES = 128 * 1024;
const MERGE_KEYS = 2048;
const SLICE_ENTRIES = 4096;

/** The store as the index sees it: a key by its hash. */
class Resolver implements KeyResolver {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  length = 0;
  private readonly store: Store;
  database: number;

  constructor(store: Store, database: number) {
    this.store = store;
    this.database = database;
  }

  load(hash: number, explicit: readonly Uint8Array[] | undefined): void {
    const { store } = this;
    const table = store.table(this.database);
    for (let address = table.find(hash); address !== 0; address = table.next(hash)) {
      locate(store, address);
      this.bytes = store.bytes;
      this.start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
      this.length = keyLengthOf(store.words, store.word);
      if (explicit === undefined || !this.isOneOf(explicit)) return;
    }
    throw new Error('the ordered index names a key that the store does not have');
  }

  private isOneOf(explicit: readonly Uint8Array[]): boolean {
    for (const key of explicit) {
      if (key.length === this.length && equalBytes(key, 0, this.bytes, this.start, this.length)) return true;
    }
    return false;
  }
}

/** One walk over everything that is on disk, then over the slots that are not covered by it. */
class BuildScan {
  private readonly store: Store;
  private readonly database: number;
  private readonly build: OrderedBuild;
  private readonly parts: { segments: Segments; segment: Segment; limit: number }[] = [];
  private readonly memoryFrom: number;
  private readonly coldFrom: number;
  private position = 0;
  private walker: Walker | null = null;
  private slice = 0;
  private readonly sliceBits: number;

  constructor(store: Store, database: number, build: OrderedBuild) {
    this.store = store;
    this.database = database;
    this.build = build;
    this.memoryFrom = store.log.head;
    this.coldFrom = store.cold?.tail ?? COLD_BASE;
    const add = (segments: Segments, until: number) => {
      for (const segment of segments.list) {
        if (segment.base < until) this.parts.push({ segments, segment, limit: Math.min(segment.end, until) });
      }
    };
    if (store.cold !== null) add(store.cold.segments, this.coldFrom);
    if (store.log.segments !== null) add(store.log.segments, this.memoryFrom);
    this.parts.reverse();
    const table = store.table(database);
    table.loadAll();
    this.sliceBits = Math.min(table.sliceBitsMax, Math.ceil(Math.log2(Math.max(1, table.count / SLICE_ENTRIES))));
  }

  /** Goes a little further; false at the end. */
  step(): boolean {
    const part = this.parts[this.parts.length - 1];
    if (part !== undefined) {
      this.walk(part.segments, part.segment, part.limit);
      return true;
    }
    if (this.slice === 2 ** this.sliceBits) return false;
    const { copy } = this;
    this.store.table(this.database).copySlice(this.slice, this.sliceBits, copy);
    this.slice++;
    for (let i = 0; i < copy.count; i++) {
      const address = joinAddress(copy.highs[i], copy.lows[i]);
      const isWalked = address >= COLD_BASE ? address < this.coldFrom : address < this.memoryFrom;
      if (!isWalked) this.addLocated(copy.hashes[i], address);
    }
    return true;
  }
  private readonly copy = new SliceCopy();

  private addLocated(hash: number, address: number): void {
    const { store } = this;
    locate(store, address);
    const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
    this.insert(store.bytes, start, keyLengthOf(store.words, store.word), hash);
  }

  private insert(bytes: Uint8Array, start: number, length: number, hash: number): void {
    const collides = this.store.table(this.database).matchesUpToTwo(hash) === 2;
    this.build.insert(bytes, start, length, hash, collides);
  }

  private walk(segments: Segments, segment: Segment, limit: number): void {
    const { store } = this;
    if (this.position < segment.base || this.position > segment.end) this.position = segment.base;
    if (segment.retired) this.position = limit;
    this.walker ??= new Walker(segments, store.identity.salt, store.pageBytes);
    const memory = this.walker.memory;
    const next =
      this.position >= limit
        ? limit
        : this.walker.readFrames(segments, this.position, limit, WALK_BYTES, (words, word, address) => {
            const word1 = words[word + 1];
            const kind = kindOf(word1);
            if (!isValueKind(kind) || databaseOf(word1) !== this.database) return;
            const length = keyLengthOf(words, word);
            const offset = keyOffsetOf(word1);
            const hash = store.key.hashAt(words, word + (offset >>> 2), length);
            if (!store.table(this.database).findAddress(hash, address)) return;
            this.insert(memory.bytes, word * 4 + offset, length, hash);
          });
    if (next === 0) this.skipDamage(segment, limit);
    else this.position = next;
    if (this.position < limit) return;
    this.parts.pop();
    this.position = 0;
  }

  /** A frame of this segment does not hold: its live records are taken one by one, by their slots. */
  private skipDamage(segment: Segment, limit: number): void {
    const found: number[] = [];
    this.store.table(this.database).forEachInSlice(0, 0, (hash, address) => {
      if (address >= segment.base && address < limit) found.push(hash, address);
    });
    for (let i = 0; i < found.length; i += 2) this.addLocated(found[i], found[i + 1]);
    this.position = limit;
  }
}

export class OrderedKeys {
  database: number;
  private readonly store: Store;
  private readonly resolver: Resolver;
  private index: OrderedIndex | null = null;
  private build: OrderedBuild | null = null;
  private scan: BuildScan | null = null;
  /** Nothing has changed since the store was opened after a clean close: the file may be right. */
  private mayLoad: boolean;
  /** Where the logs ended at open. */
  private readonly endsAtOpen: LogEnds;
  private changesSaved = -1;

  constructor(store: Store, database: number) {
    this.store = store;
    this.database = database;
    this.resolver = new Resolver(store, database);
    this.mayLoad = store.hasDisk && store.recovery.clean;
    this.endsAtOpen = logEnds(store);
  }

  get bytesHeld(): number {
    return this.index?.bytesHeld ?? this.build?.bytesHeld ?? 0;
  }

  get isReady(): boolean {
    return this.index !== null;
  }

  /** Starts building, unless that was done. */
  begin(): void {
    if (this.index !== null || this.build !== null) return;
    this.prepare();
    if (this.index !== null) return;
    if (this.store.countKeys() === 0) {
      this.index = new OrderedIndex(this.resolver);
      return;
    }
    this.build = new OrderedBuild(this.resolver);
    this.scan = new BuildScan(this.store, this.database, this.build);
  }

  /** The index that the last close left waits to be taken: no key may come or go before. */
  get isWaiting(): boolean {
    return this.mayLoad;
  }

  /**
   * Takes the index that the last close left, once, before anything changes. Called between operations: it uses the key
   * scratch and the table.
   */
  prepare(): void {
    const device = this.store.options.device;
    if (!this.mayLoad || device === null) return;
    this.mayLoad = false;
    // Keys that had ended before the file was written are not in it, but may have a slot again: they go first.
    expireDue(this.store, Number.POSITIVE_INFINITY);
    this.index = loadOrderedKeys(this.store, device, this.resolver, this.endsAtOpen);
    this.changesSaved = this.index?.changes ?? -1;
  }

  /** After a clean close: leaves the index for the next open. */
  save(): void {
    const device = this.store.options.device;
    if (this.index === null || device === null) return;
    const isSaved = this.changesSaved === this.index.changes && this.endsAtOpen.main === this.store.log.tail;
    if (!isSaved) saveOrderedKeys(this.store, device, this.index);
  }

  /** Builds a little further; false when there is nothing to build. */
  step(): boolean {
    const { build } = this;
    if (build === null) return false;
    if (this.scan !== null) {
      if (!this.scan.step()) this.scan = null;
      return true;
    }
    if (!build.step(MERGE_KEYS)) return true;
    this.index = build.index;
    this.build = null;
    return false;
  }

  /** The complete index. */
  ready(): OrderedIndex {
    this.begin();
    while (this.step());
    return this.index as OrderedIndex;
  }

  /** All keys of a namespace are gone. A scan that is under way ends. */
  flushed(namespace: number): void {
    if (namespace !== this.database) return;
    const isUsed = this.index !== null || this.build !== null;
    this.end();
    if (isUsed) this.index = new OrderedIndex(this.resolver);
  }

  /** A flush of the namespace was undone: what is in it, the next scan finds out. */
  forget(namespace: number): void {
    if (namespace === this.database) this.moveTo(namespace);
  }

  /** The keys in question are those of this namespace from now on. A scan that is under way ends. */
  moveTo(namespace: number): void {
    this.end();
    this.database = namespace;
    this.resolver.database = namespace;
    if (this.store.options.ordered === 'always') this.begin();
  }

  private end(): void {
    this.mayLoad = false;
    this.index?.clear();
    this.index = null;
    this.build = null;
    this.scan = null;
  }

  /** Keys with this hash that the index keeps itself; undefined when there are none. */
  explicitKeysOf(hash: number): readonly Uint8Array[] | undefined {
    return this.index?.explicit.keysOf(hash);
  }

  /** Locates the record of the plain key with this hash. */
  locatePlain(hash: number, explicit: readonly Uint8Array[]): void {
    this.resolver.load(hash, explicit);
  }

  /** A key is about to get its slot. It must not lie where `locate` puts records. */
  keyAdded(database: number, bytes: Uint8Array, start: number, length: number, hash: number): void {
    if (database !== this.database) return;
    this.mayLoad = false;
    const target = this.index ?? this.build;
    if (target === null) return;
    const collides = this.store.table(database).find(hash) !== 0;
    target.insert(bytes, start, length, hash, collides);
  }

  /** A key is about to lose its slot. */
  keyRemoved(database: number, bytes: Uint8Array, start: number, length: number, hash: number): void {
    if (database !== this.database) return;
    this.mayLoad = false;
    if (this.index !== null) this.index.remove(bytes, start, length, hash);
    else this.build?.remove(bytes, start, length, hash);
  }
}
