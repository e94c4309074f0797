/**
 * `Database`: the library's door. A handle on a store, shared with other handles on the same path.
 *
 * Calls are synchronous; `await` stands only where the disk must be waited for. A missing key is `undefined`. Keys are
 * strings (UTF-8) or bytes, values what the codec makes of them; `Uint8Array` is accepted everywhere.
 */

import { FerriteError } from '../base/errors.ts';
import type { BackupReport } from '../engine/backup.ts';
import type { Key } from '../engine/key-scratch.ts';
import { type OrderedRange, prefixRange } from '../engine/ordered-cursor.ts';
import type { Store, StoreListener } from '../engine/store.ts';
import { RangeScan } from '../keyspace/scan.ts';
import { typeNameOfFound } from '../keyspace/collections.ts';
import {
  deleteKey,
  expireKey,
  expiryOfFound,
  findKey,
  incrementBy,
  observeVersion,
  readBytes,
  readText,
  type SetConditions,
  setIf,
  setPlain,
  type Tier,
  tierOf,
} from '../keyspace/strings.ts';
import type { Feature, FeaturesOf, NoFeatures } from '../registry/feature.ts';
import type { FeatureSet } from '../registry/feature-set.ts';
import { backupTo } from './backup-to.ts';
import { Batch } from './batch.ts';
import { ChangeFeed, type ChangesOptions } from './change-feed.ts';
import type { Codec } from './codec.ts';
import { EntryIterator } from './entry-iterator.ts';
import { CodecReader, type EntryReader, KeyReader, TextReader } from './entry-reader.ts';
import { readTexts } from './multi-get.ts';
import type { Wait } from './key-waits.ts';
import { observeOperations } from './observe-operations.ts';
import { type OpenOptions, resolveOptions } from './options.ts';
import { openShared, type SharedStore } from './shared-store.ts';
import { DATABASE } from './store-handle.ts';
import { readStats, type Stats } from '../engine/stats.ts';
import { checkKey, checkOptions, deadlineOf, type OptionTypes } from './values.ts';
import { WaitingMethods } from './waiting-methods.ts';

const SET_OPTIONS: OptionTypes = {
  ttlMs: 'number',
  expiresAt: 'number',
  keepTtl: 'boolean',
  ifAbsent: 'boolean',
  ifPresent: 'boolean',
  ifVersion: 'number',
  returnOld: 'boolean',
};
const SCAN_OPTIONS: OptionTypes = { reverse: 'boolean', limit: 'number' };
const RANGE_OPTIONS: OptionTypes = { ...SCAN_OPTIONS, gt: 'key', gte: 'key', lt: 'key', lte: 'key' };
/** Beyond it a JavaScript number is not exact. */
const NUMBER_MAX = BigInt(Number.MAX_SAFE_INTEGER);

export interface SetOptions {
  /** Milliseconds the key lives; 0 or less removes it at once. */
  ttlMs?: number;
  /** When it ends, ms since the epoch. */
  expiresAt?: number;
  /** Keeps the expiry the key has. */
  keepTtl?: boolean;
  /** Stores only if there is no such key. */
  ifAbsent?: boolean;
  /** Stores only if there is such a key. */
  ifPresent?: boolean;
  /** Stores only if the key's version is still the one that `getEntry` returned. */
  ifVersion?: number;
}

export interface SetResult<V> {
  /** False when a condition did not hold. */
  written: boolean;
  /** The value before. */
  old: V | undefined;
}

export interface Entry<V> {
  value: V;
  /** Another number after each write of the key. Compaction may change it too: compare it only for being the same. */
  version: number;
  /** ms since the epoch. */
  expiresAt: number | undefined;
  /** Where the record was: still mutable in memory, sealed in memory, or on disk. */
  tier: Tier;
}

export interface ScanOptions {
  /** From the last key to the first. */
  reverse?: boolean;
  /** Most entries given. */
  limit?: number;
}

/** Kinds of values that keys have, as TYPE names them. */
export type ValueType = 'string' | 'hash' | 'list' | 'set' | 'zset' | 'stream';

export interface RangeOptions extends ScanOptions {
  gt?: Key;
  gte?: Key;
  lt?: Key;
  lte?: Key;
}

export interface DatabaseEvents {
  /** A key's time was over. Called after the operation or timer that noticed. */
  expired: (key: Buffer) => void;
  /** A key had to go for lack of memory or disk. Called after the write that needed the room. */
  evicted: (key: Buffer) => void;
  /** Something failed in the background, where no call could throw it. */
  error: (error: FerriteError) => void;
}

/** Opens a store: a path, options, or nothing for one in memory. What the codec gives is the type of its values. */
export function open<V extends Uint8Array = Buffer, const F extends readonly Feature[] = readonly Feature[]>(
  options: OpenOptions<V, F> & { codec: 'buffer' },
): Database<V, FeaturesOf<F>>;
export function open<V = unknown, const F extends readonly Feature[] = readonly Feature[]>(
  options: OpenOptions<V, F> & { codec: 'json' },
): Database<V, FeaturesOf<F>>;
export function open<V = string, const F extends readonly Feature[] = readonly Feature[]>(
  pathOrOptions?: string | OpenOptions<V, F>,
): Database<V, FeaturesOf<F>>;
export function open<V>(pathOrOptions?: string | OpenOptions<V>): Database<V> {
  return Database.open(pathOrOptions);
}

/**
 * The store behind a handle: for the server's entry.
 * @internal
 */
export function storeOf<V, F>(db: Database<V, F>): Store {
  return db['store'];
}

/**
 * The features of its store: for the server's entry.
 * @internal
 */
export function featureSetOf<V, F>(db: Database<V, F>): FeatureSet {
  return db['shared'].features;
}

export class Database<V = string, F = NoFeatures> extends WaitingMethods<V> {
  private readonly shared: SharedStore;
  private readonly listeners: { [E in keyof DatabaseEvents]: Set<DatabaseEvents[E]> };
  private readonly storeListener: StoreListener;
  private readonly feeds = new Set<ChangeFeed<V>>();
  private wholeReader: EntryReader<[string, V]> | null = null;
  private keyReader: KeyReader | null = null;

  /** Opens a store: a path, options, or nothing for one in memory. Throws a `FerriteError` that says what to do. */
  static open<V extends Uint8Array = Buffer, const F extends readonly Feature[] = readonly Feature[]>(
    options: OpenOptions<V, F> & { codec: 'buffer' },
  ): Database<V, FeaturesOf<F>>;
  static open<V = unknown, const F extends readonly Feature[] = readonly Feature[]>(
    options: OpenOptions<V, F> & { codec: 'json' },
  ): Database<V, FeaturesOf<F>>;
  static open<V = string, const F extends readonly Feature[] = readonly Feature[]>(
    pathOrOptions?: string | OpenOptions<V, F>,
  ): Database<V, FeaturesOf<F>>;
  static open<V>(pathOrOptions: string | OpenOptions<V> = {}): Database<V> {
    const options = resolveOptions(typeof pathOrOptions === 'string' ? { path: pathOrOptions } : pathOrOptions);
    return new Database<V>(openShared(options), options.codec);
  }

  /** @internal */
  constructor(shared: SharedStore, codec: Codec<V>) {
    super(shared.store, codec);
    shared.retain();
    this.shared = shared;
    this.listeners = { expired: new Set(), evicted: new Set(), error: new Set() };
    this.storeListener = {};
    const { around } = shared.features;
    if (around !== null) observeOperations(this, around);
  }

  /** @internal */
  protected override waitFor<T>(keys: readonly Key[], wait: Wait<T>): Promise<T | undefined> {
    const waiting = this.shared.waits.wait(this, keys, wait);
    return wait.timeoutMs === Number.POSITIVE_INFINITY ? waiting : this.shared.hold(waiting);
  }

  /** What the features that were given to `open` offer, by their names. */
  get features(): F {
    return this.shared.features.apis as F;
  }

  /** Value of a key, `undefined` when there is none. */
  get(key: Key): V | undefined {
    this.checkOpen();
    return findKey(this.store, this.namespace, key) === 0 ? undefined : this.readFound();
  }

  private readFound(): V {
    return this.isText ? (readText(this.store) as V) : this.codec.decode(readBytes(this.store));
  }

  /** Bytes of a key's value, in a buffer of their own. */
  getBuffer(key: Key): Buffer | undefined {
    this.checkOpen();
    return findKey(this.store, this.namespace, key) === 0 ? undefined : readBytes(this.store);
  }

  /** Values of many keys, in their order; several times as fast as one `get` after the other. */
  getMany(keys: readonly Key[]): (V | undefined)[] {
    this.checkOpen();
    if (!Array.isArray(keys)) throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'getMany takes an array of keys');
    const results: (V | undefined)[] = new Array(keys.length);
    if (!this.isText || this.store.pages !== null) {
      for (let i = 0; i < keys.length; i++) results[i] = this.get(keys[i]);
      return results;
    }
    readTexts(this.store, keys, results, (key) => this.get(key));
    return results;
  }

  /** Value with version, expiry, and where it was found. */
  getEntry(key: Key): Entry<V> | undefined {
    this.checkOpen();
    const { store } = this;
    const found = findKey(store, this.namespace, key);
    if (found === 0) return undefined;
    const version = observeVersion(store, found);
    const expiresAt = expiryOfFound(store) || undefined;
    const tier = tierOf(store, found);
    return { value: this.readFound(), version, expiresAt, tier };
  }

  /** What kind of value a key has; `undefined` when there is no such key. */
  type(key: Key): ValueType | undefined {
    this.checkOpen();
    return findKey(this.store, this.namespace, key) === 0 ? undefined : (typeNameOfFound(this.store) as ValueType);
  }

  /** Whether there is such a key. */
  has(key: Key): boolean {
    this.checkOpen();
    return findKey(this.store, this.namespace, key) !== 0;
  }

  /**
   * Stores a value; without options, an expiry that the key had goes. Returns false when a condition did not hold; with
   * `returnOld`, also the value before. Throws `FERRITE_DISK_FULL` or `FERRITE_MEMORY_FULL` when there is no room.
   */
  set(key: Key, value: V | Uint8Array, options?: SetOptions): boolean;
  set(key: Key, value: V | Uint8Array, options: SetOptions & { returnOld: true }): SetResult<V>;
  set(key: Key, value: V | Uint8Array, options?: SetOptions & { returnOld?: boolean }): boolean | SetResult<V> {
    this.checkOpen();
    const result = this.apply(key, value, options);
    this.store.committer.afterWrite();
    return result;
  }

  /**
   * The same without holding the loop for the device: resolves when the write is as durable as the mode promises. With
   * `always`, all writers of a turn share one fsync.
   */
  setAsync(key: Key, value: V | Uint8Array, options?: SetOptions): Promise<boolean> {
    // Not an async function: all writers of a turn get one promise, instead of one each on top of it.
    try {
      this.checkOpen();
      const isWritten = this.apply(key, value, options) as boolean;
      const done = this.store.committer.afterWriteAsync();
      return isWritten ? done : done.then(() => false);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private apply(
    key: Key,
    value: V | Uint8Array,
    options: (SetOptions & { returnOld?: boolean }) | undefined,
  ): boolean | SetResult<V> {
    const encoded = this.encode(value);
    if (options === undefined) {
      setPlain(this.store, this.namespace, key, encoded);
      return true;
    }
    const conditions = this.conditionsOf(options);
    if (options.returnOld !== true) return setIf(this.store, this.namespace, key, encoded, conditions, null);
    let old: V | undefined;
    const readOld = (found: number) => {
      if (found !== 0) old = this.readFound();
    };
    const written = setIf(this.store, this.namespace, key, encoded, conditions, readOld);
    return { written, old };
  }

  private conditionsOf(options: SetOptions): SetConditions {
    checkOptions(options, SET_OPTIONS);
    if ('ifVersion' in options && typeof options.ifVersion !== 'number') {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'ifVersion is the number that getEntry returned');
    }
    const keepTtl = options.keepTtl === true;
    if (keepTtl && (options.ttlMs !== undefined || options.expiresAt !== undefined)) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'keepTtl goes with neither ttlMs nor expiresAt');
    }
    if (options.ifAbsent === true && (options.ifPresent === true || options.ifVersion !== undefined)) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'ifAbsent goes with neither ifPresent nor ifVersion');
    }
    return {
      expiresAtMs: deadlineOf(this.store, options),
      keepTtl,
      ifAbsent: options.ifAbsent === true,
      ifPresent: options.ifPresent === true,
      ifVersion: options.ifVersion ?? -1,
    };
  }

  /** Removes a key; false when there was none. */
  del(key: Key): boolean {
    this.checkOpen();
    const { store } = this;
    let removed = false;
    try {
      removed = deleteKey(store, this.namespace, key);
      if (removed) store.committer.afterWrite();
    } catch (error) {
      if (!store.useReserve(error)) throw error;
      // Undone with the commit that failed, where commits are undone.
      if (!removed || store.journal.enabled) removed = deleteKey(store, this.namespace, key);
      if (removed) store.committer.afterWrite();
    }
    return removed;
  }

  /**
   * Adds a whole number to the decimal integer stored under a key (0 when missing; its expiry stays) and returns the sum.
   * Throws `FERRITE_NOT_AN_INTEGER`, or `FERRITE_OVERFLOW` when the sum is beyond what a number holds exactly.
   */
  incrBy(key: Key, by = 1): number {
    this.checkOpen();
    if (!Number.isSafeInteger(by)) throw new FerriteError('FERRITE_NOT_AN_INTEGER', `${by} is not a whole number`);
    const sum = incrementBy(this.store, this.namespace, key, BigInt(by), NUMBER_MAX);
    this.store.committer.afterWrite();
    return Number(sum);
  }

  /** Gives a key `ttlMs` milliseconds to live; 0 or less removes it. False when there is no such key. */
  expire(key: Key, ttlMs: number): boolean {
    this.checkOpen();
    const done = expireKey(this.store, this.namespace, key, deadlineOf(this.store, { ttlMs }));
    if (done) this.store.committer.afterWrite();
    return done;
  }

  /** Milliseconds a key has left: Infinity without an expiry, `undefined` when there is no such key. */
  ttl(key: Key): number | undefined {
    this.checkOpen();
    if (findKey(this.store, this.namespace, key) === 0) return undefined;
    const expiresAtMs = expiryOfFound(this.store);
    return expiresAtMs === 0 ? Number.POSITIVE_INFINITY : Math.max(0, expiresAtMs - this.store.nowMs());
  }

  /** Takes a key's expiry away. False when there is no such key, or it has none. */
  persist(key: Key): boolean {
    this.checkOpen();
    if (findKey(this.store, this.namespace, key) === 0 || expiryOfFound(this.store) === 0) return false;
    expireKey(this.store, this.namespace, key, 0);
    this.store.committer.afterWrite();
    return true;
  }

  /** Collects writes that are applied all together or not at all. */
  batch(): Batch<V> {
    this.checkOpen();
    return new Batch(this.store, this.codec);
  }

  /** Entries whose key begins with `prefix`, in order of the keys' bytes. Lazy, and right while the store changes. */
  scanPrefix(prefix: Key, options: ScanOptions = {}): IterableIterator<[string, V]> {
    checkKey(prefix);
    checkOptions(options, SCAN_OPTIONS);
    return this.iterate(prefixRange(bytesOf(prefix), options.reverse === true), options.limit, this.entryReader);
  }

  /** Entries of a range of keys, in order of the keys' bytes. */
  range(options: RangeOptions = {}): IterableIterator<[string, V]> {
    return this.iterate(rangeOf(options), options.limit, this.entryReader);
  }

  /** All entries, in order of the keys' bytes. */
  entries(): IterableIterator<[string, V]> {
    return this.range();
  }

  /** Keys of a range (all by default), in order of their bytes. */
  keys(options: RangeOptions = {}): IterableIterator<string> {
    return this.iterate(rangeOf(options), options.limit, (this.keyReader ??= new KeyReader(this.store, DATABASE)));
  }

  private get entryReader(): EntryReader<[string, V]> {
    const { store, codec } = this;
    this.wholeReader ??= this.isText
      ? (new TextReader(store, DATABASE) as unknown as EntryReader<[string, V]>)
      : new CodecReader(store, DATABASE, codec);
    return this.wholeReader;
  }

  private iterate<E>(range: OrderedRange, limit: number | undefined, reader: EntryReader<E>): EntryIterator<E> {
    this.checkOpen();
    if (limit !== undefined && !(limit >= 0)) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', `limit is a number of entries, not ${limit}`);
    }
    const { store } = this;
    return new EntryIterator(store, () => new RangeScan(store, range), reader, limit ?? Number.POSITIVE_INFINITY);
  }

  /** Everything written so far is durable when it resolves. All callers of a turn share one fsync. */
  async commit(): Promise<void> {
    this.checkOpen();
    await this.store.committer.commit();
  }

  /** The same, on the spot. */
  commitSync(): void {
    this.checkOpen();
    this.store.committer.commitSync();
  }

  /**
   * Gives back the space of everything that was overwritten or removed, but for the segment that is being filled (1 to
   * 64 MB). Resolves when that is done; rejects when it cannot be, with `FERRITE_DISK_FULL` for instance.
   */
  async compact(): Promise<void> {
    this.checkOpen();
    const { compactor } = this.store;
    if (compactor === null) return;
    this.store.checkWritable(0);
    await this.shared.hold(compactor.whenDone());
  }

  /**
   * Changes in the order they were made, once they are durable: all that the log still holds, and with `live` what comes.
   * A batch's changes come together, in its order. The log keeps changes only until compaction gives their space back, or a named
   * reader's until `feedRetention`; a reader that comes too late is told so: `FERRITE_SNAPSHOT_REQUIRED`.
   */
  changes(options: ChangesOptions = {}): ChangeFeed<V> {
    this.checkOpen();
    const feed = new ChangeFeed<V>(this.store, this.codec, options, (ended) => this.feeds.delete(ended));
    this.feeds.add(feed);
    return feed;
  }

  /**
   * Copies the store, while writes go on, to a directory that must not exist yet; opened, it is a store of its own with
   * everything written before the call, and perhaps some of what came after. Resolves when the copy is durable.
   */
  async backup(path: string): Promise<BackupReport> {
    this.checkOpen();
    return this.shared.hold(backupTo(this.store, path));
  }

  /** What the store holds and did, in numbers. Counts the keys, and so finishes loading the index if that still goes on. */
  stats(): Stats {
    this.checkOpen();
    return readStats(this.store);
  }

  /** Another handle on the same store, to be closed on its own. */
  clone(): Database<V, F> {
    this.checkOpen();
    return new Database<V, F>(this.shared, this.codec);
  }

  /** Closes the handle; the last one of a store commits everything and closes the store. Closing twice does nothing. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const feed of [...this.feeds]) feed.close();
    this.shared.waits.close(this);
    this.store.listeners.delete(this.storeListener);
    this.shared.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.isClosed && !this.store.identity.readOnly) await this.store.committer.commit();
    } finally {
      this.close();
    }
  }

  /** Listens to an event of the store until this handle is closed. Without a listener, events are dropped. */
  on<E extends keyof DatabaseEvents>(event: E, listener: DatabaseEvents[E]): this {
    this.checkOpen();
    if (typeof listener !== 'function') {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', `a listener is a function, not ${String(listener)}`);
    }
    this.listenersOf(event).add(listener);
    this.listen();
    return this;
  }

  /** Listens no more. */
  off<E extends keyof DatabaseEvents>(event: E, listener: DatabaseEvents[E]): this {
    this.listenersOf(event).delete(listener);
    if (!this.isClosed) this.listen();
    return this;
  }

  private listenersOf<E extends keyof DatabaseEvents>(event: E): Set<DatabaseEvents[E]> {
    const listeners = this.listeners[event];
    if (listeners === undefined) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', `no event '${event}'; there are expired, evicted, error`);
    }
    return listeners as Set<DatabaseEvents[E]>;
  }

  /**
   * The engine is told only of events that somebody listens to. A key goes in the middle of an operation, so its listeners
   * are called once that is over: they may use the database, and what they throw is not taken for a failed write.
   */
  private listen(): void {
    const { expired, evicted, error } = this.listeners;
    const callLater =
      <A>(set: Set<(argument: A) => void>, afterClose: boolean) =>
      (argument: A, database = DATABASE) => {
        if (database !== DATABASE) return;
        queueMicrotask(() => {
          if (afterClose || !this.isClosed) for (const listener of set) listener(argument);
        });
      };
    this.storeListener.expired = expired.size > 0 ? callLater(expired, false) : undefined;
    this.storeListener.evicted = evicted.size > 0 ? callLater(evicted, false) : undefined;
    this.storeListener.error = error.size > 0 ? callLater(error, true) : undefined;
    this.store.listeners.add(this.storeListener);
  }
}

function bytesOf(key: Key): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key, 'utf8') : key;
}

function rangeOf(options: RangeOptions): OrderedRange {
  checkOptions(options, RANGE_OPTIONS);
  const { gt, gte, lt, lte } = options;
  if ((gt !== undefined && gte !== undefined) || (lt !== undefined && lte !== undefined)) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'give gt or gte, and lt or lte, not both');
  }
  const low = gt ?? gte;
  const high = lt ?? lte;
  return {
    low: low === undefined ? null : bytesOf(low),
    isLowIncluded: gt === undefined,
    high: high === undefined ? null : bytesOf(high),
    isHighIncluded: lt === undefined,
    isReverse: options.reverse === true,
  };
}
