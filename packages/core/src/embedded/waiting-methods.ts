/**
 * The methods of a `Database` that wait for a key to have something, as blocking commands do: promises, which hold nothing up.
 */
import { FerriteError } from '../base/errors.ts';
import type { Key } from '../engine/key-scratch.ts';
import { TYPE_LIST, TYPE_STREAM, TYPE_ZSET } from '../engine/large-values.ts';
import { lastIdOf } from '../keyspace/stream-operations.ts';
import type { Wait } from './key-waits.ts';
import { checkWord, type ListEnd } from './list-methods.ts';
import { SortMethods } from './sort-methods.ts';
import {
  type StreamEntry,
  type StreamIds,
  streamsFrom,
  type XreadgroupOptions,
  type XreadOptions,
} from './stream-options.ts';
import { checkKeys, checkOptions, keyText } from './values.ts';

export interface WaitOptions {
  /** How long it waits, to a tenth of a second: for ever, if left out, and not at all with 0. */
  timeoutMs?: number;
}

export abstract class WaitingMethods<V> extends SortMethods<V> {
  /** @internal */
  protected abstract waitFor<T>(keys: readonly Key[], wait: Wait<T>): Promise<T | undefined>;

  /**
   * Takes the head off the first of these lists that has one, as soon as any has: `[key, element]`, or `undefined` when the
   * time is over. Calls that wait for a key are served in the order in which they came. Rejects with `FERRITE_CLOSED` when
   * the handle is closed meanwhile.
   */
  async blpop(keys: Key | readonly Key[], options: WaitOptions = {}): Promise<[key: string, element: V] | undefined> {
    return this.waitForElement(keys, options, (key) => this.lpop(key, 1));
  }

  /** The same for the tail. */
  async brpop(keys: Key | readonly Key[], options: WaitOptions = {}): Promise<[key: string, element: V] | undefined> {
    return this.waitForElement(keys, options, (key) => this.rpop(key, 1));
  }

  private waitForElement(
    keys: Key | readonly Key[],
    options: WaitOptions,
    pop: (key: Key) => V[],
  ): Promise<[string, V] | undefined> {
    const attempt = (key: Key): [string, V] | undefined => {
      const popped = pop(key);
      return popped.length === 0 ? undefined : [keyText(key), popped[0]];
    };
    return this.waitFor(listOf(keys), { type: TYPE_LIST, timeoutMs: timeoutOf(options), attempt });
  }

  /** Takes up to `count` elements off an end of the first of these lists that has any, as soon as one has. */
  async blmpop(
    keys: readonly Key[],
    end: ListEnd,
    options: WaitOptions & { count?: number } = {},
  ): Promise<[key: string, elements: V[]] | undefined> {
    const { count, ...others } = options;
    checkWord('end', end, ['left', 'right']);
    const attempt = (key: Key): [string, V[]] | undefined => this.lmpop([key], end, count);
    return this.waitFor(listOf(keys), { type: TYPE_LIST, timeoutMs: timeoutOf(others), attempt });
  }

  /** Moves the element at an end of a list to an end of another one, as soon as there is one; returns it. */
  async blmove(
    from: Key,
    to: Key,
    fromEnd: ListEnd,
    toEnd: ListEnd,
    options: WaitOptions = {},
  ): Promise<V | undefined> {
    const attempt = (): { moved: V } | undefined => {
      const moved = this.lmove(from, to, fromEnd, toEnd);
      return moved === undefined ? undefined : { moved };
    };
    return (await this.waitFor(listOf(from), { type: TYPE_LIST, timeoutMs: timeoutOf(options), attempt }))?.moved;
  }

  /** Removes the member with the lowest score from the first of these sorted sets that has one, as soon as any has. */
  async bzpopmin(
    keys: Key | readonly Key[],
    options: WaitOptions = {},
  ): Promise<[key: string, member: V, score: number] | undefined> {
    return this.waitForMember(keys, options, (key) => this.zpopmin(key, 1));
  }

  /** The same for the member with the highest score. */
  async bzpopmax(
    keys: Key | readonly Key[],
    options: WaitOptions = {},
  ): Promise<[key: string, member: V, score: number] | undefined> {
    return this.waitForMember(keys, options, (key) => this.zpopmax(key, 1));
  }

  private waitForMember(
    keys: Key | readonly Key[],
    options: WaitOptions,
    pop: (key: Key) => [V, number][],
  ): Promise<[string, V, number] | undefined> {
    const attempt = (key: Key): [string, V, number] | undefined => {
      const popped = pop(key);
      return popped.length === 0 ? undefined : [keyText(key), ...popped[0]];
    };
    return this.waitFor(listOf(keys), { type: TYPE_ZSET, timeoutMs: timeoutOf(options), attempt });
  }

  /** Removes up to `count` members from the first of these sorted sets that has any, as soon as one has. */
  async bzmpop(
    keys: readonly Key[],
    which: 'min' | 'max',
    options: WaitOptions & { count?: number } = {},
  ): Promise<[key: string, members: [member: V, score: number][]] | undefined> {
    const { count, ...others } = options;
    const attempt = (key: Key): [string, [V, number][]] | undefined => this.zmpop([key], which, count);
    return this.waitFor(listOf(keys), { type: TYPE_ZSET, timeoutMs: timeoutOf(others), attempt });
  }

  /** `xread` as soon as one of the streams has an entry after its ID; `$` stands for the last one at the time of the call. */
  async bxread(streams: StreamIds, options: XreadOptions & WaitOptions = {}): Promise<Map<string, StreamEntry<V>[]>> {
    this.checkOpen();
    const { timeoutMs, ...others } = options;
    const wanted = streamsFrom(streams).map(([key, id]): readonly [Key, string] => [
      key,
      id === '$' ? lastIdOf(this.store, this.namespace, key).toString() : id,
    ]);
    return this.waitForEntries(wanted, { timeoutMs }, () => this.xread(wanted, others));
  }

  /** `xreadgroup` as soon as one of the streams has an entry for the group, or something is pending after an ID. */
  async bxreadgroup(
    group: string,
    consumer: string,
    streams: StreamIds,
    options: XreadgroupOptions & WaitOptions = {},
  ): Promise<Map<string, StreamEntry<V>[]>> {
    const { timeoutMs, ...others } = options;
    const wanted = streamsFrom(streams);
    return this.waitForEntries(wanted, { timeoutMs }, () => this.xreadgroup(group, consumer, wanted, others));
  }

  private async waitForEntries(
    wanted: readonly (readonly [Key, string])[],
    options: WaitOptions,
    read: () => Map<string, StreamEntry<V>[]>,
  ): Promise<Map<string, StreamEntry<V>[]>> {
    const attempt = (): Map<string, StreamEntry<V>[]> | undefined => {
      const found = read();
      return found.size === 0 ? undefined : found;
    };
    const keys = wanted.map(([key]) => key);
    return (await this.waitFor(keys, { type: TYPE_STREAM, timeoutMs: timeoutOf(options), attempt })) ?? new Map();
  }
}

function listOf(keys: Key | readonly Key[]): readonly Key[] {
  const list = typeof keys === 'string' || keys instanceof Uint8Array ? [keys] : keys;
  checkKeys(list);
  return list;
}

function timeoutOf(options: WaitOptions): number {
  checkOptions(options, { timeoutMs: 'number' });
  const { timeoutMs = Number.POSITIVE_INFINITY } = options;
  if (timeoutMs >= 0) return timeoutMs;
  throw new FerriteError('FERRITE_INVALID_ARGUMENT', `timeoutMs is a number of 0 or more, not ${timeoutMs}`);
}
