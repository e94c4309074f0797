/**
 * LMDB through lmdb-js. With `isQueued` a put is handed to its writer thread and acknowledged before it is committed, so
 * that a read may still find the value before it. `overlappingSync: false` is its setting in which the promise of a put
 * resolves after the fsync (measured faster than waiting for `flushed` with overlapping syncs).
 */
import { join } from 'node:path';
import { loadPeer } from './peer.mjs';

export const packageName = 'lmdb';

export async function connect({ isQueued = false, ...options }) {
  const { open } = loadPeer('lmdb');
  return (path) => handle(open({ path: join(path, 'store'), encoding: 'string', ...options }), isQueued, options);
}

function handle(db, isQueued, options) {
  let last;
  return {
    putWaits: false,
    readsLag: isQueued,
    get: (key) => db.get(key),
    getMany: (keys) => getEach(db, keys),
    put: isQueued
      ? (key, value) => {
          last = db.put(key, value);
        }
      : (key, value) => {
          db.putSync(key, value);
        },
    batch: (keys, values, count) => {
      db.transactionSync(() => {
        for (let at = 0; at < count; at += 1) db.put(keys[at], values[at]);
      });
    },
    putDurable: options.overlappingSync === false ? (key, value) => db.put(key, value) : undefined,
    scan: (prefix, limit, keys, values) => scan(db, prefix, limit, keys, values),
    settle: () => last,
    close: () => db.close(),
  };
}

/** A loop of `get`: lmdb's own `getMany` goes through the thread pool and is twice as slow when pages are in memory. */
function getEach(db, keys) {
  const values = new Array(keys.length);
  for (let at = 0; at < keys.length; at += 1) values[at] = db.get(keys[at]);
  return values;
}

function scan(db, prefix, limit, keys, values) {
  for (const found of db.getRange({ start: prefix, end: `${prefix}\uffff`, limit })) {
    keys.push(found.key);
    values.push(found.value);
  }
}
