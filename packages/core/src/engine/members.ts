/**
 * Members of a collection: a record each, `{object id} member value`, found through the collection's own table.
 *
 * | record | kind | extension | key | value |
 * |---|---|---|---|---|
 * | member | 4 | object id u48 in 8 | the member | a field's value; nothing for a set |
 * | removal | 7 | object id u48 in 8 | the member | nothing, or what was there, if it was made in place |
 *
 * So a change of a member costs its own record, and DEL of the key costs its root record, whatever it holds: records of an
 * object that no root names are dead (`large-values.ts`). What always holds:
 * 1. The member at hand is in `store.member`; `store.key` is the collection's key, of which the observer is told.
 * 2. A collection that is there has a member: who removes the last one removes the key.
 * 3. A record is changed in place only while it is unsealed; one that a slice of a checkpoint being written speaks of is
 *    removed by a record of its own.
 *
 * Values lie whole in their records: `store.inlineMaxBytes` at most, who stores them has checked.
 *
 * A small hash, set or sorted set is one record, its key's (`packed-members.ts`). What is here does the same for both: of a small one
 * the copy at hand is changed, and `publishCollection` writes it. One that outgrows its record becomes an object on the way.
 */

import { equalBytes } from '../base/bytes.ts';
import { copyPlain } from '../base/copy-bytes.ts';
import type { Prng } from '../base/prng.ts';
import { joinAddress } from './address.ts';
import { DRAWS_MAX, drawAddress } from './draw.ts';
import { type HashTable, SliceCopy } from './hash-table.ts';
import {
  COLLECTION_ROOT_BYTES,
  type LargeValue,
  OBJECT_TABLES,
  TYPE_HASH,
  TYPE_SET,
  TYPE_ZSET,
  writeCollectionRoot,
} from './large-values.ts';
import { isMutable, locate } from './locate.ts';
import { PACKED_BYTES_MAX, PACKED_MEMBERS_MAX, type PackedMembers } from './packed-members.ts';
import { readScore } from './packed-scores.ts';
import { appendRecord, putBytes, writeRecord } from './put.ts';
import { GATE_OPEN } from './read-gate.ts';
import {
  FLAG_EXPIRY,
  FLAG_LONG_KEY,
  FLAG_OVER,
  KIND_MEMBER,
  KIND_MEMBER_TOMBSTONE,
  KIND_PACKED,
  KIND_ROOT,
  keyFlags,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  OBSERVED,
  recordUnits,
  SLACK_UNITS_MAX,
  unitsFor,
  valueLengthOf,
  writeExpiry,
  writeObjectId,
} from './record.ts';
import { sameKey } from './same-key.ts';
import type { Store } from './store.ts';
import { nameCollections } from './store-file.ts';

const copy = new SliceCopy();
const scoreBytes = new Uint8Array(8);
const scoreView = new DataView(scoreBytes.buffer);
/** Buckets that are looked at one after the other in the time of a draw. */
const BUCKETS_PER_DRAW = 8;
/** What a member's record is taken to have. */
const RECORD_BYTES = 256;
/** `store.word` where no record is located, but a member of a small collection. */
const IN_PACKED = -1;
/** By which share of itself a small collection that grows may go on growing in place. */
const GROWTH_SHARE = 0.25;
/** Marks of a small collection: its `isGrown` and `isMixed`. */
const MARK_GROWN = 1;
const MARK_MIXED = 2;

function mayBePacked(type: number): boolean {
  return type === TYPE_HASH || type === TYPE_SET || type === TYPE_ZSET;
}

/** The slots of a collection's members. */
export function membersOf(object: LargeValue): HashTable {
  return object.members as HashTable;
}

/**
 * The collection that the located root record, or the record of a small one, holds. `address`: of that record, if a small one
 * may be read in the log's memory, so only where nothing makes room for a write (which may move records) or writes before its
 * last use or first change; 0: not.
 */
export function collectionAt(store: Store, address = 0): LargeValue {
  const { words, word } = store;
  const word1 = words[word + 1];
  if (kindOf(word1) !== KIND_PACKED) return store.large.ofRoot(store);
  const start = word * 4 + keyOffsetOf(word1) + keyLengthOf(words, word);
  const end = start + valueLengthOf(words[word + 2]);
  const packed = store.packed.take();
  const { log } = store;
  if (address !== 0 && log.isInMemory(address)) {
    packed.lookInto(log.memory.at(log.memory.unitOf(address)), start, end, address, word);
  } else packed.load(store.view, start, end);
  const object = store.large.makePacked(packed.type, packed);
  const { marks } = packed;
  object.isGrown = (marks & MARK_GROWN) !== 0;
  object.isMixed = (marks & MARK_MIXED) !== 0;
  return object;
}

/** The type of a small collection, whose record is located. */
export function typeOfPacked(store: Store): number {
  const { words, word } = store;
  return store.bytes[word * 4 + keyOffsetOf(words[word + 1]) + keyLengthOf(words, word)];
}

/** The number of members. A command may wait for it after an open. */
export function countMembers(object: LargeValue): number {
  if (object.packed !== null) return object.packed.count;
  const members = membersOf(object);
  members.needAll();
  return members.count;
}

/** The same as far as they are loaded: at least so many. */
export function countLoadedMembers(object: LargeValue): number {
  return object.packed !== null ? object.packed.count : membersOf(object).count;
}

/** Whether there are no members: loads of them what it takes to know. */
export function isWithoutMembers(object: LargeValue): boolean {
  if (object.packed !== null) return object.packed.count === 0;
  const members = membersOf(object);
  while (members.count === 0 && members.loadNext());
  return members.count === 0;
}

/** Makes an empty collection. Nothing of it is in the log before `publish`, or its first member. */
export function makeCollection(store: Store, type: number, countExpected = 0): LargeValue {
  const { device } = store.options;
  if (device !== null) nameCollections(device, store.identity);
  if (countExpected <= PACKED_MEMBERS_MAX && mayBePacked(type)) {
    const packed = store.packed.take();
    packed.clear();
    return store.large.makePacked(type, packed);
  }
  return store.large.makeCollection(store, type, countExpected);
}

/**
 * The collection becomes the value of the key in the scratch. `found`: what `find` returned for it; other records may have
 * been located since. `expiresAtMs` 0: never.
 */
export function publishCollection(
  store: Store,
  database: number,
  found: number,
  object: LargeValue,
  expiresAtMs: number,
): void {
  if (found !== 0) store.relocate(database, found);
  if (object.packed !== null) {
    const { packed } = object;
    packed.finish(object.type, (object.isGrown ? MARK_GROWN : 0) | (object.isMixed ? MARK_MIXED : 0));
    const slackUnits = found === 0 ? 0 : slackFor(store, packed.length);
    putBytes(store, database, found, packed.memory.bytes, 0, packed.length, expiresAtMs, KIND_PACKED, slackUnits);
    return;
  }
  const address = appendRecord(store, database, found, KIND_ROOT, 0, COLLECTION_ROOT_BYTES, expiresAtMs);
  const { writtenBytes, writtenWords, writtenWord } = store;
  writeObjectId(writtenWords, writtenWord, object.id);
  const start = writtenWord * 4 + keyOffsetOf(writtenWords[writtenWord + 1]) + store.key.length;
  writeCollectionRoot(object, writtenBytes, start);
  object.rootDatabase = database;
  object.rootHash = store.key.hash;
  object.rootAddress = address;
}

/** Of a small collection that grows, whose record so far is located: room to grow on in place. */
function slackFor(store: Store, length: number): number {
  const { words, word } = store;
  if (length <= valueLengthOf(words[word + 2])) return 0;
  return Math.min(length * GROWTH_SHARE, PACKED_BYTES_MAX - length) >> 3;
}

/** A collection that no key has yet is given up. */
export function dropCollection(store: Store, object: LargeValue): void {
  store.large.drop(store, object.id);
}

/** Address of the record of the member in the scratch, 0 for none. If found, it is located and the table stands at its slot. */
export function findMember(store: Store, object: LargeValue): number {
  const { member } = store;
  if (object.packed !== null) {
    const place = object.packed.find(member);
    if (place >= 0) locatePacked(store, object.packed, place);
    return place + 1;
  }
  const table = membersOf(object);
  for (let address = table.find(member.hash); address !== 0; address = table.next(member.hash)) {
    locate(store, address);
    const { words, word } = store;
    const word1 = words[word + 1];
    const length = (word1 >>> 24) & FLAG_LONG_KEY ? keyLengthOf(words, word) : word1 & 0xffff;
    if (length !== member.length) continue;
    if (sameKey(words, word + (keyOffsetOf(word1) >>> 2), member.words, 0, length)) return address;
  }
  return 0;
}

/** Locates the member with this hash that is none of `others`: there is one. */
export function locateMember(
  store: Store,
  object: LargeValue,
  hash: number,
  others: readonly Uint8Array[] | undefined,
): void {
  const table = membersOf(object);
  for (let address = table.find(hash); address !== 0; address = table.next(hash)) {
    locate(store, address);
    if (others === undefined || !isOneOf(store, others)) return;
  }
  throw new Error('an order names a member that the collection does not have');
}

function isOneOf(store: Store, members: readonly Uint8Array[]): boolean {
  const start = memberStartOf(store);
  const length = memberEndOf(store) - start;
  for (const each of members) {
    if (each.length === length && equalBytes(each, 0, store.bytes, start, length)) return true;
  }
  return false;
}

/**
 * Stores `[start, end)` of `source` as the value of the member in the scratch. `found`: what `findMember` just returned; if
 * it is not 0, the record is still located. `source` must not be the log's memory. `expiresAtMs` 0: never.
 */
export function putMember(
  store: Store,
  object: LargeValue,
  found: number,
  source: Uint8Array,
  start: number,
  end: number,
  expiresAtMs = 0,
): void {
  if (object.packed !== null) {
    if (expiresAtMs === 0 && putInPacked(store, object.packed, found, source, start, end)) return;
    unpack(store, object);
    putMember(store, object, findMember(store, object), source, start, end, expiresAtMs);
    return;
  }
  const { member, counters } = store;
  const length = end - start;
  counters.askedBytes += member.length + length;
  if (expiresAtMs !== 0) store.expectMember(object, member.hash, expiresAtMs);
  if (found !== 0 && isMutable(store, found) && updateInPlace(store, source, start, length, expiresAtMs)) return;
  const oldUnits = found === 0 ? 0 : recordUnits(store.words, store.word);
  const flags = keyFlags(member.length) | (found === 0 ? 0 : FLAG_OVER) | (expiresAtMs === 0 ? 0 : FLAG_EXPIRY);
  const address = writeMember(store, object, KIND_MEMBER, flags, length);
  if (expiresAtMs !== 0) writeExpiry(store.writtenWords, store.writtenWord, expiresAtMs);
  copyPlain(source, start, end, store.writtenBytes, valueStart(store.writtenWords, store.writtenWord, member.length));
  const table = membersOf(object);
  if (found === 0) table.insert(member.hash, address);
  else {
    table.setAddress(address);
    store.addDead(found, oldUnits);
  }
  store.journal.push(OBJECT_TABLES + object.id, member.hash, found, address, oldUnits);
}

/**
 * The same where that is the one change of the operation, and all it takes is to write a value as long as the old one over it
 * where a small collection's record lies in the log; false, with nothing changed, if it takes more.
 */
export function tryPatchMember(
  store: Store,
  object: LargeValue,
  found: number,
  source: Uint8Array,
  start: number,
  end: number,
): boolean {
  const { packed } = object;
  if (packed === null || found === 0 || !packed.isInLog) return false;
  const { memory, address, word, memberEnd, valueEnd } = packed;
  if (valueEnd - memberEnd !== end - start || !isMutable(store, address)) return false;
  if ((memory.words[word] & OBSERVED) !== 0) return false;
  packed.patch(source, start, end);
  store.counters.askedBytes += store.key.length + store.member.length + end - start;
  store.counters.inPlace++;
  return true;
}

/** Removes the member in the scratch, which `findMember` just found. */
export function removeMember(store: Store, object: LargeValue, found: number): void {
  if (object.packed !== null) {
    object.packed.remove(found - 1);
    return;
  }
  const { member, counters, log } = store;
  const { words, word } = store;
  const units = recordUnits(words, word);
  const table = membersOf(object);
  counters.askedBytes += member.length;
  if (log.segments !== null) {
    const word1 = words[word + 1];
    if (isMutable(store, found) && found >= (store.checkpointer?.stampedUntil ?? 0)) {
      words[word + 1] = (word1 & ~(15 << 16)) | (KIND_MEMBER_TOMBSTONE << 16);
    } else {
      const flags = FLAG_OVER | keyFlags(member.length);
      const address = writeMember(store, object, KIND_MEMBER_TOMBSTONE, flags, 0);
      store.addDead(address, unitsFor(KIND_MEMBER_TOMBSTONE, flags, member.length, 0));
    }
    store.journal.push(OBJECT_TABLES + object.id, member.hash, found, 0, units);
  }
  table.remove();
  store.addDead(found, units);
}

function writeMember(store: Store, object: LargeValue, kind: number, flags: number, valueLength: number): number {
  const { member } = store;
  const units = unitsFor(kind, flags, member.length, valueLength);
  const address = writeRecord(store, 0, kind, flags, units, valueLength, member);
  writeObjectId(store.writtenWords, store.writtenWord, object.id);
  return address;
}

/** Rewrites the located, unsealed record if the value fits, and its expiry. */
function updateInPlace(store: Store, source: Uint8Array, start: number, length: number, expiresAtMs: number): boolean {
  const { words, word, member } = store;
  const word1 = words[word + 1];
  const hasExpiry = (word1 & (FLAG_EXPIRY << 24)) !== 0;
  if (expiresAtMs !== 0 && !hasExpiry) return false;
  const units = recordUnits(words, word);
  const used = Math.ceil((keyOffsetOf(word1) + member.length + length) / 8);
  if (used > units || units - used > SLACK_UNITS_MAX) return false;
  words[word + 2] = length | ((units - used) << 24);
  if (hasExpiry) writeExpiry(words, word, expiresAtMs);
  copyPlain(source, start, start + length, store.bytes, valueStart(words, word, member.length));
  store.counters.inPlace++;
  return true;
}

function valueStart(words: Int32Array, word: number, memberLength: number): number {
  return word * 4 + keyOffsetOf(words[word + 1]) + memberLength;
}

// Of the located member's record, as ranges of `store.bytes`.

export function memberStartOf(store: Store): number {
  if (store.word === IN_PACKED) return store.memberStart;
  return store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
}

export function memberEndOf(store: Store): number {
  if (store.word === IN_PACKED) return store.memberEnd;
  return memberStartOf(store) + keyLengthOf(store.words, store.word);
}

export function memberValueEndOf(store: Store): number {
  if (store.word === IN_PACKED) return store.memberValueEnd;
  return memberEndOf(store) + valueLengthOf(store.words[store.word + 2]);
}

/** The located member, in a buffer of its own. */
export function copyOfMember(store: Store): Buffer {
  return Buffer.from(store.bytes.subarray(memberStartOf(store), memberEndOf(store)));
}

/** The located member becomes the member in the scratch. */
export function takeMember(store: Store): void {
  const start = memberStartOf(store);
  store.member.setFrom(store.bytes, start, memberEndOf(store) - start);
}

/**
 * Before members are looked up one by one, by their hashes, the first `count`: lets a command wait for the records of all
 * of them at once, where some are on disk.
 */
export function bringMembersByHash(store: Store, object: LargeValue, hashes: ArrayLike<number>, count: number): void {
  if (store.gate.state === GATE_OPEN || !store.hasRecordsOnDisk || object.packed !== null) return;
  const table = membersOf(object);
  const addresses: number[] = [];
  for (let i = 0; i < count; i++) {
    for (let at = table.find(hashes[i]); at !== 0; at = table.next(hashes[i])) addresses.push(at);
  }
  store.gate.bring(addresses, 0, addresses.length, RECORD_BYTES);
}

/** Locates the member at an address that `findMember`, `drawMember` or `addressesOf` gave for it; nothing was written since. */
export function locateMemberAt(store: Store, object: LargeValue, address: number): void {
  if (object.packed === null) locate(store, address);
  else locatePacked(store, object.packed, address - 1);
}

/** The member in a place of a small collection. */
export function locatePacked(store: Store, packed: PackedMembers, place: number): void {
  packed.at(place);
  const { memory } = packed;
  store.bytes = memory.bytes;
  store.view = memory.view;
  store.word = IN_PACKED;
  store.memberStart = packed.memberStart;
  store.memberEnd = packed.memberEnd;
  store.memberValueEnd = packed.valueEnd;
}

function putInPacked(
  store: Store,
  packed: PackedMembers,
  found: number,
  source: Uint8Array,
  start: number,
  end: number,
): boolean {
  const { member } = store;
  if (found === 0) return packed.add(member, source, start, end);
  return packed.replace(found - 1, member, source, start, end);
}

/** A small collection becomes one whose members have records of their own. The member in the scratch stays. */
export function unpack(store: Store, object: LargeValue): void {
  const { packed } = object;
  if (packed === null) return;
  packed.makeOwn();
  const { member } = store;
  const kept = Buffer.from(member.bytes.subarray(0, member.length));
  store.large.unpack(store, object, packed.count + 1);
  for (let place = 0; place < packed.count; place++) {
    packed.at(place);
    const { memberStart, memberEnd, valueEnd } = packed;
    const { bytes, view } = packed.memory;
    member.setFrom(bytes, memberStart, memberEnd - memberStart);
    if (object.type === TYPE_ZSET) {
      scoreView.setFloat64(0, readScore(bytes, view, memberEnd, valueEnd), true);
      putMember(store, object, 0, scoreBytes, 0, scoreBytes.length);
    } else putMember(store, object, 0, bytes, memberEnd, valueEnd);
  }
  member.setFrom(kept, 0, kept.length);
}

/** Addresses of all members, for `locateMemberAt`. */
export function addressesOf(object: LargeValue): number[] {
  const { packed } = object;
  if (packed !== null) return Array.from({ length: packed.count }, (_, place) => place + 1);
  const all: number[] = [];
  membersOf(object).forEachInSlice(0, 0, (_hash, address) => all.push(address));
  return all;
}

/** Address of a member at random, each as likely as any other. The collection has one. */
export function drawMember(store: Store, object: LargeValue, prng: Prng): number {
  if (object.packed !== null) return 1 + prng.nextBelow(object.packed.count);
  const table = membersOf(object);
  // After most of very many have gone, draws in vain still cost less than looking at the whole table.
  const drawsMax = Math.max(DRAWS_MAX, table.bucketCount / BUCKETS_PER_DRAW);
  for (let i = 0; i < drawsMax; i++) {
    const address = drawAddress(table, prng);
    if (address !== 0) return address;
  }
  return drawFromFew(store, table, prng);
}

/** For few members in a table that was made for many: one of all of them. */
function drawFromFew(store: Store, table: HashTable, prng: Prng): number {
  copy.count = 0;
  table.copySlice(0, 0, copy);
  if (copy.count === 0) throw new Error(`a collection of ${store.path} is empty`);
  const slot = prng.nextBelow(copy.count);
  return joinAddress(copy.highs[slot], copy.lows[slot]);
}
