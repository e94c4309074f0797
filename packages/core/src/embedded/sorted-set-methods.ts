/** The methods of a `Database` for sorted sets: what commands of the same names do, without RESP in between. */

import { FerriteError } from '../base/errors.ts';
import type { Key } from '../engine/key-scratch.ts';
import {
  addMembers,
  addToScore,
  type Combining,
  combineSorted,
  countCommon,
  countRange,
  drawFromSorted,
  membersFrom,
  membersInRange,
  rankIn,
  removeMembers,
  removeRange,
  scoresOf,
  sizeOfSorted,
  storeCombined,
  storeRange,
} from '../keyspace/sorted-set-operations.ts';
import type { ScoredMember } from '../keyspace/sorted-sets.ts';
import { ListMethods } from './list-methods.ts';
import {
  type CombineOptions,
  combiningOf,
  conditionsOf,
  memberRangeOf,
  scoreFault,
  type SortedRangeOptions,
  type ZaddOptions,
} from './sorted-set-options.ts';
import { checkKey, checkKeys, keyText, pairsOf } from './values.ts';

/** Members that an iterator reads in one go, at least. */
const PIECE_MEMBERS = 128;

export abstract class SortedSetMethods<V> extends ListMethods<V> {
  /**
   * Gives members of the sorted set under a key their scores; the set is made if need be, and keeps its expiry. Returns how
   * many members are new, or with `ch` how many are new or have another score now. Members are values of the codec, of at
   * most 65,536 bytes; a score is any number but NaN. With `nx` only new members get one, with `xx` only those that are
   * there, with `gt` or `lt` those that are there only a greater or a lower one. Throws `FERRITE_WRONG_TYPE` if the key has
   * a value of another type, as all methods for sorted sets do.
   */
  zadd(
    key: Key,
    members: Readonly<Record<string, number>> | Iterable<readonly [V | Uint8Array, number]>,
    options: ZaddOptions = {},
  ): number {
    this.checkOpen();
    const conditions = conditionsOf(options);
    const pairs: [string | Uint8Array, number][] = [];
    for (const [member, score] of pairsOf<V | Uint8Array, number>(members)) {
      if (typeof score !== 'number' || Number.isNaN(score)) throw scoreFault(score);
      pairs.push([this.encode(member), score]);
    }
    const { added, moved } = addMembers(this.store, this.namespace, key, pairs, conditions);
    if (added + moved > 0) this.store.committer.afterWrite();
    return options.ch === true ? added + moved : added;
  }

  /** Adds to the score of a member, which counts as 0 if it is not there; returns the sum. */
  zincrby(key: Key, by: number, member: V | Uint8Array): number {
    this.checkOpen();
    if (typeof by !== 'number' || Number.isNaN(by)) throw scoreFault(by);
    const sum = addToScore(this.store, this.namespace, key, this.encode(member), by);
    this.store.committer.afterWrite();
    return sum;
  }

  /** Removes members; with its last member the key goes. Returns how many there were. */
  zrem(key: Key, ...members: (V | Uint8Array)[]): number {
    this.checkOpen();
    const encoded = members.map((member) => this.encode(member));
    const removed = removeMembers(this.store, this.namespace, key, encoded);
    if (removed > 0) this.store.committer.afterWrite();
    return removed;
  }

  /** The score of a member; `undefined` when there is no such member or key. */
  zscore(key: Key, member: V | Uint8Array): number | undefined {
    return this.zmscore(key, member)[0];
  }

  /** The scores of members, in their order. */
  zmscore(key: Key, ...members: (V | Uint8Array)[]): (number | undefined)[] {
    this.checkOpen();
    const encoded = members.map((member) => this.encode(member));
    return scoresOf(this.store, this.namespace, key, encoded);
  }

  /** The number of members of a sorted set, 0 when there is no such key. */
  zcard(key: Key): number {
    this.checkOpen();
    return sizeOfSorted(this.store, this.namespace, key);
  }

  /** How many members come before this one, lowest score first; `undefined` when there is no such member. */
  zrank(key: Key, member: V | Uint8Array): number | undefined {
    return this.rank(key, member, false);
  }

  /** The same, highest score first. */
  zrevrank(key: Key, member: V | Uint8Array): number | undefined {
    return this.rank(key, member, true);
  }

  private rank(key: Key, member: V | Uint8Array, isDownward: boolean): number | undefined {
    this.checkOpen();
    const rank = rankIn(this.store, this.namespace, key, this.encode(member), isDownward);
    return rank < 0 ? undefined : rank;
  }

  /**
   * The members in a range, lowest score first, those of equal scores in the order of their bytes; with `reverse` the other
   * way round. The range is one of ranks (`start`, `stop`: all, if left out), of scores (`by: 'score'` and `gt`, `gte`, `lt`,
   * `lte`), or, where all scores are equal, of members (`by: 'member'` and the same).
   */
  zrange(key: Key, range: SortedRangeOptions<V> = {}): V[] {
    return this.read(key, range).map(({ member }) => this.decode(member));
  }

  /** The same with scores. */
  zrangeWithScores(key: Key, range: SortedRangeOptions<V> = {}): [member: V, score: number][] {
    return this.withScores(this.read(key, range));
  }

  private read(key: Key, range: SortedRangeOptions<V>): ScoredMember[] {
    this.checkOpen();
    return membersInRange(this.store, this.namespace, key, this.rangeOf(range));
  }

  /** How many members there are in a range: of scores, in most cases. */
  zcount(key: Key, range: SortedRangeOptions<V> = {}): number {
    this.checkOpen();
    return countRange(this.store, this.namespace, key, this.rangeOf(range));
  }

  /** Removes the members in a range; returns how many there were. With its last member the key goes. */
  zremrange(key: Key, range: SortedRangeOptions<V>): number {
    this.checkOpen();
    const removed = removeRange(this.store, this.namespace, key, this.rangeOf(range), () => {});
    if (removed > 0) this.store.committer.afterWrite();
    return removed;
  }

  /** Stores the members in a range as a sorted set under a key, whatever that held before; returns how many there are. */
  zrangestore(destination: Key, key: Key, range: SortedRangeOptions<V> = {}): number {
    this.checkOpen();
    const count = storeRange(this.store, this.namespace, destination, key, this.rangeOf(range));
    this.store.committer.afterWrite();
    return count;
  }

  /**
   * Removes the member with the lowest score and returns it with its score; `undefined` when there is no such key. With
   * `count`, up to so many. With its last member the key goes.
   */
  zpopmin(key: Key): [member: V, score: number] | undefined;
  zpopmin(key: Key, count: number): [member: V, score: number][];
  zpopmin(key: Key, count?: number): [V, number] | undefined | [V, number][] {
    const popped = this.pop(key, count ?? 1, false);
    return count === undefined ? popped[0] : popped;
  }

  /** The same from the highest score down. */
  zpopmax(key: Key): [member: V, score: number] | undefined;
  zpopmax(key: Key, count: number): [member: V, score: number][];
  zpopmax(key: Key, count?: number): [V, number] | undefined | [V, number][] {
    const popped = this.pop(key, count ?? 1, true);
    return count === undefined ? popped[0] : popped;
  }

  /**
   * Removes up to `count` members, those with the lowest scores (`'min'`) or the highest ones (`'max'`), from the first of
   * these sorted sets that there is; `undefined` when there is none.
   */
  zmpop(
    keys: readonly Key[],
    which: 'min' | 'max',
    count = 1,
  ): [key: string, members: [member: V, score: number][]] | undefined {
    checkKeys(keys);
    if (which !== 'min' && which !== 'max') {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', `give 'min' or 'max', not ${String(which)}`);
    }
    if (count === 0) throw notACount(count);
    for (const key of keys) {
      const members = this.pop(key, count, which === 'max');
      if (members.length > 0) return [keyText(key), members];
    }
    return undefined;
  }

  private pop(key: Key, count: number, isDownward: boolean): [V, number][] {
    this.checkOpen();
    if (!Number.isSafeInteger(count) || count < 0) throw notACount(count);
    const popped: ScoredMember[] = [];
    const range = { by: { start: 0, stop: -1 }, isDownward, offset: 0, limit: count };
    removeRange(this.store, this.namespace, key, range, (one) => popped.push(one));
    if (popped.length > 0) this.store.committer.afterWrite();
    return this.withScores(popped);
  }

  /**
   * A member drawn at random, each as likely as any other; `undefined` when there is no such key. With `count`, up to so
   * many different members; with a negative one, so many that are each drawn from all of them.
   */
  zrandmember(key: Key): V | undefined;
  zrandmember(key: Key, count: number): V[];
  zrandmember(key: Key, count?: number): V | undefined | V[] {
    this.checkOpen();
    const wanted = count ?? 1;
    if (!Number.isSafeInteger(wanted)) throw notACount(count);
    const drawn = drawFromSorted(this.store, this.namespace, key, Math.abs(wanted), wanted >= 0);
    const members = drawn.map(({ member }) => this.decode(member));
    return count === undefined ? members[0] : members;
  }

  /**
   * The members of a sorted set with their scores, one after the other, in no particular order, read in pieces. Lazy, and
   * right while the store changes: each member that is there from the first step to the last is given once.
   */
  zscan(key: Key): IterableIterator<[member: V, score: number]> {
    this.checkOpen();
    checkKey(key);
    return this.walkSorted(typeof key === 'string' ? key : Buffer.from(key));
  }

  private *walkSorted(key: Key): IterableIterator<[V, number]> {
    let position = 0;
    do {
      this.checkOpen();
      const { members, next } = membersFrom(this.store, this.namespace, key, position, PIECE_MEMBERS);
      yield* this.withScores(members);
      position = next;
    } while (position !== 0);
  }

  /**
   * The members that any of these sorted sets has, in order, with scores joined by `aggregate` after each was multiplied by
   * its key's weight. A plain set counts as one whose scores are 1; a key that is not there is empty.
   */
  zunion(keys: readonly Key[], options: CombineOptions = {}): [member: V, score: number][] {
    return this.combineKeys(combiningOf('union', keys, options));
  }

  /** The same for the members that all of them have. */
  zinter(keys: readonly Key[], options: CombineOptions = {}): [member: V, score: number][] {
    return this.combineKeys(combiningOf('intersection', keys, options));
  }

  /** The members of the first of these sorted sets that none of the others has. */
  zdiff(keys: readonly Key[]): [member: V, score: number][] {
    return this.combineKeys(combiningOf('difference', keys, {}));
  }

  /** How many members all of these have. With `limit`, it stops counting there. */
  zintercard(keys: readonly Key[], limit = 0): number {
    this.checkOpen();
    if (!Number.isSafeInteger(limit) || limit < 0) throw notACount(limit);
    return countCommon(this.store, this.namespace, combiningOf('intersection', keys, {}).keys, limit);
  }

  /**
   * Stores what `zunion` returns under a key, whatever it held before, and without an expiry; it may be one of the keys.
   * Returns how many members there are: with none, the key goes.
   */
  zunionstore(destination: Key, keys: readonly Key[], options: CombineOptions = {}): number {
    return this.storeKeys(destination, combiningOf('union', keys, options));
  }

  /** The same with what `zinter` returns. */
  zinterstore(destination: Key, keys: readonly Key[], options: CombineOptions = {}): number {
    return this.storeKeys(destination, combiningOf('intersection', keys, options));
  }

  /** The same with what `zdiff` returns. */
  zdiffstore(destination: Key, keys: readonly Key[]): number {
    return this.storeKeys(destination, combiningOf('difference', keys, {}));
  }

  private combineKeys(combining: Combining): [V, number][] {
    this.checkOpen();
    return combineSorted(this.store, this.namespace, combining).map(([member, score]) => [this.decode(member), score]);
  }

  private storeKeys(destination: Key, combining: Combining): number {
    this.checkOpen();
    const count = storeCombined(this.store, this.namespace, destination, combining);
    this.store.committer.afterWrite();
    return count;
  }

  private rangeOf(range: SortedRangeOptions<V>): ReturnType<typeof memberRangeOf> {
    return memberRangeOf(range, (member) => this.encode(member as V | Uint8Array));
  }

  private withScores(members: readonly ScoredMember[]): [V, number][] {
    return members.map(({ member, score }) => [this.decode(member), score]);
  }
}

function notACount(count: unknown): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', `${String(count)} is no number of members`);
}
