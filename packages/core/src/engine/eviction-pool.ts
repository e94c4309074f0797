/**
 * The keys that samples found to be the best to evict, and that are still there: so the next to go is the best of many
 * samples, not of the last one (redis's pool of `evict.c`).
 *
 * A candidate may have been used, moved or removed since: `take` leaves that to its caller to find out.
 */

const CANDIDATES_MAX = 16;

export interface Candidate {
  readonly database: number;
  readonly hash: number;
  readonly address: number;
  /** The higher, the sooner it goes. */
  readonly score: number;
}

export class EvictionPool {
  /** By score, the best one last. */
  private readonly candidates: Candidate[] = [];
  /** What the scores are of. */
  private policy = '';

  offer(policy: string, candidate: Candidate): void {
    const { candidates } = this;
    if (policy !== this.policy) candidates.length = 0;
    this.policy = policy;
    const isFull = candidates.length === CANDIDATES_MAX;
    if (isFull && candidate.score <= candidates[0].score) return;
    if (candidates.some(({ address, database }) => address === candidate.address && database === candidate.database)) {
      return;
    }
    let at = candidates.length;
    while (at > 0 && candidates[at - 1].score > candidate.score) at--;
    candidates.splice(at, 0, candidate);
    if (isFull) candidates.shift();
  }

  /** The best one, which leaves the pool. */
  take(): Candidate | undefined {
    return this.candidates.pop();
  }
}
