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
  | 'flush'
  | 'flushAll'
  | 'swap'
  | 'move'
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
  /** How many databases they are in. */
  databases: number;
  /** Most bytes of an ordinary value. */
  valueMaxBytes: number;
  hashBits: number;
  /** Background steps after every action. */
  stepsBetween: number;
  /** Writes that can wait go through the pool, and may arrive late. */
  isDeviceSlow: boolean;
  /** A checkpoint is asked for whenever none is being written. */
  alwaysCheckpoint: boolean;
  /** Of the possible `prefix:k` at a step, how many are tried; and of eight subsets. */
  prefixes: number;
  subsets: number;
  /** One cut in so many is gone on from: recovery is cut too, and a few actions follow. */
  goOnOneIn: number;
  /** One cut in so many is also opened with the newest checkpoint damaged, and with none while the log is still whole. */
  damageOneIn: number;
}

const SMALL_STORE: OpenOptions = {
  pageSize: '128kb',
  mutableRegionSize: '128kb',
  readOnlyRegionSize: '128kb',
  readCacheSize: '64kb',
};

/** Everything at once. */
const MIXED: Weights = {
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

function scenario(
  name: string,
  options: OpenOptions,
  changes: Partial<Omit<Scenario, 'name' | 'options'>> = {},
): Scenario {
  return {
    name,
    options: { ...SMALL_STORE, ...options },
    sectors: 'prefix-safe',
    weights: MIXED,
    actions: 30,
    keys: 24,
    databases: 1,
    valueMaxBytes: 6000,
    hashBits: 32,
    stepsBetween: 1,
    alwaysCheckpoint: false,
    isDeviceSlow: false,
    prefixes: 3,
    subsets: 8,
    goOnOneIn: 40,
    damageOneIn: Number.POSITIVE_INFINITY,
    ...changes,
  };
}

/** Many small segments, and garbage enough to empty them. */
const CHURN: Weights = {
  set: 5,
  grow: 30,
  large: 6,
  del: 10,
  expire: 3,
  batch: 4,
  wideBatch: 3,
  time: 6,
  step: 10,
  stepSync: 2,
  checkpoint: 12,
  compact: 3,
  hold: 2,
  kill: 1,
  close: 1,
};

/** Writes larger than a frame, a page and the log's memory. */
const WIDE: Weights = { set: 10, del: 4, wideBatch: 8, hugeBatch: 3, large: 3, time: 5, commit: 2, kill: 1 };

const churning = {
  weights: CHURN,
  valueMaxBytes: 16_000,
  actions: 60,
  stepsBetween: 3,
  prefixes: 1,
  subsets: 2,
  goOnOneIn: 60,
};

/** Every mode with everything at once, and `alignCommits` on disks that leave garbage in a sector being written. */
export const MODES: readonly Scenario[] = [
  scenario('always', { durability: 'always' }),
  scenario('everysec', { durability: 'everysec' }),
  scenario('interval', { durability: 'interval' }),
  scenario('none', { durability: 'none' }),
  scenario('always, aligned', { durability: 'always', alignCommits: 512 }, { sectors: 'garbage' }),
  scenario('everysec, aligned', { durability: 'everysec', alignCommits: 4096 }, { sectors: 'garbage' }),
  scenario('wide batches', { durability: 'everysec' }, { weights: WIDE, actions: 14, prefixes: 1, subsets: 2 }),
  scenario('wide batches, none', { durability: 'none' }, { weights: WIDE, actions: 14, prefixes: 1, subsets: 2 }),
  scenario('compaction, aligned', { durability: 'everysec', alignCommits: 512 }, { ...churning, sectors: 'garbage' }),
];

/** Segments come and go, and the newest checkpoint is damaged. */
export const COMPACTION: readonly Scenario[] = [
  scenario('compaction', { durability: 'everysec' }, { ...churning, actions: 90, damageOneIn: 3 }),
  scenario('compaction, always', { durability: 'always' }, { ...churning, actions: 90, damageOneIn: 3 }),
];

/** Databases that come to hold other keys, all at once. */
const WHOLE: Weights = { set: 12, del: 4, expire: 2, move: 4, flush: 3, flushAll: 1, swap: 3, time: 3, step: 5 };

/** Writers who can wait, while the device holds back what it was given; some who cannot overtake them. */
const WAITING: Weights = { ...MIXED, set: 8, async: 30, batch: 14, hold: 10, time: 10 };

const stalling = { weights: WAITING, isDeviceSlow: true, actions: 40, prefixes: 1, subsets: 3 };

/** Every mode on a device that lets writes wait; the first few stand for all where there is little time. */
export const STALLS: readonly Scenario[] = [
  scenario('writes stall, always', { durability: 'always' }, stalling),
  scenario('writes stall, everysec', { durability: 'everysec' }, stalling),
  scenario('writes stall, interval', { durability: 'interval' }, stalling),
  scenario(
    'writes stall, compaction',
    { durability: 'everysec' },
    { ...churning, isDeviceSlow: true, weights: { ...CHURN, async: 20, hold: 6 }, damageOneIn: 3 },
  ),
  scenario('writes stall, none', { durability: 'none' }, stalling),
  scenario(
    'writes stall, wide batches',
    { durability: 'everysec' },
    { ...stalling, weights: { ...WIDE, async: 10, hold: 6 }, actions: 14 },
  ),
  scenario(
    'writes stall, a slice after every operation',
    { durability: 'everysec' },
    {
      hashBits: 6,
      alwaysCheckpoint: true,
      valueMaxBytes: 200,
      isDeviceSlow: true,
      weights: { set: 6, async: 12, del: 6, expire: 3, batch: 3, time: 4, hold: 4, kill: 1, close: 1 },
      prefixes: 0,
      subsets: 1,
      damageOneIn: 1,
      goOnOneIn: 60,
      actions: 80,
    },
  ),
  scenario(
    'writes stall, databases',
    { durability: 'everysec' },
    { databases: 3, keys: 8, ...stalling, weights: { ...MIXED, ...WHOLE, async: 20, hold: 8 } },
  ),
];

const colliding = { hashBits: 6, alwaysCheckpoint: true, valueMaxBytes: 200, damageOneIn: 1, goOnOneIn: 60 };

/** Every bucket collides; replay must apply each record to each slice exactly once. */
export const REPLAY: readonly Scenario[] = [
  scenario(
    'a slice after every operation',
    { durability: 'everysec' },
    {
      ...colliding,
      weights: { set: 10, del: 6, expire: 3, persist: 1, batch: 3, time: 4, kill: 1, close: 1 },
      prefixes: 0,
      subsets: 1,
      actions: 120,
    },
  ),
  scenario(
    'many operations between slices',
    { durability: 'everysec' },
    {
      ...colliding,
      weights: { set: 10, del: 8, expire: 2, batch: 2, time: 1, step: 4 },
      stepsBetween: 0,
      keys: 40,
      prefixes: 0,
      subsets: 1,
      actions: 200,
    },
  ),
];

const whole = { databases: 3, keys: 8, prefixes: 1, subsets: 2 };

/** Several databases: each record is told apart from the same key's in another, flushed before and swapped since. */
export const DATABASES: readonly Scenario[] = [
  scenario(
    'databases, a slice after every operation',
    { durability: 'everysec' },
    { ...colliding, ...whole, weights: { ...WHOLE, kill: 1, close: 1 }, actions: 120 },
  ),
  scenario(
    'databases, many operations between slices',
    { durability: 'everysec' },
    { ...colliding, ...whole, weights: WHOLE, stepsBetween: 0, actions: 160 },
  ),
  scenario('databases, always', { durability: 'always' }, { ...whole, weights: { ...MIXED, ...WHOLE }, actions: 60 }),
  scenario('databases, none', { durability: 'none' }, { ...whole, weights: { ...MIXED, ...WHOLE }, actions: 60 }),
  scenario(
    'databases, compaction',
    { durability: 'everysec' },
    { ...churning, ...whole, weights: { ...CHURN, move: 6, flush: 3, flushAll: 1, swap: 3 }, damageOneIn: 3 },
  ),
];
