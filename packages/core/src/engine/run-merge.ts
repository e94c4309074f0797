/**
 * Merges sorted runs: gives the events of all of them in the order of their keys, for each key only the newest.
 *
 * A tree of losers in which most comparisons look at no byte (Ng and Kakehi, "Merging string sequences by longest
 * common prefixes", 2008): each run knows how many bytes its key shares with the key that was given out last. Of two
 * keys the one that shares more is smaller; only if they share the same number are bytes compared, from there on. The
 * number that is left over is just what the index wants to know to cut its prefixes.
 *
 * A run that is added while the merge goes on must hold only keys greater than the one given out last. Called by
 * `OrderedBuild`.
 */

import { sharedLength } from './ordered-nodes.ts';
import type { SortedRun } from './sorted-run.ts';

export class RunMerge {
  /** The oldest first. */
  private runs: SortedRun[] = [];
  /** How many bytes each run's key shares with `key`. */
  private shares = new Int32Array(0);
  /** Loser of the match at each inner place of the tree; the winner of all at place 0. */
  private losers = new Int32Array(0);

  /** The key given out last. */
  key = new Uint8Array(64);
  length = -1;
  /** How many bytes it shares with the one before. */
  shared = 0;
  ref = 0;
  event = 0;

  get bytesHeld(): number {
    let bytes = 0;
    for (const run of this.runs) bytes += run.bytesHeld;
    return bytes;
  }

  /** Adds runs, the oldest first, all of them newer than those already there. */
  add(newRuns: readonly SortedRun[]): void {
    this.runs = [...this.runs.filter((run) => !run.isAtEnd), ...newRuns];
    const { runs } = this;
    this.shares = new Int32Array(runs.length);
    for (let i = 0; i < runs.length; i++) {
      const { key, length } = runs[i];
      this.shares[i] = this.length < 0 ? 0 : sharedLength(key, 0, length, this.key, 0, this.length);
    }
    this.losers = new Int32Array(Math.max(1, runs.length));
    if (runs.length > 0) this.losers[0] = this.play(1);
  }

  /** Goes on to the next key; false at the end. */
  next(): boolean {
    for (;;) {
      if (this.runs.length === 0) return false;
      const winner = this.losers[0];
      const run = this.runs[winner];
      if (run.isAtEnd) return false;
      const shared = this.shares[winner];
      // The same key again, from an older run.
      const isOlder = shared === run.length && shared === this.length;
      if (!isOlder) this.take(run, shared);
      run.next();
      this.shares[winner] = run.shared;
      this.replay(winner);
      if (!isOlder) return true;
    }
  }

  private take(run: SortedRun, shared: number): void {
    const { length } = run;
    if (this.key.length < length) {
      const longer = new Uint8Array(length * 2);
      longer.set(this.key);
      this.key = longer;
    }
    for (let i = shared; i < length; i++) this.key[i] = run.key[i];
    this.length = length;
    this.shared = shared;
    this.ref = run.ref;
    this.event = run.event;
  }

  /** Plays all matches below a place of the tree; returns the winner. Run `i` stands at place `runs.length + i`. */
  private play(place: number): number {
    const { length } = this.runs;
    if (place >= length) return place - length;
    const left = this.play(place * 2);
    const right = this.play(place * 2 + 1);
    const leftWins = this.isBefore(left, right);
    this.losers[place] = leftWins ? right : left;
    return leftWins ? left : right;
  }

  /** Plays the matches of a run, whose key is new, up to the top. */
  private replay(run: number): void {
    const { losers } = this;
    let winner = run;
    for (let place = (run + this.runs.length) >> 1; place > 0; place >>= 1) {
      const other = losers[place];
      if (this.isBefore(other, winner)) {
        losers[place] = winner;
        winner = other;
      }
    }
    losers[0] = winner;
  }

  /** Whether run `a` comes before run `b`; the loser's share is then the one with the winner's key. */
  private isBefore(a: number, b: number): boolean {
    const { shares } = this;
    const runA = this.runs[a];
    const runB = this.runs[b];
    if (runA.isAtEnd || runB.isAtEnd) return !runA.isAtEnd;
    if (shares[a] !== shares[b]) return shares[a] > shares[b];
    let shared = shares[a];
    const most = Math.min(runA.length, runB.length);
    while (shared < most && runA.key[shared] === runB.key[shared]) shared++;
    let aFirst: boolean;
    if (shared < most) aFirst = runA.key[shared] < runB.key[shared];
    else if (runA.length !== runB.length) aFirst = runA.length < runB.length;
    else aFirst = a > b;
    shares[aFirst ? b : a] = shared;
    return aFirst;
  }
}
