/**
 * What a power-cut run does: options of the store, how the disk loses sectors, and the weights of the actions.
 */
import type { OpenOptions } from '@ferrite/core/module';
import type { SectorModel } from '../../src/index.ts';

export type Action =
  | 'set'
  | 'grow'
  | 'large'
  | 'del'
  | 'expire'
  | 'persist'
  | 'batch'
  | 'wideBatch'
  | 'hugeBatch'
  | 'async'
  | 'commit'
  | 'commitSync'
  | 'time'
  | 'step'
  | 'stepSync'
  | 'checkpoint'
  | 'compact'
  | 'hold'
  | 'kill'
  | 'close';

export type Weights = Partial<Record<Action, number>>;

export interface Scenario {
  name: string;
  options: OpenOptions;
  sectors: SectorModel;
  weights: Weights;
  /** Actions of the run. */
  actions: number;
  /** Different keys. */
  keys: number;
  /** Most bytes of an ordinary value. */
  valueMaxBytes: number;
  hashBits: number;
  /** Background steps after every action. */
  stepsBetween: number;
  /** A checkpoint is asked for whenever none is being written. */
  alwaysCheckpoint: boolean;
  /** Of the possible `prefix:k` at a step, how many are tried; and of eight subsets. */
  prefixes: number;
  subsets: number;
  /** One cut in so many is gone on from: recovery is cut too, and a few actions follow. */
  goOnOneIn: number;
  /** Also opened with the newest checkpoint damaged, and with none while the log is still whole. */
  damageCheckpoints: boolean;
}

const SMALL_STORE: OpenOptions = {
  pageSize: '128kb',
  mutableRegionSize: '128kb',
  readOnlyRegionSize: '128kb',
  readCacheSize: '64kb',
};

/** Everything at once. */
export const MIXED: Weights = {
  set: 30,
  grow: 12,
  large: 4,
  del: 12,
  expire: 4,
  persist: 2,
  batch: 8,
  wideBatch: 1,
  async: 5,
  commit: 3,
  commitSync: 2,
  time: 8,
  step: 10,
  stepSync: 2,
  checkpoint: 4,
  compact: 2,
  hold: 2,
  kill: 1,
  close: 1,
};

export function scenario(
  name: string,
  options: OpenOptions,
  changes: Partial<Omit<Scenario, 'name' | 'options'>> = {},
): Scenario {
  return {
    name,
    options: { ...SMALL_STORE, ...options },
    sectors: 'prefix-safe',
    weights: MIXED,
    actions: 60,
    keys: 24,
    valueMaxBytes: 6000,
    hashBits: 32,
    stepsBetween: 1,
    alwaysCheckpoint: false,
    prefixes: 4,
    subsets: 8,
    goOnOneIn: 12,
    damageCheckpoints: false,
    ...changes,
  };
}
