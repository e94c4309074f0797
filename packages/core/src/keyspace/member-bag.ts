/**
 * Members gathered in memory: what an operation on several collections has read before it replies or writes.
 *
 * They lie one after the other in one buffer, in the order in which they came. `add` keeps each once, by open addressing
 * over the hashes that the members have anyway; `push` is for those that cannot come twice. A bag is used one way or the
 * other. A member that was dropped keeps its place, and is passed over.
 *
 * A bag is used again and again (`clear`), for making one takes longer than filling it with a few dozen members.
 */
import { copyPlain } from '../base/copy-bytes.ts';
import type { KeyScratch } from '../engine/key-scratch.ts';

const FIRST_BYTES = 1024;
const FIRST_PLACES = 64;
/** One that had more is not kept. */
const KEPT_PLACES_MAX = 1024;
const KEPT_BYTES_MAX = 65_536;
/** Of the slots that `add` looks at, so many stay empty for each that is used. */
const SLOTS_PER_PLACE = 2;
/** How a hash is spread over the slots: stores with few bits of hash leave the high ones alone. */
const SPREAD = 0x9e3779b1;
const DROPPED = -1;
const NONE = -1;

export class MemberBag {
  bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** Of all that came, with those that were dropped. */
  size = 0;
  /** Without them. */
  count = 0;
  hashes = new Int32Array(FIRST_PLACES);
  private ends = new Float64Array(FIRST_PLACES + 1);
  /** Length of each member, -1 for one that was dropped. */
  private lengths = new Int32Array(FIRST_PLACES);
  /** Places by hash, plus 1; 0 for an empty slot. */
  private slots = new Int32Array(0);
  /** Whether any is used. */
  private hasSlots = false;

  /** Empties the bag, and gives large memory back. */
  clear(): this {
    if (this.hashes.length > KEPT_PLACES_MAX || this.bytes.length > KEPT_BYTES_MAX) {
      this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
      this.hashes = new Int32Array(FIRST_PLACES);
      this.ends = new Float64Array(FIRST_PLACES + 1);
      this.lengths = new Int32Array(FIRST_PLACES);
      this.slots = new Int32Array(0);
    } else if (this.hasSlots) this.slots.fill(0);
    this.hasSlots = false;
    this.size = 0;
    this.count = 0;
    return this;
  }

  /** Takes on a member that is not here yet. */
  push(member: KeyScratch): void {
    const place = this.size;
    if (place === this.hashes.length) this.growPlaces();
    const start = this.ends[place];
    const end = start + member.length;
    if (end > this.bytes.length) this.growBytes(end);
    copyPlain(member.bytes, 0, member.length, this.bytes, start);
    this.ends[place + 1] = end;
    this.lengths[place] = member.length;
    this.hashes[place] = member.hash;
    this.size++;
    this.count++;
  }

  /** Takes on a member unless it is here. */
  add(member: KeyScratch): void {
    this.hasSlots = true;
    if (this.slots.length < (this.size + 1) * SLOTS_PER_PLACE) this.growSlots();
    const slot = this.slotOf(member);
    if (this.slots[slot] !== 0) return;
    this.push(member);
    this.slots[slot] = this.size;
  }

  /** Drops a member if it is here; all that are came by `add`. */
  dropMember(member: KeyScratch): void {
    if (!this.hasSlots) return;
    const place = this.slots[this.slotOf(member)] - 1;
    if (place !== NONE && this.has(place)) this.drop(place);
  }

  /** Drops the member at a place, which has one. */
  drop(place: number): void {
    this.lengths[place] = DROPPED;
    this.count--;
  }

  /** Whether there is a member at a place below `size` still. */
  has(place: number): boolean {
    return this.lengths[place] !== DROPPED;
  }

  /** Bytes of all that came. */
  get sizeBytes(): number {
    return this.ends[this.size];
  }

  startOf(place: number): number {
    return this.ends[place];
  }

  endOf(place: number): number {
    return this.ends[place + 1];
  }

  /** Puts the member of a place into a scratch. */
  load(place: number, member: KeyScratch): void {
    member.setHashed(this.bytes, this.ends[place], this.lengths[place], this.hashes[place]);
  }

  /** The slot that has the member, or the empty one where it would be. */
  private slotOf(member: KeyScratch): number {
    const mask = this.slots.length - 1;
    let slot = (Math.imul(member.hash, SPREAD) >>> 7) & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) if (this.isAt(this.slots[slot] - 1, member)) break;
    return slot;
  }

  private isAt(place: number, member: KeyScratch): boolean {
    if (this.hashes[place] !== member.hash) return false;
    const start = this.ends[place];
    const end = this.ends[place + 1];
    return end - start === member.length && this.bytes.compare(member.bytes, 0, member.length, start, end) === 0;
  }

  private growBytes(neededBytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(neededBytes, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.ends[this.size]);
    this.bytes = larger;
  }

  private growPlaces(): void {
    const count = this.hashes.length * 2;
    const { hashes, lengths, ends } = this;
    this.hashes = new Int32Array(count);
    this.hashes.set(hashes);
    this.lengths = new Int32Array(count);
    this.lengths.set(lengths);
    this.ends = new Float64Array(count + 1);
    this.ends.set(ends);
  }

  private growSlots(): void {
    this.slots = new Int32Array(Math.max(FIRST_PLACES * SLOTS_PER_PLACE, this.slots.length * 2));
    const mask = this.slots.length - 1;
    for (let place = 0; place < this.size; place++) {
      let slot = (Math.imul(this.hashes[place], SPREAD) >>> 7) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = place + 1;
    }
  }
}
