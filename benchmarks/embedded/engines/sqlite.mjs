/** SQLite through better-sqlite3: one table without row ids, write-ahead log, prepared statements. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadPeer } from './peer.mjs';

export const packageName = 'better-sqlite3';

export async function connect({ cacheBytes = 0 }) {
  const Sqlite = loadPeer('better-sqlite3');
  return (path) => {
    mkdirSync(path, { recursive: true });
    const db = new Sqlite(join(path, 'store.db'));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = OFF');
    if (cacheBytes > 0) db.pragma(`cache_size = -${Math.round(cacheBytes / 1024)}`);
    db.exec('CREATE TABLE IF NOT EXISTS store (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
    return handle(db);
  };
}

function handle(db) {
  const selectOne = db.prepare('SELECT value FROM store WHERE key = ?').pluck();
  const replace = db.prepare('REPLACE INTO store VALUES (?, ?)');
  const selectRange = db.prepare('SELECT key, value FROM store WHERE key >= ? AND key < ? ORDER BY key LIMIT ?').raw();
  const batch = db.transaction((keys, values, count) => {
    for (let at = 0; at < count; at += 1) replace.run(keys[at], values[at]);
  });
  const getMany = db.transaction((keys) => keys.map((key) => selectOne.get(key)));
  return {
    putWaits: false,
    get: (key) => selectOne.get(key),
    getMany,
    put: (key, value) => {
      replace.run(key, value);
    },
    batch,
    scan: (prefix, limit, keys, values) => {
      for (const [key, value] of selectRange.all(prefix, `${prefix}\uffff`, limit)) {
        keys.push(key);
        values.push(value);
      }
    },
    close: () => {
      db.close();
    },
  };
}
