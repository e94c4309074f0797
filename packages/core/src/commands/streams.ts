/** Commands on streams that change or count entries. Those that read them are in `stream-reads.ts`, groups in `stream-groups.ts`. */
import { StreamId } from '../base/stream-id.ts';
import { type LargeValue, TYPE_STREAM } from '../engine/large-values.ts';
import type { StreamIndex } from '../engine/stream-index.ts';
import { EntryWriter, putStream } from '../engine/stream-records.ts';
import {
  appendEntry,
  bringFirst,
  countToTrim,
  deleteEntries,
  findNewId,
  lastIdFault,
  makeStream,
  removeFirst,
  streamOf,
} from '../keyspace/streams.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, finishChange, WRONG } from './collection-call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, READONLY, WRITE } from './command.ts';
import { type AddOptions, parseAddOrTrim, parseId } from './stream-arguments.ts';
import { replyId } from './stream-reply.ts';

const group = 'stream';
const own = new StreamId();
const writer = new EntryWriter();

export const streamCommands: readonly CommandRow[] = [
  { name: 'xadd', arity: -5, flags: WRITE | DENYOOM | FAST, group, keys: firstKey('RW update'), run: xAdd },
  { name: 'xlen', arity: 2, flags: READONLY | FAST, group, keys: firstKey('RO'), run: xLen },
  { name: 'xdel', arity: -3, flags: WRITE | FAST, group, keys: firstKey('RW delete'), run: xDel },
  { name: 'xtrim', arity: -4, flags: WRITE, group, keys: firstKey('RW delete'), run: xTrim },
  { name: 'xsetid', arity: -3, flags: WRITE | DENYOOM | FAST, group, keys: firstKey('RW update'), run: xSetId },
];

function xAdd(call: Call): void {
  const { reply, store } = call;
  const options = parseAddOrTrim(call, true);
  if (options === undefined) return;
  const first = options.idAt + 1;
  if (call.argc - first < 2 || (call.argc - first) % 2 !== 0) {
    reply.error(`wrong number of arguments for '${call.row.name}' command`);
    return;
  }
  if (options.form === 'whole' && options.id.isMin) {
    reply.error('The ID specified in XADD must be greater than 0-0');
    return;
  }
  const found = findCollection(call, 1, TYPE_STREAM);
  if (found === WRONG) return;
  if (found === null && !options.makesStream) {
    reply.null();
    return;
  }
  const index = found === null ? null : streamOf(store, found);
  if (index !== null && !findId(call, index, options)) return;
  if (found !== null && index !== null && options.trims) {
    bringFirst(store, found, index, trimCount(call, found, options, 1));
  }
  const length = writeEntry(call, index === null ? 1 : index.entriesAdded + 1, first);
  if (length === 0) return;
  const stream = found ?? makeNew(call, options);
  const known = streamOf(store, stream);
  appendEntry(store, stream, known, own, length);
  const trimmed = options.trims ? trimCount(call, stream, options, 0) : 0;
  removeFirst(store, stream, known, trimmed);
  finishChange(call, stream, 't', 'xadd');
  if (trimmed > 0) call.alsoNotify('t', 'xtrim');
  replyId(reply, own);
}

/** Makes the new stream, and the first ID in it. */
function makeNew(call: Call, options: AddOptions): LargeValue {
  const object = makeStream(call.store);
  findId(call, streamOf(call.store, object), options);
  return object;
}

/** The ID of the entry that is to be added; false after replying that there is none. */
function findId(call: Call, index: StreamIndex, options: AddOptions): boolean {
  const fault = findNewId(call.store, index, options.form, options.id, own);
  if (fault !== '') call.reply.error(fault);
  return fault === '';
}

/** Writes fields and values from argument `first` on into the store's scratch; their length, 0 after replying that it is too long. */
function writeEntry(call: Call, number: number, first: number): number {
  const { store } = call;
  writer.begin(store, number);
  for (let i = first; i < call.argc; i++) {
    if (writer.append(call.bytes, call.starts[i], call.ends[i])) continue;
    call.reply.error(`an entry of a stream has at most ${store.inlineMaxBytes} bytes`);
    return 0;
  }
  return writer.length;
}

function trimCount(call: Call, stream: LargeValue, { trim }: AddOptions, adding: number): number {
  return countToTrim(streamOf(call.store, stream), trim, call.host.valueLimits.streams, adding);
}

function xLen(call: Call): void {
  const stream = findCollection(call, 1, TYPE_STREAM);
  if (stream !== WRONG) call.reply.integer(stream === null ? 0 : streamOf(call.store, stream).entries.count);
}

function xDel(call: Call): void {
  const stream = findCollection(call, 1, TYPE_STREAM);
  if (stream === WRONG) return;
  if (stream === null) {
    call.reply.integer(0);
    return;
  }
  const ids: StreamId[] = [];
  for (let i = 2; i < call.argc; i++) {
    const id = new StreamId();
    if (!parseId(call, i, id)) return;
    ids.push(id);
  }
  const deleted = deleteEntries(call.store, stream, ids);
  if (deleted > 0) finishChange(call, stream, 't', 'xdel');
  call.reply.integer(deleted);
}

function xTrim(call: Call): void {
  const { store } = call;
  const options = parseAddOrTrim(call, false);
  if (options === undefined) return;
  const stream = findCollection(call, 1, TYPE_STREAM);
  if (stream === WRONG) return;
  if (stream === null) {
    call.reply.integer(0);
    return;
  }
  const index = streamOf(store, stream);
  const count = trimCount(call, stream, options, 0);
  bringFirst(store, stream, index, count);
  removeFirst(store, stream, index, count);
  if (count > 0) finishChange(call, stream, 't', 'xtrim');
  call.reply.integer(count);
}

function xSetId(call: Call): void {
  const { store, reply } = call;
  const lastId = new StreamId();
  const maxDeletedId = new StreamId();
  if (!parseId(call, 2, lastId)) return;
  let entriesAdded: number | undefined;
  for (let i = 3; i < call.argc; i += 2) {
    const hasValue = i + 1 < call.argc;
    if (hasValue && call.is(i, 'entriesadded')) {
      entriesAdded = parseAdded(call, i + 1);
      if (entriesAdded === undefined) return;
    } else if (hasValue && call.is(i, 'maxdeletedid')) {
      if (!parseId(call, i + 1, maxDeletedId)) return;
      if (lastId.compare(maxDeletedId) < 0) {
        reply.error('The ID specified in XSETID is smaller than the provided max_deleted_entry_id');
        return;
      }
    } else {
      reply.error(SYNTAX_ERROR);
      return;
    }
  }
  const stream = findCollection(call, 1, TYPE_STREAM);
  if (stream === WRONG) return;
  if (stream === null) {
    reply.error('no such key');
    return;
  }
  const index = streamOf(store, stream);
  const fault = lastIdFault(index, lastId, entriesAdded);
  if (fault !== '') {
    reply.error(fault);
    return;
  }
  index.lastId.set(lastId);
  if (entriesAdded !== undefined) index.entriesAdded = entriesAdded;
  if (!maxDeletedId.isMin) index.maxDeletedId.set(maxDeletedId);
  putStream(store, stream, index);
  finishChange(call, stream, 't', 'xsetid');
  reply.ok();
}

function parseAdded(call: Call, i: number): number | undefined {
  const count = call.integer(i);
  if (count === undefined) return undefined;
  if (count < 0) {
    call.reply.error('entries_added must be positive');
    return undefined;
  }
  if (typeof count === 'number') return count;
  call.reply.error(`entries_added must be at most ${Number.MAX_SAFE_INTEGER}`);
  return undefined;
}
