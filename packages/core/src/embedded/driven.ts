/**
 * A database on a device and a clock of the caller's, driven by the caller's hand: for simulations.
 *
 * Nothing happens by itself: no timer runs, background work goes on only in `tick` and `step`, time passes only as the
 * clock says. So a run can be repeated from its seed, and cut at any write.
 */

import type { Clock } from '../base/clock.ts';
import type { Prng } from '../base/prng.ts';
import type { Device } from '../device/device.ts';
import { openStore } from '../engine/open-store.ts';
import type { Feature, FeaturesOf, NoFeatures } from '../registry/feature.ts';
import type { Store } from '../engine/store.ts';
import { Database } from './database.ts';
import { type OpenOptions, resolveOptions } from './options.ts';
import { SharedStore, setUpFeatures } from './shared-store.ts';

export interface DrivenHost {
  /** null: memory only. */
  device: Device | null;
  clock: Clock;
  prng: Prng;
  /** Bits of a key's hash that are used, fixed when the store is made: few make every bucket collide (default 32). */
  hashBits?: number;
  /** Segments may be smaller than on a real disk (default one page). */
  segmentMinBytes?: number;
  segmentMaxBytes?: number;
}

export interface Driven<V, F = NoFeatures> {
  db: Database<V, F>;
  /** The engine below, for what a test wants to look at. */
  store: Store;
  /** What a timer does ten times a second: commits by time, expiry, the lock. */
  tick(): void;
  /** A little background work (checkpoint, compaction, loading); false when there is none to do now. */
  step(): boolean;
  /** The same work as a loop that never yields does it: waiting for the device. */
  stepSync(): void;
}

/** `options.path` only names the store and may be left out; the device is the host's. */
export function openDriven<V = string, const F extends readonly Feature[] = readonly Feature[]>(
  options: OpenOptions<V, F>,
  host: DrivenHost,
): Driven<V, FeaturesOf<F>> {
  const resolved = resolveOptions(host.device === null ? options : { path: 'simulated', ...options });
  const store = openStore({
    ...resolved,
    device: host.device,
    clock: host.clock,
    prng: host.prng,
    entropy: () => host.prng.nextUint32(),
    hashBits: host.hashBits ?? 32,
    segmentMinBytes: host.segmentMinBytes ?? resolved.pageBytes,
    segmentMaxBytes: host.segmentMaxBytes ?? resolved.pageBytes * 16,
    yieldTurn: () => Promise.resolve(),
  });
  const shared = new SharedStore(store, setUpFeatures(store, resolved), null, false);
  return {
    db: new Database(shared, resolved.codec),
    store,
    tick: () => shared.tick(),
    step: () => store.backgroundStep(),
    stepSync: () => store.backgroundSync(Number.POSITIVE_INFINITY, 'now'),
  };
}
