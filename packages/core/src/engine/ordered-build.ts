/**
 * Builds the ordered key index of a store that already has keys, in slices, while the store goes on changing.
 *
 * First the store tells of every key it has, in any order (`insert`), in between of every key that comes or goes
 * (`insert` and `remove`): each is an event, and the last event of a key is the truth about it. Events are collected
 * in sorted, packed runs. Then `step` merges the runs and appends key after key to the index. A change that arrives
 * meanwhile goes straight into the index if the merge is already past its key, or else into one more run. So the index
 * is complete and up to date the moment the merge ends, and no key is ever read from the store for it.
 *
 * Cost: `insert` 0.5 us, most of it in a sort of 1.5 ms at each 4,096th; a step about 0.25 us per key. Memory beside
 * the growing index is about 0.5 MB and 10 bytes for each key that looks like its neighbours (`reading:123456`), at
 * most the length of the key and 10; it is given back at the end, where the index has 11 bytes per key.
 *
 * Called by the store, which from the first `insert` until `step` says true sends its changes here instead of to the
 * index, under the same rules as those of `OrderedIndex`.
 */

import { assert } from '../base/assert.ts';
import { compareBytes } from '../base/bytes.ts';
import { type KeyResolver, OrderedIndex } from './ordered-index.ts';
import { copyOfBytes, MARK_EXPLICIT } from './ordered-nodes.ts';
import { RunMerge } from './run-merge.ts';
import { EVENT_EXPLICIT, EVENT_GONE, EVENT_PLAIN, RunBuffer, type SortedRun } from './sorted-run.ts';

export class OrderedBuild {
  /** Complete once `step` has returned true. */
  readonly index: OrderedIndex;
  private readonly buffer = new RunBuffer();
  /** Runs that are not yet in the merge. */
  private waiting: SortedRun[] = [];
  private readonly merge = new RunMerge();
  private isDone = false;

  constructor(resolver: KeyResolver) {
    this.index = new OrderedIndex(resolver);
  }

  get bytesHeld(): number {
    let bytes = this.index.bytesHeld + this.buffer.bytesHeld + this.merge.bytesHeld;
    for (const run of this.waiting) bytes += run.bytesHeld;
    return bytes;
  }

  /** The store has this key: found by its scan, or new. A key may be told of again. */
  insert(key: Uint8Array, start: number, length: number, hash: number, collides: boolean): void {
    if (this.isMerged(key, start, length)) {
      this.index.insert(key, start, length, hash, collides);
      return;
    }
    const { explicit } = this.index;
    let id = explicit.find(hash, key, start, length);
    if (id < 0 && collides) id = explicit.add(hash, copyOfBytes(key, start, length));
    if (id >= 0) this.log(key, start, length, id, EVENT_EXPLICIT);
    else this.log(key, start, length, hash, EVENT_PLAIN);
  }

  /** The store is about to remove this key. */
  remove(key: Uint8Array, start: number, length: number, hash: number): void {
    if (this.isMerged(key, start, length)) {
      this.index.remove(key, start, length, hash);
      return;
    }
    const { explicit } = this.index;
    const id = explicit.find(hash, key, start, length);
    if (id >= 0) explicit.remove(id);
    this.log(key, start, length, hash, EVENT_GONE);
  }

  /** Merges about `keysMax` keys; true when the index is complete. The first step ends the store's scan. */
  step(keysMax: number): boolean {
    assert(!this.isDone, 'a build ends once');
    if (this.buffer.count > 0) this.waiting.push(this.buffer.seal());
    if (this.waiting.length > 0) this.merge.add(this.waiting);
    this.waiting = [];
    const { merge, index } = this;
    for (let i = 0; i < keysMax; i++) {
      if (!merge.next()) {
        this.isDone = true;
        break;
      }
      if (merge.event === EVENT_GONE) continue;
      const mark = merge.event === EVENT_EXPLICIT ? MARK_EXPLICIT : 0;
      index.append(merge.key, 0, merge.length, merge.ref, mark, merge.shared);
    }
    return this.isDone;
  }

  /** Whether the merge is past a key, so that only the index can take its change. */
  private isMerged(key: Uint8Array, start: number, length: number): boolean {
    if (this.isDone) return true;
    return this.merge.length >= 0 && compareBytes(key, start, length, this.merge.key, 0, this.merge.length) <= 0;
  }

  private log(key: Uint8Array, start: number, length: number, ref: number, event: number): void {
    if (!this.buffer.hasRoom(length)) this.waiting.push(this.buffer.seal());
    this.buffer.add(key, start, length, ref, event);
  }
}
