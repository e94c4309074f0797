/**
 * Memory of a sorted set's order: entries of a score and a member, 128 to a leaf, 16 leaves to a slab.
 *
 * An entry is a double, and three words: the discriminator in two, and between them the reference.
 *
 * | word | holds |
 * |---|---|
 * | `3 * i` | 31 bits of the member after the prefix that all members have in common; bit 0: the reference is an id |
 * | `3 * i + 1` | the member's hash, or its id in `ExplicitKeys` |
 * | `3 * i + 2` | the next 32 bits of the member |
 *
 * The first slab begins with 8 entries and doubles: most sets are small. Later slabs come whole, so that no more than 40 KiB
 * are ever copied at once. How many entries a leaf has, and which come in which order, `ScoreOrder` knows.
 */

export const LEAF_ENTRIES = 128;
const LEAF_SHIFT = 7;
const SLAB_LEAVES = 16;
const SLAB_SHIFT = 4;
const SLAB_MASK = SLAB_LEAVES - 1;
const SLAB_ENTRIES = SLAB_LEAVES * LEAF_ENTRIES;
const ENTRIES_AT_FIRST = 8;
/** Words of an entry beside its score. */
export const ENTRY_WORDS = 3;
const ENTRY_BYTES = 8 + 4 * ENTRY_WORDS;
/** So few entries are moved faster by a loop than by the platform. */
const LOOP_ENTRIES_MAX = 24;
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
  insertAt(
    leaf: number,
    count: number,
    position: number,
    score: number,
    disc: number,
    ref: number,
    more: number,
  ): void {
    const { scores, words } = this.slabOf(leaf);
    const base = this.baseOf(leaf);
    const at = base + position;
    moveUp(scores, words, at, base + count, 1);
    scores[at] = score;
    words[ENTRY_WORDS * at] = disc;
    words[ENTRY_WORDS * at + 1] = ref;
    words[ENTRY_WORDS * at + 2] = more;
  }

  /** Makes room for entries before the first one of a leaf, which has room behind the last. */
  shift(leaf: number, count: number, by: number): void {
    const { scores, words } = this.slabOf(leaf);
    const base = this.baseOf(leaf);
    moveUp(scores, words, base, base + count, by);
  }

  removeAt(leaf: number, count: number, position: number): void {
    const { scores, words } = this.slabOf(leaf);
    const base = this.baseOf(leaf);
    moveDown(scores, words, base + position, base + count, 1);
  }

  /** Takes the first entries of a leaf away. */
  removeFront(leaf: number, count: number, removed: number): void {
    const { scores, words } = this.slabOf(leaf);
    const base = this.baseOf(leaf);
    moveDown(scores, words, base, base + count, removed);
  }

  /** Copies entries `[from, until)` of a leaf to another one, from its entry `targetAt` on. */
  copy(leaf: number, from: number, until: number, target: number, targetAt: number): void {
    const source = this.slabOf(leaf);
    const start = this.baseOf(leaf) + from;
    const end = this.baseOf(leaf) + until;
    const { scores, words } = this.slabOf(target);
    const at = this.baseOf(target) + targetAt;
    scores.set(source.scores.subarray(start, end), at);
    words.set(source.words.subarray(ENTRY_WORDS * start, ENTRY_WORDS * end), ENTRY_WORDS * at);
  }

  /** Calls `visit` with the words of every slab. */
  forEachSlab(visit: (words: Int32Array) => void): void {
    for (const { words } of this.slabs) visit(words);
  }
}

function makeSlab(entries: number): ScoreSlab {
  const memory = new ArrayBuffer(entries * ENTRY_BYTES);
  const words = new Int32Array(memory, entries * 8, entries * ENTRY_WORDS);
  return { scores: new Float64Array(memory, 0, entries), words };
}

/** Moves entries `[at, end)` up by some places. */
function moveUp(scores: Float64Array, words: Int32Array, at: number, end: number, by: number): void {
  if (end - at > LOOP_ENTRIES_MAX) {
    scores.copyWithin(at + by, at, end);
    words.copyWithin(ENTRY_WORDS * (at + by), ENTRY_WORDS * at, ENTRY_WORDS * end);
    return;
  }
  for (let i = end - 1; i >= at; i--) scores[i + by] = scores[i];
  const distance = ENTRY_WORDS * by;
  for (let i = ENTRY_WORDS * end - 1; i >= ENTRY_WORDS * at; i--) words[i + distance] = words[i];
}

/** Moves entries `[at + by, end)` down, over those from `at` on. */
function moveDown(scores: Float64Array, words: Int32Array, at: number, end: number, by: number): void {
  if (end - at > LOOP_ENTRIES_MAX) {
    scores.copyWithin(at, at + by, end);
    words.copyWithin(ENTRY_WORDS * at, ENTRY_WORDS * (at + by), ENTRY_WORDS * end);
    return;
  }
  for (let i = at + by; i < end; i++) scores[i - by] = scores[i];
  const distance = ENTRY_WORDS * by;
  for (let i = ENTRY_WORDS * at + distance; i < ENTRY_WORDS * end; i++) words[i - distance] = words[i];
}
