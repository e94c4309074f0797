/**
 * A level above the leaves of a sorted set's order: for each child its first entry, its number and how many entries are
 * below it, so that ranks are sums. A plain row in typed arrays that double; the one who fills it says how long it gets.
 */

import { ENTRY_WORDS } from './score-leaves.ts';

const CHILDREN_AT_FIRST = 4;
const CHILD_BYTES = 28;

export class ScoreDirectory {
  size = 0;
  scores = new Float64Array(CHILDREN_AT_FIRST);
  /** As in leaves. */
  words = new Int32Array(ENTRY_WORDS * CHILDREN_AT_FIRST);
  children = new Int32Array(CHILDREN_AT_FIRST);
  counts = new Int32Array(CHILDREN_AT_FIRST);

  get bytesHeld(): number {
    return this.children.length * CHILD_BYTES;
  }

  insertAt(at: number, child: number, count: number): void {
    if (this.size === this.children.length) this.grow();
    const { scores, words, children, counts, size } = this;
    scores.copyWithin(at + 1, at, size);
    words.copyWithin(ENTRY_WORDS * (at + 1), ENTRY_WORDS * at, ENTRY_WORDS * size);
    children.copyWithin(at + 1, at, size);
    counts.copyWithin(at + 1, at, size);
    children[at] = child;
    counts[at] = count;
    this.size++;
  }

  /** The first entry below a child is entry `from` of a leaf, or of another directory. */
  setFirst(at: number, scores: Float64Array, words: Int32Array, from: number): void {
    this.scores[at] = scores[from];
    this.words[ENTRY_WORDS * at] = words[ENTRY_WORDS * from];
    this.words[ENTRY_WORDS * at + 1] = words[ENTRY_WORDS * from + 1];
    this.words[ENTRY_WORDS * at + 2] = words[ENTRY_WORDS * from + 2];
  }

  removeAt(at: number): void {
    const { scores, words, children, counts, size } = this;
    scores.copyWithin(at, at + 1, size);
    words.copyWithin(ENTRY_WORDS * at, ENTRY_WORDS * (at + 1), ENTRY_WORDS * size);
    children.copyWithin(at, at + 1, size);
    counts.copyWithin(at, at + 1, size);
    this.size--;
  }

  /** Moves the children from `from` on to the end of `target`. Returns how many entries are below them. */
  moveTail(from: number, target: ScoreDirectory): number {
    let moved = 0;
    for (let i = from; i < this.size; i++) {
      const at = target.size;
      target.insertAt(at, this.children[i], this.counts[i]);
      target.setFirst(at, this.scores, this.words, i);
      moved += this.counts[i];
    }
    this.size = from;
    return moved;
  }

  /** Entries below the children before `at`. */
  countBefore(at: number): number {
    const { counts } = this;
    let sum = 0;
    for (let i = 0; i < at; i++) sum += counts[i];
    return sum;
  }

  private grow(): void {
    const length = this.children.length * 2;
    const { scores, words, children, counts } = this;
    (this.scores = new Float64Array(length)).set(scores);
    (this.words = new Int32Array(ENTRY_WORDS * length)).set(words);
    (this.children = new Int32Array(length)).set(children);
    (this.counts = new Int32Array(length)).set(counts);
  }
}
