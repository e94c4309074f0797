/**
 * Operations on hashes: what an embedded method and a command both call. The key is in `store.key` and was found; fields go
 * through `store.member`.
 */
import { Prng } from '../base/prng.ts';
import type { LargeValue } from '../engine/large-values.ts';
import { locate } from '../engine/locate.ts';
import {
  countMembers,
  drawMember,
  findMember,
  memberEndOf,
  memberStartOf,
  memberValueEndOf,
  membersOf,
  putMember,
  removeMember,
} from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { joinAddress } from '../engine/address.ts';
import { SliceCopy } from '../engine/hash-table.ts';
import { collectMembers, forEachCollected } from './collections.ts';

/** Sets the field in the scratch to `[start, end)` of `source`. Returns whether it is new. */
export function setField(store: Store, hash: LargeValue, source: Uint8Array, start: number, end: number): boolean {
  const found = findMember(store, hash);
  putMember(store, hash, found, source, start, end);
  return found === 0;
}

/** Removes the field in the scratch; false if there is none. */
export function removeField(store: Store, hash: LargeValue): boolean {
  const found = findMember(store, hash);
  if (found !== 0) removeMember(store, hash, found);
  return found !== 0;
}

/** Whether redis would keep the hash as a listpack: few fields, none of them or their values long. */
export function isSmallHash(store: Store, hash: LargeValue, fieldsMax: number, lengthMax: number): boolean {
  if (countMembers(hash) > fieldsMax) return false;
  let isSmall = true;
  collectMembers(store, hash, 0, Number.POSITIVE_INFINITY);
  forEachCollected(store, () => {
    const memberEnd = memberEndOf(store);
    if (memberEnd - memberStartOf(store) > lengthMax || memberValueEndOf(store) - memberEnd > lengthMax)
      isSmall = false;
  });
  return isSmall;
}

/** Locates `count` fields, drawn one by one: any of them may come again. The same seed draws the same. */
export function drawFields(store: Store, hash: LargeValue, count: number, seed: number, visit: () => void): void {
  const prng = new Prng(seed);
  for (let i = 0; i < count; i++) {
    locate(store, drawMember(store, hash, prng));
    visit();
  }
}

/** Locates up to `count` different fields, drawn at random; all of them if there are no more. The same seed draws the same. */
export function drawDifferentFields(
  store: Store,
  hash: LargeValue,
  count: number,
  seed: number,
  visit: () => void,
): void {
  const prng = new Prng(seed);
  for (const address of differentAddresses(store, hash, count, prng)) {
    locate(store, address);
    visit();
  }
}

/** Few of many are drawn until they differ; else all are shuffled as far as needed. */
function differentAddresses(store: Store, hash: LargeValue, count: number, prng: Prng): number[] {
  const total = countMembers(hash);
  if (count * 3 < total) {
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(drawMember(store, hash, prng));
    return [...drawn];
  }
  const copy = new SliceCopy();
  membersOf(hash).copySlice(0, 0, copy);
  const all: number[] = [];
  for (let i = 0; i < copy.count; i++) all.push(joinAddress(copy.highs[i], copy.lows[i]));
  if (count >= total) return all;
  for (let i = 0; i < count; i++) {
    const at = i + prng.nextBelow(total - i);
    [all[i], all[at]] = [all[at], all[i]];
  }
  return all.slice(0, count);
}
