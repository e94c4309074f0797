/**
 * Walks of a hash that pass over the fields whose time is over: such a field has a slot until it is taken out
 * (`expire-members.ts`), but is not there for whoever asks. Where no field ever had an expiry they are the walks of all
 * collections.
 */
import { Prng } from '../base/prng.ts';
import type { LargeValue } from '../engine/large-values.ts';
import { isMemberDue } from '../engine/member-expiry.ts';
import { addressesOf, countMembers, drawMember, locateMemberAt } from '../engine/members.ts';
import type { Store } from '../engine/store.ts';
import { collectMembers, drawDifferentMembers, drawMembers, forEachCollected } from './collections.ts';

/** Of a longer hash nothing is read to count its fields: those are in that went within the last tenths of a second. */
const READ_TO_COUNT_MAX = 1024;
/** Draws in vain, for each field that is wanted, before all fields are looked at. */
const VAIN_DRAWS_PER_FIELD = 8;
const VAIN_DRAWS_MIN = 64;
/** With fewer fields than so many for each that is wanted, all are looked at. */
const FIELDS_PER_DRAW = 3;

/** The number of fields. */
export function countFields(store: Store, hash: LargeValue): number {
  const count = countMembers(hash);
  if (!hash.isExpiring || count > READ_TO_COUNT_MAX) return count;
  let live = 0;
  forEachField(store, hash, () => live++);
  return live;
}

/** Calls `visit` with the record of each field located, in an order of the log's. */
export function forEachField(store: Store, hash: LargeValue, visit: () => void): void {
  collectMembers(store, hash, 0, Number.POSITIVE_INFINITY);
  forEachCollectedField(store, hash, visit);
}

/** The same for those that `collectMembers` took on. */
export function forEachCollectedField(store: Store, hash: LargeValue, visit: () => void): void {
  if (!hash.isExpiring) {
    forEachCollected(store, visit);
    return;
  }
  forEachCollected(store, () => {
    if (!isMemberDue(store, hash)) visit();
  });
}

/**
 * Locates `count` fields drawn at random: one by one, any of which may come again, or, with `areDifferent`, up to so many
 * different ones. The same seed draws the same.
 */
export function drawFields(
  store: Store,
  hash: LargeValue,
  count: number,
  areDifferent: boolean,
  seed: number,
  visit: () => void,
): void {
  if (!hash.isExpiring) {
    const draw = areDifferent ? drawDifferentMembers : drawMembers;
    draw(store, hash, count, seed, visit);
    return;
  }
  const prng = new Prng(seed);
  const drawn = tryDraw(store, hash, count, areDifferent, prng) ?? drawOfAll(store, hash, count, areDifferent, prng);
  for (const address of drawn) {
    locateMemberAt(store, hash, address);
    visit();
  }
}

/** Draws until enough are live; undefined where too many are not, or nearly all are wanted. */
function tryDraw(
  store: Store,
  hash: LargeValue,
  count: number,
  areDifferent: boolean,
  prng: Prng,
): Iterable<number> | undefined {
  if (areDifferent && count * FIELDS_PER_DRAW >= countMembers(hash)) return undefined;
  const drawn: number[] = [];
  const seen = new Set<number>();
  for (let left = VAIN_DRAWS_MIN + count * VAIN_DRAWS_PER_FIELD; drawn.length < count; left--) {
    if (left === 0) return undefined;
    const address = drawMember(store, hash, prng);
    if (areDifferent && seen.has(address)) continue;
    locateMemberAt(store, hash, address);
    if (isMemberDue(store, hash)) continue;
    seen.add(address);
    drawn.push(address);
  }
  return drawn;
}

function drawOfAll(store: Store, hash: LargeValue, count: number, areDifferent: boolean, prng: Prng): Iterable<number> {
  const live = addressesOf(hash).filter((address) => {
    locateMemberAt(store, hash, address);
    return !isMemberDue(store, hash);
  });
  if (live.length === 0) return [];
  if (!areDifferent) return Array.from({ length: count }, () => live[prng.nextBelow(live.length)]);
  if (count >= live.length) return live;
  for (let i = 0; i < count; i++) {
    const at = i + prng.nextBelow(live.length - i);
    [live[i], live[at]] = [live[at], live[i]];
  }
  return live.slice(0, count);
}
