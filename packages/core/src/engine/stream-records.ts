/**
 * The records of a stream: members of its object (`members.ts`), told apart by the length of their keys.
 *
 * | record | key | value |
 * |---|---|---|
 * | entry | ID, 16 bytes big-endian | number; then for each field and each value: length, bytes |
 * | the stream | 1 | last ID 16; largest ID deleted 16; entries added f64 |
 * | group | 2, group u32 | last ID delivered 16; entries read f64 (-1: unknown); name |
 * | consumer | 3, group u32, consumer u32 | seen f64 ms; active f64 ms (-1: never); name |
 * | pending entry | 4, group u32, ID 16 | consumer u32; delivered f64 ms; deliveries u32 |
 *
 * Numbers are little-endian. An entry's own number, and lengths, are of 7 bits a byte, the lowest first. What always holds:
 * 1. Every stream has a record of its own. It is not written with each entry: an entry whose ID is above the last ID that it
 *    says is the last one, and its number is how many were added. Whoever removes the last entry writes it anew.
 * 2. Whoever removes a group or a consumer removes what is pending for it: numbers may come again.
 *
 * An entry lies whole in its record, so its fields and values have at most `store.inlineMaxBytes` together. Who calls it:
 * `keyspace/streams.ts` and `keyspace/stream-groups.ts`.
 */
import { copyPlain } from '../base/copy-bytes.ts';
import { STREAM_ID_BYTES, StreamId } from '../base/stream-id.ts';
import type { LargeValue } from './large-values.ts';
import { findMember, memberEndOf, memberStartOf, memberValueEndOf, putMember, removeMember } from './members.ts';
import type { Store } from './store.ts';
import { makeConsumer, makeGroup, type StreamConsumer, type StreamGroup, type StreamIndex } from './stream-index.ts';

const TAG_STREAM = 1;
export const GROUP_AT = 1;
export const CONSUMER_AT = 5;
export const PENDING_ID_AT = 5;
export const STREAM_KEY_BYTES = 1;
export const GROUP_KEY_BYTES = 5;
export const CONSUMER_KEY_BYTES = 9;
export const PENDING_KEY_BYTES = PENDING_ID_AT + STREAM_ID_BYTES;
const STREAM_VALUE_BYTES = 2 * STREAM_ID_BYTES + 8;
export const GROUP_NAME_AT = STREAM_ID_BYTES + 8;
export const CONSUMER_NAME_AT = 16;
/** What is left of a record for a name. */
export const NAME_SIZE_MAX_BYTES = 4096;
/** Of a number of 7 bits a byte. */
const NUMBER_SIZE_MAX_BYTES = 8;

const keyBytes = Buffer.alloc(STREAM_ID_BYTES);
const valueBytes = Buffer.alloc(STREAM_VALUE_BYTES);

/** The fields and values of an entry, as ranges of `store.bytes` while its record is located. */
export class EntryParts {
  count = 0;
  /** How many entries were added up to this one. */
  number = 0;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
}

/** What is pending, for whom. */
export class PendingEntry {
  readonly id = new StreamId();
  consumer = 0;
  deliveredAtMs = 0;
  deliveries = 0;
}

/** Writes the value of an entry into the store's scratch. */
export class EntryWriter {
  length = 0;
  private bytes: Uint8Array = keyBytes;
  private maxBytes = 0;

  begin(store: Store, number: number): void {
    this.bytes = store.valueScratch;
    this.maxBytes = store.inlineMaxBytes;
    this.length = writeNumber(this.bytes, 0, number);
  }

  /** Adds a field or value; false if the entry would become too long. */
  append(source: Uint8Array, start: number, end: number): boolean {
    if (this.length + NUMBER_SIZE_MAX_BYTES + end - start > this.maxBytes) return false;
    this.length = writeNumber(this.bytes, this.length, end - start);
    copyPlain(source, start, end, this.bytes, this.length);
    this.length += end - start;
    return true;
  }
}

/** Makes the entry's record the member at hand. */
export function setEntryKey(store: Store, id: StreamId): void {
  id.write(keyBytes, 0);
  store.member.setFrom(keyBytes, 0, STREAM_ID_BYTES);
}

/** Adds an entry that is not there, of the scratch's first `length` bytes. */
export function putEntry(store: Store, object: LargeValue, id: StreamId, length: number): void {
  setEntryKey(store, id);
  putMember(store, object, 0, store.valueScratch, 0, length);
}

/** Locates an entry's record; false if there is none. */
export function findEntry(store: Store, object: LargeValue, id: StreamId): boolean {
  setEntryKey(store, id);
  return findMember(store, object) !== 0;
}

/** Reads the located record of an entry. */
export function readEntry(store: Store, parts: EntryParts): void {
  readEntryValue(store.bytes, memberEndOf(store), memberValueEndOf(store), parts);
}

/** The same of the value `[start, end)` of such a record. */
export function readEntryValue(bytes: Uint8Array, start: number, end: number, parts: EntryParts): void {
  let at = start;
  parts.number = readNumber(bytes, at);
  at = numberEnd(bytes, at);
  parts.count = 0;
  while (at < end) {
    const length = readNumber(bytes, at);
    at = numberEnd(bytes, at);
    parts.starts[parts.count] = at;
    at += length;
    parts.ends[parts.count++] = at;
  }
}

/** Removes the member at hand, if it is there. */
function removeAtHand(store: Store, object: LargeValue): void {
  const found = findMember(store, object);
  if (found !== 0) removeMember(store, object, found);
}

export function removeEntry(store: Store, object: LargeValue, id: StreamId): void {
  setEntryKey(store, id);
  removeAtHand(store, object);
}

function putAtHand(store: Store, object: LargeValue, keyLength: number, valueLength: number): void {
  store.member.setFrom(keyBytes, 0, keyLength);
  putMember(store, object, findMember(store, object), valueBytes, 0, valueLength);
}

export function putStream(store: Store, object: LargeValue, index: StreamIndex): void {
  keyBytes[0] = TAG_STREAM;
  index.lastId.write(valueBytes, 0);
  index.maxDeletedId.write(valueBytes, STREAM_ID_BYTES);
  valueBytes.writeDoubleLE(index.entriesAdded, 2 * STREAM_ID_BYTES);
  putAtHand(store, object, STREAM_KEY_BYTES, STREAM_VALUE_BYTES);
}

/** What the located record says of a pending entry, but for its ID. */
export function readPending(store: Store, pending: PendingEntry): void {
  const at = memberEndOf(store);
  const { view } = store;
  pending.consumer = view.getUint32(at, true);
  pending.deliveredAtMs = view.getFloat64(at + 4, true);
  pending.deliveries = view.getUint32(at + 12, true);
}

// Of the located record, at load.

export function keyLengthOfLocated(store: Store): number {
  return memberEndOf(store) - memberStartOf(store);
}

/** The located record is an entry's: its ID and number. */
export function readEntryId(store: Store, id: StreamId): number {
  id.read(store.bytes, memberStartOf(store));
  return readNumber(store.bytes, memberEndOf(store));
}

export function readStream(store: Store, index: StreamIndex): void {
  const at = memberEndOf(store);
  index.lastId.read(store.bytes, at);
  index.maxDeletedId.read(store.bytes, at + STREAM_ID_BYTES);
  index.entriesAdded = store.view.getFloat64(at + 2 * STREAM_ID_BYTES, true);
}

export function readGroup(store: Store): StreamGroup {
  const at = memberEndOf(store);
  const number = store.view.getUint32(memberStartOf(store) + GROUP_AT, true);
  const group = makeGroup(number, store.bytes.toString('latin1', at + GROUP_NAME_AT, memberValueEndOf(store)));
  group.lastId.read(store.bytes, at);
  group.entriesRead = store.view.getFloat64(at + STREAM_ID_BYTES, true);
  return group;
}

export function readConsumer(store: Store): { group: number; consumer: StreamConsumer } {
  const key = memberStartOf(store);
  const at = memberEndOf(store);
  const { view } = store;
  const name = store.bytes.toString('latin1', at + CONSUMER_NAME_AT, memberValueEndOf(store));
  const consumer = makeConsumer(view.getUint32(key + CONSUMER_AT, true), name);
  consumer.seenAtMs = view.getFloat64(at, true);
  consumer.activeAtMs = view.getFloat64(at + 8, true);
  return { group: view.getUint32(key + GROUP_AT, true), consumer };
}

export function readPendingOfGroup(store: Store): { group: number; pending: PendingEntry } {
  const key = memberStartOf(store);
  const pending = new PendingEntry();
  pending.id.read(store.bytes, key + PENDING_ID_AT);
  readPending(store, pending);
  return { group: store.view.getUint32(key + GROUP_AT, true), pending };
}

function writeNumber(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[at++] = rest;
  return at;
}

function readNumber(bytes: Uint8Array, start: number): number {
  let value = 0;
  let scale = 1;
  let at = start;
  for (; bytes[at] >= 0x80; at++, scale *= 0x80) value += (bytes[at] & 0x7f) * scale;
  return value + bytes[at] * scale;
}

function numberEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] >= 0x80) at++;
  return at + 1;
}
