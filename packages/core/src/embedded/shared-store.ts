/**
 * Stores that are open in this process, and the timers that drive them.
 *
 * Handles on the same real path share one store; the last one to close closes it. The engine has no timer of its own: a
 * timer here calls it ten times a second (more often where commits go by a shorter time) and, while there is background work, slices of it follow each other through
 * the loop. Neither keeps the process alive. A process that ends without closing has its stores closed on exit.
 */

import { systemClock } from '../base/clock.ts';
import { FerriteError } from '../base/errors.ts';
import { Prng } from '../base/prng.ts';
import { unpredictableBytes } from '../device/entropy.ts';
import { FileDevice } from '../device/file-device.ts';
import { UNIT_BYTES } from '../engine/address.ts';
import { toFerriteError } from '../engine/device-io.ts';
import { expireDue } from '../engine/expire-due.ts';
import { expireMembers } from '../engine/expire-members.ts';
import { closeStore, openStore } from '../engine/open-store.ts';
import type { Store, StoreOptions } from '../engine/store.ts';
import { FeatureSet } from '../registry/feature-set.ts';
import { resolveFeatures } from '../registry/resolve-features.ts';
import { KeyWaits } from './key-waits.ts';
import type { ResolvedOptions } from './options.ts';

const TICK_MS = 100;
/** Where commits go by time, ticks are so many times as frequent: a commit is late by one at most. */
const TICKS_PER_COMMIT = 10;
const SLICE_MS = 2;
/** And so much more where space runs away. */
const SLICE_HURRY_MS = 2;
const EXPIRY_MS_PER_TICK = 5;
/** Of it what members may take, if keys leave as much; more of them follow in slices of background work. */
const MEMBERS_MS_PER_TICK = 2;
const LOCK_CHECK_MS = 1000;
const SEGMENT_MIN_BYTES = 1024 * 1024;
const SEGMENT_MAX_BYTES = 64 * 1024 * 1024;
const SEGMENT_SHARE_OF_DISK = 1 / 32;

export class SharedStore {
  readonly store: Store;
  readonly features: FeatureSet;
  readonly path: string | null;
  readonly waits: KeyWaits;
  private handles = 0;
  private readonly tickMs: number;
  private ticks = 0;
  private readonly timer: NodeJS.Timeout | null;
  private sliceWaiting = false;
  /** Callers that wait for background work. */
  private holds = 0;

  /** `isTimed`: false when the owner calls `tick` and `store.backgroundStep` itself. */
  constructor(store: Store, features: FeatureSet, path: string | null, isTimed: boolean) {
    this.store = store;
    this.features = features;
    this.path = path;
    this.waits = new KeyWaits(store);
    const { durability, commitIntervalMs } = store.options;
    this.tickMs =
      durability === 'interval' ? Math.min(TICK_MS, Math.ceil(commitIntervalMs / TICKS_PER_COMMIT)) : TICK_MS;
    this.timer = isTimed ? setInterval(() => this.tick(), this.tickMs) : null;
    this.timer?.unref();
    if (isTimed) store.whenAnswered = () => this.wake();
  }

  retain(): void {
    this.handles++;
  }

  /** Closes the store when no handle is left. */
  release(): void {
    if (--this.handles === 0) this.close();
  }

  close(): void {
    if (this.store.closed) return;
    if (this.timer !== null) clearInterval(this.timer);
    if (this.path !== null) openByPath.delete(this.path);
    openStores.delete(this);
    this.features.close();
    closeStore(this.store);
  }

  /** What is done ten times a second, or more often. */
  tick(): void {
    const { store } = this;
    if (store.closed) return;
    store.committer.tick();
    this.waits.tick();
    if (store.expiresActively && !store.holdsExpired) this.expire();
    if (++this.ticks % Math.ceil(LOCK_CHECK_MS / this.tickMs) === 0) this.checkLock();
    store.prepareNextSegment();
    store.reserve?.tick(store.log.lengthUnits * UNIT_BYTES);
    if (this.timer !== null) this.slice();
  }

  /** A damaged record or index must not end the process from within a timer: whoever asks for the key is told. */
  private expire(): void {
    try {
      const { clock } = this.store;
      const until = clock.monotonicMs() + EXPIRY_MS_PER_TICK;
      expireDue(this.store, EXPIRY_MS_PER_TICK);
      expireMembers(this.store, Math.min(Math.max(until - clock.monotonicMs(), 0), MEMBERS_MS_PER_TICK));
    } catch (error) {
      this.store.emitError(toFerriteError(error, `expiring keys of ${this.path}`));
    }
  }

  /** Another process may have taken the lock by force. */
  private checkLock(): void {
    const { lock } = this.store;
    if (lock === null || lock.isHeldSync()) return;
    this.store.loseLock(
      new FerriteError(
        'FERRITE_LOCK_LOST',
        `another process took the lock of ${this.path}: this handle no longer writes`,
      ),
    );
  }

  /** Waits for background work that was asked for, and keeps the process alive until it has ended. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.holds++;
    this.timer?.ref();
    this.wake();
    try {
      return await work;
    } finally {
      if (--this.holds === 0) this.timer?.unref();
    }
  }

  /** Background work for a while, then again in a later turn if there is more. */
  wake(): void {
    if (this.sliceWaiting || this.store.closed || this.timer === null) return;
    this.sliceWaiting = true;
    setImmediate(() => {
      this.sliceWaiting = false;
      this.slice();
    }).unref?.();
  }

  private slice(): void {
    const { store } = this;
    if (store.closed) return;
    const hurry = Math.min(store.compactor?.pressure ?? 0, 1);
    const until = store.clock.monotonicMs() + SLICE_MS + hurry * SLICE_HURRY_MS;
    let more = true;
    while (more && store.clock.monotonicMs() < until) more = store.backgroundStep();
    if (more) this.wake();
  }
}

const openByPath = new Map<string, SharedStore>();
const openStores = new Set<SharedStore>();
let exitHooked = false;

function closeAllOnExit(): void {
  for (const shared of [...openStores]) {
    try {
      shared.close();
    } catch {
      // The process is ending; what the device refuses now it would have refused at close.
    }
  }
}

/** The store of a path, opened or shared. */
export function openShared<V>(options: ResolvedOptions<V>): SharedStore {
  // Features that do not fit are told before anything is opened.
  resolveFeatures(options.features);
  if (options.path === null) return register(openStore(storeOptions(options, null)), options, null);
  const device = openDevice(options.path, options.readOnly);
  const shared = openByPath.get(device.path);
  if (shared !== undefined) {
    const { options: opened, committer } = shared.store;
    checkCompatible({ ...opened, durability: committer.durability }, options);
    shared.features.checkHas(options.features);
    return shared;
  }
  return register(openStore(storeOptions(options, device)), options, device.path);
}

/** Sets features up on a store that was just opened; if that fails, closes it. */
export function setUpFeatures<V>(store: Store, { features, log }: ResolvedOptions<V>): FeatureSet {
  try {
    return new FeatureSet(store, features, log);
  } catch (error) {
    closeStore(store);
    throw error;
  }
}

function register<V>(store: Store, options: ResolvedOptions<V>, path: string | null): SharedStore {
  const shared = new SharedStore(store, setUpFeatures(store, options), path, true);
  if (path !== null) openByPath.set(path, shared);
  openStores.add(shared);
  if (!exitHooked) process.once('exit', closeAllOnExit);
  exitHooked = true;
  return shared;
}

function checkCompatible<V>(open: StoreOptions, asked: ResolvedOptions<V>): void {
  for (const name of ['durability', 'readOnly'] as const) {
    if (asked.named.has(name) && open[name] !== asked[name]) {
      throw new FerriteError(
        'FERRITE_INVALID_OPTION',
        `${asked.path} is open in this process with ${name} ${open[name]}, not ${asked[name]}: name the same, or none`,
      );
    }
  }
}

function openDevice(path: string, readOnly: boolean): FileDevice {
  try {
    // A reader opens for writing too where it may: it has to take the lock.
    return openWritable(path, readOnly);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ENOTDIR' || code === 'EEXIST') {
      throw new FerriteError('FERRITE_NOT_A_STORE', `${path} is a file: a store is a directory`, error);
    }
    if (code === 'ENOENT' && readOnly) {
      throw new FerriteError('FERRITE_NOT_A_STORE', `there is no store at ${path}`, error);
    }
    if (code === 'ENOENT') {
      // This is also what Node makes of a read-only file system.
      throw new FerriteError('FERRITE_PERMISSION', `${path} cannot be made: is its file system read-only?`, error);
    }
    throw toFerriteError(error, `opening ${path}`);
  }
}

function openWritable(path: string, readOnly: boolean): FileDevice {
  try {
    return FileDevice.open(path, { create: !readOnly, readOnly: false });
  } catch (error) {
    if (!readOnly) throw error;
    return FileDevice.open(path, { create: false, readOnly: true });
  }
}

function entropy(): number {
  return unpredictableBytes(4).readUInt32LE(0);
}

function storeOptions<V>(options: ResolvedOptions<V>, device: FileDevice | null): StoreOptions {
  const ofDisk = options.maxDiskBytes === 0 ? SEGMENT_MAX_BYTES : options.maxDiskBytes * SEGMENT_SHARE_OF_DISK;
  return {
    ...options,
    device,
    clock: systemClock,
    prng: new Prng(entropy()),
    entropy,
    segmentMinBytes: Math.max(Math.min(SEGMENT_MIN_BYTES, ofDisk), options.pageBytes),
    segmentMaxBytes: Math.max(Math.min(SEGMENT_MAX_BYTES, ofDisk), options.pageBytes),
    hashBits: 32,
    yieldTurn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
