/** What commands on collections share: the collection of a key, members from arguments, replies from located records. */
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import type { LargeValue } from '../engine/large-values.ts';
import {
  bringMembersByHash,
  findMember,
  makeCollection,
  memberEndOf,
  memberStartOf,
  memberValueEndOf,
  collectionAt,
} from '../engine/members.ts';
import type { PackedMembers } from '../engine/packed-members.ts';
import { endChange, forEachMember, memberFault, typeNumberOfFound } from '../keyspace/collections.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { type Call, WRONG_TYPE } from './call.ts';

/** A key without a collection of the type asked for, after the error was replied. */
export const WRONG = 'wrong type';

/** The collection of argument `i`; null if there is no such key; WRONG after replying that it is of another type. */
export function findCollection(call: Call, i: number, type: number): LargeValue | null | typeof WRONG {
  if (call.findKey(i) === 0) return null;
  if (typeNumberOfFound(call.store) === type) return collectionAt(call.store, call.found);
  call.reply.error(WRONG_TYPE);
  return WRONG;
}

/** The collection of the key, or a new one if there is no such key. `finishChange` publishes it. */
export function orNew(call: Call, collection: LargeValue | null, type: number): LargeValue {
  return collection ?? makeCollection(call.store, type);
}

/** Members have changed: watchers, and listeners of `event`, are told; a collection without members goes. */
export function finishChange(call: Call, collection: LargeValue, kind: string, event: string): void {
  const isGone = endChange(call.store, call.database, call.found, collection);
  call.changed(kind, event);
  if (isGone) call.alsoNotify('g', 'del');
}

/** Argument `i` is the member at hand. */
export function setMember(call: Call, i: number): void {
  call.store.member.setFrom(call.bytes, call.starts[i], call.lengthOf(i));
}

/** Whether arguments from `first` on, in steps of `step`, may be members, with a value after each if `step` is 2. */
export function areMembers(call: Call, first: number, step: number): boolean {
  for (let i = first; i < call.argc; i += step) {
    const fault = memberFault(call.store, call.lengthOf(i), step === 2 ? call.lengthOf(i + 1) : 0);
    if (fault === '') continue;
    call.reply.error(fault);
    return false;
  }
  return true;
}

/** Before the first write: lets a command wait for the records of all members it names, where some may be on disk. */
export function bringMembers(call: Call, collection: LargeValue | null, first: number, step: number): void {
  const { store } = call;
  if (collection === null || !store.hasRecordsOnDisk || call.argc <= first + step) return;
  const hashes: number[] = [];
  for (let i = first; i < call.argc; i += step) {
    if (call.lengthOf(i) > KEY_SIZE_MAX_BYTES) continue;
    setMember(call, i);
    hashes.push(store.member.hash);
  }
  bringMembersByHash(store, collection, hashes, hashes.length);
}

export function replyMember(call: Call): void {
  const { store } = call;
  call.reply.bulk(store.bytes, memberStartOf(store), memberEndOf(store), store.view);
}

/** The member, then its value. */
export function replyMemberAndValue(call: Call): void {
  const { reply, store } = call;
  const { bytes, view } = store;
  const end = memberEndOf(store);
  reply.bulk(bytes, memberStartOf(store), end, view);
  reply.bulk(bytes, end, memberValueEndOf(store), view);
}

export function replyMemberValue(call: Call): void {
  const { store } = call;
  call.reply.bulk(store.bytes, memberEndOf(store), memberValueEndOf(store), store.view);
}

/** Replies with the members, their values, or each member with its value; how many is in the reply already. */
export function replyMembers(call: Call, collection: LargeValue, withMembers: boolean, withValues: boolean): void {
  const { packed } = collection;
  if (packed !== null) {
    replyPacked(call.reply, packed, withMembers, withValues);
    return;
  }
  const replyOne = !withValues ? replyMember : withMembers ? replyMemberAndValue : replyMemberValue;
  forEachMember(call.store, collection, () => replyOne(call));
}

function replyPacked(reply: ReplyWriter, packed: PackedMembers, withMembers: boolean, withValues: boolean): void {
  const { bytes, view } = packed.memory;
  for (let i = 0; i < packed.count; i++) {
    if (i === 0) packed.atFirst();
    else packed.atNext();
    if (withMembers) reply.bulk(bytes, packed.memberStart, packed.memberEnd, view);
    if (withValues) reply.bulk(bytes, packed.memberEnd, packed.valueEnd, view);
  }
}

/** Locates the member in the scratch; false if there is none. */
export function isMember(call: Call, collection: LargeValue | null): boolean {
  return collection !== null && findMember(call.store, collection) !== 0;
}
