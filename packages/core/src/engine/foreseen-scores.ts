/**
 * Looks ahead in the order of a sorted set: where foreseen members stand, and where those go that a pipeline gives scores.
 *
 * A search in a leaf waits for some four lines of memory, one after the other. Here many searches go side by side, a step of
 * each at a time, so that their misses overlap. All of it is a hint, as in `ForeseenKeys`: nothing is found by it.
 */
import { COLD_BASE } from './address.ts';
import { FORESEEN_KEYS_MAX, type ForeseenKeys } from './foreseen-keys.ts';
import type { Log } from './log.ts';
import { keyLengthOf, keyOffsetOf, valueLengthOf } from './record.ts';
import type { ScoreDirectory } from './score-directory.ts';
import { ENTRY_WORDS, LEAF_ENTRIES, type ScoreLeaves } from './score-leaves.ts';

const SCORE_BYTES = 8;
/** Of each member the score that it has, and the one that it gets. */
const SCORES_MAX = 2 * FORESEEN_KEYS_MAX;
const STEPS = Math.log2(LEAF_ENTRIES);

export class ForeseenScores {
  count = 0;
  private readonly scores = new Float64Array(SCORES_MAX);
  // By score where the search in its leaf is.
  private readonly leafOf = new Int32Array(SCORES_MAX);
  private readonly lows = new Int32Array(SCORES_MAX);
  private readonly highs = new Int32Array(SCORES_MAX);
  /** Keeps the touches of memory from being optimised away. */
  touched = 0;

  clear(): void {
    this.count = 0;
  }

  add(score: number): void {
    if (this.count < SCORES_MAX) this.scores[this.count++] = score;
  }

  /** Adds the scores of members whose records are in memory. */
  addRecords({ addresses, count }: ForeseenKeys, log: Log): void {
    const { memory, head } = log;
    for (let i = 0; i < count; i++) {
      const address = addresses[i];
      if (address < head || address >= COLD_BASE) continue;
      const unit = memory.unitOf(address);
      const { words, view } = memory.at(unit);
      const word = memory.wordOf(unit);
      if (valueLengthOf(words[word + 2]) !== SCORE_BYTES) continue;
      this.add(view.getFloat64(word * 4 + keyOffsetOf(words[word + 1]) + keyLengthOf(words, word), true));
    }
  }

  /** Touches the entries that searches for the scores will look at. */
  touch(root: ScoreDirectory, blocks: readonly ScoreDirectory[], leaves: ScoreLeaves): void {
    const { scores, leafOf, lows, highs, count } = this;
    for (let i = 0; i < count; i++) {
      const block = blocks[root.children[lastNotAbove(root, scores[i])]];
      const at = lastNotAbove(block, scores[i]);
      const leaf = block.children[at];
      leafOf[i] = leaf;
      lows[i] = leaves.baseOf(leaf);
      highs[i] = lows[i] + block.counts[at];
    }
    for (let step = 0; step < STEPS; step++) {
      for (let i = 0; i < count; i++) {
        const low = lows[i];
        const high = highs[i];
        if (low >= high) continue;
        const middle = (low + high) >>> 1;
        if (leaves.slabOf(leafOf[i]).scores[middle] < scores[i]) lows[i] = middle + 1;
        else highs[i] = middle;
      }
    }
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const { words } = leaves.slabOf(leafOf[i]);
      const at = ENTRY_WORDS * lows[i];
      if (at < words.length) touched ^= words[at];
    }
    this.touched ^= touched;
  }
}

/** The last child whose first entry has no score above this one; the first child if there is none. */
function lastNotAbove({ scores, size }: ScoreDirectory, score: number): number {
  let low = 1;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle] <= score) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
