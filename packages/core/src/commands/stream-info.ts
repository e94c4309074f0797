/** XINFO: what is known of a stream, of its groups, and of their consumers. */
import { StreamId } from '../base/stream-id.ts';
import { IdBatch, type IdList } from '../engine/id-list.ts';
import { type LargeValue, TYPE_STREAM } from '../engine/large-values.ts';
import {
  NEVER_MS,
  READ_UNKNOWN,
  type StreamConsumer,
  type StreamGroup,
  type StreamIndex,
} from '../engine/stream-index.ts';
import { bringPending, lagOf, pendingOf } from '../keyspace/stream-groups.ts';
import { streamOf } from '../keyspace/streams.ts';
import type { Call } from './call.ts';
import { findCollection, WRONG } from './collection-call.ts';
import { type CommandRow, type KeyRange, LOADING, READONLY, STALE } from './command.ts';
import { byName } from './stream-pending.ts';
import { replyEntry, replyRange } from './stream-reads.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

const FULL_COUNT = 10;
const HELP = [
  'CONSUMERS <key> <groupname>',
  '    Show consumers of <groupname>.',
  'GROUPS <key>',
  '    Show the stream consumer groups.',
  'STREAM <key> [FULL [COUNT <count>]',
  '    Show information about the stream.',
];

const keys: KeyRange = { first: 2, last: 2, step: 1, flags: 'RO access' };
const group = 'stream';
const flags = READONLY;
const id = new StreamId();

export const streamInfoCommands: readonly CommandRow[] = [
  {
    name: 'xinfo',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'stream', arity: -3, flags, group, keys, run: showStream },
      { name: 'groups', arity: 3, flags, group, keys, run: showGroups },
      { name: 'consumers', arity: 4, flags, group, keys, run: showConsumers },
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'XINFO', HELP) },
    ],
  },
];

/** The stream of argument 2; undefined after replying with an error. */
function findStream(call: Call): LargeValue | undefined {
  const stream = findCollection(call, 2, TYPE_STREAM);
  if (stream === WRONG) return undefined;
  if (stream === null) call.reply.error('no such key');
  return stream ?? undefined;
}

function showStream(call: Call): void {
  const { store, reply } = call;
  // As redis does: what is wrong with the key is said before what is wrong with the options.
  const stream = findStream(call);
  if (stream === undefined) return;
  const countMax = parseFull(call);
  if (countMax === undefined) return;
  const index = streamOf(store, stream);
  reply.map(countMax === null ? 10 : 9);
  replyCounters(call, index);
  if (countMax === null) {
    reply.bulkLatin1('groups');
    reply.integer(index.groups.size);
    replyEdge(call, stream, index, 'first-entry');
    replyEdge(call, stream, index, 'last-entry');
    return;
  }
  reply.bulkLatin1('entries');
  const end = new StreamId();
  end.setMax();
  replyRange(call, stream, new StreamId(), end, countMax, false);
  reply.bulkLatin1('groups');
  reply.array(index.groups.size);
  for (const each of [...index.groups.values()].sort(byName)) replyFullGroup(call, stream, index, each, countMax);
}

/** The most of each list that FULL shows; null without it, undefined after replying with an error. */
function parseFull(call: Call): number | null | undefined {
  if (call.argc === 3) return null;
  const isFull = call.is(3, 'full') && (call.argc === 4 || (call.argc === 6 && call.is(4, 'count')));
  if (!isFull) {
    const name = call.latin1(1).slice(0, 128);
    call.reply.error(`unknown subcommand or wrong number of arguments for '${name}'. Try XINFO HELP.`);
    return undefined;
  }
  if (call.argc === 4) return FULL_COUNT;
  const count = call.integer(5);
  if (count === undefined) return undefined;
  if (count < 0) return FULL_COUNT;
  return count === 0 ? Number.POSITIVE_INFINITY : Number(count);
}

function replyCounters(call: Call, index: StreamIndex): void {
  const { reply } = call;
  const count = index.entries.count;
  // Redis's nodes would be so many.
  const nodes = Math.ceil(count / Math.max(1, call.host.valueLimits.streams.nodeEntriesMax));
  reply.bulkLatin1('length');
  reply.integer(count);
  reply.bulkLatin1('radix-tree-keys');
  reply.integer(nodes);
  reply.bulkLatin1('radix-tree-nodes');
  reply.integer(nodes + 1);
  reply.bulkLatin1('last-generated-id');
  reply.bulkLatin1(index.lastId.toString());
  reply.bulkLatin1('max-deleted-entry-id');
  reply.bulkLatin1(index.maxDeletedId.toString());
  reply.bulkLatin1('entries-added');
  reply.integer(index.entriesAdded);
  reply.bulkLatin1('recorded-first-entry-id');
  index.loadFirst(id);
  reply.bulkLatin1(id.toString());
}

function replyEdge(
  call: Call,
  stream: LargeValue,
  { entries }: StreamIndex,
  which: 'first-entry' | 'last-entry',
): void {
  call.reply.bulkLatin1(which);
  if (entries.count === 0) {
    call.reply.null();
    return;
  }
  if (which === 'first-entry') entries.loadAt(0, id);
  else entries.loadLast(id);
  replyEntry(call, stream, id);
}

function replyRead(call: Call, index: StreamIndex, own: StreamGroup): void {
  const { reply } = call;
  reply.bulkLatin1('entries-read');
  if (own.entriesRead === READ_UNKNOWN) reply.null();
  else reply.integer(own.entriesRead);
  reply.bulkLatin1('lag');
  const lag = lagOf(index, own);
  if (lag === null) reply.null();
  else reply.integer(lag);
}

function replyFullGroup(call: Call, stream: LargeValue, index: StreamIndex, own: StreamGroup, countMax: number): void {
  const { reply } = call;
  reply.map(7);
  reply.bulkLatin1('name');
  reply.bulkLatin1(own.name);
  reply.bulkLatin1('last-delivered-id');
  reply.bulkLatin1(own.lastId.toString());
  replyRead(call, index, own);
  reply.bulkLatin1('pel-count');
  reply.integer(own.pending.count);
  replyPendingOf(call, stream, own, own.pending, countMax, true);
  reply.bulkLatin1('consumers');
  reply.array(own.consumers.size);
  for (const each of [...own.consumers.values()].sort(byName)) replyFullConsumer(call, stream, own, each, countMax);
}

function replyFullConsumer(
  call: Call,
  stream: LargeValue,
  own: StreamGroup,
  consumer: StreamConsumer,
  countMax: number,
): void {
  const { reply } = call;
  reply.map(5);
  reply.bulkLatin1('name');
  reply.bulkLatin1(consumer.name);
  reply.bulkLatin1('seen-time');
  reply.integer(consumer.seenAtMs);
  reply.bulkLatin1('active-time');
  reply.integer(consumer.activeAtMs);
  reply.bulkLatin1('pel-count');
  reply.integer(consumer.pending.count);
  replyPendingOf(call, stream, own, consumer.pending, countMax, false);
}

function replyPendingOf(
  call: Call,
  stream: LargeValue,
  own: StreamGroup,
  list: IdList,
  countMax: number,
  withConsumer: boolean,
): void {
  const { store, reply } = call;
  const batch = new IdBatch(Math.min(list.count, countMax));
  const end = new StreamId();
  end.setMax();
  list.copy(new StreamId(), end, false, batch);
  const ids = Array.from({ length: batch.count }, (_, i) => {
    const each = new StreamId();
    batch.load(i, each);
    return each;
  });
  bringPending(store, stream, own, ids);
  reply.bulkLatin1('pending');
  reply.array(ids.length);
  for (const each of ids) {
    const { consumer, deliveredAtMs, deliveries } = pendingOf(store, stream, own, each);
    reply.array(withConsumer ? 4 : 3);
    reply.bulkLatin1(each.toString());
    if (withConsumer) reply.bulkLatin1(own.byNumber.get(consumer)?.name ?? '');
    reply.integer(deliveredAtMs);
    reply.integer(deliveries);
  }
}

function showGroups(call: Call): void {
  const { store, reply } = call;
  const stream = findStream(call);
  if (stream === undefined) return;
  const index = streamOf(store, stream);
  reply.array(index.groups.size);
  for (const each of [...index.groups.values()].sort(byName)) {
    reply.map(6);
    reply.bulkLatin1('name');
    reply.bulkLatin1(each.name);
    reply.bulkLatin1('consumers');
    reply.integer(each.consumers.size);
    reply.bulkLatin1('pending');
    reply.integer(each.pending.count);
    reply.bulkLatin1('last-delivered-id');
    reply.bulkLatin1(each.lastId.toString());
    replyRead(call, index, each);
  }
}

function showConsumers(call: Call): void {
  const { store, reply } = call;
  const stream = findStream(call);
  if (stream === undefined) return;
  const own = streamOf(store, stream).groups.get(call.latin1(3));
  if (own === undefined) {
    reply.error(`-NOGROUP No such consumer group '${call.latin1(3)}' for key name '${call.latin1(2)}'`);
    return;
  }
  const nowMs = store.nowMs();
  reply.array(own.consumers.size);
  for (const each of [...own.consumers.values()].sort(byName)) {
    reply.map(4);
    reply.bulkLatin1('name');
    reply.bulkLatin1(each.name);
    reply.bulkLatin1('pending');
    reply.integer(each.pending.count);
    reply.bulkLatin1('idle');
    reply.integer(Math.max(0, nowMs - each.seenAtMs));
    reply.bulkLatin1('inactive');
    reply.integer(each.activeAtMs === NEVER_MS ? NEVER_MS : nowMs - each.activeAtMs);
  }
}
