/**
 * `flushNamespaces` takes all keys of some namespaces away, `swapDatabases` exchanges what two databases hold: one META
 * record each, however many keys there are.
 *
 * A namespace that is flushed gets a new table. Its records before the META record are dead: replay drops what it noted
 * of them, with the slices of the checkpoint that are older. What they took is counted later (`dropped-tables.ts`).
 */

import type { HashTable } from './hash-table.ts';
import { appendFlush, appendSwap } from './meta-record.ts';
import { DATABASES } from './namespaces.ts';
import type { Store } from './store.ts';

export const ALL_NAMESPACES = 2 ** DATABASES - 1;

/** Takes away all keys of the namespaces of which the bit is set. */
export function flushNamespaces(store: Store, mask: number): void {
  const namespaces = store.databases();
  const flushed = namespaces.filter((namespace) => (mask & (1 << namespace)) !== 0 && !isEmpty(store, namespace));
  if (flushed.length === 0) return;
  const isEverything = namespaces.every((namespace) => flushed.includes(namespace) || isEmpty(store, namespace));
  const { dropped } = store;
  const units = isEverything ? 0 : dropped.meanUnits;
  const coldTail = store.cold?.tail ?? 0;
  const address = store.hasDisk ? appendFlush(store, mask, coldTail) : 0;
  for (const namespace of flushed) {
    const table = flushOne(store, namespace);
    if (!isEverything) dropped.add(table, address, units);
  }
  if (isEverything) dropped.addEverything(address, coldTail);
  store.journal.pushUndo(() => dropped.takeBack(address));
  store.mutations++;
  // The entries of what is gone are stale: they are looked for from now on.
  store.sweptSize = 0;
}

/** Returns the table that the namespace had. */
function flushOne(store: Store, namespace: number): HashTable {
  const table = store.table(namespace);
  store.makeTable(namespace, 0, store.checkpointer?.slicesOf(namespace) ?? 1);
  store.large.dropNamespace(store, namespace);
  store.ordered?.flushed(namespace);
  store.journal.pushUndo(() => {
    store.setTable(namespace, table);
    store.ordered?.forget(namespace);
  });
  return table;
}

function isEmpty(store: Store, namespace: number): boolean {
  const table = store.table(namespace);
  return table.isLoaded && table.count === 0;
}

/** Each of two databases has the keys of the other from now on. */
export function swapDatabases(store: Store, one: number, other: number): void {
  if (one === other) return;
  const address = store.hasDisk ? appendSwap(store, one, other) : 0;
  const { namespaces } = store;
  const before = [namespaces.swappedAt(one), namespaces.swappedAt(other)];
  namespaces.swap(one, other, address, address);
  store.ordered?.moveTo(namespaces.of(0));
  store.journal.pushUndo(() => {
    namespaces.swap(one, other, before[0], before[1]);
    store.ordered?.moveTo(namespaces.of(0));
  });
  store.mutations++;
}
