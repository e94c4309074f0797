/** The methods of a `Database` for groups of streams: what commands of the same names do, without RESP in between. */

import type { Key } from '../engine/key-scratch.ts';
import {
  acknowledgeAll,
  type ConsumerInfo,
  claimAll,
  claimIdle,
  type GroupInfo,
  giveHistory,
  giveNew,
  infoOfConsumers,
  infoOfGroups,
  makeConsumerOf,
  makeGroup,
  moveGroup,
  type PendingInfo,
  type PendingSummary,
  pendingInRange,
  removeConsumerOf,
  removeGroupOf,
  summaryOf,
} from '../keyspace/stream-group-operations.ts';
import type { EntryItems } from '../keyspace/stream-operations.ts';
import { StreamMethods } from './stream-methods.ts';
import {
  autoclaimOf,
  checkCount,
  checkName,
  claimTermsOf,
  idOf,
  idOrLast,
  idsOf,
  pendingRangeOf,
  type StreamEntry,
  type StreamIds,
  streamsFrom,
  type XautoclaimOptions,
  type XclaimOptions,
  type XgroupOptions,
  type XpendingOptions,
  type XreadgroupOptions,
} from './stream-options.ts';
import { checkOptions, keyText } from './values.ts';

const READ_OPTIONS = { count: 'number', noAck: 'boolean' } as const;

export abstract class StreamGroupMethods<V> extends StreamMethods<V> {
  /**
   * Makes a group of readers of a stream, who share its entries among them; false if there is one of this name. It is given
   * what comes after the ID: `'0'` for all that is there, `'$'` for what is added from now on. Without a stream
   * `FERRITE_INVALID_ARGUMENT`, unless `makeStream` makes an empty one.
   */
  xgroupCreate(key: Key, group: string, id: string, options: XgroupOptions & { makeStream?: boolean } = {}): boolean {
    this.checkOpen();
    checkName('group', group);
    checkOptions(options, { makeStream: 'boolean', entriesRead: 'number' });
    const { makeStream = false, entriesRead } = options;
    if (entriesRead !== undefined) checkCount('entriesRead', entriesRead, 0);
    const isMade = makeGroup(this.store, this.namespace, { key, group }, idOrLast(id), makeStream, entriesRead);
    if (isMade) this.store.committer.afterWrite();
    return isMade;
  }

  /** The group is given what comes after the ID from now on. Throws `FERRITE_NO_GROUP` if there is none, as others do. */
  xgroupSetId(key: Key, group: string, id: string, options: XgroupOptions = {}): void {
    this.checkOpen();
    checkName('group', group);
    checkOptions(options, { entriesRead: 'number' });
    if (options.entriesRead !== undefined) checkCount('entriesRead', options.entriesRead, 0);
    moveGroup(this.store, this.namespace, { key, group }, idOrLast(id), options.entriesRead);
    this.store.committer.afterWrite();
  }

  /** Removes a group with all that is pending for it; false if there is none. */
  xgroupDestroy(key: Key, group: string): boolean {
    this.checkOpen();
    checkName('group', group);
    const isRemoved = removeGroupOf(this.store, this.namespace, { key, group });
    if (isRemoved) this.store.committer.afterWrite();
    return isRemoved;
  }

  /** Makes a consumer, as reading by a new name does, too; false if the group has one of this name. */
  xgroupCreateConsumer(key: Key, group: string, consumer: string): boolean {
    this.checkOpen();
    checkNames(group, consumer);
    const isMade = makeConsumerOf(this.store, this.namespace, { key, group }, consumer);
    if (isMade) this.store.committer.afterWrite();
    return isMade;
  }

  /** Removes a consumer with what is pending for it: returns how many entries that are. Nobody is given them any more. */
  xgroupDelConsumer(key: Key, group: string, consumer: string): number {
    this.checkOpen();
    checkNames(group, consumer);
    const pending = removeConsumerOf(this.store, this.namespace, { key, group }, consumer);
    this.store.committer.afterWrite();
    return pending;
  }

  /**
   * Gives a consumer entries of several streams, by their keys: only streams that have some. With `'>'` for the ID those that
   * its group was not given yet, which are pending for the consumer until `xack`; with an ID what is pending for it after
   * that one, once more (`'0'`: all of it), where an entry that was removed meanwhile has no fields.
   */
  xreadgroup(
    group: string,
    consumer: string,
    streams: StreamIds,
    options: XreadgroupOptions = {},
  ): Map<string, StreamEntry<V>[]> {
    this.checkOpen();
    checkNames(group, consumer);
    checkOptions(options, READ_OPTIONS);
    const { count, noAck = false } = options;
    if (count !== undefined) checkCount('count', count, 1);
    const countMax = count ?? Number.POSITIVE_INFINITY;
    const wanted = streamsFrom(streams).map(([key, id]) => ({ key, after: id === '>' ? null : idOf(id) }));
    const found = new Map<string, StreamEntry<V>[]>();
    for (const { key, after } of wanted) {
      const name = { key, group };
      const given: EntryItems[] =
        after === null
          ? giveNew(this.store, this.namespace, name, consumer, countMax, noAck)
          : giveHistory(this.store, this.namespace, name, consumer, after, countMax);
      if (given.length > 0) found.set(keyText(key), this.asEntries(given));
    }
    this.store.committer.afterWrite();
    return found;
  }

  /** Entries have been dealt with, and are no longer pending; returns how many were. */
  xack(key: Key, group: string, ...ids: string[]): number {
    this.checkOpen();
    checkName('group', group);
    const parsed = idsOf(ids);
    const count = acknowledgeAll(this.store, this.namespace, { key, group }, parsed);
    if (count > 0) this.store.committer.afterWrite();
    return count;
  }

  /** How much is pending for a group, and for whom. */
  xpending(key: Key, group: string): PendingSummary;
  /** What is pending, entry by entry. */
  xpending(key: Key, group: string, options: XpendingOptions): PendingInfo[];
  xpending(key: Key, group: string, options?: XpendingOptions): PendingSummary | PendingInfo[] {
    this.checkOpen();
    checkName('group', group);
    const name = { key, group };
    if (options === undefined) return summaryOf(this.store, this.namespace, name);
    const { interval, countMax, minIdleMs } = pendingRangeOf(options);
    if (interval === null) return [];
    const { start, end } = interval;
    return pendingInRange(this.store, this.namespace, name, start, end, countMax, options.consumer, minIdleMs);
  }

  /**
   * Gives a consumer entries that have been pending for at least `minIdleMs`, whoever had them: those of one that has failed,
   * say. Returns the ones it got; those that were removed from the stream are no longer pending.
   */
  xclaim(
    key: Key,
    group: string,
    consumer: string,
    minIdleMs: number,
    ids: readonly string[],
    options: XclaimOptions = {},
  ): StreamEntry<V>[] {
    this.checkOpen();
    checkNames(group, consumer);
    checkCount('minIdleMs', minIdleMs, 0);
    const parsed = idsOf(ids);
    const terms = claimTermsOf(options, this.store.nowMs());
    const entries = claimAll(this.store, this.namespace, { key, group }, consumer, minIdleMs, parsed, terms);
    this.store.committer.afterWrite();
    return this.asEntries(entries);
  }

  /**
   * The same for whatever has been pending for so long, from `start` on: up to `count` entries. `next` is where to go on, and
   * `'0-0'` at the end; `deleted` are IDs of entries that were removed from the stream, and are no longer pending.
   */
  xautoclaim(
    key: Key,
    group: string,
    consumer: string,
    minIdleMs: number,
    options: XautoclaimOptions = {},
  ): { next: string; entries: StreamEntry<V>[]; deleted: string[] } {
    this.checkOpen();
    checkNames(group, consumer);
    checkCount('minIdleMs', minIdleMs, 0);
    const { start, countMax } = autoclaimOf(options);
    const name = { key, group };
    const found = claimIdle(this.store, this.namespace, name, consumer, minIdleMs, start, countMax);
    this.store.committer.afterWrite();
    return { ...found, entries: this.asEntries(found.entries) };
  }

  /** What is known of the groups of a stream; none when there is no such key. */
  xinfoGroups(key: Key): GroupInfo[] {
    this.checkOpen();
    return infoOfGroups(this.store, this.namespace, key);
  }

  /** What is known of the consumers of a group. */
  xinfoConsumers(key: Key, group: string): ConsumerInfo[] {
    this.checkOpen();
    checkName('group', group);
    return infoOfConsumers(this.store, this.namespace, { key, group });
  }
}

function checkNames(group: string, consumer: string): void {
  checkName('group', group);
  checkName('consumer', consumer);
}
