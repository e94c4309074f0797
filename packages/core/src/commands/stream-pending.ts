/** Commands on what is pending for the consumers of a group: XREADGROUP makes it, XACK, XPENDING, XCLAIM and XAUTOCLAIM. */
import { StreamId } from '../base/stream-id.ts';
import { putGroup } from '../engine/group-records.ts';
import { IdBatch } from '../engine/id-list.ts';
import { type LargeValue, TYPE_STREAM } from '../engine/large-values.ts';
import type { StreamConsumer } from '../engine/stream-index.ts';
import {
  bringHistory,
  bringNew,
  type Claim,
  chooseClaims,
  claimEntries,
  deliverHistory,
  deliverNew,
  idsOfBatch,
} from '../keyspace/stream-deliveries.ts';
import { acknowledge, bringPending, dropPending, pendingOf } from '../keyspace/stream-groups.ts';
import { BATCH_IDS, streamOf } from '../keyspace/streams.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, finishChange, WRONG } from './collection-call.ts';
import { BLOCKING, type CommandRow, FAST, firstKey, READONLY, WRITE } from './command.ts';
import { isId, parseId, parseInterval, parseStart } from './stream-arguments.ts';
import { consumerOf, type FoundGroup, isName } from './stream-groups.ts';
import { hasNew, parseReadOptions, type ReadOptions, replyEntry, serve, tryWait } from './stream-reads.ts';

const DOLLAR =
  'The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.';
const CLAIM_COUNT = 100;
const CLAIM_COUNT_MAX = 2 ** 31;

const group = 'stream';
const batch = new IdBatch(BATCH_IDS);
const id = new StreamId();

export const streamPendingCommands: readonly CommandRow[] = [
  {
    name: 'xreadgroup',
    arity: -7,
    flags: WRITE | BLOCKING,
    group,
    keys: { first: 4, last: -1, step: 1, flags: 'RO access', keyword: 'streams' },
    run: xReadGroup,
  },
  { name: 'xack', arity: -4, flags: WRITE | FAST, group, keys: firstKey('RW update'), run: xAck },
  { name: 'xpending', arity: -3, flags: READONLY, group, keys: firstKey('RO access'), run: xPending },
  { name: 'xclaim', arity: -6, flags: WRITE | FAST, group, keys: firstKey('RW update'), run: xClaim },
  { name: 'xautoclaim', arity: -6, flags: WRITE | FAST, group, keys: firstKey('RW delete'), run: xAutoClaim },
];

/** The group that argument `groupAt` names, of the stream of argument `keyAt`; null if there is none, undefined after an error. */
function findGroup(call: Call, keyAt: number, groupAt: number): FoundGroup | null | undefined {
  const stream = findCollection(call, keyAt, TYPE_STREAM);
  if (stream === WRONG) return undefined;
  if (stream === null) return null;
  const found = streamOf(call.store, stream).groups.get(call.latin1(groupAt));
  return found === undefined ? null : { stream, group: found };
}

function noGroup(call: Call, keyAt: number, groupAt: number, where = ''): void {
  call.reply.error(`-NOGROUP No such key '${call.latin1(keyAt)}' or consumer group '${call.latin1(groupAt)}'${where}`);
}

function xReadGroup(call: Call): void {
  const options = parseReadOptions(call, true);
  if (options === undefined || !isName(call, options.groupAt + 1)) return;
  const { first, streams, groupAt } = options;
  /** null: what comes new. */
  const ids: (StreamId | null)[] = [];
  const found: FoundGroup[] = [];
  for (let i = 0; i < streams; i++) {
    const own = findGroup(call, first + i, groupAt);
    if (own === undefined) return;
    if (own === null) {
      noGroup(call, first + i, groupAt, ' in XREADGROUP with GROUP option');
      return;
    }
    const at = first + streams + i;
    const after = new StreamId();
    if (call.is(at, '$')) {
      call.reply.error(DOLLAR);
      return;
    }
    if (!call.is(at, '>') && !parseId(call, at, after)) return;
    ids.push(call.is(at, '>') ? null : after);
    found.push(own);
  }
  const isReady = (i: number): boolean => ids[i] !== null || hasNew(call, found[i].stream, found[i].group.lastId);
  if (tryWait(call, options, isReady)) return;
  for (let i = 0; i < streams; i++) bringFirstBatch(call, found[i], ids[i], options);
  const consumers: StreamConsumer[] = [];
  const has = (i: number): boolean => {
    call.findKey(first + i);
    consumers[i] = consumerOf(call, found[i], groupAt + 1);
    return isReady(i);
  };
  serve(call, options, has, (i) => {
    const after = ids[i];
    if (after === null) deliver(call, found[i], consumers[i], options);
    else replyHistory(call, found[i], consumers[i], after, options.countMax);
  });
}

/** Before the first write: lets the command wait for the records that it begins with. */
function bringFirstBatch(call: Call, found: FoundGroup, after: StreamId | null, options: ReadOptions): void {
  const { stream, group: own } = found;
  const consumer = own.consumers.get(call.latin1(options.groupAt + 1));
  if (after === null) bringNew(call.store, stream, own, options.countMax);
  else if (consumer !== undefined) bringHistory(call.store, stream, own, consumer, after, options.countMax);
}

/** Replies with entries that the group was not given yet; they are pending from now on. */
function deliver(call: Call, found: FoundGroup, consumer: StreamConsumer, options: ReadOptions): void {
  const { store, reply } = call;
  const { stream, group: own } = found;
  const place = reply.defer();
  const visit = (each: StreamId): void => replyEntry(call, stream, each);
  const count = deliverNew(store, stream, own, consumer, options.countMax, options.acknowledges, visit);
  reply.resolveArray(place, count);
  finishChange(call, stream, '', '');
}

/** Replies with what is pending for a consumer after an ID; an entry that is gone has null for its fields. */
function replyHistory(
  call: Call,
  found: FoundGroup,
  consumer: StreamConsumer,
  after: StreamId,
  countMax: number,
): void {
  const { store, reply } = call;
  const { stream, group: own } = found;
  const place = reply.defer();
  const count = deliverHistory(store, stream, own, consumer, after, countMax, (each, isThere) => {
    if (isThere) {
      replyEntry(call, stream, each);
      return;
    }
    reply.array(2);
    reply.bulkLatin1(each.toString());
    reply.nullArray();
  });
  reply.resolveArray(place, count);
  finishChange(call, stream, '', '');
}

function xAck(call: Call): void {
  const found = findGroup(call, 1, 2);
  if (found === undefined) return;
  if (found === null) {
    call.reply.integer(0);
    return;
  }
  const ids: StreamId[] = [];
  for (let i = 3; i < call.argc; i++) {
    const each = new StreamId();
    if (!parseId(call, i, each)) return;
    ids.push(each);
  }
  const count = acknowledge(call.store, found.stream, found.group, ids);
  if (count > 0) finishChange(call, found.stream, '', '');
  call.reply.integer(count);
}

function xPending(call: Call): void {
  const { reply } = call;
  if (call.argc === 3) {
    const found = findGroup(call, 1, 2);
    if (found === null) noGroup(call, 1, 2);
    else if (found !== undefined) replySummary(call, found);
    return;
  }
  if (call.argc < 6 || call.argc > 9) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  let at = 3;
  let idleMin = 0;
  if (call.is(3, 'idle')) {
    const given = call.integer(4);
    if (given === undefined) return;
    idleMin = Number(given);
    at = 5;
    if (call.argc < 8) {
      reply.error(SYNTAX_ERROR);
      return;
    }
  }
  const count = call.integer(at + 2);
  if (count === undefined) return;
  const start = new StreamId();
  const end = new StreamId();
  if (!parseInterval(call, at, at + 1, start, end)) return;
  const found = findGroup(call, 1, 2);
  if (found === null) noGroup(call, 1, 2);
  else if (found !== undefined) {
    const consumer = at + 3 < call.argc ? found.group.consumers.get(call.latin1(at + 3)) : null;
    if (consumer === undefined) reply.array(0);
    else replyPending(call, found, consumer, start, end, Math.max(0, Number(count)), idleMin);
  }
}

function replySummary(call: Call, { group: own }: FoundGroup): void {
  const { reply } = call;
  const { pending } = own;
  reply.array(4);
  reply.integer(pending.count);
  if (pending.count === 0) {
    reply.null();
    reply.null();
    reply.nullArray();
    return;
  }
  pending.loadAt(0, id);
  reply.bulkLatin1(id.toString());
  pending.loadLast(id);
  reply.bulkLatin1(id.toString());
  const busy = [...own.consumers.values()].filter((each) => each.pending.count > 0);
  reply.array(busy.length);
  for (const each of busy.sort(byName)) {
    reply.array(2);
    reply.bulkLatin1(each.name);
    reply.bulkLatin1(String(each.pending.count));
  }
}

/** As redis has them: by the bytes of their names. */
export function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}

function replyPending(
  call: Call,
  { stream, group: own }: FoundGroup,
  consumer: StreamConsumer | null,
  start: StreamId,
  end: StreamId,
  countMax: number,
  idleMin: number,
): void {
  const { store, reply } = call;
  const list = (consumer ?? own).pending;
  const nowMs = store.nowMs();
  const place = reply.defer();
  let count = 0;
  while (count < countMax) {
    list.copy(start, end, false, batch);
    bringPending(store, stream, own, idsOfBatch(batch));
    for (let i = 0; i < batch.count && count < countMax; i++) {
      batch.load(i, start);
      const { consumer: number, deliveredAtMs, deliveries } = pendingOf(store, stream, own, start);
      if (nowMs - deliveredAtMs < idleMin) continue;
      count++;
      reply.array(4);
      reply.bulkLatin1(start.toString());
      reply.bulkLatin1(own.byNumber.get(number)?.name ?? '');
      reply.integer(Math.max(0, nowMs - deliveredAtMs));
      reply.integer(deliveries);
    }
    if (batch.count < BATCH_IDS || !start.increment()) break;
  }
  reply.resolveArray(place, count);
}

/** What XCLAIM says after its consumer's name. Who asks for IDs alone leaves the count of deliveries as it is. */
interface ClaimOptions extends Claim {
  ids: StreamId[];
  deliveredAtMs: number;
  deliveries: number;
  forces: boolean;
  keepsCount: boolean;
  readonly lastId: StreamId;
}

function xClaim(call: Call): void {
  const found = findGroup(call, 1, 2);
  if (found === undefined) return;
  if (found === null) {
    noGroup(call, 1, 2);
    return;
  }
  const idleMin = call.integer(4, 'Invalid min-idle-time argument for XCLAIM');
  if (idleMin === undefined) return;
  const options = parseClaim(call);
  if (options === undefined || !isName(call, 3)) return;
  const { store, reply } = call;
  const { stream, group: own } = found;
  bringPending(store, stream, own, options.ids, true);
  if (options.lastId.compare(own.lastId) > 0) {
    own.lastId.set(options.lastId);
    putGroup(store, stream, own);
  }
  const consumer = consumerOf(call, found, 3);
  const place = reply.defer();
  const visit = replyClaimed(call, stream, options.keepsCount);
  reply.resolveArray(place, claimEntries(store, stream, own, consumer, options.ids, Number(idleMin), options, visit));
  finishChange(call, stream, '', '');
}

/** Replies with each entry that is claimed, or its ID alone. */
function replyClaimed(call: Call, stream: LargeValue, isIdsOnly: boolean): (id: StreamId) => void {
  return (each) => {
    if (isIdsOnly) call.reply.bulkLatin1(each.toString());
    else replyEntry(call, stream, each);
  };
}

function parseClaim(call: Call): ClaimOptions | undefined {
  const nowMs = call.store.nowMs();
  const options: ClaimOptions = {
    ids: [],
    deliveredAtMs: nowMs,
    deliveries: -1,
    forces: false,
    keepsCount: false,
    lastId: new StreamId(),
  };
  let i = 5;
  for (; i < call.argc && isId(call, i, id); i++) options.ids.push(id.copy());
  for (; i < call.argc; i++) {
    const hasValue = i + 1 < call.argc;
    if (call.is(i, 'force')) options.forces = true;
    else if (call.is(i, 'justid')) options.keepsCount = true;
    else if (hasValue && (call.is(i, 'idle') || call.is(i, 'time'))) {
      const isIdle = call.is(i, 'idle');
      const given = call.integer(++i, `Invalid ${isIdle ? 'IDLE' : 'TIME'} option argument for XCLAIM`);
      if (given === undefined) return undefined;
      const at = isIdle ? nowMs - Number(given) : Number(given);
      options.deliveredAtMs = at < 0 || at > nowMs ? nowMs : at;
    } else if (hasValue && call.is(i, 'retrycount')) {
      const given = call.integer(++i, 'Invalid RETRYCOUNT option argument for XCLAIM');
      if (given === undefined) return undefined;
      options.deliveries = Number(given);
    } else if (hasValue && call.is(i, 'lastid')) {
      if (!parseId(call, ++i, options.lastId)) return undefined;
    } else {
      call.reply.error(`Unrecognized XCLAIM option '${call.latin1(i)}'`);
      return undefined;
    }
  }
  return options;
}

function xAutoClaim(call: Call): void {
  const { reply } = call;
  const idleMin = call.integer(4, 'Invalid min-idle-time argument for XAUTOCLAIM');
  if (idleMin === undefined) return;
  const start = new StreamId();
  if (!parseStart(call, 5, start)) return;
  let countMax = CLAIM_COUNT;
  let isIdsOnly = false;
  for (let i = 6; i < call.argc; i++) {
    if (call.is(i, 'justid')) isIdsOnly = true;
    else if (call.is(i, 'count') && i + 1 < call.argc) {
      const given = call.integer(++i);
      if (given === undefined) return;
      if (given < 1 || given > CLAIM_COUNT_MAX) {
        reply.error('COUNT must be > 0');
        return;
      }
      countMax = Number(given);
    } else {
      reply.error(SYNTAX_ERROR);
      return;
    }
  }
  const found = findGroup(call, 1, 2);
  if (found === null) noGroup(call, 1, 2);
  else if (found !== undefined && isName(call, 3)) {
    autoClaim(call, found, start, Number(idleMin), countMax, isIdsOnly);
  }
}

function autoClaim(
  call: Call,
  found: FoundGroup,
  start: StreamId,
  idleMin: number,
  countMax: number,
  isIdsOnly: boolean,
): void {
  const { store, reply } = call;
  const { stream, group: own } = found;
  const { claimed, gone, next } = chooseClaims(store, stream, own, start, idleMin, countMax);
  bringPending(store, stream, own, claimed, true);
  const consumer = consumerOf(call, found, 3);
  const claim = { deliveredAtMs: store.nowMs(), deliveries: -1, keepsCount: isIdsOnly, forces: false };
  for (const each of gone) dropPending(store, stream, own, each);
  reply.array(3);
  reply.bulkLatin1(next.toString());
  reply.array(claimed.length);
  claimEntries(
    store,
    stream,
    own,
    consumer,
    claimed,
    Number.NEGATIVE_INFINITY,
    claim,
    replyClaimed(call, stream, isIdsOnly),
  );
  reply.array(gone.length);
  for (const each of gone) reply.bulkLatin1(each.toString());
  finishChange(call, stream, '', '');
}
