/**
 * Every engine in every setting that a workload may ask for. A setting is an entry of its own, because what an engine
 * promises is part of its figure: the label and the durability are printed next to each number.
 *
 * A room (`lmdb.mjs` and so on) exports `packageName` and `connect(options)`, which loads the engine and returns
 * `open(path)`. What `open` resolves to is the interface that all workloads use:
 *
 *   get(key)                      the value or undefined; absent where an engine only reads asynchronously
 *   getMany(keys)                 values in order, or a promise of them: the engine's own batch of reads
 *   put(key, value)               returns a promise if `putWaits`
 *   batch(keys, values, count)    atomic; may return a promise
 *   putDurable(key, value)        a promise that resolves once the write is fsynced; only for `fsync` settings
 *   scan(prefix, limit, keys, values)   appends what it finds in key order; may return a promise
 *   settle()                      a promise that resolves once queued writes are committed; only with `readsLag`
 *   commit()                      a promise that resolves once all so far is on the disk; only Ferrite
 *   figures()                     the engine's own counters; only Ferrite
 *   close()                       may return a promise
 *
 * Peers run without fsync and survive a kill of the process, as Ferrite's default does, unless the entry says otherwise.
 */
import { existsSync, readFileSync } from 'node:fs';

const rooms = {
  ferrite: () => import('./ferrite.mjs'),
  lmdb: () => import('./lmdb.mjs'),
  sqlite: () => import('./sqlite.mjs'),
  level: () => import('./level.mjs'),
  rocksdb: () => import('./rocksdb.mjs'),
  map: () => import('./map.mjs'),
  liar: () => import('./liar.mjs'),
};

const ferriteEverysec = 'fsync every second; kill loses nothing, power cut the last second';
const ferriteInterval = 'fsync every second; kill or power cut lose at most the last second';
const fsynced = 'fsync before each acknowledgement';
const lmdbNoSync = 'no fsync; kill loses nothing, power cut may corrupt';
const lmdbQueued = 'no fsync; acknowledged before it is committed, power cut may corrupt';
const sqliteOff = 'no fsync; WAL, synchronous=OFF: kill loses nothing, power cut may corrupt';
const lsmNoSync = 'no fsync; kill loses nothing, power cut the newest writes';
const smallRegions = { mutableRegionSize: '4mb', readOnlyRegionSize: '12mb', readCacheSize: '1mb' };
const smallCacheBytes = 16 * 1024 * 1024;

const entry = (room, label, durability, options = {}) => ({ room, label, durability, options });

export const engines = {
  ferrite: entry('ferrite', 'Ferrite', ferriteEverysec),
  'ferrite-interval': entry('ferrite', 'Ferrite, interval', ferriteInterval, { durability: 'interval' }),
  'ferrite-always': entry('ferrite', 'Ferrite, always', fsynced, { durability: 'always' }),
  'ferrite-16mb': entry('ferrite', 'Ferrite, 16 MB', ferriteEverysec, { ...smallRegions, ordered: false }),
  'ferrite-16mb-lazy': entry('ferrite', 'Ferrite, 16 MB, ordered', ferriteEverysec, smallRegions),
  lmdb: entry('lmdb', 'lmdb', lmdbNoSync, { noSync: true }),
  'lmdb-queued': entry('lmdb', 'lmdb, queued put', lmdbQueued, { noSync: true, isQueued: true }),
  'lmdb-writemap': entry('lmdb', 'lmdb, writable map', lmdbNoSync, { noSync: true, useWritemap: true }),
  'lmdb-fsync': entry('lmdb', 'lmdb, fsync', fsynced, { overlappingSync: false }),
  sqlite: entry('sqlite', 'SQLite', sqliteOff),
  'sqlite-16mb': entry('sqlite', 'SQLite, 16 MB cache', sqliteOff, { cacheBytes: smallCacheBytes }),
  level: entry('level', 'LevelDB', lsmNoSync),
  'level-16mb': entry('level', 'LevelDB, 16 MB cache', lsmNoSync, { cacheSize: smallCacheBytes }),
  'level-fsync': entry('level', 'LevelDB, fsync', fsynced),
  rocksdb: entry('rocksdb', 'RocksDB', lsmNoSync),
  map: { ...entry('map', 'JS Map', 'nothing stored: the limit'), isVolatile: true },
  // These two stand for a broken engine. A test runs them; every workload must refuse them.
  'liar-forgets': entry('liar', 'forgets', 'none', { forgets: true }),
  'liar-confuses': entry('liar', 'confuses', 'none', { forgets: false }),
};

/** Loads the adapter, which is ours and small, so that only the engine's own library is timed later. */
export async function preload(name) {
  await rooms[engines[name].room]();
}

/** Loads the engine's library (timed by the workloads that ask for start-up) and returns its `open(path)`. */
export async function connect(name) {
  const room = await rooms[engines[name].room]();
  return room.connect(engines[name].options);
}

/** The version installed, or null when the engine is not there. */
export async function versionOf(name) {
  const { packageName } = await rooms[engines[name].room]();
  if (packageName === null) return process.version;
  const manifest = packageName.startsWith('@ferrite/')
    ? new URL('../node_modules/@ferrite/lite/package.json', import.meta.url)
    : new URL(`../peers/node_modules/${packageName}/package.json`, import.meta.url);
  const entryPoint = packageName.startsWith('@ferrite/') ? new URL('./dist/index.js', manifest) : manifest;
  return existsSync(entryPoint) ? JSON.parse(readFileSync(manifest, 'utf8')).version : null;
}
