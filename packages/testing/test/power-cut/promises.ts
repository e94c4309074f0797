/**
 * What a store has promised so far: how many operations, from the first on, must survive a killed process or a power cut.
 *
 * | mode | process killed | power cut |
 * |---|---|---|
 * | always | acknowledged | acknowledged |
 * | everysec | acknowledged | flushed before the last fsync ended; acknowledged over a second ago |
 * | interval | acknowledged over an interval ago | acknowledged over two intervals ago |
 * | none | nothing | nothing |
 *
 * In every mode also what was acknowledged before a `commit()` that has resolved. The times allow for one tick more.
 */
import type { OpenOptions } from '@ferrite/core/module';

type Durability = NonNullable<OpenOptions['durability']>;

const TICK_MS = 100;
const EVERYSEC_MS = 1000 + 2 * TICK_MS;

interface Acknowledged {
  count: number;
  atMs: number;
  /** End of the log then. */
  tail: number;
}

export class Promises {
  readonly #durability: Durability;
  readonly #intervalMs: number;
  readonly #acknowledged: Acknowledged[] = [];
  #last: number;
  readonly #flushed: number;
  #committed: number;

  /** Of operations before these promises began, `killed` survive a kill and `cut` a power cut. */
  constructor(durability: Durability, intervalMs: number, killed: number, cut: number) {
    this.#durability = durability;
    this.#intervalMs = intervalMs;
    this.#last = killed;
    this.#flushed = killed;
    this.#committed = cut;
  }

  /** The first `count` operations were acknowledged. */
  acknowledge(count: number, atMs: number, tail: number): void {
    if (count <= this.#last) return;
    this.#last = count;
    this.#acknowledged.push({ count, atMs, tail });
  }

  /** A commit asked for after `count` operations has resolved. */
  commit(count: number): void {
    this.#committed = Math.max(this.#committed, count);
  }

  afterKill(nowMs: number): number {
    const least = Math.max(this.#flushed, this.#committed);
    if (this.#durability === 'always' || this.#durability === 'everysec') return Math.max(this.#last, least);
    if (this.#durability === 'none') return least;
    return Math.max(least, this.#olderThan(nowMs - this.#intervalMs - TICK_MS));
  }

  /** `durableUntil`: what the log says of itself. */
  afterPowerCut(nowMs: number, durableUntil: number): number {
    if (this.#durability === 'always') return Math.max(this.#committed, this.#acknowledgedHere);
    if (this.#durability === 'none') return this.#committed;
    if (this.#durability === 'interval') {
      return Math.max(this.#committed, this.#olderThan(nowMs - 2 * this.#intervalMs - 2 * TICK_MS));
    }
    let durable = this.#committed;
    for (const each of this.#acknowledged) if (each.tail <= durableUntil) durable = Math.max(durable, each.count);
    return Math.max(durable, this.#olderThan(nowMs - EVERYSEC_MS));
  }

  get #acknowledgedHere(): number {
    return this.#acknowledged[this.#acknowledged.length - 1]?.count ?? 0;
  }

  #olderThan(atMs: number): number {
    let count = 0;
    for (const each of this.#acknowledged) if (each.atMs <= atMs) count = each.count;
    return count;
  }
}
