/**
 * Members of a sorted set: records whose value is the score, a double, and beside the table their order (`ScoreOrder`). A
 * small one is its key's record, in which members stand in order (`packed-scores.ts`).
 *
 * A set that outgrew its record in this process has its order from then on; one that was there at open gets it when somebody
 * first asks for ranks or ranges. What always holds: an order that is there knows of
 * every change, except that a refused commit drops it; it is then built anew.
 *
 * The member at hand is in `store.member`. All reads come before the first write, so that a command may be unwound.
 */

import type { LargeValue } from './large-values.ts';
import {
  countMembers,
  findMember,
  locateMember,
  memberEndOf,
  memberStartOf,
  memberValueEndOf,
  membersOf,
  putMember,
  removeMember,
  unpack,
} from './members.ts';
import { addPackedScore, movePackedScore, PackedRanks, readScore } from './packed-scores.ts';
import { ScoreBuild } from './score-build.ts';
import { type MemberLoader, type RankOrder, ScoreOrder } from './score-order.ts';
import type { Store } from './store.ts';

/** What grows larger than this has an order. */
const SMALL_MAX = 128;
/** So few are put in order on the spot, whoever asks. */
const BUILD_ON_THE_SPOT_MAX = 2048;
const SCORE_BYTES = 8;
/** What minus zero becomes zero by, as in redis's listpacks. */
const NO_SIGN = 0;

const scoreBytes = new Uint8Array(SCORE_BYTES);
const scoreView = new DataView(scoreBytes.buffer);

/** The members as their order sees them: by hash. */
class Loader implements MemberLoader {
  bytes: Uint8Array = scoreBytes;
  start = 0;
  length = 0;
  private readonly store: Store;
  private readonly object: LargeValue;

  constructor(store: Store, object: LargeValue) {
    this.store = store;
    this.object = object;
  }

  load(hash: number, others: readonly Uint8Array[] | undefined): void {
    const { store } = this;
    locateMember(store, this.object, hash, others);
    this.bytes = store.bytes;
    this.start = memberStartOf(store);
    this.length = memberEndOf(store) - this.start;
  }
}

/** The score of the located member. */
export function scoreOf(store: Store): number {
  return readScore(store.bytes, store.view, memberEndOf(store), memberValueEndOf(store));
}

/**
 * The complete order of a sorted set. A command that may wait is unwound while a large one is put in order. Afterwards the
 * member in the scratch may be another one.
 */
export function orderOf(store: Store, object: LargeValue): RankOrder {
  return object.packed === null ? orderOfRecords(store, object) : new PackedRanks(object.packed);
}

function orderOfRecords(store: Store, object: LargeValue): ScoreOrder {
  const order = object.order ?? beginOrder(store, object);
  const { build } = order;
  if (build === null) return order;
  if (countMembers(object) > BUILD_ON_THE_SPOT_MAX) store.gate.waitFor(() => build.run());
  while (!build.step());
  return order;
}

function beginOrder(store: Store, object: LargeValue): ScoreOrder {
  const order = new ScoreOrder(new Loader(store, object));
  if (countMembers(object) > 0) order.build = new ScoreBuild(store, object, order);
  object.order = order;
  return order;
}

/** Before the first of up to `adding` members is put: a set that grows large in this process is kept in order. */
export function expectMembers(store: Store, object: LargeValue, adding: number): void {
  if (object.packed !== null) return;
  const members = membersOf(object);
  if (object.order !== null || !members.isLoaded || members.count > SMALL_MAX) return;
  if (members.count + adding > SMALL_MAX) orderOfRecords(store, object);
}

/** Reads what adding the member in the scratch with a score, or moving it there, would read. */
export function bringPlace(store: Store, object: LargeValue, score: number): void {
  const { member } = store;
  object.order?.seek(score, member.bytes, 0, member.length);
}

/** Adds the member in the scratch, which `findMember` did not find. */
export function addScored(store: Store, object: LargeValue, given: number): void {
  const score = given + NO_SIGN;
  const { member } = store;
  if (object.packed !== null) {
    if (addPackedScore(object.packed, member, score)) return;
    outgrow(store, object);
  }
  const { order } = object;
  if (order !== null) order.seek(score, member.bytes, 0, member.length);
  put(store, object, 0, score);
  if (order !== null && !order.isFound) insertHere(store, object, order);
}

/** Gives the member in the scratch, which `findMember` has just found with score `old`, another score. */
export function moveScored(store: Store, object: LargeValue, found: number, old: number, given: number): void {
  const score = given + NO_SIGN;
  const { member } = store;
  if (object.packed !== null) {
    if (movePackedScore(object.packed, member, found - 1, score)) return;
    outgrow(store, object);
    moveScored(store, object, findMember(store, object), old, given);
    return;
  }
  const { order } = object;
  if (order === null) {
    put(store, object, found, score);
    return;
  }
  const { loads } = order;
  const isThere = order.seekMove(old, score, member.bytes, member.length, member.hash, !store.hasRecordsOnDisk);
  if (order.loads !== loads) findMember(store, object);
  put(store, object, found, score);
  if (isThere && order.tryRescore(score)) return;
  try {
    if (isThere) order.moveHere(score);
    else {
      order.seek(score, member.bytes, 0, member.length);
      insertHere(store, object, order);
    }
  } catch {
    // What was read a moment ago cannot be read any more. The score stands; whoever asks for the order next meets the failure.
    object.order = null;
  }
}

/** Removes the member in the scratch, which `findMember` has just found. */
export function removeScored(store: Store, object: LargeValue, found: number): void {
  const { member } = store;
  const { order } = object;
  if (order === null) {
    removeMember(store, object, found);
    return;
  }
  const { loads } = order;
  order.seekMember(scoreOf(store), member.bytes, 0, member.length, member.hash);
  if (order.loads !== loads) findMember(store, object);
  removeMember(store, object, found);
  if (order.isFound) order.removeHere();
}

/** A small set becomes one whose members have records of their own, and an order. The member in the scratch stays. */
function outgrow(store: Store, object: LargeValue): void {
  const kept = store.member.copy();
  unpack(store, object);
  orderOfRecords(store, object);
  store.member.setFrom(kept, 0, kept.length);
}

function put(store: Store, object: LargeValue, found: number, score: number): void {
  scoreView.setFloat64(0, score, true);
  putMember(store, object, found, scoreBytes, 0, SCORE_BYTES);
}

function insertHere(store: Store, object: LargeValue, order: ScoreOrder): void {
  const { hash } = store.member;
  order.insertHere(hash, membersOf(object).matchesUpToTwo(hash) === 2);
}
