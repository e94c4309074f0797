/**
 * Watched keys: a change of one, by whomever, breaks the watch of the clients that have it, and lets their EXEC fail.
 *
 * A key that ends meanwhile has changed, too. Since every other change breaks the watch, its expiry at EXEC is the one
 * it had at WATCH, so that no record is read for it.
 */
import type { Call } from '../commands/call.ts';
import { find } from '../engine/find.ts';
import { expiryOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import type { Client } from './client.ts';
import { type KeyEntry, KeyMap } from './key-map.ts';

export interface Watch {
  readonly client: Client;
  readonly entry: KeyEntry<Watch[]>;
  readonly database: number;
  readonly exists: boolean;
  /** ms since the epoch, 0 for never. */
  readonly expiresAtMs: number;
}

export class Watches {
  private readonly store: Store;
  private readonly onInterest: () => void;
  private readonly byKey = new KeyMap<Watch[]>();

  /** `onInterest` is called when there may be watched keys where there were none, or the other way round. */
  constructor(store: Store, onInterest: () => void) {
    this.store = store;
    this.onInterest = onInterest;
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Watches argument `i`. */
  add(call: Call, client: Client, i: number): void {
    if (client.isWatchBroken) return;
    const { store } = this;
    const { database } = call.session;
    const exists = call.findKey(i) !== 0;
    const expiresAtMs = exists ? expiryOf(store.words, store.word) : 0;
    const entry = this.byKey.find(store.key) ?? this.byKey.add(store.key, []);
    if (entry.value.some((watch) => watch.client === client && watch.database === database)) return;
    const watch = { client, entry, database, exists, expiresAtMs };
    entry.value.push(watch);
    client.watches.push(watch);
    this.onInterest();
  }

  /** Whether a key of the client's has changed since it was watched. */
  isBroken(client: Client): boolean {
    if (client.isWatchBroken || client.watches.length === 0) return client.isWatchBroken;
    const nowMs = this.store.nowMs();
    return client.watches.some(({ expiresAtMs }) => expiresAtMs !== 0 && expiresAtMs <= nowMs);
  }

  /** Forgets the client's watches, and that they were broken. */
  forget(client: Client): void {
    client.isWatchBroken = false;
    this.drop(client);
  }

  /** The key in the scratch has changed. */
  keyChanged(database: number): void {
    const entry = this.byKey.find(this.store.key);
    if (entry === undefined) return;
    for (const watch of [...entry.value]) if (watch.database === database) this.break(watch.client);
  }

  /** All keys of a database are gone; -1: of all. */
  flushed(database: number): void {
    for (const watch of this.all()) {
      if (watch.exists && (database < 0 || watch.database === database)) this.break(watch.client);
    }
  }

  /** Two databases have exchanged their keys. One whose time is over is as good as absent on either side. */
  swapped(one: number, other: number): void {
    const { store } = this;
    for (const watch of this.all()) {
      if (watch.database !== one && watch.database !== other) continue;
      store.key.set(watch.entry.key);
      if (watch.exists || this.isIn(one) || this.isIn(other)) this.break(watch.client);
    }
  }

  /** Whether the key in the scratch is in the database. Were it taken out here, that would count as a change. */
  private isIn(database: number): boolean {
    const { store } = this;
    store.passesOverDue = true;
    const found = find(store, store.namespaces.of(database));
    store.passesOverDue = false;
    return found !== 0;
  }

  private all(): Watch[] {
    const found: Watch[] = [];
    for (const entry of this.byKey.entries()) found.push(...entry.value);
    return found;
  }

  private break(client: Client): void {
    client.isWatchBroken = true;
    this.drop(client);
  }

  private drop(client: Client): void {
    if (client.watches.length === 0) return;
    for (const watch of client.watches) {
      const { value } = watch.entry;
      value.splice(value.indexOf(watch), 1);
      if (value.length === 0) this.byKey.remove(watch.entry);
    }
    client.watches = [];
    this.onInterest();
  }
}
