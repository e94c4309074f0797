/**
 * The ordered key index: every key of a namespace in the order of its bytes, for prefix and range scans.
 *
 * A B+ tree whose leaves hold no keys. An entry is a 4-byte discriminator (the key's bytes after the prefix that its
 * leaf has in common) and the key's 32-bit hash, by which the store finds the record. So overwriting, sealing or
 * relocating a record changes nothing here: only a new key and a removed key do. About 10 bytes per key when keys come
 * in order, 13 to 16 otherwise, seldom more. Where discriminators are equal the key itself is asked of the
 * `KeyResolver`, which may have to read the disk; inner nodes keep their separators ("fences") as bytes and never ask.
 *
 * What always holds:
 * 1. Order is that of `memcmp`, a key before every longer key that begins with it.
 * 2. At most one entry per hash is plain, that is, found through the store; the others are explicit (`ExplicitKeys`).
 * 3. Every plain entry can be resolved whenever a method of the index is called. So a key leaves the index before it
 *    leaves the store.
 * 4. `insert` does all its reads before its first change: if the resolver throws, the index is as it was. `remove`
 *    never reads.
 * 5. A split makes prefixes longer without reading the 128 keys: what it does not know of a discriminator is filled in
 *    when a comparison has to load that key anyway.
 *
 * Called by the store for each new and each removed key; scans go through `OrderedCursor`.
 */

import { assert } from '../base/assert.ts';
import { compareBytes } from '../base/bytes.ts';
import { ExplicitKeys } from './explicit-keys.ts';
import { LeafBoundaries } from './leaf-boundaries.ts';
import {
  COUNT_BYTE,
  copyOfBytes,
  DISC_BYTES,
  DISCS,
  discOf,
  ENTRIES_MAX,
  KIND_INNER,
  KIND_LEAF,
  knownMask,
  MARK_EXPLICIT,
  MARK_KNOWN,
  MARKS,
  NEXT,
  NO_NODE,
  NODE_WORDS,
  OrderedNodes,
  PREFIX_LENGTH,
  PREVIOUS,
  REFS,
  SLAB_MASK,
  SLAB_SHIFT,
  type Slab,
  sharedLength,
  VAGUE_BYTE,
} from './ordered-nodes.ts';

const LEVELS_MAX = 16;
/** Where a full leaf is split when the new key comes before all others. */
const SPLIT_AT_FRONT = 16;
/** A bulk build leaves some room, so that the next insert at random does not split every leaf it meets. */
const BUILD_FILL = 116;
/** A node with fewer entries is merged with a neighbour if both together stay under `MERGED_MAX`. */
const SPARSE = 32;
const MERGED_MAX = 96;

/** How the index learns the bytes of a key it knows by hash. */
export interface KeyResolver {
  /**
   * Finds the key with this hash and points `bytes`, `start`, `length` at it. Keys equal to one of `explicit` are
   * passed over; exactly one is left. The bytes must stay as they are until the next `load`.
   */
  load(hash: number, explicit: readonly Uint8Array[] | undefined): void;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly length: number;
}

interface Tree {
  readonly nodes: OrderedNodes;
  readonly explicit: ExplicitKeys;
  readonly root: number;
  /** Levels, 1 when the root is a leaf. */
  readonly height: number;
  /** Keys. */
  readonly count: number;
}

export class OrderedIndex implements Tree {
  nodes: OrderedNodes;
  explicit: ExplicitKeys;
  root: number;
  height: number;
  count: number;
  /** Goes up with every change; a cursor compares it. */
  changes = 0;
  private readonly resolver: KeyResolver;
  private readonly boundaries = new LeafBoundaries(this);

  /** Whether the last `search` met the very key. */
  isFound = false;
  // The key that `loadEntry` brought.
  entryBytes: Uint8Array = new Uint8Array(0);
  entryStart = 0;
  entryLength = 0;

  /** The way from the root to the leaf of the last descent, and the positions taken. */
  private readonly pathNodes = new Int32Array(LEVELS_MAX);
  private readonly pathPositions = new Int32Array(LEVELS_MAX);
  /** Where the last insert went. */
  private lastLeaf = NO_NODE;
  private lastPosition = 0;

  /** An empty index, or one over a tree that was loaded. */
  constructor(resolver: KeyResolver, tree: Tree = newTree()) {
    this.resolver = resolver;
    this.nodes = tree.nodes;
    this.explicit = tree.explicit;
    this.root = tree.root;
    this.height = tree.height;
    this.count = tree.count;
  }

  /** Takes out all keys. */
  clear(): void {
    Object.assign(this, newTree());
    this.lastLeaf = NO_NODE;
    this.changes++;
  }

  get bytesHeld(): number {
    return this.nodes.bytesHeld + this.explicit.bytesHeld;
  }

  /**
   * Adds a key that is not in the index. `collides` says that another key of the store has the same hash. The key must
   * not lie in memory that the resolver's `load` overwrites.
   */
  insert(key: Uint8Array, start: number, length: number, hash: number, collides: boolean): void {
    const id = collides ? this.explicit.add(hash, copyOfBytes(key, start, length)) : -1;
    try {
      const leaf = this.descend(key, start, length);
      const position = this.search(leaf, 0, key, start, length);
      assert(!this.isFound, 'a key is inserted once');
      if (id >= 0) this.insertIntoLeaf(leaf, position, key, start, length, id, MARK_EXPLICIT);
      else this.insertIntoLeaf(leaf, position, key, start, length, hash, 0);
      this.lastLeaf = leaf;
      this.lastPosition = position;
    } catch (error) {
      if (id >= 0) this.explicit.remove(id);
      throw error;
    }
    this.count++;
    this.changes++;
  }

  /**
   * Removes a key. The caller knows that the key was in the store: a key is recognized here by its hash and its
   * discriminator, without being read. False if the index has no such entry.
   */
  remove(key: Uint8Array, start: number, length: number, hash: number): boolean {
    const id = this.explicit.find(hash, key, start, length);
    const leaf = this.descend(key, start, length);
    const position = this.findRef(leaf, key, start, length, id >= 0 ? id : hash, id >= 0 ? MARK_EXPLICIT : 0);
    if (position < 0) return false;
    this.nodes.removeAt(leaf, position);
    if (id >= 0) this.explicit.remove(id);
    this.count--;
    this.changes++;
    this.mendFrom(this.height - 1);
    return true;
  }

  /**
   * Adds a key greater than all others, for a build. `ref` and `mark` are those of the entry; `shared` is how many
   * bytes the key has in common with some key that is smaller than it and not smaller than any in the index.
   */
  append(key: Uint8Array, start: number, length: number, ref: number, mark: number, shared: number): void {
    let node = this.root;
    for (let level = 0; level < this.height - 1; level++) {
      this.pathNodes[level] = node;
      this.pathPositions[level] = this.nodes.countOf(node) - 1;
      node = this.nodes.refAt(node, this.pathPositions[level]);
    }
    const count = this.nodes.countOf(node);
    if (count < BUILD_FILL) {
      this.place(node, count, key, start, length, ref, mark);
    } else {
      const right = this.addRight(node, KIND_LEAF, copyOfBytes(key, start, shared + 1));
      this.place(right, 0, key, start, length, ref, mark);
      this.addToParent(this.height - 1, right);
    }
    this.count++;
    this.changes++;
  }

  /** The leaf in which a key is or would be. */
  descend(key: Uint8Array, start: number, length: number): number {
    let node = this.root;
    for (let level = 0; level < this.height - 1; level++) {
      const position = this.search(node, 1, key, start, length);
      const child = this.isFound ? position : position - 1;
      this.pathNodes[level] = node;
      this.pathPositions[level] = child;
      node = this.nodes.refAt(node, child);
    }
    this.pathNodes[this.height - 1] = node;
    return node;
  }

  /** The first or the last leaf. */
  edgeLeaf(isLast: boolean): number {
    let node = this.root;
    for (let level = 1; level < this.height; level++) {
      node = this.nodes.refAt(node, isLast ? this.nodes.countOf(node) - 1 : 0);
    }
    return node;
  }

  /**
   * The position of the first entry not smaller than the key, among those of a node from `low` on; the count if there
   * is none. `isFound` says whether it is equal.
   */
  search(node: number, low: number, key: Uint8Array, start: number, length: number): number {
    const slab = this.nodes.slabs[node >>> SLAB_SHIFT] as Slab;
    const base = (node & SLAB_MASK) * NODE_WORDS;
    const { words, bytes } = slab;
    const prefixLength = words[base + PREFIX_LENGTH];
    let high = bytes[base * 4 + COUNT_BYTE];
    this.isFound = false;
    if (prefixLength > 0) {
      this.nodes.findPrefix(node);
      const shared = sharedLength(key, start, length, this.nodes.bytes, this.nodes.start, prefixLength);
      if (shared < prefixLength) {
        return shared === length || key[start + shared] < this.nodes.bytes[this.nodes.start + shared] ? low : high;
      }
    }
    const disc = discOf(key, start + prefixLength, length - prefixLength);
    const isVague = bytes[base * 4 + VAGUE_BYTE] !== 0;
    let hasTied = false;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const theirs = words[base + DISCS + middle];
      const ours = isVague ? disc & knownMask(bytes[(base + MARKS) * 4 + middle] & MARK_KNOWN) : disc;
      if (theirs !== ours) {
        if (theirs >>> 0 < ours >>> 0) low = middle + 1;
        else high = middle;
        continue;
      }
      let at = middle;
      if (!hasTied) {
        // Keys mostly grow: the greatest of those that look alike is tried first.
        hasTied = true;
        while (at + 1 < high && words[base + DISCS + at + 1] === theirs) at++;
      }
      const order = this.compareWithEntry(slab, base, at, key, start, length, prefixLength);
      if (order === 0) {
        this.isFound = true;
        return at;
      }
      if (order > 0) low = at + 1;
      else high = at;
    }
    return low;
  }

  /** Points `entryBytes`, `entryStart`, `entryLength` at the key of an entry. May read the disk if it is a leaf's. */
  loadEntry(node: number, position: number): void {
    this.load(this.nodes.slabOf(node), (node & SLAB_MASK) * NODE_WORDS, position);
  }

  private load(slab: Slab, base: number, position: number): void {
    const ref = slab.words[base + REFS + position];
    if (slab.bytes[base * 4] === KIND_INNER) {
      this.nodes.findFence(ref);
      this.entryBytes = this.nodes.bytes;
      this.entryStart = this.nodes.start;
      this.entryLength = this.nodes.length;
    } else if ((slab.bytes[(base + MARKS) * 4 + position] & MARK_EXPLICIT) !== 0) {
      this.entryBytes = this.explicit.keyAt(ref) as Uint8Array;
      this.entryStart = 0;
      this.entryLength = this.entryBytes.length;
    } else {
      const { resolver } = this;
      resolver.load(ref, this.explicit.keysOf(ref));
      this.entryBytes = resolver.bytes;
      this.entryStart = resolver.start;
      this.entryLength = resolver.length;
    }
  }

  /** Order of a key that begins with the node's prefix and an entry; completes the entry's discriminator. */
  private compareWithEntry(
    slab: Slab,
    base: number,
    position: number,
    key: Uint8Array,
    start: number,
    length: number,
    prefixLength: number,
  ): number {
    this.load(slab, base, position);
    const from = this.entryStart + prefixLength;
    const left = this.entryLength - prefixLength;
    assert(left >= 0, 'a key begins with the prefix of its leaf');
    const mark = (base + MARKS) * 4 + position;
    if ((slab.bytes[mark] & MARK_KNOWN) < DISC_BYTES) {
      slab.words[base + DISCS + position] = discOf(this.entryBytes, from, left);
      slab.bytes[mark] = (slab.bytes[mark] & MARK_EXPLICIT) | DISC_BYTES;
      slab.bytes[base * 4 + VAGUE_BYTE]--;
    }
    return compareBytes(key, start + prefixLength, length - prefixLength, this.entryBytes, from, left);
  }

  /** The position of the entry with this ref, or -1. An entry whose discriminator rules the key out does not count. */
  private findRef(leaf: number, key: Uint8Array, start: number, length: number, ref: number, explicit: number): number {
    const { words, bytes } = this.nodes.slabOf(leaf);
    const base = (leaf & SLAB_MASK) * NODE_WORDS;
    const count = bytes[base * 4 + COUNT_BYTE];
    for (let i = 0; i < count; i++) {
      if (words[base + REFS + i] !== ref) continue;
      const mark = bytes[(base + MARKS) * 4 + i];
      if ((mark & MARK_EXPLICIT) !== explicit) continue;
      this.nodes.findPrefix(leaf);
      const { length: prefixLength } = this.nodes;
      const shared = sharedLength(key, start, length, this.nodes.bytes, this.nodes.start, prefixLength);
      if (shared < prefixLength) return -1;
      const disc = discOf(key, start + prefixLength, length - prefixLength) & knownMask(mark & MARK_KNOWN);
      return words[base + DISCS + i] === disc ? i : -1;
    }
    return -1;
  }

  /** Puts an entry into a node that has room, cutting the node's prefix to what the key shares. */
  private place(
    node: number,
    position: number,
    key: Uint8Array,
    start: number,
    length: number,
    ref: number,
    mark: number,
  ): void {
    const { nodes } = this;
    const firstReal = nodes.kindOf(node) === KIND_INNER ? 1 : 0;
    if (nodes.countOf(node) <= firstReal) nodes.setPrefix(node, key, start, length);
    nodes.findPrefix(node);
    const shared = sharedLength(key, start, length, nodes.bytes, nodes.start, nodes.length);
    if (shared < nodes.length) nodes.shrinkPrefix(node, shared);
    nodes.insertAt(node, position, discOf(key, start + shared, length - shared), ref, mark | DISC_BYTES);
  }

  private insertIntoLeaf(
    leaf: number,
    position: number,
    key: Uint8Array,
    start: number,
    length: number,
    ref: number,
    mark: number,
  ): void {
    const { boundaries } = this;
    const count = this.nodes.countOf(leaf);
    if (count < ENTRIES_MAX) {
      this.place(leaf, position, key, start, length, ref, mark);
      return;
    }
    if (position === count) {
      // Keys that come in order leave full leaves behind.
      const right = this.addRight(leaf, KIND_LEAF, boundaries.fenceAfterLast(leaf, key, start, length));
      this.place(right, 0, key, start, length, ref, mark);
      this.addToParent(this.height - 1, right);
      return;
    }
    const left = this.leftWithRoom(leaf, position);
    let at = boundaries.chooseSplit(leaf);
    if (left !== NO_NODE) at = (ENTRIES_MAX - this.nodes.countOf(left)) >> 1;
    else if (position === 0) at = SPLIT_AT_FRONT;
    const fence = boundaries.fenceBetween(leaf, at - 1, at);
    const right = this.splitAt(leaf, at, KIND_LEAF, fence, 0);
    const goesRight =
      position > at || (position === at && compareBytes(key, start, length, fence, 0, fence.length) >= 0);
    if (goesRight) this.place(right, position - at, key, start, length, ref, mark);
    else this.place(leaf, position, key, start, length, ref, mark);
    if (left === NO_NODE) this.addToParent(this.height - 1, right);
    else this.moveToLeft(left, leaf, right);
  }

  /**
   * The leaf to the left if a full leaf should give it entries instead of being split in halves: where keys come in
   * order but between others (`reading:20` ... `reading:29` come after `reading:2` and before `reading:3`), no more
   * keys are to be expected in what lies behind, and it would stay half empty. Not if that costs the left one its
   * prefix.
   */
  private leftWithRoom(leaf: number, position: number): number {
    const { nodes } = this;
    const ahead = position - this.lastPosition;
    if (this.height === 1 || leaf !== this.lastLeaf || ahead < 1 || ahead > 2) return NO_NODE;
    const place = this.pathPositions[this.height - 2];
    if (place === 0) return NO_NODE;
    const left = nodes.refAt(this.pathNodes[this.height - 2], place - 1);
    if (nodes.countOf(left) > MERGED_MAX) return NO_NODE;
    const longest = Math.max(nodes.word(leaf, PREFIX_LENGTH), nodes.word(left, PREFIX_LENGTH));
    return longest - this.sharedPrefix(leaf, left) <= 1 ? left : NO_NODE;
  }

  /** Merges `leaf` into the one to its left; its place in the parent goes to `right`, which was split off from it. */
  private moveToLeft(left: number, leaf: number, right: number): void {
    const parent = this.pathNodes[this.height - 2];
    const place = this.pathPositions[this.height - 2];
    this.mergeLeaves(left, leaf);
    this.drop(leaf);
    this.nodes.removeAt(parent, place);
    this.placeChild(parent, place, right);
  }

  /** Moves the entries from `at` on to a new node to the right. Reads what it needs before it changes anything. */
  private splitAt(node: number, at: number, kind: number, fence: Uint8Array, firstReal: number): number {
    const last = this.nodes.countOf(node) - 1;
    const leftPrefix = this.boundaries.longerPrefix(node, firstReal, at - 1);
    const rightPrefix = this.boundaries.longerPrefix(node, at + firstReal, last);
    const right = this.addRight(node, kind, fence);
    this.nodes.findPrefix(node);
    this.nodes.setPrefix(right, this.nodes.bytes, this.nodes.start, this.nodes.length);
    this.nodes.moveTail(node, at, right);
    if (leftPrefix !== null) this.nodes.growPrefix(node, leftPrefix);
    if (rightPrefix !== null) this.nodes.growPrefix(right, rightPrefix);
    return right;
  }

  /** A new, empty node to the right of another. */
  private addRight(node: number, kind: number, fence: Uint8Array): number {
    const { nodes } = this;
    const right = nodes.allocate(kind);
    nodes.setFence(right, fence, 0, fence.length);
    if (kind === KIND_LEAF) {
      const after = nodes.word(node, NEXT);
      nodes.setWord(right, NEXT, after);
      nodes.setWord(right, PREVIOUS, node);
      nodes.setWord(node, NEXT, right);
      if (after !== NO_NODE) nodes.setWord(after, PREVIOUS, right);
    }
    return right;
  }

  /** Enters a node that was split off from the node at `level` of the path, next to it. */
  private addToParent(level: number, child: number): void {
    const { nodes } = this;
    if (level === 0) {
      const root = nodes.allocate(KIND_INNER);
      nodes.insertAt(root, 0, 0, this.root, DISC_BYTES);
      this.placeChild(root, 1, child);
      this.root = root;
      this.height++;
      assert(this.height <= LEVELS_MAX, 'the tree is not that deep');
      return;
    }
    const parent = this.pathNodes[level - 1];
    const position = this.pathPositions[level - 1] + 1;
    const count = nodes.countOf(parent);
    if (count < ENTRIES_MAX) {
      this.placeChild(parent, position, child);
      return;
    }
    if (position === count) {
      nodes.findFence(child);
      const right = this.addRight(parent, KIND_INNER, copyOfBytes(nodes.bytes, nodes.start, nodes.length));
      nodes.insertAt(right, 0, 0, child, DISC_BYTES);
      this.addToParent(level - 1, right);
      return;
    }
    const at = ENTRIES_MAX / 2;
    nodes.findFence(nodes.refAt(parent, at));
    const fence = copyOfBytes(nodes.bytes, nodes.start, nodes.length);
    const right = this.splitAt(parent, at, KIND_INNER, fence, 1);
    if (position > at) this.placeChild(right, position - at, child);
    else this.placeChild(parent, position, child);
    this.addToParent(level - 1, right);
  }

  private placeChild(parent: number, position: number, child: number): void {
    const { nodes } = this;
    nodes.findFence(child);
    this.place(parent, position, nodes.bytes, nodes.start, nodes.length, child, 0);
  }

  /** After a removal: drops an empty node, merges a sparse one, upwards along the path as far as need be. */
  private mendFrom(lowest: number): void {
    const { nodes } = this;
    for (let level = lowest; level > 0; level--) {
      const node = this.pathNodes[level];
      const parent = this.pathNodes[level - 1];
      const position = this.pathPositions[level - 1];
      const count = nodes.countOf(node);
      if (count >= SPARSE) return;
      if (count === 0) {
        if (this.count === 0) {
          this.becomeEmpty();
          return;
        }
        this.drop(node);
        nodes.removeAt(parent, position);
      } else if (!this.tryMerge(parent, position + 1) && !this.tryMerge(parent, position)) {
        return;
      }
    }
    while (this.height > 1 && nodes.countOf(this.root) === 1) {
      const child = nodes.refAt(this.root, 0);
      nodes.release(this.root);
      this.root = child;
      this.height--;
    }
  }

  /** The last key is gone: only the leaf it was in is kept. */
  private becomeEmpty(): void {
    for (let level = 0; level < this.height - 1; level++) this.nodes.release(this.pathNodes[level]);
    this.root = this.pathNodes[this.height - 1];
    this.height = 1;
  }

  private drop(node: number): void {
    const { nodes } = this;
    if (nodes.kindOf(node) === KIND_LEAF) {
      const before = nodes.word(node, PREVIOUS);
      const after = nodes.word(node, NEXT);
      if (before !== NO_NODE) nodes.setWord(before, NEXT, after);
      if (after !== NO_NODE) nodes.setWord(after, PREVIOUS, before);
    }
    nodes.release(node);
  }

  /** Merges the child at `position` into the one before it, unless that makes it too full. */
  private tryMerge(parent: number, position: number): boolean {
    const { nodes } = this;
    if (position === 0 || position >= nodes.countOf(parent)) return false;
    const left = nodes.refAt(parent, position - 1);
    const right = nodes.refAt(parent, position);
    if (nodes.countOf(left) + nodes.countOf(right) > MERGED_MAX) return false;
    if (nodes.kindOf(left) === KIND_LEAF) this.mergeLeaves(left, right);
    else this.mergeInner(left, right);
    this.drop(right);
    nodes.removeAt(parent, position);
    return true;
  }

  private mergeLeaves(left: number, right: number): void {
    const shared = this.sharedPrefix(left, right);
    this.nodes.shrinkPrefix(left, shared);
    this.nodes.shrinkPrefix(right, shared);
    this.nodes.moveTail(right, 0, left);
  }

  /** How many bytes the prefixes of two nodes have in common. */
  private sharedPrefix(left: number, right: number): number {
    const { nodes } = this;
    nodes.findPrefix(left);
    const { bytes, start, length } = nodes;
    nodes.findPrefix(right);
    return sharedLength(bytes, start, length, nodes.bytes, nodes.start, nodes.length);
  }

  private mergeInner(left: number, right: number): void {
    const { nodes } = this;
    const first = nodes.refAt(right, 0);
    // A first child's fence was not kept up to date; the fence of its parent is right.
    nodes.findFence(right);
    nodes.setFence(first, nodes.bytes, nodes.start, nodes.length);
    const count = nodes.countOf(right);
    for (let i = 0; i < count; i++) this.placeChild(left, nodes.countOf(left), nodes.refAt(right, i));
  }
}

function newTree(): Tree {
  const nodes = new OrderedNodes();
  return { nodes, explicit: new ExplicitKeys(), root: nodes.allocate(KIND_LEAF), height: 1, count: 0 };
}
