/**
 * Whole operations on the groups of streams, by key: what an embedded method calls. They leave the acknowledgement to the
 * caller (`store.committer`), and throw before anything is changed or undo what they did.
 *
 * Names of groups and consumers are texts (UTF-8) here, and bytes, one character each, in the stream's index.
 */
import { FerriteError } from '../base/errors.ts';
import { StreamId } from '../base/stream-id.ts';
import { putGroup } from '../engine/group-records.ts';
import { IdBatch } from '../engine/id-list.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { LargeValue } from '../engine/large-values.ts';
import type { Store } from '../engine/store.ts';
import { NEVER_MS, READ_UNKNOWN, type StreamConsumer, type StreamGroup } from '../engine/stream-index.ts';
import { NAME_SIZE_MAX_BYTES } from '../engine/stream-records.ts';
import {
  bringHistory,
  bringNew,
  type Claim,
  chooseClaims,
  claimEntries,
  deliverHistory,
  deliverNew,
  idsOfBatch,
} from './stream-deliveries.ts';
import {
  acknowledge,
  bringPending,
  createConsumer,
  createGroup,
  deleteConsumer,
  destroyGroup,
  dropPending,
  lagOf,
  pendingOf,
  setGroupId,
} from './stream-groups.ts';
import { changeFound, type EntryItems, findForChange, findStream } from './stream-operations.ts';
import { BATCH_IDS, hasAfter, itemsOf, streamOf } from './streams.ts';

const GROUP_OVERHEAD_BYTES = 100;

/** A group of a key's stream. */
interface GroupName {
  readonly key: Key;
  readonly group: string;
}

/** An entry that was given to a consumer and not acknowledged yet. */
export interface PendingInfo {
  id: string;
  consumer: string;
  /** Since it was delivered last. */
  idleMs: number;
  deliveries: number;
}

export interface PendingSummary {
  count: number;
  /** The lowest and the highest ID; `undefined` where nothing is pending. */
  first: string | undefined;
  last: string | undefined;
  /** How many entries are pending for each consumer that has any. */
  consumers: Map<string, number>;
}

export interface StreamInfo {
  length: number;
  /** The ID that was given last. */
  lastId: string;
  /** The highest ID that was removed by itself. */
  maxDeletedId: string;
  /** How many entries were ever added. */
  entriesAdded: number;
  groups: number;
  /** IDs of the first and the last entry; `undefined` where there is none. */
  first: string | undefined;
  last: string | undefined;
}

export interface GroupInfo {
  name: string;
  consumers: number;
  pending: number;
  lastDeliveredId: string;
  /** How many entries were added up to that one; `undefined` if that is not known. */
  entriesRead: number | undefined;
  /** How many the group was not given yet; `undefined` if that is not known. */
  lag: number | undefined;
}

export interface ConsumerInfo {
  name: string;
  pending: number;
  /** Since it asked for entries last. */
  idleMs: number;
  /** Since it was given any last; `undefined`: never. */
  inactiveMs: number | undefined;
}

interface Found {
  readonly stream: LargeValue;
  readonly group: StreamGroup;
}

/** As the index has it. Throws FERRITE_INVALID_ARGUMENT if the name is too long. */
function nameOf(text: string): string {
  const name = Buffer.from(text, 'utf8').toString('latin1');
  if (name.length <= NAME_SIZE_MAX_BYTES) return name;
  throw new FerriteError(
    'FERRITE_INVALID_ARGUMENT',
    `a name of a group or consumer has at most ${NAME_SIZE_MAX_BYTES} bytes`,
  );
}

function textOf(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

function lookUp(store: Store, stream: LargeValue | null, { key, group }: GroupName): Found {
  const found = stream === null ? undefined : streamOf(store, stream).groups.get(nameOf(group));
  if (stream !== null && found !== undefined) return { stream, group: found };
  const where = stream === null ? 'there is no stream' : `the stream has no group '${group}'`;
  throw new FerriteError('FERRITE_NO_GROUP', `${where} under ${String(key)}: xgroupCreate makes one`);
}

/** The group, to be read. Throws FERRITE_NO_GROUP if there is none. */
function findGroup(store: Store, database: number, name: GroupName): Found {
  return lookUp(store, findStream(store, database, name.key), name);
}

/** The same, to be changed by so many bytes. */
function findGroupForChange(store: Store, database: number, name: GroupName, growthBytes: number): Found {
  return lookUp(store, findForChange(store, database, name.key, growthBytes), name);
}

/** Makes a group that has read up to an ID, null for the last one; false if there is one of this name. */
export function makeGroup(
  store: Store,
  database: number,
  { key, group }: GroupName,
  lastId: StreamId | null,
  makesStream: boolean,
  entriesRead: number | undefined,
): boolean {
  const name = nameOf(group);
  const old = findForChange(store, database, key, GROUP_OVERHEAD_BYTES + name.length);
  if (old === null && !makesStream) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `there is no stream under ${String(key)}: makeStream makes an empty one`,
    );
  }
  if (old !== null && streamOf(store, old).groups.has(name)) return false;
  return changeFound(store, database, old, (stream) => {
    const index = streamOf(store, stream);
    return createGroup(store, stream, index, name, lastId ?? index.lastId, entriesRead ?? READ_UNKNOWN);
  });
}

/** The group has read up to an ID from now on, null for the last one. */
export function moveGroup(
  store: Store,
  database: number,
  name: GroupName,
  lastId: StreamId | null,
  entriesRead: number | undefined,
): void {
  const { stream, group } = findGroupForChange(store, database, name, 0);
  changeFound(store, database, stream, () => {
    setGroupId(store, stream, group, lastId ?? streamOf(store, stream).lastId, entriesRead ?? READ_UNKNOWN);
  });
}

/** Removes a group with all that is pending for it; false if there is none. */
export function removeGroupOf(store: Store, database: number, { key, group }: GroupName): boolean {
  const stream = findForChange(store, database, key, 0);
  const found = stream === null ? undefined : streamOf(store, stream).groups.get(nameOf(group));
  if (stream === null || found === undefined) return false;
  changeFound(store, database, stream, () => destroyGroup(store, stream, streamOf(store, stream), found));
  return true;
}

/** Makes a consumer; false if the group has one of this name. */
export function makeConsumerOf(store: Store, database: number, name: GroupName, consumer: string): boolean {
  const { stream, group } = findGroupForChange(store, database, name, GROUP_OVERHEAD_BYTES);
  if (group.consumers.has(nameOf(consumer))) return false;
  changeFound(store, database, stream, () => seen(store, stream, group, consumer));
  return true;
}

/** Removes a consumer with what is pending for it; returns how much that was. */
export function removeConsumerOf(store: Store, database: number, name: GroupName, consumer: string): number {
  const { stream, group } = findGroupForChange(store, database, name, 0);
  const found = group.consumers.get(nameOf(consumer));
  if (found === undefined) return 0;
  return changeFound(store, database, stream, () => deleteConsumer(store, stream, group, found));
}

/** The consumer of this name, made if need be; it has just been seen. */
function seen(store: Store, stream: LargeValue, group: StreamGroup, consumer: string): StreamConsumer {
  const name = nameOf(consumer);
  const nowMs = store.nowMs();
  const found = group.consumers.get(name) ?? createConsumer(store, stream, group, name, nowMs);
  found.seenAtMs = nowMs;
  return found;
}

/** Gives a consumer entries that its group was not given yet; they are pending from now on, unless it `acknowledges`. */
export function giveNew(
  store: Store,
  database: number,
  name: GroupName,
  consumer: string,
  countMax: number,
  acknowledges: boolean,
): EntryItems[] {
  const { stream, group } = findGroupForChange(store, database, name, GROUP_OVERHEAD_BYTES);
  const isKnown = group.consumers.has(nameOf(consumer));
  if (isKnown && !hasAfter(streamOf(store, stream), group.lastId)) {
    seen(store, stream, group, consumer);
    return [];
  }
  bringNew(store, stream, group, countMax);
  return changeFound(store, database, stream, () => {
    const own = seen(store, stream, group, consumer);
    const given: EntryItems[] = [];
    if (!hasAfter(streamOf(store, stream), group.lastId)) return given;
    deliverNew(store, stream, group, own, countMax, acknowledges, (id) => given.push(entryOf(store, stream, id)));
    return given;
  });
}

/** Gives a consumer what is pending for it after an ID once more. What is gone has no fields. */
export function giveHistory(
  store: Store,
  database: number,
  name: GroupName,
  consumer: string,
  after: StreamId,
  countMax: number,
): EntryItems[] {
  const { stream, group } = findGroupForChange(store, database, name, GROUP_OVERHEAD_BYTES);
  const known = group.consumers.get(nameOf(consumer));
  if (known !== undefined) bringHistory(store, stream, group, known, after, countMax);
  return changeFound(store, database, stream, () => {
    const own = seen(store, stream, group, consumer);
    const given: EntryItems[] = [];
    deliverHistory(store, stream, group, own, after, countMax, (id, isThere) =>
      given.push(isThere ? entryOf(store, stream, id) : { id: id.toString(), items: [] }),
    );
    return given;
  });
}

function entryOf(store: Store, stream: LargeValue, id: StreamId): EntryItems {
  return { id: id.toString(), items: itemsOf(store, stream, id) };
}

/** Nothing is pending any more of these entries; returns of how many it was. */
export function acknowledgeAll(store: Store, database: number, name: GroupName, ids: readonly StreamId[]): number {
  const stream = findForChange(store, database, name.key, 0);
  const group = stream === null ? undefined : streamOf(store, stream).groups.get(nameOf(name.group));
  if (stream === null || group === undefined || !ids.some((id) => group.pending.has(id))) return 0;
  return changeFound(store, database, stream, () => acknowledge(store, stream, group, ids));
}

/** How much is pending for a group, and for whom. */
export function summaryOf(store: Store, database: number, name: GroupName): PendingSummary {
  const { pending, consumers } = findGroup(store, database, name).group;
  const busy = [...consumers.values()].filter((each) => each.pending.count > 0);
  const edge = new StreamId();
  if (pending.count > 0) pending.loadAt(0, edge);
  const first = pending.count > 0 ? edge.toString() : undefined;
  if (pending.count > 0) pending.loadLast(edge);
  return {
    count: pending.count,
    first,
    last: pending.count > 0 ? edge.toString() : undefined,
    consumers: new Map(busy.map((each) => [textOf(each.name), each.pending.count])),
  };
}

/** Pending entries of `[start, end]`, of a consumer or of all of them, that have been so for a time; at most so many. */
export function pendingInRange(
  store: Store,
  database: number,
  name: GroupName,
  start: StreamId,
  end: StreamId,
  countMax: number,
  consumer: string | undefined,
  idleMinMs: number,
): PendingInfo[] {
  const { stream, group } = findGroup(store, database, name);
  const list = consumer === undefined ? group.pending : group.consumers.get(nameOf(consumer))?.pending;
  const found: PendingInfo[] = [];
  const batch = new IdBatch(BATCH_IDS);
  const nowMs = store.nowMs();
  const from = start.copy();
  while (list !== undefined && found.length < countMax) {
    list.copy(from, end, false, batch);
    bringPending(store, stream, group, idsOfBatch(batch));
    for (let i = 0; i < batch.count && found.length < countMax; i++) {
      batch.load(i, from);
      const { consumer: number, deliveredAtMs, deliveries } = pendingOf(store, stream, group, from);
      if (nowMs - deliveredAtMs < idleMinMs) continue;
      const idleMs = Math.max(0, nowMs - deliveredAtMs);
      found.push({ id: from.toString(), consumer: textOf(group.byNumber.get(number)?.name ?? ''), idleMs, deliveries });
    }
    if (batch.count < BATCH_IDS || !from.increment()) break;
  }
  return found;
}

/** What of the time and count of deliveries, and of the group's last ID, a claim says. */
export interface ClaimTerms {
  /** When the entries count as delivered, in ms since the epoch; undefined: now. */
  readonly deliveredAtMs: number | undefined;
  /** -1: once more than before. */
  readonly deliveries: number;
  readonly forces: boolean;
  readonly lastId: StreamId | undefined;
}

/** Gives a consumer entries that have been pending for so long, whoever had them. */
export function claimAll(
  store: Store,
  database: number,
  name: GroupName,
  consumer: string,
  idleMinMs: number,
  ids: readonly StreamId[],
  terms: ClaimTerms,
): EntryItems[] {
  const { stream, group } = findGroupForChange(store, database, name, GROUP_OVERHEAD_BYTES);
  bringPending(store, stream, group, ids, true);
  return changeFound(store, database, stream, () => {
    if (terms.lastId !== undefined && terms.lastId.compare(group.lastId) > 0) {
      group.lastId.set(terms.lastId);
      putGroup(store, stream, group);
    }
    const claim = { ...terms, deliveredAtMs: terms.deliveredAtMs ?? store.nowMs(), keepsCount: false };
    return claimed(store, { stream, group }, consumer, ids, idleMinMs, claim);
  });
}

function claimed(
  store: Store,
  { stream, group }: Found,
  consumer: string,
  ids: readonly StreamId[],
  idleMinMs: number,
  claim: Claim,
): EntryItems[] {
  const given: EntryItems[] = [];
  const own = seen(store, stream, group, consumer);
  claimEntries(store, stream, group, own, ids, idleMinMs, claim, (id) => given.push(entryOf(store, stream, id)));
  return given;
}

/** Claims what has been pending for so long, from an ID on; `next` is where to go on, 0-0 at the end. */
export function claimIdle(
  store: Store,
  database: number,
  name: GroupName,
  consumer: string,
  idleMinMs: number,
  start: StreamId,
  countMax: number,
): { next: string; entries: EntryItems[]; deleted: string[] } {
  const { stream, group } = findGroupForChange(store, database, name, GROUP_OVERHEAD_BYTES);
  const chosen = chooseClaims(store, stream, group, start, idleMinMs, countMax);
  bringPending(store, stream, group, chosen.claimed, true);
  return changeFound(store, database, stream, () => {
    for (const id of chosen.gone) dropPending(store, stream, group, id);
    const claim = { deliveredAtMs: store.nowMs(), deliveries: -1, keepsCount: false, forces: false };
    const entries = claimed(store, { stream, group }, consumer, chosen.claimed, Number.NEGATIVE_INFINITY, claim);
    return { next: chosen.next.toString(), entries, deleted: chosen.gone.map((id) => id.toString()) };
  });
}

/** What is known of a stream; undefined if there is no such key. */
export function infoOfStream(store: Store, database: number, key: Key): StreamInfo | undefined {
  const stream = findStream(store, database, key);
  if (stream === null) return undefined;
  const { entries, lastId, maxDeletedId, entriesAdded, groups } = streamOf(store, stream);
  const edge = new StreamId();
  if (entries.count > 0) entries.loadAt(0, edge);
  const first = entries.count > 0 ? edge.toString() : undefined;
  if (entries.count > 0) entries.loadLast(edge);
  return {
    length: entries.count,
    lastId: lastId.toString(),
    maxDeletedId: maxDeletedId.toString(),
    entriesAdded,
    groups: groups.size,
    first,
    last: entries.count > 0 ? edge.toString() : undefined,
  };
}

/** What is known of the groups of a stream; none if there is no such key. */
export function infoOfGroups(store: Store, database: number, key: Key): GroupInfo[] {
  const stream = findStream(store, database, key);
  const index = stream === null ? null : streamOf(store, stream);
  if (index === null) return [];
  return [...index.groups.values()].map((group) => ({
    name: textOf(group.name),
    consumers: group.consumers.size,
    pending: group.pending.count,
    lastDeliveredId: group.lastId.toString(),
    entriesRead: group.entriesRead === READ_UNKNOWN ? undefined : group.entriesRead,
    lag: lagOf(index, group) ?? undefined,
  }));
}

/** What is known of the consumers of a group. */
export function infoOfConsumers(store: Store, database: number, name: GroupName): ConsumerInfo[] {
  const { group } = findGroup(store, database, name);
  const nowMs = store.nowMs();
  return [...group.consumers.values()].map((each) => ({
    name: textOf(each.name),
    pending: each.pending.count,
    idleMs: Math.max(0, nowMs - each.seenAtMs),
    inactiveMs: each.activeAtMs === NEVER_MS ? undefined : nowMs - each.activeAtMs,
  }));
}
