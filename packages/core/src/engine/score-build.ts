/**
 * Puts the members of a sorted set that has no order yet in order, in slices, while the set goes on changing.
 *
 * It walks through the table as SCAN does, by reversed hashes: so it meets each member that stays, and members that come,
 * go or change meanwhile are told to the order anyway. What it meets and the order has already, it passes over.
 */

import { POSITION_END } from './hash-table.ts';
import type { LargeValue } from './large-values.ts';
import { memberEndOf, membersOf, takeMember } from './members.ts';
import type { OrderBuild, ScoreOrder } from './score-order.ts';
import type { Store } from './store.ts';
import { TableScan } from './table-scan.ts';

const STEP_MEMBERS = 256;
const SLICE_MS = 2;

export class ScoreBuild implements OrderBuild {
  private readonly store: Store;
  private readonly object: LargeValue;
  private readonly order: ScoreOrder;
  private readonly scan: TableScan;
  private position = 0;
  private running: Promise<void> | null = null;

  constructor(store: Store, object: LargeValue, order: ScoreOrder) {
    this.store = store;
    this.object = object;
    this.order = order;
    this.scan = new TableScan(store);
  }

  step(): boolean {
    if (this.position === POSITION_END) return true;
    const { scan, object } = this;
    const next = scan.collectFrom(membersOf(object), this.position, STEP_MEMBERS);
    scan.forEach(() => {
      this.add();
    });
    this.position = next === 0 ? POSITION_END : next;
    if (next === 0) this.order.build = null;
    return next === 0;
  }

  run(): Promise<void> {
    this.running ??= this.runSlices().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async runSlices(): Promise<void> {
    const { clock } = this.store;
    do {
      await this.store.yieldTurn();
      if (!this.isWanted) return;
      const startMs = clock.monotonicMs();
      try {
        while (!this.step()) if (clock.monotonicMs() - startMs >= SLICE_MS) break;
      } catch {
        // Whoever waits for it meets the same failure, and gets to know it.
        return;
      }
    } while (this.position !== POSITION_END);
  }

  private get isWanted(): boolean {
    const { store, object, order } = this;
    return !store.closed && object.order === order && store.large.get(object.id) === object;
  }

  /** Adds the located member. */
  private add(): void {
    const { store, order, object } = this;
    const { member } = store;
    const score = store.view.getFloat64(memberEndOf(store), true);
    takeMember(store);
    order.seek(score, member.bytes, 0, member.length);
    if (order.isFound) return;
    order.insertHere(member.hash, membersOf(object).matchesUpToTwo(member.hash) === 2);
  }
}
