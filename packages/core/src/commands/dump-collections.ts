/**
 * Payloads of collections: what DUMP says and RESTORE takes of each type. A type has a case in both functions.
 *
 * A restored collection is made whole before its key is told of it. Members that repeat are found while they are stored:
 * then what was made is dropped again, and the payload is none.
 */
import { countElements, pushElement } from '../engine/elements.ts';
import { type LargeValue, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STREAM, TYPE_ZSET } from '../engine/large-values.ts';
import {
  collectionAt,
  dropCollection,
  makeCollection,
  copyOfMember,
  findMember,
  putMember,
} from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { forEachMember, memberFault } from '../keyspace/collections.ts';
import { isSmallHash, itemsOfHash, noteGrowth } from '../keyspace/hashes.ts';
import { elementFault, forEachElement } from '../keyspace/lists.ts';
import { addToSet, encodingOfSet, noteAdded } from '../keyspace/sets.ts';
import {
  ADD_NX,
  isSmallSortedSet,
  MEMBER_ADDED,
  makeSortedSet,
  noteScored,
  setScore,
  membersInOrder,
} from '../keyspace/sorted-sets.ts';
import { streamOfValues, valuesOfStream } from '../keyspace/stream-payload.ts';
import { BAD_FORMAT, type DumpedValue, dumpValue } from '../types/dump.ts';
import type { ValueLimits } from './value-limits.ts';

/** The payload of the found key's collection; null if nothing of it is left, undefined for a type that has none in this version. */
export function dumpCollection(store: Store, limits: ValueLimits): Uint8Array | null | undefined {
  const object = collectionAt(store);
  switch (object.type) {
    case TYPE_HASH:
      return dumpHash(store, object, limits);
    case TYPE_LIST:
      return dumpValue({ type: 'list', items: itemsOfList(store, object) }, false);
    case TYPE_SET:
      return dumpValue(
        { type: 'set', items: itemsOfSet(store, object) },
        encodingOfSet(store, object, limits.sets) === 'intset',
      );
    case TYPE_ZSET:
      return dumpValue(scoredItems(store, object), isSmallSortedSet(store, object, limits.sortedSets));
    case TYPE_STREAM:
      return dumpValue(valuesOfStream(store, object), false);
    default:
      return undefined;
  }
}

/** A collection of the restored members, which no key has yet; or what is wrong with them. */
export function restoreCollection(store: Store, value: DumpedValue, limits: ValueLimits): LargeValue | string {
  switch (value.type) {
    case 'hash':
      return restoreHash(store, value.items, value.expiries, limits);
    case 'list':
      return restoreList(store, value.items);
    case 'set':
      return restoreMembers(store, makeCollection(store, TYPE_SET, value.items.length), value.items, (set) => {
        const isNew = addToSet(store, set);
        noteAdded(store, set, limits.sets);
        return isNew;
      });
    case 'zset':
      return restoreMembers(store, makeSortedSet(store, value.items.length), value.items, (set, i) => {
        const isNew = setScore(store, set, value.scores[i], ADD_NX) === MEMBER_ADDED;
        noteScored(store, set, limits.sortedSets);
        return isNew;
      });
    case 'stream':
      return streamOfValues(store, value);
    default:
      return `RESTORE takes no value of type ${value.type} in this version`;
  }
}

function dumpHash(store: Store, hash: LargeValue, limits: ValueLimits): Uint8Array | null {
  const { items, expiries } = itemsOfHash(store, hash);
  if (items.length === 0) return null;
  return dumpValue({ type: 'hash', items, expiries }, isSmallHash(store, hash, limits.hashes));
}

function itemsOfList(store: Store, list: LargeValue): Buffer[] {
  const items: Buffer[] = [];
  forEachElement(store, list, 0, countElements(list), false, (start, end) => {
    items.push(Buffer.from(store.bytes.subarray(start, end)));
  });
  return items;
}

function itemsOfSet(store: Store, set: LargeValue): Buffer[] {
  const items: Buffer[] = [];
  forEachMember(store, set, () => items.push(copyOfMember(store)));
  return items;
}

function scoredItems(store: Store, set: LargeValue): DumpedValue {
  const members = membersInOrder(store, set);
  return { type: 'zset', items: members.map(({ member }) => member), scores: members.map(({ score }) => score) };
}

function restoreHash(
  store: Store,
  items: readonly Uint8Array[],
  expiries: readonly number[],
  limits: ValueLimits,
): LargeValue | string {
  const fields = items.filter((_, i) => i % 2 === 0);
  const values = items.filter((_, i) => i % 2 === 1);
  for (const value of values) {
    const fault = memberFault(store, 0, value.length);
    if (fault !== '') return fault;
  }
  return restoreMembers(store, makeCollection(store, TYPE_HASH, fields.length), fields, (hash, i) => {
    const value = values[i];
    const isNew = findMember(store, hash) === 0;
    if (isNew) putMember(store, hash, 0, value, 0, value.length, expiries[i] ?? 0);
    noteGrowth(hash, Math.max(fields[i].length, value.length), limits.hashes);
    return isNew;
  });
}

function restoreList(store: Store, items: readonly Uint8Array[]): LargeValue | string {
  for (const item of items) {
    const fault = elementFault(store, item.length);
    if (fault !== '') return fault;
  }
  const list = makeCollection(store, TYPE_LIST);
  for (const item of items) pushElement(store, list, false, item, 0, item.length);
  return list;
}

/** Has each member stored: `add` is told its place, finds it in the scratch, and returns whether it is new. */
function restoreMembers(
  store: Store,
  object: LargeValue,
  members: readonly Uint8Array[],
  add: (object: LargeValue, i: number) => boolean,
): LargeValue | string {
  for (let i = 0; i < members.length; i++) {
    const fault = memberFault(store, members[i].length, 0);
    if (fault === '') store.member.setFrom(members[i], 0, members[i].length);
    if (fault === '' && add(object, i)) continue;
    dropCollection(store, object);
    return fault === '' ? BAD_FORMAT : fault;
  }
  return object;
}
