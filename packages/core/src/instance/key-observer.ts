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
    const { store, watches, tracking, notifications } = this.instance;
    const isWanted = watches.size > 0 || tracking.clients.size > 0 || notifications.tellsNew;
    store.observer = isWanted ? this : null;
  }

  keyChanged(namespace: number, isNew: boolean): void {
    const { store, watches, tracking, notifications } = this.instance;
    const database = store.namespaces.databaseOf(namespace);
    if (watches.size > 0) watches.keyChanged(database);
    if (tracking.clients.size > 0) tracking.keyChanged();
    if (isNew && notifications.tellsNew) notifications.notify('n', 'new', database);
  }
}
