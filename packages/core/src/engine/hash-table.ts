/**
 * The hash index of one namespace: linear hashing over 64-byte buckets in typed arrays.
 *
 * A bucket is one cache line of 16 words: six hashes (0-5), the low words of six addresses (6-11), their high 16 bits
 * (12-14), and the number of an overflow bucket (15, 0 for none). A slot is used when its address is not 0.
 *
 * What always holds:
 * 1. A key has at most one slot, in the chain of bucket `hash & mask`, or of `hash & (2 * mask + 1)` if that bucket
 *    is below `split` and so has been split in this round.
 * 2. The used slots of a chain come first: a removal moves the chain's last slot into the hole.
 * 3. Inserting past the load splits one bucket, looking at hashes alone: there is no doubling and no read of the log. In a
 *    collection's table, removing merges buckets in the same way, the last one into the one that it was split from.
 *
 * Slices. A table can be filled lazily from a checkpoint: slice `s` of 2^k holds the hashes whose bits 7 to 7 + k are `s`,
 * so that its buckets are runs of 128, and a slice touches few pages of memory. No split moves an entry to another slice,
 * because a table that is cut never has fewer than 2^(7 + k) buckets. `loader` is asked for a slice before its first
 * touch. (Litwin, "Linear hashing", VLDB 1980.)
 */

import type { Clock } from '../base/clock.ts';
import { joinAddress, highOf, lowOf } from './address.ts';

const BUCKET_WORDS = 16;
const SLOTS = 6;
const OVERFLOW_WORD = 15;
const CHUNK_SHIFT = 12;
const CHUNK_BUCKETS = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_BUCKETS - 1;
const MIN_BUCKETS = 16;
/** Of a collection's table, of which there may be very many. */
const MIN_BUCKETS_SMALL = 4;
/** Overflow buckets come in arrays of 256, those of a collection's table in arrays of 8. */
const OVERFLOW_SHIFT = 8;
const OVERFLOW_SHIFT_SMALL = 3;
/** Mean used slots per bucket that makes the table grow by one. */
const SPLIT_LOAD = SLOTS * 0.7;
/** Below this mean, a collection's table gives buckets back with each removal, so that a draw meets used slots. */
const MERGE_LOAD = 1;
/** Buckets given back at once, at most: more than one, to catch up where `keepSlices` had kept them. */
const MERGES_MAX = 4;

/** After the last bucket of a walk by positions. */
export const POSITION_END = 2 ** 32;

/** A slice's buckets come in runs of 2^7, which fill two pages of memory. */
const SLICE_SHIFT = 7;
const RUN_BUCKETS = 1 << SLICE_SHIFT;
/** So few slices are loaded in the time of a command. */
const LOAD_ON_THE_SPOT_MAX = 4;

/** The slice that a hash belongs to, of `sliceMask + 1`. */
export function sliceOf(hash: number, sliceMask: number): number {
  return (hash >>> SLICE_SHIFT) & sliceMask;
}

/** The entries of one slice, copied out: hashes, low words and high halves of addresses. */
export class SliceCopy {
  count = 0;
  hashes = new Int32Array(64);
  lows = new Int32Array(64);
  highs = new Uint16Array(64);
  /** The high half of every address, -1 when they differ. */
  high = 0;

  /** Makes room for a bucket more. */
  reserve(): void {
    if (this.count + SLOTS < this.hashes.length) return;
    const size = this.hashes.length * 2;
    const { hashes, lows, highs } = this;
    this.hashes = new Int32Array(size);
    this.hashes.set(hashes);
    this.lows = new Int32Array(size);
    this.lows.set(lows);
    this.highs = new Uint16Array(size);
    this.highs.set(highs);
  }
}

export interface SliceLoader {
  /** Slices are `sliceOf(hash, sliceMask)`. */
  readonly sliceMask: number;
  /** Puts the entries of a slice into the table. */
  load(table: HashTable, slice: number): void;
  /** All slices are needed, and many are missing: a command that may wait is unwound until they are in. */
  bringAll(table: HashTable): void;
}

export class HashTable {
  /** Buckets of the primary area, 4096 to a chunk; the first chunk starts small. */
  private chunks: Int32Array[];
  private overflow: Int32Array[] = [];
  private overflowUsed = 1;
  private overflowFree = 0;
  private readonly overflowShift: number;
  private readonly overflowMask: number;
  private mask: number;
  private split = 0;
  /** It never has fewer buckets. */
  private bucketsMin: number;
  private readonly isSmall: boolean;
  /** Keys in the table (of the slices loaded so far). */
  count = 0;
  /** Measures how long growing takes: splits move a few lines, so only new memory is looked at. */
  clock: Clock | null = null;
  growthLongestHoldMs = 0;

  // Where the last find stopped: bucket words, its base, slot.
  private atWords: Int32Array;
  private atBase = 0;
  private atSlot = 0;

  private loader: SliceLoader | null = null;
  private loaded: Uint8Array | null = null;
  private unloadedCount = 0;

  /** Has room for `countExpected` keys before it splits, and can be cut into `slices`. `isSmall`: one of very many. */
  constructor(countExpected = 0, slices = 1, isSmall = false) {
    this.isSmall = isSmall;
    this.bucketsMin = isSmall ? MIN_BUCKETS_SMALL : MIN_BUCKETS;
    this.overflowShift = isSmall ? OVERFLOW_SHIFT_SMALL : OVERFLOW_SHIFT;
    this.overflowMask = (1 << this.overflowShift) - 1;
    const bucketsCut = slices === 1 ? 0 : slices * RUN_BUCKETS;
    const buckets = Math.max(this.bucketsMin, bucketsCut, Math.ceil(countExpected / SPLIT_LOAD));
    this.mask = 2 ** Math.floor(Math.log2(buckets)) - 1;
    this.split = buckets - this.mask - 1;
    this.chunks = [];
    this.atWords = EMPTY;
    for (let left = buckets; left > 0; left -= CHUNK_BUCKETS) {
      this.chunks.push(new Int32Array(Math.min(left, CHUNK_BUCKETS) * BUCKET_WORDS));
    }
  }

  /** The most slices the table can be cut into, as a power of two. */
  get sliceBitsMax(): number {
    return Math.max(0, Math.floor(Math.log2(this.mask + 1)) - SLICE_SHIFT);
  }

  /** From now on it can be cut into as many slices, until the next call. */
  keepSlices(sliceBits: number): void {
    const buckets = sliceBits === 0 ? 0 : RUN_BUCKETS * 2 ** sliceBits;
    this.bucketsMin = Math.max(buckets, this.isSmall ? MIN_BUCKETS_SMALL : MIN_BUCKETS);
  }

  /** Memory of buckets, used or not, in bytes. */
  get bytesHeld(): number {
    let bytes = 0;
    for (const chunk of this.chunks) bytes += chunk.byteLength;
    for (const chunk of this.overflow) bytes += chunk.byteLength;
    return bytes;
  }

  /** Fills the table slice by slice through `loader`, from now on. The table must be empty and have enough buckets. */
  attachLoader(loader: SliceLoader): void {
    this.loader = loader;
    this.loaded = new Uint8Array(loader.sliceMask + 1);
    this.unloadedCount = loader.sliceMask + 1;
  }

  /** Loads the next unloaded slice; returns false once everything is in. */
  loadNext(): boolean {
    if (this.loaded === null) return false;
    const slice = this.loaded.indexOf(0);
    if (slice >= 0) this.loadSlice(slice);
    return this.loaded !== null;
  }

  loadAll(): void {
    while (this.loadNext());
  }

  /** The same for what may be a command: one that may wait is unwound, and run anew when all is in. */
  needAll(): void {
    if (this.unloadedCount > LOAD_ON_THE_SPOT_MAX) this.loader?.bringAll(this);
    this.loadAll();
  }

  loadSlice(slice: number): void {
    if (this.loaded === null || this.loaded[slice] === 1) return;
    const loader = this.loader as SliceLoader;
    this.loaded[slice] = 1;
    this.unloadedCount--;
    const last = this.unloadedCount === 0;
    try {
      loader.load(this, slice);
    } catch (error) {
      this.unload(slice, loader.sliceMask);
      throw error;
    }
    if (last) {
      this.loader = null;
      this.loaded = null;
    }
  }

  /** The device failed in the middle of a slice: it is loaded anew when it is asked for again, not half there for good. */
  private unload(slice: number, sliceMask: number): void {
    const half: number[] = [];
    this.forEachInSlice(slice, Math.log2(sliceMask + 1), (hash, address) => half.push(hash, address));
    for (let i = 0; i < half.length; i += 2) {
      if (this.findAddress(half[i], half[i + 1])) this.remove();
    }
    (this.loaded as Uint8Array)[slice] = 0;
    this.unloadedCount++;
  }

  private ensureLoaded(hash: number): void {
    if (this.loader !== null) this.loadSlice(sliceOf(hash, this.loader.sliceMask));
  }

  /** Address in the first slot with this hash, 0 for none. `next` goes on; `setAddress` and `remove` act on the slot. */
  find(hash: number): number {
    if (this.loader !== null) this.ensureLoaded(hash);
    let bucket = hash & this.mask;
    if (bucket < this.split) bucket = hash & (this.mask * 2 + 1);
    return this.scan(this.chunks[bucket >>> CHUNK_SHIFT], (bucket & CHUNK_MASK) << 4, 0, hash);
  }

  /** Address in the next slot with the same hash after the one found last. */
  next(hash: number): number {
    return this.scan(this.atWords, this.atBase, this.atSlot + 1, hash);
  }

  private scan(words: Int32Array, base: number, from: number, hash: number): number {
    let slot = from;
    for (;;) {
      for (; slot < SLOTS; slot++) {
        if (words[base + slot] === hash) {
          const low = words[base + SLOTS + slot];
          const high = (words[base + 12 + (slot >> 1)] >>> ((slot & 1) << 4)) & 0xffff;
          if ((low | high) !== 0) {
            this.atWords = words;
            this.atBase = base;
            this.atSlot = slot;
            return high * 4294967296 + (low >>> 0);
          }
        }
      }
      const next = words[base + OVERFLOW_WORD];
      if (next === 0) return 0;
      words = this.overflow[next >>> this.overflowShift];
      base = (next & this.overflowMask) << 4;
      slot = 0;
    }
  }

  /** Finds the slot with this hash and this very address. */
  findAddress(hash: number, address: number): boolean {
    const { atWords, atBase, atSlot } = this;
    // Where the last find stopped, most often.
    if (atWords[atBase + atSlot] === hash && addressIn(atWords, atBase, atSlot) === address) return true;
    let found = this.find(hash);
    while (found !== 0 && found !== address) found = this.next(hash);
    return found !== 0;
  }

  /** How many slots have this hash, 2 standing for two or more; the first one is left as found. */
  matchesUpToTwo(hash: number): number {
    if (this.find(hash) === 0) return 0;
    const words = this.atWords;
    const base = this.atBase;
    const slot = this.atSlot;
    const more = this.next(hash) !== 0;
    this.atWords = words;
    this.atBase = base;
    this.atSlot = slot;
    return more ? 2 : 1;
  }

  /** Points the slot found last at another address. */
  setAddress(address: number): void {
    writeAddress(this.atWords, this.atBase, this.atSlot, lowOf(address), highOf(address));
  }

  /** Adds a slot; the caller knows that the key has none. */
  insert(hash: number, address: number): void {
    if (this.loader !== null) this.ensureLoaded(hash);
    this.place(hash, lowOf(address), highOf(address));
    this.count++;
    if (this.count > (this.mask + 1 + this.split) * SPLIT_LOAD) this.splitOne();
  }

  /** Takes out the slot found last. */
  remove(): void {
    const holeWords = this.atWords;
    const holeBase = this.atBase;
    // From the chain's start, so that an overflow bucket that empties is always taken off the one before it.
    const bucket = this.bucketOf(holeWords[holeBase + this.atSlot]);
    let words = this.chunks[bucket >>> CHUNK_SHIFT];
    let base = (bucket & CHUNK_MASK) << 4;
    let before: Int32Array | null = null;
    let beforeBase = 0;
    for (let next = words[base + OVERFLOW_WORD]; next !== 0; next = words[base + OVERFLOW_WORD]) {
      before = words;
      beforeBase = base;
      words = this.overflow[next >>> this.overflowShift];
      base = (next & this.overflowMask) << 4;
    }
    let last = SLOTS - 1;
    while (last > 0 && isEmpty(words, base, last)) last--;
    const low = words[base + SLOTS + last];
    const high = (words[base + 12 + (last >> 1)] >>> ((last & 1) << 4)) & 0xffff;
    holeWords[holeBase + this.atSlot] = words[base + last];
    writeAddress(holeWords, holeBase, this.atSlot, low, high);
    words[base + last] = 0;
    writeAddress(words, base, last, 0, 0);
    if (last === 0 && before !== null) {
      this.releaseOverflow(before[beforeBase + OVERFLOW_WORD]);
      before[beforeBase + OVERFLOW_WORD] = 0;
    }
    this.count--;
    if (this.isSmall) this.shrink();
  }

  private shrink(): void {
    for (let i = 0; i < MERGES_MAX; i++) {
      if (this.count >= this.bucketCount * MERGE_LOAD || this.bucketCount <= this.bucketsMin || this.loader !== null)
        return;
      this.mergeOne();
    }
  }

  private bucketOf(hash: number): number {
    const bucket = hash & this.mask;
    return bucket < this.split ? hash & (this.mask * 2 + 1) : bucket;
  }

  /** Calls `visit` for every slot of slice `slice` of `2^sliceBits`; it must not change the table. */
  forEachInSlice(slice: number, sliceBits: number, visit: (hash: number, address: number) => void): void {
    const copy = new SliceCopy();
    this.copySlice(slice, sliceBits, copy);
    for (let i = 0; i < copy.count; i++) visit(copy.hashes[i], joinAddress(copy.highs[i], copy.lows[i]));
  }

  /** Copies out slice `slice` of `2^sliceBits` (0 to `sliceBitsMax`), in the order of buckets. */
  copySlice(slice: number, sliceBits: number, copy: SliceCopy): void {
    this.ensureSlices(slice, sliceBits);
    copy.count = 0;
    copy.high = -2;
    const buckets = this.bucketCount;
    if (sliceBits === 0) {
      this.copyRun(0, buckets, copy);
    } else {
      const stride = RUN_BUCKETS * 2 ** sliceBits;
      for (let run = slice * RUN_BUCKETS; run < buckets; run += stride) {
        this.copyRun(run, Math.min(run + RUN_BUCKETS, buckets), copy);
      }
    }
    copy.high = Math.max(copy.high, -1);
  }

  get bucketCount(): number {
    return this.mask + 1 + this.split;
  }

  /** Whether all of the table is in memory: only then is `count` the number of its keys. */
  get isLoaded(): boolean {
    return this.loader === null;
  }

  /** Of all buckets of a loaded table, those of overflow included. */
  get slotCount(): number {
    return (this.bucketCount + this.overflowUsed - 1) * SLOTS;
  }

  /** The address in one of the `slotCount` slots of a loaded table, 0 for an empty one. */
  addressAt(place: number): number {
    const slot = place % SLOTS;
    const unit = (place - slot) / SLOTS;
    const buckets = this.bucketCount;
    if (unit < buckets) return addressIn(this.chunks[unit >>> CHUNK_SHIFT], (unit & CHUNK_MASK) << 4, slot);
    // Overflow buckets are numbered from 1 on.
    const bucket = unit - buckets + 1;
    return addressIn(this.overflow[bucket >>> this.overflowShift], (bucket & this.overflowMask) << 4, slot);
  }

  /** Adds the entries of one bucket, below `bucketCount`, to `copy`. */
  copyBucket(bucket: number, copy: SliceCopy): void {
    if (this.loader !== null) this.ensureLoaded(bucket);
    this.copyRun(bucket, bucket + 1, copy);
  }

  /**
   * Adds the entries of the bucket at `position` to `copy`, and says where the next one begins: `POSITION_END` after the
   * last. Positions are hashes with their bits reversed. A bucket is a stretch of them, and a split cuts a stretch in
   * two: so whoever goes from bucket to bucket meets each key that stays in the table exactly once, however it grows.
   */
  copyBucketAt(position: number, copy: SliceCopy): number {
    const hash = reverseBits(position);
    if (this.loader !== null) this.ensureLoaded(hash);
    const bits = 31 - Math.clz32(this.mask + 1) + ((hash & this.mask) < this.split ? 1 : 0);
    const width = 1 << (32 - bits);
    const from = copy.count;
    const bucket = this.bucketOf(hash);
    this.copyRun(bucket, bucket + 1, copy);
    // In the middle of a stretch only after the table became a smaller one: what lies before was met already.
    if (position % width !== 0) dropBefore(position, copy, from);
    return (Math.floor(position / width) + 1) * width;
  }

  private copyRun(from: number, until: number, copy: SliceCopy): void {
    let high = copy.high;
    for (let bucket = from; bucket < until; bucket++) {
      let words = this.chunks[bucket >>> CHUNK_SHIFT];
      let base = (bucket & CHUNK_MASK) << 4;
      for (;;) {
        copy.reserve();
        for (let slot = 0; slot < SLOTS; slot++) {
          const low = words[base + SLOTS + slot];
          const own = (words[base + 12 + (slot >> 1)] >>> ((slot & 1) << 4)) & 0xffff;
          if ((low | own) === 0) break;
          const at = copy.count++;
          copy.hashes[at] = words[base + slot];
          copy.lows[at] = low;
          copy.highs[at] = own;
          if (own !== high) high = high === -2 ? own : -1;
        }
        const next = words[base + OVERFLOW_WORD];
        if (next === 0) break;
        words = this.overflow[next >>> this.overflowShift];
        base = (next & this.overflowMask) << 4;
      }
    }
    copy.high = high;
  }

  /** Calls `visit` with the addresses in `[base, end)` that slots of buckets `[from, until)` hold. */
  addressesIn(from: number, until: number, base: number, end: number, visit: (address: number) => void): void {
    for (let bucket = from; bucket < until; bucket++) {
      let words = this.chunks[bucket >>> CHUNK_SHIFT];
      let at = (bucket & CHUNK_MASK) << 4;
      for (;;) {
        for (let slot = 0; slot < SLOTS; slot++) {
          const low = words[at + SLOTS + slot];
          const high = (words[at + 12 + (slot >> 1)] >>> ((slot & 1) << 4)) & 0xffff;
          if ((low | high) === 0) break;
          const address = high * 4294967296 + (low >>> 0);
          if (address >= base && address < end) visit(address);
        }
        const next = words[at + OVERFLOW_WORD];
        if (next === 0) break;
        words = this.overflow[next >>> this.overflowShift];
        at = (next & this.overflowMask) << 4;
      }
    }
  }

  /** Puts in the entries of a slice as a checkpoint has them: hashes, low words, then high halves unless all are `high`. */
  fillSlice(words: Int32Array, count: number, high: number): void {
    const { chunks, mask, split } = this;
    const wide = mask * 2 + 1;
    // The first slice is filled by code that has not run before: the usual case is written out, without calls.
    for (let i = 0; i < count; i++) {
      const hash = words[i];
      const low = words[count + i];
      const own = high >= 0 ? high : (words[2 * count + (i >> 1)] >>> ((i & 1) << 4)) & 0xffff;
      let bucket = hash & mask;
      if (bucket < split) bucket = hash & wide;
      const chunk = chunks[bucket >>> CHUNK_SHIFT];
      const base = (bucket & CHUNK_MASK) << 4;
      let slot = 0;
      while (slot < SLOTS && chunk[base + SLOTS + slot] !== 0) slot++;
      if (slot < SLOTS && isEmpty(chunk, base, slot)) {
        chunk[base + slot] = hash;
        chunk[base + SLOTS + slot] = low;
        if (own !== 0) chunk[base + 12 + (slot >> 1)] |= own << ((slot & 1) << 4);
      } else {
        this.placeIn(chunk, base, hash, low, own);
      }
    }
    this.count += count;
    while (this.count > (this.mask + 1 + this.split) * SPLIT_LOAD) this.splitOne();
  }

  /** A used slot near random number `random`, for sampling: sets `sampledHash`, returns its address or 0 in an empty table. */
  sample(random: number): number {
    this.loadAll();
    const buckets = this.bucketCount;
    for (let probe = 0; probe < buckets && this.count > 0; probe++) {
      sampled.count = 0;
      this.copyBucket((random + probe) % buckets, sampled);
      if (sampled.count === 0) continue;
      const at = (random >>> 8) % sampled.count;
      this.sampledHash = sampled.hashes[at];
      return joinAddress(sampled.highs[at], sampled.lows[at]);
    }
    return 0;
  }
  sampledHash = 0;

  /** `find` for many hashes at once: all buckets are touched first, so that their misses overlap. Moves no slot found. */
  findAll(hashes: Int32Array, count: number, addresses: Float64Array): void {
    if (this.loader !== null) for (let i = 0; i < count; i++) this.ensureLoaded(hashes[i]);
    this.touched = this.touchAll(hashes, count);
    if (behind.length < count) behind = new Int32Array(count);
    const { mask, split, chunks, overflow, overflowShift, overflowMask } = this;
    const wide = mask * 2 + 1;
    let touched = 0;
    let behindCount = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i];
      let bucket = hash & mask;
      if (bucket < split) bucket = hash & wide;
      const words = chunks[bucket >>> CHUNK_SHIFT];
      const base = (bucket & CHUNK_MASK) << 4;
      const match = matchesIn(words, base, hash);
      if (match !== 0) {
        const slot = 31 - Math.clz32(match & -match);
        addresses[i] = addressIn(words, base, slot);
        continue;
      }
      addresses[i] = 0;
      const next = words[base + OVERFLOW_WORD];
      if (next === 0) continue;
      touched ^= overflow[next >>> overflowShift][(next & overflowMask) << 4];
      behind[behindCount++] = i;
    }
    this.touched ^= touched;
    for (let i = 0; i < behindCount; i++) addresses[behind[i]] = this.find(hashes[behind[i]]);
  }
  /** Keeps the touches of memory from being optimised away. */
  touched = 0;

  /** Touches the bucket of a hash. */
  touch(hash: number): void {
    let bucket = hash & this.mask;
    if (bucket < this.split) bucket = hash & (this.mask * 2 + 1);
    this.touched ^= this.chunks[bucket >>> CHUNK_SHIFT][(bucket & CHUNK_MASK) << 4];
  }

  /** Touches the buckets of hashes, so that their lines are on their way when `find` comes. */
  touchAll(hashes: Int32Array, count: number): number {
    const { mask, split, chunks } = this;
    const wide = mask * 2 + 1;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i];
      let bucket = hash & mask;
      if (bucket < split) bucket = hash & wide;
      const words = chunks[bucket >>> CHUNK_SHIFT];
      const base = (bucket & CHUNK_MASK) << 4;
      // Both ends: the platform may have put a bucket across two lines.
      touched ^= words[base] ^ words[base + OVERFLOW_WORD];
    }
    return touched;
  }

  private ensureSlices(slice: number, sliceBits: number): void {
    if (this.loader === null) return;
    const stride = 2 ** sliceBits;
    for (let s = slice % (this.loader.sliceMask + 1); this.loader !== null && s <= this.loader.sliceMask; s += stride) {
      this.loadSlice(s);
    }
  }

  private place(hash: number, low: number, high: number): void {
    let bucket = hash & this.mask;
    if (bucket < this.split) bucket = hash & (this.mask * 2 + 1);
    this.placeIn(this.chunks[bucket >>> CHUNK_SHIFT], (bucket & CHUNK_MASK) << 4, hash, low, high);
  }

  private placeIn(words: Int32Array, base: number, hash: number, low: number, high: number): void {
    for (;;) {
      // Used slots come first, so a full bucket is one whose last slot is used.
      if (isEmpty(words, base, SLOTS - 1)) {
        let slot = 0;
        while (!isEmpty(words, base, slot)) slot++;
        words[base + slot] = hash;
        writeAddress(words, base, slot, low, high);
        return;
      }
      let next = words[base + OVERFLOW_WORD];
      if (next === 0) {
        next = this.takeOverflow();
        words[base + OVERFLOW_WORD] = next;
      }
      words = this.overflow[next >>> this.overflowShift];
      base = (next & this.overflowMask) << 4;
    }
  }

  private splitOne(): void {
    const low = this.split;
    const high = this.mask + 1 + low;
    this.ensureBucket(high);
    this.split++;
    if (this.split > this.mask) {
      this.mask = this.mask * 2 + 1;
      this.split = 0;
    }
    const bit = high - low;
    let words = this.chunks[low >>> CHUNK_SHIFT];
    let base = (low & CHUNK_MASK) << 4;
    // Take the whole chain out, then put each entry where it now belongs: at most a few lines.
    let kept = splitScratch;
    let n = 0;
    let overflow = 0;
    for (;;) {
      if (n + 3 * SLOTS > kept.length) kept = growSplitScratch();
      for (let slot = 0; slot < SLOTS && !isEmpty(words, base, slot); slot++) {
        kept[n++] = words[base + slot];
        kept[n++] = words[base + SLOTS + slot];
        kept[n++] = (words[base + 12 + (slot >> 1)] >>> ((slot & 1) << 4)) & 0xffff;
      }
      const next = words[base + OVERFLOW_WORD];
      for (let i = 0; i < BUCKET_WORDS; i++) words[base + i] = 0;
      if (overflow !== 0) this.releaseOverflow(overflow);
      if (next === 0) break;
      overflow = next;
      words = this.overflow[next >>> this.overflowShift];
      base = (next & this.overflowMask) << 4;
    }
    this.placeAll(kept, n, bit, 0, low);
    this.placeAll(kept, n, bit, bit, high);
  }

  /** Puts those entries of `kept` whose hash has `wanted` in `bit` into an empty bucket, each at its chain's end: chains may be long. */
  private placeAll(kept: Int32Array, n: number, bit: number, wanted: number, bucket: number): void {
    let words = this.chunks[bucket >>> CHUNK_SHIFT];
    let base = (bucket & CHUNK_MASK) << 4;
    for (let i = 0; i < n; i += 3) {
      if ((kept[i] & bit) !== wanted) continue;
      const next = words[base + OVERFLOW_WORD];
      if (next !== 0) {
        words = this.overflow[next >>> this.overflowShift];
        base = (next & this.overflowMask) << 4;
      }
      this.placeIn(words, base, kept[i], kept[i + 1], kept[i + 2]);
    }
  }

  /** Undoes the last split. */
  private mergeOne(): void {
    if (this.split === 0) {
      this.mask >>>= 1;
      this.split = this.mask + 1;
    }
    this.split--;
    const low = this.split;
    const high = this.mask + 1 + low;
    let target = this.chunks[low >>> CHUNK_SHIFT];
    let targetBase = (low & CHUNK_MASK) << 4;
    let words = this.chunks[high >>> CHUNK_SHIFT];
    let base = (high & CHUNK_MASK) << 4;
    let overflow = 0;
    for (;;) {
      for (let slot = 0; slot < SLOTS && !isEmpty(words, base, slot); slot++) {
        const own = (words[base + 12 + (slot >> 1)] >>> ((slot & 1) << 4)) & 0xffff;
        // From the chain's end, which may be far.
        for (let next = target[targetBase + OVERFLOW_WORD]; next !== 0; next = target[targetBase + OVERFLOW_WORD]) {
          target = this.overflow[next >>> this.overflowShift];
          targetBase = (next & this.overflowMask) << 4;
        }
        this.placeIn(target, targetBase, words[base + slot], words[base + SLOTS + slot], own);
      }
      const next = words[base + OVERFLOW_WORD];
      if (overflow !== 0) this.releaseOverflow(overflow);
      else words.fill(0, base, base + BUCKET_WORDS);
      if (next === 0) break;
      overflow = next;
      words = this.overflow[next >>> this.overflowShift];
      base = (next & this.overflowMask) << 4;
    }
    // The chunk before stays whole, for the next one to be split.
    if ((high & CHUNK_MASK) === 0) this.chunks.length = high >>> CHUNK_SHIFT;
  }

  private ensureBucket(bucket: number): void {
    const words = this.chunks[bucket >>> CHUNK_SHIFT];
    if (words !== undefined && (bucket & CHUNK_MASK) << 4 < words.length) return;
    const begun = this.clock?.monotonicMs() ?? 0;
    this.addBuckets(bucket >>> CHUNK_SHIFT);
    const held = (this.clock?.monotonicMs() ?? 0) - begun;
    if (held > this.growthLongestHoldMs) this.growthLongestHoldMs = held;
  }

  private addBuckets(chunk: number): void {
    if (chunk >= this.chunks.length) {
      this.chunks.push(new Int32Array(CHUNK_BUCKETS * BUCKET_WORDS));
      return;
    }
    const have = this.chunks[chunk].length / BUCKET_WORDS;
    const grown = new Int32Array(Math.min(have * 2, CHUNK_BUCKETS) * BUCKET_WORDS);
    grown.set(this.chunks[chunk]);
    if (this.atWords === this.chunks[chunk]) this.atWords = EMPTY;
    this.chunks[chunk] = grown;
  }

  private takeOverflow(): number {
    if (this.overflowFree !== 0) {
      const taken = this.overflowFree;
      const words = this.overflow[taken >>> this.overflowShift];
      const base = (taken & this.overflowMask) << 4;
      this.overflowFree = words[base + OVERFLOW_WORD];
      words[base + OVERFLOW_WORD] = 0;
      return taken;
    }
    const taken = this.overflowUsed++;
    if (taken >>> this.overflowShift === this.overflow.length) {
      this.overflow.push(new Int32Array((this.overflowMask + 1) * BUCKET_WORDS));
    }
    return taken;
  }

  private releaseOverflow(bucket: number): void {
    const words = this.overflow[bucket >>> this.overflowShift];
    const base = (bucket & this.overflowMask) << 4;
    words.fill(0, base, base + BUCKET_WORDS);
    words[base + OVERFLOW_WORD] = this.overflowFree;
    this.overflowFree = bucket;
  }
}

const EMPTY = new Int32Array(BUCKET_WORDS);

// Scratch memory of all tables: nothing is kept in it between calls.
const sampled = new SliceCopy();
/** The hashes of `findAll` that are not in their first bucket. */
let behind = new Int32Array(64);
let splitScratch: Int32Array = new Int32Array(12 * SLOTS);

function growSplitScratch(): Int32Array {
  const larger = new Int32Array(splitScratch.length * 2);
  larger.set(splitScratch);
  splitScratch = larger;
  return larger;
}

/** Drops the entries of a copy, from number `from` on, that lie before a position. */
function dropBefore(position: number, copy: SliceCopy, from: number): void {
  const { hashes, lows, highs } = copy;
  let kept = from;
  for (let i = from; i < copy.count; i++) {
    if (reverseBits(hashes[i]) >>> 0 < position) continue;
    hashes[kept] = hashes[i];
    lows[kept] = lows[i];
    highs[kept] = highs[i];
    kept++;
  }
  copy.count = kept;
}

/** The 32 bits of a number from the last to the first. */
function reverseBits(bits: number): number {
  let word = bits | 0;
  word = ((word >>> 1) & 0x55555555) | ((word & 0x55555555) << 1);
  word = ((word >>> 2) & 0x33333333) | ((word & 0x33333333) << 2);
  word = ((word >>> 4) & 0x0f0f0f0f) | ((word & 0x0f0f0f0f) << 4);
  word = ((word >>> 8) & 0x00ff00ff) | ((word & 0x00ff00ff) << 8);
  return (word >>> 16) | (word << 16);
}

function isEmpty(words: Int32Array, base: number, slot: number): boolean {
  return words[base + SLOTS + slot] === 0 && ((words[base + 12 + (slot >> 1)] >>> ((slot & 1) << 4)) & 0xffff) === 0;
}

function addressIn(words: Int32Array, base: number, slot: number): number {
  const high = (words[base + 12 + (slot >> 1)] >>> ((slot & 1) << 4)) & 0xffff;
  return high * 4294967296 + (words[base + SLOTS + slot] >>> 0);
}

function writeAddress(words: Int32Array, base: number, slot: number, low: number, high: number): void {
  words[base + SLOTS + slot] = low;
  const at = base + 12 + (slot >> 1);
  words[at] = slot & 1 ? (words[at] & 0xffff) | (high << 16) : (words[at] & 0xffff0000) | high;
}

/** Bit i is set if slot i has this hash. Without a branch: which slot it is cannot be foreseen. */
function matchesIn(words: Int32Array, base: number, hash: number): number {
  const others =
    isNonZero(words[base] ^ hash) |
    (isNonZero(words[base + 1] ^ hash) << 1) |
    (isNonZero(words[base + 2] ^ hash) << 2) |
    (isNonZero(words[base + 3] ^ hash) << 3) |
    (isNonZero(words[base + 4] ^ hash) << 4) |
    (isNonZero(words[base + 5] ^ hash) << 5);
  return others ^ 63;
}

/** 1 for an int32 other than 0. */
function isNonZero(int: number): number {
  return (int | -int) >>> 31;
}
