/**
 * `ExpiryChains`: the memory of the expiry wheel, a fixed number of chains of entries.
 *
 * An entry is 14 bytes: hash, address, table, and how long before the end of its bucket it is due. Sixteen entries
 * and one link make a block of 228 bytes, 1,024 blocks a slab. A chain is a list of blocks, of which only the first
 * may be partly filled; entries come out in the opposite order to the one in which they went in.
 *
 * What always holds: 1. Growing adds a slab and copies nothing, so no `push` ever takes long. 2. An empty slab is
 * let go, except one that is kept while there are entries, and none is kept when there are no entries. 3. Memory
 * of a slab is not touched before it is used.
 *
 * Called by `ExpiryWheel` alone, which decides what each chain means.
 *
 * | block: at | size | field, one value per entry |
 * |---|---|---|
 * | 0 | 64 | hash, int32 x 16 |
 * | 64 | 64 | low 32 bits of the address, int32 x 16 |
 * | 128 | 32 | high 16 bits of the address, uint16 x 16 |
 * | 160 | 32 | table, uint16 x 16 |
 * | 192 | 32 | time before the end of the bucket, in the bucket's unit, uint16 x 16 |
 * | 224 | 4 | in memory only: the next block of the chain, or of the free list; -1: none |
 */

import { highOf, joinAddress, lowOf } from './address.ts';

export const BLOCK_ENTRIES = 16;
/** Bytes of a block without its link: what a saved block takes. */
export const BLOCK_SIZE_BYTES = 224;

const BLOCK_WORDS = 57;
const NEXT_WORD = 56;
const LOW_WORD = 16;
const HIGH_HALF = 64;
const TABLE_HALF = 80;
const BACK_HALF = 96;
const SLAB_BLOCKS_BITS = 10;
const SLAB_BLOCKS = 1 << SLAB_BLOCKS_BITS;
const SLAB_SIZE_BYTES = SLAB_BLOCKS * BLOCK_WORDS * 4;
const NONE = -1;

interface Slab {
  readonly words: Int32Array;
  /** The same memory in halves of words. */
  readonly halves: Uint16Array;
  /** Number of its first block. */
  readonly firstBlock: number;
  /** Blocks in chains. */
  used: number;
  /** Blocks from here on were never used and are on no list. */
  fresh: number;
  /** First block of the list of blocks given back, counted within the slab. */
  free: number;
}

export class ExpiryChains {
  /** The entry that `pop` took out last. */
  hash = 0;
  address = 0;
  table = 0;
  back = 0;
  /** Entries in all chains. */
  size = 0;

  private readonly heads: Int32Array;
  /** Entries in the first block of each chain. */
  private readonly fills: Uint8Array;
  private slabs: (Slab | undefined)[] = [];
  /** Slabs with a block to give, the last first. */
  private open: Slab[] = [];
  private slabCount = 0;
  private emptySlabCount = 0;

  constructor(chainCount: number) {
    this.heads = new Int32Array(chainCount).fill(NONE);
    this.fills = new Uint8Array(chainCount);
  }

  get bytesHeld(): number {
    return this.slabCount * SLAB_SIZE_BYTES + this.heads.byteLength + this.fills.byteLength;
  }

  isEmpty(chain: number): boolean {
    return this.heads[chain] === NONE;
  }

  push(chain: number, hash: number, address: number, table: number, back: number): void {
    let fill = this.fills[chain];
    if (fill === 0 || fill === BLOCK_ENTRIES) {
      this.heads[chain] = this.takeBlock(this.heads[chain]);
      fill = 0;
    }
    const block = this.heads[chain];
    const slab = this.slabs[block >>> SLAB_BLOCKS_BITS]!;
    const word = (block & (SLAB_BLOCKS - 1)) * BLOCK_WORDS + fill;
    const half = (block & (SLAB_BLOCKS - 1)) * BLOCK_WORDS * 2 + fill;
    slab.words[word] = hash;
    slab.words[word + LOW_WORD] = lowOf(address);
    slab.halves[half + HIGH_HALF] = highOf(address);
    slab.halves[half + TABLE_HALF] = table;
    slab.halves[half + BACK_HALF] = back;
    this.fills[chain] = fill + 1;
    this.size++;
  }

  /**
   * Reads the entry at some place into `hash`, `address` and `table`. It may have been taken out long ago: the caller
   * finds out. False where none was ever.
   */
  peek(place: number): boolean {
    if (this.slabs.length === 0) return false;
    const slab = this.slabs[place % this.slabs.length];
    if (slab === undefined || slab.fresh === 0) return false;
    const rest = Math.floor(place / this.slabs.length);
    const block = Math.floor(rest / BLOCK_ENTRIES) % slab.fresh;
    const entry = rest % BLOCK_ENTRIES;
    const half = block * BLOCK_WORDS * 2 + entry;
    this.hash = slab.words[block * BLOCK_WORDS + entry];
    this.address = joinAddress(slab.halves[half + HIGH_HALF], slab.words[block * BLOCK_WORDS + entry + LOW_WORD]);
    this.table = slab.halves[half + TABLE_HALF];
    return this.address !== 0;
  }

  /** Takes an entry out of the chain into `hash`, `address`, `table` and `back`; false when the chain is empty. */
  pop(chain: number): boolean {
    const block = this.heads[chain];
    if (block === NONE) return false;
    const fill = this.fills[chain] - 1;
    const slab = this.slabs[block >>> SLAB_BLOCKS_BITS]!;
    const word = (block & (SLAB_BLOCKS - 1)) * BLOCK_WORDS + fill;
    const half = (block & (SLAB_BLOCKS - 1)) * BLOCK_WORDS * 2 + fill;
    this.hash = slab.words[word];
    this.address = joinAddress(slab.halves[half + HIGH_HALF], slab.words[word + LOW_WORD]);
    this.table = slab.halves[half + TABLE_HALF];
    this.back = slab.halves[half + BACK_HALF];
    this.size--;
    this.fills[chain] = fill;
    if (fill === 0) {
      const next = slab.words[word + NEXT_WORD];
      this.heads[chain] = next;
      if (next !== NONE) this.fills[chain] = BLOCK_ENTRIES;
      this.giveBlock(slab, block);
    }
    return true;
  }

  /** Moves the whole of chain `from` to the empty chain `to`, in constant time. */
  move(from: number, to: number): void {
    this.heads[to] = this.heads[from];
    this.fills[to] = this.fills[from];
    this.heads[from] = NONE;
    this.fills[from] = 0;
  }

  /** Entries of one chain; walks its blocks. */
  countOf(chain: number): number {
    let count = this.fills[chain];
    for (let block = this.nextBlock(this.heads[chain]); block !== NONE; block = this.nextBlock(block)) {
      count += BLOCK_ENTRIES;
    }
    return count;
  }

  /** Copies the blocks of a chain to `target`, first block first, unused places as zeros. Returns the index after. */
  copyTo(chain: number, target: Int32Array, wordOffset: number): number {
    for (let block = this.heads[chain]; block !== NONE; block = this.nextBlock(block)) {
      const words = this.slabs[block >>> SLAB_BLOCKS_BITS]!.words;
      const from = (block & (SLAB_BLOCKS - 1)) * BLOCK_WORDS;
      for (let i = 0; i < NEXT_WORD; i++) target[wordOffset + i] = words[from + i];
      if (block === this.heads[chain]) clearUnused(target, wordOffset, this.fills[chain]);
      wordOffset += NEXT_WORD;
    }
    return wordOffset;
  }

  private nextBlock(block: number): number {
    if (block === NONE) return NONE;
    const slab = this.slabs[block >>> SLAB_BLOCKS_BITS]!;
    return slab.words[(block & (SLAB_BLOCKS - 1)) * BLOCK_WORDS + NEXT_WORD];
  }

  private takeBlock(next: number): number {
    const slab = this.openSlab();
    if (slab.used++ === 0) this.emptySlabCount--;
    let index = slab.free;
    if (index === NONE) index = slab.fresh++;
    else slab.free = slab.words[index * BLOCK_WORDS + NEXT_WORD];
    slab.words[index * BLOCK_WORDS + NEXT_WORD] = next;
    if (slab.used === SLAB_BLOCKS) this.open.pop();
    return slab.firstBlock + index;
  }

  private openSlab(): Slab {
    if (this.open.length > 0) return this.open[this.open.length - 1];
    let number = this.slabs.indexOf(undefined);
    if (number === -1) number = this.slabs.length;
    const buffer = new ArrayBuffer(SLAB_SIZE_BYTES);
    const firstBlock = number << SLAB_BLOCKS_BITS;
    const words = new Int32Array(buffer);
    const slab = { words, halves: new Uint16Array(buffer), firstBlock, used: 0, fresh: 0, free: NONE };
    this.slabs[number] = slab;
    this.slabCount++;
    this.emptySlabCount++;
    this.open.push(slab);
    return slab;
  }

  private giveBlock(slab: Slab, block: number): void {
    const index = block & (SLAB_BLOCKS - 1);
    slab.words[index * BLOCK_WORDS + NEXT_WORD] = slab.free;
    slab.free = index;
    if (slab.used-- === SLAB_BLOCKS) this.open.push(slab);
    if (slab.used > 0) return;
    this.emptySlabCount++;
    if (this.size === 0) this.letAllGo();
    else if (this.emptySlabCount > 1) this.letGo(slab);
  }

  private letGo(slab: Slab): void {
    this.slabs[slab.firstBlock >>> SLAB_BLOCKS_BITS] = undefined;
    this.open.splice(this.open.indexOf(slab), 1);
    this.slabCount--;
    this.emptySlabCount--;
  }

  private letAllGo(): void {
    this.slabs = [];
    this.open = [];
    this.slabCount = 0;
    this.emptySlabCount = 0;
  }
}

/** Clears the places from `fill` on of a copied block, which hold what was there before. */
function clearUnused(target: Int32Array, wordOffset: number, fill: number): void {
  const halves = new Uint16Array(target.buffer, target.byteOffset + wordOffset * 4, BLOCK_SIZE_BYTES / 2);
  target.fill(0, wordOffset + fill, wordOffset + LOW_WORD);
  target.fill(0, wordOffset + LOW_WORD + fill, wordOffset + LOW_WORD + BLOCK_ENTRIES);
  for (const start of [HIGH_HALF, TABLE_HALF, BACK_HALF]) halves.fill(0, start + fill, start + BLOCK_ENTRIES);
}
