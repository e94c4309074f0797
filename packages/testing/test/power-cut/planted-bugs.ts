/**
 * Bugs planted in the engine while a suite runs, to prove that the suite would see them.
 *
 * Each plants itself in a prototype of the engine (or in one device) and gives back how to take it out again. One that
 * no longer finds its place fails loudly.
 */
import { Committer } from '../../../core/src/engine/committer.ts';
import { Compactor } from '../../../core/src/engine/compaction.ts';
import { IndexLoader } from '../../../core/src/engine/index-loader.ts';
import { Recovery } from '../../../core/src/engine/recovery.ts';
import { Walker } from '../../../core/src/engine/walk.ts';
import { SimDevice } from '../../src/index.ts';

/** Tables from this number on are of collections. */
const COLLECTION_TABLES = 32;

type Method = (this: never, ...args: never[]) => unknown;

export interface PlantedBug {
  name: string;
  /** Returns how to take it out. */
  plant(): () => void;
}

function replace(prototype: object, name: string, make: (original: Method) => Method): () => void {
  const methods = prototype as Record<string, Method>;
  const original = methods[name];
  if (typeof original !== 'function') throw new Error(`no method '${name}' to plant a bug in`);
  methods[name] = make(original);
  return () => {
    methods[name] = original;
  };
}

function all(...uproots: (() => void)[]): () => void {
  return () => {
    for (const uproot of uproots) uproot();
  };
}

export const SKIPPED_FSYNC: PlantedBug = {
  name: 'a skipped fsync',
  plant: () =>
    replace(
      SimDevice.prototype,
      'openSync',
      (open) =>
        function (this: unknown, ...args: unknown[]) {
          const file = (open as (...args: unknown[]) => ReturnType<SimDevice['openSync']>).apply(this, args);
          if (!String(args[0]).startsWith('main')) return file;
          file.syncSync = () => undefined;
          file.sync = () => Promise.resolve();
          return file;
        } as Method,
    ),
};

export const EARLY_ACKNOWLEDGEMENT: PlantedBug = {
  name: 'an acknowledgement before the write',
  plant: () => replace(Committer.prototype, 'afterWrite', () => () => undefined),
};

export const EARLY_UNLINK: PlantedBug = {
  name: 'a segment unlinked before its copies and the tail are durable',
  plant: () => replace(Compactor.prototype, 'isSettled', () => () => true),
};

export const NO_AS_OF: PlantedBug = {
  name: 'a replay without the asOf test',
  plant: () => {
    const ignore = (original: Method): Method =>
      function (this: { slices: { asOfMain: Float64Array; asOfCold: Float64Array } | null }, ...args: unknown[]) {
        this.slices?.asOfMain.fill(0);
        this.slices?.asOfCold.fill(0);
        return (original as (...args: unknown[]) => unknown).apply(this, args);
      } as Method;
    return all(...['noteMain', 'noteCold'].map((name) => replace(IndexLoader.prototype, name, ignore)));
  },
};

export const FORGOTTEN_MEMBERS: PlantedBug = {
  name: 'a replay that passes over removals of members',
  plant: () =>
    replace(
      IndexLoader.prototype,
      'noteMain',
      (noteMain) =>
        function (this: { database: number }, ...args: unknown[]) {
          const isRemoval = args[3] === true;
          if (isRemoval && this.database >= COLLECTION_TABLES) return undefined;
          return (noteMain as (...args: unknown[]) => unknown).apply(this, args);
        } as Method,
    ),
};

export const FORGOTTEN_FIELD_EXPIRIES: PlantedBug = {
  name: 'a replay that passes over when members are due',
  plant: () => replace(Recovery.prototype, 'noteMemberExpiry', () => () => undefined),
};

export const NO_PART_CHECK: PlantedBug = {
  name: 'a PART taken for a whole group',
  plant: () =>
    replace(
      Walker.prototype,
      'walk',
      (walk) =>
        function (this: object, ...args: unknown[]) {
          Object.defineProperty(this, 'inGroup', { get: () => false, set: () => undefined, configurable: true });
          return (walk as (...args: unknown[]) => unknown).apply(this, args);
        } as Method,
    ),
};

export const FORGOTTEN_FLUSH: PlantedBug = {
  name: 'a flush that replay passes over',
  plant: () => replace(IndexLoader.prototype, 'noteFlush', () => () => undefined),
};
