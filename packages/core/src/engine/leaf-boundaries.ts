/**
 * Where a full node of the ordered index is cut in two, and which bytes stand between the parts.
 *
 * A fence is the shortest key that separates two neighbours; a longer prefix is what the keys of one part have in
 * common. Both mostly follow from the discriminators; only where these are equal, or cannot tell, two keys are loaded.
 * Called by `OrderedIndex` before it changes anything.
 */

import type { OrderedIndex } from './ordered-index.ts';
import {
  copyOfBytes,
  DISC_BYTES,
  DISCS,
  discOf,
  ENTRIES_MAX,
  knownMask,
  MARK_KNOWN,
  NODE_WORDS,
  PREFIX_LENGTH,
  SLAB_MASK,
  sharedLength,
} from './ordered-nodes.ts';

/** How far from the middle a leaf may be cut for the sake of a better place; and if there is none but further out. */
const SPLIT_REACH = 16;
const SPLIT_REACH_MAX = 60;

export class LeafBoundaries {
  private readonly index: OrderedIndex;
  /** A key put aside while another one is loaded. */
  private spare = new Uint8Array(256);

  constructor(index: OrderedIndex) {
    this.index = index;
  }

  /**
   * A place near the middle of a full leaf whose neighbours differ in an early byte: short fences, long prefixes. Where
   * all discriminators near the middle are equal, one further away is taken rather than none.
   */
  chooseSplit(leaf: number): number {
    const { words } = this.index.nodes.slabOf(leaf);
    const discs = (leaf & SLAB_MASK) * NODE_WORDS + DISCS;
    let best = ENTRIES_MAX / 2;
    let bestByte = DISC_BYTES;
    for (let i = 0; i <= 2 * SPLIT_REACH_MAX; i++) {
      if (i > 2 * SPLIT_REACH && bestByte < DISC_BYTES) break;
      const at = ENTRIES_MAX / 2 + ((i & 1) === 0 ? i >> 1 : -((i + 1) >> 1));
      const byte = Math.clz32(words[discs + at - 1] ^ words[discs + at]) >>> 3;
      if (byte < bestByte) {
        best = at;
        bestByte = byte;
      }
    }
    return best;
  }

  /** The shortest key that is greater than entry `left` and not greater than entry `right`, its neighbour. */
  fenceBetween(leaf: number, left: number, right: number): Uint8Array {
    const { index } = this;
    const { nodes } = index;
    const disc = nodes.discAt(leaf, right);
    const known = Math.min(nodes.markAt(leaf, left) & MARK_KNOWN, nodes.markAt(leaf, right) & MARK_KNOWN);
    const difference = (nodes.discAt(leaf, left) ^ disc) & knownMask(known);
    if (difference !== 0) return this.prefixAnd(leaf, disc, (Math.clz32(difference) >>> 3) + 1);
    const length = this.putAside(leaf, left);
    index.loadEntry(leaf, right);
    const shared = sharedLength(this.spare, 0, length, index.entryBytes, index.entryStart, index.entryLength);
    return copyOfBytes(index.entryBytes, index.entryStart, shared + 1);
  }

  /** The shortest beginning of a key that is greater than the last entry. */
  fenceAfterLast(leaf: number, key: Uint8Array, start: number, length: number): Uint8Array {
    const { index } = this;
    const { nodes } = index;
    const last = nodes.countOf(leaf) - 1;
    nodes.findPrefix(leaf);
    const prefixLength = nodes.length;
    let shared = sharedLength(key, start, length, nodes.bytes, nodes.start, prefixLength);
    if (shared === prefixLength) {
      const disc = discOf(key, start + prefixLength, length - prefixLength);
      const difference = (nodes.discAt(leaf, last) ^ disc) & knownMask(nodes.markAt(leaf, last) & MARK_KNOWN);
      if (difference !== 0) {
        shared += Math.clz32(difference) >>> 3;
      } else {
        index.loadEntry(leaf, last);
        shared = sharedLength(key, start, length, index.entryBytes, index.entryStart, index.entryLength);
      }
    }
    return copyOfBytes(key, start, shared + 1);
  }

  /** What the entries from `first` to `last` have in common, or null if that is not more than the node's prefix. */
  longerPrefix(node: number, first: number, last: number): Uint8Array | null {
    if (first >= last) return null;
    const { index } = this;
    const { nodes } = index;
    const disc = nodes.discAt(node, first);
    const other = nodes.discAt(node, last);
    const known = Math.min(nodes.markAt(node, first) & MARK_KNOWN, nodes.markAt(node, last) & MARK_KNOWN);
    let shared = 0;
    // A zero may be padding after the end of a key, so it proves nothing.
    while (shared < known && byteOf(disc, shared) === byteOf(other, shared) && byteOf(disc, shared) !== 0) shared++;
    if (shared < known && byteOf(disc, shared) !== byteOf(other, shared)) {
      return shared === 0 ? null : this.prefixAnd(node, disc, shared);
    }
    const length = this.putAside(node, first);
    index.loadEntry(node, last);
    const whole = sharedLength(this.spare, 0, length, index.entryBytes, index.entryStart, index.entryLength);
    return whole > nodes.word(node, PREFIX_LENGTH) ? copyOfBytes(this.spare, 0, whole) : null;
  }

  /** The prefix of a node and the first bytes of a discriminator. */
  private prefixAnd(node: number, disc: number, discLength: number): Uint8Array {
    const { nodes } = this.index;
    nodes.findPrefix(node);
    const bytes = new Uint8Array(nodes.length + discLength);
    for (let i = 0; i < nodes.length; i++) bytes[i] = nodes.bytes[nodes.start + i];
    for (let i = 0; i < discLength; i++) bytes[nodes.length + i] = byteOf(disc, i);
    return bytes;
  }

  /** Copies the key of an entry to `spare`; returns its length. */
  private putAside(node: number, position: number): number {
    const { index } = this;
    index.loadEntry(node, position);
    const { entryBytes, entryStart, entryLength } = index;
    if (this.spare.length < entryLength) this.spare = new Uint8Array(entryLength * 2);
    this.spare.set(entryBytes.subarray(entryStart, entryStart + entryLength));
    return entryLength;
  }
}

function byteOf(disc: number, at: number): number {
  return (disc >>> (24 - 8 * at)) & 0xff;
}
