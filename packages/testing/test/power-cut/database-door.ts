/**
 * One door to all databases of a store: key `k` is of database 0, `3/k` of database 3. Database 0 is reached as a program
 * does it, the others through the operations that commands call.
 */
import type { Driven } from '@ferrite/core/module';
import { flushNamespaces, swapDatabases } from '../../../core/src/engine/flush.ts';
import { deleteKey, expireKey, expiryOfFound, findKey, readText, setIf } from '../../../core/src/keyspace/strings.ts';
import { type KeyPlace, moveValue } from '../../../core/src/keyspace/move-value.ts';

const UNCONDITIONAL = { keepTtl: false, ifAbsent: false, ifPresent: false, ifVersion: -1 };

/** The database that a key is of. */
export function databaseOf(key: string): number {
  const end = key.indexOf('/');
  return end < 0 ? 0 : Number(key.slice(0, end));
}

/** The same key in another database. */
export function keyIn(database: number, key: string): string {
  const name = key.slice(key.indexOf('/') + 1);
  return database === 0 ? name : `${database}/${name}`;
}

export class DatabaseDoor {
  readonly #driven: Driven<string>;

  constructor(driven: Driven<string>) {
    this.#driven = driven;
  }

  #namespaceOf(key: string): number {
    return this.#driven.store.namespaces.of(databaseOf(key));
  }

  get(key: string): string | undefined {
    const { db, store } = this.#driven;
    if (databaseOf(key) === 0) return db.get(key);
    return findKey(store, this.#namespaceOf(key), keyIn(0, key)) === 0 ? undefined : readText(store);
  }

  /** ms since the epoch, 0 for never; of a key that is there. */
  expiresAtMs(key: string): number {
    const { store } = this.#driven;
    findKey(store, this.#namespaceOf(key), keyIn(0, key));
    return expiryOfFound(store);
  }

  set(key: string, value: string, ttlMs: number): void {
    const { db, store } = this.#driven;
    if (databaseOf(key) === 0) {
      db.set(key, value, ttlMs === 0 ? undefined : { ttlMs });
      return;
    }
    const expiresAtMs = ttlMs === 0 ? 0 : store.nowMs() + ttlMs;
    setIf(store, this.#namespaceOf(key), keyIn(0, key), value, { ...UNCONDITIONAL, expiresAtMs }, null);
    store.committer.afterWrite();
  }

  del(key: string): boolean {
    const { db, store } = this.#driven;
    if (databaseOf(key) === 0) return db.del(key);
    const done = deleteKey(store, this.#namespaceOf(key), keyIn(0, key));
    store.committer.afterWrite();
    return done;
  }

  expire(key: string, ttlMs: number): boolean {
    const { db, store } = this.#driven;
    if (databaseOf(key) === 0) return db.expire(key, ttlMs);
    const done = expireKey(store, this.#namespaceOf(key), keyIn(0, key), store.nowMs() + ttlMs);
    store.committer.afterWrite();
    return done;
  }

  /** Takes away all keys of some databases. */
  flush(databases: readonly number[]): void {
    const { store } = this.#driven;
    this.#change(() => {
      flushNamespaces(
        store,
        databases.reduce((mask, database) => mask | (1 << store.namespaces.of(database)), 0),
      );
    });
  }

  swap(one: number, other: number): void {
    this.#change(() => swapDatabases(this.#driven.store, one, other));
  }

  /** `from`, which is there, is called `to` from now on. */
  move(from: string, to: string): void {
    this.#change(() => moveValue(this.#driven.store, this.#placeOf(from), this.#placeOf(to)));
  }

  #placeOf(key: string): KeyPlace {
    const bytes = Buffer.from(keyIn(0, key));
    return { database: this.#namespaceOf(key), bytes, start: 0, end: bytes.length };
  }

  #change(run: () => void): void {
    const { store } = this.#driven;
    store.checkWritable(0);
    try {
      run();
    } catch (error) {
      throw store.failWrite(error);
    }
    store.committer.afterWrite();
  }
}
