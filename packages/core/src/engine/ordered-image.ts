/**
 * Saves the ordered key index as a series of byte chunks, and loads it again.
 *
 * A save shows the index as it was when the save began, although it goes on changing: a slab of nodes that is about to
 * change is encoded first (`SlabWatcher`). One chunk is at most 80 KB (more only for long keys) and takes about 0.1 ms
 * each way, so that a checkpoint can be written and read in slices. The chunks must come back whole, each by itself;
 * sums are the checkpoint's business. A chunk that makes no sense is answered with false or null: the store then
 * builds the index anew.
 *
 * All numbers are little-endian. The first chunk:
 * | at | size | field |
 * |---|---|---|
 * | 0 | 4 | magic `FXOI` |
 * | 4 | 4 | version, 1 |
 * | 8 | 4 | keys |
 * | 12 | 4 | root node |
 * | 16 | 4 | levels |
 * | 20 | 4 | numbers of slabs |
 * | 24 | 4 | explicit keys |
 * | 28.. | | for each explicit key: id 4, hash 4, length 4, key |
 *
 * Each further chunk holds one slab, in any order: its number (4), then 64 nodes. A free node is one byte 0. Another:
 * | at | size | field |
 * |---|---|---|
 * | 0 | 1 | kind: 1 leaf, 2 inner |
 * | 1 | 1 | count of entries |
 * | 2 | 1 | 1 if marks follow, 0 if all discriminators are known and no entry is explicit |
 * | 3 | 4, 4 | lengths of prefix and fence |
 * | 11 | 4, 4 | next leaf, previous leaf |
 * | 19.. | | prefix; fence; marks, a byte each, if they follow; discriminators, 4 each; refs, 4 each |
 */

import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { ExplicitKeys } from './explicit-keys.ts';
import { type KeyResolver, OrderedIndex } from './ordered-index.ts';
import {
  COUNT_BYTE,
  copyOfBytes,
  DISC_BYTES,
  DISCS,
  ENTRIES_MAX,
  EXPLICIT_BYTE,
  KIND_FREE,
  KIND_INNER,
  KIND_LEAF,
  MARK_EXPLICIT,
  MARKS,
  NEXT,
  NO_NODE,
  NODE_WORDS,
  newSlab,
  OrderedNodes,
  PREVIOUS,
  REFS,
  SLAB_NODES,
  SLAB_SHIFT,
  type SlabWatcher,
  VAGUE_BYTE,
} from './ordered-nodes.ts';

const MAGIC = 0x494f5846;
const VERSION = 1;
const HEAD_BYTES = 28;
const EXPLICIT_HEAD_BYTES = 12;
const NODE_HEAD_BYTES = 19;
const LEVELS_MAX = 16;
/** Limits that only a damaged image exceeds: 64 M nodes, 4 M explicit keys. */
const SLABS_MAX = 1 << 20;
const EXPLICIT_IDS_MAX = 1 << 22;

export class OrderedSave implements SlabWatcher {
  private readonly index: OrderedIndex;
  /** 1 for each slab that is still to be encoded. */
  private readonly pending: Uint8Array;
  private position = 0;
  /** Encoded, not yet fetched. */
  private readonly ready: Uint8Array[] = [];

  /** Begins a save. Only one save of an index can be under way; `next` until undefined, or `cancel`. */
  constructor(index: OrderedIndex) {
    this.index = index;
    const { slabs } = index.nodes;
    this.pending = new Uint8Array(slabs.length);
    for (let i = 0; i < slabs.length; i++) if (slabs[i] !== null) this.pending[i] = 1;
    this.ready.push(encodeHead(index));
    index.nodes.watcher = this;
  }

  /** The next chunk, undefined when all have been fetched. */
  next(): Uint8Array | undefined {
    while (this.ready.length === 0 && this.position < this.pending.length) this.beforeChange(this.position++);
    if (this.ready.length === 0) this.cancel();
    return this.ready.shift();
  }

  cancel(): void {
    if (this.index.nodes.watcher === this) this.index.nodes.watcher = null;
  }

  beforeChange(slabNumber: number): void {
    if (this.pending[slabNumber] !== 1) return;
    this.pending[slabNumber] = 0;
    this.ready.push(encodeSlab(this.index.nodes, slabNumber));
  }
}

function encodeHead(index: OrderedIndex): Uint8Array {
  const { explicit } = index;
  let sizeBytes = HEAD_BYTES;
  for (let id = 0; id < explicit.idsMax; id++) {
    const key = explicit.keyAt(id);
    if (key !== null) sizeBytes += EXPLICIT_HEAD_BYTES + key.length;
  }
  const chunk = new Uint8Array(sizeBytes);
  const view = new DataView(chunk.buffer);
  const { count, root, height, nodes } = index;
  [MAGIC, VERSION, count, root, height, nodes.slabs.length, explicit.count].forEach((value, i) => {
    view.setUint32(i * 4, value, true);
  });
  let at = HEAD_BYTES;
  for (let id = 0; id < explicit.idsMax; id++) {
    const key = explicit.keyAt(id);
    if (key === null) continue;
    view.setUint32(at, id, true);
    view.setInt32(at + 4, explicit.hashAt(id), true);
    view.setUint32(at + 8, key.length, true);
    chunk.set(key, at + EXPLICIT_HEAD_BYTES);
    at += EXPLICIT_HEAD_BYTES + key.length;
  }
  return chunk;
}

function encodeSlab(nodes: OrderedNodes, slabNumber: number): Uint8Array {
  const chunk = new Uint8Array(slabSizeBytes(nodes, slabNumber));
  const view = new DataView(chunk.buffer);
  view.setUint32(0, slabNumber, true);
  let at = 4;
  for (let place = 0; place < SLAB_NODES; place++) at = encodeNode(nodes, slabNumber * SLAB_NODES + place, view, at);
  return chunk;
}

function slabSizeBytes(nodes: OrderedNodes, slabNumber: number): number {
  let sizeBytes = 4;
  for (let node = slabNumber * SLAB_NODES, end = node + SLAB_NODES; node < end; node++) {
    sizeBytes++;
    if (nodes.kindOf(node) === KIND_FREE) continue;
    nodes.findPrefix(node);
    sizeBytes += NODE_HEAD_BYTES - 1 + nodes.length;
    nodes.findFence(node);
    sizeBytes += nodes.length + nodes.countOf(node) * (hasMarks(nodes, node) ? 9 : 8);
  }
  return sizeBytes;
}

function hasMarks(nodes: OrderedNodes, node: number): boolean {
  const { bytes } = nodes.slabOf(node);
  const head = (node % SLAB_NODES) * NODE_WORDS * 4;
  return bytes[head + VAGUE_BYTE] > 0 || bytes[head + EXPLICIT_BYTE] > 0;
}

/** Returns where the next node goes. */
function encodeNode(nodes: OrderedNodes, node: number, view: DataView, at: number): number {
  const chunk = new Uint8Array(view.buffer);
  const { bytes } = nodes.slabOf(node);
  const base = (node % SLAB_NODES) * NODE_WORDS;
  const kind = bytes[base * 4];
  chunk[at] = kind;
  if (kind === KIND_FREE) return at + 1;
  const count = bytes[base * 4 + COUNT_BYTE];
  const withMarks = hasMarks(nodes, node);
  chunk[at + 1] = count;
  chunk[at + 2] = withMarks ? 1 : 0;
  view.setInt32(at + 11, nodes.word(node, NEXT), true);
  view.setInt32(at + 15, nodes.word(node, PREVIOUS), true);
  let to = at + NODE_HEAD_BYTES;
  nodes.findPrefix(node);
  view.setUint32(at + 3, nodes.length, true);
  chunk.set(nodes.bytes.subarray(nodes.start, nodes.start + nodes.length), to);
  to += nodes.length;
  nodes.findFence(node);
  view.setUint32(at + 7, nodes.length, true);
  chunk.set(nodes.bytes.subarray(nodes.start, nodes.start + nodes.length), to);
  to += nodes.length;
  for (const { word, sizeBytes } of entryParts(count, withMarks)) {
    const from = (base + word) * 4;
    chunk.set(bytes.subarray(from, from + sizeBytes), to);
    to += sizeBytes;
  }
  return to;
}

/** Which parts of the entries are in the image, in which order. */
function entryParts(count: number, withMarks: boolean): { word: number; sizeBytes: number }[] {
  const parts = [
    { word: DISCS, sizeBytes: count * 4 },
    { word: REFS, sizeBytes: count * 4 },
  ];
  if (withMarks) parts.unshift({ word: MARKS, sizeBytes: count });
  return parts;
}

export class OrderedLoad {
  private readonly nodes = new OrderedNodes();
  private readonly explicit = new ExplicitKeys();
  private hasHead = false;
  private count = 0;
  private root = 0;
  private height = 0;
  private slabNumbers = 0;
  // Filled while `finish` looks at the whole tree.
  private seenNodes = new Uint8Array(0);
  private seenIds = new Uint8Array(0);
  private lastLeaf = NO_NODE;
  private keysSeen = 0;
  private explicitSeen = 0;

  /** Takes the next chunk of an image, in the order in which they were saved; false if it makes no sense. */
  add(chunk: Uint8Array): boolean {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.hasHead) return this.decodeSlab(chunk, view);
    this.hasHead = this.decodeHead(chunk, view);
    return this.hasHead;
  }

  /** The index, or null if the chunks do not make one. */
  finish(resolver: KeyResolver): OrderedIndex | null {
    const { nodes, explicit } = this;
    if (!this.hasHead || !this.isSound()) return null;
    explicit.closeHoles();
    nodes.openSlabs();
    return new OrderedIndex(resolver, {
      nodes,
      explicit,
      root: this.root,
      height: this.height,
      count: this.count,
    });
  }

  private decodeHead(chunk: Uint8Array, view: DataView): boolean {
    if (chunk.length < HEAD_BYTES) return false;
    if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) return false;
    this.count = view.getUint32(8, true);
    this.root = view.getUint32(12, true);
    this.height = view.getUint32(16, true);
    this.slabNumbers = view.getUint32(20, true);
    if (this.height < 1 || this.height > LEVELS_MAX || this.slabNumbers > SLABS_MAX) return false;
    let at = HEAD_BYTES;
    for (let left = view.getUint32(24, true); left > 0; left--) {
      if (at + EXPLICIT_HEAD_BYTES > chunk.length) return false;
      const id = view.getUint32(at, true);
      const hash = view.getInt32(at + 4, true);
      const length = view.getUint32(at + 8, true);
      at += EXPLICIT_HEAD_BYTES;
      if (id >= EXPLICIT_IDS_MAX || at + length > chunk.length) return false;
      if (!this.explicit.restore(id, hash, copyOfBytes(chunk, at, length))) return false;
      at += length;
    }
    return at === chunk.length;
  }

  private decodeSlab(chunk: Uint8Array, view: DataView): boolean {
    if (chunk.length < 4) return false;
    const slabNumber = view.getUint32(0, true);
    const { nodes } = this;
    if (slabNumber >= this.slabNumbers || (nodes.slabs[slabNumber] ?? null) !== null) return false;
    nodes.adopt(slabNumber, newSlab());
    let at = 4;
    for (let place = 0; place < SLAB_NODES && at >= 0; place++) {
      at = this.decodeNode(chunk, view, at, slabNumber * SLAB_NODES + place);
    }
    return at === chunk.length;
  }

  /** Returns where the next node begins, -1 if this one makes no sense. */
  private decodeNode(chunk: Uint8Array, view: DataView, at: number, node: number): number {
    const { nodes } = this;
    if (at >= chunk.length) return -1;
    const kind = chunk[at];
    if (kind === KIND_FREE) return at + 1;
    if (kind > KIND_INNER || at + NODE_HEAD_BYTES > chunk.length) return -1;
    const count = chunk[at + 1];
    const withMarks = chunk[at + 2] === 1;
    const prefixLength = view.getUint32(at + 3, true);
    const fenceLength = view.getUint32(at + 7, true);
    let from = at + NODE_HEAD_BYTES;
    const end = from + prefixLength + fenceLength + count * (withMarks ? 9 : 8);
    if (count > ENTRIES_MAX || end > chunk.length || Math.max(prefixLength, fenceLength) > KEY_SIZE_MAX_BYTES)
      return -1;
    const { bytes } = nodes.slabOf(node);
    const base = (node % SLAB_NODES) * NODE_WORDS;
    bytes[base * 4] = kind;
    bytes[base * 4 + COUNT_BYTE] = count;
    nodes.setWord(node, NEXT, view.getInt32(at + 11, true));
    nodes.setWord(node, PREVIOUS, view.getInt32(at + 15, true));
    nodes.setPrefix(node, chunk, from, prefixLength);
    from += prefixLength;
    nodes.setFence(node, chunk, from, fenceLength);
    from += fenceLength;
    bytes.fill(DISC_BYTES, (base + MARKS) * 4, (base + MARKS) * 4 + count);
    for (const { word, sizeBytes } of entryParts(count, withMarks)) {
      bytes.set(chunk.subarray(from, from + sizeBytes), (base + word) * 4);
      from += sizeBytes;
    }
    nodes.recount(node);
    return withMarks && !areMarks(kind, bytes, (base + MARKS) * 4, count) ? -1 : end;
  }

  /** Whether the nodes make one tree, with every node and every explicit key in it once and the leaves in order. */
  private isSound(): boolean {
    const { nodes, explicit } = this;
    this.seenNodes = new Uint8Array(nodes.slabs.length * SLAB_NODES);
    this.seenIds = new Uint8Array(explicit.idsMax);
    if (!this.visit(this.root, 1) || nodes.word(this.lastLeaf, NEXT) !== NO_NODE) return false;
    for (let node = 0; node < this.seenNodes.length; node++) {
      if (this.exists(node) && nodes.kindOf(node) !== KIND_FREE && this.seenNodes[node] === 0) return false;
    }
    return this.keysSeen === this.count && this.explicitSeen === explicit.count;
  }

  private visit(node: number, level: number): boolean {
    const { nodes } = this;
    const isLeaf = level === this.height;
    if (!this.exists(node) || this.seenNodes[node] === 1) return false;
    this.seenNodes[node] = 1;
    const count = nodes.countOf(node);
    if (nodes.kindOf(node) !== (isLeaf ? KIND_LEAF : KIND_INNER) || (count === 0 && this.height > 1)) return false;
    if (isLeaf) return this.visitLeaf(node, count);
    for (let i = 0; i < count; i++) if (!this.visit(nodes.refAt(node, i), level + 1)) return false;
    return true;
  }

  private visitLeaf(leaf: number, count: number): boolean {
    const { nodes } = this;
    if (nodes.word(leaf, PREVIOUS) !== this.lastLeaf) return false;
    if (this.lastLeaf !== NO_NODE && nodes.word(this.lastLeaf, NEXT) !== leaf) return false;
    this.lastLeaf = leaf;
    this.keysSeen += count;
    const { bytes } = nodes.slabOf(leaf);
    if (bytes[(leaf % SLAB_NODES) * NODE_WORDS * 4 + EXPLICIT_BYTE] === 0) return true;
    for (let i = 0; i < count; i++) {
      if ((nodes.markAt(leaf, i) & MARK_EXPLICIT) === 0) continue;
      const id = nodes.refAt(leaf, i);
      if (this.explicit.keyAt(id) === null || this.seenIds[id] === 1) return false;
      this.seenIds[id] = 1;
      this.explicitSeen++;
    }
    return true;
  }

  private exists(node: number): boolean {
    return node >= 0 && (this.nodes.slabs[node >>> SLAB_SHIFT] ?? null) !== null;
  }
}

function areMarks(kind: number, bytes: Uint8Array, start: number, count: number): boolean {
  for (let i = start; i < start + count; i++) {
    const known = kind === KIND_LEAF ? bytes[i] & ~MARK_EXPLICIT : bytes[i];
    if (known > DISC_BYTES) return false;
  }
  return true;
}
