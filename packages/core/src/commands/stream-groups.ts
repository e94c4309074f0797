/** Commands that make, change and show the groups of streams: XGROUP and XINFO. */
import { StreamId } from '../base/stream-id.ts';
import { type LargeValue, TYPE_STREAM } from '../engine/large-values.ts';
import { READ_UNKNOWN, type StreamGroup } from '../engine/stream-index.ts';
import { NAME_SIZE_MAX_BYTES } from '../engine/stream-records.ts';
import { createConsumer, createGroup, deleteConsumer, destroyGroup, setGroupId } from '../keyspace/stream-groups.ts';
import { makeStream, streamOf } from '../keyspace/streams.ts';
import type { Call } from './call.ts';
import { findCollection, finishChange, WRONG } from './collection-call.ts';
import { type CommandRow, DENYOOM, type KeyRange, LOADING, STALE, WRITE } from './command.ts';
import { parseId } from './stream-arguments.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

const NO_KEY =
  'The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.';
const GROUP_HELP = [
  'CREATE <key> <groupname> <id|$> [option]',
  '    Create a new consumer group. Options are:',
  '    * MKSTREAM',
  '      Create the empty stream if it does not exist.',
  '    * ENTRIESREAD entries_read',
  "      Set the group's entries_read counter (internal use).",
  'CREATECONSUMER <key> <groupname> <consumer>',
  '    Create a new consumer in the specified group.',
  'DELCONSUMER <key> <groupname> <consumer>',
  '    Remove the specified consumer.',
  'DESTROY <key> <groupname>',
  '    Remove the specified group.',
  'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
  '    Set the current group ID and entries_read counter.',
];

const group = 'stream';

function second(flags: string): KeyRange {
  return { first: 2, last: 2, step: 1, flags };
}

export const streamGroupCommands: readonly CommandRow[] = [
  {
    name: 'xgroup',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'create', arity: -5, flags: WRITE | DENYOOM, group, keys: second('RW insert'), run: create },
      { name: 'setid', arity: -5, flags: WRITE, group, keys: second('RW update'), run: setId },
      { name: 'destroy', arity: 4, flags: WRITE, group, keys: second('RW delete'), run: destroy },
      {
        name: 'createconsumer',
        arity: 5,
        flags: WRITE | DENYOOM,
        group,
        keys: second('RW insert'),
        run: makeConsumer,
      },
      { name: 'delconsumer', arity: 5, flags: WRITE, group, keys: second('RW delete'), run: removeConsumer },
      {
        name: 'help',
        arity: 2,
        flags: LOADING | STALE,
        group,
        run: (call) => replyHelp(call, 'XGROUP', GROUP_HELP),
      },
    ],
  },
];

/** A stream and a group of it. */
export interface FoundGroup {
  stream: LargeValue;
  group: StreamGroup;
}

/** Replies that the name is too long, and returns false, or returns true. */
export function isName(call: Call, i: number): boolean {
  if (call.lengthOf(i) <= NAME_SIZE_MAX_BYTES) return true;
  call.reply.error(`a name of a group or consumer has at most ${NAME_SIZE_MAX_BYTES} bytes`);
  return false;
}

/** The stream that argument 2 names; undefined after replying with an error. */
function findStream(call: Call): LargeValue | undefined {
  const stream = findCollection(call, 2, TYPE_STREAM);
  if (stream === WRONG) return undefined;
  if (stream === null) call.reply.error(NO_KEY);
  return stream ?? undefined;
}

function findGroup(call: Call): FoundGroup | undefined {
  const stream = findStream(call);
  if (stream === undefined) return undefined;
  const found = streamOf(call.store, stream).groups.get(call.latin1(3));
  if (found !== undefined) return { stream, group: found };
  call.reply.error(`-NOGROUP No such consumer group '${call.latin1(3)}' for key name '${call.latin1(2)}'`);
  return undefined;
}

interface GroupOptions {
  makesStream: boolean;
  entriesRead: number;
}

function parseOptions(call: Call, mayMake: boolean): GroupOptions | undefined {
  const options = { makesStream: false, entriesRead: READ_UNKNOWN };
  for (let i = 5; i < call.argc; i++) {
    if (mayMake && call.is(i, 'mkstream')) options.makesStream = true;
    else if (i + 1 < call.argc && call.is(i, 'entriesread')) {
      const read = call.integer(++i);
      if (read === undefined) return undefined;
      if (typeof read !== 'number' || read < READ_UNKNOWN) {
        call.reply.error('value for ENTRIESREAD must be positive or -1');
        return undefined;
      }
      options.entriesRead = read;
    } else {
      const name = call.latin1(1).slice(0, 128);
      call.reply.error(`unknown subcommand or wrong number of arguments for '${name}'. Try XGROUP HELP.`);
      return undefined;
    }
  }
  return options;
}

/** Argument 4 as the ID that a group has read up to. */
function parseGroupId(call: Call, stream: LargeValue | null, into: StreamId): boolean {
  if (!call.is(4, '$')) return parseId(call, 4, into);
  if (stream !== null) into.set(streamOf(call.store, stream).lastId);
  return true;
}

function create(call: Call): void {
  const { store, reply } = call;
  const options = parseOptions(call, true);
  if (options === undefined) return;
  const found = findCollection(call, 2, TYPE_STREAM);
  if (found === WRONG) return;
  if (found === null && !options.makesStream) {
    reply.error(NO_KEY);
    return;
  }
  const id = new StreamId();
  if (!parseGroupId(call, found, id) || !isName(call, 3)) return;
  const stream = found ?? makeStream(store);
  if (!createGroup(store, stream, streamOf(store, stream), call.latin1(3), id, options.entriesRead)) {
    reply.error('-BUSYGROUP Consumer Group name already exists');
    return;
  }
  finishChange(call, stream, 't', 'xgroup-create');
  reply.ok();
}

function setId(call: Call): void {
  const options = parseOptions(call, false);
  if (options === undefined) return;
  const found = findGroup(call);
  if (found === undefined) return;
  const id = new StreamId();
  if (call.is(4, '-')) id.setMin();
  else if (call.is(4, '+')) id.setMax();
  else if (!parseGroupId(call, found.stream, id)) return;
  setGroupId(call.store, found.stream, found.group, id, options.entriesRead);
  finishChange(call, found.stream, 't', 'xgroup-setid');
  call.reply.ok();
}

function destroy(call: Call): void {
  const stream = findStream(call);
  if (stream === undefined) return;
  const index = streamOf(call.store, stream);
  const found = index.groups.get(call.latin1(3));
  if (found !== undefined) {
    destroyGroup(call.store, stream, index, found);
    finishChange(call, stream, 't', 'xgroup-destroy');
  }
  call.reply.integer(found === undefined ? 0 : 1);
}

function makeConsumer(call: Call): void {
  const found = findGroup(call);
  if (found === undefined || !isName(call, 4)) return;
  const isNew = !found.group.consumers.has(call.latin1(4));
  if (isNew) consumerOf(call, found, 4);
  call.reply.integer(isNew ? 1 : 0);
}

/** The consumer that argument `i` names, made if need be, of which its listeners are told; it has just been seen. */
export function consumerOf(call: Call, { stream, group: own }: FoundGroup, i: number) {
  const name = call.latin1(i);
  const nowMs = call.store.nowMs();
  let consumer = own.consumers.get(name);
  if (consumer === undefined) {
    consumer = createConsumer(call.store, stream, own, name, nowMs);
    finishChange(call, stream, 't', 'xgroup-createconsumer');
  }
  consumer.seenAtMs = nowMs;
  return consumer;
}

function removeConsumer(call: Call): void {
  const found = findGroup(call);
  if (found === undefined) return;
  const consumer = found.group.consumers.get(call.latin1(4));
  if (consumer === undefined) {
    call.reply.integer(0);
    return;
  }
  const pending = deleteConsumer(call.store, found.stream, found.group, consumer);
  finishChange(call, found.stream, 't', 'xgroup-delconsumer');
  call.reply.integer(pending);
}
