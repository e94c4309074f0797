/** Changes of collections, as the engine's feed has them, made into what a program gets. */
import { STREAM_ID_BYTES, StreamId } from '../base/stream-id.ts';
import type { FeedChange } from '../engine/feed-reader.ts';
import { TYPE_HASH, TYPE_STREAM, TYPE_ZSET } from '../engine/large-values.ts';
import { PackedMembers } from '../engine/packed-members.ts';
import { readScore } from '../engine/packed-scores.ts';
import {
  CONSUMER_AT,
  CONSUMER_KEY_BYTES,
  CONSUMER_NAME_AT,
  EntryParts,
  GROUP_AT,
  GROUP_KEY_BYTES,
  GROUP_NAME_AT,
  PENDING_ID_AT,
  PENDING_KEY_BYTES,
  readEntryValue,
  STREAM_KEY_BYTES,
} from '../engine/stream-records.ts';
import { typeNameOf } from '../keyspace/collections.ts';
import type {
  Change,
  CollectionChange,
  CollectionKind,
  CutChange,
  ElementsChange,
  EntryChange,
  MemberChange,
  StreamStateChange,
} from './change-types.ts';
import type { Codec } from './codec.ts';

type Base = Pick<MemberChange<unknown>, 'key' | 'keyBytes' | 'token'>;

const parts = new EntryParts();
const id = new StreamId();

/** A change of a collection, or of what it holds. */
export function changeOfCollection<V>(change: FeedChange, base: Base, codec: Codec<V>): Change<V> {
  if (change.list !== null) return changeOfList(change, base, codec);
  if (change.member === null) return wholeOf(change, base, codec);
  if (change.type !== TYPE_STREAM) return changeOfMember(change, change.member, base, codec);
  if (change.member.length === STREAM_ID_BYTES) return changeOfEntry(change, change.member, base, codec);
  return changeOfState(change, change.member, base);
}

function wholeOf<V>(change: FeedChange, base: Base, codec: Codec<V>): CollectionChange<V> {
  const { object: collection, type, packed, expiresAtMs } = change;
  return {
    type: 'collection',
    ...base,
    kind: typeNameOf(type) as CollectionKind,
    collection,
    expiresAt: expiresAtMs === 0 ? undefined : expiresAtMs,
    members: packed === null ? undefined : membersOf(packed, type, codec),
  };
}

function membersOf<V>(whole: Buffer, type: number, codec: Codec<V>): NonNullable<CollectionChange<V>['members']> {
  const packed = new PackedMembers();
  packed.load(new DataView(whole.buffer, whole.byteOffset, whole.length), 0, whole.length);
  return Array.from({ length: packed.count }, (_, place) => {
    packed.at(place);
    const { memory, memberStart, memberEnd, valueEnd } = packed;
    const [member, memberBytes] = textOf(Buffer.from(memory.bytes.subarray(memberStart, memberEnd)));
    const value = Buffer.from(memory.bytes.subarray(memberEnd, valueEnd));
    return {
      member,
      memberBytes,
      value: type === TYPE_HASH ? codec.decode(value) : undefined,
      score: type === TYPE_ZSET ? readScore(memory.bytes, memory.view, memberEnd, valueEnd) : undefined,
    };
  });
}

function changeOfMember<V>(change: FeedChange, bytes: Buffer, base: Base, codec: Codec<V>): MemberChange<V> {
  const { object: collection, type, value, expiresAtMs } = change;
  const [member, memberBytes] = textOf(bytes);
  return {
    type: 'member',
    ...base,
    kind: typeNameOf(type) as CollectionKind,
    collection,
    member,
    memberBytes,
    isRemoved: value === null,
    value: value !== null && type === TYPE_HASH ? codec.decode(value) : undefined,
    score: value !== null && type === TYPE_ZSET ? value.readDoubleLE(0) : undefined,
    expiresAt: value === null || expiresAtMs === 0 ? undefined : expiresAtMs,
  };
}

function changeOfList<V>(change: FeedChange, base: Base, codec: Codec<V>): ElementsChange<V> | CutChange {
  const list = change.list as NonNullable<FeedChange['list']>;
  const common = { ...base, kind: 'list' as const, collection: change.object, place: list.place };
  if (list.elements === null) {
    return { type: 'cut', ...common, end: list.atHead ? 'left' : 'right', left: list.left };
  }
  return { type: 'elements', ...common, elements: list.elements.map((element) => codec.decode(element)) };
}

function changeOfEntry<V>(change: FeedChange, key: Buffer, base: Base, codec: Codec<V>): EntryChange<V> {
  const { value } = change;
  const fields = new Map<string, V>();
  if (value !== null) {
    readEntryValue(value, 0, value.length, parts);
    const itemAt = (i: number): Buffer => Buffer.from(value.subarray(parts.starts[i], parts.ends[i]));
    for (let i = 0; i < parts.count; i += 2) fields.set(itemAt(i).toString('utf8'), codec.decode(itemAt(i + 1)));
  }
  return {
    type: 'entry',
    ...base,
    kind: 'stream',
    collection: change.object,
    id: idAt(key, 0),
    isRemoved: value === null,
    fields,
    number: value === null ? undefined : parts.number,
  };
}

/** Layouts: `stream-records.ts`. */
function changeOfState(change: FeedChange, key: Buffer, base: Base): StreamStateChange {
  const { value } = change;
  const common = { type: 'stream', ...base, kind: 'stream', collection: change.object } as const;
  const group = key.length > STREAM_KEY_BYTES ? key.readUInt32LE(GROUP_AT) : 0;
  if (key.length === GROUP_KEY_BYTES)
    return { ...common, of: 'group', group, state: value === null ? undefined : groupOf(value) };
  if (key.length === CONSUMER_KEY_BYTES) {
    const consumer = key.readUInt32LE(CONSUMER_AT);
    return { ...common, of: 'consumer', group, consumer, state: value === null ? undefined : consumerOf(value) };
  }
  if (key.length === PENDING_KEY_BYTES) {
    return {
      ...common,
      of: 'pending',
      group,
      id: idAt(key, PENDING_ID_AT),
      state: value === null ? undefined : pendingOf(value),
    };
  }
  return { ...common, of: 'stream', state: value === null ? undefined : streamOf(value) };
}

function streamOf(value: Buffer): { lastId: string; maxDeletedId: string; entriesAdded: number } {
  return {
    lastId: idAt(value, 0),
    maxDeletedId: idAt(value, STREAM_ID_BYTES),
    entriesAdded: value.readDoubleLE(2 * STREAM_ID_BYTES),
  };
}

function groupOf(value: Buffer): { name: string; lastId: string; entriesRead: number | undefined } {
  const entriesRead = value.readDoubleLE(STREAM_ID_BYTES);
  return {
    name: value.toString('utf8', GROUP_NAME_AT),
    lastId: idAt(value, 0),
    entriesRead: entriesRead < 0 ? undefined : entriesRead,
  };
}

function consumerOf(value: Buffer): { name: string; seenAt: number; activeAt: number | undefined } {
  const activeAt = value.readDoubleLE(8);
  return {
    name: value.toString('utf8', CONSUMER_NAME_AT),
    seenAt: value.readDoubleLE(0),
    activeAt: activeAt < 0 ? undefined : activeAt,
  };
}

function pendingOf(value: Buffer): { consumer: number; deliveredAt: number; deliveries: number } {
  return { consumer: value.readUInt32LE(0), deliveredAt: value.readDoubleLE(4), deliveries: value.readUInt32LE(12) };
}

function idAt(bytes: Buffer, at: number): string {
  id.read(bytes, at);
  return id.toString();
}

/** Bytes as a text, and, where they are none, as they are. */
export function textOf(bytes: Buffer): [text: string, bytes: Buffer | undefined] {
  const text = bytes.toString('utf8');
  const isText = !text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes);
  return [text, isText ? undefined : bytes];
}
