/**
 * The nodes of the ordered key index: up to 128 entries each, in slabs of typed arrays.
 *
 * An entry is a 4-byte discriminator and a 4-byte ref. The discriminator holds the key's bytes that follow the prefix
 * shared by all keys of the node, first byte highest, padded with zeros: where two differ, they are ordered as the keys
 * are; where they are equal, the keys must be looked at. The key bytes themselves are elsewhere (see `OrderedIndex`).
 *
 * A node has 312 words:
 * | word | what |
 * |---|---|
 * | 0 | bytes: kind, count, how many entries are vague, how many are explicit |
 * | 1, 2 | lengths in bytes of prefix and fence |
 * | 3, 4 | leaf: the next and the previous leaf, -1 for none; free node: 3 is the next free node of the slab |
 * | 5-13 | prefix, if it has at most 36 bytes |
 * | 14-23 | fence, if it has at most 40 bytes |
 * | 24-55 | a mark per entry: low 3 bits = how many bytes of the discriminator are known, 0x80 = explicit |
 * | 56-183 | discriminators |
 * | 184-311 | refs; in an inner node the numbers of the children |
 *
 * What always holds:
 * 1. Every key of a node begins with its prefix. The fence is greater than every key of the node to the left and not
 *    greater than any key of this one; it is meaningful only for a node that is not its parent's first child.
 * 2. The bytes of a discriminator that are not known are zero; `vague` counts the entries that know fewer than 4.
 * 3. The first entry of an inner node stands for "everything smaller": its discriminator is never looked at.
 * 4. Memory grows by one slab of 64 nodes at a time, so no step costs more than allocating 80 KB.
 */

import { assert } from '../base/assert.ts';

export const ENTRIES_MAX = 128;
export const NO_NODE = -1;
export const KIND_FREE = 0;
export const KIND_LEAF = 1;
export const KIND_INNER = 2;

/** Places in the first word of a node, in bytes. */
export const COUNT_BYTE = 1;
export const VAGUE_BYTE = 2;
export const EXPLICIT_BYTE = 3;
/** Places in a node, in words. */
export const PREFIX_LENGTH = 1;
const FENCE_LENGTH = 2;
export const NEXT = 3;
export const PREVIOUS = 4;
const PREFIX = 5;
const FENCE = 14;
export const MARKS = 24;
export const DISCS = 56;
export const REFS = DISCS + ENTRIES_MAX;
export const NODE_WORDS = REFS + ENTRIES_MAX;
const PREFIX_INLINE_MAX_BYTES = (FENCE - PREFIX) * 4;
const FENCE_INLINE_MAX_BYTES = (MARKS - FENCE) * 4;

export const SLAB_SHIFT = 6;
export const SLAB_NODES = 1 << SLAB_SHIFT;
export const SLAB_MASK = SLAB_NODES - 1;

/** Bytes of a discriminator. */
export const DISC_BYTES = 4;
export const MARK_KNOWN = 7;
export const MARK_EXPLICIT = 0x80;

/** What a small byte array costs beyond its bytes, about. */
const ARRAY_OVERHEAD_BYTES = 200;

export interface Slab {
  readonly words: Int32Array;
  /** The same memory. */
  readonly bytes: Uint8Array;
  /** Prefixes and fences that do not fit in their nodes. */
  readonly longPrefixes: (Uint8Array | null)[];
  readonly longFences: (Uint8Array | null)[];
  /** First free node of the slab, by its place in the slab, or `NO_NODE`. */
  free: number;
  used: number;
}

/** Is told of every slab that is about to change. */
export interface SlabWatcher {
  beforeChange(slabNumber: number): void;
}

/** The first four bytes of a range as one int32, the first byte highest, padded with zeros. */
export function discOf(bytes: Uint8Array, start: number, length: number): number {
  if (length >= 4) {
    return (bytes[start] << 24) | (bytes[start + 1] << 16) | (bytes[start + 2] << 8) | bytes[start + 3];
  }
  if (length <= 0) return 0;
  let disc = bytes[start] << 24;
  if (length > 1) disc |= bytes[start + 1] << 16;
  if (length > 2) disc |= bytes[start + 2] << 8;
  return disc;
}

/** The bits of the first `known` bytes of a discriminator. */
export function knownMask(known: number): number {
  return known === 0 ? 0 : -1 << (32 - 8 * known);
}

/** How many bytes two ranges have in common at their beginning. */
export function sharedLength(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): number {
  const most = aLength < bLength ? aLength : bLength;
  let shared = 0;
  while (shared < most && a[aStart + shared] === b[bStart + shared]) shared++;
  return shared;
}

/** A copy even where `bytes` is a Buffer, whose own `slice` would be a view. */
export function copyOfBytes(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, start, start + length);
}

export class OrderedNodes {
  /** By slab number; null where a slab was given back. */
  readonly slabs: (Slab | null)[] = [];
  /** Set while an image of the index is being saved. */
  watcher: SlabWatcher | null = null;
  /** Numbers of the slabs that have free nodes. */
  private readonly open: number[] = [];
  private readonly holes: number[] = [];
  private slabCount = 0;
  private longBytes = 0;

  // Where `findPrefix` and `findFence` found the bytes.
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  length = 0;

  get bytesHeld(): number {
    return this.slabCount * (NODE_WORDS * 4 * SLAB_NODES + SLAB_NODES * 16) + this.longBytes;
  }

  slabOf(node: number): Slab {
    return this.slabs[node >>> SLAB_SHIFT] as Slab;
  }

  kindOf(node: number): number {
    return this.slabOf(node).bytes[(node & SLAB_MASK) * NODE_WORDS * 4];
  }

  countOf(node: number): number {
    return this.slabOf(node).bytes[(node & SLAB_MASK) * NODE_WORDS * 4 + COUNT_BYTE];
  }

  word(node: number, at: number): number {
    return this.slabOf(node).words[(node & SLAB_MASK) * NODE_WORDS + at];
  }

  setWord(node: number, at: number, value: number): void {
    this.touch(node);
    this.slabOf(node).words[(node & SLAB_MASK) * NODE_WORDS + at] = value;
  }

  refAt(node: number, position: number): number {
    return this.slabOf(node).words[(node & SLAB_MASK) * NODE_WORDS + REFS + position];
  }

  discAt(node: number, position: number): number {
    return this.slabOf(node).words[(node & SLAB_MASK) * NODE_WORDS + DISCS + position];
  }

  markAt(node: number, position: number): number {
    return this.slabOf(node).bytes[((node & SLAB_MASK) * NODE_WORDS + MARKS) * 4 + position];
  }

  /** Points `bytes`, `start`, `length` at the node's prefix. */
  findPrefix(node: number): void {
    const slab = this.slabOf(node);
    const place = node & SLAB_MASK;
    this.length = slab.words[place * NODE_WORDS + PREFIX_LENGTH];
    const long = slab.longPrefixes[place];
    this.bytes = long ?? slab.bytes;
    this.start = long !== null ? 0 : (place * NODE_WORDS + PREFIX) * 4;
  }

  /** Points `bytes`, `start`, `length` at the node's fence. */
  findFence(node: number): void {
    const slab = this.slabOf(node);
    const place = node & SLAB_MASK;
    this.length = slab.words[place * NODE_WORDS + FENCE_LENGTH];
    const long = slab.longFences[place];
    this.bytes = long ?? slab.bytes;
    this.start = long !== null ? 0 : (place * NODE_WORDS + FENCE) * 4;
  }

  setPrefix(node: number, bytes: Uint8Array, start: number, length: number): void {
    this.touch(node);
    const slab = this.slabOf(node);
    const place = node & SLAB_MASK;
    this.forgetLong(slab.longPrefixes, place);
    const at = (place * NODE_WORDS + PREFIX) * 4;
    if (length > PREFIX_INLINE_MAX_BYTES) slab.longPrefixes[place] = this.keepLong(bytes, start, length);
    else for (let i = 0; i < length; i++) slab.bytes[at + i] = bytes[start + i];
    slab.words[place * NODE_WORDS + PREFIX_LENGTH] = length;
  }

  setFence(node: number, bytes: Uint8Array, start: number, length: number): void {
    this.touch(node);
    const slab = this.slabOf(node);
    const place = node & SLAB_MASK;
    this.forgetLong(slab.longFences, place);
    const at = (place * NODE_WORDS + FENCE) * 4;
    if (length > FENCE_INLINE_MAX_BYTES) slab.longFences[place] = this.keepLong(bytes, start, length);
    else for (let i = 0; i < length; i++) slab.bytes[at + i] = bytes[start + i];
    slab.words[place * NODE_WORDS + FENCE_LENGTH] = length;
  }

  /** A new, empty node. */
  allocate(kind: number): number {
    if (this.open.length === 0) this.addSlab();
    const slabNumber = this.open[this.open.length - 1];
    const slab = this.slabs[slabNumber] as Slab;
    const node = slabNumber * SLAB_NODES + slab.free;
    this.touch(node);
    const base = slab.free * NODE_WORDS;
    slab.free = slab.words[base + NEXT];
    slab.used++;
    if (slab.free === NO_NODE) this.open.pop();
    slab.words.fill(0, base, base + MARKS);
    slab.bytes[base * 4] = kind;
    slab.words[base + NEXT] = NO_NODE;
    slab.words[base + PREVIOUS] = NO_NODE;
    return node;
  }

  release(node: number): void {
    this.touch(node);
    const slabNumber = node >>> SLAB_SHIFT;
    const slab = this.slabs[slabNumber] as Slab;
    const place = node & SLAB_MASK;
    this.forgetLong(slab.longPrefixes, place);
    this.forgetLong(slab.longFences, place);
    slab.words[place * NODE_WORDS] = KIND_FREE;
    slab.words[place * NODE_WORDS + NEXT] = slab.free;
    if (slab.free === NO_NODE) this.open.push(slabNumber);
    slab.free = place;
    slab.used--;
    // The last slab with room is kept, or splits and merges in turn would allocate and drop it each time.
    if (slab.used === 0 && this.open.length > 1) this.dropSlab(slabNumber);
  }

  /** Puts an entry before the one at `position`; the node has room. */
  insertAt(node: number, position: number, disc: number, ref: number, mark: number): void {
    this.touch(node);
    const { words, bytes } = this.slabOf(node);
    const base = (node & SLAB_MASK) * NODE_WORDS;
    const head = base * 4;
    const count = bytes[head + COUNT_BYTE];
    const discs = base + DISCS;
    const refs = base + REFS;
    const marks = (base + MARKS) * 4;
    if (position < count) {
      words.copyWithin(discs + position + 1, discs + position, discs + count);
      words.copyWithin(refs + position + 1, refs + position, refs + count);
      bytes.copyWithin(marks + position + 1, marks + position, marks + count);
    }
    words[discs + position] = disc;
    words[refs + position] = ref;
    bytes[marks + position] = mark;
    bytes[head + COUNT_BYTE] = count + 1;
    if ((mark & MARK_KNOWN) < DISC_BYTES) bytes[head + VAGUE_BYTE]++;
    if ((mark & MARK_EXPLICIT) !== 0) bytes[head + EXPLICIT_BYTE]++;
  }

  removeAt(node: number, position: number): void {
    this.touch(node);
    const { words, bytes } = this.slabOf(node);
    const base = (node & SLAB_MASK) * NODE_WORDS;
    const head = base * 4;
    const count = bytes[head + COUNT_BYTE];
    const discs = base + DISCS;
    const refs = base + REFS;
    const marks = (base + MARKS) * 4;
    const mark = bytes[marks + position];
    words.copyWithin(discs + position, discs + position + 1, discs + count);
    words.copyWithin(refs + position, refs + position + 1, refs + count);
    bytes.copyWithin(marks + position, marks + position + 1, marks + count);
    bytes[head + COUNT_BYTE] = count - 1;
    if ((mark & MARK_KNOWN) < DISC_BYTES) bytes[head + VAGUE_BYTE]--;
    if ((mark & MARK_EXPLICIT) !== 0) bytes[head + EXPLICIT_BYTE]--;
    if (position === 0 && bytes[head] === KIND_INNER && count > 1) this.makeFirst(node);
  }

  /** Moves the entries from `position` on to the end of `target`, which has the same prefix. */
  moveTail(node: number, position: number, target: number): void {
    this.touch(node);
    this.touch(target);
    const from = this.slabOf(node);
    const to = this.slabOf(target);
    const base = (node & SLAB_MASK) * NODE_WORDS;
    const targetBase = (target & SLAB_MASK) * NODE_WORDS;
    const count = from.bytes[base * 4 + COUNT_BYTE];
    let at = to.bytes[targetBase * 4 + COUNT_BYTE];
    assert(at + count - position <= ENTRIES_MAX, 'the entries of a node fit in it');
    for (let i = position; i < count; i++, at++) {
      to.words[targetBase + DISCS + at] = from.words[base + DISCS + i];
      to.words[targetBase + REFS + at] = from.words[base + REFS + i];
      to.bytes[(targetBase + MARKS) * 4 + at] = from.bytes[(base + MARKS) * 4 + i];
    }
    from.bytes[base * 4 + COUNT_BYTE] = position;
    to.bytes[targetBase * 4 + COUNT_BYTE] = at;
    if (to.bytes[targetBase * 4] === KIND_INNER && at > 0) this.makeFirst(target);
    this.recount(node);
    this.recount(target);
  }

  /** Cuts the prefix to its first `length` bytes. What was cut off goes into the discriminators: no key is read. */
  shrinkPrefix(node: number, length: number): void {
    this.touch(node);
    this.findPrefix(node);
    const lost = this.length - length;
    const tail = discOf(this.bytes, this.start + length, lost);
    const { words, bytes } = this.slabOf(node);
    const base = (node & SLAB_MASK) * NODE_WORDS;
    const count = bytes[base * 4 + COUNT_BYTE];
    for (let i = 0; i < count; i++) {
      const at = base + DISCS + i;
      words[at] = lost >= DISC_BYTES ? tail : tail | (words[at] >>> (8 * lost));
      const mark = (base + MARKS) * 4 + i;
      const known = (bytes[mark] & MARK_KNOWN) + lost;
      bytes[mark] = (bytes[mark] & MARK_EXPLICIT) | (known < DISC_BYTES ? known : DISC_BYTES);
    }
    this.setPrefix(node, this.bytes, this.start, length);
    this.recount(node);
  }

  /** Replaces the prefix by a longer one that all keys begin with. Bytes that move into the window become unknown. */
  growPrefix(node: number, prefix: Uint8Array): void {
    const gained = prefix.length - this.word(node, PREFIX_LENGTH);
    this.setPrefix(node, prefix, 0, prefix.length);
    const { words, bytes } = this.slabOf(node);
    const base = (node & SLAB_MASK) * NODE_WORDS;
    const count = bytes[base * 4 + COUNT_BYTE];
    for (let i = 0; i < count; i++) {
      const at = base + DISCS + i;
      words[at] = gained >= DISC_BYTES ? 0 : words[at] << (8 * gained);
      const mark = (base + MARKS) * 4 + i;
      const known = (bytes[mark] & MARK_KNOWN) - gained;
      bytes[mark] = (bytes[mark] & MARK_EXPLICIT) | (known > 0 ? known : 0);
    }
    if (bytes[base * 4] === KIND_INNER && count > 0) this.makeFirst(node);
    this.recount(node);
  }

  /** Counts anew the vague and the explicit entries of a node. */
  recount(node: number): void {
    const { bytes } = this.slabOf(node);
    const base = (node & SLAB_MASK) * NODE_WORDS;
    const marks = (base + MARKS) * 4;
    const end = marks + bytes[base * 4 + COUNT_BYTE];
    let vague = 0;
    let explicit = 0;
    for (let i = marks; i < end; i++) {
      if ((bytes[i] & MARK_KNOWN) < DISC_BYTES) vague++;
      if ((bytes[i] & MARK_EXPLICIT) !== 0) explicit++;
    }
    bytes[base * 4 + VAGUE_BYTE] = vague;
    bytes[base * 4 + EXPLICIT_BYTE] = explicit;
  }

  /** Takes over a slab of a saved image. Once all are in, `openSlabs` makes their free nodes usable. */
  adopt(slabNumber: number, slab: Slab): void {
    while (this.slabs.length <= slabNumber) this.slabs.push(null);
    this.slabs[slabNumber] = slab;
    for (let place = 0; place < SLAB_NODES; place++) {
      for (const long of [slab.longPrefixes[place], slab.longFences[place]]) {
        if (long !== null) this.longBytes += long.length + ARRAY_OVERHEAD_BYTES;
      }
    }
    this.slabCount++;
  }

  /** Finds the free nodes of adopted slabs. */
  openSlabs(): void {
    for (let slabNumber = 0; slabNumber < this.slabs.length; slabNumber++) {
      const slab = this.slabs[slabNumber];
      if (slab === null) {
        this.holes.push(slabNumber);
        continue;
      }
      for (let place = SLAB_NODES - 1; place >= 0; place--) {
        if (slab.bytes[place * NODE_WORDS * 4] !== KIND_FREE) {
          slab.used++;
          continue;
        }
        slab.words[place * NODE_WORDS + NEXT] = slab.free;
        slab.free = place;
      }
      if (slab.free !== NO_NODE) this.open.push(slabNumber);
    }
  }

  /** The first entry of an inner node has nothing to find out about its discriminator. */
  private makeFirst(node: number): void {
    const { bytes } = this.slabOf(node);
    const base = (node & SLAB_MASK) * NODE_WORDS;
    const mark = (base + MARKS) * 4;
    if (bytes[mark] < DISC_BYTES) bytes[base * 4 + VAGUE_BYTE]--;
    bytes[mark] = DISC_BYTES;
  }

  private touch(node: number): void {
    if (this.watcher !== null) this.watcher.beforeChange(node >>> SLAB_SHIFT);
  }

  private addSlab(): void {
    const slab = newSlab();
    for (let place = SLAB_NODES - 1; place >= 0; place--) {
      slab.words[place * NODE_WORDS + NEXT] = slab.free;
      slab.free = place;
    }
    const slabNumber = this.holes.pop() ?? this.slabs.length;
    this.slabs[slabNumber] = slab;
    this.slabCount++;
    this.open.push(slabNumber);
  }

  private dropSlab(slabNumber: number): void {
    this.slabs[slabNumber] = null;
    this.slabCount--;
    this.holes.push(slabNumber);
    this.open.splice(this.open.indexOf(slabNumber), 1);
  }

  private keepLong(bytes: Uint8Array, start: number, length: number): Uint8Array {
    this.longBytes += length + ARRAY_OVERHEAD_BYTES;
    return copyOfBytes(bytes, start, length);
  }

  private forgetLong(list: (Uint8Array | null)[], place: number): void {
    const long = list[place];
    if (long === null) return;
    this.longBytes -= long.length + ARRAY_OVERHEAD_BYTES;
    list[place] = null;
  }
}

/** A slab whose nodes are all free but not yet linked. */
export function newSlab(): Slab {
  const words = new Int32Array(NODE_WORDS * SLAB_NODES);
  return {
    words,
    bytes: new Uint8Array(words.buffer),
    longPrefixes: new Array<Uint8Array | null>(SLAB_NODES).fill(null),
    longFences: new Array<Uint8Array | null>(SLAB_NODES).fill(null),
    free: NO_NODE,
    used: 0,
  };
}
