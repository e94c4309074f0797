/** LevelDB through classic-level: reads are synchronous (`getSync`), writes are promises. */
import { mkdirSync } from 'node:fs';
import { loadPeer } from './peer.mjs';

export const packageName = 'classic-level';

const synced = { sync: true };

export async function connect(options) {
  const { ClassicLevel } = loadPeer('classic-level');
  return async (path) => {
    mkdirSync(path, { recursive: true });
    const db = new ClassicLevel(path, options);
    await db.open();
    return handle(db);
  };
}

function handle(db) {
  return {
    putWaits: true,
    get: (key) => db.getSync(key),
    getMany: (keys) => db.getMany(keys),
    put: (key, value) => db.put(key, value),
    batch: (keys, values, count) => {
      const batch = db.batch();
      for (let at = 0; at < count; at += 1) batch.put(keys[at], values[at]);
      return batch.write();
    },
    putDurable: (key, value) => db.put(key, value, synced),
    scan: (prefix, limit, keys, values) => scan(db, prefix, limit, keys, values),
    close: () => db.close(),
  };
}

async function scan(db, prefix, limit, keys, values) {
  for (const [key, value] of await db.iterator({ gte: prefix, lt: `${prefix}\uffff`, limit }).all()) {
    keys.push(key);
    values.push(value);
  }
}
