/** The methods of a `Database` for sets: what commands of the same names do, without RESP in between. */

import { FerriteError } from '../base/errors.ts';
import type { Key } from '../engine/key-scratch.ts';
import {
  addMembers,
  buffersOf,
  type Combination,
  combineSets,
  drawFromSet,
  hasMembers,
  membersFrom,
  membersOfSet,
  moveMember,
  popFromSet,
  removeMembers,
  sizeOfSet,
  storeCombination,
} from '../keyspace/set-operations.ts';
import { HashExpiryMethods } from './hash-expiry-methods.ts';
import { checkKey } from './values.ts';

/** Members that an iterator reads in one go, at least. */
const PIECE_MEMBERS = 128;

export abstract class SetMethods<V> extends HashExpiryMethods<V> {
  /**
   * Adds members to the set under a key, which is made if need be, and keeps its expiry; returns how many are new. Members
   * are values of the codec: those whose bytes are the same are one. A member has at most 65,536 bytes. Throws
   * `FERRITE_WRONG_TYPE` if the key has a value of another type, as all methods for sets do.
   */
  sadd(key: Key, ...members: (V | Uint8Array)[]): number {
    this.checkOpen();
    const added = addMembers(this.store, this.namespace, key, this.encodeAll(members));
    if (added > 0) this.store.committer.afterWrite();
    return added;
  }

  /** Removes members of a set; with its last member the key goes. Returns how many there were. */
  srem(key: Key, ...members: (V | Uint8Array)[]): number {
    this.checkOpen();
    const removed = removeMembers(this.store, this.namespace, key, this.encodeAll(members));
    if (removed > 0) this.store.committer.afterWrite();
    return removed;
  }

  /** Whether a set has a member. */
  sismember(key: Key, member: V | Uint8Array): boolean {
    return this.smismember(key, member)[0];
  }

  /** Whether a set has each of these members, in their order. */
  smismember(key: Key, ...members: (V | Uint8Array)[]): boolean[] {
    this.checkOpen();
    return hasMembers(this.store, this.namespace, key, this.encodeAll(members));
  }

  /** The number of members of a set, 0 when there is no such key. */
  scard(key: Key): number {
    this.checkOpen();
    return sizeOfSet(this.store, this.namespace, key);
  }

  /** All members of a set, in no particular order; empty when there is no such key. For large ones, see `sscan`. */
  smembers(key: Key): Set<V> {
    this.checkOpen();
    return this.decodeAll(membersOfSet(this.store, this.namespace, key));
  }

  /**
   * The members of a set one after the other, read in pieces. Lazy, and right while the store changes: each member that is
   * there from the first step to the last is given once; one that comes or goes meanwhile may be given or not. It ends
   * when the key goes.
   */
  sscan(key: Key): IterableIterator<V> {
    this.checkOpen();
    checkKey(key);
    return this.walkSet(typeof key === 'string' ? key : Buffer.from(key));
  }

  private *walkSet(key: Key): IterableIterator<V> {
    let position = 0;
    do {
      this.checkOpen();
      const { members, next } = membersFrom(this.store, this.namespace, key, position, PIECE_MEMBERS);
      for (const member of members) yield this.decode(member);
      position = next;
    } while (position !== 0);
  }

  /**
   * A member drawn at random, each as likely as any other; `undefined` when there is no such key. With `count`, up to so
   * many different members; with a negative one, so many that are each drawn from all of them.
   */
  srandmember(key: Key): V | undefined;
  srandmember(key: Key, count: number): V[];
  srandmember(key: Key, count?: number): V | undefined | V[] {
    this.checkOpen();
    const wanted = count ?? 1;
    if (!Number.isSafeInteger(wanted)) throw notACount(count);
    const drawn = drawFromSet(this.store, this.namespace, key, Math.abs(wanted), wanted >= 0);
    const members = drawn.map((member) => this.decode(member));
    return count === undefined ? members[0] : members;
  }

  /**
   * Removes a member drawn at random and returns it; `undefined` when there is no such key. With `count`, up to so many.
   * With its last member the key goes.
   */
  spop(key: Key): V | undefined;
  spop(key: Key, count: number): V[];
  spop(key: Key, count?: number): V | undefined | V[] {
    this.checkOpen();
    const wanted = count ?? 1;
    if (!Number.isSafeInteger(wanted) || wanted < 0) throw notACount(count);
    const popped = popFromSet(this.store, this.namespace, key, wanted);
    if (popped.length > 0) this.store.committer.afterWrite();
    const members = popped.map((member) => this.decode(member));
    return count === undefined ? members[0] : members;
  }

  /** Moves a member from one set to another, which is made if need be; false when the first does not have it. */
  smove(source: Key, destination: Key, member: V | Uint8Array): boolean {
    this.checkOpen();
    const isMoved = moveMember(this.store, this.namespace, source, destination, this.encode(member));
    if (isMoved) this.store.committer.afterWrite();
    return isMoved;
  }

  /** The members that all of these sets have; a key that is not there is an empty set. */
  sinter(...keys: Key[]): Set<V> {
    return this.combine(keys, 'intersection');
  }

  /** How many members all of these sets have. With `limit`, it stops counting there. */
  sintercard(keys: readonly Key[], limit = Number.POSITIVE_INFINITY): number {
    this.checkOpen();
    checkKeys(keys);
    if (!(limit > 0)) throw new FerriteError('FERRITE_INVALID_ARGUMENT', `limit is more than 0, not ${limit}`);
    return combineSets(this.store, this.namespace, keys, 'intersection', Math.ceil(limit)).count;
  }

  /** The members that any of these sets has. */
  sunion(...keys: Key[]): Set<V> {
    return this.combine(keys, 'union');
  }

  /** The members of the first of these sets that none of the others has. */
  sdiff(...keys: Key[]): Set<V> {
    return this.combine(keys, 'difference');
  }

  /**
   * Stores what `sinter` returns under a key, whatever it held before, and without an expiry; it may be one of the keys.
   * Returns how many members there are: with none, the key goes.
   */
  sinterstore(destination: Key, ...keys: Key[]): number {
    return this.storeCombined(destination, keys, 'intersection');
  }

  /** The same with what `sunion` returns. */
  sunionstore(destination: Key, ...keys: Key[]): number {
    return this.storeCombined(destination, keys, 'union');
  }

  /** The same with what `sdiff` returns. */
  sdiffstore(destination: Key, ...keys: Key[]): number {
    return this.storeCombined(destination, keys, 'difference');
  }

  private combine(keys: readonly Key[], how: Combination): Set<V> {
    this.checkOpen();
    checkKeys(keys);
    return this.decodeAll(buffersOf(combineSets(this.store, this.namespace, keys, how)));
  }

  private storeCombined(destination: Key, keys: readonly Key[], how: Combination): number {
    this.checkOpen();
    checkKeys(keys);
    const count = storeCombination(this.store, this.namespace, destination, keys, how);
    this.store.committer.afterWrite();
    return count;
  }

  private encodeAll(members: readonly (V | Uint8Array)[]): (string | Uint8Array)[] {
    return members.map((member) => this.encode(member));
  }

  private decodeAll(members: readonly Buffer[]): Set<V> {
    return new Set(members.map((member) => this.decode(member)));
  }
}

function checkKeys(keys: readonly Key[]): void {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'give the keys of one or more sets');
  }
}

function notACount(count: unknown): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', `${String(count)} is no number of members`);
}
