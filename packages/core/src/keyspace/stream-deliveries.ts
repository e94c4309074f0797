/**
 * What consumers of a group are given: new entries, what is pending for them once more, and what they claim from others. Both
 * doors use it. The key was found, and `streamOf` has been asked.
 *
 * `visit` is called with the ID of each entry that is given, in an object that is used again.
 */
import { StreamId } from '../base/stream-id.ts';
import { putConsumer, putGroup } from '../engine/group-records.ts';
import { IdBatch } from '../engine/id-list.ts';
import type { LargeValue } from '../engine/large-values.ts';
import type { Store } from '../engine/store.ts';
import type { StreamConsumer, StreamGroup } from '../engine/stream-index.ts';
import { advance, bringPending, dropPending, pendingOf, setPending } from './stream-groups.ts';
import { BATCH_IDS, bringBatch, forEachInRange, streamOf } from './streams.ts';

/** XAUTOCLAIM looks at so many entries for each that it may claim. */
const ATTEMPTS_FACTOR = 10;

const batch = new IdBatch(BATCH_IDS);

/** How entries are claimed. */
export interface Claim {
  /** What is said of when they were delivered. */
  readonly deliveredAtMs: number;
  /** How often they count as delivered; -1: once more than before, or as often as before with `keepsCount`. */
  readonly deliveries: number;
  readonly keepsCount: boolean;
  /** Entries that are not pending are claimed, too. */
  readonly forces: boolean;
}

function lastId(): StreamId {
  const last = new StreamId();
  last.setMax();
  return last;
}

export function idsOfBatch(from: IdBatch): StreamId[] {
  return Array.from({ length: from.count }, (_, i) => {
    const each = new StreamId();
    from.load(i, each);
    return each;
  });
}

/** Before the first write: lets a command wait for the records that giving new entries begins with. */
export function bringNew(store: Store, object: LargeValue, group: StreamGroup, countMax: number): void {
  const start = group.lastId.copy();
  if (!store.hasRecordsOnDisk || !start.increment()) return;
  streamOf(store, object).entries.copy(start, lastId(), false, batch);
  batch.count = Math.min(batch.count, countMax);
  bringBatch(store, object, batch);
}

/** The same for what is pending for a consumer after an ID. */
export function bringHistory(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  consumer: StreamConsumer,
  after: StreamId,
  countMax: number,
): void {
  const start = after.copy();
  if (!store.hasRecordsOnDisk || !start.increment()) return;
  consumer.pending.copy(start, lastId(), false, batch);
  batch.count = Math.min(batch.count, countMax);
  bringPending(store, object, group, idsOfBatch(batch), true);
}

/** Gives a consumer entries that the group was not given yet; they are pending from now on, unless it `acknowledges`. */
export function deliverNew(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  consumer: StreamConsumer,
  countMax: number,
  acknowledges: boolean,
  visit: (id: StreamId) => void,
): number {
  const index = streamOf(store, object);
  const nowMs = store.nowMs();
  const start = group.lastId.copy();
  const deliver = (id: StreamId): void => {
    visit(id);
    advance(index, group, id);
    if (!acknowledges) setPending(store, object, group, consumer, id, nowMs, 1);
  };
  const count = start.increment() ? forEachInRange(store, object, start, lastId(), countMax, false, deliver) : 0;
  putGroup(store, object, group);
  if (!acknowledges) consumer.activeAtMs = nowMs;
  putConsumer(store, object, group, consumer);
  return count;
}

/** Gives a consumer what is pending for it after an ID once more; entries may be gone, which `visit` is told. */
export function deliverHistory(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  consumer: StreamConsumer,
  after: StreamId,
  countMax: number,
  visit: (id: StreamId, isThere: boolean) => void,
): number {
  const { entries } = streamOf(store, object);
  const start = after.copy();
  const nowMs = store.nowMs();
  let count = 0;
  for (; start.increment() && count < countMax; ) {
    consumer.pending.copy(start, lastId(), false, batch);
    batch.count = Math.min(batch.count, countMax - count);
    if (batch.count === 0) break;
    for (let i = 0; i < batch.count; i++, count++) {
      batch.load(i, start);
      const isThere = entries.has(start);
      visit(start, isThere);
      if (!isThere) continue;
      const { deliveries } = pendingOf(store, object, group, start);
      setPending(store, object, group, consumer, start, nowMs, deliveries + 1);
    }
  }
  return count;
}

/** Gives a consumer entries that have been pending for others, or it, for so long; those that are gone are no longer pending. */
export function claimEntries(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  consumer: StreamConsumer,
  ids: readonly StreamId[],
  idleMinMs: number,
  claim: Claim,
  visit: (id: StreamId) => void,
): number {
  const { entries } = streamOf(store, object);
  const nowMs = store.nowMs();
  const more = claim.keepsCount ? 0 : 1;
  let count = 0;
  for (const id of ids) {
    const isPending = group.pending.has(id);
    if (!entries.has(id)) {
      if (isPending) dropPending(store, object, group, id);
      continue;
    }
    if (!isPending && !claim.forces) continue;
    let before = 1;
    if (isPending) {
      const { deliveredAtMs, deliveries } = pendingOf(store, object, group, id);
      if (nowMs - deliveredAtMs < idleMinMs) continue;
      before = deliveries;
    }
    const deliveries = claim.deliveries >= 0 ? claim.deliveries : before + more;
    setPending(store, object, group, consumer, id, claim.deliveredAtMs, deliveries);
    visit(id);
    count++;
  }
  if (count > 0) {
    consumer.activeAtMs = nowMs;
    putConsumer(store, object, group, consumer);
  }
  return count;
}

/** Which pending entries XAUTOCLAIM claims, which are of entries that are gone, and where the next call goes on. */
export function chooseClaims(
  store: Store,
  object: LargeValue,
  group: StreamGroup,
  start: StreamId,
  idleMinMs: number,
  countMax: number,
): { claimed: StreamId[]; gone: StreamId[]; next: StreamId } {
  const { entries } = streamOf(store, object);
  const nowMs = store.nowMs();
  const claimed: StreamId[] = [];
  const gone: StreamId[] = [];
  const next = start.copy();
  let attempts = countMax * ATTEMPTS_FACTOR;
  for (;;) {
    group.pending.copy(next, lastId(), false, batch);
    bringPending(store, object, group, idsOfBatch(batch));
    for (let i = 0; i < batch.count; i++) {
      batch.load(i, next);
      if (attempts-- === 0 || claimed.length + gone.length === countMax) return { claimed, gone, next };
      if (!entries.has(next)) gone.push(next.copy());
      else if (nowMs - pendingOf(store, object, group, next).deliveredAtMs >= idleMinMs) claimed.push(next.copy());
    }
    if (batch.count < BATCH_IDS || !next.increment()) break;
  }
  next.setMin();
  return { claimed, gone, next };
}
