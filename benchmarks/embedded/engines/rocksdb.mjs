/**
 * RocksDB through rocksdb-native. Every call crosses to a thread and back, so single gets and puts measure that trip and
 * not RocksDB: the workloads compare its batches of writes and of reads.
 */
import { mkdirSync } from 'node:fs';
import { loadPeer } from './peer.mjs';

export const packageName = 'rocksdb-native';

export async function connect() {
  const RocksDb = loadPeer('rocksdb-native');
  return async (path) => {
    mkdirSync(path, { recursive: true });
    const db = new RocksDb(path);
    await db.ready();
    return handle(db);
  };
}

function handle(db) {
  return {
    putWaits: true,
    getMany: (keys) => getMany(db, keys),
    put: (key, value) => db.put(key, value),
    batch: async (keys, values, count) => {
      const batch = db.write({ capacity: count });
      for (let at = 0; at < count; at += 1) batch.tryPut(keys[at], values[at]);
      await batch.flush();
      batch.destroy();
    },
    scan: (prefix, limit, keys, values) => scan(db, prefix, limit, keys, values),
    close: () => db.close(),
  };
}

async function getMany(db, keys) {
  const batch = db.read({ capacity: keys.length });
  const pending = keys.map((key) => batch.get(key));
  batch.tryFlush();
  const values = await Promise.all(pending);
  batch.destroy();
  return values.map((value) => (value === null ? undefined : value.toString('utf8')));
}

async function scan(db, prefix, limit, keys, values) {
  const range = { gte: prefix, lt: `${prefix}\uffff` };
  for await (const found of db.iterator(range, { limit, capacity: limit })) {
    keys.push(found.key.toString('utf8'));
    values.push(found.value.toString('utf8'));
  }
}
