/**
 * Operations on the groups of a stream: who reads which entries, and what is pending for whom. The key was found, and
 * `streamOf` has been asked.
 *
 * When a consumer last asked for something is written when it is given an entry; what was not written is forgotten when the
 * store closes.
 */
import type { StreamId } from '../base/stream-id.ts';
import {
  getPending,
  putConsumer,
  putGroup,
  putPending,
  removeConsumer,
  removeGroup,
  removePending,
  setPendingKey,
} from '../engine/group-records.ts';
import type { LargeValue } from '../engine/large-values.ts';
import { bringMembersByHash } from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import {
  makeConsumer,
  makeGroup,
  NEVER_MS,
  READ_UNKNOWN,
  type StreamConsumer,
  type StreamGroup,
  type StreamIndex,
} from '../engine/stream-index.ts';
import { PendingEntry, setEntryKey } from '../engine/stream-records.ts';
import { forEachId } from './streams.ts';

const pending = new PendingEntry();

/** Makes a group that has read up to an ID; false if there is one of this name. */
export function createGroup(
  store: Store,
  object: LargeValue,
  index: StreamIndex,
  name: string,
  lastId: StreamId,
  entriesRead: number,
): boolean {
  if (index.groups.has(name)) return false;
  const group = makeGroup(index.nextGroup++, name);
  index.groups.set(name, group);
  setGroupId(store, object, group, lastId, entriesRead);
  return true;
}

export function setGroupId(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  lastId: StreamId,
  entriesRead: number,
): void {
  group.lastId.set(lastId);
  group.entriesRead = entriesRead;
  putGroup(store, object, group);
}

/** Removes a group with all that is pending for it. */
export function destroyGroup(store: Store, object: LargeValue, index: StreamIndex, group: StreamGroup): void {
  bringPending(store, object, group, [...idsOf(group.pending)]);
  forEachId(group.pending, (id) => removePending(store, object, group, id));
  for (const consumer of group.consumers.values()) removeConsumer(store, object, group, consumer);
  removeGroup(store, object, group);
  index.groups.delete(group.name);
}

export function createConsumer(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  name: string,
  seenAtMs: number,
  activeAtMs = NEVER_MS,
): StreamConsumer {
  const consumer = makeConsumer(group.nextConsumer++, name);
  consumer.seenAtMs = seenAtMs;
  consumer.activeAtMs = activeAtMs;
  group.consumers.set(name, consumer);
  group.byNumber.set(consumer.number, consumer);
  putConsumer(store, object, group, consumer);
  return consumer;
}

/** Removes a consumer with what is pending for it; returns how much that was. */
export function deleteConsumer(store: Store, object: LargeValue, group: StreamGroup, consumer: StreamConsumer): number {
  const ids = [...idsOf(consumer.pending)];
  bringPending(store, object, group, ids);
  for (const id of ids) {
    removePending(store, object, group, id);
    group.pending.remove(id);
  }
  removeConsumer(store, object, group, consumer);
  group.consumers.delete(consumer.name);
  group.byNumber.delete(consumer.number);
  return ids.length;
}

function idsOf(list: StreamGroup['pending']): StreamId[] {
  const ids: StreamId[] = [];
  forEachId(list, (id) => ids.push(id.copy()));
  return ids;
}

/** Before the first write: lets a command wait for records of entries and of what is pending, where some may be on disk. */
export function bringPending(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  ids: readonly StreamId[],
  withEntries = false,
): void {
  if (!store.hasRecordsOnDisk) return;
  const hashes: number[] = [];
  for (const id of ids) {
    setPendingKey(store, group, id);
    hashes.push(store.member.hash);
    if (!withEntries) continue;
    setEntryKey(store, id);
    hashes.push(store.member.hash);
  }
  bringMembersByHash(store, object, hashes, hashes.length);
}

/** Nothing is pending any more of these entries; returns of how many it was. */
export function acknowledge(store: Store, object: LargeValue, group: StreamGroup, ids: readonly StreamId[]): number {
  const there = ids.filter((id) => group.pending.has(id));
  bringPending(store, object, group, there);
  let count = 0;
  for (const id of there) if (dropPending(store, object, group, id)) count++;
  return count;
}

/** An entry is not pending any more; false if it was not. */
export function dropPending(store: Store, object: LargeValue, group: StreamGroup, id: StreamId): boolean {
  if (!group.pending.has(id)) return false;
  getPending(store, object, group, id, pending);
  group.byNumber.get(pending.consumer)?.pending.remove(id);
  group.pending.remove(id);
  removePending(store, object, group, id);
  return true;
}

/** What is said of a pending entry; it is there until the next call. */
export function pendingOf(store: Store, object: LargeValue, group: StreamGroup, id: StreamId): PendingEntry {
  getPending(store, object, group, id, pending);
  return pending;
}

/** An entry is pending for a consumer from now on, whoever had it before. */
export function setPending(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  consumer: StreamConsumer,
  id: StreamId,
  deliveredAtMs: number,
  deliveries: number,
): void {
  if (!group.pending.add(id)) {
    const old = group.byNumber.get(pendingOf(store, object, group, id).consumer);
    if (old !== consumer) old?.pending.remove(id);
  }
  consumer.pending.add(id);
  pending.id.set(id);
  pending.consumer = consumer.number;
  pending.deliveredAtMs = deliveredAtMs;
  pending.deliveries = deliveries;
  putPending(store, object, group, pending);
}

/** The group has been given an entry: what it has read so far, of how many, follows. */
export function advance(index: StreamIndex, group: StreamGroup, id: StreamId): void {
  if (id.compare(group.lastId) <= 0) return;
  if (group.entriesRead !== READ_UNKNOWN && !hasHoles(index, id)) group.entriesRead++;
  else if (index.entriesAdded > 0) group.entriesRead = distanceTo(index, id);
  group.lastId.set(id);
}

/** How many entries the group has not read yet; null if that cannot be told. */
export function lagOf(index: StreamIndex, group: StreamGroup): number | null {
  if (index.entriesAdded === 0) return 0;
  if (group.entriesRead !== READ_UNKNOWN && !hasHoles(index, group.lastId)) {
    return index.entriesAdded - group.entriesRead;
  }
  const read = distanceTo(index, group.lastId);
  return read === READ_UNKNOWN ? null : index.entriesAdded - read;
}

/** Whether entries may have been removed from an ID on. */
function hasHoles(index: StreamIndex, from: StreamId): boolean {
  const { entries, maxDeletedId } = index;
  if (entries.count === 0 || maxDeletedId.isMin || from.compare(maxDeletedId) > 0) return false;
  index.loadFirst(pending.id);
  return pending.id.compare(maxDeletedId) <= 0;
}

/** How many entries were added up to an ID, or `READ_UNKNOWN`: redis's estimate, which only the ends of a stream allow. */
export function distanceTo(index: StreamIndex, id: StreamId): number {
  const { entries, entriesAdded, lastId, maxDeletedId } = index;
  if (entriesAdded === 0) return 0;
  const toLast = id.compare(lastId);
  if (entries.count === 0 && toLast <= 0) return entriesAdded;
  if (toLast === 0) return entriesAdded;
  if (toLast > 0) return READ_UNKNOWN;
  index.loadFirst(pending.id);
  const toFirst = id.compare(pending.id);
  if (!maxDeletedId.isMin && maxDeletedId.compare(pending.id) >= 0) return READ_UNKNOWN;
  if (toFirst < 0) return entriesAdded - entries.count;
  return toFirst === 0 ? entriesAdded - entries.count + 1 : READ_UNKNOWN;
}
