/**
 * Memory of a sorted set's order: entries of a score and a member, 128 to a leaf, 64 leaves to a slab.
 *
 * An entry is a double, and two words: the discriminator, whose lowest bit says what the other one is, and the reference.
 *
 * | word | holds |
 * |---|---|
 * | `2 * i` | 31 bits of the member after the prefix that all members have in common; bit 0: the reference is an id |
 * | `2 * i + 1` | the member's hash, or its id in `ExplicitKeys` |
 *
 * The first slab begins with 8 entries and doubles: most sets are small. Later slabs come whole, so that no more than 128 KiB
 * are ever copied at once. How many entries a leaf has, and which come in which order, `ScoreOrder` knows.
 */

export const LEAF_ENTRIES = 128;
const LEAF_SHIFT = 7;
const SLAB_LEAVES = 64;
const SLAB_SHIFT = 6;
const SLAB_MASK = SLAB_LEAVES - 1;
const SLAB_ENTRIES = SLAB_LEAVES * LEAF_ENTRIES;
const ENTRIES_AT_FIRST = 8;
const ENTRY_BYTES = 16;
/** What the arrays of a slab take themselves. */
const SLAB_OVERHEAD_BYTES = 300;

interface ScoreSlab {
  readonly scores: Float64Array;
  readonly words: Int32Array;
}

export class ScoreLeaves {
  private readonly slabs: ScoreSlab[] = [makeSlab(ENTRIES_AT_FIRST)];
  private readonly free: number[] = [];
  private made = 0;

  get bytesHeld(): number {
    let bytes = 0;
    for (const slab of this.slabs) bytes += slab.scores.length * ENTRY_BYTES + SLAB_OVERHEAD_BYTES;
    return bytes;
  }

  /** A leaf whose entries mean nothing yet; `makeRoom` before they are written. */
  take(): number {
    const free = this.free.pop();
    if (free !== undefined) return free;
    const leaf = this.made++;
    if (leaf >>> SLAB_SHIFT === this.slabs.length) this.slabs.push(makeSlab(SLAB_ENTRIES));
    return leaf;
  }

  release(leaf: number): void {
    this.free.push(leaf);
  }

  slabOf(leaf: number): ScoreSlab {
    return this.slabs[leaf >>> SLAB_SHIFT];
  }

  /** Number of the leaf's first entry in its slab. */
  baseOf(leaf: number): number {
    return (leaf & SLAB_MASK) << LEAF_SHIFT;
  }

  /** The leaf gets room for so many entries, 128 at most. */
  makeRoom(leaf: number, entries: number): void {
    const slab = this.slabOf(leaf);
    const needed = this.baseOf(leaf) + entries;
    if (needed <= slab.scores.length) return;
    const larger = makeSlab(Math.min(SLAB_ENTRIES, Math.max(needed, 2 * slab.scores.length)));
    larger.scores.set(slab.scores);
    larger.words.set(slab.words);
    this.slabs[leaf >>> SLAB_SHIFT] = larger;
  }

  /** Puts what of the leaf is from `position` on one entry further, and the new one before it. The leaf has room. */
  insertAt(leaf: number, count: number, position: number, score: number, disc: number, ref: number): void {
    const { scores, words } = this.slabOf(leaf);
    const base = this.baseOf(leaf);
    const at = base + position;
    if (position < count) {
      scores.copyWithin(at + 1, at, base + count);
      words.copyWithin(2 * at + 2, 2 * at, 2 * (base + count));
    }
    scores[at] = score;
    words[2 * at] = disc;
    words[2 * at + 1] = ref;
  }

  removeAt(leaf: number, count: number, position: number): void {
    const { scores, words } = this.slabOf(leaf);
    const base = this.baseOf(leaf);
    const at = base + position;
    scores.copyWithin(at, at + 1, base + count);
    words.copyWithin(2 * at, 2 * at + 2, 2 * (base + count));
  }

  /** Appends entries `[from, until)` of a leaf to another one, which has `targetCount` and room for them. */
  append(leaf: number, from: number, until: number, target: number, targetCount: number): void {
    const source = this.slabOf(leaf);
    const start = this.baseOf(leaf) + from;
    const end = this.baseOf(leaf) + until;
    const { scores, words } = this.slabOf(target);
    const at = this.baseOf(target) + targetCount;
    scores.set(source.scores.subarray(start, end), at);
    words.set(source.words.subarray(2 * start, 2 * end), 2 * at);
  }

  /** Calls `visit` with the words of every slab. */
  forEachSlab(visit: (words: Int32Array) => void): void {
    for (const { words } of this.slabs) visit(words);
  }
}

function makeSlab(entries: number): ScoreSlab {
  const memory = new ArrayBuffer(entries * ENTRY_BYTES);
  return { scores: new Float64Array(memory, 0, entries), words: new Int32Array(memory, entries * 8, entries * 2) };
}
