/**
 * Options of `open`: their types, defaults and checks, in one place.
 *
 * Sizes are bytes or texts such as `'64mb'`. An unknown option, a bad value or two options that contradict each other are
 * `FERRITE_INVALID_OPTION`.
 */

import { totalmem } from 'node:os';
import { inspect } from 'node:util';
import { FerriteError } from '../base/errors.ts';
import { BUFFER_SIZE_MAX_BYTES } from '../base/limits.ts';
import { parseSize } from '../base/size.ts';
import type { Durability } from '../engine/committer.ts';
import type { EvictionPolicy } from '../engine/store.ts';
import type { Log } from '../base/log.ts';
import type { Feature } from '../registry/feature.ts';
import { type Codec, codecOf } from './codec.ts';

/** Bytes, or a text such as `'64mb'`: `kb`, `mb`, `gb` are powers of 1024, `k`, `m`, `g` of 1000. */
export type Size = number | string;

export interface OpenOptions<V = string, F extends readonly Feature[] = readonly Feature[]> {
  /** Directory of the store, made if missing. Absent: memory only; `undefined` is an error. */
  path?: string;
  /** A set of defaults: `tiny` for boards with 64 MB of memory, `small` for 512 MB, `standard` otherwise. */
  preset?: 'tiny' | 'small' | 'standard';
  /** Most bytes that wait unsealed in memory, where hot keys are updated in place (default 32 MB, `small` 4, `tiny` 1). */
  mutableRegionSize?: Size;
  /**
   * Sealed bytes kept in memory for reading, at most (default a sixteenth of the machine's memory, 16 to 256 MB). A store
   * that is only written to keeps 8 pages.
   */
  readOnlyRegionSize?: Size;
  /** Copies of records read from disk (default 8 MB). */
  readCacheSize?: Size;
  /**
   * Unit of the log, fixed when the store is made: 128 KB to 1 MB, a power of two (default: the regions have at least 48
   * pages, which is 1 MB, `small` 256 KB, `tiny` 128 KB; with `maxMemory` about a thirty-second of that).
   */
  pageSize?: Size;
  /** What an acknowledged write survives (default `everysec`). */
  durability?: Durability;
  /** true: short for `durability: 'always'`. */
  enableFsync?: boolean;
  /** true: short for `durability: 'always'`. */
  fsyncOnCommit?: boolean;
  /** With `durability: 'interval'`: milliseconds between commits (default 1000). */
  commitIntervalMs?: number;
  /** Pads synced commits so that a durable sector is never written again. */
  alignCommits?: 512 | 4096;
  /** Memory only: most bytes held, 1 MB at least. */
  maxMemory?: Size;
  /** With a path: most bytes on disk, at least 16 pages. Compaction works in about half of it. */
  maxDisk?: Size;
  /** What goes when `maxMemory` or `maxDisk` is used up (default `noeviction`: writes are refused). */
  evictionPolicy?: EvictionPolicy;
  /** Order of keys, for scans: built on first use (`'lazy'`, the default), at open (`true`), or never (`false`). */
  ordered?: boolean | 'lazy';
  /** Gives space back in the background (default true). */
  compaction?: boolean;
  /** How much of the log named readers of `changes` may hold back from compaction (default 64 MB). */
  feedRetention?: Size;
  /** No write and no repair; the lock is taken all the same, where the medium can be written. */
  readOnly?: boolean;
  /** What to do about damage: refuse to open (`'strict'`, the default), or set it aside and go on. */
  recovery?: 'strict' | 'salvage';
  /** Takes the lock though somebody seems to hold it. */
  lock?: 'steal';
  /** How values are stored: texts (`'utf8'`, the default), bytes, JSON, or your own. */
  codec?: 'utf8' | 'buffer' | 'json' | Codec<V>;
  /** Features of the store: `db.features` has what each of them offers. */
  features?: F;
  /** Takes what features have to say to an operator (default: who serves the database). */
  log?: Log;
}

const MB = 1024 * 1024;
const KB = 1024;

const PRESETS = {
  tiny: { mutableRegionSize: MB, readOnlyRegionSize: 2 * MB, readCacheSize: 256 * KB },
  small: { mutableRegionSize: 4 * MB, readOnlyRegionSize: 16 * MB, readCacheSize: 2 * MB },
  standard: { mutableRegionSize: 32 * MB, readOnlyRegionSize: 0, readCacheSize: 8 * MB },
};
const READ_ONLY_REGION_MIN = 16 * MB;
const READ_ONLY_REGION_MAX = 256 * MB;
const READ_ONLY_SHARE_OF_MEMORY = 16;
const COMMIT_INTERVAL_MS = 1000;
const FEED_RETENTION = 64 * MB;
const MAX_DISK_PAGES_MIN = 16;
const MAX_MEMORY_PAGES_MIN = 8;
/** Pages that a store with `maxMemory` should have: garbage is gathered by the page. */
const MAX_MEMORY_PAGES = 32;
/** Pages that the regions should have: the ring of pages has two more. */
const REGION_PAGES = 48;
const PAGE_MIN = 128 * KB;
const PAGE_MAX = MB;
const REGION_MAX = 8192 * MB;
const DURABILITIES = ['always', 'everysec', 'interval', 'none'];
const POLICIES = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
];

/** The names of all options, each with the check of its value. */
const CHECKS: Record<keyof OpenOptions, (value: unknown) => boolean> = {
  // One that is given and undefined is more likely a variable that is not set than a wish for a store in memory.
  path: (value) => typeof value === 'string' && value.length > 0 && !value.includes('\0'),
  preset: (value) => typeof value === 'string' && Object.hasOwn(PRESETS, value),
  mutableRegionSize: isSize,
  readOnlyRegionSize: isSize,
  readCacheSize: isSize,
  pageSize: isSize,
  durability: (value) => DURABILITIES.includes(value as string),
  enableFsync: isBoolean,
  fsyncOnCommit: isBoolean,
  commitIntervalMs: (value) => typeof value === 'number' && value >= 1 && value <= 3_600_000,
  alignCommits: (value) => value === 512 || value === 4096,
  maxMemory: isSize,
  maxDisk: isSize,
  evictionPolicy: (value) => POLICIES.includes(value as string),
  ordered: (value) => isBoolean(value) || value === 'lazy',
  compaction: isBoolean,
  feedRetention: isSize,
  readOnly: isBoolean,
  recovery: (value) => value === 'strict' || value === 'salvage',
  lock: (value) => value === 'steal',
  codec: (value) => codecOf(value) !== undefined,
  features: (value) => Array.isArray(value) && value.every(isFeature),
  log: (value) => typeof value === 'function',
};

function isFeature(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { setup?: unknown }).setup === 'function';
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isSize(value: unknown): boolean {
  return parseSize(value as Size) !== undefined;
}

/** Options as the engine takes them, apart from device, clock and the like. Sizes in bytes, 0 for no limit. */
export interface ResolvedOptions<V> {
  path: string | null;
  /** Options that were named, not left to their defaults. */
  named: ReadonlySet<string>;
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
  codec: Codec<V>;
  features: readonly Feature[];
  log: Log | null;
}

function invalid(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_OPTION', message);
}

function checkNames(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined && name !== 'path') continue;
    if (!Object.hasOwn(CHECKS, name)) {
      throw invalid(`unknown option '${name}'; there are ${Object.keys(CHECKS).join(', ')}`);
    }
    if (!CHECKS[name as keyof OpenOptions](value)) throw invalid(`option '${name}' cannot be ${describe(value)}`);
  }
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1, breakLength: Infinity });
}

function durabilityOf<V>(options: OpenOptions<V>): Durability {
  const synced = options.enableFsync === true || options.fsyncOnCommit === true;
  if (synced && options.durability !== undefined && options.durability !== 'always') {
    throw invalid(`enableFsync and fsyncOnCommit mean durability 'always', not '${options.durability}'`);
  }
  if (options.path === undefined) {
    if (synced || (options.durability !== undefined && options.durability !== 'none')) {
      throw invalid('a memory-only store keeps nothing: durability needs a path');
    }
    return 'none';
  }
  return synced ? 'always' : (options.durability ?? 'everysec');
}

function checkTogether<V>(options: OpenOptions<V>, durability: Durability): void {
  if (options.commitIntervalMs !== undefined && durability !== 'interval') {
    throw invalid("commitIntervalMs needs durability 'interval'");
  }
  const needsPath = [
    'mutableRegionSize',
    'readOnlyRegionSize',
    'readCacheSize',
    'alignCommits',
    'maxDisk',
    'readOnly',
    'lock',
    'recovery',
    'feedRetention',
    'compaction',
  ] as const;
  for (const name of needsPath) {
    if (options.path === undefined && options[name] !== undefined) throw invalid(`option '${name}' needs a path`);
  }
  if (options.path !== undefined && options.maxMemory !== undefined) {
    throw invalid('maxMemory is for memory-only stores: with a path, set the region and cache sizes, or maxDisk');
  }
  if (options.evictionPolicy !== undefined && options.maxMemory === undefined && options.maxDisk === undefined) {
    throw invalid('evictionPolicy needs maxMemory or maxDisk');
  }
}

function namesOf<V>(options: OpenOptions<V>): Set<string> {
  const names = new Set(Object.keys(options).filter((name) => options[name as keyof OpenOptions<V>] !== undefined));
  if (options.enableFsync === true || options.fsyncOnCommit === true) names.add('durability');
  return names;
}

function bytesOf(size: Size): number {
  return parseSize(size) as number;
}

function pageFor(maxMemoryBytes: number, mutableBytes: number, readOnlyBytes: number): number {
  const wanted =
    maxMemoryBytes > 0
      ? maxMemoryBytes / MAX_MEMORY_PAGES
      : Math.min((mutableBytes + readOnlyBytes) / REGION_PAGES, mutableBytes);
  return Math.min(Math.max(2 ** Math.floor(Math.log2(wanted)), PAGE_MIN), PAGE_MAX);
}

/** A URL, a Map or a number has no option by name: it would open a store in memory, and keep nothing. */
function checkIsRecord(options: unknown): void {
  const isObject = typeof options === 'object' && options !== null;
  const prototype = isObject ? Object.getPrototypeOf(options) : undefined;
  if (prototype === null || (isObject && Object.getPrototypeOf(prototype) === null)) return;
  const name = isObject ? (options.constructor?.name ?? 'this object') : String(options);
  throw invalid(`open takes a path as a string, or an object of options, not ${name}`);
}

export function resolveOptions<V>(options: OpenOptions<V>): ResolvedOptions<V> {
  checkIsRecord(options);
  checkNames(options as Record<string, unknown>);
  const durability = durabilityOf(options);
  checkTogether(options, durability);
  const preset = PRESETS[options.preset ?? 'standard'];
  const maxMemoryBytes = bytesOf(options.maxMemory ?? 0);
  const share = Math.min(Math.max(totalmem() / READ_ONLY_SHARE_OF_MEMORY, READ_ONLY_REGION_MIN), READ_ONLY_REGION_MAX);
  const readOnlyBytes = bytesOf(options.readOnlyRegionSize ?? (preset.readOnlyRegionSize || Math.floor(share)));
  const mutableBytes = bytesOf(options.mutableRegionSize ?? preset.mutableRegionSize);
  const pageBytes = bytesOf(options.pageSize ?? pageFor(maxMemoryBytes, mutableBytes, readOnlyBytes));
  if (options.maxMemory !== undefined && maxMemoryBytes < MAX_MEMORY_PAGES_MIN * pageBytes) {
    throw invalid(`maxMemory must be at least ${MAX_MEMORY_PAGES_MIN} pages of ${pageBytes} bytes (pageSize)`);
  }
  if (pageBytes < PAGE_MIN || pageBytes > PAGE_MAX || Math.log2(pageBytes) % 1 !== 0) {
    throw invalid(`pageSize must be a power of two from ${PAGE_MIN} to ${PAGE_MAX} bytes`);
  }
  if (mutableBytes > REGION_MAX || readOnlyBytes > REGION_MAX) throw invalid('a region has at most 8gb');
  if (mutableBytes < pageBytes) throw invalid('mutableRegionSize must be at least one page (pageSize)');
  const readCacheBytes = bytesOf(options.readCacheSize ?? preset.readCacheSize);
  if (readCacheBytes > BUFFER_SIZE_MAX_BYTES) throw invalid('readCacheSize has at most 256mb');
  const maxDiskBytes = bytesOf(options.maxDisk ?? 0);
  if (options.maxDisk !== undefined && maxDiskBytes < MAX_DISK_PAGES_MIN * pageBytes) {
    throw invalid(`maxDisk must be at least ${MAX_DISK_PAGES_MIN} pages of ${pageBytes} bytes (pageSize)`);
  }
  if (maxDiskBytes > 0 && options.compaction === false) throw invalid('maxDisk needs compaction');
  const ordered = options.ordered ?? 'lazy';
  return {
    path: options.path ?? null,
    named: namesOf(options),
    durability,
    commitIntervalMs: options.commitIntervalMs ?? COMMIT_INTERVAL_MS,
    alignCommits: options.alignCommits ?? 0,
    pageBytes,
    mutableBytes,
    readOnlyBytes,
    readCacheBytes,
    maxMemoryBytes,
    maxDiskBytes,
    evictionPolicy: options.evictionPolicy ?? 'noeviction',
    ordered: ordered === 'lazy' ? 'lazy' : ordered ? 'always' : 'never',
    compaction: options.compaction ?? true,
    feedRetentionBytes: bytesOf(options.feedRetention ?? FEED_RETENTION),
    readOnly: options.readOnly ?? false,
    salvage: options.recovery === 'salvage',
    stealLock: options.lock === 'steal',
    codec: codecOf(options.codec ?? 'utf8') as Codec<V>,
    features: options.features ?? [],
    log: options.log ?? null,
  };
}
