/**
 * Scores in small sorted sets (`packed-members.ts`), whose members stand in order: by score, and by their bytes where scores
 * are equal. So a member's place is its rank, and a range is a stretch of places.
 *
 * A member's value is its score: a whole number as few bytes as hold it, the lowest first and the highest with the sign (none
 * for 0, six at most), anything else as a double, 8 bytes.
 *
 * Called by `sorted-members.ts`, which keeps the order, and by whoever reads scores.
 */

import { compareBytes } from '../base/bytes.ts';
import type { KeyScratch } from './key-scratch.ts';
import type { PackedMembers } from './packed-members.ts';
import { makeMemory } from './page-memory.ts';
import type { RankOrder } from './score-order.ts';
import type { MemberVisitor } from './score-range.ts';

const SCORE_BYTES = 8;
/** Whole numbers from here on, and down to minus this, are doubles. */
const WHOLE_MAX = 2 ** 47;
const BYTE = 256;
const SIGN = 0x80;

const scratch = makeMemory(SCORE_BYTES);

/** The score that the value `[start, end)` is, of a small sorted set or of any other. */
export function readScore(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  const length = end - start;
  if (length === SCORE_BYTES) return view.getFloat64(start, true);
  if (length === 0) return 0;
  let score = (bytes[end - 1] << 24) >> 24;
  for (let at = end - 2; at >= start; at--) score = score * BYTE + bytes[at];
  return score;
}

/** Writes a score, other than minus zero, to the scratch memory; returns its length. */
function writeScore(score: number): number {
  const { bytes, view } = scratch;
  if (!Number.isInteger(score) || score >= WHOLE_MAX || score <= -WHOLE_MAX) {
    view.setFloat64(0, score, true);
    return SCORE_BYTES;
  }
  let length = 0;
  let left = score;
  let isSigned = false;
  while (left !== (isSigned ? -1 : 0)) {
    const byte: number = left & (BYTE - 1);
    bytes[length++] = byte;
    left = Math.floor(left / BYTE);
    isSigned = byte >= SIGN;
  }
  return length;
}

/** The score of the member in a place, which has been looked at then. */
function scoreAt(packed: PackedMembers, place: number): number {
  packed.at(place);
  const { memory, memberEnd, valueEnd } = packed;
  return readScore(memory.bytes, memory.view, memberEnd, valueEnd);
}

/** Adds a member that is not there, in its place; false if there is no room. */
export function addPackedScore(packed: PackedMembers, member: KeyScratch, score: number): boolean {
  const length = writeScore(score);
  return packed.add(member, scratch.bytes, 0, length, placeFor(packed, member, score));
}

/** Gives the member in a place another score, and its new place; false, with nothing changed, if there is no room. */
export function movePackedScore(packed: PackedMembers, member: KeyScratch, place: number, score: number): boolean {
  const length = writeScore(score);
  packed.at(place);
  if (!packed.hasRoomFor(length - (packed.valueEnd - packed.memberEnd))) return false;
  if (staysAt(packed, member, place, score)) return packed.replace(place, member, scratch.bytes, 0, length);
  packed.remove(place);
  return packed.add(member, scratch.bytes, 0, length, placeFor(packed, member, score));
}

function staysAt(packed: PackedMembers, member: KeyScratch, place: number, score: number): boolean {
  if (place > 0 && orderAt(packed, place - 1, score, member) >= 0) return false;
  return place === packed.count - 1 || orderAt(packed, place + 1, score, member) > 0;
}

/** The first place whose member is not before this one with its score. */
function placeFor(packed: PackedMembers, member: KeyScratch, score: number): number {
  let low = 0;
  let high = packed.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (orderAt(packed, middle, score, member) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Below 0 if the member in a place comes before another one with a score, above 0 if after it. */
function orderAt(packed: PackedMembers, place: number, score: number, member: KeyScratch): number {
  const own = scoreAt(packed, place);
  if (own !== score) return own < score ? -1 : 1;
  const { memory, memberStart, memberEnd } = packed;
  return compareBytes(memory.bytes, memberStart, memberEnd - memberStart, member.bytes, 0, member.length);
}

/** Ranks in a small sorted set. */
export class PackedRanks implements RankOrder {
  private readonly packed: PackedMembers;

  constructor(packed: PackedMembers) {
    this.packed = packed;
  }

  get count(): number {
    return this.packed.count;
  }

  rankOfScore(score: number, isAfter: boolean): number {
    const { packed } = this;
    let low = 0;
    let high = packed.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const own = scoreAt(packed, middle);
      if (own < score || (isAfter && own === score)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  rankOfMember(bytes: Uint8Array, start: number, length: number, isAfter: boolean): number {
    const { packed } = this;
    let low = 0;
    let high = packed.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      packed.at(middle);
      const { memory, memberStart, memberEnd } = packed;
      const order = compareBytes(memory.bytes, memberStart, memberEnd - memberStart, bytes, start, length);
      if (order < 0 || (isAfter && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Calls `visit` with members from a place on, upwards or downwards. */
export function forEachPacked(
  packed: PackedMembers,
  from: number,
  count: number,
  step: number,
  visit: MemberVisitor,
): void {
  const { bytes, view } = packed.memory;
  for (let i = 0, place = from; i < count; i++, place += step) {
    const score = scoreAt(packed, place);
    visit(bytes, packed.memberStart, packed.memberEnd, score, view);
  }
}
