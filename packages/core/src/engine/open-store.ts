/** `openStore` makes a store out of options and what the device holds; `closeStore` ends it so that nothing is lost. */

import { FerriteError } from '../base/errors.ts';
import type { Device, DeviceLock } from '../device/device.ts';
import { COLD_BASE, UNIT_BYTES } from './address.ts';
import { parseCheckpointFileName } from './checkpoint-format.ts';
import { Checkpointer } from './checkpoint.ts';
import { ColdLog } from './cold-log.ts';
import { Compactor } from './compaction.ts';
import { isDiskFull, toFerriteError } from './device-io.ts';
import { DiskLimit } from './disk-limit.ts';
import { FeedCursors } from './feed-cursors.ts';
import { locateWhole } from './locate.ts';
import { Log } from './log.ts';
import { MemoryPages } from './memory-pages.ts';
import { MemoryReclaimer } from './memory-reclaim.ts';
import { OrderedKeys } from './ordered-keys.ts';
import { PageMemory } from './page-memory.ts';
import { type Recovered, Recovery, type RecoveryReport } from './recovery.ts';
import {
  type FlashCounters,
  isUnused,
  parseSegmentFileName,
  SEGMENT_FRAMES_AT_BYTES,
  Segments,
  segmentFileName,
} from './segments.ts';
import { KIND_ROOT, kindOf } from './record.ts';
import { Removals } from './removals.ts';
import { RESERVE_FILE, ReserveFile } from './reserve-file.ts';
import { segmentUnitsFor } from './segment-size.ts';
import { Store, type StoreOptions } from './store.ts';
import { makeIdentity, readStoreFile, STORE_FILE, type StoreIdentity, writeStoreFile } from './store-file.ts';
import { Warmer } from './warm.ts';

/** What a store that is only written to keeps in memory, beside what waits unsealed. */
const FIRST_PAGES = 8;

const NOTHING_RECOVERED: RecoveryReport = {
  clean: true,
  checkpointGeneration: 0,
  replayedRecords: 0,
  replayedBytes: 0,
  cutBytes: 0,
  savedAs: [],
  damage: [],
  durationMs: 0,
};

export function openStore(options: StoreOptions): Store {
  if (new Uint8Array(new Uint32Array([1]).buffer)[0] !== 1) {
    throw new FerriteError('FERRITE_UNSUPPORTED', 'the format is little-endian, this processor is not');
  }
  return options.device === null ? openInMemory(options) : openOnDevice(options, options.device);
}

function openInMemory(options: StoreOptions): Store {
  const identity = makeIdentity(options.entropy, options.pageBytes, options.clock.nowMs(), options.hashBits);
  const store = new Store({ options, identity, path: 'in memory', lock: null, flash: { writtenBytes: 0, fsyncs: 0 } });
  const pageUnits = options.pageBytes / UNIT_BYTES;
  const memory = new PageMemory(pageUnits, pageUnits, 0, 0);
  const pages = new MemoryPages(memory);
  const position = { begin: 0, tail: 0, chain: 0, epoch: 1 };
  store.log = new Log(memory, null, pages, options.clock, identity.salt, () => 0, position);
  store.pages = pages;
  store.reclaimer = new MemoryReclaimer(store, pages, options.maxMemoryBytes);
  store.recovery = { ...NOTHING_RECOVERED };
  attachOrdered(store);
  return store;
}

function attachOrdered(store: Store): void {
  if (store.options.ordered === 'never') return;
  store.ordered = new OrderedKeys(store, store.namespaces.of(0));
  if (store.options.ordered === 'always') store.ordered.begin();
}

function openOnDevice(options: StoreOptions, device: Device): Store {
  let lock: DeviceLock | null = null;
  try {
    lock = takeLock(options, device);
    return openLocked(options, device, lock);
  } catch (error) {
    lock?.releaseSync();
    throw toFerriteError(error, `opening ${device.path}`);
  }
}

/**
 * A read-only open on a medium that cannot be written takes no lock: nobody else can write there either. On a full disk the
 * reserve makes room for the lock; a reader does without where nobody holds one.
 */
function takeLock(options: StoreOptions, device: Device): DeviceLock | null {
  const how = options.stealLock ? 'steal' : 'fail';
  try {
    return device.lockSync(how);
  } catch (error) {
    const isFull = isDiskFull(toFerriteError(error, `locking ${device.path}`));
    const code = (error as { code?: string }).code;
    if (options.readOnly && (isFull || code === 'EROFS' || code === 'EACCES' || code === 'EPERM')) return null;
    if (!isFull || !device.listSync().includes(RESERVE_FILE)) throw error;
    device.removeSync(RESERVE_FILE);
    return device.lockSync(how);
  }
}

function identify(options: StoreOptions, device: Device): StoreIdentity {
  const names = device.listSync().filter((name) => name !== `${STORE_FILE}.tmp`);
  if (names.includes(STORE_FILE)) return readStoreFile(device, options.readOnly);
  const ours = (name: string) =>
    parseSegmentFileName(name) !== undefined || parseCheckpointFileName(name) !== undefined;
  const left = options.readOnly ? names : clearUnfinished(device, names);
  if (left.some(ours)) {
    throw new FerriteError(
      'FERRITE_CORRUPT',
      `${device.path} has segments but no ${STORE_FILE}: restore that file from a backup of this very store`,
    );
  }
  if (options.readOnly || left.length > 0) {
    const why = left.length > 0 ? `holds other files (${left.slice(0, 3).join(', ')})` : 'is empty';
    throw new FerriteError('FERRITE_NOT_A_STORE', `${device.path} is not a Ferrite store: it ${why}`);
  }
  return createStore(options, device);
}

/** The first segment comes before the store's file, so that a store without segments is one that lost them. */
function createStore(options: StoreOptions, device: Device): StoreIdentity {
  const { pageBytes, clock, entropy, hashBits } = options;
  const identity = makeIdentity(entropy, pageBytes, clock.nowMs(), hashBits);
  const segments = new Segments(device, 'main', identity, { writtenBytes: 0, fsyncs: 0 });
  const units = (Math.ceil(options.segmentMinBytes / pageBytes) * pageBytes) / UNIT_BYTES;
  try {
    segments.prepareSync(segments.extend(0, units), 0, clock.nowMs());
  } finally {
    segments.closeFiles();
  }
  writeStoreFile(device, identity);
  return identity;
}

/** A first segment without a frame is what a creation leaves that was cut short. Returns the names of all else. */
function clearUnfinished(device: Device, names: string[]): string[] {
  const first = segmentFileName('main', 1);
  if (!names.includes(first)) return names;
  const file = device.openSync(first, 'read');
  const unused = isUnused(file, SEGMENT_FRAMES_AT_BYTES);
  file.closeSync();
  if (!unused) return names;
  device.removeSync(first);
  return names.filter((name) => name !== first);
}

function openLocked(options: StoreOptions, device: Device, lock: DeviceLock | null): Store {
  const begun = options.clock.monotonicMs();
  const identity = identify(options, device);
  const flash: FlashCounters = { writtenBytes: 0, fsyncs: 0 };
  const store = new Store({ options, identity, path: device.path, lock, flash });
  const main = new Segments(device, 'main', identity, flash);
  const cold = new Segments(device, 'cold', identity, flash);
  try {
    // Records of the checkpoint's slices are read through the log while replay goes on.
    attachLogs(store, main, cold, { ...EMPTY }, 1, 1);
    const names = device.listSync();
    const recovered = new Recovery(store, device, main, cold).run(names);
    const pagesMax = Math.ceil((options.mutableBytes + options.readOnlyBytes) / identity.pageBytes) + 2;
    attachLogs(store, main, cold, recovered, Math.min(pagesAtFirst(options, identity.pageBytes), pagesMax), pagesMax);
    store.recovery = recovered.report;
    store.indexFile = recovered.checkpointFile;
    store.checkpointer = new Checkpointer(store, recovered.kept);
    store.feeds = new FeedCursors(store, names);
    if (!options.readOnly && options.compaction && store.cold !== null) {
      store.compactor = new Compactor(store, store.cold);
    }
    if (options.salvage) dropUnreadable(store);
    if (options.maxDiskBytes > 0 && !options.readOnly) {
      store.diskLimit = new DiskLimit(store, main, cold, options.maxDiskBytes);
    }
    if (!options.readOnly) {
      store.removals = new Removals(device, flash, (error) => onRemovalFailed(store, error));
      store.reserve = new ReserveFile(device, options.clock, options.prng, flash, options.segmentMinBytes);
      store.reserve.adopt(names);
    }
    store.warmer = new Warmer(store);
    store.tailAtOpen = store.log.tail;
    attachOrdered(store);
    if (recovered.report.damage.length > 0 && !options.readOnly) checkpointPastDamage(store, main, cold);
  } catch (error) {
    main.closeFiles();
    cold.closeFiles();
    throw error;
  }
  store.recovery.durationMs = options.clock.monotonicMs() - begun;
  return store;
}

/** Pages of the ring until reads ask for more. */
function pagesAtFirst(options: StoreOptions, pageBytes: number): number {
  const sealsAtOnce = options.durability === 'always' || options.durability === 'everysec';
  return FIRST_PAGES + (sealsAtOnce ? 0 : Math.ceil(options.mutableBytes / pageBytes));
}

/** The file goes at the next open. Who waits for space is told that it did not come. */
function onRemovalFailed(store: Store, error: FerriteError): void {
  store.emitError(error);
  store.compactor?.giveUp(error);
}

const EMPTY = {
  mainTail: 0,
  mainChain: 0,
  mainDurable: 0,
  coldTail: COLD_BASE,
  coldChain: 0,
  coldDurable: COLD_BASE,
  epoch: 1,
  begin: 0,
};

function attachLogs(
  store: Store,
  main: Segments,
  cold: Segments,
  at: Omit<Recovered, 'report' | 'kept' | 'checkpointFile'>,
  pages: number,
  pagesMax: number,
): void {
  const { options, identity } = store;
  const pageUnits = identity.pageBytes / UNIT_BYTES;
  const memory = new PageMemory(pageUnits, pages * pageUnits, pagesMax * pageUnits, at.mainTail);
  const sizeSegment = () => segmentUnitsFor(store, main, cold);
  const position = { begin: at.begin, tail: at.mainTail, chain: at.mainChain, epoch: at.epoch };
  store.log = new Log(memory, main, null, options.clock, identity.salt, sizeSegment, position);
  store.log.alignUnits = options.alignCommits / UNIT_BYTES;
  store.log.session = store.prng.nextUint32();
  store.log.durableUntil = at.mainDurable;
  store.log.coldDurableUntil = at.coldDurable;
  store.cold = new ColdLog(
    cold,
    options.clock,
    identity.salt,
    pageUnits,
    sizeSegment,
    store.log.alignUnits,
    { tail: at.coldTail, chain: at.coldChain },
    () => store.log.epoch,
    (error) => store.committer.poison(error),
    () => store.deviceAnswered(),
  );
  store.cold.durableUntil = at.coldDurable;
  markUnsynced(main, at.mainDurable, at.mainTail);
  markUnsynced(cold, at.coldDurable, at.coldTail);
}

/** What a killed process wrote may not be durable yet: the next sync covers it. */
function markUnsynced(segments: Segments, durableUntil: number, tail: number): void {
  for (const segment of segments.list) {
    if (segment.end <= durableUntil || segment.base >= tail) continue;
    segment.syncedUntil = Math.max(segment.base, durableUntil);
    segment.writtenUntil = Math.min(segment.end, tail);
  }
}

/** Salvage: keys whose records are damaged go, so that scans and compaction work again. */
function dropUnreadable(store: Store): void {
  let dropped = 0;
  for (const database of store.databases()) {
    const table = store.table(database);
    const found: number[] = [];
    table.loadAll();
    table.forEachInSlice(0, 0, (hash, address) => found.push(hash, address));
    for (let i = 0; i < found.length; i += 2) {
      if (isWhole(store, found[i + 1]) || !table.findAddress(found[i], found[i + 1])) continue;
      table.remove();
      dropped++;
    }
  }
  if (dropped > 0) store.recovery.damage.push(`the records of ${dropped} keys are damaged: the keys are gone`);
}

function isWhole(store: Store, address: number): boolean {
  if (!locateWhole(store, address)) return false;
  return kindOf(store.words[store.word + 1]) !== KIND_ROOT || store.large.isWhole(store);
}

/** After salvage a new checkpoint keeps later opens from meeting the same damage. */
function checkpointPastDamage(store: Store, main: Segments, cold: Segments): void {
  const { log } = store;
  if (main.find(log.tail) === undefined) {
    // The log goes on in a new segment: without one it would look as if it had been lost again.
    main.prepareSync(main.extend(log.tail, segmentUnitsFor(store, main, cold)), log.epoch, store.clock.nowMs());
  }
  const checkpointer = store.checkpointer as Checkpointer;
  for (const database of store.databases()) store.table(database).loadAll();
  checkpointer.request();
  while (checkpointer.step('now') && !checkpointer.isIdle);
}

/** Commits, writes a checkpoint if replay would be felt, says so in a mark, and lets go of the files. */
export function closeStore(store: Store): void {
  if (store.closed) return;
  const { log, cold } = store;
  try {
    if (store.hasDisk && !store.identity.readOnly && store.committer.poisoned === null) {
      store.committer.commitSync();
      cold?.syncSync();
      if (cold !== null) log.coldDurableUntil = cold.durableUntil;
      store.checkpointer?.closeSync();
      if (log.tail !== store.tailAtOpen || !store.recovery.clean) writeCleanMark(store);
      saveOrder(store);
      store.feeds?.saveSync();
    }
    // An open that follows must not meet a file that goes while it looks. What another process holds now is left alone.
    if (store.committer.poisoned?.code !== 'FERRITE_LOCK_LOST') store.removals?.finishSync();
  } finally {
    store.closed = true;
    // Iterators give nothing more that they read ahead.
    store.mutations++;
    store.feeds?.wakeAll();
    store.checkpointer?.endWaiting();
    store.compactor?.giveUp(new FerriteError('FERRITE_CLOSED', `the database ${store.path} was closed`));
    log.segments?.closeFiles();
    cold?.segments.closeFiles();
    store.indexFile?.closeSync();
    store.lock?.releaseSync();
  }
}

/** Without it the next scan builds the order anew: nothing is lost if the disk is full. */
function saveOrder(store: Store): void {
  try {
    store.ordered?.save();
  } catch (error) {
    store.emitError(toFerriteError(error, `saving the order of keys of ${store.path}`));
  }
}

function writeCleanMark(store: Store): void {
  const { log } = store;
  // A store that was never written to has no file to mark; one whose files were all lost must not look like that.
  if (log.tail === 0 && store.recovery.damage.length === 0) return;
  try {
    log.layCleanMark();
    store.committer.flushNow();
    log.syncSync();
  } catch (error) {
    // Everything is durable already: on a full disk the next open does without the mark.
    if (!isDiskFull(toFerriteError(error, `closing ${store.path}`))) throw error;
  }
}
