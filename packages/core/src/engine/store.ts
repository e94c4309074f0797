/**
 * The store: the parts of the engine and what they share. One event loop owns it; there are no latches.
 *
 * Operations are free functions over it, a file each (find, put, remove, ...). They work on the key in `key` and leave
 * where a record lies in `bytes`, `words`, `word`: nothing is allocated per operation. `openStore` makes it.
 */

import { LastView } from '../base/copy-bytes.ts';
import type { Clock } from '../base/clock.ts';
import { FerriteError } from '../base/errors.ts';
import type { Prng } from '../base/prng.ts';
import type { Device, DeviceFile, DeviceLock } from '../device/device.ts';
import { COLD_BASE, isCold, UNIT_BYTES } from './address.ts';
import type { Checkpointer } from './checkpoint.ts';
import type { ColdLog } from './cold-log.ts';
import { Committer, type Durability } from './committer.ts';
import { toFerriteError } from './device-io.ts';
import type { DiskLimit } from './disk-limit.ts';
import { DroppedTables } from './dropped-tables.ts';
import type { Drive } from './drive.ts';
import type { Compactor } from './compaction.ts';
import { EvictionPool } from './eviction-pool.ts';
import { expireDue } from './expire-due.ts';
import { expireMembers } from './expire-members.ts';
import { ExpiryWheel } from './expiry-wheel.ts';
import type { FeedCursors } from './feed-cursors.ts';
import { Fetcher } from './fetcher.ts';
import { HashTable } from './hash-table.ts';
import { isDiskFull } from './device-io.ts';
import { Journal } from './journal.ts';
import { KeyScratch } from './key-scratch.ts';
import { type LargeValue, LargeValues, OBJECT_TABLES } from './large-values.ts';
import { locate } from './locate.ts';
import { clockKindOf } from './lru-clock.ts';
import { markOfTime } from './member-expiry.ts';
import type { Log } from './log.ts';
import type { MemoryPages } from './memory-pages.ts';
import type { MemoryReclaimer } from './memory-reclaim.ts';
import { DATABASES, Namespaces, OWN_NAMESPACE } from './namespaces.ts';
import type { OrderedKeys } from './ordered-keys.ts';
import { PackedPool } from './packed-members.ts';
import { type FastBuffer, type Memory, makeMemory } from './page-memory.ts';
import { ReadCache } from './read-cache.ts';
import { ReadGate } from './read-gate.ts';
import { RecordBatch } from './record-batch.ts';
import type { RecoveryReport } from './recovery.ts';
import type { Removals } from './removals.ts';
import type { ReserveFile } from './reserve-file.ts';
import type { FlashCounters } from './segments.ts';
import type { StoreIdentity } from './store-file.ts';
import type { Warmer } from './warm.ts';

/** Which keys go when `maxMemory` or `maxDisk` is used up, as in Redis. */
export type EvictionPolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl';

/** Everything the engine needs to know, resolved and validated. Sizes in bytes; 0 for no limit. */
export interface StoreOptions {
  /** null: memory only. */
  device: Device | null;
  clock: Clock;
  prng: Prng;
  /** 32 unpredictable bits a call. */
  entropy: () => number;
  durability: Durability;
  commitIntervalMs: number;
  alignCommits: 0 | 512 | 4096;
  pageBytes: number;
  mutableBytes: number;
  readOnlyBytes: number;
  readCacheBytes: number;
  maxMemoryBytes: number;
  maxDiskBytes: number;
  evictionPolicy: EvictionPolicy;
  ordered: 'lazy' | 'always' | 'never';
  compaction: boolean;
  feedRetentionBytes: number;
  readOnly: boolean;
  salvage: boolean;
  stealLock: boolean;
  segmentMinBytes: number;
  segmentMaxBytes: number;
  /** 32; fewer only where a test wants collisions. */
  hashBits: number;
  /** Lets other work run: resolves in a later turn of the loop. */
  yieldTurn: () => Promise<void>;
}

/** Background work that holds the loop while a step of it runs. */
type BackgroundWork = 'checkpoint-step' | 'compaction-step' | 'expire-cycle' | 'eviction-cycle';

export interface StoreListener {
  /** `database`: by its number for clients, not its namespace. */
  expired?(key: Buffer, database: number): void;
  /** Members of a collection, which went with the last of them (`isGone`). */
  membersExpired?(key: Buffer, database: number, isGone: boolean): void;
  evicted?(key: Buffer, database: number): void;
  error?(error: FerriteError): void;
  /** A checkpoint of so many bytes is durable. */
  checkpointed?(bytes: number): void;
  /** A step of work held the loop for so long. */
  held?(work: BackgroundWork, ms: number): void;
}

/** Is told of every change of a key, whoever made it, while it happens. The key is in the scratch, and must be left there. */
export interface StoreObserver {
  keyChanged(database: number, isNew: boolean): void;
}

function observerOf(all: readonly StoreObserver[]): StoreObserver | null {
  if (all.length < 2) return all[0] ?? null;
  return {
    keyChanged: (database, isNew) => {
      for (const each of all) each.keyChanged(database, isNew);
    },
  };
}

/** What happened so far, for statistics. Milliseconds are of one uninterrupted hold of the loop. */
class Counters {
  askedBytes = 0;
  inPlace = 0;
  expired = 0;
  expiredMembers = 0;
  evicted = 0;
  /** Collections that were not small, and are gone to their last member. */
  lazilyFreed = 0;
  corruptReads = 0;
  /** Records that a client's command had to read from disk on the spot, though that is slow. */
  syncReads = 0;
  diskFullErrors = 0;
  checkpoints = 0;
  checkpointBytes = 0;
  compactedSegments = 0;
  relocatedBytes = 0;
  longestCheckpointStepMs = 0;
  longestCompactionStepMs = 0;
  longestLoadStepMs = 0;
}

/** What `openStore` has made ready for the store. */
interface StoreParts {
  options: StoreOptions;
  identity: StoreIdentity;
  path: string;
  lock: DeviceLock | null;
  flash: FlashCounters;
}

export class Store {
  readonly options: StoreOptions;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly identity: StoreIdentity;
  readonly path: string;
  readonly lock: DeviceLock | null;
  readonly flash: FlashCounters;
  readonly pageBytes: number;
  readonly mutableUnits: number;
  readonly inlineMaxBytes: number;
  /** Which clock records of a memory-only store keep (`lru-clock.ts`). */
  clockKind: number;
  evictionPolicy: EvictionPolicy;
  readonly evictionPool = new EvictionPool();
  /** Keys that are looked at to find the one that goes. */
  evictionSamples = 5;
  /** The larger, the more uses an LFU counter stands for; and after how many minutes without any it goes down, 0 for never. */
  lfuLogFactor = 10;
  lfuDecayMinutes = 1;
  /** Segments that take no more than this are left alone, whatever garbage is in them. */
  compactionMinBytes = 0;
  /** Goes up with every change of a key: iterators compare it. */
  mutations = 0;

  // Set by openStore before anybody else sees the store.
  log!: Log;
  cold: ColdLog | null = null;
  pages: MemoryPages | null = null;
  reclaimer: MemoryReclaimer | null = null;
  checkpointer: Checkpointer | null = null;
  warmer: Warmer | null = null;
  compactor: Compactor | null = null;
  ordered: OrderedKeys | null = null;
  feeds: FeedCursors | null = null;
  diskLimit: DiskLimit | null = null;
  reserve: ReserveFile | null = null;
  removals: Removals | null = null;
  recovery!: RecoveryReport;
  /** Features that have data in it, and are not here. */
  missingFeatures: readonly string[] = [];
  /** The checkpoint that slices of the index are still loaded from. */
  indexFile: DeviceFile | null = null;

  readonly committer: Committer;
  readonly journal: Journal;
  readonly large = new LargeValues();
  readonly cache: ReadCache;
  readonly gate: ReadGate;
  readonly fetcher: Fetcher;
  readonly wheel: ExpiryWheel;
  /** The same for members of collections that have an expiry of their own (`member-expiry.ts`). */
  readonly memberWheel: ExpiryWheel;
  readonly namespaces = new Namespaces();
  readonly dropped: DroppedTables;
  /** The records that a scan has at hand. */
  readonly batch: RecordBatch;
  readonly counters = new Counters();
  readonly hits = new Float64Array(4);
  readonly listeners = new Set<StoreListener>();
  /** Who is told of changes of keys; null while nobody wants to know. */
  observer: StoreObserver | null = null;
  private readonly observers = new Set<StoreObserver>();
  private readonly tables: (HashTable | undefined)[];

  /** Key of the operation at hand. */
  readonly key: KeyScratch;
  /** The member, while `key` is the key of its collection. */
  readonly member: KeyScratch;
  // The record located last.
  bytes: FastBuffer;
  words: Int32Array;
  view: DataView;
  word = 0;
  // The member of a small collection that was located last: `members.ts`.
  memberStart = 0;
  memberEnd = 0;
  memberValueEnd = 0;
  readonly packed = new PackedPool();
  // The value being stored, encoded.
  value: Uint8Array;
  valueStart = 0;
  valueLength = 0;
  valueAscii = false;
  readonly valueScratch: FastBuffer;
  readonly sourceView = new LastView();
  // The record written last.
  writtenBytes: FastBuffer;
  writtenWords: Int32Array;
  writtenView: DataView;
  writtenWord = 0;
  readScratch: Memory;
  // Of the record that the one being written replaces.
  oldUnits = 0;
  oldObject = 0;
  oldClock = 0;

  /** The clock never goes below this: the last mark's wall time, for boards that boot in the past. */
  clockFloorMs = 0;
  closed = false;
  /** Whether keys whose time is over are taken out also while nobody asks for them. */
  expiresActively = true;
  /** Such keys stay for now, as they do while clients are paused, unless a write meets them. */
  holdsExpired = false;
  /** What runs only reads, and takes such keys for absent without taking them out. */
  passesOverDue = false;
  /** Nothing was written since open while the log's tail is still here. */
  tailAtOpen = 0;
  /** Entries that the expiry wheel kept after its last sweep for stale ones; and that of members. */
  sweptSize = 0;
  sweptMembers = 0;

  constructor(parts: StoreParts) {
    const options = parts.options;
    this.options = options;
    this.clock = options.clock;
    this.prng = options.prng;
    this.identity = parts.identity;
    this.path = parts.path;
    this.lock = parts.lock;
    this.flash = parts.flash;
    this.pageBytes = parts.identity.pageBytes;
    this.mutableUnits = options.mutableBytes / UNIT_BYTES;
    this.inlineMaxBytes = Math.min(64 * 1024, this.pageBytes / 4);
    this.evictionPolicy = options.evictionPolicy;
    this.clockKind = options.device === null ? clockKindOf(options.evictionPolicy) : 0;
    this.committer = new Committer(this, options.durability, options.commitIntervalMs);
    this.journal = new Journal(options.durability === 'always' || options.durability === 'everysec');
    this.cache = new ReadCache(options.device === null ? 0 : options.readCacheBytes);
    this.gate = new ReadGate(this);
    this.fetcher = new Fetcher(this);
    this.wheel = new ExpiryWheel(options.clock.nowMs());
    this.memberWheel = new ExpiryWheel(options.clock.nowMs());
    this.batch = new RecordBatch(this);
    this.dropped = new DroppedTables(this);
    this.tables = new Array(DATABASES + 1).fill(undefined);
    this.key = new KeyScratch(parts.identity);
    this.member = new KeyScratch(parts.identity);
    this.readScratch = makeMemory(64 * 1024);
    this.bytes = this.readScratch.bytes;
    this.words = this.readScratch.words;
    this.view = this.readScratch.view;
    this.writtenBytes = this.bytes;
    this.writtenWords = this.words;
    this.writtenView = this.view;
    this.valueScratch = makeMemory(this.inlineMaxBytes * 3 + 8).bytes;
    this.value = this.valueScratch;
  }

  /** From now on it is told of changes of keys, after those who are already. */
  observe(observer: StoreObserver): void {
    this.observers.add(observer);
    this.observer = observerOf([...this.observers]);
  }

  /** It is told no more. */
  unobserve(observer: StoreObserver): void {
    if (this.observers.delete(observer)) this.observer = observerOf([...this.observers]);
  }

  /** The key in the scratch has another value, expiry or none. */
  changed(database: number, isNew: boolean): void {
    this.mutations++;
    if (this.observer !== null && database !== OWN_NAMESPACE) this.observer.keyChanged(database, isNew);
  }

  table(database: number): HashTable {
    const table = this.tables[database];
    return table === undefined ? this.makeTable(database, 0) : table;
  }

  /** The same by its number, of a namespace or a collection; undefined where the collection is gone. */
  tableOf(number: number): HashTable | undefined {
    return number < OBJECT_TABLES ? this.table(number) : this.large.tableOf(number);
  }

  makeTable(database: number, countExpected: number, slices = 1): HashTable {
    const table = new HashTable(countExpected, slices, database >= OBJECT_TABLES);
    table.clock = this.clock;
    this.setTable(database, table);
    return table;
  }

  setTable(database: number, table: HashTable): void {
    if (database < OBJECT_TABLES) this.tables[database] = table;
    else {
      const object = this.large.get(database - OBJECT_TABLES);
      if (object !== undefined) object.members = table;
    }
  }

  /** Namespaces that have a table, in order; last the features' own. */
  databases(): number[] {
    const found: number[] = [];
    for (let i = 0; i < this.tables.length; i++) if (this.tables[i] !== undefined) found.push(i);
    return found;
  }

  /** The same without the features' own: what clients and programs see. */
  userDatabases(): number[] {
    return this.databases().filter((database) => database !== OWN_NAMESPACE);
  }

  /** Milliseconds since 1970, never below the last mark's; of the moment of `holdClock` until `releaseClock`. */
  nowMs(): number {
    return this.heldMs === 0 ? this.readClock() : this.heldMs;
  }

  /** For a run of short operations: they all see one time, which is read once. */
  holdClock(): void {
    this.heldMs = this.readClock();
  }

  releaseClock(): void {
    this.heldMs = 0;
  }
  private heldMs = 0;

  private readClock(): number {
    const now = this.clock.nowMs();
    return now > this.clockFloorMs ? now : this.clockFloorMs;
  }

  /** Throws unless writes are accepted. `growthBytes`: what this one may add to what is stored, 0 for a removal. */
  checkWritable(growthBytes: number): void {
    if (this.closed) throw new FerriteError('FERRITE_CLOSED', `the database ${this.path} is closed`);
    if (this.identity.readOnly) throw new FerriteError('FERRITE_READ_ONLY', `${this.path} was opened read-only`);
    this.committer.check();
    if (this.ordered !== null) this.ordered.prepare();
    if (this.reclaimer !== null) this.reclaimer.beforeWrite(growthBytes);
    if (this.diskLimit !== null) this.diskLimit.beforeWrite(growthBytes);
    if (this.reserve !== null && growthBytes > 0) {
      this.committer.checkBacklog();
      this.reserve.checkGrowth();
    }
    this.noteBefore();
  }

  /** The same for one of several writes that belong together, whose growth was allowed as a whole: commits nothing. */
  continueWriting(growthBytes: number): void {
    if (this.reclaimer !== null) this.reclaimer.beforeWrite(growthBytes);
    this.noteBefore();
  }

  /** From here on an operation may write: `failWrite` and `hasWritten` compare with this. */
  noteBefore(): void {
    this.tailBefore = this.log.tail;
    this.journalBefore = this.journal.size;
    this.changesBefore = this.changes;
  }

  /** Changes of keys that were not their expiry. */
  private get changes(): number {
    return this.mutations - this.counters.expired;
  }

  /** Whether anything was written since `checkWritable`. */
  get hasWritten(): boolean {
    const isSame = this.log.tail === this.tailBefore && this.journal.size === this.journalBefore;
    return !isSame || this.changes !== this.changesBefore;
  }

  /** Whether everything that was written so far would survive a power cut. */
  get isDurable(): boolean {
    const { log } = this;
    return this.hasDisk && log.unsealedUnits === 0 && !log.hasSealedFrames && log.durableUntil >= log.flushedUntil;
  }

  /** Whether any record is on disk and not in the log's memory. */
  get hasRecordsOnDisk(): boolean {
    const { log, cold } = this;
    return log.segments !== null && (log.head > log.begin || (cold !== null && cold.segments.list.length > 0));
  }

  /** Whether something that frees space, and failed with `error`, should be tried again: the reserve was given up for it. */
  useReserve(error: unknown): boolean {
    return isDiskFull(error) && this.reserve?.giveUp() === true;
  }

  /** What a write that threw has to throw: undone where something had been changed already. */
  failWrite(error: unknown): FerriteError {
    if (
      error instanceof FerriteError &&
      this.log.tail === this.tailBefore &&
      this.journal.size === this.journalBefore
    ) {
      return error;
    }
    return this.committer.refuse(error);
  }
  private tailBefore = 0;
  private journalBefore = 0;
  private changesBefore = 0;

  checkOpen(): void {
    if (this.closed) throw new FerriteError('FERRITE_CLOSED', `the database ${this.path} is closed`);
  }

  /** The lock was taken by force: somebody else writes now, we must not, in the background and at close neither. */
  loseLock(error: FerriteError): void {
    this.committer.poison(error);
  }

  /** Records at `address` are no longer needed, `units` of them (negative to take that back). */
  addDead(address: number, units: number): void {
    if (this.pages !== null) {
      this.pages.addDead(address, units);
      return;
    }
    const segments = isCold(address) ? this.cold?.segments : this.log.segments;
    const segment = segments?.find(address);
    if (segment !== undefined) segment.deadUnits += units;
  }

  /** Hashes the foreseen keys, which lie in `source`, and touches what they lead to. */
  touchForeseen(database: number, source: Uint8Array): void {
    const { key } = this;
    key.foreseen.hash(source, key);
    key.foreseen.touch(this.table(database), this.log);
  }

  /** The same for foreseen members of a collection that has records for them. */
  touchForeseenMembers(members: HashTable, source: Uint8Array): void {
    const { member } = this;
    member.foreseen.hash(source, member);
    member.foreseen.touch(members, this.log);
  }

  /** The collection whose root record is in memory and belongs to a key with this hash: a guess, no key is compared. */
  guessCollection(database: number, hash: number): LargeValue | null {
    const { log } = this;
    const table = this.table(database);
    const address = table.isLoaded ? table.find(hash) : 0;
    if (address === 0 || address < log.head || address >= COLD_BASE) return null;
    const unit = log.memory.unitOf(address);
    return this.large.ofRootAt(log.memory.at(unit).words, log.memory.wordOf(unit));
  }

  /** Finds the slot and record of a key again after other records were read: it is known to be at `address`. */
  relocate(database: number, address: number): void {
    this.table(database).findAddress(this.key.hash, address);
    locate(this, address);
  }

  /** The key in the scratch has had its time. */
  onExpired(namespace: number): void {
    if (this.listeners.size === 0 || namespace === OWN_NAMESPACE) return;
    const database = this.namespaces.databaseOf(namespace);
    for (const listener of this.listeners) {
      if (listener.expired !== undefined) listener.expired(this.key.copy(), database);
    }
  }

  /** The same for members of its collection, which may have gone with them. */
  onMembersExpired(namespace: number, isGone: boolean): void {
    const database = this.namespaces.databaseOf(namespace);
    for (const listener of this.listeners) {
      if (listener.membersExpired !== undefined) listener.membersExpired(this.key.copy(), database, isGone);
    }
  }

  /** A member of the collection is due then: the wheel will name it. */
  expectMember(object: LargeValue, hash: number, expiresAtMs: number): void {
    object.isExpiring = true;
    this.memberWheel.add(expiresAtMs, hash, object.id, markOfTime(expiresAtMs));
  }

  /** A step of background work held the loop for so long. */
  noteHold(work: BackgroundWork, ms: number): void {
    for (const listener of this.listeners) listener.held?.(work, ms);
  }

  emitError(error: FerriteError): void {
    for (const listener of this.listeners) listener.error?.(error);
  }

  yieldTurn(): Promise<void> {
    return this.options.yieldTurn();
  }

  /** Keys stored, counting expired ones that have not been noticed. */
  countKeys(databases = this.userDatabases()): number {
    let count = 0;
    for (const database of databases) {
      const table = this.table(database);
      table.loadAll();
      count += table.count;
    }
    return count;
  }

  /** Longest that growth of an index held the loop. */
  get indexGrowthLongestHoldMs(): number {
    let longest = 0;
    for (const table of this.tables) longest = Math.max(longest, table?.growthLongestHoldMs ?? 0);
    return longest;
  }

  get tableBytes(): number {
    let bytes = 0;
    for (const table of this.tables) bytes += table === undefined ? 0 : table.bytesHeld;
    return bytes;
  }

  get hasDisk(): boolean {
    return this.log.segments !== null;
  }

  /** Another slice of the index. A failure is told once here, and to whoever asks for a key of that slice. */
  private loadMore(): boolean {
    if (this.loadFailed) return false;
    try {
      for (const database of this.databases()) if (this.table(database).loadNext()) return true;
      if (this.large.loadNext()) return true;
      // A table that was dropped before all of it was here may still be read.
      if (this.dropped.isBusy) return false;
      this.indexFile?.closeSync();
      this.indexFile = null;
    } catch (error) {
      this.loadFailed = true;
      this.emitError(toFerriteError(error, `loading the index of ${this.path}`));
    }
    return false;
  }
  private loadFailed = false;

  /** A little background work; returns whether there is more. */
  backgroundStep(): boolean {
    if (this.loadMore() || this.dropped.step()) return true;
    this.warmer?.step();
    if (this.identity.readOnly) return false;
    if (this.committer.flushMore()) return true;
    if (this.checkpointer?.step('loop') || this.compactor?.step('loop')) return true;
    if (this.expireMore()) return true;
    return this.options.ordered === 'always' && this.ordered?.step() === true;
  }

  /** Something that the device was asked for has arrived: tells who drives, if background work may have waited for it. */
  deviceAnswered(): void {
    const isWaiting = this.checkpointer?.isIdle === false || this.compactor?.isBusy === true;
    if (isWaiting && !this.closed) this.whenAnswered?.();
  }
  /** Set by who drives the store between ticks; not where a test does by hand. */
  whenAnswered: (() => void) | null = null;

  /** A few members whose time is over. A failure of the device must not end the process from within a timer. */
  private expireMore(): boolean {
    if (!this.expiresActively || this.holdsExpired) return false;
    try {
      return expireMembers(this, 0);
    } catch (error) {
      this.emitError(toFerriteError(error, `expiring fields of ${this.path}`));
      return false;
    }
  }

  /** A slice of everything that is done in the background, for loops that never yield. */
  backgroundSync(budgetMs: number, drive: Drive): void {
    const until = this.clock.monotonicMs() + budgetMs;
    // Space must not run away from a loop that never yields.
    const pressed = drive === 'starved' && this.compactor?.isBehind === true ? 'now' : drive;
    let more = true;
    while (more && this.clock.monotonicMs() < until) {
      more = this.loadMore() || this.dropped.step() || this.checkpointer?.step(pressed) === true;
      if (this.compactor?.step(pressed) === true) more = true;
    }
    if (drive !== 'starved') return;
    if (!this.holdsExpired) {
      expireDue(this, budgetMs);
      expireMembers(this, budgetMs);
    }
    this.prepareNextSegment();
  }

  /** Makes the main log's next segment in the pool if it will be needed soon. */
  prepareNextSegment(): void {
    if (this.closed) return;
    this.log.prepareNextSegment((error) => {
      if (error !== undefined) this.emitError(toFerriteError(error, 'preparing a segment'));
      // A backlog may have gone through several already.
      else this.prepareNextSegment();
      this.deviceAnswered();
    });
  }
}
