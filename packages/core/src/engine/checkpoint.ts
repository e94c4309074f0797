/**
 * The checkpointer: writes the index to a file, a slice at a time, while writes go on.
 *
 * Fuzzy: each slice is stamped with the tails of both logs when it is taken (`asOf`); replay applies a record to a slice
 * only if it lies at or past the slice's stamp. What always holds:
 * 1. A checkpoint is published (renamed) only when both logs are durable past every stamp: no slot of it can speak of a
 *    record that a power cut takes away.
 * 2. Two generations are kept, and no segment that the older one needs for replay is ever retired.
 * 3. An undone commit aborts the checkpoint being written, since a slice may hold what was undone.
 *
 * `step` does a little and returns whether there is more to do now (`drive.ts`).
 */

import { type Drive, STARVED_SYNC_MS } from './drive.ts';
import type { FerriteError } from '../base/errors.ts';
import type { DeviceFile } from '../device/device.ts';
import { COLD_BASE, UNIT_BYTES } from './address.ts';
import {
  CHECKPOINT_HEADER_BYTES,
  checkpointFileName,
  encodeCheckpointHeader,
  encodeDirectory,
  encodeFooter,
  type Footer,
  SECTION_ELEMENTS,
  SECTION_LARGE,
  SECTION_MEMBER_WHEEL,
  SECTION_NAMESPACES,
  SECTION_SEGMENTS,
  SECTION_SLICE,
  SECTION_WHEEL,
  type Section,
  sectionSum,
} from './checkpoint-format.ts';
import { toFerriteError, writeFully, writeFullyInPool } from './device-io.ts';
import { CHUNK_WORDS, encodeChunks, encodeLarge, encodeSegments } from './checkpoint-sections.ts';
import type { ExpiryWheel } from './expiry-wheel.ts';
import { SliceCopy } from './hash-table.ts';
import { OBJECT_TABLES } from './large-values.ts';
import type { Store } from './store.ts';

const TEMPORARY = 'checkpoint.tmp';
/** A slice is what the first get after a reopen waits for. */
const SLICE_ENTRIES = 1024;
/** What one step takes: some 100 us. */
const STEP_ENTRIES = 4096;
const SLICE_BITS_MAX = 16;
/** What a slice costs beside its entries, in entries. */
const SLICE_COST_ENTRIES = 32;
const ENTRIES_PER_BUCKET = 4;
const WHEEL_PART_BYTES = 128 * 1024;
const DEBT_MIN_BYTES = 16 * 1024 * 1024;
const DEBT_PER_CHECKPOINT_BYTE = 10;
const IDLE_DEBT_MIN_BYTES = 1024 * 1024;
const IDLE_MS = 2000;
const CLOSE_DEBT_MIN_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 5000;

/** A checkpoint that is on disk. */
export interface KeptCheckpoint {
  generation: number;
  startMain: number;
  startCold: number;
  sizeBytes: number;
}

type Phase = 'idle' | 'load' | 'flush' | 'slices' | 'sync' | 'syncing' | 'durable' | 'publish' | 'publishing';

export class Checkpointer {
  private readonly store: Store;
  /** The newest last, at most two. */
  readonly kept: KeptCheckpoint[];
  /** Slots of records below are in slices written already: a record that goes must say so at the tail, not in place. */
  stampedUntil = 0;
  private phase: Phase = 'idle';
  private requested = false;
  private file: DeviceFile | null = null;
  private offset = 0;
  private sections: Section[] = [];
  private footer: Footer | null = null;
  private queue: { database: number; sliceBits: number; slice: number }[] = [];
  private lastTail = 0;
  private lastTailMs = 0;
  private notBeforeMs = 0;
  private buffer = new Int32Array(0);
  private attempt = 0;
  /** When the newest checkpoint was published, or the store opened: wall clock, ms. */
  savedAtMs: number;
  /** What `store.mutations` was when the newest checkpoint was begun, or the store opened; and the one being written. */
  savedMutations: number;
  private mutationsAtBegin = 0;
  private readonly waiters: (() => void)[] = [];

  constructor(store: Store, kept: KeptCheckpoint[]) {
    this.store = store;
    this.kept = kept;
    this.savedAtMs = store.nowMs();
    this.savedMutations = store.mutations;
  }

  /** Bytes of log that a crash now would have to replay. */
  get replayDebtBytes(): number {
    const newest = this.kept[this.kept.length - 1];
    const start = newest === undefined ? this.store.log.begin : newest.startMain;
    return bytesBetween(start, this.store.log.tail);
  }

  get lastBytes(): number {
    return this.kept[this.kept.length - 1]?.sizeBytes ?? 0;
  }

  get bytesOnDisk(): number {
    let bytes = 0;
    for (const checkpoint of this.kept) bytes += checkpoint.sizeBytes;
    return bytes;
  }

  /** Where the oldest kept checkpoint replays from; segments wholly below may be compacted. */
  get oldestStartMain(): number {
    return this.kept.length < 2 ? this.store.log.begin : this.kept[0].startMain;
  }

  get oldestStartCold(): number {
    return this.kept.length < 2 ? COLD_BASE : this.kept[0].startCold;
  }

  get isIdle(): boolean {
    return this.phase === 'idle';
  }

  get isRequested(): boolean {
    return this.requested;
  }

  /** How many slices the checkpoint being written cuts a table into, while it has not taken all of them. */
  slicesOf(database: number): number {
    const next = this.queue.find((entry) => entry.database === database);
    return this.phase === 'slices' && next !== undefined ? 2 ** next.sliceBits : 1;
  }

  /** Asks for a checkpoint as soon as possible. */
  request(): void {
    this.requested = true;
  }

  /** Writes a checkpoint on the spot; throws when the device fails. */
  writeSync(): void {
    this.requested = true;
    this.notBeforeMs = 0;
    const { checkpoints } = this.store.counters;
    while (this.step('now') && !this.isIdle);
    if (this.store.counters.checkpoints === checkpoints) throw this.failure ?? this.store.committer.poisoned;
  }
  private failure: FerriteError | null = null;

  /** Resolves when a checkpoint begun after this call is on disk. `step` must be called meanwhile. */
  whenPublished(): Promise<void> {
    this.requested = true;
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** The store is closed or poisoned: nobody waits any longer. */
  endWaiting(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  private due(): boolean {
    const { log, clock } = this.store;
    const now = clock.monotonicMs();
    if (this.store.committer.poisoned !== null || now < this.notBeforeMs) return false;
    if (this.requested) return true;
    const debt = this.replayDebtBytes;
    if (debt > Math.max(DEBT_MIN_BYTES, DEBT_PER_CHECKPOINT_BYTE * this.lastBytes)) return true;
    if (log.tail !== this.lastTail) {
      this.lastTail = log.tail;
      this.lastTailMs = now;
    }
    return debt > Math.max(IDLE_DEBT_MIN_BYTES, this.lastBytes) && now - this.lastTailMs >= IDLE_MS;
  }

  /** Does a little; returns false when there is nothing to do until something else happens. */
  step(drive: Drive): boolean {
    if (this.phase === 'idle' && !this.due()) return false;
    if (this.store.committer.poisoned !== null) {
      this.abort();
      return false;
    }
    const start = this.store.clock.monotonicMs();
    let more: boolean;
    try {
      more = this.advance(drive);
    } catch (error) {
      this.fail(error);
      return false;
    }
    const held = this.store.clock.monotonicMs() - start;
    const counters = this.store.counters;
    if (held > counters.longestCheckpointStepMs) counters.longestCheckpointStepMs = held;
    this.store.noteHold('checkpoint-step', held);
    return more;
  }

  private advance(drive: Drive): boolean {
    if (this.inPool !== null) {
      if (drive === 'loop') return false;
      // The same bytes, on the spot.
      const { bytes, position } = this.inPool;
      writeFully(this.file as DeviceFile, bytes, 0, bytes.length, position);
      this.inPool = null;
    }
    this.isPooled = drive === 'loop' && this.store.committer.writesInPool;
    switch (this.phase) {
      case 'idle':
        this.requested = false;
        this.phase = 'load';
        return true;
      case 'load':
        if (this.loadSlice()) return true;
        this.phase = 'flush';
        // What is on its way to a slow device is not waited for: replay begins where it began.
        if (!this.isPooled) {
          this.store.committer.sealEarly();
          return true;
        }
        this.begin();
        return !this.writeUnsent();
      case 'flush':
        return this.flush(drive);
      case 'slices':
        this.writeNext();
        return !this.writeUnsent();
      case 'sync':
        this.syncFile(drive);
        return drive === 'now';
      case 'durable':
        return this.waitDurable(drive);
      case 'publish':
        this.publish(drive);
        return drive === 'now';
      case 'syncing':
      case 'publishing':
        return this.awaitSync(drive);
      default:
        return false;
    }
  }

  /** Another slice of a database's table, which is cut anew by how many keys it has; false once all are in. */
  private loadSlice(): boolean {
    const { store } = this;
    return store.databases().some((database) => store.table(database).loadNext());
  }

  private flush(drive: Drive): boolean {
    const { log } = this.store;
    if (drive === 'loop' && log.hasSealedFrames && !log.canFlush) {
      this.store.prepareNextSegment();
      return false;
    }
    if (log.flushStep() === 0) this.begin();
    return true;
  }

  private begin(): void {
    const { store } = this;
    const device = store.options.device;
    if (device === null) return;
    this.attempt++;
    if (device.listSync().includes(TEMPORARY)) device.removeSync(TEMPORARY);
    this.file = device.openSync(TEMPORARY, 'create');
    this.offset = 0;
    this.append(encodeCheckpointHeader(store.identity), CHECKPOINT_HEADER_BYTES);
    this.sections = [];
    this.mutationsAtBegin = store.mutations;
    const { log, cold } = store;
    const newest = this.kept[this.kept.length - 1];
    this.footer = {
      startMain: log.flushedUntil,
      chainMain: log.flushedChain,
      startCold: cold?.tail ?? COLD_BASE,
      chainCold: cold?.chain ?? 0,
      durableMain: log.flushedUntil,
      durableCold: cold?.tail ?? COLD_BASE,
      generation: (newest?.generation ?? 0) + 1,
      nextObjectId: 0,
      wallMs: store.nowMs(),
      directoryOffset: 0,
      directoryCount: 0,
      directorySum: 0,
      epoch: log.epoch,
      keyCount: 0,
    };
    this.queue = [];
    this.wheelNext = 0;
    this.memberWheelNext = store.memberWheel.size === 0 ? -1 : 0;
    for (const database of store.databases()) {
      const table = store.table(database);
      const wanted = Math.ceil(Math.log2(Math.max(table.count / SLICE_ENTRIES, 1)));
      const sliceBits = Math.min(wanted, table.sliceBitsMax, SLICE_BITS_MAX);
      this.queueTable(database, sliceBits);
    }
    for (const { id, members } of store.large.all()) {
      if (members === null || !store.large.isLive(store, id)) continue;
      const entries = members.isLoaded ? members.count : members.bucketCount * ENTRIES_PER_BUCKET;
      const wanted = Math.ceil(Math.log2(Math.max(entries / SLICE_ENTRIES, 1)));
      this.queueTable(OBJECT_TABLES + id, Math.min(wanted, members.sliceBitsMax, SLICE_BITS_MAX));
    }
    this.queue.reverse();
    this.lists = [...store.large.all()].filter(({ elements }) => elements !== null).map(({ id }) => id);
    this.listKey = 0;
    this.phase = 'slices';
  }

  private queueTable(database: number, sliceBits: number): void {
    this.store.tableOf(database)?.keepSlices(sliceBits);
    for (let slice = 0; slice < 2 ** sliceBits; slice++) this.queue.push({ database, sliceBits, slice });
  }

  private writeNext(): void {
    // Before the slots: a key or a member whose entry has come out is in no slice then.
    if (this.wheelNext >= 0) {
      this.wheelNext = this.writeWheel(SECTION_WHEEL, this.store.wheel, this.wheelNext);
      return;
    }
    if (this.memberWheelNext >= 0) {
      this.memberWheelNext = this.writeWheel(SECTION_MEMBER_WHEEL, this.store.memberWheel, this.memberWheelNext);
      return;
    }
    if (this.queue.length > 0) {
      this.writeSlices();
      return;
    }
    if (this.lists.length > 0) {
      this.writeLists();
      return;
    }
    this.writeRest();
    this.phase = 'sync';
  }

  /** Writes chunks of lists, as they are now: replay goes over all that was changed since the checkpoint was begun. */
  private writeLists(): void {
    const { large } = this.store;
    for (let entries = 0; entries < STEP_ENTRIES && this.lists.length > 0; entries += SLICE_COST_ENTRIES) {
      const id = this.lists[this.lists.length - 1];
      const chunks = large.get(id)?.elements;
      let nextKey = 0;
      if (chunks !== undefined && chunks !== null && large.isLive(this.store, id)) {
        const words = this.bufferOf(SLICE_ENTRIES * CHUNK_WORDS);
        const written = encodeChunks(chunks, this.listKey, SLICE_ENTRIES, words);
        this.addSection(SECTION_ELEMENTS, words, written.count * CHUNK_WORDS * 4, { database: OBJECT_TABLES + id });
        entries += written.count;
        nextKey = written.nextKey;
      }
      this.listKey = nextKey;
      if (nextKey === 0) this.lists.pop();
    }
  }
  /** Ids of lists still to be written, and from which key on the last of them is. */
  private lists: number[] = [];
  private listKey = 0;

  /** Writes a part of a wheel; returns where to go on, -1 at the end. */
  private writeWheel(kind: number, wheel: ExpiryWheel, from: number): number {
    const part = wheel.save(from, WHEEL_PART_BYTES);
    const length = Math.ceil(part.bytes.length / 4) * 4;
    const words = this.bufferOf(length / 4 + 1);
    new Uint8Array(words.buffer).set(part.bytes);
    this.addSection(kind, words, length, { count: part.bytes.length });
    return part.next;
  }
  private wheelNext = 0;
  private memberWheelNext = -1;

  private countedSync(): void {
    (this.file as DeviceFile).syncSync();
    this.store.flash.fsyncs++;
  }

  private writeSlices(): void {
    let entries = 0;
    while (entries < STEP_ENTRIES) {
      const next = this.queue.pop();
      if (next === undefined) return;
      entries += SLICE_COST_ENTRIES + this.writeSlice(next.database, next.sliceBits, next.slice);
    }
  }

  /** Returns how many entries the slice has. */
  private writeSlice(database: number, sliceBits: number, slice: number): number {
    const table = this.store.tableOf(database);
    // A collection that has gone since: nothing will ask for its slices.
    if (table === undefined) return 0;
    const copy = this.copy;
    table.copySlice(slice, sliceBits, copy);
    if (slice === 2 ** sliceBits - 1) table.keepSlices(0);
    const { count, high, highs } = copy;
    const highWords = high === -1 ? Math.ceil(count / 2) : 0;
    const words = this.bufferOf(2 * count + highWords + 1);
    words.set(copy.hashes.subarray(0, count), 0);
    words.set(copy.lows.subarray(0, count), count);
    if (highWords > 0) {
      highs[count] = 0;
      for (let i = 0; i < highWords; i++) words[2 * count + i] = highs[2 * i] | (highs[2 * i + 1] << 16);
    }
    const length = (2 * count + highWords) * 4;
    this.addSection(SECTION_SLICE, words, length, { database, sliceBits, slice, count, high });
    return count;
  }
  private readonly copy = new SliceCopy();

  private bufferOf(words: number): Int32Array {
    if (this.buffer.length < words) this.buffer = new Int32Array(Math.ceil(words * 1.25));
    this.buffer[words - 1] = 0;
    return this.buffer;
  }

  private addSection(kind: number, words: Int32Array, length: number, fields: Partial<Section>): void {
    const { log, cold } = this.store;
    const footer = this.footer as Footer;
    const section: Section = {
      database: 0,
      sliceBits: 0,
      slice: 0,
      count: 0,
      high: 0,
      ...fields,
      kind,
      asOfMain: log.tail,
      asOfCold: cold?.tail ?? COLD_BASE,
      offset: this.offset,
      length,
      sum: sectionSum(words, length, this.store.identity.salt),
    };
    if (kind === SECTION_SLICE) this.stampedUntil = section.asOfMain;
    footer.durableMain = Math.max(footer.durableMain, section.asOfMain);
    footer.durableCold = Math.max(footer.durableCold, section.asOfCold);
    this.sections.push(section);
    this.append(words, length);
  }

  private append(words: Int32Array, length: number): void {
    const padded = Math.ceil(length / 8) * 8;
    const bytes = new Uint8Array(words.buffer, words.byteOffset, length);
    const file = this.file as DeviceFile;
    if (this.isPooled) {
      this.unsent.push(Buffer.concat([bytes], padded));
      this.offset += padded;
      return;
    }
    writeFully(file, bytes, 0, length, this.offset);
    if (padded > length) writeFully(file, ZEROS, 0, padded - length, this.offset + length);
    this.offset += padded;
    this.store.flash.writtenBytes += padded;
  }

  /** Writes in the pool what the step has made, where it is not written yet; returns whether there was any. */
  private writeUnsent(): boolean {
    if (this.unsent.length === 0) return false;
    const bytes = Buffer.concat(this.unsent);
    this.unsent = [];
    const write = { bytes, position: this.offset - bytes.length };
    this.inPool = write;
    this.store.flash.writtenBytes += bytes.length;
    const { attempt } = this;
    writeFullyInPool(this.file as DeviceFile, bytes, bytes.length, write.position).then(
      () => {
        if (this.inPool === write) this.inPool = null;
        this.store.deviceAnswered();
      },
      (error) => {
        if (attempt === this.attempt) this.fail(error);
      },
    );
    return true;
  }
  private isPooled = false;
  private unsent: Uint8Array[] = [];
  /** On its way. Bytes that somebody else has written meanwhile may still arrive: they are the same. */
  private inPool: { bytes: Uint8Array; position: number } | null = null;

  private writeRest(): void {
    const { store } = this;
    const footer = this.footer as Footer;
    const large = encodeLarge(store);
    this.addSection(SECTION_LARGE, large, large.byteLength, {});
    const segments = encodeSegments(store);
    this.addSection(SECTION_SEGMENTS, segments, segments.byteLength, {});
    if (!store.namespaces.isPlain) {
      const namespaces = store.namespaces.encode();
      this.addSection(SECTION_NAMESPACES, namespaces, namespaces.byteLength, {});
    }
    footer.nextObjectId = store.large.nextObjectId;
    footer.keyCount = store.countKeys(store.databases());
    footer.directoryOffset = this.offset;
    footer.directoryCount = this.sections.length;
    const directory = encodeDirectory(this.sections);
    footer.directorySum = sectionSum(directory, directory.byteLength, store.identity.salt);
    this.append(directory, directory.byteLength);
    const footerWords = encodeFooter(footer, store.identity);
    this.append(footerWords, footerWords.byteLength);
  }

  private syncFile(drive: Drive): void {
    this.syncStartedMs = this.store.clock.monotonicMs();
    if (drive === 'now') {
      this.countedSync();
      this.phase = 'durable';
      return;
    }
    this.phase = 'syncing';
    const attempt = this.attempt;
    this.store.flash.fsyncs++;
    (this.file as DeviceFile).sync().then(
      () => {
        if (attempt === this.attempt && this.phase === 'syncing') this.phase = 'durable';
        this.store.deviceAnswered();
      },
      (error) => {
        if (attempt === this.attempt) this.fail(error);
      },
    );
  }

  /** A loop that never yields does not hear that the sync has ended: a second one, later, finds little left to do. */
  private awaitSync(drive: Drive): boolean {
    const waitedMs = this.store.clock.monotonicMs() - this.syncStartedMs;
    if (drive === 'loop' || (drive === 'starved' && waitedMs < STARVED_SYNC_MS)) return false;
    // What the pool says later is about an attempt that is over.
    this.attempt++;
    if (this.phase === 'publishing') {
      this.store.options.device?.syncDirectorySync();
      this.published(drive);
    } else {
      this.countedSync();
      this.phase = 'durable';
    }
    return true;
  }
  private syncStartedMs = 0;

  /** Both logs must be durable past every stamp. */
  private waitDurable(drive: Drive): boolean {
    const { log, cold, committer } = this.store;
    const footer = this.footer as Footer;
    if (cold !== null && cold.durableUntil < footer.durableCold) {
      return cold.advanceSync(drive);
    }
    if (log.durableUntil < footer.durableMain) {
      const isHurried = this.waiters.length > 0 || this.store.compactor?.isBehind === true;
      return committer.advanceSync(drive, footer.durableMain, isHurried);
    }
    this.phase = 'publish';
    return true;
  }

  private publish(drive: Drive): void {
    const { store } = this;
    const device = store.options.device;
    const footer = this.footer as Footer;
    if (device === null) return;
    (this.file as DeviceFile).closeSync();
    this.file = null;
    device.renameSync(TEMPORARY, checkpointFileName(footer.generation));
    store.flash.fsyncs++;
    if (drive === 'now') {
      device.syncDirectorySync();
      this.published(drive);
      return;
    }
    this.phase = 'publishing';
    this.syncStartedMs = store.clock.monotonicMs();
    const attempt = this.attempt;
    device.syncDirectory().then(
      () => {
        if (attempt === this.attempt) this.published('loop');
        // Compaction may wait for it without being at work.
        this.store.whenAnswered?.();
      },
      (error) => {
        if (attempt === this.attempt) this.fail(error);
      },
    );
  }

  private published(drive: Drive): void {
    const { store } = this;
    const footer = this.footer as Footer;
    this.kept.push({
      generation: footer.generation,
      startMain: footer.startMain,
      startCold: footer.startCold,
      sizeBytes: this.offset,
    });
    while (this.kept.length > 2) {
      const old = this.kept.shift() as KeptCheckpoint;
      store.removals?.add(checkpointFileName(old.generation), old.sizeBytes);
    }
    if (drive !== 'loop') store.removals?.finishSync();
    this.savedAtMs = store.nowMs();
    this.savedMutations = this.mutationsAtBegin;
    store.counters.checkpoints++;
    store.counters.checkpointBytes += this.offset;
    for (const listener of store.listeners) listener.checkpointed?.(this.offset);
    this.phase = 'idle';
    this.footer = null;
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  /** Gives up the checkpoint being written; the ones on disk stay. */
  abort(): void {
    if (this.phase === 'idle' || this.phase === 'publishing') return;
    this.attempt++;
    this.inPool = null;
    this.unsent = [];
    this.file?.closeSync();
    this.file = null;
    this.footer = null;
    this.phase = 'idle';
    if (this.waiters.length > 0) this.requested = true;
  }

  private fail(error: unknown): void {
    this.phase = this.phase === 'publishing' ? 'publish' : this.phase;
    this.abort();
    const cause = toFerriteError(error, `writing a checkpoint of ${this.store.path}`);
    this.failure = cause;
    if (this.store.useReserve(cause)) {
      this.requested = true;
      return;
    }
    this.notBeforeMs = this.store.clock.monotonicMs() + RETRY_MS;
    this.store.emitError(cause);
    // `compact()` waits for a checkpoint before it takes any segment.
    this.store.compactor?.giveUp(cause);
  }

  /** At close: a checkpoint if replaying would be felt, all of it now. */
  closeSync(): void {
    const { log, committer } = this.store;
    if (committer.poisoned !== null) {
      this.abort();
      return;
    }
    // One that was begun long ago would leave much to replay: a fresh one instead.
    if (this.footer !== null && bytesBetween(this.footer.startMain, log.tail) > CLOSE_DEBT_MIN_BYTES) this.abort();
    this.notBeforeMs = 0;
    while (!this.isIdle && this.step('now'));
    this.requested = this.replayDebtBytes > CLOSE_DEBT_MIN_BYTES;
    if (this.requested) while (this.step('now') && !this.isIdle);
    this.abort();
  }
}

function bytesBetween(from: number, until: number): number {
  return (until - from) * UNIT_BYTES;
}

const ZEROS = new Uint8Array(8);
