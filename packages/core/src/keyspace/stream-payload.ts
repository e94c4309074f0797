/** A whole stream as values, for DUMP, and made of them, for RESTORE. IDs are numbers of 128 bits there. */
import { StreamId } from '../base/stream-id.ts';
import type { LargeValue } from '../engine/large-values.ts';
import { dropCollection } from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import type { StreamGroup, StreamIndex } from '../engine/stream-index.ts';
import { EntryWriter, NAME_SIZE_MAX_BYTES, putStream } from '../engine/stream-records.ts';
import { BAD_FORMAT } from '../types/dump.ts';
import type { DumpedStream } from '../types/dump-stream.ts';
import { bringPending, createConsumer, createGroup, distanceTo, pendingOf, setPending } from './stream-groups.ts';
import { appendEntry, forEachEntry, forEachId, makeStream, streamOf } from './streams.ts';

type DumpedGroup = DumpedStream['groups'][number];

/** All that a stream has. */
export function valuesOfStream(store: Store, object: LargeValue): DumpedStream {
  const index = streamOf(store, object);
  const entries: { id: bigint; items: Buffer[] }[] = [];
  forEachEntry(store, object, (id, items) => entries.push({ id: id.big, items }));
  return {
    type: 'stream',
    entries,
    lastId: index.lastId.big,
    maxDeletedId: index.maxDeletedId.big,
    entriesAdded: index.entriesAdded,
    groups: [...index.groups.values()].map((group) => valuesOfGroup(store, object, group)),
  };
}

function valuesOfGroup(store: Store, object: LargeValue, group: StreamGroup): DumpedGroup {
  const consumers = [...group.consumers.values()];
  const places = new Map(consumers.map(({ number }, place) => [number, place]));
  const ids: StreamId[] = [];
  forEachId(group.pending, (id) => ids.push(id.copy()));
  bringPending(store, object, group, ids);
  return {
    name: Buffer.from(group.name, 'latin1'),
    lastId: group.lastId.big,
    entriesRead: group.entriesRead,
    consumers: consumers.map(({ name, seenAtMs, activeAtMs }) => ({
      name: Buffer.from(name, 'latin1'),
      seenAtMs,
      activeAtMs,
    })),
    pending: ids.map((id) => {
      const { consumer, deliveredAtMs, deliveries } = pendingOf(store, object, group, id);
      return { id: id.big, consumer: places.get(consumer) as number, deliveredAtMs, deliveries };
    }),
  };
}

/** A stream that no key has yet; or what of it this version cannot hold. */
export function streamOfValues(store: Store, value: DumpedStream): LargeValue | string {
  const object = makeStream(store);
  const index = streamOf(store, object);
  const fault = addEntries(store, object, index, value) ?? addGroups(store, object, index, value.groups);
  if (fault === undefined) return object;
  dropCollection(store, object);
  return fault;
}

function addEntries(store: Store, object: LargeValue, index: StreamIndex, value: DumpedStream): string | undefined {
  const { entries } = value;
  const own = new StreamId();
  const writer = new EntryWriter();
  index.entriesAdded = value.entriesAdded - entries.length;
  for (const { id, items } of entries) {
    writer.begin(store, index.entriesAdded + 1);
    for (const item of items) {
      if (!writer.append(item, 0, item.length)) return `an entry has at most ${store.inlineMaxBytes} bytes`;
    }
    own.setBig(id);
    appendEntry(store, object, index, own, writer.length);
  }
  index.lastId.setBig(value.lastId);
  index.maxDeletedId.setBig(value.maxDeletedId);
  putStream(store, object, index);
  return undefined;
}

function addGroups(
  store: Store,
  object: LargeValue,
  index: StreamIndex,
  groups: readonly DumpedGroup[],
): string | undefined {
  const id = new StreamId();
  for (const each of groups) {
    const names = [each.name, ...each.consumers.map(({ name }) => name)];
    if (names.some(({ length }) => length > NAME_SIZE_MAX_BYTES)) {
      return `a name of a group or consumer has at most ${NAME_SIZE_MAX_BYTES} bytes`;
    }
    id.setBig(each.lastId);
    const groupName = textOf(each.name);
    const entriesRead = each.entriesRead ?? distanceTo(index, id);
    if (!createGroup(store, object, index, groupName, id, entriesRead)) return BAD_FORMAT;
    const group = index.groups.get(groupName) as StreamGroup;
    const consumers = each.consumers.map(({ name, seenAtMs, activeAtMs }) => {
      const isThere = group.consumers.has(textOf(name));
      return isThere ? undefined : createConsumer(store, object, group, textOf(name), seenAtMs, activeAtMs);
    });
    for (const { id: pendingId, consumer, deliveredAtMs, deliveries } of each.pending) {
      id.setBig(pendingId);
      const owner = consumers[consumer];
      if (owner !== undefined) setPending(store, object, group, owner, id, deliveredAtMs, deliveries);
    }
    if (consumers.includes(undefined)) return BAD_FORMAT;
  }
  return undefined;
}

function textOf(name: Uint8Array): string {
  return Buffer.from(name).toString('latin1');
}
