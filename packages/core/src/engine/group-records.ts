/**
 * Records of a stream's groups, of their consumers, and of what is pending for these: `stream-records.ts` draws them.
 *
 * Who calls it: `keyspace/stream-groups.ts`. The scratch's member is another one afterwards.
 */
import { STREAM_ID_BYTES, type StreamId } from '../base/stream-id.ts';
import type { LargeValue } from './large-values.ts';
import { findMember, putMember, removeMember } from './members.ts';
import type { Store } from './store.ts';
import type { StreamConsumer, StreamGroup } from './stream-index.ts';
import {
  CONSUMER_AT,
  CONSUMER_KEY_BYTES,
  CONSUMER_NAME_AT,
  GROUP_AT,
  GROUP_KEY_BYTES,
  GROUP_NAME_AT,
  NAME_SIZE_MAX_BYTES,
  PENDING_ID_AT,
  PENDING_KEY_BYTES,
  type PendingEntry,
  readPending,
} from './stream-records.ts';

const TAG_GROUP = 2;
const TAG_CONSUMER = 3;
const TAG_PENDING = 4;
const PENDING_VALUE_BYTES = 16;

const keyBytes = Buffer.alloc(PENDING_KEY_BYTES);
const valueBytes = Buffer.alloc(GROUP_NAME_AT + NAME_SIZE_MAX_BYTES);

/** Removes the member at hand, if it is there. */
function removeAtHand(store: Store, object: LargeValue): void {
  const found = findMember(store, object);
  if (found !== 0) removeMember(store, object, found);
}

function putAtHand(store: Store, object: LargeValue, keyLength: number, valueLength: number): void {
  store.member.setFrom(keyBytes, 0, keyLength);
  putMember(store, object, findMember(store, object), valueBytes, 0, valueLength);
}

function setGroupKey(group: StreamGroup): void {
  keyBytes[0] = TAG_GROUP;
  keyBytes.writeUInt32LE(group.number, GROUP_AT);
}

export function putGroup(store: Store, object: LargeValue, group: StreamGroup): void {
  setGroupKey(group);
  group.lastId.write(valueBytes, 0);
  valueBytes.writeDoubleLE(group.entriesRead, STREAM_ID_BYTES);
  const length = valueBytes.write(group.name, GROUP_NAME_AT, 'latin1');
  putAtHand(store, object, GROUP_KEY_BYTES, GROUP_NAME_AT + length);
}

export function removeGroup(store: Store, object: LargeValue, group: StreamGroup): void {
  setGroupKey(group);
  store.member.setFrom(keyBytes, 0, GROUP_KEY_BYTES);
  removeAtHand(store, object);
}

function setConsumerKey(group: StreamGroup, consumer: StreamConsumer): void {
  keyBytes[0] = TAG_CONSUMER;
  keyBytes.writeUInt32LE(group.number, GROUP_AT);
  keyBytes.writeUInt32LE(consumer.number, CONSUMER_AT);
}

export function putConsumer(store: Store, object: LargeValue, group: StreamGroup, consumer: StreamConsumer): void {
  setConsumerKey(group, consumer);
  valueBytes.writeDoubleLE(consumer.seenAtMs, 0);
  valueBytes.writeDoubleLE(consumer.activeAtMs, 8);
  const length = valueBytes.write(consumer.name, CONSUMER_NAME_AT, 'latin1');
  putAtHand(store, object, CONSUMER_KEY_BYTES, CONSUMER_NAME_AT + length);
}

export function removeConsumer(store: Store, object: LargeValue, group: StreamGroup, consumer: StreamConsumer): void {
  setConsumerKey(group, consumer);
  store.member.setFrom(keyBytes, 0, CONSUMER_KEY_BYTES);
  removeAtHand(store, object);
}

/** Makes the record of a group's pending entry the member at hand. */
export function setPendingKey(store: Store, group: StreamGroup, id: StreamId): void {
  keyBytes[0] = TAG_PENDING;
  keyBytes.writeUInt32LE(group.number, GROUP_AT);
  id.write(keyBytes, PENDING_ID_AT);
  store.member.setFrom(keyBytes, 0, PENDING_KEY_BYTES);
}

export function putPending(store: Store, object: LargeValue, group: StreamGroup, pending: PendingEntry): void {
  setPendingKey(store, group, pending.id);
  valueBytes.writeUInt32LE(pending.consumer, 0);
  valueBytes.writeDoubleLE(pending.deliveredAtMs, 4);
  valueBytes.writeUInt32LE(pending.deliveries, 12);
  putMember(store, object, findMember(store, object), valueBytes, 0, PENDING_VALUE_BYTES);
}

/** Reads what is said of a pending entry; it is there. */
export function getPending(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  id: StreamId,
  pending: PendingEntry,
): void {
  setPendingKey(store, group, id);
  if (findMember(store, object) === 0) throw new Error(`a pending entry of ${store.path} has no record`);
  pending.id.set(id);
  readPending(store, pending);
}

export function removePending(store: Store, object: LargeValue, group: StreamGroup, id: StreamId): void {
  setPendingKey(store, group, id);
  removeAtHand(store, object);
}
