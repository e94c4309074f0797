/**
 * `UnsettledObjects`: which objects were dropped, or got another key, so lately that a power cut could undo it. A reader of
 * the feed waits with what their records say (`feed-owners.ts`).
 *
 * The record that says so is in the log before the object is noted, so it is settled once the log is durable to where it ended
 * then. Ids come in the order in
 * which that happens, so those at the front go first. When there are too many, all objects count as unsettled for as long.
 */
import type { Log } from './log.ts';

const OBJECTS_MAX = 10_000;

export class UnsettledObjects {
  private readonly tails = new Map<number, number>();
  /** Where the log ended when single objects were last given up; -1: never. */
  private allUntil = -1;

  /** The object has just been dropped or got another key, by a record that was written already. */
  note(id: number, log: Log): void {
    if (log.segments === null) return;
    for (const [first, tail] of this.tails) {
      if (!isPast(log, tail)) break;
      this.tails.delete(first);
    }
    this.tails.delete(id);
    if (this.tails.size >= OBJECTS_MAX) {
      this.tails.clear();
      this.allUntil = log.tail;
    }
    this.tails.set(id, log.tail);
  }

  has(id: number, log: Log): boolean {
    const tail = this.tails.get(id);
    return !isPast(log, this.allUntil) || (tail !== undefined && !isPast(log, tail));
  }
}

/** What was written before is durable. */
function isPast(log: Log, tail: number): boolean {
  return log.durableUntil >= tail;
}
