/**
 * `ReadCache`: verified copies of records that were read from disk, in one ring of memory, found by address.
 *
 * Why a cache of its own: to bring a cold record to the log's tail would write it again and wear the flash. Sealed bytes
 * never change and an address is never used again, so a copy stays right until its segment is retired. The cache also
 * holds what was fetched ahead for a command, pinned so that it is still there when the command runs.
 *
 * The ring is a row of blocks without gaps: a copy or free space. One hand goes round. To insert, it frees the blocks
 * before it until there is room; a copy that was found since the hand came by last is spared once (second chance,
 * CLOCK), sliding back over what was freed, so that free space is never scattered; a pinned one stays where it is. How
 * much one insert may spare is limited, so that it never has to go through a large cache of which all was used.
 *
 * Hash chains run through the block headers from a fixed array of heads, not through an open-addressing table: that
 * would have to be sized for the smallest records or rehashed as it fills, and the block of a found copy is about to
 * be read anyway.
 *
 * What always holds:
 * 1. Blocks cover the ring from its start to its end; copies begin at multiples of 8.
 * 2. An offset stays valid until the next `insert`, and for as long as the address is pinned.
 * 3. A pinned copy that was invalidated is not found any more, and its space is free once the last pin is gone.
 * 4. Memory of the ring is not touched before it is used.
 *
 * | block: at | size | field |
 * |---|---|---|
 * | 0 | 4 | bits 6-31 length of the block in units of 8 bytes, 3-5 unused bytes at its end, 2 dead, 1 found, 0 free |
 * | 4 | 4 | next block of the hash chain, its place in units + 1; 0: none |
 * | 8 | 6 | address, low word first |
 * | 14 | 2 | pins |
 * | 16 | | the copy |
 *
 * Called by cold reads (find, insert), prefetch (pin, unpin), compaction (invalidate), flush of a database (clear).
 */

import { assert } from '../base/assert.ts';
import { BUFFER_SIZE_MAX_BYTES } from '../base/limits.ts';
import { highOf, lowOf } from './address.ts';

const HEADER_SIZE_BYTES = 16;
const HEADER_UNITS = 2;
const UNITS_SHIFT = 6;
const PAD_SHIFT = 3;
const FREE = 1;
const FOUND = 2;
const DEAD = 4;
const PIN = 0x10000;
const PINS_MAX = 0xffff;
const HIGH_MASK = 0xffff;
/** One head of a chain per this many bytes of the ring: about one per copy. */
const BYTES_PER_HEAD = 128;
/** An insert spares found copies up to this much and four times its own size. */
const SPARED_MIN_UNITS = 2048;
const NONE = -1;

const HITS = 0;
const MISSES = 1;
const EVICTIONS = 2;

export class ReadCache {
  /** The ring. `find` and `insert` return offsets into it. */
  readonly bytes: Buffer;
  /** The same ring by words. */
  readonly words: Int32Array;
  readonly view: DataView;
  private readonly units: number;
  /** Place in units + 1 of the first block of each hash chain; 0: none. */
  private heads: Int32Array;
  private readonly headShift: number;
  /** Where the next copy goes, in units. */
  private hand = 0;
  private unitsHeld = 0;
  private pinnedBlocks = 0;
  private readonly counters = new Float64Array(3);

  /** With a capacity of 0 nothing is ever found or kept. */
  constructor(capacityBytes: number) {
    assert(capacityBytes >= 0 && capacityBytes <= BUFFER_SIZE_MAX_BYTES, 'a read cache is one buffer');
    this.units = Math.floor(capacityBytes / 8);
    this.bytes = Buffer.allocUnsafeSlow(this.units * 8);
    this.words = new Int32Array(this.bytes.buffer, 0, this.units * 2);
    this.view = new DataView(this.bytes.buffer);
    const headBits = Math.max(1, Math.ceil(Math.log2((this.units * 8) / BYTES_PER_HEAD)));
    this.heads = new Int32Array(2 ** headBits);
    this.headShift = 32 - headBits;
    this.writeFree(0, this.units);
  }

  get hits(): number {
    return this.counters[HITS];
  }

  get misses(): number {
    return this.counters[MISSES];
  }

  get evictions(): number {
    return this.counters[EVICTIONS];
  }

  /** Bytes of the ring that copies take, headers included. */
  get bytesHeld(): number {
    return this.unitsHeld * 8;
  }

  /** Offset in `bytes` of the copy of the record at `address`; -1 when there is none. */
  find(address: number): number {
    const at = this.locate(address);
    if (at === NONE || (this.words[at] & DEAD) !== 0) {
      this.counters[MISSES]++;
      return -1;
    }
    this.counters[HITS]++;
    if ((this.words[at] & FOUND) === 0) this.words[at] |= FOUND;
    return at * 4 + HEADER_SIZE_BYTES;
  }

  /** Length in bytes of the copy at an offset that `find` or `insert` returned. */
  lengthAt(offset: number): number {
    const word = this.words[(offset - HEADER_SIZE_BYTES) >>> 2];
    return (word >>> UNITS_SHIFT) * 8 - HEADER_SIZE_BYTES - ((word >>> PAD_SHIFT) & 7);
  }

  /**
   * Keeps a copy and returns its offset in `bytes`; one that is there already is left as it is. -1 when it does not
   * fit: a record over a quarter of the ring, or pinned copies leave no room. `pinned` pins it once.
   */
  insert(source: Uint8Array, offset: number, length: number, address: number, pinned = false): number {
    if (length * 4 > this.units * 8) return -1;
    let at = this.locate(address);
    if (at === NONE) {
      const units = HEADER_UNITS + Math.ceil(length / 8);
      const place = this.makeRoom(units);
      if (place === NONE) return -1;
      at = place * 2;
      const padBytes = (units - HEADER_UNITS) * 8 - length;
      this.words[at] = (units << UNITS_SHIFT) | (padBytes << PAD_SHIFT);
      this.words[at + 2] = lowOf(address);
      this.words[at + 3] = highOf(address);
      this.link(at);
      this.unitsHeld += units;
      this.bytes.set(source.subarray(offset, offset + length), at * 4 + HEADER_SIZE_BYTES);
    } else if ((this.words[at] & DEAD) !== 0) {
      return -1;
    }
    if (pinned) this.addPin(at);
    return at * 4 + HEADER_SIZE_BYTES;
  }

  /** Keeps the copy where it is until `unpin` was called as often; false when there is no copy. */
  pin(address: number): boolean {
    const at = this.locate(address);
    if (at === NONE || (this.words[at] & DEAD) !== 0) return false;
    this.addPin(at);
    return true;
  }

  unpin(address: number): void {
    const at = this.locate(address);
    assert(at !== NONE && this.pinsAt(at) > 0, 'only what is pinned is unpinned');
    this.words[at + 3] -= PIN;
    if (this.pinsAt(at) > 0) return;
    this.pinnedBlocks--;
    if ((this.words[at] & DEAD) !== 0) this.free(at);
  }

  /** Drops the copy of the record at `address`, if there is one. */
  invalidate(address: number): void {
    const at = this.locate(address);
    if (at !== NONE) this.drop(at);
  }

  /** Drops all copies. */
  clear(): void {
    if (this.pinnedBlocks === 0) {
      if (this.unitsHeld > 0) this.heads = new Int32Array(this.heads.length);
      this.unitsHeld = 0;
      this.hand = 0;
      this.writeFree(0, this.units);
      return;
    }
    for (let at = 0; at < this.words.length; at += this.unitsAt(at) * 2) {
      if ((this.words[at] & FREE) === 0) this.drop(at);
    }
  }

  // A block is named by the index of its first word, `at`; places and lengths on the ring are in units of two words.

  private unitsAt(at: number): number {
    return this.words[at] >>> UNITS_SHIFT;
  }

  private pinsAt(at: number): number {
    return this.words[at + 3] >>> 16;
  }

  private addPin(at: number): void {
    const pins = this.pinsAt(at);
    assert(pins < PINS_MAX, 'a copy has few pins');
    if (pins === 0) this.pinnedBlocks++;
    this.words[at + 3] += PIN;
  }

  private drop(at: number): void {
    if (this.pinsAt(at) > 0) this.words[at] |= DEAD;
    else this.free(at);
  }

  private free(at: number): void {
    const units = this.unitsAt(at);
    this.relink(at, this.words[at + 1]);
    this.unitsHeld -= units;
    this.writeFree(at >>> 1, units);
  }

  private writeFree(place: number, units: number): void {
    if (units > 0) this.words[place * 2] = (units << UNITS_SHIFT) | FREE;
  }

  /**
   * Makes `need` units free in one piece and moves the hand behind them. Returns their place; -1 when pinned copies
   * leave no such piece.
   */
  private makeRoom(need: number): number {
    let sparedMax = SPARED_MIN_UNITS + 4 * need;
    let rounds = 0;
    let place = this.hand;
    let room = 0;
    while (room < need) {
      if (place + room === this.units) {
        this.writeFree(place, room);
        place = 0;
        room = 0;
        // From the hand to the end, from the start to the hand, and once more: what was spared at first goes then.
        if (++rounds <= 2) continue;
        // The hand may now be inside free space that was joined.
        this.hand = 0;
        return NONE;
      }
      const at = (place + room) * 2;
      const units = this.unitsAt(at);
      if ((this.words[at] & FREE) !== 0) {
        room += units;
      } else if (this.pinsAt(at) > 0) {
        this.writeFree(place, room);
        place += room + units;
        room = 0;
      } else if ((this.words[at] & FOUND) !== 0 && sparedMax > 0) {
        this.spare(at, place);
        sparedMax -= units;
        place += units;
      } else {
        this.relink(at, this.words[at + 1]);
        this.unitsHeld -= units;
        this.counters[EVICTIONS]++;
        room += units;
      }
    }
    this.writeFree(place + need, room - need);
    this.hand = place + need;
    return place;
  }

  /** Takes the mark from a found copy and slides it back to `place`. */
  private spare(at: number, place: number): void {
    this.words[at] &= ~FOUND;
    if (at === place * 2) return;
    this.relink(at, place + 1);
    this.words.copyWithin(place * 2, at, at + this.unitsAt(at) * 2);
  }

  private headOf(low: number, high: number): number {
    return Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> this.headShift;
  }

  private locate(address: number): number {
    const words = this.words;
    const low = lowOf(address);
    const high = highOf(address);
    for (let link = this.heads[this.headOf(low, high)]; link !== 0; ) {
      const at = (link - 1) * 2;
      if (words[at + 2] === low && (words[at + 3] & HIGH_MASK) === high) return at;
      link = words[at + 1];
    }
    return NONE;
  }

  private link(at: number): void {
    const head = this.headOf(this.words[at + 2], this.words[at + 3] & HIGH_MASK);
    this.words[at + 1] = this.heads[head];
    this.heads[head] = (at >>> 1) + 1;
  }

  /** Makes what pointed to the block point to `link` instead. */
  private relink(at: number, link: number): void {
    const words = this.words;
    const head = this.headOf(words[at + 2], words[at + 3] & HIGH_MASK);
    const own = (at >>> 1) + 1;
    if (this.heads[head] === own) {
      this.heads[head] = link;
      return;
    }
    let before = (this.heads[head] - 1) * 2;
    while (words[before + 1] !== own) before = (words[before + 1] - 1) * 2;
    words[before + 1] = link;
  }
}
