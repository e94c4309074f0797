/**
 * A store in miniature for the tests of the ordered index: keys in a map, with a hash as wide as a test wants, and the
 * checks that compare the index with it. `ordered-index.test.ts` and `ordered-index.long.test.ts` drive it.
 */

import { expect } from 'vitest';
import { Prng } from '../base/prng.ts';
import { OrderedBuild } from './ordered-build.ts';
import { OrderedChunk, OrderedCursor, type OrderedRange, prefixRange } from './ordered-cursor.ts';
import { OrderedLoad, OrderedSave } from './ordered-image.ts';
import { type KeyResolver, OrderedIndex } from './ordered-index.ts';
import {
  discOf,
  EXPLICIT_BYTE,
  KIND_INNER,
  KIND_LEAF,
  knownMask,
  MARK_EXPLICIT,
  MARK_KNOWN,
  NEXT,
  NO_NODE,
  NODE_WORDS,
  PREVIOUS,
  SLAB_MASK,
  VAGUE_BYTE,
} from './ordered-nodes.ts';

export type HashWidth = 32 | 6 | 0;

interface StoredKey {
  readonly bytes: Uint8Array;
  readonly hash: number;
}

export const everything: OrderedRange = {
  low: null,
  isLowIncluded: true,
  high: null,
  isHighIncluded: true,
  isReverse: false,
};

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** The keys of a store, and the resolver that finds them by hash. Its `bytes` are overwritten by every load. */
export class ModelStore implements KeyResolver {
  bytes = new Uint8Array(70_000);
  readonly start = 3;
  length = 0;
  loads = 0;
  /** Makes the load after so many others throw, as a failing disk would. */
  failAfterLoads = Number.POSITIVE_INFINITY;
  readonly keys = new Map<string, StoredKey>();
  private readonly byHash = new Map<number, StoredKey[]>();
  private readonly width: HashWidth;

  constructor(width: HashWidth) {
    this.width = width;
  }

  load(hash: number, explicit: readonly Uint8Array[] | undefined): void {
    this.loads++;
    if (this.loads > this.failAfterLoads) throw new Error('the disk does not answer');
    const plain = (this.byHash.get(hash) ?? []).filter(({ bytes }) => !explicit?.some((key) => sameBytes(key, bytes)));
    if (plain.length !== 1) throw new Error(`hash ${hash} has ${plain.length} plain keys`);
    this.bytes.fill(0xee);
    this.bytes.set(plain[0].bytes, this.start);
    this.length = plain[0].bytes.length;
  }

  hashOf(bytes: Uint8Array): number {
    let hash = 0x811c9dc5;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    hash ^= hash >>> 15;
    if (this.width === 32) return hash;
    return this.width === 6 ? (hash & 63) - 32 : -7;
  }

  collides(bytes: Uint8Array): boolean {
    const others = this.byHash.get(this.hashOf(bytes)) ?? [];
    return others.some((other) => !sameBytes(other.bytes, bytes));
  }

  add(bytes: Uint8Array): void {
    const key = { bytes, hash: this.hashOf(bytes) };
    this.keys.set(textOf(bytes), key);
    const same = this.byHash.get(key.hash);
    if (same === undefined) this.byHash.set(key.hash, [key]);
    else same.push(key);
  }

  remove(bytes: Uint8Array): void {
    const text = textOf(bytes);
    const key = this.keys.get(text) as StoredKey;
    this.keys.delete(text);
    const same = this.byHash.get(key.hash) as StoredKey[];
    same.splice(same.indexOf(key), 1);
  }

  sorted(): string[] {
    return [...this.keys.keys()].sort();
  }

  randomKey(prng: Prng): Uint8Array | undefined {
    const all = [...this.keys.values()];
    return all.length === 0 ? undefined : all[prng.nextBelow(all.length)].bytes;
  }
}

/** A store and what it sends its changes to: the index, or a build of it. */
export class IndexedStore {
  readonly store: ModelStore;
  target: OrderedIndex | OrderedBuild;

  constructor(width: HashWidth) {
    this.store = new ModelStore(width);
    this.target = new OrderedIndex(this.store);
  }

  get index(): OrderedIndex {
    return this.target instanceof OrderedIndex ? this.target : this.target.index;
  }

  insert(bytes: Uint8Array): void {
    const { store } = this;
    if (store.keys.has(textOf(bytes))) return;
    const [key, start] = embed(bytes);
    this.target.insert(key, start, bytes.length, store.hashOf(bytes), store.collides(bytes));
    store.add(bytes);
  }

  remove(bytes: Uint8Array): void {
    const { store } = this;
    if (!store.keys.has(textOf(bytes))) return;
    const [key, start] = embed(bytes);
    const isFound = this.target.remove(key, start, bytes.length, store.hashOf(bytes));
    if (this.target instanceof OrderedIndex) expect(isFound).toBe(true);
    store.remove(bytes);
  }

  /** The keys of a range as the index gives them; `between` runs after each chunk. */
  scan(range: OrderedRange, countMax: number, between?: () => void): string[] {
    const found: string[] = [];
    const cursor = new OrderedCursor(this.index, range);
    const chunk = new OrderedChunk(countMax);
    while (cursor.next(chunk) > 0) {
      found.push(...this.resolve(chunk));
      between?.();
    }
    expect(cursor.next(chunk)).toBe(0);
    return found;
  }

  resolve(chunk: OrderedChunk): string[] {
    const found: string[] = [];
    for (let i = 0; i < chunk.count; i++) {
      const explicit = chunk.keys[i];
      if (explicit !== null) {
        expect(chunk.refs[i]).toBe(this.store.hashOf(explicit));
        found.push(textOf(explicit));
        continue;
      }
      this.store.load(chunk.refs[i], this.index.explicit.keysOf(chunk.refs[i]));
      found.push(textOf(this.store.bytes.subarray(this.store.start, this.store.start + this.store.length)));
    }
    return found;
  }

  /** Compares the whole index with the store and looks at every node. */
  check(): void {
    expect(this.index.count).toBe(this.store.keys.size);
    checkNodes(this.index);
    const sorted = this.store.sorted();
    expect(this.scan(everything, 50)).toEqual(sorted);
    expect(this.scan({ ...everything, isReverse: true }, 37)).toEqual(sorted.reverse());
  }
}

/** Puts a key into the middle of other bytes, as keys lie in a page or a request. */
function embed(bytes: Uint8Array): [Uint8Array, number] {
  const around = Buffer.alloc(bytes.length + 12, 0xdd);
  around.set(bytes, 5);
  return [around, 5];
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Checks what always holds of the tree: prefixes, discriminators, fences, counts and links. */
function checkNodes(index: OrderedIndex): void {
  const { nodes } = index;
  let lastLeaf = NO_NODE;
  let keys = 0;
  let explicitKeys = 0;
  const visit = (node: number, level: number, low: string, high: string | null): void => {
    const isLeaf = level === index.height;
    expect(nodes.kindOf(node)).toBe(isLeaf ? KIND_LEAF : KIND_INNER);
    const count = nodes.countOf(node);
    if (index.height > 1) expect(count).toBeGreaterThan(0);
    if (isLeaf) {
      if (nodes.word(node, PREVIOUS) !== lastLeaf) expect.fail('a leaf knows the one before');
      if (lastLeaf !== NO_NODE && nodes.word(lastLeaf, NEXT) !== node) expect.fail('a leaf knows the one after');
      lastLeaf = node;
      keys += count;
    }
    explicitKeys += checkMarks(index, node);
    const entries: string[] = [];
    for (let i = isLeaf ? 0 : 1; i < count; i++) entries.push(checkEntry(index, node, i));
    for (let i = 1; i < entries.length; i++) if (!(entries[i - 1] < entries[i])) expect.fail('entries are in order');
    if (entries.length > 0 && (entries[0] < low || (high !== null && entries[entries.length - 1] >= high))) {
      expect.fail('entries are between the fences');
    }
    if (isLeaf) return;
    for (let i = 0; i < count; i++) {
      const from = i === 0 ? low : entries[i - 1];
      visit(nodes.refAt(node, i), level + 1, from, i + 1 < count ? entries[i] : high);
    }
  };
  visit(index.root, 1, '', null);
  expect(nodes.word(lastLeaf, NEXT)).toBe(NO_NODE);
  expect(keys).toBe(index.count);
  expect(explicitKeys).toBe(index.explicit.count);
}

/** Checks what a node counts; returns how many of its entries are explicit. */
function checkMarks(index: OrderedIndex, node: number): number {
  const { nodes } = index;
  let vague = 0;
  let explicit = 0;
  for (let i = 0; i < nodes.countOf(node); i++) {
    const mark = nodes.markAt(node, i);
    if ((mark & MARK_KNOWN) < 4) vague++;
    if ((mark & MARK_EXPLICIT) !== 0) explicit++;
    if (i === 0 && nodes.kindOf(node) === KIND_INNER) expect(mark).toBe(4);
  }
  const { bytes } = nodes.slabOf(node);
  const head = (node & SLAB_MASK) * NODE_WORDS * 4;
  expect(bytes[head + VAGUE_BYTE]).toBe(vague);
  expect(bytes[head + EXPLICIT_BYTE]).toBe(explicit);
  return explicit;
}

function checkEntry(index: OrderedIndex, node: number, position: number): string {
  const { nodes } = index;
  index.loadEntry(node, position);
  const key = index.entryBytes.slice(index.entryStart, index.entryStart + index.entryLength);
  nodes.findPrefix(node);
  const prefix = nodes.bytes.subarray(nodes.start, nodes.start + nodes.length);
  if (!sameBytes(prefix, key.subarray(0, prefix.length))) expect.fail('a key begins with the prefix of its node');
  const known = nodes.markAt(node, position) & 7;
  const disc = discOf(key, prefix.length, key.length - prefix.length) & knownMask(known);
  if (nodes.discAt(node, position) !== disc) expect.fail('a discriminator is what follows the prefix');
  return textOf(key);
}

/** Keys of many shapes, near each other often enough to meet. */
export function randomKey(prng: Prng): Uint8Array {
  const text = (length: number, alphabet: string): string => {
    let out = '';
    for (let i = 0; i < length; i++) out += alphabet[prng.nextBelow(alphabet.length)];
    return out;
  };
  switch (prng.nextBelow(8)) {
    case 0:
      return bytesOf(text(prng.nextBelow(7), '\0\x01a\xff'));
    case 1:
      return bytesOf(`reading:${prng.nextBelow(3000)}`);
    case 2:
      return bytesOf('a'.repeat(prng.nextBelow(60)));
    case 3:
      return bytesOf(`a shared beginning that is longer than what fits in a node/${text(prng.nextBelow(4), '\0ab')}`);
    case 4:
      return bytesOf(text(1, 'ab') + '\0'.repeat(prng.nextBelow(12)) + text(prng.nextBelow(2), '\0z'));
    case 5:
      return bytesOf(`\0\0\0${String.fromCharCode(prng.nextBelow(5), prng.nextBelow(256), prng.nextBelow(256))}`);
    case 6:
      return bytesOf(`${'x'.repeat(prng.nextBelow(3) * 300)}${prng.nextBelow(400)}`);
    default:
      return bytesOf(text(8, '0123456789abcdef'));
  }
}

/** One of the stored keys, one of them cut or lengthened, or any key. */
function randomBound(prng: Prng, store: ModelStore): Uint8Array {
  const key = store.randomKey(prng);
  if (key === undefined || prng.nextBelow(3) === 0) return randomKey(prng);
  if (prng.nextBelow(2) === 0) return key;
  const text = textOf(key);
  return bytesOf(prng.nextBelow(2) === 0 ? `${text}\0` : text.slice(0, prng.nextBelow(text.length + 1)));
}

function randomRange(prng: Prng, store: ModelStore): OrderedRange {
  if (prng.nextBelow(4) === 0) return prefixRange(randomBound(prng, store).subarray(0, 6), prng.nextBelow(2) === 0);
  return {
    low: prng.nextBelow(4) === 0 ? null : randomBound(prng, store),
    isLowIncluded: prng.nextBelow(2) === 0,
    high: prng.nextBelow(4) === 0 ? null : randomBound(prng, store),
    isHighIncluded: prng.nextBelow(2) === 0,
    isReverse: prng.nextBelow(2) === 0,
  };
}

export function isInRange(text: string, range: OrderedRange): boolean {
  if (range.low !== null) {
    const low = textOf(range.low);
    if (range.isLowIncluded ? text < low : text <= low) return false;
  }
  if (range.high === null) return true;
  const high = textOf(range.high);
  return range.isHighIncluded ? text <= high : text < high;
}

/** Scans a random range without changes and compares it with the sorted keys. */
export function checkRandomRange(prng: Prng, indexed: IndexedStore): void {
  const range = randomRange(prng, indexed.store);
  const expected = indexed.store.sorted().filter((text) => isInRange(text, range));
  if (range.isReverse) expected.reverse();
  expect(indexed.scan(range, 1 + prng.nextBelow(70))).toEqual(expected);
}

/** Scans while keys come and go: what stays is seen exactly once, in order, and nothing that was never there. */
export function checkScanUnderChange(prng: Prng, indexed: IndexedStore): void {
  const range = randomRange(prng, indexed.store);
  const ever = new Set(indexed.store.keys.keys());
  const always = new Set(ever);
  const found = indexed.scan(range, 1 + prng.nextBelow(40), () => {
    for (let i = prng.nextBelow(12); i > 0; i--) {
      const key = changeOne(prng, indexed, 2);
      ever.add(textOf(key));
      if (!indexed.store.keys.has(textOf(key))) always.delete(textOf(key));
    }
  });
  for (let i = 1; i < found.length; i++) {
    const inOrder = range.isReverse ? found[i - 1] > found[i] : found[i - 1] < found[i];
    if (!inOrder) expect.fail('a scan gives keys in order, each once');
  }
  for (const text of found)
    if (!ever.has(text) || !isInRange(text, range)) expect.fail('a scan gives keys of its range');
  const seen = new Set(found);
  for (const text of always) {
    if (isInRange(text, range) && !seen.has(text)) expect.fail('a scan gives every key that stays');
  }
}

/** Inserts a random key, or with a probability of one in `removeOneIn` removes one. */
export function changeOne(prng: Prng, indexed: IndexedStore, removeOneIn: number): Uint8Array {
  const key = prng.nextBelow(removeOneIn) === 0 ? indexed.store.randomKey(prng) : undefined;
  if (key !== undefined) {
    indexed.remove(key);
    return key;
  }
  const fresh = randomKey(prng);
  indexed.insert(fresh);
  return fresh;
}

/** Saves while keys come and go, and loads: the copy holds the keys of the moment the save began. */
export function checkSave(prng: Prng, indexed: IndexedStore, width: HashWidth): void {
  const copy = new IndexedStore(width);
  for (const { bytes } of indexed.store.keys.values()) copy.store.add(bytes);
  const save = new OrderedSave(indexed.index);
  const load = new OrderedLoad();
  for (let chunk = save.next(); chunk !== undefined; chunk = save.next()) {
    expect(load.add(chunk)).toBe(true);
    for (let i = prng.nextBelow(30); i > 0; i--) changeOne(prng, indexed, 3);
  }
  const loaded = load.finish(copy.store);
  if (loaded === null) expect.fail('an image that was saved can be loaded');
  copy.target = loaded;
  copy.check();
  for (let i = 0; i < 60; i++) changeOne(prng, copy, 2);
  copy.check();
}

/** Builds the index anew from the store while keys come and go, and goes on with the one that was built. */
export function rebuild(prng: Prng, indexed: IndexedStore): void {
  const build = new OrderedBuild(indexed.store);
  const { store } = indexed;
  indexed.target = build;
  // A key can be told of although it has come since, or had gone for a while.
  for (const text of store.sorted().sort(() => prng.nextBelow(3) - 1)) {
    const key = store.keys.get(text);
    if (key !== undefined) build.insert(key.bytes, 0, key.bytes.length, key.hash, store.collides(key.bytes));
    if (prng.nextBelow(8) === 0) changeOne(prng, indexed, 2);
  }
  const stepKeys = 1 + prng.nextBelow(200);
  while (!build.step(stepKeys)) for (let i = prng.nextBelow(6); i > 0; i--) changeOne(prng, indexed, 2);
  indexed.target = build.index;
}

/** One run of the fuzzer: everything above at random. */
export function fuzz(seed: number, width: HashWidth, rounds: number, keysAim: number): void {
  const prng = new Prng(seed);
  const indexed = new IndexedStore(width);
  for (let round = 0; round < rounds; round++) {
    const removeOneIn = indexed.store.keys.size < prng.nextBelow(keysAim * 2) ? 6 : 1 + prng.nextBelow(2);
    for (let i = prng.nextBelow(keysAim / 4); i > 0; i--) changeOne(prng, indexed, removeOneIn);
    const what = prng.nextBelow(10);
    if (what < 3) checkRandomRange(prng, indexed);
    else if (what < 7) checkScanUnderChange(prng, indexed);
    else if (what < 8) checkSave(prng, indexed, width);
    else if (what < 9) rebuild(prng, indexed);
    indexed.check();
  }
}
