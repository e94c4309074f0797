/**
 * `expireMembers`: takes out members whose time is over, as their wheel names them: a few at a time, so that a collection of
 * a million due ones holds the loop no longer than a million collections of one.
 *
 * As with keys (`expire-due.ts`) an entry of the wheel is only a hint, record and clock decide, and nothing is logged: a
 * member that an open brings back is due again. Only where all members are due the key is removed, with a record that says
 * so: of its members, segments with some may be gone when the others come back, and no key may be left without any.
 */
import { isCold } from './address.ts';
import { isDue } from './find.ts';
import { type LargeValue, OBJECT_TABLES } from './large-values.ts';
import { locate, locateWhole } from './locate.ts';
import { isMemberDue, markOfTime } from './member-expiry.ts';
import { membersOf } from './members.ts';
import { expiryOf, FLAG_EXPIRY, flagsOf, keyLengthOf, keyOffsetOf, recordUnits } from './record.ts';
import { remove } from './remove.ts';
import type { Store } from './store.ts';

const POLL_ENTRIES = 64;
/** After a failure of the device, those that were to go are named again. */
const RETRY_MS = 1000;
/** Stale entries are looked for when the wheel has grown so much since the last round. */
const SWEEP_GROWTH = 2;
const SWEEP_MIN_ENTRIES = 4096;
const SWEEP_ENTRIES = 1024;

interface Entry {
  hash: number;
  id: number;
  mark: number;
}

interface DueMember {
  hash: number;
  address: number;
  units: number;
}

/** Takes out what is due: a few members, and more for about `budgetMs`. Returns whether there are more. */
export function expireMembers(store: Store, budgetMs: number): boolean {
  const { memberWheel: wheel, clock } = store;
  if (wheel.size === 0 || store.identity.readOnly || store.committer.poisoned !== null) return false;
  if (budgetMs > 0) sweepStale(store);
  if (wheel.nextDueMs() > store.nowMs()) return false;
  if (store.ordered?.isWaiting === true) store.ordered.prepare();
  const beganMs = clock.monotonicMs();
  let isMore = true;
  do {
    pollOnce(store);
    isMore = wheel.nextDueMs() <= store.nowMs();
  } while (isMore && clock.monotonicMs() - beganMs < budgetMs);
  store.noteHold('expire-cycle', clock.monotonicMs() - beganMs);
  return isMore;
}

function pollOnce(store: Store): void {
  const entries: Entry[] = [];
  store.memberWheel.poll(store.nowMs(), POLL_ENTRIES, (hash, id, mark) => entries.push({ hash, id, mark }));
  try {
    for (const [id, hashes] of byObject(entries)) {
      const object = store.large.isLive(store, id) ? store.large.get(id) : undefined;
      if (object !== undefined) expireOf(store, object, hashes);
    }
  } catch (error) {
    const retryAtMs = store.nowMs() + RETRY_MS;
    for (const { hash, id, mark } of entries) store.memberWheel.add(retryAtMs, hash, id, mark);
    throw error;
  }
}

function byObject(entries: readonly Entry[]): Map<number, Set<number>> {
  const objects = new Map<number, Set<number>>();
  for (const { hash, id } of entries) {
    const hashes = objects.get(id);
    if (hashes === undefined) objects.set(id, new Set([hash]));
    else hashes.add(hash);
  }
  return objects;
}

/** Takes out the due ones of the collection's members with these hashes; with the last member the key goes. */
function expireOf(store: Store, object: LargeValue, hashes: ReadonlySet<number>): void {
  const { rootDatabase: database, rootAddress } = object;
  const due = dueMembers(store, object, hashes);
  if (due.length === 0) return;
  locate(store, rootAddress);
  // With its key all of it goes.
  if ((flagsOf(store.words[store.word + 1]) & FLAG_EXPIRY) !== 0 && isDue(store)) return;
  const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
  store.key.setFrom(store.bytes, start, keyLengthOf(store.words, store.word));
  const isGone = isAll(object, due.length);
  if (isGone) removeKey(store, object, due);
  else {
    for (const member of due) removeMember(store, object, member);
    store.changed(database, false);
  }
  store.counters.expiredMembers += due.length;
  if (store.listeners.size > 0) store.onMembersExpired(database, isGone);
}

function dueMembers(store: Store, object: LargeValue, hashes: ReadonlySet<number>): DueMember[] {
  const table = membersOf(object);
  const due: DueMember[] = [];
  for (const hash of hashes) {
    for (let address = table.find(hash); address !== 0; address = table.next(hash)) {
      // A damaged one stays: whoever asks for it is told.
      if (!locateWhole(store, address) || !isMemberDue(store, object)) continue;
      due.push({ hash, address, units: recordUnits(store.words, store.word) });
    }
  }
  return due;
}

/** Whether the collection has no more than `count` members: loads of them what it takes to know. */
function isAll(object: LargeValue, count: number): boolean {
  const table = membersOf(object);
  while (table.count <= count && table.loadNext());
  return table.count <= count;
}

/** The key goes, with all that is left of its collection. If that is undone its members are due again. */
function removeKey(store: Store, object: LargeValue, due: readonly DueMember[]): void {
  store.journal.pushUndo(() => {
    for (const { hash } of due) store.memberWheel.add(0, hash, object.id, 0);
  });
  store.relocate(object.rootDatabase, object.rootAddress);
  remove(store, object.rootDatabase, object.rootAddress);
}

function removeMember(store: Store, object: LargeValue, { hash, address, units }: DueMember): void {
  const table = membersOf(object);
  if (!table.findAddress(hash, address)) return;
  table.remove();
  store.addDead(address, units);
  // Of a write that may yet be undone: what it replaced comes back by way of it. Any other member stays gone.
  const mayBeUndone = !isCold(address) && address >= store.log.flushedUntil;
  if (mayBeUndone) store.journal.push(OBJECT_TABLES + object.id, hash, address, 0, units);
}

/**
 * Members whose expiry is set anew again and again leave an entry each time: they are dropped, a part of the wheel a call, once they may be half of
 * it. An entry of a record that is not in memory stays.
 */
function sweepStale(store: Store): void {
  const { memberWheel: wheel } = store;
  if (wheel.size < SWEEP_MIN_ENTRIES || wheel.size < store.sweptMembers * SWEEP_GROWTH) return;
  const isStale = (hash: number, id: number, mark: number) => !isWanted(store, hash, id, mark);
  if (wheel.sweep(SWEEP_ENTRIES, isStale)) store.sweptMembers = wheel.size;
}

function isWanted(store: Store, hash: number, id: number, mark: number): boolean {
  const table = store.large.get(id)?.members;
  if (table === undefined || table === null) return false;
  if (!table.isLoaded) return true;
  for (let address = table.find(hash); address !== 0; address = table.next(hash)) {
    if (!store.log.isInMemory(address)) return true;
    locate(store, address);
    const expiresAtMs = expiryOf(store.words, store.word);
    if (expiresAtMs !== 0 && markOfTime(expiresAtMs) === mark) return true;
  }
  return false;
}
