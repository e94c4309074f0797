/**
 * A small collection, whole in the value of its key's record (kind 2): up to 128 members in 1 KiB.
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 1 | type of the collection |
 * | 1 | 1 | marks that its owner keeps with it |
 * | 2 | 2 | number of members |
 * | 4 | 1 each | the low byte of each member's hash |
 * | | 2 each | where each member begins, counted from the first one |
 * | | | members in that order: length of the member, length of its value (7 bits to a byte, the highest one: more follow), both |
 *
 * Members come in the order in which they were added; those of a sorted set in that of their scores (`packed-scores.ts`).
 *
 * An operation reads it where it lies in the log, if that is in memory, until its first change: then it works on a copy,
 * in memory that the store lends it until the next operation begins (`PackedPool`), and what is to stay is written again
 * whole. Only a value that takes the place of one as long may be written where it lies (`patch`). So such a collection costs its key's slot and record alone, and can be on disk like any
 * value. A collection that outgrows it becomes an object with records of its own (`members.ts`), and stays one.
 */

import { equalBytes } from '../base/bytes.ts';
import { copyBytes, copyPlain } from '../base/copy-bytes.ts';
import type { KeyScratch } from './key-scratch.ts';
import { type Memory, makeMemory } from './page-memory.ts';

export const PACKED_MEMBERS_MAX = 128;
export const PACKED_BYTES_MAX = 1024;
const HEAD_BYTES = 4;
/** Of a member beside itself and its value: its byte of hash, and where it begins. */
const TABLE_BYTES = 3;

export class PackedMembers {
  private readonly own: Memory = makeMemory(2 * PACKED_BYTES_MAX);
  /** Where it is, and from which byte on: its own memory or the log's. */
  memory = this.own;
  private base = 0;
  /** Of its record in the log's memory: address and word. */
  address = 0;
  word = 0;
  /** Whether all that was changed is in the log already. */
  isPatched = false;
  count = 0;
  /** Bytes of the whole. */
  length = HEAD_BYTES;
  // The member that `at` looked at last.
  memberStart = 0;
  memberEnd = 0;
  valueEnd = 0;

  clear(): void {
    this.memory = this.own;
    this.base = 0;
    this.isPatched = false;
    this.count = 0;
    this.length = HEAD_BYTES;
  }

  /** Takes on the value `[start, end)` of a record, as a copy. */
  load(view: DataView, start: number, end: number): void {
    const { bytes } = this.own;
    this.clear();
    copyBytes(view, start, end, this.own.view, 0);
    this.length = end - start;
    this.count = bytes[2] | (bytes[3] << 8);
  }

  /** Takes on the value `[start, end)` of a record where it lies, in the log's memory: until it is changed, nothing is written. */
  lookInto(memory: Memory, start: number, end: number, address: number, word: number): void {
    const { bytes } = memory;
    this.memory = memory;
    this.base = start;
    this.address = address;
    this.word = word;
    this.isPatched = false;
    this.length = end - start;
    this.count = bytes[start + 2] | (bytes[start + 3] << 8);
  }

  get type(): number {
    return this.memory.bytes[this.base];
  }

  get marks(): number {
    return this.memory.bytes[this.base + 1];
  }

  /** Whether it is in the log's memory, as it is stored. */
  get isInLog(): boolean {
    return this.memory !== this.own;
  }

  /** From now on it is a copy. */
  makeOwn(): Memory {
    if (this.memory === this.own) return this.own;
    copyBytes(this.memory.view, this.base, this.base + this.length, this.own.view, 0);
    this.memory = this.own;
    this.base = 0;
    this.isPatched = false;
    return this.own;
  }

  /** Gives the member that was looked at last another value, as long as its own, where it lies in the log. */
  patch(source: Uint8Array, start: number, end: number): void {
    copyPlain(source, start, end, this.memory.bytes, this.memberEnd);
    this.isPatched = true;
  }

  /** The whole is ready to be written, with type and marks. */
  finish(type: number, marks: number): void {
    this.makeOwn();
    const { bytes } = this.memory;
    bytes[0] = type;
    bytes[1] = marks;
    bytes[2] = this.count & 0xff;
    bytes[3] = this.count >>> 8;
  }

  /** The place of a member, from 0 on; -1 for none. If found, it has been looked at. */
  find(member: KeyScratch): number {
    const { bytes } = this.memory;
    const tag = member.hash & 0xff;
    const tags = this.base + HEAD_BYTES;
    const end = tags + this.count;
    for (let at = tags; at < end; at++) {
      if (bytes[at] !== tag) continue;
      const place = at - tags;
      this.at(place);
      const { memberStart } = this;
      const length = this.memberEnd - memberStart;
      if (length === member.length && equalBytes(bytes, memberStart, member.bytes, 0, length)) return place;
    }
    return -1;
  }

  /** Looks at the member in a place. */
  at(place: number): void {
    this.lookAt(this.startOf(place));
  }

  /** The first one, if there are members. */
  atFirst(): void {
    this.lookAt(this.base + HEAD_BYTES + TABLE_BYTES * this.count);
  }

  /** The one after the one that was looked at last, if there is one. */
  atNext(): void {
    this.lookAt(this.valueEnd);
  }

  private lookAt(start: number): void {
    const { bytes } = this.memory;
    let at = start;
    let memberLength = bytes[at++];
    if (memberLength > 0x7f) memberLength = (memberLength & 0x7f) | (bytes[at++] << 7);
    let valueLength = bytes[at++];
    if (valueLength > 0x7f) valueLength = (valueLength & 0x7f) | (bytes[at++] << 7);
    this.memberStart = at;
    this.memberEnd = at + memberLength;
    this.valueEnd = this.memberEnd + valueLength;
  }

  /** Where the member in a place begins; for the place after the last, where all end. */
  private startOf(place: number): number {
    const { base } = this;
    if (place === this.count) return base + this.length;
    const { bytes } = this.memory;
    const first = base + HEAD_BYTES + TABLE_BYTES * this.count;
    const at = base + HEAD_BYTES + this.count + 2 * place;
    return first + (bytes[at] | (bytes[at + 1] << 8));
  }

  /** Adds a member that is not there, before the one in a place; false if there is no room. */
  add(member: KeyScratch, source: Uint8Array, start: number, end: number, place = this.count): boolean {
    const { count, length } = this;
    const size = sizeOf(member.length, end - start);
    if (count === PACKED_MEMBERS_MAX || length + TABLE_BYTES + size > PACKED_BYTES_MAX) return false;
    const { bytes } = this.makeOwn();
    const from = this.startOf(place);
    const starts = HEAD_BYTES + count;
    const first = starts + 2 * count;
    if (from < length) bytes.copyWithin(from + TABLE_BYTES + size, from, length);
    bytes.copyWithin(first + TABLE_BYTES, first, from);
    const ownStart = starts + 2 * place;
    if (place < count) bytes.copyWithin(ownStart + TABLE_BYTES, ownStart, first);
    bytes.copyWithin(starts + 1, starts, ownStart);
    if (place < count) bytes.copyWithin(HEAD_BYTES + place + 1, HEAD_BYTES + place, starts);
    bytes[HEAD_BYTES + place] = member.hash & 0xff;
    this.count = count + 1;
    this.length = length + TABLE_BYTES + size;
    this.setStart(place, from - first);
    for (let i = place + 1; i <= count; i++) this.setStart(i, this.startOf(i) - first - TABLE_BYTES + size);
    this.write(from + TABLE_BYTES, member, source, start, end);
    return true;
  }

  /** Whether the value of a member may become so many bytes longer. */
  hasRoomFor(moreBytes: number): boolean {
    return this.length + moreBytes <= PACKED_BYTES_MAX;
  }

  /** Gives the member in a place another value; false if there is no room. */
  replace(place: number, member: KeyScratch, source: Uint8Array, start: number, end: number): boolean {
    const by = sizeOf(member.length, end - start) - (this.startOf(place + 1) - this.startOf(place));
    if (this.length + by > PACKED_BYTES_MAX) return false;
    this.makeOwn();
    if (by !== 0) this.shift(place, this.startOf(place + 1), by);
    this.write(this.startOf(place), member, source, start, end);
    return true;
  }

  remove(place: number): void {
    const { bytes } = this.makeOwn();
    const from = this.startOf(place);
    const until = this.startOf(place + 1);
    this.shift(place, until, from - until);
    const { count, length } = this;
    const starts = HEAD_BYTES + count;
    const first = starts + 2 * count;
    bytes.copyWithin(HEAD_BYTES + place, HEAD_BYTES + place + 1, starts);
    bytes.copyWithin(starts - 1, starts, starts + 2 * place);
    bytes.copyWithin(starts - 1 + 2 * place, starts + 2 * place + 2, first);
    bytes.copyWithin(first - TABLE_BYTES, first, length);
    this.count = count - 1;
    this.length = length - TABLE_BYTES;
  }

  /** What begins at `from`, after the member in a place, moves. */
  private shift(place: number, from: number, by: number): void {
    const first = HEAD_BYTES + TABLE_BYTES * this.count;
    this.memory.bytes.copyWithin(from + by, from, this.length);
    for (let i = place + 1; i < this.count; i++) this.setStart(i, this.startOf(i) - first + by);
    this.length += by;
  }

  private setStart(place: number, start: number): void {
    const { bytes } = this.memory;
    const at = HEAD_BYTES + this.count + 2 * place;
    bytes[at] = start & 0xff;
    bytes[at + 1] = start >>> 8;
  }

  private write(from: number, member: KeyScratch, source: Uint8Array, start: number, end: number): void {
    const { bytes } = this.memory;
    let at = this.writeLength(from, member.length);
    at = this.writeLength(at, end - start);
    copyPlain(member.bytes, 0, member.length, bytes, at);
    copyPlain(source, start, end, bytes, at + member.length);
  }

  private writeLength(at: number, length: number): number {
    const { bytes } = this.memory;
    if (length <= 0x7f) {
      bytes[at] = length;
      return at + 1;
    }
    bytes[at] = (length & 0x7f) | 0x80;
    bytes[at + 1] = length >>> 7;
    return at + 2;
  }
}

function sizeOf(memberLength: number, valueLength: number): number {
  return (memberLength > 0x7f ? 2 : 1) + (valueLength > 0x7f ? 2 : 1) + memberLength + valueLength;
}

/** Memory for the small collections of the operation at hand. */
export class PackedPool {
  private readonly items: PackedMembers[] = [];
  private used = 0;

  /** Empty, or with what was in it before. */
  take(): PackedMembers {
    if (this.used === this.items.length) this.items.push(new PackedMembers());
    return this.items[this.used++];
  }

  /** An operation begins: what those before it took is free again. */
  release(): void {
    if (this.used > KEPT_MAX) this.items.length = KEPT_MAX;
    this.used = 0;
  }
}
const KEPT_MAX = 64;
