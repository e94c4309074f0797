/**
 * Work on the loop that may take long, cut into slices of 2 ms with a turn of the loop between them: while somebody waits
 * for it (`ReadGate.waitFor`), others are served.
 */
import type { Store } from './store.ts';

const SLICE_MS = 2;

/**
 * Calls `step`, which does a little and says whether that was all, for as long as `isWanted`. Resolves when there is nothing
 * left to do, or a step has failed: whoever waits for it meets the same failure, and gets to know it.
 */
export async function runInSlices(store: Store, isWanted: () => boolean, step: () => boolean): Promise<void> {
  let isDone = false;
  while (!isDone) {
    await store.yieldTurn();
    if (store.closed || !isWanted()) return;
    const untilMs = store.clock.monotonicMs() + SLICE_MS;
    try {
      do isDone = step();
      while (!isDone && store.clock.monotonicMs() < untilMs);
    } catch {
      return;
    }
  }
}
