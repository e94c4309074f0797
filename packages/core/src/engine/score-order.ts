/**
 * The order of a sorted set: its members by score, and by their bytes where scores are equal. Rank, and ranges of any kind.
 *
 * A counted B+ tree of three levels: a root of blocks, blocks of up to 128 leaves, leaves of up to 128 entries. An entry is
 * a score, a discriminator (63 bits of the member after what all members have in common) and the member's hash, by which the
 * collection's table finds its record. So where a record lies does not matter here: rewriting, relocating or sealing it
 * changes nothing. Only where score and discriminator are both equal, the member itself is asked of the `MemberLoader`,
 * which may have to read the disk. It is memory alone: what it says can be told from the members, and is, after an open.
 *
 * What always holds:
 * 1. Every entry can be loaded whenever a method is called that compares: a member leaves the order before the table.
 * 2. At most one entry for a hash refers to it; the others keep their members here (`ExplicitKeys`).
 * 3. A directory has, for each child, the very first entry below it, and the number of entries below it.
 * 4. `seek` does all reading, and changes nothing; `insertHere` and `removeHere` go where it has been, and read nothing.
 *    `moveHere` reads again what `seekMove` has read.
 * 5. While it is being built (`ScoreBuild`), it is told of changes of all members, also of those that it does not have yet.
 *
 * A full leaf gives entries to a neighbour that has room before it is split: so four fifths of the places are in use.
 *
 * Called by `sorted-members.ts`.
 */

import { compareBytes } from '../base/bytes.ts';
import { ExplicitKeys } from './explicit-keys.ts';
import type { ForeseenScores } from './foreseen-scores.ts';
import { copyOfBytes, discOf, sharedLength } from './ordered-nodes.ts';
import { ScoreDirectory } from './score-directory.ts';
import { ENTRY_WORDS, LEAF_ENTRIES, ScoreLeaves } from './score-leaves.ts';

const BLOCK_LEAVES_MAX = 128;
/** A leaf or block with fewer is merged with a neighbour if both together stay under `MERGED_MAX`. */
const SPARSE = 32;
const MERGED_MAX = 96;
/** A leaf takes entries of a full neighbour while so many places or more are free. */
const FREE_MIN = 24;
const PREFIX_SIZE_MAX_BYTES = 32;
const DISC_BYTES = 4;
const MARK_EXPLICIT = 1;
/** Discriminators of what comes before, and after, all members of a score. */
const DISC_FIRST = -1;
const DISC_LAST = 2 ** 31;
const NO_BYTES = new Uint8Array(0);
/** What the object and its lists take, about. */
const ORDER_BYTES = 400;

/** How the order learns the bytes of a member that it knows by hash. */
export interface MemberLoader {
  /** Points `bytes`, `start`, `length` at the member with this hash that is none of `others`. */
  load(hash: number, others: readonly Uint8Array[] | undefined): void;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly length: number;
}

/** A build under way. */
export interface OrderBuild {
  /** Goes a little further; true at the end. */
  step(): boolean;
  /** Goes on by itself, a slice a turn of the loop; resolves when there is nothing left to do, or it has failed. */
  run(): Promise<void>;
}

/** Entries that were copied out, in the order asked for. */
export class ScoreEntries {
  count = 0;
  readonly scores: Float64Array;
  readonly hashes: Int32Array;
  /** The member, where its hash alone does not find it. */
  readonly members: (Uint8Array | null)[];

  constructor(countMax: number) {
    this.scores = new Float64Array(countMax);
    this.hashes = new Int32Array(countMax);
    this.members = new Array(countMax).fill(null);
  }
}

/** Where members stand, by score and by their bytes. */
export interface RankOrder {
  readonly count: number;
  /** Rank of the first member whose score is not below `score`, or is above it. */
  rankOfScore(score: number, isAfter: boolean): number;
  /** Rank of the first member that is not before these bytes, or is after them; all members have the same score. */
  rankOfMember(bytes: Uint8Array, start: number, length: number, isAfter: boolean): number;
}

export class ScoreOrder implements RankOrder {
  count = 0;
  /** What still has to be done before it has all members. */
  build: OrderBuild | null = null;
  /** Goes up whenever a member was loaded, so that what was located before is not any more. */
  loads = 0;
  private readonly loader: MemberLoader;
  private readonly leaves = new ScoreLeaves();
  /** null while there is one leaf only. */
  private root: ScoreDirectory | null = null;
  private readonly blocks: ScoreDirectory[] = [];
  private readonly freeBlocks: number[] = [];
  private prefix: Uint8Array = NO_BYTES;
  private prefixLength = 0;
  private explicit: ExplicitKeys | null = null;

  // What is sought.
  private score = 0;
  private disc = 0;
  private more = 0;
  private bytes: Uint8Array = NO_BYTES;
  private start = 0;
  private length = 0;
  private ignoresScore = false;
  /** Whether it is the one member with this hash. */
  private isKnown = false;
  private hash = 0;

  /** Whether the last `seek` met the very entry. */
  isFound = false;
  // Where it stopped: places in the root and the block, the leaf, its count, and the place in it.
  private atRoot = 0;
  private atBlock = 0;
  private leaf = 0;
  private leafCount = 0;
  private position = 0;
  // Of the search at hand.
  private hit = false;

  constructor(loader: MemberLoader) {
    this.loader = loader;
    this.leaves.take();
  }

  get bytesHeld(): number {
    let bytes = ORDER_BYTES + this.leaves.bytesHeld + (this.explicit?.bytesHeld ?? 0);
    if (this.root !== null) bytes += this.root.bytesHeld;
    for (const block of this.blocks) bytes += block.bytesHeld;
    return bytes;
  }

  /** Finds the place of a member with a score: `isFound` says whether it is there. */
  seek(score: number, bytes: Uint8Array, start: number, length: number): void {
    this.isKnown = false;
    this.seekBytes(score, bytes, start, length);
  }

  /** The same for a member that the set has, with its hash: its entry is known by that, it need not be loaded. */
  seekMember(score: number, bytes: Uint8Array, start: number, length: number, hash: number): void {
    // While the order is being built, another member with the hash may be there, and this one not.
    this.isKnown = this.build === null && this.othersOf(hash) === undefined;
    this.hash = hash;
    this.seekBytes(score, bytes, start, length);
  }

  private seekBytes(score: number, bytes: Uint8Array, start: number, length: number): void {
    this.score = score;
    this.discriminate(bytes, start, length);
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.descend();
  }

  rankOfScore(score: number, isAfter: boolean): number {
    this.score = score;
    this.disc = isAfter ? DISC_LAST : DISC_FIRST;
    this.more = 0;
    this.descend();
    return this.rank;
  }

  rankOfMember(bytes: Uint8Array, start: number, length: number, isAfter: boolean): number {
    this.ignoresScore = true;
    try {
      this.seek(0, bytes, start, length);
    } finally {
      this.ignoresScore = false;
    }
    return this.rank + (isAfter && this.isFound ? 1 : 0);
  }

  /** Touches what seeks of foreseen scores will look at. One leaf is in the caches anyway. */
  touchForeseen(foreseen: ForeseenScores): void {
    if (this.root !== null) foreseen.touch(this.root, this.blocks, this.leaves);
  }

  /** Of the place that was sought. */
  get rank(): number {
    const { root } = this;
    if (root === null) return this.position;
    const block = this.blocks[root.children[this.atRoot]];
    return root.countBefore(this.atRoot) + block.countBefore(this.atBlock) + this.position;
  }

  /** Adds the member that `seek` did not find. `collides`: another member of the collection has the same hash. */
  insertHere(hash: number, collides: boolean): void {
    const { bytes, start, length } = this;
    if (!collides) {
      this.insertRef(hash, 0);
      return;
    }
    this.explicit ??= new ExplicitKeys();
    this.insertRef(this.explicit.add(hash, copyOfBytes(bytes, start, length)), MARK_EXPLICIT);
  }

  private insertRef(ref: number, mark: number): void {
    const { bytes, start, length } = this;
    this.fitPrefix(bytes, start, length);
    this.setDisc(bytes, start + this.prefixLength, length - this.prefixLength);
    if (this.leafCount === LEAF_ENTRIES) this.relieveLeaf();
    const { leaf, leafCount, position } = this;
    this.leaves.makeRoom(leaf, leafCount + 1);
    this.leaves.insertAt(leaf, leafCount, position, this.score, (this.disc << 1) | mark, ref, this.more | 0);
    this.addToCounts(1);
    if (position === 0) this.firstChanged();
  }

  /**
   * Does all reading that moving a member from one score to another needs; `isAllHere`: all that it may read is in memory, so
   * that there is no need to. Whether the member is there; it is sought then.
   */
  seekMove(old: number, score: number, bytes: Uint8Array, length: number, hash: number, isAllHere: boolean): boolean {
    if (!isAllHere) this.seek(score, bytes, 0, length);
    this.seekMember(old, bytes, 0, length, hash);
    return this.isFound;
  }

  /** Moves the entry that `seekMove` found to another score. It keeps its reference. */
  moveHere(score: number): void {
    const { bytes, start, length } = this;
    const { words } = this.leaves.slabOf(this.leaf);
    const word = ENTRY_WORDS * (this.leaves.baseOf(this.leaf) + this.position);
    const mark = words[word] & MARK_EXPLICIT;
    const ref = words[word + 1];
    this.removeEntry();
    this.seek(score, bytes, start, length);
    this.insertRef(ref, mark);
  }

  /** Removes the entry that `seek` found. */
  removeHere(): void {
    const { words } = this.leaves.slabOf(this.leaf);
    const word = ENTRY_WORDS * (this.leaves.baseOf(this.leaf) + this.position);
    if ((words[word] & MARK_EXPLICIT) !== 0) this.explicit?.remove(words[word + 1]);
    this.removeEntry();
  }

  private removeEntry(): void {
    const { leaf, leafCount, position } = this;
    this.leaves.removeAt(leaf, leafCount, position);
    this.addToCounts(-1);
    if (this.root === null) return;
    if (this.leafCount === 0) this.dropLeaf();
    else {
      if (position === 0) this.firstChanged();
      if (this.leafCount < SPARSE) this.mergeLeaf(this.root);
    }
  }

  /** Gives the entry that `seek` found another score, if it stays where it is; false if it does not, or may not. */
  tryRescore(score: number): boolean {
    const { position, leafCount } = this;
    const { scores } = this.leaves.slabOf(this.leaf);
    const at = this.leaves.baseOf(this.leaf) + position;
    if (position === 0 || position === leafCount - 1 || !(scores[at - 1] < score && score < scores[at + 1]))
      return false;
    scores[at] = score;
    return true;
  }

  /** Copies `count` entries from a rank on, upwards or downwards; all of them are there. */
  copy(rank: number, count: number, isDownward: boolean, out: ScoreEntries): void {
    out.count = count;
    if (count === 0) return;
    const step = isDownward ? -1 : 1;
    this.goToRank(rank);
    for (let i = 0; i < count; ) {
      const { scores, words } = this.leaves.slabOf(this.leaf);
      let at = this.leaves.baseOf(this.leaf) + this.position;
      const here = Math.min(count - i, isDownward ? this.position + 1 : this.leafCount - this.position);
      for (const end = i + here; i < end; i++, at += step) {
        out.scores[i] = scores[at];
        this.copyRef(words[ENTRY_WORDS * at], words[ENTRY_WORDS * at + 1], out, i);
      }
      if (i < count) this.goToNeighbour(step);
    }
  }

  /** Members with this hash that are kept here. */
  othersOf(hash: number): readonly Uint8Array[] | undefined {
    return this.explicit?.keysOf(hash);
  }

  private copyRef(disc: number, ref: number, out: ScoreEntries, i: number): void {
    if ((disc & MARK_EXPLICIT) === 0) {
      out.hashes[i] = ref;
      out.members[i] = null;
    } else {
      const explicit = this.explicit as ExplicitKeys;
      out.hashes[i] = explicit.hashAt(ref);
      out.members[i] = explicit.keyAt(ref);
    }
  }

  private discriminate(bytes: Uint8Array, start: number, length: number): void {
    const { prefix, prefixLength } = this;
    const shared = sharedLength(bytes, start, length, prefix, 0, prefixLength);
    if (shared === prefixLength) this.setDisc(bytes, start + shared, length - shared);
    else {
      this.disc = shared === length || bytes[start + shared] < prefix[shared] ? DISC_FIRST : DISC_LAST;
      this.more = 0;
    }
  }

  /** Discriminates by the first 63 bits of these bytes. */
  private setDisc(bytes: Uint8Array, start: number, length: number): void {
    const high = discOf(bytes, start, length);
    this.disc = high >>> 1;
    this.more = ((high << 31) | (discOf(bytes, start + DISC_BYTES, length - DISC_BYTES) >>> 1)) >>> 0;
  }

  /** From the root to the first entry that is not before what is sought. */
  private descend(): void {
    const { root } = this;
    if (root === null) {
      this.leaf = 0;
      this.leafCount = this.count;
    } else {
      this.atRoot = this.childIn(root);
      const block = this.blocks[root.children[this.atRoot]];
      this.atBlock = this.childIn(block);
      this.leaf = block.children[this.atBlock];
      this.leafCount = block.counts[this.atBlock];
    }
    const { scores, words } = this.leaves.slabOf(this.leaf);
    const base = this.leaves.baseOf(this.leaf);
    this.position = this.search(scores, words, base, base + this.leafCount) - base;
    this.isFound = this.hit;
  }

  private childIn(directory: ScoreDirectory): number {
    const at = this.search(directory.scores, directory.words, 1, directory.size);
    return this.hit ? at : at - 1;
  }

  /** The first of entries `[low, high)` that is not before what is sought; `hit` says whether it is that. */
  private search(scores: Float64Array, words: Int32Array, from: number, until: number): number {
    const { score, disc, more, ignoresScore } = this;
    let low = from;
    let high = until;
    this.hit = false;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const own = scores[middle];
      if (own < score && !ignoresScore) low = middle + 1;
      else if (own > score && !ignoresScore) high = middle;
      else {
        const word = words[ENTRY_WORDS * middle];
        const ownDisc = word >>> 1;
        const ownMore = words[ENTRY_WORDS * middle + 2] >>> 0;
        if (ownDisc < disc || (ownDisc === disc && ownMore < more)) low = middle + 1;
        else if (ownDisc > disc || ownMore > more) high = middle;
        else {
          const order = this.compareMember(word, words[ENTRY_WORDS * middle + 1]);
          if (order > 0) low = middle + 1;
          else high = middle;
          if (order === 0) {
            this.hit = true;
            return middle;
          }
        }
      }
    }
    return low;
  }

  /** Order of what is sought and the member of an entry. */
  private compareMember(word: number, ref: number): number {
    const { bytes, start, length, loader, explicit } = this;
    if ((word & MARK_EXPLICIT) !== 0) {
      const key = explicit?.keyAt(ref) as Uint8Array;
      return compareBytes(bytes, start, length, key, 0, key.length);
    }
    if (this.isKnown && ref === this.hash) return 0;
    this.loads++;
    loader.load(ref, explicit?.keysOf(ref));
    return compareBytes(bytes, start, length, loader.bytes, loader.start, loader.length);
  }

  /** Shortens what all members have in common to what this one has, too. */
  private fitPrefix(bytes: Uint8Array, start: number, length: number): void {
    if (this.count === 0) {
      this.prefix = copyOfBytes(bytes, start, Math.min(length, PREFIX_SIZE_MAX_BYTES));
      this.prefixLength = this.prefix.length;
      return;
    }
    const shared = sharedLength(bytes, start, length, this.prefix, 0, this.prefixLength);
    if (shared === this.prefixLength) return;
    const lost = this.prefixLength - shared;
    const front = discOf(this.prefix, shared, lost);
    const frontMore = discOf(this.prefix, shared + DISC_BYTES, lost - DISC_BYTES);
    this.prefixLength = shared;
    const widen = (words: Int32Array): void => {
      for (let i = 0; i < words.length; i += ENTRY_WORDS) {
        const high = (words[i] & ~MARK_EXPLICIT) | (words[i + 2] >>> 31);
        const nextHigh = front | shifted(0, high, lost);
        const nextLow = frontMore | shifted(high, words[i + 2] << 1, lost);
        words[i] = (nextHigh & ~MARK_EXPLICIT) | (words[i] & MARK_EXPLICIT);
        words[i + 2] = (nextHigh << 31) | (nextLow >>> 1);
      }
    };
    this.leaves.forEachSlab(widen);
    for (const block of this.blocks) widen(block.words);
    if (this.root !== null) widen(this.root.words);
  }

  private addToCounts(difference: number): void {
    this.count += difference;
    this.leafCount += difference;
    const { root } = this;
    if (root === null) return;
    root.counts[this.atRoot] += difference;
    this.blocks[root.children[this.atRoot]].counts[this.atBlock] += difference;
  }

  /** The first entry of the leaf at hand is another one: directories have it, too. */
  private firstChanged(): void {
    const { root } = this;
    if (root === null) return;
    const block = this.blocks[root.children[this.atRoot]];
    this.setFirstOfLeaf(block, this.atBlock);
    if (this.atBlock === 0) this.setFirstOfBlock(root, this.atRoot);
  }

  private setFirstOfLeaf(block: ScoreDirectory, at: number): void {
    const leaf = block.children[at];
    const { scores, words } = this.leaves.slabOf(leaf);
    const base = this.leaves.baseOf(leaf);
    block.setFirst(at, scores, words, base);
  }

  private setFirstOfBlock(root: ScoreDirectory, at: number): void {
    const { scores, words } = this.blocks[root.children[at]];
    root.setFirst(at, scores, words, 0);
  }

  /** Makes room in the full leaf at hand. */
  private relieveLeaf(): void {
    const root = this.root ?? this.makeRoot();
    const block = this.blocks[root.children[this.atRoot]];
    const { atBlock } = this;
    const isInOrder = this.position === LEAF_ENTRIES && this.isLastLeaf(root, block);
    if (!isInOrder && atBlock + 1 < block.size && LEAF_ENTRIES - block.counts[atBlock + 1] >= FREE_MIN) {
      this.giveRight(block);
    } else if (!isInOrder && atBlock > 0 && LEAF_ENTRIES - block.counts[atBlock - 1] >= FREE_MIN) {
      this.giveLeft(block);
    } else this.splitLeaf(root);
  }

  /** The last entries of the leaf at hand, which is full, go to the next one. */
  private giveRight(block: ScoreDirectory): void {
    const { leaves, leaf, atBlock } = this;
    const right = block.children[atBlock + 1];
    const count = block.counts[atBlock + 1];
    const moved = (LEAF_ENTRIES - count) >>> 1;
    const kept = LEAF_ENTRIES - moved;
    leaves.makeRoom(right, count + moved);
    leaves.shift(right, count, moved);
    leaves.copy(leaf, kept, LEAF_ENTRIES, right, 0);
    block.counts[atBlock] = kept;
    block.counts[atBlock + 1] = count + moved;
    this.setFirstOfLeaf(block, atBlock + 1);
    this.leafCount = kept;
    if (this.position <= kept) return;
    this.position -= kept;
    this.atBlock++;
    this.goToLeaf(block);
  }

  /** The first entries of the leaf at hand, which is full, go to the one before. */
  private giveLeft(block: ScoreDirectory): void {
    const { leaves, leaf, atBlock } = this;
    const left = block.children[atBlock - 1];
    const count = block.counts[atBlock - 1];
    const moved = (LEAF_ENTRIES - count) >>> 1;
    leaves.makeRoom(left, count + moved);
    leaves.copy(leaf, 0, moved, left, count);
    leaves.removeFront(leaf, LEAF_ENTRIES, moved);
    block.counts[atBlock - 1] = count + moved;
    block.counts[atBlock] = LEAF_ENTRIES - moved;
    this.setFirstOfLeaf(block, atBlock);
    this.leafCount = LEAF_ENTRIES - moved;
    this.position -= moved;
    if (this.position >= 0) return;
    this.position += count + moved;
    this.atBlock--;
    this.goToLeaf(block);
  }

  /** Half of the leaf at hand, which is full, goes into a new one, or nothing, where entries come in order. */
  private splitLeaf(root: ScoreDirectory): void {
    let block = this.blocks[root.children[this.atRoot]];
    if (block.size === BLOCK_LEAVES_MAX) block = this.splitBlock(root, block);
    const isInOrder = this.position === LEAF_ENTRIES && this.isLastLeaf(root, block);
    const kept = isInOrder ? LEAF_ENTRIES : LEAF_ENTRIES / 2;
    const moved = LEAF_ENTRIES - kept;
    const right = this.leaves.take();
    this.leaves.makeRoom(right, moved + 1);
    this.leaves.copy(this.leaf, kept, LEAF_ENTRIES, right, 0);
    block.counts[this.atBlock] = kept;
    block.insertAt(this.atBlock + 1, right, moved);
    if (moved > 0) this.setFirstOfLeaf(block, this.atBlock + 1);
    this.leafCount = kept;
    if (this.position > kept || isInOrder) {
      this.leaf = right;
      this.leafCount = moved;
      this.position -= kept;
      this.atBlock++;
    }
  }

  private isLastLeaf(root: ScoreDirectory, block: ScoreDirectory): boolean {
    return this.atRoot === root.size - 1 && this.atBlock === block.size - 1;
  }

  private makeRoot(): ScoreDirectory {
    const root = new ScoreDirectory();
    const block = new ScoreDirectory();
    this.blocks.push(block);
    block.insertAt(0, 0, this.count);
    root.insertAt(0, 0, this.count);
    this.root = root;
    this.atRoot = 0;
    this.atBlock = 0;
    this.firstChanged();
    return root;
  }

  /** Half of a full block goes into a new one. Returns the one that has the leaf at hand. */
  private splitBlock(root: ScoreDirectory, block: ScoreDirectory): ScoreDirectory {
    const isInOrder = this.isLastLeaf(root, block);
    const kept = isInOrder ? BLOCK_LEAVES_MAX - 1 : BLOCK_LEAVES_MAX / 2;
    const right = new ScoreDirectory();
    const moved = block.moveTail(kept, right);
    const free = this.freeBlocks.pop() ?? this.blocks.length;
    this.blocks[free] = right;
    root.counts[this.atRoot] -= moved;
    root.insertAt(this.atRoot + 1, free, moved);
    this.setFirstOfBlock(root, this.atRoot + 1);
    if (this.atBlock < kept) return block;
    this.atRoot++;
    this.atBlock -= kept;
    return right;
  }

  /** The leaf at hand has no entries any more. */
  private dropLeaf(): void {
    const root = this.root as ScoreDirectory;
    const block = this.blocks[root.children[this.atRoot]];
    // One that is left is kept, empty: it is the first and the last.
    if (block.size === 1 && root.size === 1) return;
    this.leaves.release(this.leaf);
    block.removeAt(this.atBlock);
    if (block.size > 0) {
      if (this.atBlock === 0) this.setFirstOfBlock(root, this.atRoot);
      this.mergeBlock(root);
      return;
    }
    this.freeBlocks.push(root.children[this.atRoot]);
    root.removeAt(this.atRoot);
  }

  /** Joins the sparse leaf at hand with a neighbour of its block, if that has room. */
  private mergeLeaf(root: ScoreDirectory): void {
    const block = this.blocks[root.children[this.atRoot]];
    const left = this.atBlock > 0 ? this.atBlock - 1 : 0;
    if (left + 1 >= block.size || block.counts[left] + block.counts[left + 1] > MERGED_MAX) return;
    const [target, source] = [block.children[left], block.children[left + 1]];
    this.leaves.makeRoom(target, block.counts[left] + block.counts[left + 1]);
    this.leaves.copy(source, 0, block.counts[left + 1], target, block.counts[left]);
    block.counts[left] += block.counts[left + 1];
    block.removeAt(left + 1);
    this.leaves.release(source);
    this.mergeBlock(root);
  }

  private mergeBlock(root: ScoreDirectory): void {
    const left = this.atRoot > 0 ? this.atRoot - 1 : 0;
    if (left + 1 >= root.size || this.blocks[root.children[this.atRoot]].size >= SPARSE) return;
    const target = this.blocks[root.children[left]];
    const source = this.blocks[root.children[left + 1]];
    if (target.size + source.size > MERGED_MAX) return;
    root.counts[left] += source.moveTail(0, target);
    this.freeBlocks.push(root.children[left + 1]);
    root.removeAt(left + 1);
  }

  private goToRank(rank: number): void {
    const { root } = this;
    if (root === null) {
      this.leaf = 0;
      this.leafCount = this.count;
      this.position = rank;
      return;
    }
    let left = rank;
    this.atRoot = 0;
    while (left >= root.counts[this.atRoot]) left -= root.counts[this.atRoot++];
    const block = this.blocks[root.children[this.atRoot]];
    this.atBlock = 0;
    while (left >= block.counts[this.atBlock]) left -= block.counts[this.atBlock++];
    this.goToLeaf(block);
    this.position = left;
  }

  private goToLeaf(block: ScoreDirectory): void {
    this.leaf = block.children[this.atBlock];
    this.leafCount = block.counts[this.atBlock];
  }

  /** To the first entry of the next leaf, or to the last one of the leaf before. */
  private goToNeighbour(step: number): void {
    const root = this.root as ScoreDirectory;
    let block = this.blocks[root.children[this.atRoot]];
    this.atBlock += step;
    if (this.atBlock < 0 || this.atBlock === block.size) {
      this.atRoot += step;
      block = this.blocks[root.children[this.atRoot]];
      this.atBlock = step > 0 ? 0 : block.size - 1;
    }
    this.goToLeaf(block);
    this.position = step > 0 ? 0 : this.leafCount - 1;
  }
}

/** The second of two words that are shifted down by so many bytes, one or more. */
function shifted(high: number, low: number, bytes: number): number {
  if (bytes >= 2 * DISC_BYTES) return 0;
  if (bytes === DISC_BYTES) return high;
  return bytes > DISC_BYTES ? high >>> (8 * (bytes - DISC_BYTES)) : (low >>> (8 * bytes)) | (high << (32 - 8 * bytes));
}
