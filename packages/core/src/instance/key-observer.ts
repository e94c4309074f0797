/** Hands on what the store tells of changes of keys, by whichever door; asks for it only while somebody wants to know. */
import type { StoreObserver } from '../engine/store.ts';
import type { Instance } from './instance.ts';

export class KeyObserver implements StoreObserver {
  private readonly instance: Instance;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  /** Who wants to know has changed. */
  refresh(): void {
    const { store, watches, tracking, notifications, blocking } = this.instance;
    const isWanted = watches.size > 0 || blocking.size > 0 || tracking.clients.size > 0 || notifications.tellsNew;
    if (isWanted) store.observe(this);
    else store.unobserve(this);
  }

  keyChanged(namespace: number, isNew: boolean): void {
    const { store, watches, tracking, notifications, blocking } = this.instance;
    const database = store.namespaces.databaseOf(namespace);
    if (watches.size > 0) watches.keyChanged(database);
    if (blocking.size > 0) blocking.keyChanged(database);
    if (tracking.clients.size > 0) tracking.keyChanged();
    if (isNew && notifications.tellsNew) notifications.notify('n', 'new', database);
  }
}
